"""How do several segments become one, without having them in memory?

Fields are merged one after the other, each in rounds over a range of terms, so that a round handles a
bounded number of postings however large the segments are. Deleted documents are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.filedb.structfile import BufferFile

from .blocks import Block
from .building import finish
from .columns import Column, code_of, write_numbers, write_stored
from .field_file import FieldFile
from .format import Field, Segment, SegmentFile
from .gathering import kept
from .joining import joined, read
from .streams import Numbers
from .texts import Numbered

#: Postings and places handled in a round.
ROUND = 500_000

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
    stays = not weighted and not values and _stays(*held[0], positions=positions)
    file = FieldFile(name, positions=positions, weighted=weighted, values=values, base=held[0][1] if stays else None)
    others = held[1:] if stays else held
    for ranges in _rounds([found for _, found in others]):
        blocks = [
            _block(found, part, *limits, positions=positions, weighted=weighted, values=values)
            for (part, found), limits in zip(others, ranges, strict=True)
            if limits[0] < limits[1]
        ]
        file.add(joined(blocks))
    lengths = None
    if field.scorable:
        lengths = np.zeros(documents, "u4")
        for part, found in held:
            if found.lengths is not None:
                lengths[part.first : part.first + part.documents] = np.asarray(found.lengths)[part.live]
    return file.write(out, lengths)


def _stays(part: Part, field: Field, *, positions: bool) -> bool:
    """Whether the rows of a field may stay as they are written, since its documents keep their numbers."""
    return part.whole and not part.first and len(field) > 0 and field.positions == positions


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
    block = read(field, slice(start, end), positions=positions)
    first, beyond = int(field.posting_ends[start]), int(field.posting_ends[end])
    if weighted:
        block.weights = block.tfs.astype("f4") if field.weights is None else np.asarray(field.weights[first:beyond])
    if values and field.values is not None:
        at = field.value_ends[first : beyond + 1].tolist()
        block.values = [bytes(field.values[low:high]) for low, high in pairwise(at)]
    if part.whole:
        block.docs += np.uint32(part.first)
        return block
    block.docs = part.renumbered[block.docs]
    return _living(block)


def _living(block: Block) -> Block:
    order = np.flatnonzero(block.docs != _GONE)
    of_terms = np.repeat(np.arange(len(block.counts)), block.counts)[order]
    counts = np.bincount(of_terms, minlength=len(block.counts))
    terms = [term for term, count in zip(block.terms, counts.tolist(), strict=True) if count]
    return block.taken(order, terms, counts[counts > 0])


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
