"""How are frequencies written, most of which are 1 and nearly all below 4?

As rows of ``streams``, but for class 3, which here is quarters of bytes: 2 bits a number, the lowest first, up to a
whole byte. A 3 means "the next of the bytes that follow", of which there is one for each 3 of the row. No number of
such a row is above 254.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .streams import Numbers, pack, ragged, unpack, values

_CLASS = 3
_LARGE, _LARGEST = 3, 0xFE

#: A row with more than one large number in so many is read faster otherwise.
_ONE_IN = 2


def pack_frequencies(numbers: Numbers, counts: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """As ``pack``."""
    large = _counted(numbers >= _LARGE, counts)
    most = np.maximum.reduceat(numbers, np.cumsum(counts) - counts)
    quartered = (most > 0) & (most <= _LARGEST) & (_ONE_IN * large < counts)
    if not quartered.any():
        return pack(numbers, counts, widest=_CLASS - 1)
    of_numbers = np.repeat(quartered, counts)
    others, sizes, classes = pack(numbers[~of_numbers], counts[~quartered], widest=_CLASS - 1)
    all_sizes, all_classes = _widths(counts) + large, np.full(len(counts), _CLASS, "u1")
    all_sizes[~quartered], all_classes[~quartered] = sizes, classes
    data = np.empty(int(all_sizes.sum()), "u1")
    of_bytes = np.repeat(quartered, all_sizes)
    data[~of_bytes] = others
    data[of_bytes] = _written(numbers[of_numbers], counts[quartered], large[quartered])
    return data, all_sizes, all_classes


def frequencies(data: Any, start: int, end: int, kind: int, count: int) -> Numbers:
    """As ``values``."""
    if kind != _CLASS:
        return values(data, start, end, kind, count)
    raw = np.frombuffer(data, "u1", end - start, start)
    width = (count + 3) // 4
    found: Numbers = _quarters().take(raw[:width]).view("u1")[:count]
    if width < len(raw):
        np.place(found, found == _LARGE, raw[width:])
    return found


def unpack_frequencies(data: Any, ends: Numbers, classes: Numbers, counts: Numbers) -> Numbers:
    """As ``unpack``."""
    quartered = classes == _CLASS
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


def _written(numbers: Numbers, counts: Numbers, large: Numbers) -> Numbers:
    """The bytes of rows in quarters."""
    widths = _widths(counts)
    starts = np.cumsum(widths) - widths
    quarters = np.zeros(4 * int(widths.sum()), "u1")
    quarters[_filled(widths, counts)] = np.minimum(numbers, _LARGE)
    starts += np.cumsum(large) - large
    data = np.empty(int((widths + large).sum()), "u1")
    parts: list[Numbers] = [quarters[at::4] << np.uint8(2 * at) for at in range(4)]
    data[ragged(starts, widths)] = parts[0] | parts[1] | parts[2] | parts[3]
    data[ragged(starts + widths, large)] = numbers[numbers >= _LARGE]
    return data


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
