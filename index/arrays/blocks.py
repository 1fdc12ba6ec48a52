"""How do the postings of one field become the sections of a segment?

They come in blocks, each a run of terms in order with all their postings, so that a field never has to be
in memory as a whole: what a block becomes goes to temporary files, and from there into the segment.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, Any

import numpy as np

from .format import SegmentFile
from .quarters import pack_frequencies
from .streams import Numbers, pack, ragged

_SPOOLED_BYTES = 4 << 20

#: Sections that are left out where they are all 0.
_ROW_ENDS = ("doc_ends", "tf_ends", "place_ends")

#: Postings that are packed at once.
_PACKED = 1 << 18


@dataclass(slots=True)
class Block:
    """Terms in order, and their postings one term after the other, documents ascending.

    ``counts`` tells how many postings each term has, ``tfs`` how often it occurs in each document, ``places``
    where: for each posting its first place, then the gaps to the next.
    """

    terms: Sequence[bytes]
    counts: Numbers
    docs: Numbers
    tfs: Numbers
    places: Numbers | None = None
    weights: Numbers | None = None
    values: list[bytes] | None = None

    def taken(self, order: Numbers, terms: Sequence[bytes], counts: Numbers) -> Block:
        """The postings ``order`` of this block, which are those of ``terms``."""
        places = None
        if self.places is not None:
            starts = np.cumsum(self.tfs, dtype="i8") - self.tfs
            places = self.places[ragged(starts[order], self.tfs[order].astype("i8"))]
        return Block(
            terms,
            counts,
            self.docs[order],
            self.tfs[order],
            places,
            None if self.weights is None else self.weights[order],
            None if self.values is None else [self.values[at] for at in order.tolist()],
        )

    def cut(self, start: int, end: int) -> Block:
        """The terms [start, end), in place."""
        if (start, end) == (0, len(self.terms)):
            return self
        first, beyond = int(self.counts[:start].sum()), int(self.counts[:end].sum())
        places = None
        if self.places is not None:
            before = int(self.tfs[:first].sum(dtype="i8"))
            places = self.places[before : before + int(self.tfs[first:beyond].sum(dtype="i8"))]
        return Block(
            self.terms[start:end],
            self.counts[start:end],
            self.docs[first:beyond],
            self.tfs[first:beyond],
            places,
            None if self.weights is None else self.weights[first:beyond],
            None if self.values is None else self.values[first:beyond],
        )


def chunked(counts: Numbers, limit: int) -> Sequence[int]:
    """Borders between runs of rows that hold at most ``limit`` numbers, or of a single row."""
    ends = np.cumsum(counts)
    borders = [0]
    while borders[-1] < len(counts):
        done = int(ends[borders[-1] - 1]) if borders[-1] else 0
        borders.append(max(borders[-1] + 1, int(np.searchsorted(ends, done + limit, "right"))))
    return borders


class FieldFile:
    """Takes the blocks of a field in the order of their terms, and writes its sections."""

    def __init__(self, name: str, *, positions: bool, weighted: bool, values: bool) -> None:
        self._name = name
        self._facts = {"positions": positions, "weighted": weighted, "values": values}
        parts = ["text", "docs", "tfs"] + ["places"] * positions + ["weights"] * weighted + ["values"] * values
        self._files: dict[str, IO[bytes]] = {
            part: tempfile.SpooledTemporaryFile(_SPOOLED_BYTES)  # noqa: SIM115  (closed by write)
            for part in parts
        }
        self._sizes: dict[str, list[Numbers]] = {}

    def add(self, block: Block) -> None:
        for start, end in pairwise(chunked(block.counts, _PACKED)):
            self._add(block.cut(start, end))

    def _add(self, block: Block) -> None:
        self._note("text_ends", np.fromiter(map(len, block.terms), "u4", len(block.terms)))
        self._files["text"].write(b"".join(block.terms))
        self._note("posting_ends", block.counts)
        starts = np.cumsum(block.counts) - block.counts
        classes = self._packed("docs", "doc_ends", pack(gaps(block.docs, starts), block.counts))
        tfs = pack_frequencies(block.tfs - np.uint32(1), block.counts)
        classes |= self._packed("tfs", "tf_ends", tfs) << np.uint8(2)
        if block.places is not None:
            counts = np.add.reduceat(block.tfs, starts, dtype="i8")
            classes |= self._packed("places", "place_ends", pack(block.places, counts)) << np.uint8(4)
        self._note("classes", classes)
        if self._facts["weighted"]:
            weights = block.tfs if block.weights is None else block.weights
            self._files["weights"].write(weights.astype("<f4").tobytes())
        if block.values is not None:
            self._note("value_ends", np.fromiter(map(len, block.values), "u4", len(block.values)))
            self._files["values"].write(b"".join(block.values))

    def write(self, out: SegmentFile, lengths: Numbers | None) -> dict[str, Any] | None:
        """Write the sections, with the length of this field in each document. None if there is no posting."""
        prefix = f"field/{self._name}"
        if "classes" in self._sizes:
            out.add(f"{prefix}/classes", "B", self._sizes.pop("classes"))
            for part, sizes in self._sizes.items():
                ends = np.concatenate(([0], *sizes)).astype("i8").cumsum()
                if ends[-1] or part not in _ROW_ENDS:
                    out.add(f"{prefix}/{part}", *unsigned(ends, at_least=4))
            for part, file in self._files.items():
                out.copy(f"{prefix}/{part}", "f" if part == "weights" else "B", file)
        for file in self._files.values():
            file.close()
        if not self._sizes:
            return None
        if lengths is not None:
            out.add(f"{prefix}/lengths", *unsigned(lengths))
        total = 0 if lengths is None else int(lengths.sum(dtype="i8"))
        return self._facts | {"scorable": lengths is not None, "total": total}

    def _packed(self, part: str, ends: str, packed: tuple[Numbers, Numbers, Numbers]) -> Numbers:
        """Note rows, and give their classes."""
        data, sizes, classes = packed
        self._files[part].write(data.tobytes())
        self._note(ends, sizes)
        return classes

    def _note(self, part: str, sizes: Numbers) -> None:
        self._sizes.setdefault(part, []).append(sizes if part == "classes" else sizes.astype("u4"))


def unsigned(numbers: Numbers, at_least: int = 1) -> tuple[str, list[Numbers]]:
    """Type code and chunks of a section of numbers that are not negative, as narrow as they allow."""
    most = int(numbers.max()) if len(numbers) else 0
    code, width = next(
        (code, width)
        for code, width in zip("BHIQ", (1, 2, 4, 8), strict=True)
        if width >= at_least and most < 1 << 8 * width
    )
    return code, [numbers.astype(f"<u{width}")]


def gaps(numbers: Numbers, starts: Numbers) -> Numbers:
    """Differences of neighbours; the first number of each run stays."""
    found = np.empty(len(numbers), "u4")
    found[:1] = numbers[:1]
    np.subtract(numbers[1:], numbers[:-1], out=found[1:], casting="unsafe")
    found[starts] = numbers[starts]
    return found
