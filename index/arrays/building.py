"""How do documents become a segment?

Each field has an ``Intake``, which notes what is added. Nothing is turned around before the segment is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .columns import Column, Stored
from .field_file import FieldFile
from .format import SegmentFile, Unsupported
from .gathering import Postings, Rows, kept
from .texts import Texts

_MOST_DOCUMENTS = (1 << 32) - 1

#: Of these types values do not change: one that comes again need not be looked into again.
_FIXED = (str, bytes, int)
_NONE = object()


class Intake:
    """Takes the values of one field: its postings, column and stored values. Documents come in order.

    ``last`` is the value of the documents before ``beyond``. Where more documents have it, too, that is counted on.
    """

    def __init__(self, field: Any, texts: Texts) -> None:
        self.field = field
        self.gathered: Rows | Postings | None = None
        self.column = Column(field) if field.column_type else None
        self.stored = Stored() if field.stored else None
        self.last: Any = _NONE
        self.beyond = 0
        self._taken = 0
        self._parts: list[Rows | Postings | Column | Stored] = []
        self._texts = texts

    def take(self, document: int, value: Any) -> None:
        """Take a value that is stored as it is."""
        self._repeat()
        for part in self._parts or self._begun():
            part.take(document, value)
        self._taken = self.beyond = document + 1
        self.last = value if type(value) in _FIXED else _NONE

    def take_each(self, document: int, values: Sequence[Any]) -> None:
        """Take the values of a document and of those after it; None for no value."""
        self._repeat()
        for part in self._parts or self._begun():
            take = part.take
            for at, value in enumerate(values, document):
                if value is not None:
                    take(at, value)
        self.last = _NONE

    def take_boosted(self, document: int, value: Any, stored: Any, boost: float) -> None:
        """Take a value, and another one to be stored. What is boosted must not come after rows."""
        self._repeat()
        self.last = _NONE
        if self.field.indexed and boost == 1.0:
            self._gathering().take(document, value)
        elif self.field.indexed:
            self.postings().add(document, self.field.index(value), boost)
        for part in (self.stored, self.column):
            if part is not None and stored is not None:
                part.take(document, stored)

    def has_rows(self) -> bool:
        return isinstance(self.gathered, Rows)

    def postings(self) -> Postings:
        """Where what is not text goes. There must not be rows."""
        if self.gathered is None:
            self.gathered = Postings(self.field)
        assert isinstance(self.gathered, Postings)
        return self.gathered

    def size_bytes(self) -> int:
        """About how much memory this takes."""
        return sum(part.size_bytes() for part in (self.gathered, self.stored) if part is not None)

    def sorting_bytes(self) -> int:
        """About how much it takes besides while it is written."""
        self._repeat()
        return 0 if self.gathered is None else self.gathered.sorting_bytes()

    def write(self, out: SegmentFile, name: str, documents: int) -> dict[str, Any] | None:
        """Write the postings. None where there are none."""
        self._repeat()
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

    def _begun(self) -> list[Rows | Postings | Column | Stored]:
        gathered = self._gathering() if self.field.indexed else None
        self._parts = [part for part in (gathered, self.stored, self.column) if part is not None]
        return self._parts

    def _repeat(self) -> None:
        """Have all parts take the last value as often as it has come again."""
        if self.beyond > self._taken:
            for part in self._parts:
                part.repeat(self.beyond - self._taken)
            self._taken = self.beyond

    def _gathering(self) -> Rows | Postings:
        if self.gathered is None:
            self.gathered = Rows(self.field, self._texts) if hasattr(self.field, "wording") else Postings(self.field)
        return self.gathered


class Builder:
    """Gathers documents, and writes them as a segment."""

    def __init__(self, schema: Any) -> None:
        self.documents = 0
        self._schema = schema
        self._texts = Texts()
        self._intakes: dict[str, Intake] = {}

    def add(self, values: dict[str, Any]) -> None:
        """Take in a document: fields of the schema and their values. What fails leaves one that has some of them."""
        document, intakes = self.documents, self._intakes
        self.documents += 1
        for name, value in values.items():
            intake = intakes.get(name) or self.intake(name)
            if value is intake.last and intake.beyond == document:
                intake.beyond = self.documents
            elif value is not None:
                intake.take(document, value)

    def add_each(self, common: Mapping[str, Any], values: Mapping[str, Sequence[Any]], count: int) -> None:
        """Take in ``count`` documents, which have common values, and one each of the others."""
        document = self.documents
        self.documents += count
        for name, value in common.items():
            if value is not None and count:
                intake = self.intake(name)
                intake.take(document, value)
                intake.beyond = self.documents
        for name, each in values.items():
            self.intake(name).take_each(document, each)

    def add_boosted(self, values: Iterable[tuple[str, Any, Any, float]]) -> None:
        """The same with what is to be stored for each value, and its boost."""
        document = self.documents
        self.documents += 1
        for name, value, stored, boost in values:
            if value is not None:
                self.intake(name).take_boosted(document, value, stored, boost)

    def intake(self, name: str) -> Intake:
        """That of a field of the schema. Raises Unsupported."""
        found = self._intakes.get(name)
        if found is None:
            field = self._schema[name]
            if field.vector or field.separate_spelling():
                raise Unsupported(f"field {name}: term vectors and separate spellings are not kept by array segments")
            found = self._intakes[name] = Intake(field, self._texts)
        return found

    def size_bytes(self) -> int:
        """About how much memory is needed to write what is gathered."""
        intakes = self._intakes.values()
        noted = self._texts.size_bytes() + sum(intake.size_bytes() for intake in intakes)
        return noted + max((intake.sorting_bytes() for intake in intakes), default=0)

    def write(self, path: Path) -> None:
        out = SegmentFile(path)
        try:
            intakes = sorted(self._intakes.items())
            fields = {name: intake.write(out, name, self.documents) for name, intake in intakes}
            columns = {
                name: intake.column.write(out, name, self.documents) for name, intake in intakes if intake.column
            }
            stored = {name: intake.stored for name, intake in intakes if intake.stored}
            for name, values in stored.items():
                values.write(out, name, self.documents)
            finish(out, self.documents, fields, columns, stored)
        except BaseException:
            out.abandon()
            raise


def finish(
    out: SegmentFile,
    documents: int,
    fields: dict[str, dict[str, Any] | None],
    columns: dict[str, dict[str, Any]],
    stored: Iterable[str],
) -> None:
    """Write the directory of a segment whose sections are written, and close it."""
    if documents > _MOST_DOCUMENTS:
        raise Unsupported(f"a segment holds at most {_MOST_DOCUMENTS} documents")
    known = {name: facts for name, facts in fields.items() if facts}
    out.close({"documents": documents, "fields": known, "columns": columns, "stored": sorted(stored)})
