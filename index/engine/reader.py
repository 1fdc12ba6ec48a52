"""What can be asked of one committed state of the index?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from heapq import nsmallest
from typing import Any

from index.analysis import folded
from index.arrays.answering import Answers
from index.arrays.edits import edits
from index.arrays.plain import with_any
from index.arrays.plan import Any as AnyOf
from index.arrays.plan import Every, Near, Plan, Term
from index.arrays.snapshot import Snapshot
from index.engine import Filters, Reason
from index.engine import layout as layout
from index.engine.ranking import PlainRanking, Ranking
from index.engine.translating import EXPANSIONS, Translator, Vocabulary, Weights
from index.moments import Columns
from index.query import Everything, Query, positives, show
from index.sounds import beginnings, sound
from index.spelling import alike, allowed, near

#: A word said in this part of all passages tells nothing of a talk.
EVERYWHERE = 0.25

#: One in so many letters, or two, may differ in a word that sounds alike.
FURTHEST = 3


class Reader:
    """Reads one generation of the index. Later commits do not change it."""

    def __init__(self, index: Snapshot, weights: Weights) -> None:
        self.generation = index.generation
        self._index = index
        self._answers = Answers(index)
        self._weights = weights

    @cached_property
    def columns(self) -> Columns:
        """The columns of all documents, read on first use."""
        starts, ends, alike, published = map(self._index.column, ("start_ms", "end_ms", "alike", "published"))
        return Columns(starts, ends, alike, published, with_any("origin", self._index))

    def video_id(self, document: int) -> str:
        return str(self._index.stored("video", document))

    def matches(self, query: Query, filters: Filters) -> Ranking:
        """Every document that matches."""
        translator = self._translator
        ranking = self._ranking(*self._scored(translator.query(query)))
        ranking.lift(*self._scored(translator.titles(query)))
        ranking.lift_by_talk((said, weight) for _, said, weight in self._telling(query))
        for documents in self._allowed(filters):
            ranking.keep(documents)
        for excluding in filters.without:
            ranking.drop(self.matches(Everything(), excluding).documents())
        if filters.since or filters.until:
            since = layout.ms_since_epoch(filters.since) if filters.since else layout.NEVER + 1
            until = layout.ms_since_epoch(filters.until) if filters.until else -layout.NEVER
            ranking.keep_published(since, until)
        return ranking

    def reasons(self, query: Query, hits: Sequence[tuple[str, int, bool]]) -> list[list[Reason]]:
        """Why each hit has its score, heaviest first; a hit is a video, a start in ms, and whether it is all of it."""
        from index.engine.reasons import leaves, lifted, matched

        translator = self._translator
        talks = [self._scored(Term("video", video_id.encode()))[0] for video_id, _, _ in hits]
        wholes = [int(documents[-1]) for documents in talks]
        found = [
            whole if about else next(int(at) for at in documents if self.columns.starts[at] == start_ms)
            for documents, whole, (_, start_ms, about) in zip(talks, wholes, hits, strict=True)
        ]
        reasons: list[list[Reason]] = [[] for _ in found]
        for plan, documents in ((translator.query(query), found), (translator.titles(query), wholes)):
            for leaf in leaves(plan):
                matches = self._scored(leaf)
                for document, of_hit in zip(documents, reasons, strict=True):
                    of_hit += matched(leaf, *matches, document)
        for word, holding, weight in self._telling(query):
            for reason, of_hit in zip(lifted(found, show(word), holding, weight, self.columns), reasons, strict=True):
                of_hit += [reason] if reason.score else []
        return [sorted(of_hit, key=lambda reason: -reason.score) for of_hit in reasons]

    def suggest(self, word: str, limit: int) -> list[str]:
        """Words of the library spelt nearly like ``word``; none for a word that is there."""
        unknown = [part for part in folded(word) if not self._frequency(part)]
        return [like for part in unknown for like in near(part, self._spelt_like(part), self._frequency, limit)][:limit]

    def sounding(self, word: str, limit: int) -> list[str]:
        """Other words that sound like a folded one: one letter that differs weighs as much as ten times the talks."""
        heard, most = sound(word), max(2, (len(word) + 1) // FURTHEST)
        found = []
        for letter in beginnings(word) if heard else ():
            for term, talks in self._index.frequencies("surface", letter.encode()).items():
                other = term.decode()
                if abs(len(other) - len(word)) <= most and sound(other) == heard:
                    found.append((edits(word, other, swaps=True), talks, other))
        likely = [(mistakes - math.log10(talks), other) for mistakes, talks, other in found if 0 < mistakes <= most]
        return [other for _, other in nsmallest(limit, likely)]

    def said(self, word: str) -> int:
        """In how many talks a word is said or written as it is spelt; of several parts, the rarest."""
        return min(map(self._frequency, folded(word)), default=0)

    def _frequency(self, word: str) -> int:
        """In how many talks a word is said as it is spelt."""
        return self._index.df("surface", word.encode())

    @cached_property
    def _languages(self) -> list[str]:
        tags = (tag.decode() for tag in self._index.terms("language"))
        return [tag for tag in tags if "-" not in tag]

    @cached_property
    def _lengths(self) -> Any:
        return self._index.column("lasts_ms")

    @cached_property
    def _translator(self) -> Translator:
        return Translator(self._vocabulary, self._weights)

    @cached_property
    def _of_said(self) -> Translator:
        """Looks only in what is said."""
        return Translator(self._vocabulary, self._weights, [("text", 1.0)])

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        index = self._index
        return Vocabulary(self._languages, index.holds, self._tells, self._beginning, self._characters, self._like)

    def _tells(self, field: str, stems: Sequence[bytes]) -> list[float]:
        """How telling the word is whose forms these stems are, as a multiple of how telling the index takes each for.

        What is said everywhere tells little in a title, too, however rare it is there.
        """
        if not stems:
            return []
        index = self._index
        said = sum(index.df("text", stem) for stem in stems)
        held = sum(index.df(field, stem) for stem in stems)
        share = self._idf(said) / index.idf_of(said)
        return [share * index.idf_of(held) / index.idf(field, stem) for stem in stems]

    def _telling(self, query: Query) -> Iterator[tuple[Query, Any, float]]:
        """Each thing looked for, the passages that hold it, how much it counts; not of what is said everywhere."""
        most = EVERYWHERE * self._index.documents
        for word in dict.fromkeys(positives(query)):
            plan = self._of_said.query(word)
            if self._at_least(plan) < most and 0 < len(documents := self._answers.documents(plan)) < most:
                yield word, documents, self._weights.talk * self._idf(len(documents))

    def _idf(self, documents: int) -> float:
        """How telling it is to be held by so many documents: next to nothing where that is all of them.

        Whoosh's formula has 1 more (Robertson and Sparck Jones, "Relevance weighting of search terms", 1976, F4).
        """
        return math.log(1 + (max(self._index.documents - documents, 0) + 0.5) / (documents + 0.5))

    def _at_least(self, plan: Plan) -> int:
        """In so many documents is found, at least, what a plan looks for, as far as is known without looking."""
        terms = plan.parts if isinstance(plan, AnyOf) else (plan,)
        return max((self._index.df(term.field, term.text) for term in terms if isinstance(term, Term)), default=0)

    def _scored(self, plan: Plan) -> tuple[Any, Any]:
        """Documents that match, ascending, and their scores: lists, or arrays once numpy is loaded."""
        return self._answers.matches(plan)

    def _ranking(self, documents: Any, scores: Any) -> Ranking:
        if isinstance(documents, list):
            return PlainRanking(documents, scores, self.columns)
        from index.engine.ranking_numpy import ArrayRanking

        return ArrayRanking(documents, scores, self._array_columns)

    @cached_property
    def _array_columns(self) -> Any:
        from index.engine.ranking_numpy import ArrayColumns

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
            yield self._scored(Translator(self._vocabulary, self._weights, [("title", 1.0)]).query(title))[0]

    def _lasting(self, longer_ms: int, shorter_ms: int | None) -> list[int]:
        """The talks of that length, borders included."""
        most = math.inf if shorter_ms is None else shorter_ms
        whole, _ = self._scored(Every("language"))
        return [document for document in whole if longer_ms <= self._lengths[document] <= most]

    def _holding(self, field: str, terms: Iterable[str]) -> Iterable[int]:
        """The talks with any of these terms."""
        documents: Iterable[int] = self._scored(AnyOf(tuple(Term(field, term.encode()) for term in terms)))[0]
        return documents

    def _beginning(self, beginning: str) -> list[str]:
        """The most frequent words that begin so."""
        known = self._index.frequencies("surface", beginning.encode())
        words = (
            nsmallest(EXPANSIONS, known, key=lambda word: (-known[word], word)) if len(known) > EXPANSIONS else known
        )
        return [word.decode() for word in words]

    def _characters(self, character: str) -> list[str]:
        """All pairs with this character, and it alone."""
        wanted = character.encode()
        return [word for term in self._index.terms("surface") if wanted in term and len(word := term.decode()) <= 2]

    def _like(self, word: str) -> dict[str, int]:
        """The words spelt so or nearly so, with their mistakes; of very many, those with fewest."""
        found = {word: 0} if self._frequency(word) else {}
        found |= alike(word, self._spelt_like(word))
        best = sorted(found, key=lambda known: (found[known], known))
        return {known: found[known] for known in best[:EXPANSIONS]}

    def _spelt_like(self, word: str) -> Iterator[str]:
        chosen = self._answers.terms("surface", Near(word, allowed(word), swaps=True))
        return (term.decode() for term in chosen)
