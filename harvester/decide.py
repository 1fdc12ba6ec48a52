"""Which videos are wanted, and when is one asked for again?

Pure rules: they take what is known and the time, and answer. Nothing here reads or writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from library.models import Broadcast, Origin, State, Video, VideoForm
from library.reading import Due
from library.timecode import span

_DAY = timedelta(days=1)

# Days until the next try, by how often it was tried; after the last, the video is left alone.
_GAPS: dict[State, tuple[int, ...]] = {
    State.NO_CAPTIONS: (1, 1, 2, 4, 8, 16, 32, 64),
    State.FAILED: (1, 1, 2, 4, 8, 16, 32),
    State.OTHER_LANGUAGE: (30, 90),
    State.REGION: (30, 90),
}
# Days after which a video that has text is looked at again: automatic captions may have been corrected
# or replaced, people's own seldom are.
_LOOK_AGAIN: dict[Origin, tuple[int, ...]] = {Origin.GENERATED: (2, 7, 30, 90), Origin.MANUAL: (30,)}
# Asked again each night until they change.
_NIGHTLY = {State.UPCOMING, State.LIVE, State.BLOCKED, State.UNREADABLE, State.WAITING}


@dataclass(frozen=True, slots=True)
class Rules:
    """Which videos of a mentor are wanted; lengths in ms, 0 for no limit."""

    shorts: bool = False
    live: bool = True
    min_length_ms: int = 0
    max_length_ms: int = 0
    title_include: tuple[str, ...] = ()
    title_exclude: tuple[str, ...] = ()


def first_state(video: Video, rules: Rules) -> tuple[State, str]:
    """The state a video starts with, and the reason in words where a rule leaves it out."""
    if reason := excluded(video, rules):
        return State.EXCLUDED, reason
    if video.broadcast is Broadcast.UPCOMING:
        return State.UPCOMING, ""
    if video.broadcast is Broadcast.LIVE:
        return State.LIVE, ""
    return State.WAITING, ""


def excluded(video: Video, rules: Rules) -> str:
    """Why the rules leave a video out; "" when they do not. What is not known excludes nothing."""
    title = video.title.casefold()
    if video.form is VideoForm.SHORT and not rules.shorts:
        return "a short"
    if video.form is VideoForm.LIVE and not rules.live:
        return "a live stream"
    if video.duration_ms is not None:
        if video.duration_ms < rules.min_length_ms:
            return f"shorter than {span(rules.min_length_ms)}"
        if rules.max_length_ms and video.duration_ms > rules.max_length_ms:
            return f"longer than {span(rules.max_length_ms)}"
    if rules.title_include and not any(word.casefold() in title for word in rules.title_include):
        return "title without " + " or ".join(rules.title_include)
    for word in rules.title_exclude:
        if word.casefold() in title:
            return f"title with {word}"
    return ""


def next_try(state: State, tries: int, now: datetime) -> datetime | None:
    """When to ask again for a video found in ``state`` after ``tries`` earlier tries; None: never by itself."""
    if state in _NIGHTLY:
        return now + _DAY / 2
    gaps = _GAPS.get(state, ())
    return now + _DAY * gaps[tries] - _DAY / 4 if tries < len(gaps) else None


def look_again(origin: Origin, looks: int, now: datetime) -> datetime | None:
    """When to see whether a video's captions were bettered, after ``looks`` earlier ones; None: no more."""
    gaps = _LOOK_AGAIN.get(origin, ())
    return now + _DAY * gaps[looks] - _DAY / 4 if looks < len(gaps) else None


def fair_order(due: Iterable[Due]) -> list[Due]:
    """One video of each mentor in turn, each mentor's own order kept; those that have text already come last.

    So a lecturer with a thousand old talks does not keep the others' newest from being fetched.
    """
    queues: tuple[dict[str, list[Due]], dict[str, list[Due]]] = ({}, {})
    for item in due:
        queues[item.state is State.TEXT].setdefault(item.mentor, []).append(item)
    rounds = chain(zip_longest(*queues[False].values()), zip_longest(*queues[True].values()))
    return [item for item in chain.from_iterable(rounds) if item is not None]


def has_gap(newest: Sequence[str], known: set[str], window: int = 15) -> bool:
    """Whether videos may have been missed: a full feed of which not one is known."""
    return len(newest) >= window and not known.intersection(newest)
