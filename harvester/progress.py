"""What does a person see while a harvest runs?

On a terminal, bars for lecturers and transcripts and what is being waited for; in a log or a pipe,
one plain line an event. Both only turn events into words; the pipeline knows neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harvester.report import (
    Event,
    Fetching,
    Found,
    Listed,
    ListingFailed,
    LookedAgain,
    Looking,
    Outcome,
    Queued,
    Stopped,
    Waiting,
    duration,
)
from library.models import STATE_WORDS, State
from library.wording import counted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def line(event: Event, *, every_video: bool = False) -> str:
    """An event in words; "" for one that is not worth a line. ``every_video`` names each new one."""
    match event:
        case Listed(mentor=mentor, channel=channel, new=new, partial=partial):
            note = " (the newest only)" if partial else ""
            place = "" if channel.title == mentor.name else f" at {channel.title}"
            return f"{mentor.name}: {new} new{place}{note}"
        case ListingFailed(mentor=mentor, what=what, error=error, new=new):
            place = "" if what == mentor.name else f"{what} "
            hint = f" ({error.hint})" if error.hint else ""
            found = f"{new} new, but {place}could not be listed in full" if new else f"{place}could not be listed"
            return f"{mentor.name}: {found}: {error.message}{hint}"
        case Found(mentor=mentor, video=video, state=state, reason=reason) if every_video:
            return f"  {video.id}  {video.title}  [{reason or STATE_WORDS[state]}]"
        case Queued(now=now, later=later) if later:
            return f"{counted(now, 'transcript')} to fetch in this run, {later} more in the next ones"
        case Queued(now=now) if now:
            return f"{counted(now, 'transcript')} to fetch"
        case Outcome(mentor=mentor, video=video, state=State.TEXT):
            return f"{mentor.name}: {video.title}"
        case Outcome(mentor=mentor, video=video, state=state, reason=reason):
            return f"{mentor.name}: {video.title}: {reason or STATE_WORDS[state]}"
        case LookedAgain(mentor=mentor, video=video, bettered=True):
            return f"{mentor.name}: {video.title}: better captions"
        case Stopped(reason=reason, until=until):
            when = f"after {until:%Y-%m-%d %H:%M} UTC" if until else "with the next harvest"
            return f"stopped asking YouTube: {reason}; goes on {when}"
        case _:
            return ""


def in_lines(events: Iterable[Event], write: Callable[[str], None], *, every_video: bool = False) -> None:
    """Go through a harvest, writing a line an event."""
    for event in events:
        if text := line(event, every_video=every_video):
            write(text)


def in_bars(events: Iterable[Event], channels: int) -> None:
    """Go through a harvest with bars on standard error; what went wrong stays on the screen as lines."""
    with _bars() as bars:
        listing = bars.add_task("looking", total=channels)
        fetching: TaskID | None = None
        for event in events:
            match event:
                case Looking(mentor=mentor):
                    bars.update(listing, description=f"looking at {mentor.name}")
                case Listed() | ListingFailed():
                    bars.advance(listing)
                case Queued(now=now):
                    bars.update(listing, description="looked at everyone")
                    fetching = bars.add_task("transcripts", total=now) if now else None
                case Waiting(seconds=seconds) if fetching is not None:
                    bars.update(fetching, description=f"waiting {duration(seconds)} so as not to press")
                case Fetching(mentor=mentor, video=video) if fetching is not None:
                    bars.update(fetching, description=f"{mentor.name}: {video.title[:40]}")
                case Outcome() | LookedAgain() if fetching is not None:
                    bars.advance(fetching)
                case _:
                    pass
            if text := _lasting(event):
                bars.console.print(text, markup=False, highlight=False, emoji=False)


def _lasting(event: Event) -> str:
    """What is worth a line even beside bars: everything that did not go well."""
    match event:
        case Listed() | Queued(later=0) | Outcome(state=State.TEXT):
            return ""
        case _:
            return line(event)


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield progress
