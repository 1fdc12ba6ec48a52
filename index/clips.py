"""What does a person get to see of a hit?

A clip's words follow from its span alone, so an id kept in a note gives the same words next year::

    hit      |-- passage found by the engine --|
    clip        |-- as long, from where it begins --|

``index.beginnings`` tells where a moment begins; that may be before the passage, too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from index.beginnings import beginning_ms
from index.engine import Hit, Reason
from index.excerpts import Highlights, excerpt_of
from index.passages import spoken_end_ms
from index.query import Query
from index.telling import telling_marks
from library.errors import UsageError
from library.models import Kind, Mentor, Origin, Snippet, Transcript, Video
from library.text import one_line
from library.timecode import clock, link_seconds

#: How much of a description is shown, in characters.
ABOUT_LENGTH = 200

_ID = r"(.+)@([0-9]{1,9})-([0-9]{1,9})"


class Clip(Struct, frozen=True):
    """A span of speech ready for people. ``highlights`` are [from, to) offsets into ``text``.

    ``id`` is ``<video id>@<start_ms>-<end_ms>``: the same span always has the same id.
    ``mentor`` holds all names joined by commas, ``kind`` is the first one's; "" and None where the
    mentor is no longer followed.
    ``about`` marks a clip found by the talk's title or description rather than by what is said: it has
    no length, and its text is a piece of the description.
    ``also`` holds clips of other videos that say the same words: the talk uploaded twice, or a piece of it.
    ``reasons`` explain the score, where that was asked for.
    """

    id: str
    video_id: str
    start_ms: int
    end_ms: int
    score: float
    text: str
    highlights: Highlights
    title: str
    mentor: str
    kind: Kind | None
    channel_id: str
    published_at: datetime | None
    language: str
    origin: Origin
    url: str
    about: bool = False
    also: tuple[Clip, ...] = ()
    reasons: tuple[Reason, ...] = ()


class Library(Protocol):
    """What clips need to know of the store."""

    def video(self, video_id: str) -> Video | None: ...

    def transcript(self, video_id: str) -> Transcript | None: ...

    def mentors_of(self, video_id: str) -> Sequence[Mentor]: ...


class _Talk(Struct, frozen=True):
    """A video with its text, read once for all its clips."""

    video: Video
    transcript: Transcript
    mentors: Sequence[Mentor]

    @property
    def length_ms(self) -> int:
        snippets = self.transcript.snippets
        return max(self.video.duration_ms or 0, snippets[-1].end_ms if snippets else 0)


def clips(hits: Iterable[Hit], query: Query, library: Library) -> list[Clip]:
    """A clip for each hit, in the order of the hits; those of videos no longer in the library are dropped.

    Of two hits of a talk the later one begins no earlier than in the
    middle of the other, or than it was found. Each transcript is read once, and only one is held.
    """
    places: dict[str, list[tuple[int, Hit]]] = {}
    for place, hit in enumerate(hits):
        places.setdefault(hit.video_id, []).append((place, hit))
    found = [
        (place, replace(_clip_of(hit, query, talk, _middle_before(hit, placed)), reasons=hit.reasons))
        for video_id, placed in places.items()
        if (talk := _read(video_id, library))
        for place, hit in placed
    ]
    return [clip for _, clip in sorted(found, key=lambda item: item[0])]


def lengthened(clip: Clip, length_ms: int, query: Query, library: Library) -> Clip:
    """The clip, made that long, or as long as the talk goes on; as it is where its video is gone."""
    talk = _read(clip.video_id, library)
    end_ms = clip.start_ms + length_ms
    return _spoken(talk, clip.start_ms, min(talk.length_ms, end_ms), query, clip.score) if talk else clip


def clip_from_id(clip_id: str, library: Library, query: Query | None = None) -> Clip:
    """The clip of an id; its score is 0, and words are highlighted where a query is given.

    Raises UsageError for a malformed id, an unknown video and a span outside of the talk.
    """
    match = re.fullmatch(_ID, clip_id)
    if not match:
        raise UsageError(
            f"{one_line(clip_id)!r} is not a clip",
            hint="a clip is written VIDEO@START-END in milliseconds, as `mentor search --plain` prints it",
        )
    video_id, start_ms, end_ms = match[1], int(match[2]), int(match[3])
    talk = _read(video_id, library)
    if not talk:
        raise UsageError(
            f"no text of a video {one_line(video_id)!r} is in the library",
            hint="`mentor search` finds what is there",
        )
    if start_ms == end_ms == 0:
        return _about(talk, query, 0.0)
    if not start_ms < end_ms <= talk.length_ms:
        raise UsageError(
            f"{clip_id} is not a part of “{one_line(talk.video.title)}”",
            hint=f"the talk ends at {talk.length_ms} ms ({clock(talk.length_ms)})",
        )
    return _spoken(talk, start_ms, end_ms, query, 0.0)


def is_clip_id(text: str) -> bool:
    """Whether ``text`` is written like the id of a clip."""
    return re.fullmatch(_ID, text) is not None


def link(video: Video, start_ms: int) -> str:
    """Where to watch ``video`` from that moment on: rounded down to a whole second, none at the very start.

    Files take the media fragment ``#t=61`` (W3C Media Fragments 1.0, section 4.2.1).
    """
    seconds = link_seconds(start_ms)
    if video.url:
        base = quote(video.url.partition("#")[0], safe="%/:?&=+,;@!$'()*~[]")
        return f"{base}#t={seconds}" if seconds else base
    page = f"https://www.youtube.com/watch?v={quote(video.id, safe='')}"
    return f"{page}&t={seconds}s" if seconds else page


def excerpt(clip: Clip, width: int) -> tuple[str, Highlights]:
    """The best ``width`` characters of a clip and the highlights in them, see ``index.excerpts``."""
    return excerpt_of(clip.text, clip.highlights, width)


def by_talk(clips: Iterable[Clip]) -> list[list[Clip]]:
    """Clips grouped by video: groups in order of their first clip, the clips of each in time order."""
    talks: dict[str, list[Clip]] = {}
    for clip in clips:
        talks.setdefault(clip.video_id, []).append(clip)
    return [sorted(talk, key=lambda clip: (clip.start_ms, clip.end_ms)) for talk in talks.values()]


def within(snippets: Sequence[Snippet], start_ms: int, end_ms: int) -> Sequence[Snippet]:
    """The snippets whose middle lies in the span; where there is none, the one nearest to its start."""

    def twice_the_middle(at: int) -> int:
        return snippets[at].start_ms + spoken_end_ms(snippets, at)

    everywhere = range(len(snippets))
    first = bisect_left(everywhere, 2 * start_ms, key=twice_the_middle)
    last = bisect_left(everywhere, 2 * end_ms, key=twice_the_middle)
    first = max(0, min(first, len(snippets) - 1))
    return snippets[first : max(last, first + 1)]


def joined(snippets: Iterable[Snippet]) -> str:
    """The words of snippets on one line, plain."""
    return " ".join(one_line(snippet.text) for snippet in snippets)


def _read(video_id: str, library: Library) -> _Talk | None:
    video, transcript = library.video(video_id), library.transcript(video_id)
    if video is None or transcript is None:
        return None
    return _Talk(video, transcript, library.mentors_of(video_id))


def _middle_before(hit: Hit, placed: Iterable[tuple[int, Hit]]) -> int:
    """The middle of what was found last before it in the same talk; 0 where nothing was."""
    earlier = [other for _, other in placed if other.start_ms < hit.start_ms]
    return max(((other.start_ms + other.end_ms) // 2 for other in earlier), default=0)


def _clip_of(hit: Hit, query: Query, talk: _Talk, not_before_ms: int) -> Clip:
    if hit.about:
        return _about(talk, query, hit.score)
    transcript = talk.transcript
    start_ms = beginning_ms(transcript.snippets, query, transcript.language, hit.start_ms, hit.end_ms, not_before_ms)
    end_ms = max(hit.end_ms, start_ms + hit.end_ms - hit.start_ms)
    return _spoken(talk, start_ms, min(talk.length_ms, end_ms), query, hit.score)


def _spoken(talk: _Talk, start_ms: int, end_ms: int, query: Query | None, score: float) -> Clip:
    text = joined(within(talk.transcript.snippets, start_ms, end_ms))
    found = telling_marks(text, query, talk.transcript.language)
    return _clip(talk, start_ms, end_ms, text, found, score, about=False)


def _about(talk: _Talk, query: Query | None, score: float) -> Clip:
    """A clip of the whole talk: its description, or its title where only that holds a word."""
    description, title = one_line(talk.video.description), one_line(talk.video.title)
    for text in filter(None, (description, title)):
        found = telling_marks(text, query, talk.transcript.language)
        if found:
            break
    else:
        text, found = description or title, ()
    text, found = excerpt_of(text, found, ABOUT_LENGTH)
    return _clip(talk, 0, 0, text, found, score, about=True)


def _clip(talk: _Talk, start_ms: int, end_ms: int, text: str, found: Highlights, score: float, *, about: bool) -> Clip:
    video, transcript = talk.video, talk.transcript
    return Clip(
        id=f"{video.id}@{start_ms}-{end_ms}",
        video_id=video.id,
        start_ms=start_ms,
        end_ms=end_ms,
        score=score,
        text=text,
        highlights=found,
        title=one_line(video.title),
        mentor=one_line(", ".join(mentor.name for mentor in talk.mentors)),
        kind=talk.mentors[0].kind if talk.mentors else None,
        channel_id=video.channel_id,
        published_at=video.published_at,
        language=transcript.language,
        origin=transcript.origin,
        url=link(video, start_ms),
        about=about,
    )
