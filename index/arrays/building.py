"""How do documents become a segment?

Each field has an ``Intake``, which notes what is added. Nothing is turned around before the segment is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .blocks import FieldFile
from .columns import Column, Stored
from .format import SegmentFile, Unsupported
from .gathering import Postings, Rows, kept
from .texts import Texts

_MOST_DOCUMENTS = (1 << 32) - 1

#: Types of which equal values are alike in every respect. (0.0 and -0.0 are not, nor are 1 and True.)
_ALIKE = (str, bytes, int)


class Intake:
    """Takes the values of one field: its postings, column and stored values."""

    def __init__(self, field: Any, texts: Texts) -> None:
        self.field = field
        self.gathered: Rows | Postings | None = None
        self.column = Column(field.column_type) if field.column_type else None
        self.stored = Stored() if field.stored else None
        self._texts = texts
        self._wording = getattr(field, "wording", None)
        self._last: Any = None
        self._boost = 1.0

    def take(self, document: int, value: Any, stored: Any, boost: float = 1.0) -> None:
        """Take a value, and what is to be stored for it; documents come in order, each at most once."""
        same = self._same(value, boost) and value is stored
        if self.field.indexed:
            self._index(document, value, boost, same=same)
        if self.stored is not None and stored is not None:
            if same:
                self.stored.repeat(document)
            else:
                self.stored.add(document, stored)
        if self.column is not None and stored is not None:
            self.column.add(document, self.field.to_column_value(stored))
        self._last, self._boost = value if value is stored else None, boost

    def has_rows(self) -> bool:
        return isinstance(self.gathered, Rows)

    def postings(self) -> Postings:
        """Where what is not text goes. The field must not have rows."""
        if self.gathered is None:
            self.gathered = Postings(self.field)
        assert isinstance(self.gathered, Postings)
        return self.gathered

    def size(self) -> int:
        gathered = 0 if self.gathered is None else self.gathered.size()
        return gathered + (0 if self.stored is None else self.stored.size_bytes // 40)

    def write(self, out: SegmentFile, name: str, documents: int) -> dict[str, Any] | None:
        """Write the postings. None where there are none."""
        if self.gathered is None:
            return None
        gathered, self.gathered = self.gathered, None
        positions, values = kept(self.field.format)
        file = FieldFile(name, positions=positions, weighted=gathered.weighted(), values=values)
        blocks, known = gathered.written()
        for block in blocks:
            file.add(block)
        if not self.field.scorable:
            return file.write(out, None)
        lengths = np.zeros(documents, "u4")
        lengths[: len(known)] = known
        return file.write(out, lengths)

    def _same(self, value: Any, boost: float) -> bool:
        alike = type(value) in _ALIKE and type(value) is type(self._last)
        return alike and boost == self._boost and bool(value == self._last)

    def _index(self, document: int, value: Any, boost: float, *, same: bool) -> None:
        if self.gathered is None and self._wording is not None and boost == 1.0:
            self.gathered = Rows(self.field, self._texts)
        if self._wording is not None and isinstance(self.gathered, Rows):
            self.gathered.add(document, self._wording(value))
        elif same:
            self.postings().repeat(document)
        else:
            self.postings().add(document, self.field.index(value), boost)


class Builder:
    """Gathers documents, and writes them as a segment."""

    def __init__(self, schema: Any) -> None:
        self.documents = 0
        self._schema = schema
        self._texts = Texts()
        self._intakes: dict[str, Intake] = {}

    def intake(self, name: str) -> Intake:
        """That of a field of the schema. Raises Unsupported."""
        found = self._intakes.get(name)
        if found is None:
            field = self._schema[name]
            if field.vector or field.separate_spelling():
                raise Unsupported(f"field {name}: term vectors and separate spellings are not kept by array segments")
            found = self._intakes[name] = Intake(field, self._texts)
        return found

    def size(self) -> int:
        """How much is gathered: some 40 bytes each."""
        return self._texts.size() + sum(intake.size() for intake in self._intakes.values())

    def write(self, path: Path) -> None:
        out = SegmentFile(path)
        try:
            intakes = sorted(self._intakes.items())
            fields = {name: intake.write(out, name, self.documents) for name, intake in intakes}
            columns = {name: intake.column for name, intake in intakes if intake.column is not None}
            stored = {name: intake.stored for name, intake in intakes if intake.stored is not None}
            finish(out, self.documents, fields, columns, stored)
        except BaseException:
            out.abandon()
            raise


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
