"""How are many keys looked up at once?

A hash table with open addressing and linear probing (D. Knuth, The Art of Computer Programming, volume 3, 6.4), of
which each step is taken for all keys together.
"""

from __future__ import annotations

import os

import numpy as np

from .streams import Numbers


class Table:
    """Numbers keys, which are 64-bit numbers other than 0.

    Slots follow from a secret factor, so that nobody can write texts whose words all fall into the same.
    """

    def __init__(self) -> None:
        self._known = 0
        self._keys, self._numbers = np.zeros(2, "u8"), np.zeros(2, "u4")
        self._factor = np.frombuffer(os.urandom(8), "u8") | np.uint64(1)

    def numbered(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """The number of each key, and for each new number, in order, a place where its key is."""
        self._reserve(len(keys))
        at = self._first_slots(keys)
        numbers = self._numbers.take(at)
        places = np.flatnonzero(self._keys.take(at) != keys)
        keys, at, new = keys[places], at[places], [places[:0]]
        while len(places):
            new.append(places[self._claimed(keys, at)])
            numbers[places] = self._numbers[at]
            others = np.flatnonzero(self._keys[at] != keys)
            places, keys, at = places[others], keys[others], self._next(at[others])
        return numbers, np.concatenate(new)

    def _claimed(self, keys: Numbers, at: Numbers) -> Numbers:
        """Give each free slot to one of the keys that want it, and number that: tell which they are."""
        free = np.flatnonzero(self._keys[at] == 0)
        self._numbers[at[free]] = free
        claimed: Numbers = free[self._numbers[at[free]] == free]
        self._keys[at[claimed]] = keys[claimed]
        self._numbers[at[claimed]] = np.arange(self._known, self._known + len(claimed))
        self._known += len(claimed)
        return claimed

    def _reserve(self, more: int) -> None:
        """Have two slots for each key that is known, and one for each that may come.

        Of keys that want the same slot it goes to the one that was there first, which is likely to be frequent.
        """
        needed = 2 * self._known + more
        if needed < len(self._keys):
            return
        filled = np.flatnonzero(self._keys)
        filled = filled[np.argsort(self._numbers[filled])[::-1]]
        keys, numbers = self._keys[filled], self._numbers[filled]
        size = 1 << needed.bit_length()
        self._keys, self._numbers = np.zeros(size, "u8"), np.zeros(size, "u4")
        at = self._first_slots(keys)
        while len(keys):
            free = np.flatnonzero(self._keys[at] == 0)
            self._keys[at[free]] = keys[free]
            here = self._keys[at] == keys
            self._numbers[at[here]] = numbers[here]
            keys, numbers, at = keys[~here], numbers[~here], self._next(at[~here])

    def _first_slots(self, keys: Numbers) -> Numbers:
        """The upper bits of a product, which depend on all bits of the key."""
        slots: Numbers = ((keys * self._factor) >> np.uint64(65 - len(self._keys).bit_length())).view("i8")
        return slots

    def _next(self, at: Numbers) -> Numbers:
        slots: Numbers = (at + 1) & (len(self._keys) - 1)
        return slots
