"""How are many texts cut into numbered pieces?

A piece is a run of bytes above the space. Texts wait until there is half a megabyte of them, which is cut at once.
A piece of up to 8 bytes is a 64-bit number, which a hash table finds again for all pieces at once. One of up to 16
is two such numbers, which are numbered first; a longer one is looked up in a dictionary.
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

#: Begin the keys of pieces of up to 16 bytes, and of longer ones; no UTF-8 has such bytes.
_LONG, _LONGER = np.uint64(0xFF << 56), np.uint64(0xFE << 56)
_HALF_BITS = np.uint64(28)


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
        self._cut: Cut | None = None
        self._numbers, self._ends = array("I"), array("Q", [0])
        self._waiting: list[str] = []
        self._waiting_letters = 0

    def __missing__(self, text: str) -> int:
        if self._waiting_letters > _AT_ONCE:
            self._cut_waiting()
        self._waiting.append(text)
        self._waiting_letters += len(text)
        self[text] = number = len(self._ends) + len(self._waiting) - 2
        return number

    def size_bytes(self) -> int:
        """About how much memory they take."""
        numbers = 4 * len(self._numbers) + 8 * len(self._ends) + 2 * self._waiting_letters
        return numbers + _PIECE_BYTES * len(self._cutter.pieces)

    def mean(self) -> float:
        """About how many pieces a text has."""
        pieces = len(self._numbers) + self._waiting_letters // 6
        return pieces / (len(self._ends) + len(self._waiting))

    def cut(self) -> Cut:
        """All texts, by number. There must not be more of them afterwards."""
        if self._cut is None:
            self._cut_waiting()
            numbers, ends = np.frombuffer(self._numbers, "u4"), np.frombuffer(self._ends, "u8").astype("i8")
            self._cut = Cut(self._cutter.pieces, numbers, ends)
            self._cutter = _Cutter()
        return self._cut

    def _cut_waiting(self) -> None:
        if not self._waiting:
            return
        waiting = [text.encode("utf-8", "surrogatepass") for text in self._waiting]
        ends = np.cumsum([len(data) + 1 for data in waiting])
        starts, numbers = self._cutter.cut(b" ".join([*waiting, b""]))
        self._ends.frombytes((np.searchsorted(starts, ends) + len(self._numbers)).astype("u8").tobytes())
        self._numbers.frombytes(numbers.data.cast("B"))
        self._waiting, self._waiting_letters = [], 0
        self.clear()


class _Cutter:
    """Gives each different piece its number when it is first seen."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._table, self._heads, self._tails = Table(), Table(), Table()
        self._longer = Numbered()

    def cut(self, data: bytes) -> tuple[Numbers, Numbers]:
        """Where the pieces of ``data`` begin, and their numbers. The last byte must be a space."""
        ends = np.flatnonzero(np.frombuffer(data, "u1") <= _SPACE)
        starts = np.concatenate(([0], ends[:-1] + 1))
        sizes = ends - starts
        if not sizes.all():
            starts, ends, sizes = (numbers[sizes > 0] for numbers in (starts, ends, sizes))
        eight: Numbers = np.ndarray(len(data) + 9, "<u8", data + _PADDING, strides=(1,))
        keys = eight[starts] & _MASKS.take(sizes, mode="clip")
        long = np.flatnonzero(sizes > 8)
        tails = eight[starts[long] + 8] & _MASKS.take(sizes[long] - 8, mode="clip")
        keys[long] = self._halves(keys[long], tails)
        for at in long[sizes[long] > 16].tolist():
            keys[at] = _LONGER | np.uint64(self._longer[data[starts[at] : ends[at]]])
        numbers, new = self._table.numbered(keys)
        added = [data[start:end] for start, end in zip(starts[new].tolist(), ends[new].tolist(), strict=True)]
        self.pieces += b" ".join(added).decode("utf-8", "surrogatepass").split(" ") if added else []
        return starts, numbers

    def _halves(self, heads: Numbers, tails: Numbers) -> Numbers:
        """Keys of pieces that are two numbers."""
        first, second = (
            table.numbered(half)[0].astype("u8") for table, half in ((self._heads, heads), (self._tails, tails))
        )
        keys: Numbers = _LONG | first << _HALF_BITS | second
        return keys
