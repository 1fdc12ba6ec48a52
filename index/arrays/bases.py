"""Which rows of a segment can stay as they are written when documents are put after its own?

A row is a sequence, and most can go on in the class in which they begin. Those that cannot are written anew, and so
are short ones: what is best for a few numbers need not be for more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .blocks import Block
from .format import Field
from .joining import read
from .quarters import LARGEST
from .streams import Numbers, totals

#: Rows of fewer postings are written anew; among them any of document 0 alone, to which no gap could be added.
_SHORT = 64

#: The largest frequency, less 1, that each class can take.
_MOST = np.array([0, 0xFFFFFFFF, 0xFFFFFFFF, LARGEST], "u4")

#: So many bytes of a term are compared at once: masks for terms that lack 0, 1, ... of them.
_HEAD = 8
_HEADS = np.array([(1 << 64) - (1 << 8 * missing) for missing in range(_HEAD + 1)], "u8")


class Base:
    """A field of the segment whose documents come first; None for one without terms.

    The numbers of its rows are followed by those of one more, which is empty.
    """

    def __init__(self, field: Field | None) -> None:
        self._field = field
        self.counts, self.classes = np.zeros(1, "i8"), np.zeros(1, "u1")
        self.ends = dict.fromkeys(("text", "docs", "tfs", "places"), np.zeros(2, "i8"))
        if field is not None:
            parts = {"text": field.text_ends, "docs": field.doc_ends, "tfs": field.tf_ends, "places": field.place_ends}
            self.counts = np.diff(_with_one_more(field.posting_ends))
            self.classes = np.append(np.asarray(field.classes), np.uint8(0))
            self.ends |= {part: _with_one_more(ends) for part, ends in parts.items() if len(ends)}

    def __len__(self) -> int:
        return len(self.counts) - 1

    def data(self, part: str) -> Any:
        """The bytes of all rows of a part."""
        return b"" if self._field is None else getattr(self._field, part)

    def located(self, terms: Sequence[bytes]) -> tuple[Numbers, Numbers]:
        """The number of each term, or of the row it would come before; and whether it is there."""
        held = np.zeros(len(terms), bool)
        if self._field is None:
            return np.zeros(len(terms), "i8"), held
        heads = _heads(b"".join(terms), np.cumsum([0, *map(len, terms)]))
        low, high = (self._heads.searchsorted(heads, side) for side in ("left", "right"))
        for number in np.flatnonzero(low < high).tolist():
            term, alike = terms[number], range(low[number], high[number])
            low[number] = at = alike.start + bisect_left(alike, term, key=self._field.term)
            held[number] = at < alike.stop and self._field.term(at) == term
        return low, held

    def outgrown(self, at: Numbers, block: Block) -> Numbers:
        """Which of the rows ``at`` are to be written anew with what comes to them, the terms of the block."""
        classes, starts = self.classes[at], np.cumsum(block.counts) - block.counts
        found: Numbers = self.counts[at] < _SHORT
        found |= np.maximum.reduceat(block.tfs, starts) - 1 > _MOST[classes >> 2 & 3]
        if block.places is not None:
            of_terms = np.add.reduceat(block.tfs, starts, dtype="i8")
            most = np.maximum.reduceat(block.places, np.cumsum(of_terms) - of_terms)
            found |= (classes >> 4 & 3 == 0) & (most > 0)
        return found

    def read(self, at: Numbers) -> Block:
        """Terms with their postings."""
        assert self._field is not None
        return read(self._field, at, positions=self._field.positions)

    def lasts(self, at: Numbers) -> Numbers:
        """The last document of each of these terms."""
        ends = self.ends["docs"]
        return totals(self.data("docs"), ends[at], ends[at + 1], self.classes[at] & 3)

    @cached_property
    def _heads(self) -> Numbers:
        return _heads(bytes(self.data("text")), self.ends["text"][:-1])


def _with_one_more(ends: Any) -> Numbers:
    found = np.asarray(ends).astype("i8")
    return np.append(found, found[-1:])


def _heads(text: bytes, ends: Numbers) -> Numbers:
    """The first eight bytes of terms as numbers, which are in the order of the terms."""
    eight: Numbers = np.ndarray(len(text) + 1, ">u8", text + bytes(_HEAD), strides=(1,))
    missing = np.maximum(_HEAD - np.diff(ends), 0)
    found: Numbers = eight[ends[:-1]].astype("u8") & _HEADS.take(missing)
    return found
