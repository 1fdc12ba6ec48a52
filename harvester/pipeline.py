"""How does a harvest go?

List every followed channel and save what is new; then ask for the text of the videos that are due,
newest first and each lecturer in turn, saving each in a transaction of its own. One bad video or
channel never ends a run; a source that asks for patience ends the asking of that source.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from harvester import decide
from harvester.decide import Rules
from harvester.pace import Pace
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
    Report,
    Stopped,
    Waiting,
)
from harvester.sources import TranscriptSource, VideoSource
from library.errors import MentorError, NoTranscript, RateLimited, SourceError
from library.models import Channel, ChannelForm, Mentor, Origin, State, Video
from library.moments import utc_now
from library.reading import Due
from library.store import Store

_BATCH = 50


@dataclass(frozen=True, slots=True)
class Followed:
    """A mentor, what of theirs is followed (references as in the configuration), and which videos are wanted."""

    mentor: Mentor
    references: tuple[str, ...]
    rules: Rules


@dataclass(frozen=True, slots=True)
class Plan:
    """How much a run does. ``limit`` counts all that is asked for, ``max_transcripts`` what is asked of YouTube."""

    languages: tuple[str, ...] = ("original", "en")
    pause_s: float = 30.0
    max_transcripts: int = 60
    limit: int | None = None
    full_listing: timedelta = timedelta(days=30)
    dry_run: bool = False


class Sources(Protocol):
    """Which source lists and reads which form of channel."""

    def lister(self, reference: str) -> VideoSource:
        """The source that can tell what a reference (a channel's id, a handle, a path …) means."""
        ...

    def reader(self, form: ChannelForm) -> TranscriptSource: ...

    def details(self, ids: Sequence[str]) -> list[Video]:
        """What YouTube tells of these videos now; [] where there is no key. Raises SourceError."""
        ...

    def mark(self, channel_id: str) -> str:
        """What the source calls the state of a list read to its end (an etag), to be kept with it; "" for nothing."""
        ...

    def edited(self, channel_id: str) -> Collection[str]:
        """Ids of videos of a list just read whose text may be another than when the list was read before."""
        ...


def harvest(
    store: Store,
    followed: Sequence[Followed],
    sources: Sources,
    plan: Plan,
    report: Report,
    *,
    now: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> Generator[Event]:
    """Carry out one run, lazily, yielding what happens; ``report`` adds it up.

    Stopping in the middle (closing the iterator, Ctrl-C) leaves the library whole. A dry run writes nothing.
    """
    report.mentors = len(followed)
    run = None if plan.dry_run else store.journal.start_run(now())
    result = "interrupted"
    try:
        for event in _events(_Harvest(store, sources, plan, run, now, sleep, chance), followed):
            report.add(event)
            yield event
        result = "done" if not report.settled() else "incomplete"
    except MentorError as error:
        result = f"failed: {error.message}"
        raise
    except Exception as error:
        result = f"failed: a fault of the program ({type(error).__name__})"
        raise
    finally:
        if run is not None:
            store.journal.end_run(run, now(), result, report.as_dict())


@dataclass(frozen=True, slots=True)
class _Harvest:
    """What every step of a run needs."""

    store: Store
    sources: Sources
    plan: Plan
    run: int | None
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    chance: Callable[[], float]
    added: list[str] = field(default_factory=list)
    """Ids of the videos that were saved and not known before."""


def _events(harvest: _Harvest, followed: Sequence[Followed]) -> Iterator[Event]:
    channels: dict[str, Channel] = {}
    for one in followed:
        for reference in one.references:
            yield Looking(one.mentor, reference)
            before = len(harvest.added)
            try:
                channel = _channel(harvest, reference)
                listed_already = channel.id in channels
                channels[channel.id] = channel
                if not harvest.plan.dry_run:
                    harvest.store.follow(one.mentor, channel.id)
                if listed_already:
                    yield Listed(one.mentor, channel, 0, False)
                else:
                    yield from _list(harvest, one, channel)
            except SourceError as error:
                known = harvest.store.channel_for(reference)
                title = known.title if known else reference
                yield ListingFailed(one.mentor, title, error, len(harvest.added) - before)
    if not harvest.plan.dry_run:
        _reconsider(harvest.store, {one.mentor.slug: one.rules for one in followed})
        yield from _fetch_all(harvest, {one.mentor.slug: one.mentor for one in followed}, channels)


def _channel(harvest: _Harvest, reference: str) -> Channel:
    """The channel a reference means: as remembered, else asked of its source and remembered."""
    known = harvest.store.channel_for(reference)
    if known:
        return known
    channel = harvest.sources.lister(reference).describe(reference)
    if not harvest.plan.dry_run:
        harvest.store.save_channel(channel, reference)
    return channel


# --- listing -----------------------------------------------------------------------------------


def _list(harvest: _Harvest, one: Followed, channel: Channel) -> Iterator[Event]:
    """Find and save what a channel has that the library does not know.

    The first time, and now and then, all it holds is gone through: that brings titles and dates up to
    date, and shows what is gone.
    """
    store, now, dry = harvest.store, harvest.now(), harvest.plan.dry_run
    completed = store.completed_at(channel.id)
    everything = completed is None or now - completed >= harvest.plan.full_listing
    source = harvest.sources.lister(channel.id)
    known = store.known_ids(channel.id)
    listed: set[str] = set()
    for batch in _batches(source.videos(channel, () if everything else known, everything=everything), everything):
        states = [(video, *decide.first_state(video, one.rules)) for video in batch]
        for video, state, reason in states:
            if video.id not in known:
                yield Found(one.mentor, video, state, reason)
        listed.update(video.id for video in batch)
        if not dry:
            rows = [(v, state, reason, _first_try(state, now)) for v, state, reason in states]
            harvest.added.extend(store.save_listing(channel.id, rows, now))
    partial = channel.form is not ChannelForm.FOLDER and not source.lists_everything
    if not dry:
        complete = everything and not partial
        if complete and channel.form is not ChannelForm.PLAYLIST:
            store.mark_gone(channel.id, listed, now)
        store.ask_again(known.intersection(harvest.sources.edited(channel.id)), now)
        store.end_listing(channel.id, now, complete=complete, etag=harvest.sources.mark(channel.id))
    yield Listed(one.mentor, channel, len(listed - known), partial)


def _batches(listing: Iterator[Video], everything: bool) -> Iterator[list[Video]]:
    """What to save in one transaction: a page, where everything is gone through, else all of it.

    What came before a failure is worth keeping.
    """
    batch: list[Video] = []
    try:
        for video in listing:
            batch.append(video)
            if everything and len(batch) == _BATCH:
                yield batch
                batch = []
    except SourceError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _first_try(state: State, now: datetime) -> datetime | None:
    return now if state in (State.WAITING, State.EXCLUDED) else decide.next_try(state, 0, now)


def _reconsider(store: Store, rules: dict[str, Rules]) -> None:
    """Let rules that were changed since apply to what waits and to what was left out.

    A video followed for several mentors is wanted when one of them wants it.
    """
    changed = []
    for video, state, mentors in store.videos_in(State.WAITING, State.EXCLUDED):
        if all(mentor in rules for mentor in mentors):
            found = [decide.first_state(video, rules[mentor]) for mentor in mentors]
            wanted, reason = next((one for one in found if one[0] is not State.EXCLUDED), found[0])
            if (wanted is State.EXCLUDED) != (state is State.EXCLUDED):
                changed.append((video.id, wanted, reason))
    if changed:
        store.set_state(changed)


# --- text --------------------------------------------------------------------------------------


def _fetch_all(harvest: _Harvest, mentors: dict[str, Mentor], channels: dict[str, Channel]) -> Iterator[Event]:
    """Ask for the text of all that is due: files first, since they cost nothing, then YouTube."""
    folders = {c.id for c in channels.values() if c.form is ChannelForm.FOLDER}
    here, remote = _due(harvest, folders, mentors), _due(harvest, set(channels) - folders, mentors)
    budget, limit = harvest.plan.max_transcripts, harvest.plan.limit
    files = here[:limit]
    if limit is not None:
        budget = min(budget, limit - len(files))
    remote = _without_upcoming(harvest, remote)
    pace = Pace(harvest.store.journal, harvest.plan.pause_s, harvest.chance)
    resting = pace.resting_until(harvest.now())
    asked = [] if resting else remote[:budget]
    yield Queued(len(files) + len(asked), len(here) + len(remote) - len(files) - len(asked))
    for due in files:
        yield from _fetch(harvest, harvest.sources.reader(ChannelForm.FOLDER), due, mentors[due.mentor])
    if resting and remote:
        yield Stopped("YouTube asked for patience in an earlier run", resting)
    for due in asked:
        if wait := pace.wait_s(harvest.now()):
            yield Waiting(wait)
            harvest.sleep(wait)
        try:
            yield from _fetch(harvest, harvest.sources.reader(ChannelForm.CHANNEL), due, mentors[due.mentor])
        except RateLimited as error:
            yield Stopped(error.message, pace.rest(harvest.now(), error.retry_after_s))
            return
        except SourceError as error:
            yield Stopped(error.message, None)
            return
        finally:
            pace.asked(harvest.now())


def _without_upcoming(harvest: _Harvest, remote: list[Due]) -> list[Due]:
    """Leave alone what is still to be broadcast, which the Data API tells for next to nothing."""
    ahead = [due.video_id for due in remote if due.state in (State.UPCOMING, State.LIVE)]
    try:
        told = harvest.sources.details(ahead) if ahead else []
    except SourceError:
        return [due for due in remote if due.video_id not in ahead]
    harvest.store.refresh(told)
    still = {video.id: decide.first_state(video, Rules(shorts=True))[0] for video in told}
    now = harvest.now()
    for due in remote:
        state = still.get(due.video_id, State.WAITING)
        if state is not State.WAITING:
            harvest.store.save_attempt(due.video_id, state, "", decide.next_try(state, 0, now), now, harvest.run)
    return [due for due in remote if still.get(due.video_id, State.WAITING) is State.WAITING]


def _due(harvest: _Harvest, channels: Collection[str], mentors: Collection[str]) -> list[Due]:
    return decide.fair_order(harvest.store.due(harvest.now(), channels, mentors))


def _fetch(harvest: _Harvest, reader: TranscriptSource, due: Due, mentor: Mentor) -> Iterator[Event]:
    """Ask for one video's text and save what came of it."""
    video = harvest.store.video(due.video_id)
    assert video, "nobody else writes during a harvest"
    yield Fetching(mentor, video)
    again = due.state is State.TEXT
    try:
        transcript = reader.transcript(video, harvest.plan.languages)
    except NoTranscript as error:
        _save_failure(harvest, due, error)
        yield LookedAgain(mentor, video, False) if again else Outcome(mentor, video, error.state, error.message)
    else:
        now = harvest.now()
        next_look = decide.look_again(transcript.origin, due.tries if again else 0, now)
        changed = harvest.store.save_transcript(transcript, now, harvest.run, next_look)
        yield LookedAgain(mentor, video, changed) if again else Outcome(mentor, video, State.TEXT, "")


def _save_failure(harvest: _Harvest, due: Due, error: NoTranscript) -> None:
    """A video that has text keeps it, whatever becomes of the video."""
    store, video_id, now = harvest.store, due.video_id, harvest.now()
    if due.state is State.TEXT:
        gone = error.state in (State.DELETED, State.PRIVATE)
        next_look = decide.look_again(Origin.GENERATED, due.tries, now)
        store.keep_text(video_id, error.message, next_look, now, harvest.run, gone=gone)
    else:
        again = decide.next_try(error.state, due.tries if error.state is due.state else 0, now)
        store.save_attempt(video_id, error.state, error.message, again, now, harvest.run)
