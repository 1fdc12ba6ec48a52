"""What can be asked of one committed state of the index?"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from index import whoosh_fields as fields
from index.analysis import folded
from index.engine import Filters
from index.moments import Columns
from index.query import Everything, Query
from index.spelling import alike, near
from index.whoosh_parts import ArrayIndex, Every, ExactBM25F, Or, Term
from index.whoosh_query import EXPANSIONS, Translator, Vocabulary, Weights
from index.whoosh_ranking import PlainRanking, Ranking

#: Only what is said varies so in length that the mean tells something: the other fields are short, and empty in
#: most documents. Numbers as in Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3.5.
_WEIGHTING = ExactBM25F(B=0.0, K1=1.2, text_B=0.75)


class Snapshot:
    """One generation of the index. Later commits do not change it."""

    def __init__(self, index: ArrayIndex, weights: Weights) -> None:
        self.generation: int = index.latest_generation()
        self._searcher = index.searcher(weighting=_WEIGHTING)
        self._weights = weights

    def close(self) -> None:
        self._searcher.close()

    @cached_property
    def columns(self) -> Columns:
        """The columns of all documents, read on first use."""
        names = {"talk_key": "Q", "start_ms": "i", "end_ms": "i", "published": "q"}
        return Columns(*(self._column(name, code) for name, code in names.items()))

    def video_id(self, document: int) -> str:
        return str(self._searcher.stored_fields(document)["video"])

    def matches(self, query: Query, filters: Filters) -> Ranking:
        """Every document that matches."""
        translator = self._translator()
        ranking = self._ranking(*self._scored(translator.query(query)))
        ranking.lift(*self._scored(translator.titles(query)))
        for documents in self._allowed(filters):
            ranking.keep(documents)
        for excluding in filters.without:
            ranking.drop(self.matches(Everything(), excluding).documents())
        if filters.since or filters.until:
            since = fields.ms_since_epoch(filters.since) if filters.since else fields.NEVER + 1
            until = fields.ms_since_epoch(filters.until) if filters.until else -fields.NEVER
            ranking.keep_published(since, until)
        return ranking

    def suggest(self, word: str, limit: int) -> list[str]:
        """Words of the library spelt nearly like ``word``; none for a word that is there."""
        reader = self._searcher.reader()

        def frequency(known: str) -> int:
            return int(reader.doc_frequency("surface", known))

        unknown = [part for part in folded(word) if ("surface", part) not in reader]
        return [like for part in unknown for like in near(part, self._vocabulary, frequency, limit)][:limit]

    @cached_property
    def _vocabulary(self) -> list[str]:
        return [term.decode() for term in self._searcher.reader().lexicon("surface")]

    @cached_property
    def _languages(self) -> list[str]:
        tags = (tag.decode() for tag in self._searcher.reader().lexicon("language"))
        return [tag for tag in tags if "-" not in tag]

    @cached_property
    def _lengths(self) -> Any:
        return self._column("lasts_ms", "i")

    def _column(self, name: str, code: str) -> Any:
        """The column of all segments, one after the other; that of a single segment is read in place."""
        readers = [reader for reader, _ in self._searcher.reader().leaf_readers() if reader.doc_count_all()]
        columns = [reader.column_reader(name, translate=False) for reader in readers]
        if len(columns) == 1:
            return columns[0].numbers
        joined = array(code)
        for column in columns:
            joined.frombytes(column.numbers.cast("B"))
        return joined

    def _translator(self, places: Sequence[tuple[str, float]] | None = None) -> Translator:
        return Translator(Vocabulary(self._languages, self._beginning, self._like), self._weights, places)

    def _scored(self, query: Any) -> tuple[Any, Any]:
        """Documents that match, ascending, and their scores: lists, or arrays once numpy is loaded."""
        documents, scores = self._searcher.matches(query)
        return documents, scores

    def _ranking(self, documents: Any, scores: Any) -> Ranking:
        if isinstance(documents, list):
            return PlainRanking(documents, scores, self.columns)
        from index.whoosh_ranking_numpy import ArrayRanking

        return ArrayRanking(documents, scores, self._array_columns)

    @cached_property
    def _array_columns(self) -> Any:
        from index.whoosh_ranking_numpy import ArrayColumns

        return ArrayColumns.of(self.columns)

    def _allowed(self, filters: Filters) -> Iterator[Iterable[int]]:
        """For each filter on talks, the documents of the talks that pass it."""
        if filters.channels is not None:
            yield self._holding("channel", filters.channels)
        if filters.language is not None:
            yield self._holding("language", [filters.language.lower()])
        if filters.origin is not None:
            yield self._holding("origin", [filters.origin.value])
        if filters.longer_ms is not None or filters.shorter_ms is not None:
            yield self._lasting(filters.longer_ms or 0, filters.shorter_ms)
        for title in filters.titles:
            yield self._scored(self._translator([("title", 1.0)]).query(title))[0]

    def _lasting(self, longer_ms: int, shorter_ms: int | None) -> list[int]:
        """The talks of that length, borders included."""
        most = math.inf if shorter_ms is None else shorter_ms
        whole, _ = self._scored(Every("language"))
        return [document for document in whole if longer_ms <= self._lengths[document] <= most]

    def _holding(self, field: str, terms: Iterable[str]) -> Iterable[int]:
        """The talks with any of these terms."""
        documents: Iterable[int] = self._scored(Or([Term(field, term) for term in terms]))[0]
        return documents

    def _beginning(self, beginning: str) -> list[str]:
        """The most frequent words that begin so."""
        reader = self._searcher.reader()
        words = [word.decode() for word in reader.expand_prefix("surface", beginning)]
        if len(words) > EXPANSIONS:
            words.sort(key=lambda word: (-reader.doc_frequency("surface", word), word))
        return words[:EXPANSIONS]

    def _like(self, word: str) -> dict[str, int]:
        """The words spelt so or nearly so, with their mistakes; of very many, those with fewest."""
        reader = self._searcher.reader()
        found = {word: 0} if ("surface", word) in reader else {}
        found |= alike(word, self._vocabulary)
        best = sorted(found, key=lambda known: (found[known], known))
        return {known: found[known] for known in best[:EXPANSIONS]}
