"""How are postings read without numpy?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence, Set
from functools import cache, cached_property
from itertools import accumulate, compress, islice
from typing import Any

from .format import Field

#: Places in a document are numbers of 32 bits; the bit above keeps documents further apart than any slop.
PLACE_BITS = 33

_CODES = "BBHI"
_ESCAPES = (None, 0xFF, 0xFFFF, None)
_QUARTERS, _LARGE = 3, 4
#: To each byte one is added. There is no 255, which is an escape.
_ONE_MORE = bytes((*range(1, 256), 0))


class Row:
    """The postings of a term: ``docs`` are the documents that hold it, ascending."""

    def __init__(self, field: Field, at: int) -> None:
        self._field, self._at = field, at
        self.docs = docs_of(field, at)

    @cached_property
    def weights(self) -> Sequence[float]:
        """What each posting weighs: how often the document holds the term, if nothing else was written."""
        field, at = self._field, self._at
        if field.weights is None:
            return tfs_of(field, at)
        weights: Sequence[float] = field.weights[field.posting_ends[at] : field.posting_ends[at + 1]]
        return weights

    def weights_in(self, docs: Sequence[int]) -> list[float]:
        """The weights of the postings of some documents, all of which hold the term."""
        return [self.weights[bisect_left(self.docs, doc)] for doc in docs]

    def places(self, among: Set[int]) -> list[int]:
        """Where the term stands in those of some documents that hold it: rising, documents above PLACE_BITS."""
        chosen, starts, sums = list(map(among.__contains__, self.docs)), self._starts, self._sums
        firsts, ends = compress(starts, chosen), compress(islice(starts, 1, None), chosen)
        return [
            (doc << PLACE_BITS) + place - sums[first]
            for doc, first, end in zip(compress(self.docs, chosen), firsts, ends, strict=True)
            for place in sums[first + 1 : end + 1]
        ]

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate(tfs_of(self._field, self._at), initial=0))

    @cached_property
    def _sums(self) -> list[int]:
        """Of all gaps between places: within a document they rise from what comes before it."""
        field, at = self._field, self._at
        return [0, *_sums(field.places, field.place_ends, at, field.classes[at] >> 4 & 3, self._starts[-1])]


def docs_of(field: Field, at: int) -> list[int]:
    """The documents that hold a term, ascending."""
    return _sums(field.docs, field.doc_ends, at, field.classes[at] & 3, field.df(at))


def tfs_of(field: Field, at: int) -> Sequence[int]:
    """How often each of them holds it."""
    kind = field.classes[at] >> 2 & 3
    if not kind:
        return [1] * field.df(at)
    if kind == _QUARTERS:
        return _tfs_of_quarters(bytes(field.tfs[field.tf_ends[at] : field.tf_ends[at + 1]]), field.df(at))
    numbers = _values(field.tfs, field.tf_ends, at, kind, field.df(at))
    return numbers.translate(_ONE_MORE) if isinstance(numbers, bytes) else [number + 1 for number in numbers]


def _tfs_of_quarters(row: bytes, count: int) -> Sequence[int]:
    """Module ``quarters`` describes such rows."""
    width = (count + 3) // 4
    tfs = bytearray(4 * width)
    for quarter, values in enumerate(_quarters()):
        tfs[quarter::4] = row[:width].translate(values)
    del tfs[count:]
    large = -1
    for number in row[width:]:
        large = tfs.index(_LARGE, large + 1)
        tfs[large] = number + 1
    return tfs


@cache
def _quarters() -> list[bytes]:
    """For each byte, and each of its quarters, the number there and one more."""
    return [bytes((byte >> shift & 3) + 1 for byte in range(256)) for shift in range(0, 8, 2)]


def places_of(field: Field, at: int) -> Sequence[int]:
    """Where a term stands: for each document the first place, then gaps to the next."""
    return _places(field, at, sum(tfs_of(field, at)))


def _places(field: Field, at: int, count: int) -> Sequence[int]:
    kind = field.classes[at] >> 4 & 3
    return [0] * count if not kind else _values(field.places, field.place_ends, at, kind, count)


def _sums(data: Any, ends: Any, at: int, kind: int, count: int) -> list[int]:
    if not kind:
        return [0] * count
    raw = _numbers(data, ends, at, kind)
    sums = accumulate(raw)
    if len(raw) == count:
        return list(sums)
    escape = _ESCAPES[kind]
    return [total for total, number in zip(sums, raw, strict=True) if number != escape]


def _values(data: Any, ends: Any, at: int, kind: int, count: int) -> Sequence[int]:
    raw = _numbers(data, ends, at, kind)
    if len(raw) == count:
        return raw
    sums = _sums(data, ends, at, kind, count)
    return [after - before for before, after in zip([0, *sums], sums, strict=False)]


def _numbers(data: Any, ends: Any, at: int, kind: int) -> Sequence[int]:
    """A row as it is written: of bytes, where it holds such, since they are read fastest."""
    row = data[ends[at] : ends[at + 1]]
    numbers: Sequence[int] = bytes(row) if kind == 1 else row.cast(_CODES[kind])
    return numbers
