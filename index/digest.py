"""What is new since one last looked, by topic and lecturer?

New is a talk whose first text came after that moment; better captions of an old talk are no news. A topic is
told of a talk where one moment holds two of its expressions or one twice: a word in passing is not about it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from index.clips import Clip, clips
from index.engine import Engine, Hit
from index.heard import heard
from index.topics import Topic, query_of
from library.errors import UsageError
from library.models import Mentor, Origin, Video
from library.store import Store

#: So many words of a topic in one moment, and the moment is about it.
ABOUT_IT = 2
#: How many moments of a new talk are looked at, best first, to find one that is about a topic.
TRIED = 3
#: How many moments of one lecturer stand under a topic.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class NewTalk:
    """A talk whose text came at ``came_at``; ``length_ms`` is None where it is not known."""

    video: Video
    mentors: tuple[Mentor, ...]
    origin: Origin
    came_at: datetime
    topics: tuple[str, ...]

    @property
    def by(self) -> str:
        """Whom it is followed for."""
        return ", ".join(mentor.name for mentor in self.mentors)


@dataclass(frozen=True, slots=True)
class Heard:
    """The best moments of a lecturer on a topic, one a talk, best first, and in how many talks more there are some."""

    mentor: str
    clips: list[Clip]
    more: int


@dataclass(frozen=True, slots=True)
class Section:
    """A topic, and who spoke of it."""

    topic: Topic
    voices: list[Heard]


@dataclass(frozen=True, slots=True)
class Digest:
    """What came after ``since`` up to ``upto``, the moment from which the next digest goes on.

    ``talks`` holds every new talk, newest first, ``sections`` the topics of which something was said.
    """

    since: datetime
    upto: datetime
    talks: list[NewTalk]
    sections: list[Section]


def digest(store: Store, engine: Engine, topics: Iterable[Topic], since: datetime) -> Digest | None:
    """What came after ``since``; None where nothing did. Raises SearchError.

    The engine should have seen the library as it is now. A topic kept to somebody who is not followed any more, or
    whose name says no longer whom it means, is silent: it must not keep the others from being told.
    """
    came = {video_id: at for video_id, at in store.first_texts().items() if at > since and store.mentors_of(video_id)}
    if not came:
        return None
    sections, told = [], defaultdict(list)
    for topic in topics:
        found = _best(store, topic, _hits(store, engine, topic), came)
        if found:
            sections.append(Section(topic, _voices(found)))
        for clip in found:
            told[clip.video_id].append(topic.title)
    talks = [talk for video_id, at in came.items() if (talk := _talk(store, video_id, at, told[video_id]))]
    talks.sort(key=lambda talk: (talk.video.published_at or talk.came_at, talk.video.id), reverse=True)
    return Digest(since, max(came.values()), talks, sections)


def _hits(store: Store, engine: Engine, topic: Topic) -> Sequence[Hit]:
    try:
        return heard(store, engine, topic).hits
    except UsageError:
        return []


def _best(store: Store, topic: Topic, hits: Iterable[Hit], came: Mapping[str, datetime]) -> list[Clip]:
    """For each new talk the best moment that is about the topic, best first."""
    by_talk: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        if hit.video_id in came and not hit.about and len(by_talk[hit.video_id]) < TRIED:
            by_talk[hit.video_id].append(hit)
    found = []
    for tried in by_talk.values():
        about_it = [clip for clip in clips(tried, query_of(topic), store) if len(clip.highlights) >= ABOUT_IT]
        found += about_it[:1]
    return sorted(found, key=lambda clip: -clip.score)


def _voices(found: Sequence[Clip]) -> list[Heard]:
    by_mentor: dict[str, list[Clip]] = defaultdict(list)
    for clip in found:
        by_mentor[clip.mentor].append(clip)
    return [Heard(mentor, said[:SHOWN], len(said[SHOWN:])) for mentor, said in by_mentor.items()]


def _talk(store: Store, video_id: str, came_at: datetime, topics: Sequence[str]) -> NewTalk | None:
    video, transcript = store.video(video_id), store.transcript(video_id)
    if video is None or transcript is None:
        return None
    return NewTalk(video, tuple(store.mentors_of(video_id)), transcript.origin, came_at, tuple(topics))
