"""tantivy by its Python package: text kept in the index, compressed; English stems."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Query

from benchmarks.asks import Ask
from benchmarks.talks import BenchTalk, Row

_BUILDING_BYTES, _ADDING_BYTES = 200_000_000, 50_000_000


class Engine:
    """Builds with two threads, its own default being one for each core."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: Any = None
        self._searcher: Any = None

    def build(self, talks: Iterable[BenchTalk]) -> None:
        index = tantivy.Index(_schema(), path=str(self._folder))
        self._take_in(index.writer(heap_size=_BUILDING_BYTES, num_threads=2), talks)

    def add(self, talks: Iterable[BenchTalk]) -> None:
        index = tantivy.Index.open(str(self._folder))
        self._take_in(index.writer(heap_size=_ADDING_BYTES, num_threads=1), talks)

    def open(self) -> None:
        self._index = tantivy.Index.open(str(self._folder))
        self._searcher = self._index.searcher()

    def answer(self, ask: Ask) -> list[Row]:
        query = self._filtered(ask, self._meaning(ask))
        order: dict[str, Any] = {"order_by_field": "date", "order": tantivy.Order.Desc} if ask.kind == "newest" else {}
        hits = self._searcher.search(query, limit=10, count=False, **order).hits
        found = [self._searcher.doc(address) for _, address in hits]
        if ask.kind == "highlight":
            snippets = tantivy.SnippetGenerator.create(self._searcher, query, self._index.schema, "text")
            for document in found:
                snippets.snippet_from_doc(document).to_html()
        if ask.kind == "facet":
            self._searcher.aggregate(query, {"lecturers": {"terms": {"field": "lecturer", "size": 10}}})
        return [Row(document["text"][0], document["video"][0], document["start_ms"][0]) for document in found]

    def version(self) -> str:
        return str(tantivy.__version__)

    def _take_in(self, writer: Any, talks: Iterable[BenchTalk]) -> None:
        for talk in talks:
            about = {"video": talk.video, "lecturer": talk.lecturer, "title": talk.title, "date": talk.day}
            for start_ms, end_ms, text in talk.pieces:
                writer.add_document(tantivy.Document(**about, start_ms=start_ms, end_ms=end_ms, text=text))
        writer.commit()
        writer.wait_merging_threads()

    def _meaning(self, ask: Ask) -> Any:
        schema = self._index.schema
        if ask.kind == "fuzzy":
            return Query.fuzzy_term_query(schema, "text", ask.words[0], distance=2, transposition_cost_one=True)
        if ask.kind == "prefix":
            return Query.regex_query(schema, "text", f"{ask.words[0]}.*")
        text = (" AND " if ask.kind == "and" else " ").join(ask.words)
        return self._index.parse_query(f'"{text}"' if ask.kind == "phrase" else text, ["text"])

    def _filtered(self, ask: Ask, query: Any) -> Any:
        schema = self._index.schema
        if ask.kind == "lecturer":
            kept = Query.term_query(schema, "lecturer", ask.lecturer)
        elif ask.kind == "dates":
            since, until = (int(day.replace("-", "")) for day in (ask.since, ask.until))
            kept = Query.range_query(schema, "date", tantivy.FieldType.Integer, since, until)
        else:
            return query
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, Query.const_score_query(kept, 0.0))])


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in ("video", "lecturer"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", fast=True)
    builder.add_text_field("title", stored=True, tokenizer_name="raw")
    builder.add_integer_field("date", stored=True, indexed=True, fast=True)
    for name in ("start_ms", "end_ms"):
        builder.add_integer_field(name, stored=True)
    builder.add_text_field("text", stored=True, tokenizer_name="en_stem")
    return builder.build()
