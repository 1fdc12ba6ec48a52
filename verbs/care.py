"""How does a person try the program, set it up and look after it?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from verbs import common


@click.command(short_help="Bring the search index up to date.")
@click.option("--rebuild", is_flag=True, help="Build it anew from the library; the old one answers until then.")
def index(rebuild: bool) -> None:
    """Bring the search index up to date with the library."""
    config = common.config()
    with common.library(config) as store:
        click.echo(common.catch_up(config, store, rebuild=rebuild))


@click.command(short_help="Check that everything is in order.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--repair", is_flag=True, help="Save what can be read of a damaged library; build the index anew.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, repair: bool) -> None:
    """Check that everything is in order; each failing check comes with its remedy.

    With --repair the library is first looked through to the last text. A damaged one is kept under a name
    with the date, and what can be read of it goes into a new one. The search index is built anew.
    """
    from dataclasses import asdict

    from harvester.notices import addresses
    from harvester.proxy import parse
    from index.checkup import check_index
    from library import schedule as nightly
    from library.checkup import Check, checks, harvest_checks
    from library.errors import MentorError
    from library.schedule.machine import this_machine
    from library.secrets import api_key, proxy

    if repair:
        _repair()
    key_from, daily_units = "", 0
    try:
        config = common.config()
        daily_units = config.harvest.daily_units
        settings = Check("configuration", True, str(config.path))
        key_from = api_key(config.youtube.api_key_file)[1]
        parse(proxy(config.youtube.proxy_file))
        addresses(config.notify.urls_file)
    except MentorError as error:
        settings = Check("configuration", False, error.message, error.hint)
    places, state = common.places(), nightly.state(this_machine(), common.now())
    found = [settings, *checks(places, key_from), check_index(places)]
    found += harvest_checks(places.library, daily_units, common.now())
    found.append(
        Check("schedule", bool(state["active"]), nightly.state_line(state), "mentor schedule install", vital=False)
    )
    if as_json:
        common.print_json({"schema": 1, "checks": [asdict(check) for check in found]})
    else:
        for check in found:
            mark = "ok  " if check.ok else "FAIL" if check.vital else "note"
            click.echo(f"{mark}  {check.name}: {check.found}")
            if not check.ok and check.remedy not in check.found:
                click.echo(f"      {check.remedy}")
    if not all(check.ok or not check.vital for check in found):
        ctx.exit(1)


def _repair() -> None:
    """Salvage a library that is damaged, and build its index anew in any case."""
    from library.salvage import repair

    config, path = common.config(), common.places().library
    with common.writing():
        if path.exists():
            report = repair(path, common.now())
            for line in report.lines() if report else ["the library is sound"]:
                common.say(line)
        with common.library(config) as store:
            common.say(common.catch_up(config, store, rebuild=True))


@click.command(short_help="Copy the library, also during a harvest.")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the library to FILE, also while a harvest runs. An earlier copy there is replaced, nothing else is.

    To go back to a copy: move library.db away, and library.db-wal if there is one, and put the copy in its place.
    """
    from library.backup import backup

    size = backup(common.places().library, file)
    click.echo(f"{size / 1e6:.1f} MB written to {file}")


@click.group(short_help="See and change settings.")
def config() -> None:
    """See and change settings."""


@config.command("show")
def config_show() -> None:
    """Every setting in effect, and whether the default, the file or a variable decided."""
    from library import config as configuration

    chosen = common.config()
    for key, _, field in configuration.settings():
        value = getattr(getattr(chosen, key.partition(".")[0]), field)
        click.echo(f"{key} = {configuration.shown(value)}  # {chosen.origins[key]}")
    click.echo(f"# {len(chosen.mentors)} mentors in {chosen.path}: mentor people")


def setting_names(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    """For the shell's completion."""
    from library import config as configuration

    return [key for key, _, _ in configuration.settings() if key.startswith(typed)]


def _file_read(key: str, file: str) -> None:
    """Read the file that a setting is to name, as a harvest will. Raises ConfigError."""
    from harvester import notices, proxy
    from library import secrets

    if key == "youtube.api_key_file":
        secrets.api_key(file, {})
    elif key == "youtube.proxy_file":
        proxy.parse(secrets.proxy(file, {}))
    elif key == "notify.urls_file":
        notices.addresses(file, {})


@config.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("key", shell_complete=setting_names)
@click.argument("value")
def config_set(key: str, value: str) -> None:
    """Set a value in the configuration file, keeping your comments. Lists are written with commas."""
    from library import config as configuration
    from library.config_edit import set_value

    _file_read(key, value)
    if key.endswith("_file") and value and not value.startswith("~"):
        value = str(Path(value).absolute())  # a schedule runs in another folder
    checked = configuration.converted(key, value)
    configuration.fits(common.places().config, key, checked)
    set_value(common.places().config, key, checked)
    click.echo(f"{key} = {configuration.shown(checked)}")
    variable = configuration.variable(key)
    if variable in os.environ:
        common.say(f"note: {variable} is set and wins over the file")


@config.command("example")
def config_example() -> None:
    """Every setting with its default and its meaning, as a file to copy from."""
    from library.places import example

    click.echo(example().read_text(encoding="utf-8"), nl=False)


@config.command("path")
def config_path() -> None:
    """Where the configuration, the library and the index are."""
    places = common.places()
    for name, path in (("configuration", places.config), ("library", places.library), ("index", places.search)):
        click.echo(f"{name:14}{path}")


@click.command(short_help="Print what makes your shell complete this command.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what makes your shell complete this command.

    \b
    bash:  mentor completion bash > ~/.local/share/bash-completion/completions/mentor
    zsh:   mentor completion zsh > ~/.zfunc/_mentor
    fish:  mentor completion fish > ~/.config/fish/completions/mentor.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(ctx.find_root().command, {}, "mentor", "_MENTOR_COMPLETE").source())


@click.command(short_help="Try it now on sample lectures: no key, no network.")
@click.argument("query", nargs=-1)
@click.pass_context
def demo(ctx: click.Context, query: tuple[str, ...]) -> None:
    """Try it now: a throw-away library of sample lectures, without key or network."""
    import tempfile

    from harvester.samples import LECTURERS, folder
    from verbs.keep_up import harvest
    from verbs.learn import search
    from verbs.people import follow

    home = tempfile.mkdtemp(prefix="mentor-demo-")
    for name in [name for name in os.environ if name.startswith("MENTOR_") and name != "MENTOR_DEBUG"]:
        del os.environ[name]  # rules, and notices of what is new, are for one's own library
    os.environ["MENTOR_HOME"] = home
    for lecturer in LECTURERS:
        click.echo(f"$ mentor follow {lecturer.slug}/ --as {lecturer.kind}")
        ctx.invoke(follow, what=str(folder(lecturer.slug)), kind=lecturer.kind, name=lecturer.name)
    click.echo("$ mentor harvest")
    _quietly(ctx, harvest)
    words = query or ("negotiation",)
    click.echo(f"\n$ mentor search {' '.join(words)}")
    _quietly(ctx, search, query=words, color="auto")
    click.echo(
        f"\nLecturers and lectures are invented. This library is yours to play with until you delete it:\n"
        f"  export MENTOR_HOME={home}\n"
        f'  mentor search "how to say no" · mentor search "stage fright" --as interest · mentor people\n'
        f"Now your own: unset MENTOR_HOME, then mentor follow @handle"
    )


def _quietly(ctx: click.Context, command: click.Command, **arguments: Any) -> None:
    """Run a verb whose exit code is not this one's."""
    from contextlib import suppress

    with suppress(click.exceptions.Exit):
        ctx.invoke(command, **arguments)
