"""How do documents become a segment?

Terms are numbered as they come and gathered in arrays; one sort of 64-bit keys turns them around.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from whoosh.columns import NumericColumn
from whoosh.filedb.structfile import StructFile
from whoosh.formats import Characters, Existence, Frequency, PositionBoosts, Positions

from .blocks import Block, FieldFile, unsigned
from .format import SegmentFile, Unsupported, packed
from .streams import Numbers

_MOST_DOCUMENTS = (1 << 32) - 1
_KEY_BITS = 63
_TYPES = {"l": "i", "L": "I"}


class Gathered(Protocol):
    """The postings of one field, as they come."""

    lengths: array[int]

    def size(self) -> int:
        """How much memory they take, in units of some 40 bytes."""
        ...

    def block(self) -> Block:
        """All of them, by terms and documents."""
        ...


class _Numbered(dict[Any, int]):
    """Gives each term its number when it is first seen."""

    def __missing__(self, term: Any) -> int:
        self[term] = number = len(self)
        return number


class Rows:
    """Takes the terms of each document in order; the place of a term is how many come before it."""

    def __init__(self) -> None:
        self._numbers = _Numbered()
        self._terms = array("I")
        self.lengths = array("I")

    def add(self, document: int, terms: Iterable[str]) -> None:
        self.lengths.extend([0] * (document - len(self.lengths)))
        before = len(self._terms)
        self._terms.extend(map(self._numbers.__getitem__, terms))
        self.lengths.append(len(self._terms) - before)

    def size(self) -> int:
        return len(self._terms) + 6 * len(self._numbers)

    def block(self) -> Block:
        """Sorts numbers made of term, document and place, which then stand in the order they are written in."""
        names = sorted(self._numbers)
        lengths = np.frombuffer(self.lengths, "u4").astype("i8")
        place_bits = int(lengths.max(initial=0)).bit_length()
        term_at = place_bits + len(lengths).bit_length()
        if term_at + len(names).bit_length() > _KEY_BITS:
            raise Unsupported("too many documents, places and terms at once")
        firsts = np.cumsum(lengths) - lengths
        keys = np.arange(len(self._terms), dtype="i8")
        keys += np.repeat((np.arange(len(lengths), dtype="i8") << place_bits) - firsts, lengths)
        keys |= (_ranks(self._numbers, names) << term_at)[np.frombuffer(self._terms, "u4")]
        keys.sort()
        postings = keys >> place_bits
        starts = np.flatnonzero(np.concatenate(([True] * (len(keys) > 0), postings[1:] != postings[:-1])))
        postings = postings[starts]
        return Block(
            [name.encode("utf-8", "surrogatepass") for name in names],
            np.bincount(postings >> (term_at - place_bits), minlength=len(names)),
            (postings & ((1 << (term_at - place_bits)) - 1)).astype("u4"),
            np.diff(starts, append=len(keys)).astype("u4"),
            (keys & ((1 << place_bits) - 1)).astype("u4"),
        )


def _ranks(numbers: dict[Any, int], names: Sequence[Any]) -> Numbers:
    """The place in order of each term, by its number."""
    ranks = np.empty(len(names), "i8")
    ranks[np.fromiter(map(numbers.__getitem__, names), "i8", len(names))] = np.arange(len(names))
    return ranks


class Postings:
    """Takes postings as Whoosh's fields make them, in any order within a document."""

    def __init__(self, field: Any) -> None:
        self._format = field.format
        self.positions, self.values = kept(field.format)
        self._numbers = _Numbered()
        self._terms, self._docs, self._tfs, self._places = array("I"), array("I"), array("I"), array("I")
        self._weights = array("f")
        self._values: list[bytes] = []
        self.lengths = array("I")

    def add(self, document: int, items: Iterable[tuple[bytes, int, float, bytes]], boost: float = 1.0) -> None:
        """The postings of a document: term, frequency, weight and value of each."""
        length = 0
        for term, frequency, weight, value in items:
            self.posting(document, term, frequency, weight * boost, value)
            length += frequency
        self.lengths.extend([0] * (document - len(self.lengths)))
        self.lengths.append(length)

    def posting(self, document: int, term: bytes, frequency: int, weight: float, value: bytes) -> None:
        self._terms.append(self._numbers[term])
        self._docs.append(document)
        self._weights.append(weight)
        if self.positions:
            places = sorted(self._format.decode_positions(value))
            self._places.extend(places)
            frequency = len(places)
        self._tfs.append(frequency)
        if self.values:
            self._values.append(value)

    def size(self) -> int:
        return 2 * len(self._terms) + len(self._places) + 6 * len(self._numbers) + 3 * len(self._values)

    def block(self) -> Block:
        names = sorted(self._numbers)
        keys = _ranks(self._numbers, names)[np.frombuffer(self._terms, "u4")] << 32
        keys |= np.frombuffer(self._docs, "u4").astype("i8")
        keys, order = np.unique(keys, return_index=True)
        tfs, weights = np.frombuffer(self._tfs, "u4"), np.frombuffer(self._weights, "f4")
        whole = Block(
            names,
            np.zeros(0),
            np.frombuffer(self._docs, "u4"),
            tfs,
            np.frombuffer(self._places, "u4") if self.positions else None,
            weights if (weights != tfs).any() else None,
            self._values if self.values else None,
        )
        return whole.taken(order, names, np.bincount(keys >> 32, minlength=len(names)))


def kept(format_: Any) -> tuple[bool, bool]:
    """Whether postings of this format have places, and whether their encoded values are kept besides."""
    if isinstance(format_, Existence | Frequency):
        return False, False
    places = bool(format_.supports("positions"))
    plain = isinstance(format_, Positions) and not isinstance(format_, Characters | PositionBoosts)
    return places, not plain


class Column:
    """Takes the values of a column."""

    def __init__(self, column: Any) -> None:
        self.column = column
        self._numeric = isinstance(column, NumericColumn)
        if self._numeric:
            self._code = _TYPES.get(column._typecode, column._typecode)
            self._numbers = array(self._code)
        else:
            self._items: list[tuple[int, Any]] = []

    def add(self, document: int, value: Any) -> None:
        if self._numeric:
            self._numbers.extend([self.column.default_value()] * (document - len(self._numbers)))
            self._numbers.append(value)
        else:
            self._items.append((document, value))

    def extend(self, document: int, numbers: Numbers) -> None:
        """The values of a numeric column for the documents from ``document`` on."""
        self._numbers.extend([self.column.default_value()] * (document - len(self._numbers)))
        self._numbers.frombytes(numbers.astype(self._numbers.typecode).tobytes())

    def write(self, out: SegmentFile, name: str, documents: int) -> dict[str, Any]:
        if self._numeric:
            self._numbers.extend([self.column.default_value()] * (documents - len(self._numbers)))
            out.add(f"column/{name}", self._code, [self._numbers])
            return {"numeric": True}
        memory = BytesIO()
        writer = self.column.writer(StructFile(memory))
        for document, value in self._items:
            writer.add(document, value)
        writer.finish(documents)
        out.add(f"column/{name}", "B", [memory.getvalue()])
        return {"numeric": False}


class Stored:
    """Takes stored values; equal ones are kept once."""

    def __init__(self) -> None:
        self._numbers = _Numbered()
        self._refs = array("I")
        self.size_bytes = 0

    def add(self, document: int, value: Any) -> None:
        self.add_packed(document, packed(value))

    def add_packed(self, document: int, value: bytes) -> None:
        self._refs.extend([0] * (document - len(self._refs)))
        known = len(self._numbers)
        self._refs.append(self._numbers[value] + 1)
        if len(self._numbers) > known:
            self.size_bytes += len(value) + 100

    def write(self, out: SegmentFile, name: str, documents: int) -> None:
        self._refs.extend([0] * (documents - len(self._refs)))
        ends = np.cumsum([0, *map(len, self._numbers)])
        out.add(f"stored/{name}/refs", *unsigned(np.frombuffer(self._refs, "u4")))
        out.add(f"stored/{name}/ends", *unsigned(ends, at_least=4))
        out.add(f"stored/{name}/values", "B", self._numbers)


class Builder:
    """Gathers documents, and writes them as a segment."""

    def __init__(self) -> None:
        self.documents = 0
        self._fields: dict[str, Rows | Postings] = {}
        self._columns: dict[str, Column] = {}
        self._stored: dict[str, Stored] = {}

    def size(self) -> int:
        """How much is gathered: some 40 bytes each."""
        stored = sum(stored.size_bytes for stored in self._stored.values())
        return sum(field.size() for field in self._fields.values()) + stored // 40

    def rows(self, name: str) -> Rows | None:
        """Where the terms of a field go that come in order; None where other postings came before."""
        found = self._fields.get(name)
        if found is None:
            found = self._fields[name] = Rows()
        return found if isinstance(found, Rows) else None

    def has_rows(self, name: str) -> bool:
        return isinstance(self._fields.get(name), Rows)

    def postings(self, name: str, field: Any) -> Postings:
        """Where the postings of a field go that has no rows."""
        found = self._fields.get(name)
        if found is None:
            found = self._fields[name] = Postings(field)
        assert isinstance(found, Postings), f"field {name} has rows"
        return found

    def column(self, name: str, column: Any) -> Column:
        if name not in self._columns:
            self._columns[name] = Column(column)
        return self._columns[name]

    def stored(self, name: str) -> Stored:
        if name not in self._stored:
            self._stored[name] = Stored()
        return self._stored[name]

    def write(self, path: Path, schema: Any) -> None:
        out = SegmentFile(path)
        try:
            fields = {}
            for name in sorted(self._fields):
                fields[name] = self._written(out, name, self._fields.pop(name), schema[name])
            finish(out, self.documents, fields, self._columns, self._stored)
        except BaseException:
            out.abandon()
            raise

    def _written(self, out: SegmentFile, name: str, gathered: Gathered, field: Any) -> dict[str, Any] | None:
        block = gathered.block()
        positions, values = kept(field.format)
        file = FieldFile(name, positions=positions, weighted=block.weights is not None, values=values)
        if not positions:
            block.places = None
        file.add(block)
        lengths = None
        if field.scorable:
            lengths = np.zeros(self.documents, "u4")
            lengths[: len(gathered.lengths)] = np.frombuffer(gathered.lengths, "u4")
        return file.write(out, lengths)


def finish(
    out: SegmentFile,
    documents: int,
    fields: dict[str, dict[str, Any] | None],
    columns: dict[str, Column],
    stored: dict[str, Stored],
) -> None:
    """Write what comes after the fields of a segment, and close it."""
    if documents > _MOST_DOCUMENTS:
        raise Unsupported(f"a segment holds at most {_MOST_DOCUMENTS} documents")
    kinds = {name: column.write(out, name, documents) for name, column in sorted(columns.items())}
    for name, values in sorted(stored.items()):
        values.write(out, name, documents)
    out.close(
        {
            "documents": documents,
            "fields": {name: facts for name, facts in fields.items() if facts},
            "columns": kinds,
            "stored": sorted(stored),
        }
    )
