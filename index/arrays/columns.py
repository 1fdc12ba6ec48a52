"""How are the values of columns, and stored values, kept until they are written?"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from io import BytesIO
from typing import Any

import numpy as np
from whoosh.columns import NumericColumn
from whoosh.filedb.structfile import StructFile

from .blocks import unsigned
from .format import SegmentFile, packed
from .runs import Runs
from .streams import Numbers

_VALUE_BYTES = 60
_TYPES = {"l": "i", "L": "I"}


class Column:
    """Takes the values of a field's column. Those of numeric columns come in order of documents."""

    def __init__(self, field: Any) -> None:
        self.column = column = field.column_type
        self._to_column = field.to_column_value
        self._numbers = array(code_of(column)) if isinstance(column, NumericColumn) else None
        self._items: list[tuple[int, Any]] = []

    def take(self, document: int, value: Any) -> None:
        """A value as it is given to the field."""
        self.add(document, self._to_column(value))

    def add(self, document: int, value: Any) -> None:
        """A value as the column has it."""
        if self._numbers is None:
            self._items.append((document, value))
            return
        if document > len(self._numbers):
            self._reach(document)
        self._numbers.append(value)

    def write(self, out: SegmentFile, name: str, documents: int) -> dict[str, Any]:
        """Write the section, and tell what the directory says of it."""
        if self._numbers is not None:
            self._reach(documents)
            return write_numbers(out, name, self.column, self._numbers)
        memory = BytesIO()
        writer = self.column.writer(StructFile(memory))
        for document, value in self._items:
            writer.add(document, value)
        writer.finish(documents)
        out.add(f"column/{name}", "B", [memory.getvalue()])
        return {"numeric": False}

    def _reach(self, document: int) -> None:
        """Give the default to the documents before this one that have no value."""
        assert self._numbers is not None
        self._numbers.extend([self.column.default_value()] * (document - len(self._numbers)))


def code_of(column: Any) -> str:
    """The type of a numeric column's numbers."""
    code: str = _TYPES.get(column._typecode, column._typecode)
    return code


def write_numbers(out: SegmentFile, name: str, column: Any, numbers: Any) -> dict[str, Any]:
    """Write a numeric column, and tell what the directory says of it."""
    out.add(f"column/{name}", code_of(column), [numbers])
    return {"numeric": True}


class Stored:
    """Takes stored values."""

    def __init__(self) -> None:
        self.runs = Runs()
        self._packed: list[bytes] = []
        self._packed_bytes = 0

    def take(self, document: int, value: Any) -> None:
        data = packed(value)
        self._packed.append(data)
        self._packed_bytes += len(data) + _VALUE_BYTES
        self.runs.begin(document)

    def size_bytes(self) -> int:
        """About how much memory this takes."""
        return self._packed_bytes

    def write(self, out: SegmentFile, name: str, documents: int) -> None:
        """Write the sections; equal values are kept once."""
        numbers = {data: number for number, data in enumerate(dict.fromkeys(self._packed), 1)}
        refs = np.fromiter(map(numbers.__getitem__, self._packed), "u4", len(self._packed))
        write_stored(out, name, self.runs.spread(refs, documents, 0), numbers)


def write_stored(out: SegmentFile, name: str, refs: Numbers, values: Collection[bytes]) -> None:
    """Write different values, and which of them each document has: their number, from 1 on, or 0."""
    out.add(f"stored/{name}/refs", *unsigned(refs))
    out.add(f"stored/{name}/ends", *unsigned(np.cumsum([0, *map(len, values)]), at_least=4))
    out.add(f"stored/{name}/values", "B", [b"".join(values)])
