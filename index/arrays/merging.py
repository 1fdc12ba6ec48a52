"""How do several segments become one, without having them in memory?

Fields are merged one after the other, each in rounds over a range of terms, so that a round handles a
bounded number of postings however large the segments are. Deleted documents are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.filedb.structfile import BufferFile

from .blocks import Block, FieldFile
from .building import finish
from .columns import Column, code_of, write_numbers, write_stored
from .format import Field, Segment, SegmentFile
from .gathering import kept
from .quarters import unpack_frequencies
from .streams import Numbers, ragged, summed, unpack
from .texts import Numbered

#: Postings and places handled in a round.
ROUND = 500_000

_NO_TERMS = Block([], np.zeros(0, "i8"), np.zeros(0, "u4"), np.zeros(0, "u4"))

_GONE = np.uint32(0xFFFFFFFF)


class Part:
    """A segment to be merged: ``renumbered[d]`` is the new number of its document d, or _GONE."""

    def __init__(self, segment: Segment, deleted: set[int], first: int) -> None:
        live = np.ones(segment.documents, bool)
        live[list(deleted)] = False
        self.segment = segment
        self.live = live
        self.first = first
        self.documents = int(live.sum())
        self.whole = not deleted
        self.renumbered = np.where(live, np.cumsum(live) - 1 + first, _GONE).astype("u4")


def merge(path: Path, schema: Any, sources: Sequence[tuple[Segment, set[int]]]) -> int:
    """Write a segment with the documents of ``sources`` in order, and give their number.

    A source is a segment and the numbers of its deleted documents.
    """
    parts: list[Part] = []
    documents = 0
    for segment, deleted in sources:
        parts.append(Part(segment, deleted, documents))
        documents += parts[-1].documents
    out = SegmentFile(path)
    try:
        names = sorted({name for part in parts for name in part.segment.fields if name in schema})
        fields = {name: _field(out, name, schema[name], parts, documents) for name in names}
        columns = {name: _column(out, name, schema[name], parts, documents) for name in _columns(schema, parts)}
        stored = _stored_names(schema, parts)
        for name in stored:
            _stored(out, name, parts, documents)
        finish(out, documents, fields, columns, stored)
    except BaseException:
        out.abandon()
        raise
    return documents


def _field(out: SegmentFile, name: str, field: Any, parts: Sequence[Part], documents: int) -> dict[str, Any] | None:
    held = [(part, found) for part in parts if (found := part.segment.field(name)) is not None]
    positions, values = kept(field.format)
    positions = positions and all(found.positions for _, found in held)
    values = values and all(found.values is not None for _, found in held)
    weighted = any(found.weights is not None for _, found in held)
    file = FieldFile(name, positions=positions, weighted=weighted, values=values)
    for ranges in _rounds([found for _, found in held]):
        blocks = [
            _block(found, part, *limits, positions=positions, weighted=weighted, values=values)
            for (part, found), limits in zip(held, ranges, strict=True)
            if limits[0] < limits[1]
        ]
        file.add(_joined(blocks))
    lengths = None
    if field.scorable:
        lengths = np.zeros(documents, "u4")
        for part, found in held:
            if found.lengths is not None:
                lengths[part.first : part.first + part.documents] = np.asarray(found.lengths)[part.live]
    return file.write(out, lengths)


def _rounds(fields: Sequence[Field]) -> Iterator[list[tuple[int, int]]]:
    """Ranges of term numbers, one for each field, that cover all terms in order."""
    at = [0] * len(fields)
    while any(start < len(field) for start, field in zip(at, fields, strict=True)):
        proposals = [
            field.term(end)
            for start, field in zip(at, fields, strict=True)
            if (end := _end(field, start, ROUND // len(fields))) < len(field)
        ]
        beyond = min(proposals, default=None)
        ends = [len(field) if beyond is None else field.lower(beyond) for field in fields]
        yield list(zip(at, ends, strict=True))
        at = ends


def _end(field: Field, start: int, limit: int) -> int:
    """The end of a run of terms from ``start`` that holds about ``limit`` postings, at least one term."""

    def size(at: int) -> int:
        return int(field.posting_ends[at]) + (int(field.place_ends[at]) if field.positions else 0)

    if start == len(field):
        return start
    return max(start + 1, bisect_right(range(len(field) + 1), size(start) + limit, key=size) - 1)


def _block(field: Field, part: Part, start: int, end: int, *, positions: bool, weighted: bool, values: bool) -> Block:
    """The terms [start, end) of a segment with new document numbers, without deleted documents."""
    classes = np.frombuffer(field.classes, "u1", end - start, start)
    posting_ends = _ends(field.posting_ends, start, end)
    counts = np.diff(posting_ends)
    gaps = unpack(field.docs, _ends(field.doc_ends, start, end), classes & 3, counts)
    docs = summed(gaps, counts)
    tfs = unpack_frequencies(field.tfs, _ends(field.tf_ends, start, end), classes >> 2 & 3, counts) + np.uint32(1)
    first, beyond = int(posting_ends[0]), int(posting_ends[-1])
    places = None
    if positions:
        of_terms = np.add.reduceat(tfs, np.cumsum(counts) - counts, dtype="i8")
        places = unpack(field.places, _ends(field.place_ends, start, end), classes >> 4 & 3, of_terms)
    weights = None
    if weighted:
        weights = tfs.astype("f4") if field.weights is None else np.asarray(field.weights[first:beyond])
    kept_values = None
    if values and field.values is not None:
        at = field.value_ends[first : beyond + 1].tolist()
        kept_values = [bytes(field.values[low:high]) for low, high in pairwise(at)]
    ends = field.text_ends[start : end + 1].tolist()
    text = bytes(field.text[ends[0] : ends[-1]])
    terms = [text[low - ends[0] : high - ends[0]] for low, high in pairwise(ends)]
    if part.whole:
        return Block(terms, counts, docs + np.uint32(part.first), tfs, places, weights, kept_values)
    return _living(Block(terms, counts, part.renumbered[docs], tfs, places, weights, kept_values))


def _ends(numbers: Any, start: int, end: int) -> Numbers:
    return np.asarray(numbers[start : end + 1]).astype("i8")


def _living(block: Block) -> Block:
    order = np.flatnonzero(block.docs != _GONE)
    of_terms = np.repeat(np.arange(len(block.counts)), block.counts)[order]
    counts = np.bincount(of_terms, minlength=len(block.counts))
    terms = [term for term, count in zip(block.terms, counts.tolist(), strict=True) if count]
    return block.taken(order, terms, counts[counts > 0])


def _joined(blocks: Sequence[Block]) -> Block:
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


def _columns(schema: Any, parts: Sequence[Part]) -> list[str]:
    names = {name for part in parts for name in part.segment.columns}
    return [name for name in sorted(names) if name in schema and schema[name].column_type]


def _column(out: SegmentFile, name: str, field: Any, parts: Sequence[Part], documents: int) -> dict[str, Any]:
    held = [(part, part.segment.columns[name]["numeric"]) for part in parts if name in part.segment.columns]
    if all(numeric for _, numeric in held):
        numbers = np.full(documents, field.column_type.default_value(), code_of(field.column_type))
        for part, _ in held:
            numbers[part.first : part.first + part.documents] = np.asarray(part.segment.column(name))[part.live]
        return write_numbers(out, name, field.column_type, numbers)
    merged = Column(field)
    for part, _ in held:
        data = part.segment.view(f"column/{name}")
        reader = merged.column.reader(BufferFile(data), 0, len(data), part.segment.documents)
        for document in np.flatnonzero(part.live).tolist():
            merged.add(int(part.renumbered[document]), reader[document])
    return merged.write(out, name, documents)


def _stored_names(schema: Any, parts: Sequence[Part]) -> list[str]:
    return [name for name in sorted({name for part in parts for name in part.segment.stored}) if name in schema]


def _stored(out: SegmentFile, name: str, parts: Sequence[Part], documents: int) -> None:
    known = Numbered()
    merged = np.zeros(documents, "u4")
    for part in parts:
        if name not in part.segment.stored:
            continue
        refs = np.asarray(part.segment.view(f"stored/{name}/refs"))[part.live]
        ends = part.segment.view(f"stored/{name}/ends")
        data = part.segment.view(f"stored/{name}/values")
        used: Numbers = np.flatnonzero(np.bincount(refs))
        numbers = np.zeros(int(used.max(initial=0)) + 1, "u4")
        numbers[used] = [known[bytes(data[ends[at - 1] : ends[at]])] + 1 if at else 0 for at in used.tolist()]
        merged[part.first : part.first + part.documents] = numbers[refs]
    write_stored(out, name, merged, known)
