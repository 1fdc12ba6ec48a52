"""How do the postings of one field become the sections of a segment?

They come in blocks, each a run of terms in order with all their postings, so that a field never has to be in memory
as a whole: what a block becomes goes to temporary files, and from there into the segment. Where there is a base, its
rows go from one segment into the other as they are, but for those of terms that come in a block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from typing import Any

import numpy as np

from .bases import Base
from .blocks import Block, chunked, gaps, unsigned
from .format import Field, SegmentFile
from .joining import joined
from .quarters import QUARTERS, go_on, pack_frequencies, woven
from .splicing import Spliced
from .streams import ANY, Numbers, pack

#: Parts of a field that have a row for each term, and where it is said how these end.
_ENDS = {"text": "text_ends", "docs": "doc_ends", "tfs": "tf_ends", "places": "place_ends"}

#: What is left out where it is all 0.
_ROW_ENDS = ("doc_ends", "tf_ends", "place_ends")

#: Postings that are packed at once.
_PACKED = 1 << 18

Packed = tuple[Numbers, Numbers, Numbers]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where the terms of a block go among the rows of the base, whose classes are ``classes``.

    They are new and go before row ``at``, or it is theirs already: then it goes on, or is written anew.
    """

    at: Numbers
    held: Numbers
    goes_on: Numbers
    classes: Numbers

    @property
    def anew(self) -> Numbers:
        return self.held & ~self.goes_on

    def wanted(self, shift: int) -> Numbers | None:
        """The classes of the rows of a part; None where no row goes on."""
        return np.where(self.goes_on, self.classes >> shift & 3, ANY) if self.goes_on.any() else None


class FieldFile:
    """Takes the blocks of a field in the order of their terms, and writes its sections.

    A base has neither weights nor values, and its documents come before those of all blocks.
    """

    def __init__(self, name: str, *, positions: bool, weighted: bool, values: bool, base: Field | None = None) -> None:
        self._name = name
        self._facts = {"positions": positions, "weighted": weighted, "values": values}
        self._base = Base(base)
        parts = ["text", "docs", "tfs"] + ["places"] * positions + ["weights"] * weighted + ["values"] * values
        self._parts = {part: Spliced(self._base.data(part)) for part in parts}
        self._rows: list[_Rows] = []
        self._noted: dict[str, list[Numbers]] = {}

    def add(self, block: Block) -> None:
        for start, end in pairwise(chunked(block.counts, _PACKED)):
            self._add(block.cut(start, end))

    def write(self, out: SegmentFile, lengths: Numbers | None) -> dict[str, Any] | None:
        """Write the sections, with the length of this field in each document. None if there is no posting."""
        some = bool(self._rows or len(self._base))
        if some:
            self._write(out)
        for part in self._parts.values():
            part.close()
        if not some:
            return None
        if lengths is not None:
            out.add(f"field/{self._name}/lengths", *unsigned(lengths))
        total = 0 if lengths is None else int(lengths.sum(dtype="i8"))
        return self._facts | {"scorable": lengths is not None, "total": total}

    def _add(self, block: Block) -> None:
        block, rows = self._placed(block)
        self._rows.append(rows)
        self._put_text(rows, block.terms)
        self._note("posting_ends", block.counts - self._base.counts[rows.at] * rows.anew)
        starts = np.cumsum(block.counts) - block.counts
        docs = gaps(block.docs, starts)
        docs[starts[rows.goes_on]] -= self._base.lasts(rows.at[rows.goes_on])
        classes = self._put("docs", rows, pack(docs, block.counts, wanted=rows.wanted(0)))
        classes |= self._put_frequencies(rows, block.tfs - np.uint32(1), block.counts) << np.uint8(2)
        if block.places is not None:
            counts = np.add.reduceat(block.tfs, starts, dtype="i8")
            classes |= self._put("places", rows, pack(block.places, counts, wanted=rows.wanted(4))) << np.uint8(4)
        self._note("classes", classes - rows.classes * rows.held)
        self._append(block)

    def _append(self, block: Block) -> None:
        """Weights and values."""
        if self._facts["weighted"]:
            self._parts["weights"].append((block.tfs if block.weights is None else block.weights).astype("<f4"))
        if block.values is not None:
            self._note("value_ends", np.fromiter(map(len, block.values), "i8", len(block.values)))
            self._parts["values"].append(b"".join(block.values))

    def _placed(self, block: Block) -> tuple[Block, _Rows]:
        """A block with all postings of terms that are written anew, and where its terms go."""
        at, held = self._base.located(block.terms)
        anew = held & self._base.outgrown(at, block) if held.any() else held
        if anew.any():
            block = joined([self._base.read(at[anew]), block])
        return block, _Rows(at, held, held & ~anew, self._base.classes[at])

    def _put_text(self, rows: _Rows, terms: Sequence[bytes]) -> None:
        new = list(compress(terms, ~rows.held))
        sizes = np.zeros(len(terms), "i8")
        sizes[~rows.held] = [len(term) for term in new]
        self._parts["text"].put(b"".join(new), sizes, self._base.ends["text"][rows.at], np.zeros_like(sizes))
        self._note("text_ends", sizes)

    def _put_frequencies(self, rows: _Rows, numbers: Numbers, counts: Numbers) -> Numbers:
        """As ``_put``. Quarters that go on take over from a byte that may be in use already."""
        wanted = rows.wanted(2)
        if wanted is None or QUARTERS not in wanted:
            return self._put("tfs", rows, pack_frequencies(numbers, counts, wanted))
        quarters = wanted == QUARTERS
        of_numbers, at, ends = np.repeat(quarters, counts), rows.at[quarters], self._base.ends["tfs"]
        data, sizes, first = go_on(
            self._base.data("tfs"), ends[at], ends[at + 1], self._base.counts[at], numbers[of_numbers], counts[quarters]
        )
        others = pack_frequencies(numbers[~of_numbers], counts[~quarters], wanted[~quarters])
        start = ends[rows.at + rows.goes_on]
        start[quarters] = first
        return self._put("tfs", rows, woven(quarters, (data, sizes, wanted[quarters]), others), start)

    def _put(self, part: str, rows: _Rows, packed: Packed, start: Numbers | None = None) -> Numbers:
        """Put rows between those of the base, from ``start`` on in its bytes, and give their classes."""
        data, sizes, classes = packed
        ends = self._base.ends[part]
        start = ends[rows.at + rows.goes_on] if start is None else start
        skipped = (ends[rows.at + 1] - start) * rows.held
        self._parts[part].put(data, sizes, start, skipped)
        self._note(_ENDS[part], sizes - skipped)
        return classes

    def _note(self, name: str, added: Numbers) -> None:
        """A number of each row that is new, and what is added to it of each other one."""
        self._noted.setdefault(name, []).append(added)

    def _write(self, out: SegmentFile) -> None:
        prefix, base = f"field/{self._name}", self._base
        out.add(f"{prefix}/classes", "B", [self._grown("classes", base.classes)])
        sizes = {_ENDS[part]: np.diff(ends) for part, ends in base.ends.items() if part in self._parts}
        for name, before in {"posting_ends": base.counts, **sizes}.items():
            ends = np.concatenate(([0], self._grown(name, before))).cumsum()
            if ends[-1] or name not in _ROW_ENDS:
                out.add(f"{prefix}/{name}", *unsigned(ends, at_least=4))
        if "value_ends" in self._noted:
            ends = np.concatenate(([0], *self._noted["value_ends"])).cumsum()
            out.add(f"{prefix}/value_ends", *unsigned(ends, at_least=4))
        for name, part in self._parts.items():
            out.add(f"{prefix}/{name}", "f" if name == "weights" else "B", part.chunks())

    def _grown(self, name: str, before: Numbers) -> Numbers:
        """A number of each row: of those of the base, without the one that follows them, and of all others."""
        found = before[:-1].copy()
        if not self._rows:
            return found
        added = np.concatenate(self._noted[name])
        if not len(found):
            return added
        at, held = (
            np.concatenate(numbers) for numbers in zip(*((row.at, row.held) for row in self._rows), strict=True)
        )
        found[at[held]] += added[held]
        grown: Numbers = np.insert(found, at[~held], added[~held])
        return grown
