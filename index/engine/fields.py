"""What does a Whoosh index of the library hold?

Two kinds of document. A *passage* holds what is said in a window of a talk; a *talk* holds what its
uploader says about it, who published it, and its vocabulary as spelt. Neither keeps text.

=========  ========  ======================================================================
field      document  what
=========  ========  ======================================================================
text       passage   stems in the order they are said, with places
chapter    passage   stems of the title of its chapter, with places
about      talk      stems of title, description and tags, with places
title      talk      stems of the title, with places; they add to the score of the talk's passages
surface    talk      its folded words, unstemmed: prefixes and suggestions come from here
channel    talk      ids of the followed channels that list it
language   talk      the language tag in small letters, and its primary subtag; never empty
origin     talk      who wrote the captions: manual, generated or file
video      both      the video's id, the only thing stored
start_ms   both      column, as is end_ms, which is WHOLE for a talk
alike      passage   column: how many of the passages after it are the same moment
published  both      column: when, in milliseconds since 1970, NEVER where unknown
lasts_ms   talk      column: its length; where unknown, the end of its last passage
=========  ========  ======================================================================

What holds for a whole talk is kept once, not in each of its passages: an engine finds the talks that
pass a filter and looks up which of them a passage belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from index.analysis import folded_each, primary, stems_of_each, without_sounds
from index.arrays.wording import Wording
from index.engine import Talk
from index.engine.layout import NEVER, UNKNOWN, ms_since_epoch
from index.engine.parts import COLUMN, ID, Existence, FieldType, NumericColumn, Positions, Schema
from index.moments import WHOLE, alike_after
from index.passages import Passage

Posting = tuple[bytes, int, float, bytes]


class Worded(FieldType):  # type: ignore[misc]
    """Takes a ``Wording``. With places, the number of its terms is the length that scores are set against."""

    def __init__(self, *, placed: bool) -> None:
        super().__init__(Positions() if placed else Existence(), None, scorable=placed)

    def wording(self, value: Wording) -> Wording:
        """What the index's writer asks for."""
        return value


class Listed(FieldType):  # type: ignore[misc]
    """Takes different terms, and keeps that they are there."""

    def __init__(self) -> None:
        super().__init__(Existence(), None, scorable=False)

    def index(self, value: Iterable[str], **_: object) -> Iterator[Posting]:
        for term in value:
            yield term.encode(), 1, 1.0, b""


def schema() -> Schema:
    """The fields above, as Whoosh wants them; it is pickled into every index."""
    return Schema(
        text=Worded(placed=True),
        chapter=Worded(placed=True),
        about=Worded(placed=True),
        title=Worded(placed=True),
        surface=Worded(placed=False),
        channel=Listed(),
        language=Listed(),
        origin=Listed(),
        video=ID(stored=True),
        start_ms=COLUMN(NumericColumn("i")),
        end_ms=COLUMN(NumericColumn("i")),
        alike=COLUMN(NumericColumn("H")),
        published=COLUMN(NumericColumn("q")),
        lasts_ms=COLUMN(NumericColumn("i")),
    )


Fields = dict[str, Any]
Stems = Callable[[Sequence[str]], list[str]]


def documents(talk: Talk, passages: Iterable[Passage]) -> tuple[Fields, dict[str, Sequence[Any]], Fields]:
    """What the passages' documents have in common, what each of them has, and the document of the talk."""
    cut = list(passages)
    stems = stems_of_each(talk.language or UNKNOWN)
    common = _common(talk)
    texts = [[without_sounds(part) for part in passage.parts or (passage.text,)] for passage in cut]
    each: dict[str, Sequence[Any]] = {
        "text": [Wording(said, stems) for said in texts],
        "chapter": [_titled(passage.chapter, stems) for passage in cut],
        "start_ms": [passage.start_ms for passage in cut],
        "end_ms": [passage.end_ms for passage in cut],
        "alike": alike_after([(passage.start_ms, passage.end_ms) for passage in cut]),
    }
    lasts_ms = talk.video.duration_ms or (cut[-1].end_ms if cut else 0)
    said = list(dict.fromkeys(chain.from_iterable(texts)))
    return common, each, common | _about(talk, stems, said) | {"lasts_ms": lasts_ms}


def _common(talk: Talk) -> dict[str, Any]:
    published_at = talk.video.published_at
    return {
        "video": talk.video.id,
        "published": ms_since_epoch(published_at) if published_at else NEVER,
    }


def _titled(chapter: str, stems: Stems) -> Wording | None:
    return Wording([without_sounds(chapter)], stems) if chapter else None


def _about(talk: Talk, stems: Stems, said: list[str]) -> dict[str, Any]:
    video = talk.video
    language = talk.language or UNKNOWN
    title = without_sounds(video.title)
    words = [title, without_sounds(_prose(video.description)), without_sounds(" ".join(video.tags))]
    return {
        "about": Wording(words, stems),
        "title": Wording([title], stems),
        "surface": Wording(said + words, folded_each),
        "channel": talk.channels,
        "language": sorted({language.lower(), primary(language)}),
        "origin": [talk.origin.value],
        "start_ms": 0,
        "end_ms": WHOLE,
    }


_LINKS = re.compile(r"https?://\S+|www\.\S+")
_CHAPTER_LINE = re.compile(r"^\W*(?:\d{1,2}:)?\d{1,2}:\d{2}\b.*$", re.MULTILINE)


def _prose(description: str) -> str:
    """A description without links and the list of chapters, which each passage has its own of."""
    return _CHAPTER_LINE.sub(" ", _LINKS.sub(" ", description))
