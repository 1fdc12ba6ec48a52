"""What does everyone say about one topic, side by side?

The best moment of each lecturer, how often the topic comes up over the years, the newest, who is silent on
it, and which other words come up with it. Nothing is said here that is not a quote or a count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from index.clips import Clip, clips
from index.engine import Engine, Hit
from index.finder import named
from index.heard import heard
from index.suggest import Standout, near_topic
from index.topics import Topic, query_of
from library.models import Mentor, State, Video
from library.store import Store

#: How many of the newest talks, and how many additions, a page shows.
NEWEST, SUGGESTIONS = 3, 8
#: A talk is about a topic where a moment of it scores this part of the best one's: docs/topics.md has figures.
ABOUT_IT = 0.4


@dataclass(frozen=True, slots=True)
class Voice:
    """What one lecturer has on the topic; ``latest_at`` is when the newest such talk was published, if known.

    ``about`` counts the talks that are about it; the others only mention it.
    """

    mentor: Mentor
    best: Clip
    moments: int
    talks: int
    about: int
    latest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Year:
    """Moments in the talks published in each quarter (UTC) of a year."""

    year: int
    quarters: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class TopicPage:
    """``voices`` come best moment first. ``undated`` counts moments of talks without a date.

    ``about`` counts the talks that are about the topic; the others only mention it.

    ``silent`` have talks with text but none on the topic, ``unharvested`` have none with text yet; where the
    topic is kept to some mentors, only they are looked at. ``newest`` are the best moments of the newest talks.
    """

    topic: Topic
    moments: int
    talks: int
    about: int
    voices: list[Voice]
    years: list[Year]
    undated: int
    newest: list[Clip]
    silent: list[Mentor]
    unharvested: list[Mentor]
    suggestions: list[Standout]


def topic_page(store: Store, engine: Engine, topic: Topic) -> TopicPage:
    """The page of a topic. Raises UsageError where it names an unknown mentor, SearchError."""
    found = heard(store, engine, topic)
    talks = {video_id: video for video_id in _ids(found.hits) if (video := store.video(video_id))}
    hits = [hit for hit in found.hits if hit.video_id in talks]
    by_mentor = _by_mentor(store, hits)
    about = about_it(hits)
    heard_from = {mentor.slug for mentor in by_mentor}
    silent = [mentor for mentor in _asked(store, topic) if mentor.slug not in heard_from]
    states = store.states_by_mentor()
    return TopicPage(
        topic,
        found.total,
        len(talks),
        len(about),
        _voices(store, topic, by_mentor, talks, about),
        _years(hits, talks),
        sum(talks[hit.video_id].published_at is None for hit in hits),
        clips(_newest(hits, talks), query_of(topic), store),
        [mentor for mentor in silent if states[mentor.slug][State.TEXT]],
        [mentor for mentor in silent if not states[mentor.slug][State.TEXT]],
        near_topic(store, engine, topic, SUGGESTIONS, hits),
    )


def _ids(hits: Iterable[Hit]) -> list[str]:
    return list(dict.fromkeys(hit.video_id for hit in hits))


def about_it(hits: Sequence[Hit]) -> set[str]:
    """The talks that are about the topic: by a title or description alone, or as much as the best moment is."""
    best = max((hit.score for hit in hits if not hit.about), default=0)
    return {hit.video_id for hit in hits if hit.about or hit.score >= ABOUT_IT * best}


def _by_mentor(store: Store, hits: Sequence[Hit]) -> dict[Mentor, list[Hit]]:
    """The hits of each lecturer, in their order; a talk of several counts for each."""
    mentors = {video_id: store.mentors_of(video_id) for video_id in _ids(hits)}
    found: dict[Mentor, list[Hit]] = defaultdict(list)
    for hit in hits:
        for mentor in mentors[hit.video_id]:
            found[mentor].append(hit)
    return found


def _voices(
    store: Store,
    topic: Topic,
    by_mentor: Mapping[Mentor, Sequence[Hit]],
    talks: Mapping[str, Video],
    about: Collection[str],
) -> list[Voice]:
    voices: list[Voice] = []
    for mentor, hits in by_mentor.items():
        best = min(hits, key=lambda hit: (hit.about, -hit.score))
        dates = [at for hit in hits if (at := talks[hit.video_id].published_at)]
        ids = _ids(hits)
        voices += [
            Voice(mentor, clip, len(hits), len(ids), sum(each in about for each in ids), max(dates, default=None))
            for clip in clips([best], query_of(topic), store)
        ]
    return sorted(voices, key=lambda voice: (voice.best.about, -voice.best.score, voice.mentor.slug))


def _years(hits: Iterable[Hit], talks: Mapping[str, Video]) -> list[Year]:
    """Every year from the first to the last in which something was said, silent ones too."""
    dates = [at for hit in hits if (at := talks[hit.video_id].published_at)]
    counts = Counter((at.year, (at.month - 1) // 3) for at in dates)
    years = sorted({year for year, _ in counts})
    return [
        Year(year, (counts[year, 0], counts[year, 1], counts[year, 2], counts[year, 3]))
        for year in (range(years[0], years[-1] + 1) if years else ())
    ]


def _newest(hits: Iterable[Hit], talks: Mapping[str, Video]) -> list[Hit]:
    """The best hit of each of the newest talks; what is said before what only a title says."""
    best: dict[str, Hit] = {}
    for hit in sorted(hits, key=lambda hit: (hit.about, -hit.score)):
        best.setdefault(hit.video_id, hit)
    dated = [(at, hit) for video_id, hit in best.items() if (at := talks[video_id].published_at)]
    return [hit for _, hit in sorted(dated, key=lambda item: (item[0], item[1].score), reverse=True)[:NEWEST]]


def _asked(store: Store, topic: Topic) -> list[Mentor]:
    """Those whose word on the topic is wanted."""
    if not topic.mentors:
        return store.mentors()
    wanted = {named(store, name).slug for name in topic.mentors}
    return [mentor for mentor in store.mentors() if mentor.slug in wanted]
