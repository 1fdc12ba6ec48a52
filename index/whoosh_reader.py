"""What can be asked of one committed state of a Whoosh index?"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from index import whoosh_fields as fields
from index.analysis import folded
from index.engine import Filters
from index.moments import WHOLE, Columns, Ranked
from index.query import Everything, Query
from index.spelling import alike, near
from index.whoosh_parts import FileIndex
from index.whoosh_query import EXPANSIONS, Translator, Vocabulary, Weights
from index.whoosh_scoring import Scoring, scores


class Snapshot:
    """One generation of the index. Later commits do not change it."""

    def __init__(self, index: FileIndex, weights: Weights) -> None:
        self.generation: int = index.latest_generation()
        self._searcher = index.searcher(weighting=Scoring())
        self._weights = weights

    def close(self) -> None:
        self._searcher.close()

    @cached_property
    def columns(self) -> Columns:
        """The columns of all segments one after the other, read on first use."""
        names = {"talk_key": "Q", "start_ms": "i", "end_ms": "i", "published": "q"}
        return Columns(*(self._column(name, code) for name, code in names.items()))

    def video_id(self, document: int) -> str:
        return str(self._searcher.stored_fields(document)["video"])

    def matches(self, query: Query, filters: Filters) -> list[Ranked]:
        """Every document that matches, in no order."""
        translator = self._translator()
        talks, published = self.columns.talks, self.columns.published
        titles = {talks[document]: score for document, score in self._scored(translator.titles(query))}
        found = self._scored(translator.query(query))
        ranked = [(-score - titles.get(talks[document], 0.0), document) for document, score in found]
        for allowed in self._allowed(filters):
            ranked = [match for match in ranked if talks[match[1]] in allowed]
        for excluding in filters.without:
            excluded = self._passing(excluding)
            ranked = [match for match in ranked if talks[match[1]] not in excluded]
        if filters.since or filters.until:
            since = fields.ms_since_epoch(filters.since) if filters.since else fields.NEVER + 1
            until = fields.ms_since_epoch(filters.until) if filters.until else -fields.NEVER
            ranked = [match for match in ranked if since <= published[match[1]] < until]
        return ranked

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
    def _lengths(self) -> array[int]:
        return self._column("lasts_ms", "i")

    def _column(self, name: str, code: str) -> array[int]:
        """The column of all segments, one after the other."""
        column = array(code)
        for reader, _ in self._searcher.reader().leaf_readers():
            if reader.doc_count_all():
                column.extend(reader.column_reader(name, translate=False))
        return column

    def _translator(self, places: Sequence[tuple[str, float]] | None = None) -> Translator:
        return Translator(Vocabulary(self._languages, self._beginning, self._like), self._weights, places)

    def _scored(self, query: Any) -> Iterator[tuple[int, float]]:
        """Numbers and scores of the documents that match, in no order."""
        for leaf, offset in self._searcher.leaf_searchers():
            for document, score in scores(query, leaf).items():
                yield document + offset, score

    def _allowed(self, filters: Filters) -> Iterator[set[int]]:
        """For each filter on talks, the talks that pass it."""
        if filters.channels is not None:
            yield self._talks("channel", filters.channels)
        if filters.language is not None:
            yield self._talks("language", [filters.language.lower()])
        if filters.origin is not None:
            yield self._talks("origin", [filters.origin.value])
        if filters.longer_ms is not None or filters.shorter_ms is not None:
            yield self._lasting(filters.longer_ms or 0, filters.shorter_ms)
        for title in filters.titles:
            found = self._translator([("title", 1.0)]).query(title)
            yield {self.columns.talks[document] for document, _ in self._scored(found)}

    def _passing(self, filters: Filters) -> set[int]:
        """The talks that pass all of ``filters``."""
        talks = self.columns.talks
        return {talks[document] for _, document in self.matches(Everything(), filters)}

    def _lasting(self, longer_ms: int, shorter_ms: int | None) -> set[int]:
        """The talks of that length, borders included."""
        columns = self.columns
        most = math.inf if shorter_ms is None else shorter_ms
        return {
            talk
            for talk, end, lasts_ms in zip(columns.talks, columns.ends, self._lengths, strict=True)
            if end == WHOLE and longer_ms <= lasts_ms <= most
        }

    def _talks(self, field: str, terms: Iterable[str]) -> set[int]:
        reader = self._searcher.reader()
        return {
            self.columns.talks[document]
            for term in terms
            if (field, term) in reader
            for document in reader.postings(field, term).all_ids()
        }

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
