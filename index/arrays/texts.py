"""How are many texts cut into numbered pieces?

A piece is a run of bytes above the space. Those of a megabyte of text are found at once. A piece of up to 16 bytes
is two 64-bit numbers, which a hash table finds again for all of them at once; a longer one is looked up in a
dictionary first.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .streams import Numbers
from .table import Table

_AT_ONCE = 1 << 19
_SPACE = 0x20
_MASKS = np.array([(1 << 8 * width) - 1 for width in range(9)], "u8")
_PADDING = bytes(16)

#: Stands in place of the second half of a piece that is longer; no UTF-8 has such bytes.
_LONGER = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


class Numbered(dict[Any, int]):
    """Gives each key its number when it is first seen."""

    def __missing__(self, key: Any) -> int:
        self[key] = number = len(self)
        return number


class Texts(dict[str, int]):
    """Numbers the different texts of some documents, to be cut when all are there."""

    def __init__(self) -> None:
        super().__init__()
        self.characters = 0
        self._cut: Cut | None = None

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        self.characters += len(text)
        return number

    def size(self) -> int:
        """How much memory they take, and take when they are cut, in units of some 40 bytes."""
        return self.characters // 6

    def cut(self) -> Cut:
        """All of them, which are let go of."""
        if self._cut is None:
            self._cut = cut(self)
            self.clear()
        return self._cut


@dataclass(frozen=True, slots=True)
class Cut:
    """The different pieces of texts. Text i consists of the pieces ``numbers[ends[i]:ends[i + 1]]``."""

    pieces: list[str]
    numbers: Numbers
    ends: Numbers


def cut(texts: Iterable[str]) -> Cut:
    """Cut texts at white space and control characters."""
    cutter = _Cutter()
    numbers, ends = array("I"), [np.zeros(1, "i8")]
    for data, ends_of_texts in _joined(texts):
        starts, found = cutter.cut(data)
        ends.append(np.searchsorted(starts, ends_of_texts) + len(numbers))
        numbers.frombytes(found.tobytes())
    return Cut(cutter.pieces, np.frombuffer(numbers, "u4"), np.concatenate(ends))


def _joined(texts: Iterable[str]) -> Iterator[tuple[bytes, Numbers]]:
    """Texts as UTF-8 with a space after each, about a megabyte at a time, and where each ends."""
    some: list[bytes] = []
    size = 0
    for text in texts:
        some.append(text.encode("utf-8", "surrogatepass"))
        size += len(some[-1])
        if size > _AT_ONCE:
            yield b" ".join([*some, b""]), np.cumsum([len(one) + 1 for one in some])
            some, size = [], 0
    if some:
        yield b" ".join([*some, b""]), np.cumsum([len(one) + 1 for one in some])


class _Cutter:
    """Gives each different piece its number when it is first seen."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._longer = Numbered()
        self._table = Table()

    def cut(self, data: bytes) -> tuple[Numbers, Numbers]:
        """Where the pieces of ``data`` begin, and their numbers. The last byte must be a space."""
        above = np.frombuffer(data, "u1") > _SPACE
        edges = np.flatnonzero(np.diff(above, prepend=False))
        starts, sizes = edges[::2], edges[1::2] - edges[::2]
        eight: Numbers = np.ndarray(len(data) + 9, "<u8", data + _PADDING, strides=(1,))
        heads = eight[starts] & _MASKS[np.minimum(sizes, 8)]
        tails = np.zeros(len(starts), "u8")
        large = np.flatnonzero(sizes > 8)
        tails[large] = eight[starts[large] + 8] & _MASKS[np.minimum(sizes[large], 16) - 8]
        for at in large[sizes[large] > 16].tolist():
            heads[at], tails[at] = self._longer[data[starts[at] : starts[at] + sizes[at]]], _LONGER
        numbers, new = self._table.numbered(heads, tails)
        ends = starts + sizes
        self.pieces += [
            data[start:end].decode("utf-8", "surrogatepass")
            for start, end in zip(starts[new].tolist(), ends[new].tolist(), strict=True)
        ]
        return starts, numbers
