"""How does numpy do what ``index.engine.ranking`` does, for very many documents at once?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arrays.top import reached
from index.engine import Sort
from index.engine.ranking import TALK_B, TALK_K1
from index.moments import WHOLE, Columns, Ranked, shown

Numbers = NDArray[Any]

#: So many matches for each moment wanted are put in order at first; more only where those do not do.
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class ArrayColumns:
    """The columns of all documents as arrays, their talks numbered from 0 to ``talk_count``.

    ``norms`` is for each talk what is added to a frequency under the line of BM25.
    """

    plain: Columns
    talks: Numbers
    talk_count: int
    norms: Numbers
    whole: Numbers
    published: Numbers
    alike: Numbers
    alike_most: int

    @classmethod
    def of(cls, columns: Columns) -> ArrayColumns:
        sizes = np.diff(np.asarray(columns.wholes, "i8"), prepend=-1)
        talks = np.repeat(np.arange(len(sizes)), sizes)
        norms = TALK_K1 * (1 - TALK_B + TALK_B * sizes * len(sizes) / max(len(talks), 1))
        ends, alike, published = map(np.asarray, (columns.ends, columns.alike, columns.published))
        return cls(columns, talks, len(sizes), norms, ends == WHOLE, published, alike, int(alike.max(initial=0)))


class ArrayRanking:
    """A Ranking of arrays; ``documents`` ascend."""

    def __init__(self, documents: Any, scores: Any, columns: ArrayColumns) -> None:
        self._columns = columns
        self._documents: Numbers = np.asarray(documents, "i8")
        self._scores: Numbers = np.asarray(scores, "f8")

    def documents(self) -> Numbers:
        return self._documents

    def lift(self, documents: Any, scores: Any) -> None:
        if not len(documents):
            return
        columns = self._columns
        more = np.zeros(columns.talk_count)
        more[columns.talks[np.asarray(documents, "i8")]] = scores
        self._scores = self._scores + more.take(columns.talks.take(self._documents))

    def lift_by_talk(self, words: Iterable[tuple[Any, float]]) -> None:
        columns = self._columns
        more = np.zeros(columns.talk_count)
        for documents, weight in words:
            said = np.bincount(columns.talks.take(documents), minlength=columns.talk_count)
            more += weight * (TALK_K1 + 1) * said / (said + columns.norms)
        self._scores = self._scores + more.take(columns.talks.take(self._documents))

    def keep(self, documents: Any) -> None:
        self._choose(self._among(documents))

    def drop(self, documents: Any) -> None:
        self._choose(~self._among(documents))

    def keep_published(self, since_ms: int, until_ms: int) -> None:
        published = self._columns.published.take(self._documents)
        self._choose((since_ms <= published) & (published < until_ms))

    def best(self, limit: int, sort: Sort) -> tuple[list[Ranked], int]:
        columns = self._columns
        if columns.alike_most:
            self._choose(~_dropped(self._scores, *self._pairs()))
        chief = self._scores if sort == "rank" else columns.published.take(self._documents)
        return shown(self._ranked(chief, _DEPTH * limit), columns.plain, limit), self._count()

    def _ranked(self, chief: Numbers, first: int) -> Iterator[Ranked]:
        """The matches by ``chief``, then score, then number: at first some of the highest, lazily all."""
        highest = np.flatnonzero(chief >= reached(chief, first)) if len(chief) > first else np.arange(len(chief))
        yield from self._ordered(highest, chief)
        if len(highest) < len(chief):
            yield from self._ordered(np.flatnonzero(chief < chief[highest].min()), chief)

    def _ordered(self, places: Numbers, chief: Numbers) -> Iterator[Ranked]:
        scores, documents = self._scores[places], self._documents[places]
        order = np.lexsort((documents, -scores, -chief[places]))
        yield from zip((-scores[order]).tolist(), documents[order].tolist(), strict=True)

    def _among(self, documents: Any) -> Numbers:
        talks = self._columns.talks
        wanted = np.zeros(self._columns.talk_count, bool)
        wanted[talks[np.asarray(documents, "i8")]] = True
        found: Numbers = wanted.take(talks.take(self._documents))
        return found

    def _choose(self, chosen: Numbers) -> None:
        self._documents, self._scores = self._documents.compress(chosen), self._scores.compress(chosen)

    def _count(self) -> int:
        """As ``index.moments.count``: the documents of a talk, its whole one among them, are neighbours."""
        documents, columns = self._documents, self._columns
        whole = np.flatnonzero(columns.whole.take(documents))
        if not len(whole):
            return len(documents)
        talks = columns.talks.take(documents)
        same = np.concatenate(([False], talks[1:] == talks[:-1], [False]))
        return len(documents) - int(np.count_nonzero(same[whole] | same[whole + 1]))

    def _pairs(self) -> tuple[Numbers, Numbers]:
        """The pairs of passages that are the same moment, by their places here, the earlier one first."""
        documents = self._documents
        alike = self._columns.alike.take(documents)
        first = [
            np.flatnonzero(documents[apart:] - documents[:-apart] <= alike[:-apart])
            for apart in range(1, min(self._columns.alike_most + 1, len(documents)))
        ]
        if not first:
            return np.zeros(0, "i8"), np.zeros(0, "i8")
        return np.concatenate(first), np.concatenate([found + apart for apart, found in enumerate(first, 1)])


def _dropped(scores: Numbers, first: Numbers, second: Numbers) -> Numbers:
    """Which passages are like a better one that stays, the earlier of equals being better.

    One that is better than all it is like, of those not yet dropped, stays; what is like it is dropped. Each
    round does that for all talks at once.
    """
    dropped = np.zeros(len(scores), bool)
    ahead = scores[first] >= scores[second]
    better, worse = np.where(ahead, first, second), np.where(ahead, second, first)
    while len(better):
        beaten = np.zeros(len(scores), bool)
        beaten[worse] = True
        dropped[worse[~beaten[better]]] = True
        undecided = ~(dropped[better] | dropped[worse])
        better, worse = better[undecided], worse[undecided]
    return dropped
