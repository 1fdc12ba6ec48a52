"""Where do engines that keep no text find that of a passage?

In a table of SQLite beside the index, which costs building time and room like everybody else's text does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, starmap
from pathlib import Path

from benchmarks.talks import BenchTalk, Row

#: The file's name; what else is in an engine's folder is its index.
FILE = "text.db"

_TABLE = "CREATE TABLE IF NOT EXISTS passages (id INTEGER PRIMARY KEY, video TEXT, start_ms INTEGER, text TEXT)"


class Texts:
    """Passages by number, or by video and start. ``by_start`` makes the index that the latter needs."""

    def __init__(self, folder: Path, *, by_start: bool = False) -> None:
        self._db = sqlite3.connect(folder / FILE)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(_TABLE)
        self._by_start = by_start

    def kept(self, talks: Iterable[BenchTalk]) -> Iterator[tuple[range, BenchTalk]]:
        """Each talk with the numbers of its passages, which are kept. Nothing is on the disk before ``commit``."""
        (last,) = self._db.execute("SELECT coalesce(max(id), 0) FROM passages").fetchone()
        for talk in talks:
            first, last = last + 1, last + len(talk.pieces)
            rows = [(number, talk.video, piece.start_ms, piece.text) for number, piece in enumerate(talk.pieces, first)]
            self._db.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", rows)
            yield range(first, last + 1), talk

    def commit(self) -> None:
        if self._by_start:
            self._db.execute("CREATE INDEX IF NOT EXISTS starts ON passages (video, start_ms)")
        self._db.commit()
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def rows(self, numbers: Iterable[int]) -> list[Row]:
        """Passages in the order of their numbers."""
        wanted = list(numbers)
        return self._each("id = column1", "(?)", len(wanted), wanted)

    def starting(self, places: Iterable[tuple[str, int]]) -> list[Row]:
        """The passages of these videos that begin at these times, in milliseconds."""
        wanted = list(chain.from_iterable(places))
        return self._each("video = column1 AND start_ms = column2", "(?, ?)", len(wanted) // 2, wanted)

    def _each(self, condition: str, marks: str, times: int, values: Sequence[object]) -> list[Row]:
        """The passages of each row of values in turn, by one statement."""
        return list(starmap(Row, self._db.execute(_statement(condition, marks, times), values))) if values else []


@cache
def _statement(condition: str, marks: str, times: int) -> str:
    wanted = ", ".join([marks] * times)
    return f"SELECT text, video, start_ms FROM (VALUES {wanted}) CROSS JOIN passages ON {condition}"
