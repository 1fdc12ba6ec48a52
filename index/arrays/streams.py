"""How are rows of small numbers written with about one byte each, and read without a loop?

Each term has a row of numbers: the gaps between its documents, its frequencies less one, the gaps between
its places in a document. A row has one of four classes, whichever is shortest:

0  nothing is written: all numbers are 0
1  bytes; 255 means "add 255 and go on with the next byte"
2  16-bit numbers; 65,535 means "add 65,535 and go on with the next one"
3  32-bit numbers

So sums of a row are running sums of what is written, without those at an escape.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]

WIDTHS = np.array([0, 1, 2, 4], "i8")
_TYPES = ("u1", "u1", "<u2", "<u4")
_ESCAPES = (None, 0xFF, 0xFFFF, None)

#: Stands for the class of a row that may have any.
ANY = 0xFF


def pack(
    numbers: Numbers, counts: Numbers, widest: int = 3, wanted: Numbers | None = None
) -> tuple[Numbers, Numbers, Numbers]:
    """Rows of at least one number each, one after the other, as bytes.

    Gives the bytes, how many of them each row takes, and its class: the one ``wanted`` of it, if that is not ANY, or
    the shortest, which is ``widest`` at most.
    """
    if not len(counts):
        return np.zeros(0, "u1"), np.zeros(0, "i8"), np.zeros(0, "u1")
    classes, sizes = _classes(numbers, counts, widest, wanted)
    kinds = np.flatnonzero(np.bincount(classes))
    if kinds[0] == 0 and len(kinds) > 1:
        kinds, numbers = kinds[1:], numbers[np.repeat(classes > 0, counts)]
        counts = counts * (classes > 0)
    if len(kinds) == 1:
        return _written(numbers, int(kinds[0])), sizes, classes
    data = np.empty(int(sizes.sum()), "u1")
    of_numbers, of_bytes = np.repeat(classes, counts), np.repeat(classes, sizes)
    for kind in kinds.tolist():
        data[of_bytes == kind] = _written(numbers[of_numbers == kind], kind)
    return data, sizes, classes


def _classes(numbers: Numbers, counts: Numbers, widest: int, wanted: Numbers | None) -> tuple[Numbers, Numbers]:
    """The class of each row, and its bytes."""
    starts = np.cumsum(counts) - counts
    most = np.maximum.reduceat(numbers, starts)
    if most.max() < 0xFF:
        classes = _chosen((most > 0).astype("u1"), wanted)
        return classes, counts * WIDTHS[classes]
    sizes = np.stack(
        [
            np.where(most == 0, 0, 1 << 62),
            counts + np.add.reduceat(numbers // np.uint32(0xFF), starts, dtype="i8"),
            2 * (counts + _long_escapes(numbers, starts, most)),
            4 * counts,
        ][: widest + 1]
    )
    classes = _chosen(sizes.argmin(axis=0), wanted)
    return classes.astype("u1"), np.take_along_axis(sizes, classes[None], 0)[0]


def _chosen(shortest: Numbers, wanted: Numbers | None) -> Numbers:
    return shortest if wanted is None else np.where(wanted == ANY, shortest, wanted)


def _long_escapes(numbers: Numbers, starts: Numbers, most: Numbers) -> Numbers:
    if most.max() < 0xFFFF:
        return np.zeros(len(starts), "i8")
    found: Numbers = np.add.reduceat(numbers // np.uint32(0xFFFF), starts, dtype="i8")
    return found


def _written(numbers: Numbers, kind: int) -> Numbers:
    """The bytes of numbers of one class."""
    escape = _ESCAPES[kind]
    if not kind:
        return np.zeros(0, "u1")
    if escape is not None:
        large = np.flatnonzero(numbers >= escape)
        times = numbers[large] // np.uint32(escape)
        rest = numbers.astype(_TYPES[kind])
        rest[large] = numbers[large] - times * np.uint32(escape)
        return np.insert(rest, np.repeat(large, times), escape).view("u1") if len(large) else rest.view("u1")
    return numbers.astype(_TYPES[kind]).view("u1")


def sums(data: Any, start: int, end: int, kind: int, count: int) -> Numbers:
    """The running sums of one row of ``count`` numbers."""
    if not kind:
        return np.zeros(count, "i8")
    raw = _row(data, start, end, kind)
    total: Numbers = np.cumsum(raw, dtype="i8")
    return total if len(raw) == count else total.compress(raw != _ESCAPES[kind])


def values(data: Any, start: int, end: int, kind: int, count: int) -> Numbers:
    """The numbers of one row; in place where nothing is escaped."""
    if not kind:
        return np.zeros(count, "u1")
    raw = _row(data, start, end, kind)
    if len(raw) == count:
        return raw
    chosen = raw != _ESCAPES[kind]
    escapes = np.flatnonzero(~chosen)
    found: Numbers = raw[chosen].astype("u4")
    np.add.at(found, escapes - np.arange(len(escapes)), np.iinfo(raw.dtype).max)
    return found


def _row(data: Any, start: int, end: int, kind: int) -> Numbers:
    """What is written of one row, in place."""
    found: Numbers = np.frombuffer(data, _TYPES[kind], (end - start) // int(WIDTHS[kind]), start)
    return found


def totals(data: Any, starts: Numbers, ends: Numbers, classes: Numbers) -> Numbers:
    """The sum of each of some rows: that of all that is written of it."""
    where = zip(starts.tolist(), ends.tolist(), classes.tolist(), strict=True)
    return np.array([_row(data, *row).sum(dtype="u4") for row in where], "u4")


def unpack(data: Any, ends: Numbers, classes: Numbers, counts: Numbers) -> Numbers:
    """The numbers of neighbouring rows; ``ends`` are those of their bytes, and where the first begins."""
    if not len(counts):
        return np.zeros(0, "u4")
    start, end = int(ends[0]), int(ends[-1])
    if classes.min() == classes.max():
        return values(data, start, end, int(classes[0]), int(counts.sum())).astype("u4")
    kinds = [kind for kind in range(1, 4) if (classes == kind).any()]
    numbers = np.zeros(int(counts.sum()), "u4")
    of_numbers = np.repeat(classes, counts)
    if len(kinds) == 1:
        chosen = of_numbers > 0
        numbers[chosen] = values(data, start, end, kinds[0], int(np.count_nonzero(chosen)))
        return numbers
    raw, of_bytes = np.frombuffer(data, "u1", end - start, start), np.repeat(classes, np.diff(ends.astype("i8")))
    for kind in kinds:
        chosen, found = of_numbers == kind, raw[of_bytes == kind]
        numbers[chosen] = values(found, 0, len(found), kind, int(np.count_nonzero(chosen)))
    return numbers


def summed(gaps: Numbers, counts: Numbers) -> Numbers:
    """Running sums of each run of ``counts`` numbers."""
    total = np.cumsum(gaps, dtype="i8")
    starts = np.cumsum(counts) - counts
    found: Numbers = (total - np.repeat(total[starts] - gaps[starts], counts)).astype("u4")
    return found


def ragged(starts: Numbers, counts: Numbers) -> Numbers:
    """The numbers start, start + 1, ... of each range, one range after the other."""
    ends = np.cumsum(counts)
    if not len(ends):
        return np.zeros(0, "i8")
    found: Numbers = np.arange(int(ends[-1])) + np.repeat(starts.astype("i8") - ends + counts, counts)
    return found
