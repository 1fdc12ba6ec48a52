"""Xapian by the bindings of the system's package python3-xapian; it has no misspelt words here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xapian

from benchmarks.asks import Ask
from benchmarks.engines import NotOffered
from benchmarks.talks import BenchTalk, Row

_DATE, _LECTURER = 0, 1
#: Longest term of a lecturer, in bytes; Xapian takes 245.
_LONGEST = 200


class Engine:
    """Text is kept as the data of a document."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder / "xapian")
        self._stem = xapian.Stem("english")
        self._db: Any = None
        self._parser: Any = None

    def build(self, talks: Iterable[BenchTalk]) -> None:
        db = xapian.WritableDatabase(self._folder, xapian.DB_CREATE_OR_OPEN)
        words = xapian.TermGenerator()
        words.set_stemmer(self._stem)
        for talk in talks:
            for start_ms, _, text in talk.pieces:
                document = xapian.Document()
                words.set_document(document)
                words.index_text(text)
                document.add_boolean_term(_lecturer(talk.lecturer))
                document.add_value(_DATE, str(talk.day))
                document.add_value(_LECTURER, talk.lecturer)
                document.set_data(json.dumps([text, talk.video, start_ms]))
                db.add_document(document)
        db.commit()
        db.close()

    add = build

    def open(self) -> None:
        self._db = xapian.Database(self._folder)
        self._parser = xapian.QueryParser()
        self._parser.set_stemmer(self._stem)
        self._parser.set_stemming_strategy(xapian.QueryParser.STEM_SOME)
        self._parser.set_database(self._db)

    def answer(self, ask: Ask) -> list[Row]:
        search = xapian.Enquire(self._db)
        search.set_query(self._meaning(ask))
        checked = 0
        if ask.kind == "newest":
            search.set_sort_by_value(_DATE, True)
        if ask.kind == "facet":
            counter = xapian.ValueCountMatchSpy(_LECTURER)
            search.add_matchspy(counter)
            checked = self._db.get_doccount()
        found = search.get_mset(0, 10, checked)
        rows = [Row(*json.loads(match.document.get_data())) for match in found]
        if ask.kind == "highlight":
            for row in rows:
                found.snippet(row.text, 200, self._stem)
        if ask.kind == "facet":
            list(counter.top_values(10))
        return rows

    def version(self) -> str:
        return str(xapian.version_string())

    def _meaning(self, ask: Ask) -> Any:
        if ask.kind == "fuzzy":
            raise NotOffered
        text = (" AND " if ask.kind == "and" else " ").join(ask.words)
        if ask.kind in ("phrase", "prefix"):
            text = f'"{text}"' if ask.kind == "phrase" else f"{text}*"
        query = self._parser.parse_query(text, xapian.QueryParser.FLAG_DEFAULT | xapian.QueryParser.FLAG_WILDCARD)
        kept = None
        if ask.kind == "lecturer":
            kept = xapian.Query(_lecturer(ask.lecturer))
        if ask.kind == "dates":
            since, until = (day.replace("-", "") for day in (ask.since, ask.until))
            kept = xapian.Query(xapian.Query.OP_VALUE_RANGE, _DATE, since, until)
        return query if kept is None else xapian.Query(xapian.Query.OP_FILTER, query, kept)


def _lecturer(name: str) -> str:
    return "L" + name.encode()[:_LONGEST].decode(errors="ignore")
