"""How are many texts cut into numbered pieces?

A piece is a run of bytes above the space. Texts wait until there is half a megabyte of them, which is cut at once.
A piece of up to 16 bytes is two 64-bit numbers, which a hash table finds again for all pieces at once; a longer one
is looked up in a dictionary first.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np

from .streams import Numbers
from .table import Table

_AT_ONCE = 1 << 19
_PIECE_BYTES = 120
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


@dataclass(frozen=True, slots=True)
class Cut:
    """The different pieces of texts. Text i consists of the pieces ``numbers[ends[i]:ends[i + 1]]``."""

    pieces: list[str]
    numbers: Numbers
    ends: Numbers


class Texts(dict[str, int]):
    """Gives each text a number, the same one to the same text if it came a short while ago."""

    def __init__(self) -> None:
        super().__init__()
        self._cutter = _Cutter()
        self._numbers, self._ends = array("I"), array("Q", [0])
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0

    def __missing__(self, text: str) -> int:
        if self._waiting_bytes > _AT_ONCE:
            self._cut_waiting()
        data = text.encode("utf-8", "surrogatepass")
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        self[text] = number = len(self._ends) + len(self._waiting) - 2
        return number

    def size_bytes(self) -> int:
        """About how much memory they take."""
        numbers = 4 * len(self._numbers) + 8 * len(self._ends) + 2 * self._waiting_bytes
        return numbers + _PIECE_BYTES * len(self._cutter.pieces)

    def mean(self) -> float:
        """About how many pieces a text has."""
        pieces = len(self._numbers) + self._waiting_bytes // 6
        return pieces / (len(self._ends) + len(self._waiting))

    def cut(self) -> Cut:
        """All texts so far, by number."""
        self._cut_waiting()
        return Cut(
            self._cutter.pieces, np.frombuffer(self._numbers, "u4"), np.frombuffer(self._ends, "u8").astype("i8")
        )

    def _cut_waiting(self) -> None:
        if not self._waiting:
            return
        ends = np.cumsum([len(data) + 1 for data in self._waiting])
        starts, numbers = self._cutter.cut(b" ".join([*self._waiting, b""]))
        self._ends.frombytes((np.searchsorted(starts, ends) + len(self._numbers)).astype("u8").tobytes())
        self._numbers.frombytes(numbers.tobytes())
        self._waiting, self._waiting_bytes = [], 0
        self.clear()


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
