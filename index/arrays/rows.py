"""What of a segment is turned into numpy arrays, and kept for the next query?"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from math import inf
from threading import Lock
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from .format import MORE, Damaged, Field
from .leaf import Leaf, Norms, Postings, Row
from .postings import PLACE_BITS
from .quarters import frequencies
from .snapshot import Slice, Snapshot
from .streams import Numbers, summed, sums, unpack, values

#: Bytes of terms kept over all segments of a searcher, with all that may yet be worked out of them.
KEPT_BYTES = 160 << 20

#: What lets through less than one document in so many lets through few.
_RARE = 20


class Sized(Protocol):
    """Something whose memory is counted."""

    @property
    def nbytes(self) -> int: ...


Remembered = TypeVar("Remembered", bound=Sized)


class Kept:
    """Remembers what was worked out of terms, the latest of it."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: tuple[object, ...], make: Callable[[], Remembered]) -> Remembered:
        with self._lock:
            found: Remembered | None = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
                return found
        made = make()
        with self._lock:
            if key not in self._found:
                self._found[key] = made
                self._bytes += made.nbytes
            while self._bytes > KEPT_BYTES and len(self._found) > 1:
                self._bytes -= self._found.popitem(last=False)[1].nbytes
        return made


class Mask(NamedTuple):
    """Which documents are let through.

    Where they are few also their numbers; where these are a run, as documents are that were added together, also
    the first and the one behind the last.
    """

    bits: Numbers
    docs: Numbers | None = None
    run: Numbers | None = None

    @classmethod
    def of(cls, bits: Numbers) -> Mask:
        if _RARE * np.count_nonzero(bits) >= len(bits):
            return cls(bits)
        docs = bits.nonzero()[0]
        run = np.array([docs[0], docs[-1] + 1] if len(docs) else [0, 0])
        return cls(bits, docs, run if run[1] - run[0] == len(docs) else None)

    @property
    def nbytes(self) -> int:
        return int(self.bits.nbytes + (0 if self.docs is None else self.docs.nbytes))

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
        self._norms: dict[str, Norms] = {}

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

    def norms(self, field: Field) -> Norms:
        """What BM25F adds to frequencies in a field."""
        if field.name not in self._norms:
            lengths = np.asarray(field.lengths)
            known = np.unique(lengths)
            table = np.zeros(int(known[-1]) + 1 if len(known) else 0)
            table[known] = list(map(self.snapshot.norming(field.name), known.tolist()))
            self._norms[field.name] = Norms(table[lengths], float(table[known].min(initial=inf)))
        return self._norms[field.name]

    def _leaf(self, field: Field, at: int) -> Leaf:
        docs = _docs(field, at)
        weights = _weights(field, at)
        if field.lengths is None:
            return Leaf(Row(docs, weights.astype("f8"), self.size))
        row = Postings(docs, weights, self.norms(field), self.snapshot.scoring.k1, self.size)
        return Leaf(row, self.snapshot.idf(field.name, field.term(at)))


def _docs(field: Field, at: int) -> Numbers:
    start, end = field.doc_ends[at], field.doc_ends[at + 1]
    return sums(field.docs, start, end, field.classes[at] & 3, field.df(at))


def _tfs(field: Field, at: int) -> Numbers:
    kind = field.classes[at] >> 2 & 3
    found = frequencies(field.tfs, field.tf_ends[at], field.tf_ends[at + 1], kind, field.df(at))
    return np.add(found, 1, dtype=found.dtype)


def _weights(field: Field, at: int) -> Numbers:
    if field.weights is None:
        return _tfs(field, at)
    return np.asarray(field.weights[field.posting_ends[at] : field.posting_ends[at + 1]]).astype("f8")


def _places(field: Field, at: int) -> Numbers:
    tfs = _tfs(field, at).astype("i8")
    kind = field.classes[at] >> 4 & 3
    gaps = values(field.places, field.place_ends[at], field.place_ends[at + 1], kind, int(tfs.sum()))
    found: Numbers = np.repeat(_docs(field, at) << PLACE_BITS, tfs) + summed(gaps, tfs)
    return found


def kept(leaf: Leaf, mask: Mask) -> Leaf:
    """What of a leaf a filter lets through."""
    row = leaf.row
    if mask.run is not None:
        start, end = row.docs.searchsorted(mask.run).tolist()
        return Leaf.of(row.docs[start:end], row.factors[start:end], leaf.weight)
    if mask.docs is None or not row.frequent:
        return leaf.among(mask.bits)
    docs = mask.docs.take(row.holds(mask.docs, len(mask.bits)).nonzero()[0])
    return Leaf.of(docs, row.at(docs), leaf.weight)


def union(field: Field, numbers: Sequence[int], size: int) -> Numbers:
    """The documents that hold any of these terms."""
    mask = np.zeros(size, bool)
    for start, end in _runs(numbers):
        counts = dfs(field, start, end)
        classes = np.frombuffer(field.classes, "u1", end - start, start) & 3
        mask[summed(unpack(field.docs, np.asarray(field.doc_ends[start : end + 1]), classes, counts), counts)] = True
    return np.flatnonzero(mask)


def dfs(field: Field, start: int, end: int) -> Numbers:
    """How many documents hold each of the terms [start, end), deleted ones included. Raises Damaged."""
    found = np.diff(np.asarray(field.posting_ends[start : end + 1]).astype("i8"))
    if found.max(initial=0) > field.documents:
        raise Damaged(MORE.format(field.name, field.segment.path))
    return found


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
