"""SQLite FTS5 over a table of passages, stemmed by its own Porter stemmer; it has no misspelt words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.asks import Ask
from benchmarks.engines import NotOffered
from benchmarks.talks import BenchTalk, Piece, Row

_TABLES = """
CREATE TABLE passages (
    id INTEGER PRIMARY KEY, video TEXT, lecturer TEXT, title TEXT, date TEXT,
    start_ms INTEGER, end_ms INTEGER, text TEXT
);
CREATE VIRTUAL TABLE words USING fts5 (text, content='passages', content_rowid='id', tokenize='porter unicode61');
"""
_INDEXES = "CREATE INDEX lecturers ON passages (lecturer); CREATE INDEX dates ON passages (date);"
_INSERT = "INSERT INTO passages (video, lecturer, title, date, start_ms, end_ms, text) VALUES (?, ?, ?, ?, ?, ?, ?)"
_FOUND = "FROM words JOIN passages ON passages.id = words.rowid WHERE words MATCH ?"


class Engine:
    """The text is kept once, in the table; the index refers to it."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "fts5.db")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")

    def build(self, talks: Iterable[BenchTalk]) -> None:
        self._db.executescript(_TABLES)
        self._db.executemany(_INSERT, self._rows(talks))
        self._db.execute("INSERT INTO words (words) VALUES ('rebuild')")
        self._db.executescript(_INDEXES)
        self._db.commit()
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def add(self, talks: Iterable[BenchTalk]) -> None:
        for row in self._rows(talks):
            number = self._db.execute(_INSERT, row).lastrowid
            self._db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, row[-1]))
        self._db.commit()

    def open(self) -> None:
        """The connection made at first sees all that is added."""

    def answer(self, ask: Ask) -> list[Row]:
        match, condition, values = _meaning(ask), "", []
        if ask.kind == "lecturer":  # the plus keeps SQLite from reading all passages of a lecturer
            condition, values = "AND +passages.lecturer = ?", [ask.lecturer]
        if ask.kind == "dates":
            condition, values = "AND +passages.date BETWEEN ? AND ?", [ask.since, ask.until]
        columns = "passages.text, passages.video, passages.start_ms"
        if ask.kind == "highlight":
            columns += ", snippet(words, 0, '<', '>', '…', 40)"
        order = "passages.date DESC, passages.id DESC" if ask.kind == "newest" else "rank"
        rows = self._all(f"SELECT {columns} {_FOUND} {condition} ORDER BY {order} LIMIT 10", [match, *values])
        if ask.kind == "facet":
            self._all(f"SELECT lecturer, count(*) {_FOUND} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10", [match])
        return [Row(*row[:3]) for row in rows]

    def version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    def _all(self, sql: str, values: list[str]) -> list[Any]:
        return self._db.execute(sql, values).fetchall()

    def _rows(self, talks: Iterable[BenchTalk]) -> Iterator[tuple[Any, ...]]:
        for talk in talks:
            for piece in self._pieces(talk):
                yield talk.video, talk.lecturer, talk.title, talk.date, *piece

    def _pieces(self, talk: BenchTalk) -> Iterable[Piece]:
        return talk.pieces


def _meaning(ask: Ask) -> str:
    if ask.kind == "fuzzy":
        raise NotOffered
    if ask.kind == "phrase":
        return f'"{" ".join(ask.words)}"'
    if ask.kind == "prefix":
        return f"{ask.words[0]}*"
    return (" AND " if ask.kind == "and" else " OR ").join(f'"{word}"' for word in ask.words)
