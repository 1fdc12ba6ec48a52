"""How does a person keep topics, and hear what is said on them?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from verbs import common

if TYPE_CHECKING:
    from datetime import datetime

    from index.clips import Clip
    from index.digest import Digest
    from index.engine import Engine
    from index.exporters.layout import Style
    from index.suggest import Standout
    from index.topics import Topic
    from library.config import Config
    from library.store import Store

Told = TypeVar("Told")

#: A first digest looks back so many days.
FIRST_DAYS = 7

_color = click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")


def topics_path() -> Path:
    """The user's file of topics, beside the configuration."""
    return common.places().topics


def topic_names(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    """For the shell's completion."""
    from index.topics import load

    try:
        return [name for name in load(topics_path()) if name.startswith(typed)]
    except Exception:  # a shell that completes must never see an error
        return []


_name = click.argument("name", shell_complete=topic_names)


def expressions(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what a topic looks for."""
    options = [
        click.option("--title", help="How it is shown."),
        click.option("--word", "words", multiple=True, help="A word, in any of its forms (repeatable)."),
        click.option("--phrase", "phrases", multiple=True, help="Words in a row (repeatable)."),
        click.option("--form", "forms", multiple=True, help="The beginning of words: negotiat* (repeatable)."),
        click.option("--exclude", "exclude", multiple=True, help="Leave out passages with this (repeatable)."),
        click.option(
            "--mentor", "mentors", multiple=True, shell_complete=common.mentor_names, help="Only this mentor."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(short_help="Keep the questions you ask of everyone, and hear what is said.")
def topic() -> None:
    """Keep the questions you ask of everyone, and hear what is said on them.

    Topics are entries of topics.toml, beside the configuration. It starts with a set to edit.
    """


@topic.command("list")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def topic_list(as_json: bool) -> None:
    """Your topics, and what each looks for."""
    from index.exporters.topic import topic_fields

    known = _topics()
    if as_json:
        common.print_json({"schema": 1, "topics": [topic_fields(one) for one in known.values()]})
        return
    widest = max(map(len, known), default=0)
    for one in known.values():
        some = ", ".join(one.expressions[:4]) + (", …" if len(one.expressions) > 4 else "")
        click.echo(f"{one.slug:{widest}}  {some}")
    common.say(f"in {topics_path()}")


@topic.command("show")
@_name
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@_color
@click.pass_context
def topic_show(ctx: click.Context, name: str, as_json: bool, color: str) -> None:
    """What everyone says on a topic: the best moment of each, over the years, the newest, who is silent."""
    from index.exporters.topic import render_topic, topic_document
    from index.topic_page import topic_page

    one = _topic(name)
    page = searched(lambda store, engine: topic_page(store, engine, one))
    if as_json:
        common.print_json(topic_document(page))
    elif page.moments:
        _print(render_topic(page, width=common.width(), style=(style := common.style(color))), style)
    else:
        common.say(f"nobody you follow has spoken of {one.title} yet")
    if not page.moments:
        ctx.exit(1)


@topic.command("add")
@_name
@expressions
def topic_add(name: str, **fields: Any) -> None:
    """Add a topic. Without options it looks for its own name."""
    from index.topics import lookup
    from library.errors import UsageError
    from library.text import slug
    from library.topics_file import with_topic

    known, key = _topics(), slug(name, "")
    if not key:
        raise UsageError(f"{name!r} has no letter to name a topic by", hint="a name is such as: difficult-clients")
    if lookup(known, name):
        raise UsageError(f"there is a topic {key} already", hint=f"add to it with: mentor topic edit {key} --word …")
    given = _given(fields)
    if not given.keys() & {"words", "phrases", "forms"}:
        words = name.replace("-", " ").split()
        given["phrases" if len(words) > 1 else "words"] = [" ".join(words)]
    if key != name:
        given.setdefault("title", name)
    _save(lambda: with_topic(topics_path(), key, given))
    click.echo(f"topic {key} added to {topics_path()}")
    common.say(f"next: mentor topic show {key}")


@topic.command("edit")
@click.argument("name", required=False, shell_complete=topic_names)
@expressions
@click.option("--drop", "dropped", multiple=True, help="Take this word, phrase or form out (repeatable).")
def topic_edit(name: str | None, dropped: tuple[str, ...], **fields: Any) -> None:
    """Change a topic by the options, or, without any, the whole file in your editor. Comments stay."""
    from library.topics_file import with_changes

    path, given = _started(), _given(fields)
    if not given and not dropped:
        click.edit(filename=str(path))
        click.echo(f"{len(_topics())} topics in {path}")
        return
    if name is None:
        raise click.UsageError("say which topic to change, or leave the options out to edit the file")
    one = _topic(name)
    _save(lambda: with_changes(path, one.slug, given, dropped))
    click.echo(f"topic {one.slug} changed in {path}")


@topic.command("remove")
@_name
@click.option("--yes", is_flag=True, help="Do not ask.")
def topic_remove(name: str, yes: bool) -> None:
    """Remove a topic; what was harvested stays."""
    from library.topics_file import without_topic

    one = _topic(name)
    if not yes:
        click.confirm(f"Remove the topic {one.title}?", abort=True, err=True)
    _save(lambda: without_topic(topics_path(), one.slug))
    click.echo(f"topic {one.slug} removed from {topics_path()}")


@topic.command("suggest")
@click.argument("name", required=False, shell_complete=topic_names)
@click.option("--mentor", shell_complete=common.mentor_names, help="Themes of this mentor that no topic finds.")
@click.option("--limit", type=click.IntRange(1, 200), default=15, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@_color
@click.pass_context
def topic_suggest(
    ctx: click.Context, name: str | None, mentor: str | None, limit: int, as_json: bool, color: str
) -> None:
    """Words and phrases that stand out where a topic is spoken of, or in what a mentor says."""
    from index.exporters.topic import render_standouts, standout_fields
    from index.finder import named
    from index.suggest import near_topic, themes

    if (name is None) == (mentor is None):
        raise click.UsageError("name a topic, or a mentor with --mentor")
    known = _topics()
    one = None if mentor is not None else _topic(str(name))

    def suggested(store: Store, engine: Engine) -> tuple[str, list[Standout]]:
        if one is not None:
            return f"Comes up with {one.title}", near_topic(store, engine, one, limit)
        person = named(store, str(mentor))
        return f"What {person.name} speaks of more than others", themes(store, person, known.values(), limit)

    title, found = searched(suggested)
    if as_json:
        common.print_json({"schema": 1, "suggestions": standout_fields(found)})
    elif found:
        _print(render_standouts(title, found, style := common.style(color)), style)
        if one is not None:
            common.say(f'next: mentor topic edit {one.slug} --word "{found[0].text}"')
    else:
        common.say("nothing stands out")
    if not found:
        ctx.exit(1)


@click.command(short_help="What is new since you last looked, by topic and lecturer.")
@click.option("--since", default="last", show_default=True, help="Or a day: 2026-03-01, 2026-03, 30d.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "markdown", "html", "atom", "json"]),
    default="terminal",
    show_default=True,
)
@_color
@click.pass_context
def digest(ctx: click.Context, since: str, form: str, color: str) -> None:
    """What is new since you last looked, by topic and lecturer. Silent when nothing is.

    With --since last, the next digest goes on where this one ends; the first looks back a week.
    """
    from index.digest import digest as made
    from index.topics import load

    moment = None if since == "last" else common.Day().convert(since, None, ctx)
    topics = load(topics_path()).values()
    found = searched(
        lambda store, engine: made(store, engine, topics, moment or _last(store)), all_of_it=moment is None
    )
    if found is None:
        return
    _print_digest(found, form, common.style(color))
    if moment is None:
        with common.library(common.config()) as store:
            store.save_digest_seen(found.upto)


@click.command(cls=common.Asking, short_help="The best moments on a topic that fit a given time.")
@click.argument("what", nargs=-1, required=True, metavar="TOPIC|QUERY", shell_complete=topic_names)
@click.option("--minutes", type=click.IntRange(1, 600), default=20, show_default=True, help="How long to listen.")
@click.option("--format", "form", default="terminal", show_default=True, help="Or markdown, csv, json, plain, links, …")
@_color
@click.pass_context
def session(ctx: click.Context, what: tuple[str, ...], minutes: int, form: str, color: str) -> None:
    """The best moments on a topic, or of a search, that fit a given time: no repeats, voices mixed.

    Listed with their clip ids, lecturer by lecturer, in the order to listen.
    """
    from index.exporters import exporter
    from index.exporters.topic import render_session
    from index.session import session as fitted

    write = None if form == "terminal" else exporter(form)
    text = " ".join(what).strip()
    found = searched(lambda store, engine: _candidates(store, engine, text, 60 + 4 * minutes))
    clips = fitted(found, minutes * 60_000)
    if not clips:
        common.say(f"nothing found for “{text}”" if not found else f"no moment fits into {minutes} min")
        ctx.exit(1)
    if write is None:
        _print(render_session(text, clips, width=common.width(), style=(style := common.style(color))), style)
    else:
        for piece in write(clips):
            click.echo(piece, nl=False)


def searched(work: Callable[[Store, Engine], Told], *, all_of_it: bool = False) -> Told:
    """What ``work`` finds with the library and an engine, which is brought up to date first where it is behind.

    Where that cannot be done, since a harvest writes or nobody may, the engine answers as it is, unless it must have
    seen ``all_of_it``. One that is missing or damaged is built. Raises Busy, StoreError, SearchError.
    """
    from library.errors import IndexMissing

    config = common.config()
    with common.library(config) as store:
        try:
            _bring_up_to_date(config, store, all_of_it)
            return _with_engine(store, work)
        except IndexMissing as error:
            common.say(f"{error.message}: building it")
            common.catch_up(config, store, rebuild=True)
            return _with_engine(store, work)


def _with_engine(store: Store, work: Callable[[Store, Engine], Told]) -> Told:
    from contextlib import closing

    from index.current import open_index

    with closing(open_index(common.places().search)) as engine:
        return work(store, engine)


def _bring_up_to_date(config: Config, store: Store, all_of_it: bool) -> None:
    from index.sync import behind
    from library.errors import MentorError

    if _with_engine(store, behind):
        try:
            common.catch_up(config, store)
        except MentorError as error:
            if all_of_it:
                raise
            common.say(f"{error.message}: the newest may be missing")


def _candidates(store: Store, engine: Engine, text: str, most: int) -> list[Clip]:
    """The best moments of a topic, where ``text`` names one, else of a search."""
    from index.clips import clips
    from index.finder import Wanted, find
    from index.heard import heard
    from index.session import listenable
    from index.topics import load, lookup, query_of, topics_in

    one = lookup(load(topics_path()), text)
    if one is None:
        answer = find(store, engine, Wanted(text, limit=most), topics_in(topics_path()), common.corrections())
        return listenable(answer.clips, answer.query, store)
    query = query_of(one)
    return listenable(clips(heard(store, engine, one, most).hits, query, store), query, store)


def _last(store: Store) -> datetime:
    """From when on something is new."""
    from datetime import timedelta

    return store.digest_seen() or common.now() - timedelta(days=FIRST_DAYS)


def _print_digest(found: Digest, form: str, style: Style) -> None:
    from index.exporters import digest as write

    if form == "json":
        common.print_json(write.document(found))
    elif form == "terminal":
        _print(write.terminal(found, width=common.width(), style=style), style)
    else:
        texts: dict[str, Callable[[Digest], str]] = {"markdown": write.markdown, "html": write.html, "atom": write.atom}
        click.echo(texts[form](found), nl=False)
    sys.stdout.flush()


def _print(text: str, style: Style) -> None:
    click.echo(text, nl=False, color=style.colour or style.links)


def _started() -> Path:
    """The file of topics, which begins as the starter set."""
    from index.topics import starter_text
    from library.topics_file import start

    path = topics_path()
    if start(path, starter_text()):
        common.say(f"topics to start with are in {path}: they are yours to edit")
    return path


def _topics() -> dict[str, Topic]:
    from index.topics import load

    return load(_started())


def _topic(name: str) -> Topic:
    from index.topics import named

    return named(_topics(), name)


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """The options a person gave; mentors by the names the configuration has for them. Raises UsageError."""
    from index.finder import named

    given = {field: value if isinstance(value, str) else list(value) for field, value in fields.items() if value}
    if "mentors" in given:
        with common.library(common.config()) as store:
            given["mentors"] = [named(store, name).slug for name in given["mentors"]]
    return given


def _save(text: Callable[[], str]) -> None:
    """Write the file of topics, if what it would say is in order."""
    from index.topics import read

    common.rewrite(topics_path(), text, read)
