"""What are the postings of some terms, before they are written and after they are read?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .streams import Numbers, ragged


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
