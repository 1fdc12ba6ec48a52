"""What can a person or a nightly job tell the program to do?

Each verb reads what was typed, calls the part that does the work, and prints what came of it; the
work itself is never here. Imports stand inside the verbs, so that ``mentor --help`` and
``mentor search`` start at once. Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from datetime import datetime

    from harvester.pipeline import Followed
    from harvester.sources.table import SourceTable
    from index.clips import Clip
    from index.exporters.layout import Style
    from index.finder import Answer, Wanted
    from index.sync import Cut
    from library.config import Config
    from library.models import State
    from library.places import Places
    from library.store import Store

SECTIONS = {
    "Learn": ["search", "show"],
    "People": ["follow", "unfollow", "people"],
    "Keep up": ["harvest", "schedule", "status"],
    "Take out": ["export"],
    "Look after": ["demo", "index", "config", "doctor", "completion"],
}
EPILOG = "Exit codes, files and variables: docs/cli.md"


class Verbs(click.Group):
    """The command: its verbs by what they are for, and the one place where errors become words and codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in SECTIONS.values() for name in names]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in SECTIONS.items():
            with formatter.section(title):
                commands = [(name, self.commands[name].get_short_help_str(66)) for name in names]
                formatter.write_dl(commands, col_max=12)

    def invoke(self, ctx: click.Context) -> Any:
        from library.errors import MentorError

        try:
            return super().invoke(ctx)
        except MentorError as error:
            say(f"mentor: {error.message}")
            if error.hint:
                say(f"  {error.hint}")
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            say("mentor: interrupted; nothing saved so far is lost")
            ctx.exit(130)
        except BrokenPipeError:
            _hush()
            ctx.exit(0)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("MENTOR_DEBUG"):
                raise
            say(f"mentor: an unexpected error, which is a fault of the program: {type(error).__name__}")
            say("  see where with MENTOR_DEBUG=1 before the command, and please report it")
            ctx.exit(70)


def _hush() -> None:
    """The reader of our output is gone: do not complain at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Tell the person at the terminal; never mixed with results."""
    click.echo(text, err=True)


# --- what verbs share --------------------------------------------------------------------------


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
            self.fail(f"{value!r} is no day; write 2026, 2026-03, 2026-03-01, or 30d for 30 days ago", param, ctx)


def _places() -> Places:
    from library.places import places

    return places()


def _config() -> Config:
    from library.config import load

    return load(_places().config)


@contextmanager
def _library(config: Config) -> Iterator[Store]:
    """The library, knowing the mentors that the configuration names."""
    from library.store import Store

    with Store.open(_places().library) as store:
        store.set_follows([(one.mentor(slug), one.follow) for slug, one in config.mentors.items()])
        yield store


@contextmanager
def _writing() -> Iterator[None]:
    """One process at a time writes. Raises Busy where another does."""
    from library.lock import hold

    with hold(_places().lock):
        yield


def _answer(config: Config, store: Store, wanted: Wanted) -> Answer:
    """Search; an index that is missing or damaged is built from the library first."""
    from contextlib import closing

    from index.finder import find
    from index.sync import open_index
    from library.errors import IndexMissing

    try:
        with closing(open_index(_places().search)) as engine:
            return find(store, engine, wanted)
    except IndexMissing as error:
        say(f"{error.message}: building it")
        _catch_up(config, store, rebuild=True)
    with closing(open_index(_places().search)) as engine:
        return find(store, engine, wanted)


def _catch_up(config: Config, store: Store, *, rebuild: bool = False) -> str:
    """Bring the index up to date under a progress bar; says what was done."""
    from index.sync import sync

    progress = None
    with _writing():
        for progress in sync(store, _places().search, _cut(config), rebuild=rebuild):
            if sys.stderr.isatty() and progress.total:
                click.echo(f"\rindexing {progress.done}/{progress.total}", err=True, nl=False)
    if progress is None or not progress.total:
        return "the index is up to date"
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    why = f" (built anew: {progress.rebuilt})" if progress.rebuilt else ""
    talks = "1 talk" if progress.total == 1 else f"{progress.total} talks"
    return f"{talks} taken into the index{why}"


def _cut(config: Config) -> Cut:
    from index.sync import Cut

    return Cut(config.passages.length_s * 1000, config.passages.overlap_s * 1000)


def _style(color: str) -> Style:
    """Whether to use colour and links: only for a terminal, unless asked otherwise (no-color.org)."""
    from index.exporters.layout import Style

    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    wanted = terminal and not os.environ.get("NO_COLOR")
    wanted = wanted or bool(os.environ.get("FORCE_COLOR"))
    wanted = {"always": True, "never": False}.get(color, wanted)
    return Style(colour=wanted, links=terminal)


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100


def _now() -> datetime:
    from library.moments import utc_now

    return utc_now()


def _print_json(document: object) -> None:
    import json

    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


def _mentor_names(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    """For the shell's completion."""
    try:
        return [slug for slug in _config().mentors if slug.startswith(typed)]
    except Exception:  # a shell that completes must never see an error
        return []


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    """The options that narrow a search."""
    options = [
        click.option("--mentor", "mentors", multiple=True, shell_complete=_mentor_names, help="Only this mentor."),
        click.option("--as", "kind", type=click.Choice(["career", "interest"]), help="Only mentors of this kind."),
        click.option("--since", type=Day(), help="Published on this day or later (2026, 2026-03, 30d)."),
        click.option("--until", type=Day(last=True), help="Published on this day or earlier."),
        click.option("--lang", help="Only captions in this language (en accepts en-GB)."),
        click.option("--limit", type=click.IntRange(1, 10_000), help="How many moments."),
        click.option("--sort", type=click.Choice(["rank", "date"]), default="rank", help="Best or newest first."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _wanted(text: str, limit: int, filters: dict[str, Any]) -> Wanted:
    from index.finder import Wanted
    from library.models import Kind

    kind = filters["kind"]
    return Wanted(
        text,
        filters["mentors"],
        Kind(kind) if kind else None,
        filters["since"],
        filters["until"],
        filters["lang"],
        filters["limit"] or limit,
        filters["sort"],
    )


# --- the verbs ---------------------------------------------------------------------------------


@click.group(cls=Verbs, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="passive-mentor", prog_name="mentor")
def cli() -> None:
    """Keep the people you learn from within reach: follow, harvest, search, jump.

    \b
    mentor demo                          try it now, no key, no network
    mentor follow @handle --as career    or: --import subscriptions.csv | feeds.opml
    mentor harvest                       fetch what is new, every night
    mentor search "negotiate salary" --since 2025
    """


@cli.command(short_help="Find the moments in which your mentors speak of something.")
@click.argument("query", nargs=-1, required=True)
@_filters
@click.option("--json", "form", flag_value="json", help="One JSON document.")
@click.option("--jsonl", "form", flag_value="jsonl", help="One JSON object a moment.")
@click.option("--plain", "form", flag_value="plain", help="Tab-separated, one line a moment.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
@click.pass_context
def search(ctx: click.Context, /, query: tuple[str, ...], form: str | None, color: str, **filters: Any) -> None:
    """Find the moments in which your mentors speak of something.

    Words in any form, "phrases", AND, OR, -without, negotia*, ( ). Best moments first, by talk.
    """
    import time

    began = time.perf_counter()
    config = _config()
    text = " ".join(query)
    with _library(config) as store:
        answer = _answer(config, store, _wanted(text, config.search.limit, filters))
    elapsed_ms = (time.perf_counter() - began) * 1000
    if form:
        _print_answer(answer, text, form)
    else:
        _show_answer(answer, text, elapsed_ms, _style(color))
    if not answer.clips:
        ctx.exit(1)


def _print_answer(answer: Answer, text: str, form: str) -> None:
    from index.exporters import exporter
    from index.exporters.documents import document

    if form == "json":
        _print_json(document(text, answer.clips, answer.total, answer.coverage))
    else:
        for piece in exporter(form)(answer.clips):
            click.echo(piece, nl=False)


def _show_answer(answer: Answer, text: str, elapsed_ms: float, style: Style) -> None:
    from index.exporters.terminal import nothing_found, render

    options: dict[str, Any] = {"width": _width(), "style": style}
    if answer.clips:
        click.echo(
            render(answer.clips, answer.total, answer.coverage, elapsed_ms, query_text=text, now=_now(), **options),
            nl=False,
            color=style.colour or style.links,
        )
    else:
        say(nothing_found(text, answer.suggestions, answer.coverage, answer.unharvested, **options).rstrip())


@cli.command(short_help="Read a talk, or a clip in its place.")
@click.argument("what", metavar="VIDEO|CLIP")
@click.option("--query", help="Words to highlight.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def show(what: str, query: str | None, color: str) -> None:
    """Read a talk, or the place of a clip in it; each time is a link."""
    from index.clips import clip_from_id
    from index.exporters.transcript import render_transcript
    from index.query import parse
    from library.errors import UsageError

    style = _style(color)
    question = parse(query) if query else None
    with _library(_config()) as store:
        clip = clip_from_id(what, store, question) if "@" in what else None
        video = store.video(clip.video_id if clip else what)
        if video is None:
            raise UsageError(f"the library holds no video {what}", hint="copy an id from: mentor search WORDS")
        transcript = store.transcript(video.id)
        if transcript is None:
            state, reason = store.state_of(video.id)
            raise UsageError(f"{video.title} has no text: {reason or state.value}")
        mentors = store.mentors_of(video.id)
    text = render_transcript(
        video, transcript, mentors, video.chapters, clip=clip, query=question, width=_width(), style=style
    )
    click.echo(text, nl=False, color=style.colour or style.links)


@cli.command(short_help="Take clips out as Markdown, CSV, JSON, text or links.")
@click.argument("what", nargs=-1, required=True, metavar="QUERY | CLIP... | -")
@_filters
@click.option("--format", "form", default="markdown", show_default=True, help="Or csv, json, jsonl, text, links.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.pass_context
def export(ctx: click.Context, /, what: tuple[str, ...], form: str, output: Path | None, **filters: Any) -> None:
    """Take clips out: those of a search, named ones, or those read from standard input (-).

    The same clips give the same bytes each time.
    """
    from index.exporters import exporter

    write = exporter(form)
    config = _config()
    with _library(config) as store:
        clips = _chosen(config, store, what, filters)
        if not clips:
            say("nothing to export")
            ctx.exit(1)
        pieces = write(clips)
        if output is None:
            for piece in pieces:
                click.echo(piece, nl=False)
        else:
            _write_file(output, pieces)
            say(f"{len(clips)} {'clip' if len(clips) == 1 else 'clips'} written to {output}")


def _chosen(config: Config, store: Store, what: tuple[str, ...], filters: dict[str, Any]) -> Sequence[Clip]:
    """The clips a person named: by id, on standard input, or by a search."""
    from index.clips import clip_from_id, is_clip_id

    ids = list(_ids_from(sys.stdin)) if what == ("-",) else list(what)
    if what == ("-",) or all(is_clip_id(word) for word in ids):
        return [clip_from_id(clip_id, store) for clip_id in dict.fromkeys(ids)]
    return _answer(config, store, _wanted(" ".join(what), 100, filters)).clips


def _ids_from(lines: Iterable[str]) -> Iterator[str]:
    """Clip ids of ``mentor search --plain`` or ``--jsonl``, or one a line."""
    import json

    from library.errors import InputError

    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            try:
                yield str(json.loads(line)["clip_id"])
            except (ValueError, KeyError, TypeError) as exc:
                raise InputError(
                    f"line {number} of standard input is no line of mentor search --jsonl",
                    hint="or give ids, one a line",
                ) from exc
        elif (word := line.partition("\t")[0].strip()) not in ("", "clip_id"):
            yield word


def _write_file(path: Path, pieces: Iterable[str]) -> None:
    from library.errors import ExportError
    from library.files import write_whole

    try:
        write_whole(path, pieces)
    except OSError as exc:
        raise ExportError(f"{path} cannot be written: {exc.strerror}", hint="choose another place with -o") from exc


@cli.command(short_help="Follow a mentor: @handle, address, id, or folder of captions.")
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
    config = _config()
    with _library(config) as store:
        following = Following(_places().config, store, kind, topics, {s: m.name for s, m in config.mentors.items()})
        if file is not None:
            done = from_list(following, file, dry_run=dry_run)
        else:
            done = from_reference(following, str(what), name, _sources(config, store), dry_run=dry_run)
    for line in done:
        click.echo(line)
    if not dry_run:
        say("next: mentor harvest")


@cli.command(short_help="Stop following a mentor; what was harvested stays.")
@click.argument("mentor", shell_complete=_mentor_names)
@click.option("--forget", is_flag=True, help="Delete what was harvested for them alone, too.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
def unfollow(mentor: str, forget: bool, yes: bool) -> None:
    """Stop following a mentor. What was harvested stays in the library, unless you say --forget."""
    from index.finder import named
    from library.config_edit import remove_mentor

    with _library(_config()) as store:
        found = named(store, mentor)
        if forget:
            if not yes:
                click.confirm(f"Delete all that was harvested for {found.name} alone?", abort=True, err=True)
            with _writing():
                kept = f"{store.forget(found.slug)} of their videos deleted"
        else:
            kept = "what was harvested is kept and comes back with them"
        remove_mentor(_places().config, found.slug)
    config = _config()
    with _library(config) as store:
        click.echo(f"no longer following {found.name}; {kept}")
        if forget:
            say(_catch_up(config, store))


@cli.command(short_help="Who you follow, and how much of them can be searched.")
@click.option("--json", "as_json", is_flag=True, help="For machines; the mentors of: mentor status --json")
def people(as_json: bool) -> None:
    """Who you follow, as what, and how much of them can be searched."""
    from library.overview import people_lines

    status = _overview()
    if as_json:
        _print_json({"schema": status["schema"], "mentors": status["mentors"]})
    else:
        click.echo("\n".join(people_lines(status["mentors"])))


def _overview() -> dict[str, Any]:
    from index.sync import seen_revision
    from library.overview import overview

    config = _config()
    with _library(config) as store:
        revision = seen_revision(_places().search, store.id)
        return overview(store, _now(), config.harvest.daily_units, revision)


@cli.command(short_help="Fetch what is new and make it searchable.")
@click.option("--only", "names", multiple=True, shell_complete=_mentor_names, help="Only this mentor (repeatable).")
@click.option("--limit", type=click.IntRange(0), help="Transcripts to fetch at most.")
@click.option("--dry-run", is_flag=True, help="Only list what is new.")
@click.option("--if-older-than", "older_than", metavar="SPAN", help="Only if no harvest began within 20h, 90m, 2d.")
@click.option("--retry", metavar="STATE", help="First have videos in this state (or: all) asked for again.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON on standard output.")
@click.pass_context
def harvest(
    ctx: click.Context,
    names: tuple[str, ...],
    limit: int | None,
    dry_run: bool,
    older_than: str | None,
    retry: str | None,
    as_json: bool,
) -> None:
    """Fetch what is new from everyone you follow, and make it searchable.

    Patient by design: see harvest.pause_s. Safe to stop at any time and to run every night.
    """
    import signal
    import time
    from contextlib import ExitStack

    from harvester.report import Report

    began, report, config = time.monotonic(), Report(), _config()
    if older_than and _harvested_lately(config, older_than):
        return
    signal.signal(signal.SIGTERM, lambda *_: _interrupt())
    with ExitStack() as stack:
        if not dry_run:
            stack.enter_context(_writing())
        store = stack.enter_context(_library(config))
        if retry:
            say(f"{store.retry(_states(retry), _now())} videos will be asked for again")
        interrupted = False
        try:
            _run_harvest(config, store, names, limit, dry_run, report)
        except KeyboardInterrupt:
            interrupted = True
    if not dry_run:
        with _library(config) as store:
            say(_catch_up(config, store))
    with _library(config) as store:
        spent = store.journal.spent("units", _now())
    summary = report.summary(time.monotonic() - began, config.harvest.daily_units, spent)
    if as_json:
        _print_json({"schema": 1, **report.as_dict(), "summary": summary})
    say(("interrupted: " if interrupted else "") + summary)
    ctx.exit(130 if interrupted else report.settled())


def _states(name: str) -> Sequence[State]:
    """The states without text that ``--retry`` names. Raises UsageError."""
    from library.errors import UsageError
    from library.models import State

    known = [state for state in State if state not in (State.TEXT, State.EXCLUDED, State.WAITING)]
    chosen = known if name == "all" else [state for state in known if state.value == name]
    if not chosen:
        raise UsageError(f"no state {name!r}", hint=f"write all, or {', '.join(known)}")
    return chosen


def _harvested_lately(config: Config, older_than: str) -> bool:
    """Whether a harvest began within that time, which is then said. Raises UsageError for no length of time."""
    from library.moments import to_text
    from library.overview import ago
    from library.schedule.recent import lately, parse_span

    span = parse_span(older_than)
    with _library(config) as store:
        run = lately(store.journal.runs(), span, _now())
    if run:
        say(f"harvested {ago(to_text(run.started_at), _now())}: nothing to do before {older_than} are over")
    return run is not None


def _interrupt() -> NoReturn:
    raise KeyboardInterrupt


def _run_harvest(
    config: Config, store: Store, names: tuple[str, ...], limit: int | None, dry_run: bool, report: Any
) -> None:
    from contextlib import closing
    from datetime import timedelta

    from harvester import pipeline, progress
    from library.errors import UsageError

    followed = _followed(config, store, names)
    if not followed:
        raise UsageError("nobody is followed yet", hint="begin with: mentor follow @handle, or try: mentor demo")
    chosen = config.harvest
    plan = pipeline.Plan(
        chosen.languages,
        chosen.pause_s,
        chosen.max_transcripts_per_run,
        limit,
        timedelta(days=chosen.full_listing_days),
        dry_run,
    )
    with closing(pipeline.harvest(store, followed, _sources(config, store, report), plan, report)) as events:
        if sys.stderr.isatty() and not dry_run:
            progress.in_bars(events, sum(len(one.references) for one in followed))
        else:
            progress.in_lines(events, click.echo if dry_run else say, every_video=dry_run)


def _followed(config: Config, store: Store, names: Sequence[str]) -> list[Followed]:
    from harvester.decide import Rules
    from harvester.pipeline import Followed
    from index.finder import named

    wanted = {named(store, name).slug for name in names} or set(config.mentors)
    result = []
    for slug, one in config.mentors.items():
        if slug in wanted:
            rules = one.rules(config.rules)
            own = Rules(
                rules.shorts,
                rules.live,
                rules.min_length_s * 1000,
                rules.max_length_s * 1000,
                rules.title_include,
                rules.title_exclude,
            )
            result.append(Followed(one.mentor(slug), one.follow, own))
    return result


def _sources(config: Config, store: Store, report: Any = None) -> SourceTable:
    from harvester.sources.table import SourceTable
    from library.secrets import api_key, proxy

    key, _ = api_key(config.youtube.api_key_file)

    def spend(bucket: str, units: int) -> None:
        store.journal.spend_within(bucket, units, config.harvest.daily_units, _now())
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


@cli.command(short_help="Bring the search index up to date.")
@click.option("--rebuild", is_flag=True, help="Build it anew from the library; the old one answers until then.")
def index(rebuild: bool) -> None:
    """Bring the search index up to date with the library."""
    config = _config()
    with _library(config) as store:
        click.echo(_catch_up(config, store, rebuild=rebuild))


@cli.group(short_help="Harvest every night.")
def schedule() -> None:
    """Let this machine harvest every night (docs/schedule.md)."""


@schedule.command("install")
@click.option("--at", default="03:15", show_default=True, help="Time of day; up to 45 minutes later in fact.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "systemd", "cron", "launchd", "windows"]),
    default="auto",
    help="By which scheduler; the one that fits, where you do not say.",
)
@click.option("--dry-run", is_flag=True, help="Only show every file and command.")
def schedule_install(at: str, backend: str, dry_run: bool) -> None:
    """Harvest every night from now on. Safe to repeat: another time replaces the first."""
    from library import schedule as nightly
    from library.schedule.machine import this_machine

    machine, key_file = this_machine(), _config().youtube.api_key_file
    chosen = nightly.choose(backend, machine)
    job = nightly.job_here(at, _places(), sys.argv[0])
    for line in nightly.install(chosen, job, machine, dry_run=dry_run):
        click.echo(line)
    for line in [*chosen.advice(job), *nightly.unseen(os.environ, key_file)]:
        say(f"note: {line}")


@schedule.command("show")
def schedule_show() -> None:
    """What is installed, word for word."""
    from library import schedule as nightly
    from library.schedule.machine import this_machine

    for line in nightly.show(this_machine()):
        click.echo(line)


@schedule.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def schedule_status(ctx: click.Context, as_json: bool) -> None:
    """Whether the nightly harvest is in force, and when it runs next. Exit code 1 where it is not."""
    from library import schedule as nightly
    from library.schedule.machine import this_machine

    state = nightly.state(this_machine(), _now())
    if as_json:
        _print_json({"schema": 1, **state})
    else:
        click.echo(nightly.state_line(state))
    if not state["active"]:
        ctx.exit(1)


@schedule.command("uninstall")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
def schedule_uninstall(dry_run: bool) -> None:
    """Remove the nightly harvest: what was installed, and nothing else."""
    from library import schedule as nightly
    from library.schedule.machine import this_machine

    for line in nightly.uninstall(this_machine(), dry_run=dry_run):
        click.echo(line)


@cli.command(short_help="What has text, what has none and why, the last harvest.")
@click.option("--json", "as_json", is_flag=True, help="For machines (docs/output.md).")
def status(as_json: bool) -> None:
    """How many videos have text, why others have none, and how the last harvest went."""
    from library import schedule as nightly
    from library.overview import status_lines
    from library.schedule.machine import this_machine

    found = _overview()
    found["schedule"] = nightly.state(this_machine(), _now())
    if as_json:
        _print_json(found)
    else:
        click.echo("\n".join([*status_lines(found, _now()), nightly.state_line(found["schedule"])]))


@cli.command(short_help="Check that everything is in order.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check that everything is in order; each failing check comes with its remedy."""
    from dataclasses import asdict

    from index.sync import check_index
    from library.checkup import Check, checks
    from library.errors import MentorError
    from library.secrets import api_key

    key_from = ""
    try:
        config = _config()
        settings = Check("configuration", True, str(config.path))
        key_from = api_key(config.youtube.api_key_file)[1]
    except MentorError as error:
        settings = Check("configuration", False, error.message, error.hint)
    found = [settings, *checks(_places(), key_from), check_index(_places())]
    if as_json:
        _print_json({"schema": 1, "checks": [asdict(check) for check in found]})
    else:
        for check in found:
            click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.found}")
            if not check.ok:
                click.echo(f"      {check.remedy}")
    if not all(check.ok or not check.vital for check in found):
        ctx.exit(1)


@cli.group(short_help="See and change settings.")
def config() -> None:
    """See and change settings."""


@config.command("show")
def config_show() -> None:
    """Every setting in effect, and whether the default, the file or a variable decided."""
    from library import config as configuration

    chosen = _config()
    for key, _, field in configuration.settings():
        value = getattr(getattr(chosen, key.partition(".")[0]), field)
        click.echo(f"{key} = {configuration.shown(value)}  # {chosen.origins[key]}")
    click.echo(f"# {len(chosen.mentors)} mentors in {chosen.path}: mentor people")


@config.command("set")
@click.argument("key")
@click.argument("value")
def config_set(key: str, value: str) -> None:
    """Set a value in the configuration file, keeping your comments. Lists are written with commas."""
    from library import config as configuration
    from library.config_edit import set_value

    checked = configuration.converted(key, value)
    configuration.fits(_places().config, key, checked)
    set_value(_places().config, key, checked)
    click.echo(f"{key} = {configuration.shown(checked)}")
    variable = configuration.variable(key)
    if variable in os.environ:
        say(f"note: {variable} is set and wins over the file")


@config.command("path")
def config_path() -> None:
    """Where the configuration, the library and the index are."""
    places = _places()
    for name, path in (("configuration", places.config), ("library", places.library), ("index", places.search)):
        click.echo(f"{name:14}{path}")


@cli.command(short_help="Print what makes your shell complete this command.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes your shell complete this command.

    \b
    bash:  mentor completion bash > ~/.local/share/bash-completion/completions/mentor
    zsh:   mentor completion zsh > ~/.zfunc/_mentor
    fish:  mentor completion fish > ~/.config/fish/completions/mentor.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "mentor", "_MENTOR_COMPLETE").source())


@cli.command(short_help="Try it now on sample lectures: no key, no network.")
@click.argument("query", nargs=-1)
@click.pass_context
def demo(ctx: click.Context, query: tuple[str, ...]) -> None:
    """Try it now: a throw-away library of sample lectures, without key or network."""
    import tempfile

    from harvester.samples import LECTURERS, folder

    home = tempfile.mkdtemp(prefix="mentor-demo-")
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


def main() -> None:
    """The console script."""
    cli(prog_name="mentor")


if __name__ == "__main__":
    main()
