"""Which documents match, with which scores, and how is that looked up for some of them?"""

from __future__ import annotations

from typing import Any

import numpy as np

from .streams import Numbers
from .top import highest

Matches = tuple[Numbers, Numbers]

#: So many of the best documents of a term are kept in order.
HEAD = 20

#: So few documents are looked up one by one.
FEW = 256

#: So few documents are found faster in the row than worked out of marks.
_FEWER = 64

#: A term in one of so many documents is frequent.
_ONE_IN = 48

#: Documents of frequent terms are marked by how often they hold it, in a byte each.
_MOST_OFTEN = 255


class Row:
    """Documents that match, in order, each with a factor of its score. What is worked out of them is kept.

    Of one that is remembered, ``size`` is how many documents its segment has.
    """

    __slots__ = ("_head", "_marks", "_peak", "docs", "factors", "frequent", "size")

    def __init__(self, docs: Numbers, factors: Numbers, size: int = 0) -> None:
        self.docs, self.factors, self.size = docs, factors, size
        self.frequent = _ONE_IN * len(docs) > size > 0
        self._marks: Numbers | None = None
        self._head: list[tuple[float, int]] = []
        self._peak = -1.0

    @property
    def nbytes(self) -> int:
        return int(self.docs.nbytes + self.factors.nbytes) + (self.size if self.frequent else 0)

    @property
    def peak(self) -> float:
        """No factor is higher; 0 at least."""
        if self._peak < 0:
            self._peak = float(self.factors.max(initial=0.0))
        return self._peak

    @property
    def head(self) -> list[tuple[float, int]]:
        """The highest factors and their documents, best first: HEAD of them, or all."""
        if not self._head:
            at = highest(self.factors, HEAD)
            at = at.take((-self.factors.take(at)).argsort(kind="stable"))
            self._head = list(zip(self.factors.take(at).tolist(), self.docs.take(at).tolist(), strict=True))
        return self._head

    def marks(self, size: int) -> Numbers:
        """For each of all documents a byte, which is 0 where it does not match."""
        if self._marks is not None:
            return self._marks
        marks = np.zeros(size, "u1")
        marks[self.docs] = self._mark()
        if self.frequent:
            self._marks = marks
        return marks

    def _mark(self) -> Any:
        """What documents that match are marked with."""
        return 1

    def at(self, docs: Numbers) -> Numbers:
        """The factors of some of the documents that match."""
        found: Numbers = self.factors.take(self.docs.searchsorted(docs))
        return found

    def holds(self, docs: Numbers, size: int) -> Numbers:
        """Which of these documents match: few are looked up one by one."""
        few = len(docs) < FEW or (12 * len(docs) < len(self.docs) + 2400 and not self.frequent)
        if few and self._marks is None:
            return self.docs.take(self.docs.searchsorted(docs), mode="clip") == docs if len(self.docs) else docs < 0
        found: Numbers = self.marks(size).take(docs) != 0
        return found


class Postings(Row):
    """The documents that hold a term, with factors by BM25F: how often each holds it is added ``norms`` to.

    Where it is frequent, factors are worked out of its marks, which is faster than to look for documents.
    """

    __slots__ = ("_k1", "_norms", "_tfs")

    def __init__(self, docs: Numbers, tfs: Numbers, norms: Numbers, k1: float, size: int) -> None:
        super().__init__(docs, bm25(tfs, norms.take(docs), k1), size)
        self._norms, self._k1 = norms, k1
        self._tfs = tfs.astype("u1") if self.frequent and tfs.max() <= _MOST_OFTEN else None

    def _mark(self) -> Any:
        return 1 if self._tfs is None else self._tfs

    def at(self, docs: Numbers) -> Numbers:
        if self._tfs is None or len(docs) < (FEW if self._marks is None else _FEWER):
            return super().at(docs)
        return bm25(self.marks(self.size).take(docs), self._norms.take(docs), self._k1)


class Leaf:
    """A row whose factors count ``weight`` times."""

    __slots__ = ("docs", "row", "weight")

    def __init__(self, row: Row, weight: float = 1.0) -> None:
        self.row, self.docs, self.weight = row, row.docs, weight

    @classmethod
    def of(cls, docs: Numbers, scores: Numbers, weight: float = 1.0) -> Leaf:
        """Of documents that nothing else is known of."""
        return cls(Row(docs, scores), weight)

    @property
    def scores(self) -> Numbers:
        return self.row.factors if self.weight == 1.0 else self.row.factors * self.weight

    @property
    def bound(self) -> float:
        """No score is higher."""
        return max(self.row.peak * self.weight, 0.0)

    @property
    def nbytes(self) -> int:
        return self.row.nbytes

    def times(self, boost: float) -> Leaf:
        return self if boost == 1.0 else Leaf(self.row, self.weight * boost)

    def at(self, docs: Numbers) -> Numbers:
        """The scores of some of the documents that match."""
        found: Numbers = self.row.at(docs) * self.weight
        return found

    def holds(self, docs: Numbers, size: int) -> Numbers:
        """Which of these documents match."""
        return self.row.holds(docs, size)

    def among(self, bits: Numbers) -> Leaf:
        """What of it is among the documents of a mask."""
        at = bits.take(self.docs).nonzero()[0]
        return Leaf.of(self.docs.take(at), self.row.factors.take(at), self.weight)


def bm25(weights: Numbers, norms: Numbers, k1: float) -> Numbers:
    """BM25F without the inverse document frequency."""
    found: Numbers = (k1 + 1) * weights / (weights + norms)
    return found


def nothing() -> Matches:
    return np.zeros(0, "i8"), np.zeros(0)


NO_LEAF = Leaf.of(*nothing())
