"""Which of very many terms are spelt nearly like a word? By numpy, for all of them at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from .streams import Numbers


class Spellings:
    """The letters of terms: term i is what ``text`` (UTF-8) has between ends i and i + 1."""

    def __init__(self, text: Any, ends: Any) -> None:
        letters, ends = np.frombuffer(text, "u1"), np.asarray(ends).astype("i8")
        further = np.flatnonzero(letters & 0xC0 == 0x80)
        if len(further):
            ends -= np.searchsorted(further, ends)
            letters = _letters(str(text, "utf-8"))
        self._last = int(letters.max(initial=0))
        self._text, self._starts, self._lengths = map(_narrow, (letters, ends[:-1], np.diff(ends)))
        self._tables: dict[int, tuple[Numbers, Numbers]] = {}

    def near(self, word: str, most: int, *, swaps: bool) -> list[int]:
        """The numbers of the terms at most so many edits from a word, ascending; see ``edits``."""
        letters = _letters(word)
        known = np.zeros(max(self._last, int(letters.max(initial=0))) + 1, bool)
        known[letters] = True
        found: list[int] = []
        for length in range(max(len(letters) - most, 0), len(letters) + most + 1):
            terms, table = self._of_length(length)
            others = np.zeros(len(terms), "i2")
            for row in table:
                others += ~known[row]
            chosen = others <= most
            found += terms[chosen][_edits(letters, table[:, chosen], swaps=swaps) <= most].tolist()
        return sorted(found)

    def _of_length(self, length: int) -> tuple[Numbers, Numbers]:
        """Terms so long, and their letters: a row for each place, a column for each term."""
        if length not in self._tables:
            terms = np.flatnonzero(self._lengths == length)
            starts, table = self._starts[terms], np.empty((length, len(terms)), self._text.dtype)
            for place, row in enumerate(table):
                self._text.take(starts + place, out=row)
            self._tables[length] = terms, table
        return self._tables[length]


def _narrow(numbers: Numbers) -> Numbers:
    """The same in as little memory as they allow; in place where that is as it is."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))), copy=False)


def _letters(word: str) -> Numbers:
    return np.frombuffer(word.encode("utf-32-le", "surrogatepass"), "<u4")


def _edits(letters: Numbers, table: Numbers, *, swaps: bool) -> Numbers:
    """How many edits make the word of each column of a table."""
    steps = np.arange(len(letters) + 1, dtype="i2")[:, None]
    before = last = now = np.repeat(steps, table.shape[1], axis=1)
    for place, row in enumerate(table):
        wrong = letters[:, None] != row
        fresh = now + 1
        np.minimum(fresh[1:], now[:-1] + wrong, out=fresh[1:])
        if swaps and place:
            np.minimum(fresh[2:], before[:-2] + 1, out=fresh[2:], where=~(wrong[:-1] | last[1:]))
        before, last = now, wrong
        now = np.minimum.accumulate(fresh - steps, axis=0) + steps
    found: Numbers = now[-1]
    return found
