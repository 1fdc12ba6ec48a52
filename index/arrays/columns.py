"""How are the values of columns, and stored values, kept until they are written?"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import numpy as np
from whoosh.columns import NumericColumn
from whoosh.filedb.structfile import StructFile

from .blocks import unsigned
from .format import SegmentFile, Unsupported
from .streams import Numbers

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
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

    def repeat(self, times: int) -> None:
        """Take the last value so many times again, for the documents after that."""
        if self._numbers is not None:
            self._numbers.extend(self._numbers[-1:] * times)
        else:
            document, value = self._items[-1]
            self._items += [(document + more, value) for more in range(1, times + 1)]

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
        self._values: list[bytes] = []
        self._values_bytes = 0
        self._refs = array("I")

    def take(self, document: int, value: Any) -> None:
        data = packed(value)
        self._values.append(data)
        self._values_bytes += len(data) + _VALUE_BYTES
        if document > len(self._refs):
            self._refs.extend([0] * (document - len(self._refs)))
        self._refs.append(len(self._values))

    def repeat(self, times: int) -> None:
        """As of ``Column``."""
        self._refs.extend(self._refs[-1:] * times)

    def size_bytes(self) -> int:
        """About how much memory this takes."""
        return self._values_bytes + 4 * len(self._refs)

    def write(self, out: SegmentFile, name: str, documents: int) -> None:
        """Write the sections; equal values are kept once."""
        known = {data: number for number, data in enumerate(dict.fromkeys(self._values), 1)}
        numbers = np.array([0, *map(known.__getitem__, self._values)], "u4")
        refs = np.zeros(documents, "u4")
        refs[: len(self._refs)] = numbers[np.frombuffer(self._refs, "u4")]
        write_stored(out, name, refs, known)


def write_stored(out: SegmentFile, name: str, refs: Numbers, values: Collection[bytes]) -> None:
    """Write different values, and which of them each document has: their number, from 1 on, or 0."""
    out.add(f"stored/{name}/refs", *unsigned(refs))
    out.add(f"stored/{name}/ends", *unsigned(np.cumsum([0, *map(len, values)]), at_least=4))
    out.add(f"stored/{name}/values", "B", [b"".join(values)])


def packed(value: Any) -> bytes:
    """A stored value as bytes: JSON, and what JSON lacks as an object with its kind. Raises Unsupported."""
    if type(value) is int:
        return b"%d" % value
    return _JSON.encode(_keyed(value)).encode("utf-8", "surrogatepass")


def _keyed(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_keyed(part) for part in value]
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    raise Unsupported(f"a stored value may be text, bytes, a number, a date, or a list of these, not {type(value)}")
