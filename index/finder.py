"""How does a question become an answer?

The one way in for every face of the program: read the question, filter, ask the engine, and make clips
of the hits, with what was covered and, where nothing was found, what might have been meant.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from index.analysis import folded
from index.clips import Clip, clips
from index.corrections import Correction, applied, expanded
from index.coverage import Coverage
from index.engine import Engine, Filters, Hit, Hits, Sort
from index.marking import highlight
from index.misheard import misheard
from index.query import Asked, Everything, FieldFilter, Phrase, Query, Topics, all_of, read, terms, title_query
from index.query.fields import captions, check, kind, length_ms
from index.variety import DEPTH, spread, unrepeated
from library.errors import QuerySyntaxError, UsageError
from library.models import Kind, Mentor, Origin, State
from library.moments import parse_day
from library.reading import Within
from library.store import Store
from library.text import slug

#: How many mentors are named where somebody else was meant.
_NAMED = 8


class Wanted(Struct, frozen=True):
    """What is searched for, as a person says it. ``until`` is the last day that counts.

    Of ``mentors`` any will do, of ``titles`` and ``topics`` all must match. ``text`` may be empty where
    something else is asked for. ``spread`` lets no talk and no lecturer fill the list (``index.variety``); ``explain``
    gives each clip the reasons for its score.
    """

    text: str
    mentors: tuple[str, ...] = ()
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    limit: int = 10
    sort: Sort = "rank"
    titles: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    longer_ms: int | None = None
    shorter_ms: int | None = None
    origin: Origin | None = None
    spread: bool = False
    explain: bool = False


class Answer(Struct, frozen=True):
    """``clips``, best first, out of ``total`` moments; near spellings and mentors without text when there are none.

    ``held_back`` counts the moments that would be shown if not for others of their talk or lecturer. ``heard`` are
    what the clips say in place of what is meant, and that. ``alike`` are words typed, and what may be meant that
    sounds or is spelt alike.
    """

    query: Query
    clips: list[Clip]
    total: int
    coverage: Coverage
    suggestions: list[str]
    unharvested: list[str]
    held_back: int = 0
    heard: tuple[tuple[str, str], ...] = ()
    alike: Sequence[tuple[str, str]] = ()


def find(
    store: Store,
    engine: Engine,
    wanted: Wanted,
    topics: Topics | None = None,
    corrections: Sequence[Correction] = (),
) -> Answer:
    """Answer a question; ``topics`` says what a topic looks for, ``corrections`` what captions say instead.

    Talks are listed newest first where no word is given. A field in the text takes the place of what ``wanted`` says
    of the same. Raises QuerySyntaxError, UsageError for an unknown mentor or topic, SearchError.
    """
    asked = _asked(wanted, topics)
    try:
        wanted, filters = _filtered(store, wanted, asked)
    except QuerySyntaxError as error:
        error.query = error.query or wanted.text
        raise
    query = expanded(asked.query, corrections)
    sort: Sort = "date" if query == Everything() else wanted.sort
    depth = wanted.limit * DEPTH if wanted.spread else wanted.limit
    hits = engine.search(query, filters, depth, sort) if filters.channels != frozenset() else Hits()
    order = _order(store, hits.hits, wanted) if sort == "rank" else hits.hits
    found = _shown(store, query, engine.explained(order, query) if wanted.explain else order, wanted)
    return Answer(
        query,
        found,
        hits.total,
        coverage(store, filters),
        [] if found else [near for word in terms(asked.query) for near in engine.suggest(word)],
        [] if found else _unharvested(store),
        len({*hits.hits[: wanted.limit]} - {*order[: wanted.limit]}),
        _heard(asked.query, corrections, found),
        misheard(store, engine, wanted.text, asked.query, filters, found) if filters.channels != frozenset() else [],
    )


def _heard(query: Query, corrections: Sequence[Correction], found: Sequence[Clip]) -> tuple[tuple[str, str], ...]:
    """What the clips say, by the corrections, in place of what is meant."""
    pairs = [(heard, one.meant) for one in applied(query, corrections) for heard in one.heard]
    said = [(clip.text, clip.language) for clip in found]
    return tuple(
        (heard, meant)
        for heard, meant in pairs
        if any(highlight(text, Phrase(tuple(folded(heard))), language) for text, language in said)
    )


def _order(store: Store, hits: Sequence[Hit], wanted: Wanted) -> Sequence[Hit]:
    @cache
    def lecturers_of(video_id: str) -> tuple[str, ...]:
        return tuple(mentor.slug for mentor in store.mentors_of(video_id))

    return spread(hits, wanted.limit, lecturers_of) if wanted.spread else hits


def _shown(store: Store, query: Query, hits: Sequence[Hit], wanted: Wanted) -> list[Clip]:
    if not wanted.spread:
        return clips(hits, query, store)
    return unrepeated(hits, wanted.limit, lambda some: clips(some, query, store))


def coverage(store: Store, filters: Filters) -> Coverage:
    """How much text there is to search in what passes the filters.

    Words in titles and what is excluded do not count: only the index knows of them.
    """
    channels, since, until = filters.channels, filters.since, filters.until
    within = Within(channels, since, until, filters.longer_ms, filters.shorter_ms, filters.language, filters.origin)
    states, speech_ms = store.extent(within)
    runs = [run for run in store.journal.runs() if run.ended_at]
    return Coverage(
        videos=sum(states.values()) - states[State.EXCLUDED],
        with_text=states[State.TEXT],
        without_text={s: n for s, n in sorted(states.items()) if s not in (State.TEXT, State.EXCLUDED)},
        hours=speech_ms / 3_600_000,
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
        raise UsageError(f"{name!r} could be {_some(found)}", hint="name one of them")
    hint = f"you follow {_some(everyone)}" if everyone else "follow somebody with: mentor follow @handle"
    if near := _nearest(everyone, wanted):
        hint = f"did you mean {near}?"
    raise UsageError(f"nobody called {name!r} is followed", hint=hint)


def _some(mentors: Sequence[Mentor]) -> str:
    return ", ".join(mentor.slug for mentor in mentors[:_NAMED]) + (", …" if len(mentors) > _NAMED else "")


def _nearest(mentors: Sequence[Mentor], wanted: str) -> str:
    """The slug of the mentor whose name, or a part of it, is written most like that; "" where none is."""
    from difflib import get_close_matches

    whose = {part: mentor.slug for mentor in mentors for part in (mentor.slug, *mentor.slug.split("-"))}
    return next((whose[part] for part in get_close_matches(wanted, whose, 1)), "")


def _asked(wanted: Wanted, topics: Topics | None) -> Asked:
    """What the text asks for, within the topics wanted. Raises QuerySyntaxError, UsageError."""
    others = replace(wanted, text="", limit=0, sort="rank") != Wanted("", limit=0)
    asked = read(wanted.text, topics) if wanted.text.strip() or not others else Asked(Everything())
    if not wanted.topics:
        return asked
    if topics is None:
        raise UsageError("topics cannot be searched for here", hint="leave out the topic")
    chosen = list(map(topics, wanted.topics))
    kept = tuple(topic.mentors for topic in chosen if topic.mentors)
    return replace(asked, query=all_of([*(topic.query for topic in chosen), asked.query]), kept=asked.kept + kept)


def _filtered(store: Store, wanted: Wanted, asked: Asked) -> tuple[Wanted, Filters]:
    """What is wanted with the fields typed, and what keeps the search to it. Raises QuerySyntaxError, UsageError."""
    wanted = _narrowed(store, wanted, [field for field in asked.fields if not field.excluded])
    if wanted.kind and not any(mentor.kind is wanted.kind for mentor in store.mentors()):
        raise UsageError(f"you follow nobody as {wanted.kind.value}", hint="see whom you follow with: mentor people")
    excluded = [_narrowed(store, Wanted(""), [field]) for field in asked.fields if field.excluded]
    filters = _filters(store, wanted)
    channels = filters.channels
    for mentors in asked.kept:
        theirs = _channels(store, Wanted("", mentors))
        channels = theirs if channels is None or theirs is None else channels & theirs
    without = tuple(_filters(store, each) for each in excluded)
    return wanted, replace(filters, channels=channels, without=without)


def _narrowed(store: Store, wanted: Wanted, fields: Collection[FieldFilter]) -> Wanted:
    """``wanted`` with these fields in place of what it says of the same. Raises QuerySyntaxError."""
    if any(field.name == "mentor" for field in fields):
        wanted = replace(wanted, mentors=())
    for field in fields:
        wanted = _with(store, wanted, field)
    return wanted


def _with(store: Store, wanted: Wanted, field: FieldFilter) -> Wanted:
    match field.name:
        case "mentor":
            return replace(wanted, mentors=(*wanted.mentors, _slug(store, field)))
        case "title":
            return replace(wanted, titles=(*wanted.titles, field.value))
        case "as":
            return replace(wanted, kind=kind(field.value))
        case "lang":
            return replace(wanted, language=field.value)
        case "after":
            return replace(wanted, since=parse_day(field.value))
        case "before":
            return replace(wanted, until=parse_day(field.value, last=True))
        case "longer":
            return replace(wanted, longer_ms=length_ms(field.value))
        case "shorter":
            return replace(wanted, shorter_ms=length_ms(field.value))
        case _:
            return replace(wanted, origin=captions(field.value))


def _slug(store: Store, field: FieldFilter) -> str:
    try:
        return named(store, field.value).slug
    except UsageError as exc:
        raise QuerySyntaxError(exc.message, field.at, hint=exc.hint) from exc


def _filters(store: Store, wanted: Wanted) -> Filters:
    return Filters(
        _channels(store, wanted),
        None if wanted.language is None else _checked("lang", wanted.language),
        wanted.since,
        wanted.until + timedelta(days=1) if wanted.until else None,
        wanted.longer_ms,
        wanted.shorter_ms,
        wanted.origin,
        tuple(title_query(_checked("title", title)) for title in wanted.titles),
    )


def _checked(name: str, value: str) -> str:
    """A value as a field of the query would take it, too. Raises QuerySyntaxError."""
    try:
        check(name, value, 0)
    except QuerySyntaxError as error:
        error.query = value
        raise
    return value


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
