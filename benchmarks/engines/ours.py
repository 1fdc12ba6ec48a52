"""The program's own engine, through the protocol that every part of the program uses.

A lecturer is a followed channel. The protocol has no misspelt words and no counts by lecturer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.asks import Ask
from benchmarks.engines import NotOffered
from benchmarks.engines.texts import Texts
from benchmarks.talks import BenchTalk, Row
from index.engine import Filters, Seen, Talk
from index.engine.layout import SCHEMA
from index.engine.whoosh_engine import WhooshEngine
from index.excerpts import excerpt_of
from index.marking import highlight
from index.passages import Passage
from index.query import And, Or, Phrase, Prefix, Query, Word
from library.models import Origin, Video


class Engine:
    """Text comes from the same table as the text of engines that keep none."""

    def __init__(self, folder: Path) -> None:
        self._texts = Texts(folder, by_start=True)
        self._folder = folder / "index"
        self._engine = WhooshEngine(self._folder)

    def build(self, talks: Iterable[BenchTalk]) -> None:
        for _, talk in self._texts.kept(talks):
            self._engine.replace(
                _talk(talk), (Passage(piece.start_ms, piece.end_ms, piece.text) for piece in talk.pieces)
            )
        self._texts.commit()
        self._engine.commit(Seen("benchmark", 1, SCHEMA))

    add = build

    def open(self) -> None:
        self._engine.close()
        self._engine = WhooshEngine(self._folder)

    def answer(self, ask: Ask) -> list[Row]:
        query = _meaning(ask)
        found = self._engine.search(query, _filters(ask), 10, "date" if ask.kind == "newest" else "rank")
        rows = self._texts.starting((hit.video_id, hit.start_ms) for hit in found.hits)
        if ask.kind == "highlight":
            for row in rows:
                excerpt_of(row.text, tuple(highlight(row.text, query, "en")), 200)
        return rows

    def version(self) -> str:
        return f"schema {SCHEMA}"


def _talk(talk: BenchTalk) -> Talk:
    published_at = datetime.fromisoformat(talk.date).replace(tzinfo=UTC)
    video = Video(talk.video, talk.lecturer, talk.title, published_at=published_at)
    return Talk(video, (talk.lecturer,), talk.language, Origin.MANUAL)


def _filters(ask: Ask) -> Filters:
    if ask.kind == "lecturer":
        return Filters(channels=frozenset([ask.lecturer]))
    if ask.kind == "dates":
        since, until = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (ask.since, ask.until))
        return Filters(since=since, until=until + timedelta(days=1))
    return Filters()


def _meaning(ask: Ask) -> Query:
    if ask.kind in ("fuzzy", "facet"):
        raise NotOffered
    if ask.kind == "phrase":
        return Phrase(tuple(ask.words))
    if ask.kind == "prefix":
        return Prefix(ask.words[0])
    words = tuple(map(Word, ask.words))
    if len(words) == 1:
        return words[0]
    return And(words) if ask.kind == "and" else Or(words)
