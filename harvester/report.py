"""What happened during a harvest?

``pipeline.harvest`` yields events as they happen; a ``Report`` adds them up to the summary line that
ends every run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from library.errors import ExitCode, MentorError
from library.models import STATE_WORDS, Channel, Mentor, State, Video
from library.wording import counted

#: Said once where a channel could be seen in part only.
WHAT_A_KEY_ADDS = (
    "without an API key only the newest 15 videos of a channel can be seen; with one, which is free, all of them: "
    "put it into a file and name that with mentor config set youtube.api_key_file FILE"
)


@dataclass(frozen=True, slots=True)
class Looking:
    """A channel's list is being asked for."""

    mentor: Mentor
    what: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A channel's list was read. ``new`` counts videos the library did not hold."""

    mentor: Mentor
    channel: Channel
    new: int
    partial: bool
    """Whether only the newest could be seen, for want of a key."""


@dataclass(frozen=True, slots=True)
class ListingFailed:
    """A channel could not be listed; the others go on."""

    mentor: Mentor
    what: str
    error: MentorError
    new: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A new video, as it would be taken (``dry_run``) or was."""

    mentor: Mentor
    video: Video
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class Queued:
    """How many transcripts this run will ask for, and how many more are due but must wait for another run."""

    now: int
    later: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The harvester is about to sleep so as not to press."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Fetching:
    """The text of a video is being asked for."""

    mentor: Mentor
    video: Video


@dataclass(frozen=True, slots=True)
class Outcome:
    """How asking for a video's text ended."""

    mentor: Mentor
    video: Video
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class LookedAgain:
    """A video that has text was asked for again; ``bettered`` when other captions had come."""

    mentor: Mentor
    video: Video
    bettered: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """A source asked for patience: no more transcripts from it until then; or (None) it is out of reach tonight."""

    reason: str
    until: datetime | None


Event = Looking | Listed | ListingFailed | Found | Queued | Waiting | Fetching | Outcome | LookedAgain | Stopped


@dataclass(slots=True)
class Report:
    """The sum of a run."""

    mentors: int = 0
    listed: int = 0
    failed_listings: list[str] = field(default_factory=list)
    new: int = 0
    transcripts: int = 0
    bettered: int = 0
    later: int = 0
    without_text: dict[State, int] = field(default_factory=dict)
    stopped: str = ""
    units: int = 0
    units_today: int = 0
    partial: bool = False
    exit_code: ExitCode = ExitCode.DONE
    unlisted: ExitCode = ExitCode.DONE

    def add(self, event: Event) -> None:
        match event:
            case Listed(new=new, partial=partial):
                self.listed += 1
                self.new += new
                self.partial |= partial
            case ListingFailed(what=what, error=error, new=new):
                self.new += new
                self.failed_listings.append(f"{what}: {error.message}")
                self._grade(error)
            case Queued(now=now, later=later):
                self.later = now + later
            case Outcome(state=state):
                self.later -= 1
                if state is State.TEXT:
                    self.transcripts += 1
                else:
                    self.without_text[state] = self.without_text.get(state, 0) + 1
            case LookedAgain(bettered=bettered):
                self.later -= 1
                self.bettered += bettered
            case Stopped(reason=reason, until=until):
                self.stopped = reason
                self.exit_code = max(self.exit_code, ExitCode.TRY_LATER if until else ExitCode.UNREACHABLE)
            case _:
                pass

    def _grade(self, error: MentorError) -> None:
        """A refused key or a request for patience is everybody's; a lost channel only its own."""
        self.unlisted = max(self.unlisted, error.exit_code)
        if error.exit_code in (ExitCode.BAD_CONFIG, ExitCode.TRY_LATER):
            self.exit_code = max(self.exit_code, error.exit_code)

    def settled(self) -> ExitCode:
        """The exit code of the run: single channels that fail have none, but all of them have that of the worst."""
        if not self.listed and self.exit_code is ExitCode.DONE:
            return self.unlisted
        return self.exit_code

    def summary(self, seconds: float, daily_units: int, spent_today: int) -> str:
        """``3 lecturers, 5 new, 4 transcripts, 1 no captions yet, quota 212/10000, 3m12s``."""
        parts = [counted(self.mentors, "lecturer"), f"{self.new} new", counted(self.transcripts, "transcript")]
        parts += [f"{count} {STATE_WORDS[state]}" for state, count in sorted(self.without_text.items())]
        if self.bettered:
            parts.append(f"{self.bettered} with better captions")
        if self.later:
            parts.append(f"{self.later} left for another run")
        if self.stopped:
            parts.append(f"stopped: {self.stopped}")
        if self.failed_listings:
            parts.append(f"{counted(len(self.failed_listings), 'listing')} failed")
        if spent_today or self.units:
            parts.append(f"quota {spent_today}/{daily_units}")
        return ", ".join([*parts, duration(seconds)])

    def as_dict(self) -> dict[str, object]:
        """The summary for machines; docs/output.md describes it."""
        return {
            "mentors": self.mentors,
            "listed": self.listed,
            "failed_listings": list(self.failed_listings),
            "new": self.new,
            "transcripts": self.transcripts,
            "bettered": self.bettered,
            "without_text": {state.value: count for state, count in sorted(self.without_text.items())},
            "later": self.later,
            "stopped": self.stopped,
            "units": self.units,
        }


def duration(seconds: float) -> str:
    """``12s``, ``3m12s``, ``1h02m``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole // 60 % 60:02}m"
