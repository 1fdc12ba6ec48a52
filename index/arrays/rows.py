"""What of a segment is turned into numpy arrays, and kept for the next query?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from .format import Field
from .plan import Plan
from .quarters import frequencies
from .snapshot import Slice, Snapshot
from .streams import Numbers, summed, sums, unpack, values
from .top import highest

#: Bytes of terms kept over all segments of a searcher.
KEPT_BYTES = 128 << 20

#: So many of the best documents of a term are kept in order.
HEAD = 20

#: So few documents are looked up one by one.
FEW = 256

#: Places in a document are numbers of 32 bits; the bit above keeps documents further apart than any slop.
PLACE_BITS = 33

Matches = tuple[Numbers, Numbers]


class Sized(Protocol):
    """Something whose memory is counted."""

    @property
    def nbytes(self) -> int: ...


class Leaf:
    """Documents that match, in order; their scores are ``factors`` times ``weight``.

    Of one that is kept, ``size`` is how many documents its segment has.
    """

    __slots__ = ("_bits", "_head", "_peak", "docs", "factors", "size", "weight")

    def __init__(self, docs: Numbers, factors: Numbers, weight: float = 1.0, size: int = 0) -> None:
        self.docs, self.factors, self.weight, self.size = docs, factors, weight, size
        self._bits: Numbers | None = None
        self._head: tuple[list[int], list[float]] = ([], [])
        self._peak = -1.0

    @property
    def scores(self) -> Numbers:
        return self.factors if self.weight == 1.0 else self.factors * self.weight

    @property
    def bound(self) -> float:
        """No score is higher; worked out once."""
        if self._peak < 0:
            self._peak = float(self.factors.max(initial=0.0))
        return max(self._peak * self.weight, 0.0)

    @property
    def head(self) -> tuple[list[int], list[float]]:
        """The documents with the highest factors, best first, and these: HEAD of them, or all; worked out once."""
        if not self._head[0]:
            at = highest(self.factors, HEAD)
            at = at.take((-self.factors.take(at)).argsort(kind="stable"))
            self._head = self.docs.take(at).tolist(), self.factors.take(at).tolist()
        return self._head

    @property
    def frequent(self) -> bool:
        """Whether it is worth keeping which of all documents match."""
        return 32 * len(self.docs) > self.size > 0

    @property
    def nbytes(self) -> int:
        return int(self.docs.nbytes + self.factors.nbytes) + (self.size if self.frequent else 0)

    def times(self, boost: float) -> Leaf:
        return self if boost == 1.0 else Leaf(self.docs, self.factors, self.weight * boost)

    def among(self, bits: Numbers) -> Leaf:
        """What of it is among the documents of a mask."""
        at = bits.take(self.docs).nonzero()[0]
        return Leaf(self.docs.take(at), self.factors.take(at), self.weight)

    def bits(self, size: int) -> Numbers:
        """Which of all documents match."""
        if self._bits is not None:
            return self._bits
        bits = np.zeros(size, bool)
        bits[self.docs] = True
        if self.frequent:
            self._bits = bits
        return bits

    def at(self, docs: Numbers) -> Numbers:
        """The scores of some of the documents."""
        found: Numbers = self.factors.take(self.docs.searchsorted(docs)) * self.weight
        return found

    def holds(self, docs: Numbers, size: int) -> Numbers:
        """Which of these documents match: few are looked up one by one."""
        if len(docs) < FEW or (12 * len(docs) < len(self.docs) + 2400 and not self.frequent):
            return self.docs.take(self.docs.searchsorted(docs), mode="clip") == docs if len(self.docs) else docs < 0
        return self.bits(size).take(docs)


Remembered = TypeVar("Remembered", bound=Sized)


class Kept:
    """Remembers what was worked out of terms, the latest of it."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Sized] = {}
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: tuple[object, ...], make: Callable[[], Remembered]) -> Remembered:
        with self._lock:
            found = self._found.pop(key, None)
            if found is not None:
                self._found[key] = found
                return found  # type: ignore[return-value]
        made = make()
        with self._lock:
            if key not in self._found:
                self._found[key] = made
                self._bytes += made.nbytes
            while self._bytes > KEPT_BYTES and len(self._found) > 1:
                self._bytes -= self._found.pop(next(iter(self._found))).nbytes
        return made


class Mask(NamedTuple):
    """Which documents are let through; their numbers, too, where they are few."""

    bits: Numbers
    docs: Numbers | None

    @property
    def none(self) -> bool:
        return self.docs is not None and not len(self.docs)


class View:
    """One segment, with what was worked out about it."""

    def __init__(self, part: Slice, snapshot: Snapshot, kept: Kept) -> None:
        self.part, self.snapshot, self.kept = part, snapshot, kept
        self.segment, self.first = part.segment, part.first
        self.size = part.segment.documents
        self._free: list[Numbers] = []
        self.masks: dict[tuple[Plan, ...], Mask] = {}
        self._norms: dict[str, Numbers] = {}

    @cached_property
    def live(self) -> Numbers | None:
        """Which documents are not deleted; None for all."""
        if not self.part.deleted:
            return None
        live = np.ones(self.size, bool)
        live[list(self.part.deleted)] = False
        return live

    @contextmanager
    def summed(self, leaves: Sequence[Leaf]) -> Iterator[Numbers]:
        """For each document the sum of its scores."""
        try:
            total = self._free.pop()
        except IndexError:
            total = np.zeros(self.size)
        for leaf in leaves:
            np.add.at(total, leaf.docs, leaf.scores)
        yield total
        total.fill(0)
        self._free.append(total)

    def leaf(self, field: Field, at: int) -> Leaf:
        """The documents that hold a term, scored by BM25F; by its weight alone in a field without lengths."""
        return self.kept.get((self.first, field.name, at), lambda: self._leaf(field, at))

    def places(self, field: Field, at: int) -> Numbers:
        """Where a term stands, as rising numbers: the document's shifted by PLACE_BITS, and the place in it."""
        return self.kept.get((self.first, field.name, at, "places"), lambda: _places(field, at))

    def norms(self, field: Field) -> Numbers:
        """What BM25F adds to the frequency, for each document."""
        if field.name not in self._norms:
            lengths = np.asarray(field.lengths)
            known = np.unique(lengths)
            table = np.zeros(int(known[-1]) + 1 if len(known) else 0)
            table[known] = [self.snapshot.norm(field.name, length) for length in known.tolist()]
            self._norms[field.name] = table[lengths]
        return self._norms[field.name]

    def _leaf(self, field: Field, at: int) -> Leaf:
        docs = _docs(field, at)
        weights = _weights(field, at)
        if field.lengths is None:
            return Leaf(docs, weights.astype("f8"), size=self.size)
        factors = bm25(weights, self.norms(field).take(docs), self.snapshot)
        return Leaf(docs, factors, self.snapshot.idf(field.name, field.term(at)), self.size)


def bm25(weights: Numbers, norms: Numbers, snapshot: Snapshot) -> Numbers:
    """BM25F without the inverse document frequency."""
    found: Numbers = (snapshot.scoring.k1 + 1) * weights / (weights + norms)
    return found


def _docs(field: Field, at: int) -> Numbers:
    start, end = field.doc_ends[at], field.doc_ends[at + 1]
    return sums(field.docs, start, end, field.classes[at] & 3, field.df(at)).astype("i8")


def _tfs(field: Field, at: int) -> Numbers:
    kind = field.classes[at] >> 2 & 3
    found = frequencies(field.tfs, field.tf_ends[at], field.tf_ends[at + 1], kind, field.df(at))
    return found.astype("i8") + 1


def _weights(field: Field, at: int) -> Numbers:
    if field.weights is None:
        return _tfs(field, at)
    return np.asarray(field.weights[field.posting_ends[at] : field.posting_ends[at + 1]]).astype("f8")


def _places(field: Field, at: int) -> Numbers:
    tfs = _tfs(field, at)
    kind = field.classes[at] >> 4 & 3
    gaps = values(field.places, field.place_ends[at], field.place_ends[at + 1], kind, int(tfs.sum()))
    found: Numbers = np.repeat(_docs(field, at) << PLACE_BITS, tfs) + summed(gaps, tfs)
    return found


def kept(leaf: Leaf, mask: Mask) -> Leaf:
    """What of a leaf a filter lets through."""
    if mask.docs is None or not leaf.frequent:
        return leaf.among(mask.bits)
    docs = mask.docs.compress(leaf.bits(len(mask.bits)).take(mask.docs))
    return Leaf(docs, leaf.factors.take(leaf.docs.searchsorted(docs)), leaf.weight)


def nothing() -> Matches:
    return np.zeros(0, "i8"), np.zeros(0)


NO_LEAF = Leaf(*nothing())


def union(field: Field, numbers: Sequence[int], size: int) -> Numbers:
    """The documents that hold any of these terms."""
    mask = np.zeros(size, bool)
    for start, end in _runs(numbers):
        counts = np.diff(np.asarray(field.posting_ends[start : end + 1]).astype("i8"))
        classes = np.frombuffer(field.classes, "u1", end - start, start) & 3
        mask[summed(unpack(field.docs, np.asarray(field.doc_ends[start : end + 1]), classes, counts), counts)] = True
    return np.flatnonzero(mask)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Runs [start, end) of consecutive numbers."""
    if isinstance(numbers, range):
        return [(numbers.start, numbers.stop)] if numbers else []
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs


def among(docs: Numbers, others: Numbers, size: int) -> Numbers:
    """Which of ``docs`` are among ``others``, both in order."""
    if not len(others):
        return np.zeros(len(docs), bool)
    if 12 * len(docs) < len(others) + 2400:
        same: Numbers = others.take(others.searchsorted(docs), mode="clip") == docs
        return same
    mask = np.zeros(size, bool)
    mask[others] = True
    found: Numbers = mask.take(docs)
    return found
