"""Which documents match, with which scores, and how is that looked up for some of them?"""

from __future__ import annotations

from typing import Any, NamedTuple

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

#: To look up a document takes as long as to mark so many, and to begin with marks as long as to mark so many.
_LOOKED_UP, _BEGUN = 12, 2400

#: A term in one of so many documents is frequent.
_ONE_IN = 48

#: Of so many documents it pays to work out the factors of some only.
_MANY = 2000

#: So many times are factors worked out for some documents only: to do so for all takes about as long.
_SOME = 4

#: A document, how often it holds the term, and the factor.
_POSTING_BYTES = 17


class Row:
    """Documents that match, in order, each with a factor of its score. What is worked out of them is kept.

    Of one that is remembered, ``size`` is how many documents its segment has.
    """

    __slots__ = ("_factors", "_head", "_marks", "_peak", "docs", "frequent", "size")

    def __init__(self, docs: Numbers, factors: Numbers | None, size: int = 0) -> None:
        self.docs, self._factors, self.size = docs, factors, size
        self.frequent = 0 < size < _ONE_IN * len(docs)
        self._marks: Numbers | None = None
        self._head: list[tuple[float, int]] = []
        self._peak = -1.0

    @property
    def nbytes(self) -> int:
        return _POSTING_BYTES * len(self.docs) + (self.size if self.frequent else 0)

    @property
    def factors(self) -> Numbers:
        assert self._factors is not None
        return self._factors

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
            self._head = self._highest()
        return self._head

    def _highest(self) -> list[tuple[float, int]]:
        return _headed(self.docs, self.factors)

    def reaching(self, least: float) -> Matches:
        """The documents whose factors are at least that high, and these."""
        return self.taken((self.factors >= least).nonzero()[0])

    def taken(self, at: Numbers) -> Matches:
        """The documents at these places of the row, and their factors."""
        return self.docs.take(at), self.factors.take(at)

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
        looked_up, marked = _LOOKED_UP * len(docs), len(self.docs) + _BEGUN
        if self._marks is None and (len(docs) < FEW or (looked_up < marked and not self.frequent)):
            return self.docs.take(self.docs.searchsorted(docs), mode="clip") == docs if len(self.docs) else docs < 0
        found: Numbers = self.marks(size).take(docs) != 0
        return found


class Norms(NamedTuple):
    """What BM25F adds to how often each document holds a term, and the least of it."""

    of: Numbers
    least: float


class Postings(Row):
    """The documents that hold a term, with factors by BM25F.

    These are worked out when they are needed, the first few times for some documents only. Where it is frequent, marks
    tell how often each document holds it, and those of some are worked out of these: that is faster than to look for
    documents.
    """

    __slots__ = ("_asked", "_k1", "_marked", "_norms", "_tfs")

    def __init__(self, docs: Numbers, tfs: Numbers, norms: Norms, k1: float, size: int) -> None:
        super().__init__(docs, None, size)
        self._tfs, self._norms, self._k1 = tfs, norms, k1
        self._marked = self.frequent and tfs.dtype == np.uint8
        self._asked = 0

    @property
    def factors(self) -> Numbers:
        if self._factors is None:
            self._factors = bm25(self._tfs, self._norms.of.take(self.docs), self._k1)
            self._peak = float(self._factors.max(initial=0.0))
        return self._factors

    @property
    def peak(self) -> float:
        """As long as not all factors are known this is higher than need be."""
        if self._peak < 0 and len(self.docs):
            self._peak = self._at_most(float(self._tfs.max()))
        return self._peak

    def _at_most(self, tf: float) -> float:
        """No document that holds the term so often, or less often, has a higher factor."""
        return (self._k1 + 1) * tf / (tf + self._norms.least)

    def _repeated(self) -> Matches:
        """The documents that hold the term more than once, and their factors."""
        return self.taken((self._tfs > 1).nonzero()[0])

    def _highest(self) -> list[tuple[float, int]]:
        if self._factors is None and len(self.docs) > _MANY:
            found = _headed(*self._repeated())
            if len(found) == HEAD and found[-1][0] > self._at_most(1):
                return found
        return super()._highest()

    def reaching(self, least: float) -> Matches:
        if self._factors is not None or self._at_most(1) >= least:
            return super().reaching(least)
        docs, factors = self._repeated()
        at = (factors >= least).nonzero()[0]
        return docs.take(at), factors.take(at)

    def taken(self, at: Numbers) -> Matches:
        if self._factors is None:
            self._asked += 1
            if self._asked <= _SOME:
                docs = self.docs.take(at)
                return docs, bm25(self._tfs.take(at), self._norms.of.take(docs), self._k1)
        return super().taken(at)

    def _mark(self) -> Any:
        return self._tfs if self._marked else 1

    def at(self, docs: Numbers) -> Numbers:
        if self._marked and len(docs) >= (FEW if self._marks is None else _FEWER):
            return bm25(self.marks(self.size).take(docs), self._norms.of.take(docs), self._k1)
        at = self.docs.searchsorted(docs)
        return self.taken(at)[1] if self._factors is None else self._factors.take(at)


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

    def among(self, bits: Numbers) -> Leaf:
        """What of it is among the documents of a mask."""
        return Leaf.of(*self.row.taken(bits.take(self.docs).nonzero()[0]), self.weight)


def bm25(weights: Numbers, norms: Numbers, k1: float) -> Numbers:
    """BM25F without the inverse document frequency."""
    found: Numbers = weights.astype("f8")
    under = found + norms
    found *= k1 + 1
    found /= under
    return found


def _headed(docs: Numbers, factors: Numbers) -> list[tuple[float, int]]:
    """The highest factors and their documents, best first: HEAD of them, or all."""
    at = highest(factors, HEAD)
    at = at.take((-factors.take(at)).argsort(kind="stable"))
    return list(zip(factors.take(at).tolist(), docs.take(at).tolist(), strict=True))


def nothing() -> Matches:
    return np.zeros(0, "i8"), np.zeros(0)


NO_LEAF = Leaf.of(*nothing())
