"""How does numpy do what ``index.whoosh_ranking`` does, for very many documents at once?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.engine import Sort
from index.moments import SHARED, WHOLE, Columns, Ranked, shown

Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ArrayColumns:
    """The columns of all documents as arrays, their talks numbered from 0 to ``talk_count``."""

    plain: Columns
    talks: Numbers
    talk_count: int
    starts: Numbers
    ends: Numbers
    published: Numbers

    @classmethod
    def of(cls, columns: Columns) -> ArrayColumns:
        keys, talks = np.unique(np.asarray(columns.talks), return_inverse=True)
        starts, ends, published = map(np.asarray, (columns.starts, columns.ends, columns.published))
        return cls(columns, talks, len(keys), starts, ends, published)


class ArrayRanking:
    """A Ranking of arrays; ``documents`` ascend."""

    def __init__(self, documents: Any, scores: Any, columns: ArrayColumns) -> None:
        self._columns = columns
        self._documents: Numbers = np.asarray(documents, "i8")
        self._scores: Numbers = np.asarray(scores, "f8")

    def documents(self) -> Numbers:
        return self._documents

    def lift(self, documents: Any, scores: Any) -> None:
        columns = self._columns
        more = np.zeros(columns.talk_count)
        more[columns.talks[np.asarray(documents, "i8")]] = scores
        self._scores = self._scores + more[columns.talks[self._documents]]

    def keep(self, documents: Any) -> None:
        self._choose(self._among(documents))

    def drop(self, documents: Any) -> None:
        self._choose(~self._among(documents))

    def keep_published(self, since_ms: int, until_ms: int) -> None:
        published = self._columns.published[self._documents]
        self._choose((since_ms <= published) & (published < until_ms))

    def best(self, limit: int, sort: Sort) -> tuple[list[Ranked], int]:
        columns = self._columns
        self._choose(~_dropped(self._scores, *self._alike()))
        keys = [self._documents, -self._scores]
        if sort == "date":
            keys.append(-columns.published[self._documents])
        return shown(self._ranked(np.lexsort(keys)), columns.plain, limit), self._count()

    def _ranked(self, order: Numbers) -> Iterator[Ranked]:
        for at in order:
            yield -float(self._scores[at]), int(self._documents[at])

    def _among(self, documents: Any) -> Numbers:
        talks = self._columns.talks
        wanted = np.zeros(self._columns.talk_count, bool)
        wanted[talks[np.asarray(documents, "i8")]] = True
        found: Numbers = wanted[talks[self._documents]]
        return found

    def _choose(self, chosen: Numbers) -> None:
        self._documents, self._scores = self._documents[chosen], self._scores[chosen]

    def _count(self) -> int:
        """As ``index.moments.count``."""
        talks = self._columns.talks[self._documents]
        whole = self._columns.ends[self._documents] == WHOLE
        spoken = np.zeros(self._columns.talk_count, bool)
        spoken[talks[~whole]] = True
        return len(talks) - int(np.count_nonzero(spoken[talks[whole]]))

    def _alike(self) -> tuple[Numbers, Numbers]:
        """The pairs of passages that are the same moment, by their places here, the earlier one first.

        Starts and ends of a talk's passages rise: where none overlaps the k-th after it, none overlaps a later one.
        """
        columns, documents = self._columns, self._documents
        talks, starts, ends = columns.talks[documents], columns.starts[documents], columns.ends[documents]
        lengths = ends - starts
        pairs = [(np.zeros(0, "i8"), np.zeros(0, "i8"))]
        for apart in range(1, len(documents)):
            shared = np.minimum(ends[:-apart], ends[apart:]) - np.maximum(starts[:-apart], starts[apart:])
            overlap = (talks[:-apart] == talks[apart:]) & (shared > 0)
            if not overlap.any():
                break
            alike = overlap & (shared > SHARED * np.minimum(lengths[:-apart], lengths[apart:]))
            earlier = np.flatnonzero(alike)
            pairs.append((earlier, earlier + apart))
        first, second = (np.concatenate(column) for column in zip(*pairs, strict=True))
        return first, second


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
