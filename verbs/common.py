"""What do the verbs share: places, configuration, library, index, and the ways to print?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from harvester.sources.table import SourceTable
    from index.corrections import Correction
    from index.exporters.layout import Style
    from index.finder import Answer, Wanted
    from index.query import TopicQuery
    from index.sync import Cut
    from library.config import Config
    from library.places import Places
    from library.store import Store


def say(text: str) -> None:
    """Tell the person at the terminal; never mixed with results. Nobody listening is no reason to stop the work."""
    with suppress(BrokenPipeError):
        click.echo(text, err=True)


#: How much of a long query is shown around the place where something is wrong, in characters.
_SHOWN = 60


def pointed(query: str, position: int) -> str:
    """The query, or the part of it around a place, and below it a mark at that place."""
    from library.cells import columns

    begin = max(0, position - _SHOWN // 2)
    shown = "".join(letter if letter.isprintable() else " " for letter in query[begin : begin + _SHOWN])
    return f"  {shown}\n  {' ' * columns(shown[: position - begin])}^"


class Asking(click.Command):
    """A command whose words are a query, in which ``-salary`` leaves out a word and is no option.

    A word that begins like an option of one letter is one where more than letters follow: ``-onotes.md``.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {word}" if self._excludes(word) else word for word in args])

    def _excludes(self, word: str) -> bool:
        short = [option for param in self.params for option in param.opts if len(option) == 2]
        known = word in (*short, "-h") or (word[:2] in short and not word[2:].isalpha())
        return len(word) > 1 and word[0] == "-" != word[1] and not known


class Day(click.ParamType["datetime"]):
    """A day: ``2026``, ``2026-03``, ``2026-03-01``, or ``30d`` for thirty days ago."""

    name = "day"

    def __init__(self, *, last: bool = False) -> None:
        self.last = last

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from library.moments import parse_day

        try:
            return parse_day(str(value), last=self.last)
        except ValueError:
            typed = str(value).strip()
            self.fail(f"{typed!r} is no day; write 2026, 2026-03, 2026-03-01, or 30d for 30 days ago", param, ctx)


class Span(click.ParamType["int"]):
    """A length of time, in ms: ``90`` or ``90m`` for minutes, ``1h30m``, ``45s``."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from index.query.fields import length_ms

        try:
            return length_ms(str(value))
        except ValueError:
            self.fail(f"{str(value).strip()!r} is no length; write 90 or 90m for minutes, 1h30m, 45s", param, ctx)


def places() -> Places:
    from library.places import places

    return places()


def config() -> Config:
    from library.config import load

    return load(places().config, kept=places().kept_config)


@contextmanager
def library(config: Config) -> Iterator[Store]:
    """The library, knowing the mentors that the configuration names; as it is, where it cannot be written."""
    from library.errors import StoreError
    from library.store import Store

    path = places().library
    try:
        store = Store.open(path)
        try:
            store.set_follows([(one.mentor(slug), one.follow) for slug, one in config.mentors.items()])
        except StoreError:
            store.close()
            raise
    except StoreError:
        if not path.exists():
            raise
        store = Store.open(path, read_only=True)
    with store:
        yield store


@contextmanager
def writing() -> Iterator[None]:
    """One process at a time writes. Raises Busy where another does."""
    from library.lock import hold

    with hold(places().lock):
        yield


def answer(config: Config, store: Store, wanted: Wanted) -> tuple[Answer, float]:
    """Search, and how many ms that took; an index that is missing or damaged is built from the library first."""
    from library.errors import IndexMissing

    try:
        return _answer(store, wanted)
    except IndexMissing as error:
        say(f"{error.message}: building it")
        catch_up(config, store, rebuild=True)
    return _answer(store, wanted)


def _answer(store: Store, wanted: Wanted) -> tuple[Answer, float]:
    import time
    from contextlib import closing

    from index.current import open_index
    from index.finder import find

    began = time.perf_counter()
    with closing(open_index(places().search)) as engine:
        found = find(store, engine, wanted, topic_query, corrections())
    return found, (time.perf_counter() - began) * 1000


def rewrite(path: Path, text: Callable[[], str], read: Callable[[str, Path], object]) -> None:
    """Put another text into a TOML file of the user's that was in order, if it can be ``read``; nobody else meanwhile.

    Raises UsageError for what was typed; Busy, StoreError.
    """
    from library.errors import ConfigError, UsageError
    from library.files import write_whole
    from library.toml_file import alone

    with alone(path):
        changed = text()
        try:
            read(changed, path)
        except ConfigError as error:
            raise UsageError(error.message.removeprefix(f"{path}: ")) from error
        write_whole(path, [changed])


def corrections() -> tuple[Correction, ...]:
    """What captions mishear, by the user's file."""
    from index.corrections import load

    return load(places().corrections)


def topic_query(name: str) -> TopicQuery:
    """What a topic of the user's looks for. Raises UsageError for an unknown one."""
    from index.topics import topics_in

    return topics_in(places().topics)(name)


def catch_up(config: Config, store: Store, *, rebuild: bool = False) -> str:
    """Bring the index up to date under a progress bar; says what was done."""
    from index.sync import sync
    from library.wording import counted

    progress = None
    with writing():
        for progress in sync(store, places().search, _cut(config), rebuild=rebuild):
            if sys.stderr.isatty() and progress.total:
                click.echo(f"\rindexing {progress.done}/{progress.total}", err=True, nl=False)
    if progress is None or not progress.total:
        return "the index is up to date"
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    why = f" (built anew: {progress.rebuilt})" if progress.rebuilt else ""
    return f"{counted(progress.total, 'talk')} taken into the index{why}"


def _cut(config: Config) -> Cut:
    from index.sync import Cut

    return Cut(config.passages.length_s * 1000, config.passages.overlap_s * 1000)


def style(color: str) -> Style:
    """Whether to use colour and links: only for a terminal, unless asked otherwise (no-color.org)."""
    from index.exporters.layout import Style

    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    wanted = terminal and not os.environ.get("NO_COLOR")
    wanted = wanted or bool(os.environ.get("FORCE_COLOR"))
    wanted = {"always": True, "never": False}.get(color, wanted)
    return Style(colour=wanted, links=terminal)


def width() -> int:
    if not sys.stdout.isatty():
        return 100
    import shutil

    return shutil.get_terminal_size((100, 24)).columns


def terminal_width() -> int | None:
    """Where lines of the terminal end; None in a pipe, where a line is as long as it is."""
    return width() if sys.stdout.isatty() else None


def now() -> datetime:
    from library.moments import utc_now

    return utc_now()


def print_json(document: object) -> None:
    import json

    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


def mentor_names(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    """For the shell's completion."""
    try:
        return [slug for slug in config().mentors if slug.startswith(typed)]
    except Exception:  # a shell that completes must never see an error
        return []


def filters(command: Callable[..., None]) -> Callable[..., None]:
    """The options that narrow a search."""
    options = [
        click.option("--mentor", "mentors", multiple=True, shell_complete=mentor_names, help="Only this mentor."),
        click.option("--as", "kind", type=click.Choice(["career", "interest"]), help="Only mentors of this kind."),
        click.option("--since", type=Day(), help="Published on this day or later (2026, 2026-03, 30d)."),
        click.option("--until", type=Day(last=True), help="Published on this day or earlier."),
        click.option("--lang", help="Only captions in this language (en accepts en-GB)."),
        click.option("--topic", "topics", multiple=True, help="Within this topic of yours (mentor topic list)."),
        click.option("--title", "titles", multiple=True, help="Only talks with these words in the title."),
        click.option("--longer", type=Span(), help="Only talks longer than this (10m, 1h)."),
        click.option("--shorter", type=Span(), help="Only talks shorter than this."),
        click.option("--captions", type=click.Choice(["manual", "auto", "file"]), help="Only captions of this origin."),
        click.option("--limit", type=click.IntRange(1, 10_000), help="How many moments."),
        click.option("--sort", type=click.Choice(["rank", "date"]), default="rank", help="Best or newest first."),
        click.option(
            "--spread/--no-spread", default=True, help="Let no talk and no lecturer fill the list, or rank alone count."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def narrowed(filters: dict[str, Any]) -> bool:
    """Whether these options ask for something by themselves, without a word."""
    return any(value for name, value in filters.items() if name not in ("limit", "sort", "spread"))


#: The options that narrow a search and not only cut or order what is shown of it.
_NARROWING = {
    *("--mentor", "--as", "--since", "--until", "--lang"),
    *("--topic", "--title", "--longer", "--shorter", "--captions"),
}


def as_typed(ctx: click.Context) -> list[str]:
    """The options that narrow a search, for the next command to be typed."""
    words: list[str] = []
    for param in ctx.command.params:
        value = ctx.params.get(param.name or "")
        if isinstance(param, click.Option) and param.opts[0] in _NARROWING and value:
            values = value if isinstance(value, tuple) else (value,)
            words += [word for one in values for word in (param.opts[0], _typed(one))]
    return words


def _typed(value: Any) -> str:
    """A day, a length in ms, or a word, as one may type it."""
    if isinstance(value, int):
        return f"{value // 1000}s" if value % 60_000 else f"{value // 60_000}m"
    return value if isinstance(value, str) else f"{value:%Y-%m-%d}"


def wanted(text: str, limit: int, filters: dict[str, Any]) -> Wanted:
    from index.finder import Wanted
    from index.query.fields import captions
    from library.models import Kind

    kind, origin = filters["kind"], filters["captions"]
    return Wanted(
        text,
        filters["mentors"],
        Kind(kind) if kind else None,
        filters["since"],
        filters["until"],
        filters["lang"],
        filters["limit"] or limit,
        filters["sort"],
        titles=filters["titles"],
        topics=filters["topics"],
        longer_ms=filters["longer"],
        shorter_ms=filters["shorter"],
        origin=captions(origin) if origin else None,
        spread=filters["spread"],
        explain=filters.get("explain", False),
    )


def overview() -> dict[str, Any]:
    from index.sync import seen_revision
    from library.overview import overview

    chosen = config()
    with library(chosen) as store:
        revision = seen_revision(places().search, store.id)
        return overview(store, now(), chosen.harvest.daily_units, revision)


def sources(config: Config, store: Store, report: Any = None) -> SourceTable:
    from harvester.sources.table import SourceTable
    from library.secrets import api_key, proxy

    key, _ = api_key(config.youtube.api_key_file)

    def spend(bucket: str, units: int) -> None:
        store.journal.spend_within(bucket, units, config.harvest.daily_units, now())
        if report is not None:
            report.units += units

    return SourceTable(
        key,
        spend,
        timeout_s=config.youtube.timeout_s,
        max_answer_bytes=config.youtube.max_answer_mb * 1_000_000,
        marks=store.etags(),
        proxy=proxy(config.youtube.proxy_file),
    )
