"""How does new speech come in, by hand and every night?"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

from verbs import common, watching

if TYPE_CHECKING:
    from harvester.decide import Rules
    from harvester.pipeline import Followed
    from harvester.report import Report
    from library import config as configuration
    from library.config import Config
    from library.errors import MentorError
    from library.models import State
    from library.store import Store


@click.command(short_help="Fetch what is new and make it searchable.")
@click.option(
    "--only", "names", multiple=True, shell_complete=common.mentor_names, help="Only this mentor (repeatable)."
)
@click.option("--limit", type=click.IntRange(0), help="Transcripts to fetch at most.")
@click.option("--dry-run", is_flag=True, help="Only list what is new.")
@click.option("--if-older-than", "older_than", metavar="SPAN", help="Only if no harvest began within 20h, 90m, 2d.")
@click.option("--retry", metavar="STATE", help="First have videos in this state (or: all) asked for again.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON on standard output.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="What is worth a line in the log.",
)
@click.pass_context
def harvest(
    ctx: click.Context,
    names: tuple[str, ...],
    limit: int | None,
    dry_run: bool,
    older_than: str | None,
    retry: str | None,
    as_json: bool,
    log_level: str,
) -> None:
    """Fetch what is new from everyone you follow, and make it searchable.

    Patient by design: see harvest.pause_s. Safe to stop at any time and to run every night.
    """
    import time
    from contextlib import ExitStack

    from harvester.report import WHAT_A_KEY_ADDS, Report
    from library import logs
    from library.errors import ExitCode, MentorError

    began, report, config = time.monotonic(), Report(), common.config()
    if older_than and _harvested_lately(config, older_than):
        return
    _end_as_by_ctrl_c()
    with ExitStack() as stack:
        if not dry_run:
            stack.enter_context(common.writing())
        store = stack.enter_context(common.library(config))
        ending = watching.Ending()
        if not dry_run:
            ending = stack.enter_context(watching.watched(config, store, report, log_level))
        followed = _followed(config, store, names)
        if retry and not dry_run:
            common.say(f"{store.retry(_states(retry), common.now())} videos will be asked for again")
        trouble = _to_its_end(config, store, followed, limit, dry_run, report)
        if isinstance(trouble, MentorError):
            logs.note("failed", "error", error=trouble)
        interrupted = isinstance(trouble, KeyboardInterrupt)
        summary = report.summary(time.monotonic() - began, config.harvest.daily_units, report.units_today)
        ending.summary = ("interrupted: " if interrupted else "") + summary
        # Whoever interrupts at a terminal knows; a scheduler that ran out of patience must be heard of.
        ending.failed = not (sys.stderr.isatty() if interrupted else trouble is None and not report.settled())
    if as_json:
        common.print_json({"schema": 1, **report.as_dict(), "summary": summary})
    common.say(ending.summary)
    if report.partial:
        common.say(WHAT_A_KEY_ADDS)
    if isinstance(trouble, MentorError):
        raise trouble
    ctx.exit(ExitCode.INTERRUPTED if interrupted else report.settled())


def _to_its_end(
    config: Config, store: Store, followed: list[Followed], limit: int | None, dry_run: bool, report: Report
) -> MentorError | KeyboardInterrupt | None:
    """Harvest, and index whatever came of it; what went wrong is returned, so that the summary comes first."""
    from library.errors import MentorError

    trouble: MentorError | KeyboardInterrupt | None = None
    try:
        _run_harvest(config, store, followed, limit, dry_run, report)
    except (MentorError, KeyboardInterrupt) as error:
        trouble = error
    try:
        if not dry_run:
            common.say(common.catch_up(config, store))
        report.units_today = store.journal.spent("units", common.now())
    except (MentorError, KeyboardInterrupt) as error:
        trouble = trouble or error
    return trouble


def _end_as_by_ctrl_c() -> None:
    """A scheduler's stop and a closed terminal end a harvest as cleanly as Ctrl-C does."""
    import signal

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: _interrupt())


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
    from library.moments import ago
    from library.schedule.recent import lately, parse_span

    span = parse_span(older_than)
    with common.library(config) as store:
        run = lately(store.journal.runs(), span, common.now(), len(config.mentors))
    if run:
        common.say(f"harvested {ago(run.started_at, common.now())}: nothing to do before {older_than} are over")
    return run is not None


def _interrupt() -> NoReturn:
    raise KeyboardInterrupt


def _run_harvest(
    config: Config, store: Store, followed: list[Followed], limit: int | None, dry_run: bool, report: Report
) -> None:
    from contextlib import closing
    from datetime import timedelta

    from harvester import pipeline, progress

    chosen = config.harvest
    plan = pipeline.Plan(
        chosen.languages,
        chosen.pause_s,
        chosen.max_transcripts_per_run,
        limit,
        timedelta(days=chosen.full_listing_days),
        dry_run,
    )
    with closing(pipeline.harvest(store, followed, common.sources(config, store, report), plan, report)) as events:
        if sys.stderr.isatty() and not dry_run:
            progress.in_bars(watching.logged(events), sum(len(one.references) for one in followed))
        else:
            progress.in_lines(watching.logged(events), click.echo if dry_run else common.say, every_video=dry_run)


def _followed(config: Config, store: Store, names: Sequence[str]) -> list[Followed]:
    from harvester.pipeline import Followed
    from index.finder import named
    from library.errors import UsageError

    if not config.mentors:
        raise UsageError("nobody is followed yet", hint="begin with: mentor follow @handle, or try: mentor demo")
    wanted = {named(store, name).slug for name in names} or set(config.mentors)
    return [
        Followed(one.mentor(slug), one.follow, _rules(one.rules(config.rules)))
        for slug, one in config.mentors.items()
        if slug in wanted
    ]


def _rules(chosen: configuration.Rules) -> Rules:
    """What the configuration says in seconds, as the harvester reads it."""
    import msgspec

    from harvester.decide import Rules

    fields = msgspec.structs.asdict(chosen)
    lengths = {f"{which}_length_ms": fields.pop(f"{which}_length_s") * 1000 for which in ("min", "max")}
    return Rules(**fields, **lengths)


@click.group(short_help="Harvest every night.")
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

    machine, key_file = this_machine(), common.config().youtube.api_key_file
    chosen = nightly.choose(backend, machine)
    job = nightly.job_here(at, common.places(), sys.argv[0])
    for line in nightly.install(chosen, job, machine, dry_run=dry_run):
        click.echo(line)
    for line in [*chosen.advice(job), *nightly.unseen(os.environ, key_file)]:
        common.say(f"note: {line}")


@schedule.command("show")
def schedule_show() -> None:
    """What is installed, word for word."""
    from library import schedule as nightly
    from library.schedule.machine import this_machine

    lines = list(nightly.show(this_machine()))
    for line in lines:
        click.echo(line)
    if not lines:
        common.say(nightly.NOTHING)


@schedule.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def schedule_status(ctx: click.Context, as_json: bool) -> None:
    """Whether the nightly harvest is in force, and when it runs next. Exit code 1 where it is not."""
    from library import schedule as nightly
    from library.schedule.machine import this_machine

    state = nightly.state(this_machine(), common.now())
    if as_json:
        common.print_json({"schema": 1, **state})
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


@click.command(short_help="What has text, what has none and why, the last harvest.")
@click.option("--videos", is_flag=True, help="List the videos without text: why, and when they are tried next.")
@click.option("--json", "as_json", is_flag=True, help="For machines (docs/output.md).")
def status(videos: bool, as_json: bool) -> None:
    """How many videos have text, why others have none, and how the last harvest went."""
    from library import schedule as nightly
    from library.overview import status_lines, video_lines
    from library.schedule.machine import this_machine

    width = common.terminal_width()
    if videos:
        with common.library(common.config()) as store:
            click.echo("\n".join(video_lines(store, width)))
        return
    found = common.overview()
    found["schedule"] = nightly.state(this_machine(), common.now())
    if as_json:
        common.print_json(found)
    else:
        click.echo("\n".join([*status_lines(found, common.now(), width), nightly.state_line(found["schedule"])]))
