"""How does a question become an answer?

The one way in for every face of the program: parse, filter, ask the engine, and make clips of the
hits, with what was covered and, where nothing was found, what might have been meant.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from index.clips import Clip, clips
from index.coverage import Coverage
from index.engine import Engine, Filters, Hits, Sort
from index.query import Query, parse, terms
from library.errors import UsageError
from library.models import Kind, Mentor, State
from library.store import Store
from library.text import slug


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for, as a person says it. ``until`` is the last day that counts."""

    text: str
    mentors: tuple[str, ...] = ()
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    limit: int = 10
    sort: Sort = "rank"


@dataclass(frozen=True, slots=True)
class Answer:
    """``clips``, best first, out of ``total`` moments; near spellings and mentors without text when there are none."""

    query: Query
    clips: list[Clip]
    total: int
    coverage: Coverage
    suggestions: list[str]
    unharvested: list[str]


def find(store: Store, engine: Engine, wanted: Wanted) -> Answer:
    """Answer a question. Raises QuerySyntaxError, UsageError for an unknown mentor, SearchError."""
    query = parse(wanted.text)
    channels = _channels(store, wanted)
    until = wanted.until + timedelta(days=1) if wanted.until else None
    filters = Filters(channels, wanted.language, wanted.since, until)
    hits = engine.search(query, filters, wanted.limit, wanted.sort) if channels != frozenset() else Hits()
    found = clips(hits.hits, query, store)
    return Answer(
        query,
        found,
        hits.total,
        coverage(store, channels),
        [] if found else [near for word in terms(query) for near in engine.suggest(word)],
        [] if found else _unharvested(store),
    )


def coverage(store: Store, channels: Collection[str] | None = None) -> Coverage:
    """How much text there is to search, in these channels or in all that is followed."""
    states = store.states(channels)
    runs = [run for run in store.journal.runs() if run.ended_at]
    return Coverage(
        videos=sum(states.values()) - states[State.EXCLUDED],
        with_text=states[State.TEXT],
        without_text={s: n for s, n in sorted(states.items()) if s not in (State.TEXT, State.EXCLUDED)},
        hours=store.speech_ms(channels) / 3_600_000,
        newest_harvest_at=runs[0].ended_at if runs else None,
    )


def named(store: Store, name: str) -> Mentor:
    """The mentor whose slug or name is, or holds, ``name``. Raises UsageError for none or several."""
    everyone = store.mentors()
    wanted = slug(name)
    found = [m for m in everyone if wanted in (m.slug, slug(m.name))]
    found = found or [m for m in everyone if wanted in m.slug or wanted in slug(m.name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name!r} could be {', '.join(m.slug for m in found)}", hint="name one of them")
    known = ", ".join(m.slug for m in everyone[:8]) + (", …" if len(everyone) > 8 else "")
    raise UsageError(
        f"nobody called {name!r} is followed",
        hint=f"you follow {known}" if everyone else "follow somebody with: mentor follow @handle",
    )


def _channels(store: Store, wanted: Wanted) -> frozenset[str] | None:
    """The channels to search; None for all there are."""
    if not wanted.mentors and not wanted.kind:
        return None if store.all_followed() else store.followed_channels()
    chosen = {named(store, name).slug for name in wanted.mentors} or {m.slug for m in store.mentors()}
    if wanted.kind:
        chosen &= {m.slug for m in store.mentors() if m.kind is wanted.kind}
    return store.followed_channels(chosen)


def _unharvested(store: Store) -> list[str]:
    """Names of the mentors not one video of whom has text yet."""
    states = store.states_by_mentor()
    return [m.name for m in store.mentors() if not states[m.slug][State.TEXT]]
