"""How do the postings of several segments become one run of terms with all their postings?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np

from .blocks import Block
from .format import Field
from .quarters import unpack_frequencies
from .streams import Numbers, ragged, summed, unpack

_NO_TERMS = Block([], np.zeros(0, "i8"), np.zeros(0, "u4"), np.zeros(0, "u4"))


def read(field: Field, rows: slice | Numbers, *, positions: bool) -> Block:
    """Terms of a field, at least one, and their postings without weights and values."""
    classes = np.asarray(field.classes)[rows]
    counts = np.diff(np.asarray(field.posting_ends).astype("i8"))[rows]
    docs = summed(unpack(*_stretch(field.docs, field.doc_ends, rows), classes & 3, counts), counts)
    frequencies = unpack_frequencies(*_stretch(field.tfs, field.tf_ends, rows), classes >> 2 & 3, counts)
    tfs = frequencies + np.uint32(1)
    places = None
    if positions:
        of_terms = np.add.reduceat(tfs, np.cumsum(counts) - counts, dtype="i8")
        places = unpack(*_stretch(field.places, field.place_ends, rows), classes >> 4 & 3, of_terms)
    text, ends = _stretch(field.text, field.text_ends, rows)
    text, borders = bytes(text[ends[0] : ends[-1]]), (ends - ends[0]).tolist()
    return Block([text[low:high] for low, high in pairwise(borders)], counts, docs, tfs, places)


def _stretch(data: Any, ends: Any, rows: slice | Numbers) -> tuple[Any, Numbers]:
    """The bytes of rows one after the other, and where each ends, and before these where the first begins."""
    ends = np.asarray(ends)
    if isinstance(rows, slice):
        return data, ends[rows.start : rows.stop + 1].astype("i8")
    starts, sizes = ends[rows].astype("i8"), (ends[rows + 1] - ends[rows]).astype("i8")
    return np.frombuffer(data, "u1")[ragged(starts, sizes)], np.concatenate(([0], np.cumsum(sizes)))


def joined(blocks: Sequence[Block]) -> Block:
    """One block of several, whose documents are numbered upwards from block to block."""
    if len(blocks) < 2:
        return blocks[0] if blocks else _NO_TERMS
    terms = list(dict.fromkeys(sorted(chain.from_iterable(block.terms for block in blocks))))
    numbers = dict(zip(terms, range(len(terms)), strict=True))
    rows = [np.fromiter(map(numbers.__getitem__, block.terms), "i8", len(block.terms)) for block in blocks]
    counts = [block.counts for block in blocks]
    total, targets = _woven(len(terms), rows, counts)
    places = None
    if all(block.places is not None for block in blocks):
        of_terms = [np.add.reduceat(block.tfs, np.cumsum(block.counts) - block.counts, dtype="i8") for block in blocks]
        places = _put([block.places for block in blocks], _woven(len(terms), rows, of_terms)[1])
    return Block(
        terms,
        total,
        _put([block.docs for block in blocks], targets),
        _put([block.tfs for block in blocks], targets),
        places,
        None if blocks[0].weights is None else _put([block.weights for block in blocks], targets),
        None if blocks[0].values is None else _put_values([block.values for block in blocks], targets),
    )


def _woven(count: int, rows: Sequence[Numbers], counts: Sequence[Numbers]) -> tuple[Numbers, list[Numbers | None]]:
    """How many items each of ``count`` rows has in all, and where the items of each block go.

    Row i of a block is row ``rows[i]`` in the end, where the items of the blocks follow one another. Those of the
    largest block, told as None, fill in order what the others leave.
    """
    total = np.zeros(count, "i8")
    for of_block, counts_of_block in zip(rows, counts, strict=True):
        total[of_block] += counts_of_block
    at = np.cumsum(total) - total
    sizes = [int(counts_of_block.sum()) for counts_of_block in counts]
    targets: list[Numbers | None] = []
    for number, (of_block, counts_of_block) in enumerate(zip(rows, counts, strict=True)):
        targets.append(None if number == sizes.index(max(sizes)) else ragged(at[of_block], counts_of_block))
        at[of_block] += counts_of_block
    return total, targets


def _put(items: Sequence[Any], targets: Sequence[Numbers | None]) -> Numbers:
    """Items of blocks where they go."""
    found = np.empty(sum(map(len, items)), items[0].dtype)
    left = _left(len(found), targets)
    for of_block, target in zip(items, targets, strict=True):
        found[left if target is None else target] = of_block
    return found


def _put_values(values: Sequence[Any], targets: Sequence[Numbers | None]) -> list[bytes]:
    found = [b""] * sum(map(len, values))
    left = np.flatnonzero(_left(len(found), targets))
    for of_block, target in zip(values, targets, strict=True):
        for at, value in zip((left if target is None else target).tolist(), of_block, strict=True):
            found[at] = value
    return found


def _left(count: int, targets: Sequence[Numbers | None]) -> Numbers:
    """Which of so many places are nobody's target."""
    left = np.ones(count, bool)
    for target in targets:
        if target is not None:
            left[target] = False
    return left
