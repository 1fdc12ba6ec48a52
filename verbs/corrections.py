"""How does a person tell what captions mishear?"""

from __future__ import annotations

import click

from verbs import common


@click.group(short_help="Tell what captions mishear: it is found at once, in old talks too.")
def correction() -> None:
    """Tell what captions mishear. Who searches for what is meant then also finds what they say instead.

    Corrections are lines of corrections.toml, beside the configuration. Texts stay as they are.
    """


@correction.command("list")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def correction_list(as_json: bool) -> None:
    """What is meant, and what captions say instead."""
    known = common.corrections()
    if as_json:
        rows = [{"meant": one.meant, "heard": list(one.heard)} for one in known]
        common.print_json({"schema": 1, "corrections": rows})
        return
    widest = max((len(one.meant) for one in known), default=0)
    for one in known:
        click.echo(f"{one.meant:{widest}}  heard as {', '.join(one.heard)}")
    if known:
        common.say(f"in {common.places().corrections}")
    else:
        common.say('none yet; add one: mentor correction add "HEARD" "MEANT"')


@correction.command("add")
@click.argument("heard")
@click.argument("meant")
def correction_add(heard: str, meant: str) -> None:
    """Where captions say HEARD, MEANT is meant: mentor correction add "a duh park" "Ada Park"."""
    from index.corrections import read
    from library.corrections_file import with_correction
    from library.text import one_line

    path = common.places().corrections
    common.corrections()  # one that is not in order is told by its place in the file
    heard, meant = one_line(heard), one_line(meant)
    common.rewrite(path, lambda: with_correction(path, meant, heard), read)
    click.echo(f"{meant} is found where captions say {heard}, too; in {path}")
    common.say(f'next: mentor search "{meant}"')


@correction.command("remove")
@click.argument("name", metavar="HEARD|MEANT")
def correction_remove(name: str) -> None:
    """Forget what is heard, or all that is heard for what is meant, by that name."""
    from index.corrections import read
    from library.corrections_file import without_correction
    from library.errors import UsageError

    path, before = common.places().corrections, common.corrections()
    if read(without_correction(path, name), path) == before:
        raise UsageError(f"no correction has {name!r}", hint="see what there is with: mentor correction list")
    common.rewrite(path, lambda: without_correction(path, name), read)
    click.echo(f"{name} removed from {path}")
