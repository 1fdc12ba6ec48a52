"""In which form do the engines under test get their talks?

A corpus is a file of JSON Lines, a talk a line, cut into passages already, so that every engine gets the
same ones and reading costs all of them the same. Only the standard library is needed, since some engines run
in an interpreter of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple


class Piece(NamedTuple):
    """A passage of a talk, or one line of captions."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class BenchTalk:
    """A talk and its passages in order of time. ``date`` is ``YYYY-MM-DD``, ``language`` a BCP 47 tag."""

    video: str
    lecturer: str
    title: str
    date: str
    language: str
    pieces: tuple[Piece, ...]

    @property
    def day(self) -> int:
        """The date as a number that sorts: 20240131."""
        return _day(self.date)


@lru_cache
def _day(date: str) -> int:
    return int(date.replace("-", ""))


#: How many words a line of captions has.
_LINE_WORDS = 8


def lines(talk: BenchTalk) -> Iterator[Piece]:
    """Passages as lines of captions, eight words each, lazily."""
    for piece in talk.pieces:
        words = piece.text.split()
        word_ms = (piece.end_ms - piece.start_ms) / max(1, len(words))
        for at in range(0, len(words), _LINE_WORDS):
            said = words[at : at + _LINE_WORDS]
            start_ms = piece.start_ms + round(at * word_ms)
            yield Piece(start_ms, start_ms + round(len(said) * word_ms), " ".join(said))


class Row(NamedTuple):
    """A passage of a hit, as an engine must hand it over."""

    text: str
    video: str
    start_ms: int


def read(path: Path, first: int = 0, count: int | None = None) -> Iterator[BenchTalk]:
    """Talks of a corpus, lazily: ``count`` of them from number ``first`` on; None for all the rest."""
    with path.open(encoding="utf-8") as file:
        for line in islice(file, first, None if count is None else first + count):
            video, lecturer, title, date, language, pieces = json.loads(line)
            yield BenchTalk(video, lecturer, title, date, language, tuple(map(Piece._make, pieces)))


def write(path: Path, talks: Iterable[BenchTalk]) -> None:
    """Talks as they come; the file appears under its name when it is complete."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        for talk in talks:
            about = [talk.video, talk.lecturer, talk.title, talk.date, talk.language]
            file.write(json.dumps([*about, talk.pieces], ensure_ascii=False) + "\n")
    fresh.replace(path)
