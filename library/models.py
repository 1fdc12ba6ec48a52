"""Which nouns does every part of the program agree on?

Times inside speech are integer milliseconds (``_ms``); moments in the calendar are aware
UTC datetimes (``_at``). All types are immutable.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct


class Kind(StrEnum):
    """Why one listens to a mentor."""

    CAREER = "career"
    INTEREST = "interest"


class ChannelForm(StrEnum):
    """What sort of place a mentor publishes in."""

    CHANNEL = "channel"
    PLAYLIST = "playlist"
    FOLDER = "folder"


class VideoForm(StrEnum):
    """What sort of video it is."""

    VIDEO = "video"
    SHORT = "short"
    LIVE = "live"


class Broadcast(StrEnum):
    """Where a stream or premiere stands; ``NONE`` for anything one can watch now."""

    NONE = "none"
    UPCOMING = "upcoming"
    LIVE = "live"


class Origin(StrEnum):
    """Who wrote the captions."""

    MANUAL = "manual"
    GENERATED = "generated"
    FILE = "file"


class State(StrEnum):
    """What is known about getting a video's text. Every video has exactly one."""

    WAITING = "waiting"
    TEXT = "text"
    NO_CAPTIONS = "no_captions"
    OTHER_LANGUAGE = "other_language"
    UPCOMING = "upcoming"
    LIVE = "live"
    PRIVATE = "private"
    DELETED = "deleted"
    MEMBERS_ONLY = "members_only"
    AGE_RESTRICTED = "age_restricted"
    REGION = "region"
    BLOCKED = "blocked"
    FAILED = "failed"
    UNREADABLE = "unreadable"
    EXCLUDED = "excluded"


#: What to say of a state in a sentence: "12 no captions yet".
STATE_WORDS: dict[State, str] = {
    State.WAITING: "waiting",
    State.TEXT: "with text",
    State.NO_CAPTIONS: "no captions yet",
    State.OTHER_LANGUAGE: "captions in other languages only",
    State.UPCOMING: "upcoming",
    State.LIVE: "live now",
    State.PRIVATE: "private",
    State.DELETED: "deleted",
    State.MEMBERS_ONLY: "members only",
    State.AGE_RESTRICTED: "age-restricted",
    State.REGION: "not available in this country",
    State.BLOCKED: "refused by YouTube for now",
    State.FAILED: "failed, to be tried again",
    State.UNREADABLE: "unreadable caption file",
    State.EXCLUDED: "left out by your rules",
}


class Mentor(Struct, frozen=True):
    """A person whose advice you chose. ``slug`` is the stable name used on the command line."""

    slug: str
    name: str
    kind: Kind = Kind.CAREER
    topics: tuple[str, ...] = ()


class Channel(Struct, frozen=True):
    """One place a mentor publishes: a YouTube channel or playlist, or a folder of caption files.

    ``id`` is YouTube's (``UC…``, ``PL…``) or ``dir:`` and the absolute path of the folder.
    """

    id: str
    form: ChannelForm
    title: str
    handle: str = ""
    video_count: int | None = None


class Chapter(NamedTuple):
    """A part of a video, as the uploader named it."""

    start_ms: int
    title: str


class Video(Struct, frozen=True):
    """One video (or audio, or caption file) as its source lists it.

    ``channel_id`` is the channel that published it, which for an entry of a playlist need not
    be one that is followed. ``language`` is the spoken one (BCP 47), "" where unknown.
    ``url`` is where to watch it; "" stands for YouTube's watch page.
    """

    id: str
    channel_id: str
    title: str
    description: str = ""
    published_at: datetime | None = None
    duration_ms: int | None = None
    language: str = ""
    form: VideoForm = VideoForm.VIDEO
    broadcast: Broadcast = Broadcast.NONE
    tags: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    url: str = ""


class Snippet(Struct, frozen=True, gc=False):
    """A timed line of speech. ``duration_ms`` is its time on screen, so snippets may overlap."""

    start_ms: int
    duration_ms: int
    text: str

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.duration_ms


class Word(Struct, frozen=True, gc=False):
    """A single word and when it is said."""

    start_ms: int
    text: str


class Transcript(Struct, frozen=True):
    """One caption track of a video: snippets in order of their start.

    ``words`` is empty unless the source gives the time of each word.
    """

    video_id: str
    language: str
    origin: Origin
    snippets: tuple[Snippet, ...]
    words: tuple[Word, ...] = ()
