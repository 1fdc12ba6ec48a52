"""How does a person say whom to follow?"""

from __future__ import annotations

from pathlib import Path

import click

from verbs import common


@click.command(short_help="Follow a mentor: @handle, address, id, or folder of captions.")
@click.argument("what", required=False)
@click.option("--as", "kind", type=click.Choice(["career", "interest"]), default=None, help="Why you listen.")
@click.option("--name", help="What you call them; also adds to somebody followed already.")
@click.option("--topic", "topics", multiple=True, help="What you hope to learn from them (repeatable).")
@click.option("--import", "file", type=click.Path(path_type=Path), help="Follow all of an OPML or subscriptions.csv.")
@click.option("--dry-run", is_flag=True, help="Only say what would be followed.")
def follow(
    what: str | None, kind: str | None, name: str | None, topics: tuple[str, ...], file: Path | None, dry_run: bool
) -> None:
    """Follow a mentor: an @handle, an address on YouTube, an id, or a folder of caption files."""
    from harvester.following import Following, from_list, from_reference

    if (what is None) == (file is None):
        raise click.UsageError("say whom to follow, such as @handle, or give --import FILE")
    config = common.config()
    with common.library(config) as store:
        known = {slug: mentor.name for slug, mentor in config.mentors.items()}
        following = Following(common.places().config, store, kind, topics, known)
        if file is not None:
            done = from_list(following, file, dry_run=dry_run)
        else:
            done = from_reference(following, str(what), name, common.sources(config, store), dry_run=dry_run)
    for line in done:
        click.echo(line)
    if not dry_run:
        common.say("next: mentor harvest")


@click.command(short_help="Stop following a mentor; what was harvested stays.")
@click.argument("mentor", shell_complete=common.mentor_names)
@click.option("--forget", is_flag=True, help="Delete what was harvested for them alone, too.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
def unfollow(mentor: str, forget: bool, yes: bool) -> None:
    """Stop following a mentor. What was harvested stays in the library, unless you say --forget."""
    from index.finder import named
    from library.config_edit import remove_mentor

    with common.library(common.config()) as store:
        found = named(store, mentor)
        if forget:
            if not yes:
                click.confirm(f"Delete all that was harvested for {found.name} alone?", abort=True, err=True)
            with common.writing():
                kept = f"{store.forget(found.slug)} of their videos deleted"
        else:
            kept = "what was harvested is kept and comes back with them"
        remove_mentor(common.places().config, found.slug)
    config = common.config()
    with common.library(config) as store:
        click.echo(f"no longer following {found.name}; {kept}")
        if forget:
            common.say(common.catch_up(config, store))


@click.command(short_help="Who you follow, and how much of them can be searched.")
@click.option("--json", "as_json", is_flag=True, help="For machines; the mentors of: mentor status --json")
def people(as_json: bool) -> None:
    """Who you follow, as what, and how much of them can be searched."""
    from library.overview import people_lines

    status = common.overview()
    if as_json:
        common.print_json({"schema": status["schema"], "mentors": status["mentors"]})
    else:
        click.echo("\n".join(people_lines(status["mentors"], common.terminal_width())))
