"""How are many keys looked up at once?

A hash table with open addressing and linear probing (D. Knuth, The Art of Computer Programming, volume 3, 6.4), of
which each step is taken for all keys together.
"""

from __future__ import annotations

import os

import numpy as np

from .streams import Numbers


class Table:
    """Numbers keys, which are pairs of 64-bit numbers.

    Slots follow from secret factors, so that nobody can write texts whose words all fall into the same.
    """

    def __init__(self) -> None:
        self._known = 0
        self._slots = np.zeros(2, "i4")
        self._heads, self._tails = np.zeros(2, "u8"), np.zeros(2, "u8")
        self._factors = np.frombuffer(os.urandom(16), "u8") | np.uint64(1)

    def numbered(self, heads: Numbers, tails: Numbers) -> tuple[Numbers, Numbers]:
        """The number of each key, and for each new number, in order, a place where its key is."""
        self._reserve(len(heads))
        numbers, places = np.empty(len(heads), "u4"), np.arange(len(heads))
        at = self._first_slots(heads, tails)
        new = [places[:0]]
        while len(places):
            found = self._slots[at] - 1
            free = np.flatnonzero(found < 0)
            if len(free):
                new.append(places[self._claimed(free, at[free], heads, tails)])
                found[free] = self._slots[at[free]] - 1
            numbers[places] = found
            others = np.flatnonzero((self._heads[found] != heads) | (self._tails[found] != tails))
            places, heads, tails, at = places[others], heads[others], tails[others], self._next(at[others])
        return numbers, np.concatenate(new)

    def _claimed(self, free: Numbers, at: Numbers, heads: Numbers, tails: Numbers) -> Numbers:
        """Fill free slots with the keys that want them, each with one of those that do: tell with which."""
        self._slots[at] = free
        first = self._slots[at] == free
        claimed: Numbers = free[first]
        numbers = np.arange(self._known, self._known + len(claimed))
        self._heads[numbers], self._tails[numbers] = heads[claimed], tails[claimed]
        self._slots[at[first]] = numbers + 1
        self._known += len(claimed)
        return claimed

    def _reserve(self, more: int) -> None:
        """Have two slots for each key that is known, and one for each that may come."""
        needed = 2 * self._known + more
        if needed < len(self._slots):
            return
        size = 1 << needed.bit_length()
        self._heads, self._tails = (_longer(known, size) for known in (self._heads, self._tails))
        self._slots = np.zeros(size, "i4")
        numbers = np.arange(1, self._known + 1, dtype="i4")
        at = self._first_slots(self._heads[: self._known], self._tails[: self._known])
        while len(numbers):
            free = self._slots[at] == 0
            self._slots[at[free]] = numbers[free]
            left = self._slots[at] != numbers
            numbers, at = numbers[left], self._next(at[left])

    def _first_slots(self, heads: Numbers, tails: Numbers) -> Numbers:
        """The upper bits of a product, which depend on all bits of the key."""
        mixed = (heads ^ (tails * self._factors[1])) * self._factors[0]
        slots: Numbers = (mixed >> np.uint64(65 - len(self._slots).bit_length())).astype("i8")
        return slots

    def _next(self, at: Numbers) -> Numbers:
        slots: Numbers = (at + 1) & (len(self._slots) - 1)
        return slots


def _longer(numbers: Numbers, size: int) -> Numbers:
    grown = np.zeros(size, numbers.dtype)
    grown[: len(numbers)] = numbers
    return grown
