"""What is done with all that matched, until the best of it can be shown?

Filters and titles speak of whole talks, so each takes documents and means the talks they belong to. There are
two ways: this one in plain Python, and ``index.engine.ranking_numpy`` for when numpy is loaded anyway.

A talk is scored by BM25, too, as if each of its passages were a word of it: what is said again and again in a talk
is what it is about. K1 is higher than for passages, since a talk is longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from operator import add
from typing import Protocol

from index.engine import Sort
from index.moments import Columns, Ranked, count, moments, shown

TALK_K1, TALK_B = 5.0, 0.75

#: So many matches for each moment wanted are put in order at first; more only where those do not do.
_DEPTH = 4


class Ranking(Protocol):
    """Documents that match, and their scores."""

    def documents(self) -> Iterable[int]:
        """Their numbers, in no order."""
        ...

    def lift(self, documents: Iterable[int], scores: Iterable[float]) -> None:
        """Add these scores to all documents of the same talks."""
        ...

    def lift_by_talk(self, words: Iterable[tuple[Iterable[int], float]]) -> None:
        """Add to the scores of a talk's documents by how many of them hold each word.

        ``words`` are the documents that hold a word, without repeats and in no order, and how much that word counts.
        """
        ...

    def keep(self, documents: Iterable[int]) -> None:
        """Leave only what is of the same talks as these documents."""
        ...

    def drop(self, documents: Iterable[int]) -> None:
        """Leave out what is of the same talks as these documents."""
        ...

    def keep_published(self, since_ms: int, until_ms: int) -> None:
        """Leave only what was published then; ``until_ms`` is exclusive."""
        ...

    def best(self, limit: int, sort: Sort) -> tuple[list[Ranked], int]:
        """The first ``limit`` moments, and how many there are."""
        ...


class PlainRanking:
    """A Ranking in plain Python; ``documents`` ascend."""

    def __init__(self, documents: Sequence[int], scores: Sequence[float], columns: Columns) -> None:
        self._documents, self._scores, self._columns = documents, scores, columns
        self._runs = list(columns.talks(documents))

    def documents(self) -> Sequence[int]:
        return self._documents

    def scores(self) -> Sequence[float]:
        """Of each document its score."""
        return self._scores

    def lift(self, documents: Iterable[int], scores: Iterable[float]) -> None:
        self._add(dict(zip(map(self._columns.talk, documents), scores, strict=True)))

    def lift_by_talk(self, words: Iterable[tuple[Iterable[int], float]]) -> None:
        columns = self._columns
        count, total = len(columns.wholes), len(columns.starts)
        more: dict[int, float] = {}
        for documents, weight in words:
            most = weight * (TALK_K1 + 1)
            for talk, begin, beyond in columns.talks(sorted(documents)):
                said = beyond - begin
                norm = TALK_K1 * (1 - TALK_B + TALK_B * columns.length(talk) * count / total)
                more[talk] = more.get(talk, 0.0) + most * said / (said + norm)
        self._add(more)

    def keep(self, documents: Iterable[int]) -> None:
        wanted = self._talks(documents)
        self._choose(lambda talk: talk in wanted)

    def drop(self, documents: Iterable[int]) -> None:
        excluded = self._talks(documents)
        self._choose(lambda talk: talk not in excluded)

    def keep_published(self, since_ms: int, until_ms: int) -> None:
        published, wholes = self._columns.published, self._columns.wholes
        self._choose(lambda talk: since_ms <= published[wholes[talk]] < until_ms)

    def best(self, limit: int, sort: Sort) -> tuple[list[Ranked], int]:
        columns = self._columns
        kept = moments(self._documents, self._scores, columns)
        documents, scores = [self._documents[at] for at in kept], [self._scores[at] for at in kept]
        chief = scores if sort == "rank" else [columns.published[document] for document in documents]
        ranked = _ranked(documents, scores, chief, _DEPTH * limit)
        return shown(ranked, columns, limit), count(documents, columns)

    def _add(self, more: Mapping[int, float]) -> None:
        """Add these scores to all documents of the same talks."""
        if more:
            lifts = (repeat(more.get(talk, 0.0), beyond - begin) for talk, begin, beyond in self._runs)
            self._scores = list(map(add, self._scores, chain.from_iterable(lifts)))

    def _choose(self, wanted: Callable[[int], bool]) -> None:
        """Leave only the documents of these talks."""
        runs = [(begin, beyond) for talk, begin, beyond in self._runs if wanted(talk)]
        self._documents = [document for begin, beyond in runs for document in self._documents[begin:beyond]]
        self._scores = [score for begin, beyond in runs for score in self._scores[begin:beyond]]
        self._runs = list(self._columns.talks(self._documents))

    def _talks(self, documents: Iterable[int]) -> set[int]:
        return set(map(self._columns.talk, documents))


def _ranked(documents: Sequence[int], scores: Sequence[float], chief: Sequence[float], first: int) -> Iterator[Ranked]:
    """The matches by ``chief``, then score, then number: at first some of the highest, lazily all."""
    matches = list(zip(chief, scores, documents, strict=True))
    if len(matches) > first:
        least = sorted(chief)[-first]
        highest = [match for match in matches if match[0] >= least]
        yield from _ordered(highest)
        matches = [match for match in matches if match[0] < least]
    yield from _ordered(matches)


def _ordered(matches: Iterable[tuple[float, float, int]]) -> Iterator[Ranked]:
    for _, score, document in sorted((-chief, -score, document) for chief, score, document in matches):
        yield score, document
