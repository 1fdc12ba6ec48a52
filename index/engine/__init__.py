"""What does the program ask of a search engine?

An engine is a view on the library: it can be deleted and built again. It keeps no text; hits name
a video and a span of time, and ``index.clips`` fetches the words from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from index.passages import Passage
from index.query import Query
from library.models import Origin, Video

Sort = Literal["rank", "date"]


class Talk(Struct, frozen=True):
    """A video as the engine sees it: ``channels`` are the followed ones that list it."""

    video: Video
    channels: tuple[str, ...]
    language: str
    origin: Origin


class Seen(Struct, frozen=True):
    """How much of which library an engine has taken in."""

    store_id: str
    revision: int
    schema: str


class Filters(Struct, frozen=True):
    """What the talk of a hit must fulfil; None asks for nothing. ``until`` is exclusive, lengths are not.

    Each of ``titles`` must match its title, and it must not pass any of ``without``.
    """

    channels: frozenset[str] | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    longer_ms: int | None = None
    shorter_ms: int | None = None
    origin: Origin | None = None
    titles: tuple[Query, ...] = ()
    without: tuple[Filters, ...] = ()


class Reason(Struct, frozen=True):
    """A part of a hit's score: the forms that matched, and where.

    ``place`` is the field (``text`` for what is said), where several ``forms`` stand in a row, or ``talk`` for what all
    of the talk adds, where the form is what was typed.
    """

    place: str
    forms: tuple[str, ...]
    score: float


class Hit(Struct, frozen=True):
    """A span of a video that answers the query; ``about`` marks one found by title or description only."""

    video_id: str
    start_ms: int
    end_ms: int
    score: float
    about: bool = False
    reasons: tuple[Reason, ...] = ()


class Hits(Struct, frozen=True):
    """The best hits, best first, and how many moments there are in all."""

    hits: list[Hit] = []
    total: int = 0


class Engine(Protocol):
    """Finds passages. One writer at a time; readers see whole commits only."""

    def replace(self, talk: Talk, passages: Iterable[Passage]) -> None:
        """Take in a video's passages, in order of time, in place of those it had. Visible after ``commit``."""
        ...

    def remove(self, video_id: str) -> None:
        """Forget a video. Visible after ``commit``."""
        ...

    def commit(self, seen: Seen) -> None:
        """Make what was written visible at once, and note how far the library was read."""
        ...

    def seen(self) -> Seen | None:
        """What the last commit noted; None for an engine that holds nothing yet."""
        ...

    def search(self, query: Query, filters: Filters, limit: int, sort: Sort = "rank") -> Hits:
        """The best ``limit`` hits, best first or newest first; overlapping passages of a video are one hit.

        A talk that only its title, description or tags speak for is a hit without length, unless a
        passage of it is among the hits. Raises IndexMissing before the first commit.
        """
        ...

    def explained(self, hits: Sequence[Hit], query: Query) -> list[Hit]:
        """Hits of a search with the ``reasons`` for their scores, heaviest first."""
        ...

    def suggest(self, word: str, limit: int = 3) -> list[str]:
        """Words of the library spelt nearly like ``word``, likeliest first."""
        ...

    def sounding(self, word: str, limit: int) -> list[str]:
        """Other words of the library that sound like a folded one: likeliest first: spelt alike and often said."""
        ...

    def said(self, word: str) -> int:
        """In how many talks a word is said or written as it is spelt."""
        ...

    def verify(self) -> None:
        """Read all that is kept and compare it with what was written. Raises SearchError where it differs."""
        ...

    def close(self) -> None:
        """Let go of files. Nothing uncommitted is kept."""
        ...
