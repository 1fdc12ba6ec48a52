"""How are many texts cut into numbered pieces?

A piece is a run of bytes above the space. Texts wait until there is half a megabyte of them, which is cut at once.
A piece of up to 8 bytes is a 64-bit number, which a hash table finds again for all pieces at once. One of up to 16
is two such numbers, of which a hash is looked for; it is compared with what was found. Longer ones, and those whose
hash another one has, are looked up in a dictionary.
"""

from __future__ import annotations

import os
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

#: Begin the keys of pieces that are two numbers, and of those in the dictionary; no UTF-8 has such bytes.
_LONG, _APART = np.uint64(0xFF << 56), np.uint64(0xFE << 56)


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
        self._table = Table()
        self._heads, self._tails = array("Q"), array("Q")
        self._factors = np.frombuffer(os.urandom(16), "u8") | np.uint64(1)
        self._others = Numbered()

    def cut(self, data: bytes) -> tuple[Numbers, Numbers]:
        """Where the pieces of ``data`` begin, and their numbers. The last byte must be a space."""
        found = _found(data)
        keys = found.heads()
        at = np.flatnonzero(found.sizes > 8)
        long = found.some(at)
        heads, tails = keys[at], long.tails()
        keys[at] = _LONG | (heads * self._factors[0] + tails * self._factors[1]) >> np.uint64(8)
        longer = at[long.sizes > 16]
        keys[longer] = self._keys_apart(found.some(longer))
        numbers, new = self._table.numbered(keys)
        self._note(found.some(new))
        mistaken = at[self._differ(numbers[at], heads, tails)]
        if len(mistaken):
            others = found.some(mistaken)
            numbers[mistaken], new = self._table.numbered(self._keys_apart(others))
            self._note(others.some(new))
        return found.starts, numbers

    def _note(self, new: _Found) -> None:
        """Keep pieces that have the next numbers."""
        if len(new.starts):
            self.pieces += b" ".join(new.cut()).decode("utf-8", "surrogatepass").split(" ")
            self._heads.frombytes(new.heads().tobytes())
            self._tails.frombytes(new.tails().tobytes())

    def _differ(self, numbers: Numbers, heads: Numbers, tails: Numbers) -> Numbers:
        """Which pieces are others than those of the same numbers."""
        known_heads, known_tails = np.frombuffer(self._heads, "u8"), np.frombuffer(self._tails, "u8")
        differ: Numbers = (known_heads.take(numbers) != heads) | (known_tails.take(numbers) != tails)
        return differ

    def _keys_apart(self, pieces: _Found) -> Numbers:
        return _APART | np.fromiter(map(self._others.__getitem__, pieces.cut()), "u8", len(pieces.starts))


@dataclass(frozen=True, slots=True)
class _Found:
    """Where pieces are among bytes, and the 64-bit number that begins at each of these."""

    data: bytes
    eight: Numbers
    starts: Numbers
    sizes: Numbers

    def some(self, which: Numbers) -> _Found:
        return _Found(self.data, self.eight, self.starts[which], self.sizes[which])

    def heads(self) -> Numbers:
        """Up to eight bytes of each."""
        heads: Numbers = self.eight[self.starts] & _MASKS.take(self.sizes, mode="clip")
        return heads

    def tails(self) -> Numbers:
        """Up to eight bytes that follow; 0 for none."""
        tails: Numbers = self.eight[self.starts + 8] & _MASKS.take(self.sizes - 8, mode="clip")
        return tails

    def cut(self) -> list[bytes]:
        starts, ends = self.starts.tolist(), (self.starts + self.sizes).tolist()
        return [self.data[start:end] for start, end in zip(starts, ends, strict=True)]


def _found(data: bytes) -> _Found:
    ends = np.flatnonzero(np.frombuffer(data, "u1") <= _SPACE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    sizes = ends - starts
    eight: Numbers = np.ndarray(len(data) + 9, "<u8", data + _PADDING, strides=(1,))
    found = _Found(data, eight, starts, sizes)
    return found if sizes.all() else found.some(np.flatnonzero(sizes))
