"""How are frequencies written, most of which are 1 and nearly all below 4?

As rows of ``streams``, but for class 3, which here is quarters of bytes: 2 bits a number, the lowest first, up to a
whole byte. A 3 means "the next of the bytes that follow", of which there is one for each 3 of the row. No number of
such a row is above 254.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .streams import ANY, Numbers, pack, ragged, unpack, values

#: The class of rows in quarters, and the largest number they may hold.
QUARTERS, LARGEST = 3, 0xFE

_LARGE = 3

#: A row with more than one large number in so many is read faster otherwise.
_ONE_IN = 2


def pack_frequencies(
    numbers: Numbers, counts: Numbers, wanted: Numbers | None = None
) -> tuple[Numbers, Numbers, Numbers]:
    """As ``pack``; no row is wanted in quarters."""
    if not len(counts):
        return pack(numbers, counts)
    large = _counted(numbers >= _LARGE, counts)
    most = np.maximum.reduceat(numbers, np.cumsum(counts) - counts)
    quartered = (most > 0) & (most <= LARGEST) & (_ONE_IN * large < counts)
    if wanted is not None:
        quartered &= wanted == ANY
    if not quartered.any():
        return pack(numbers, counts, QUARTERS - 1, wanted)
    of_numbers = np.repeat(quartered, counts)
    chosen, counts_of_chosen = numbers[of_numbers], counts[quartered]
    tail = chosen[chosen >= _LARGE], large[quartered]
    rows = _written(np.minimum(chosen, _LARGE), counts_of_chosen, tail)
    wanted = None if wanted is None else wanted[~quartered]
    others = pack(numbers[~of_numbers], counts[~quartered], QUARTERS - 1, wanted)
    return woven(quartered, (*rows, np.full(len(counts_of_chosen), QUARTERS, "u1")), others)


def go_on(
    data: Any, starts: Numbers, ends: Numbers, before: Numbers, numbers: Numbers, counts: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Rows of quarters with further numbers, none above LARGEST, from the first byte on that is another.

    Row i begins and ends in ``data`` at ``starts[i]`` and ``ends[i]``, has ``before[i]`` numbers, and gets
    ``counts[i]`` more. Gives the bytes, how many there are of each row, and where in ``data`` they take over.
    """
    raw = np.frombuffer(data, "u1")
    at, left = starts + before // 4, before % 4
    last = _quarters().take(raw.take(at, mode="clip")).view("u1").reshape(-1, 4)
    kept = ragged(np.cumsum(left + counts) - left - counts, left)
    quarters = np.empty(int((left + counts).sum()), "u1")
    further = np.ones(len(quarters), bool)
    further[kept] = False
    quarters[kept] = last[np.arange(4) < left[:, None]]
    quarters[further] = np.minimum(numbers, _LARGE)
    tails = at + (left > 0)
    old = raw[ragged(tails, ends - tails)], ends - tails
    new = numbers[numbers >= _LARGE], _counted(numbers >= _LARGE, counts)
    return *_written(quarters, left + counts, old, new), at


def woven(chosen: Numbers, *parts: tuple[Numbers, Numbers, Numbers]) -> tuple[Numbers, Numbers, Numbers]:
    """One of two packs: the rows that are chosen are from the first, in order, and the others from the second."""
    (data, sizes, classes), (other_data, other_sizes, other_classes) = parts
    all_sizes, all_classes = np.empty(len(chosen), "i8"), np.empty(len(chosen), "u1")
    all_sizes[chosen], all_sizes[~chosen] = sizes, other_sizes
    all_classes[chosen], all_classes[~chosen] = classes, other_classes
    of_bytes = np.repeat(chosen, all_sizes)
    found = np.empty(len(of_bytes), "u1")
    found[of_bytes], found[~of_bytes] = data, other_data
    return found, all_sizes, all_classes


def frequencies(data: Any, start: int, end: int, kind: int, count: int) -> Numbers:
    """As ``values``."""
    if kind != QUARTERS:
        return values(data, start, end, kind, count)
    raw = np.frombuffer(data, "u1", end - start, start)
    width = (count + 3) // 4
    found: Numbers = _quarters().take(raw[:width]).view("u1")[:count]
    if width < len(raw):
        np.place(found, found == _LARGE, raw[width:])
    return found


def unpack_frequencies(data: Any, ends: Numbers, classes: Numbers, counts: Numbers) -> Numbers:
    """As ``unpack``."""
    quartered = classes == QUARTERS
    if not quartered.any():
        return unpack(data, ends, classes, counts)
    raw = np.frombuffer(data, "u1", int(ends[-1] - ends[0]), int(ends[0]))
    sizes = np.diff(ends)
    of_bytes, of_numbers = np.repeat(quartered, sizes), np.repeat(quartered, counts)
    numbers = np.empty(len(of_numbers), "u4")
    numbers[of_numbers] = _read(raw[of_bytes], sizes[quartered], counts[quartered])
    others = np.concatenate(([0], np.cumsum(sizes[~quartered])))
    numbers[~of_numbers] = unpack(raw[~of_bytes], others, classes[~quartered], counts[~quartered])
    return numbers


def _counted(chosen: Numbers, counts: Numbers) -> Numbers:
    """How many of each row are chosen."""
    borders = np.concatenate(([0], np.cumsum(counts)))
    found: Numbers = np.diff(np.searchsorted(np.flatnonzero(chosen), borders))
    return found


def _widths(counts: Numbers) -> Numbers:
    """How many bytes so many quarters take."""
    widths: Numbers = (counts + 3) // 4
    return widths


def _filled(widths: Numbers, counts: Numbers) -> Numbers:
    """Which of the quarters of so many bytes a row hold its numbers."""
    ends, unused = 4 * np.cumsum(widths), 4 * widths - counts
    filled = np.ones(int(ends[-1]), bool)
    filled[ragged(ends - unused, unused)] = False
    return filled


def _written(quarters: Numbers, counts: Numbers, *tails: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
    """The bytes of rows, and how many each takes: quarters, then the next bytes of each of the tails."""
    widths = _widths(counts)
    padded = np.zeros(4 * int(widths.sum()), "u1")
    padded[_filled(widths, counts)] = quarters
    parts: list[Numbers] = [padded[at::4] << np.uint8(2 * at) for at in range(4)]
    pieces = [(parts[0] | parts[1] | parts[2] | parts[3], widths), *tails]
    sizes = sum((of_piece for _, of_piece in pieces), np.zeros(len(counts), "i8"))
    data, starts = np.empty(int(sizes.sum()), "u1"), np.cumsum(sizes) - sizes
    for piece, of_piece in pieces:
        data[ragged(starts, of_piece)] = piece
        starts = starts + of_piece
    return data, sizes


def _read(data: Numbers, sizes: Numbers, counts: Numbers) -> Numbers:
    """The numbers of rows in quarters."""
    widths, starts = _widths(counts), np.cumsum(sizes) - sizes
    quarters = _quarters().take(data[ragged(starts, widths)]).view("u1")
    found: Numbers = quarters[_filled(widths, counts)]
    found[found == _LARGE] = data[ragged(starts + widths, sizes - widths)]
    return found


@cache
def _quarters() -> Numbers:
    """The four numbers of each byte, as one of 32 bits."""
    each = np.arange(256)[:, None] >> np.arange(0, 8, 2) & 3
    found: Numbers = each.astype("u1").reshape(-1).view("u4")
    return found
