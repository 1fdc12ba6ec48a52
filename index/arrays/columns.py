"""How are the values of columns, and stored values, kept until they are written?"""

from __future__ import annotations

from array import array
from io import BytesIO
from typing import Any

import numpy as np
from whoosh.columns import NumericColumn
from whoosh.filedb.structfile import StructFile

from .blocks import unsigned
from .format import SegmentFile, packed
from .streams import Numbers
from .texts import Numbered

_VALUE_BYTES = 100
_TYPES = {"l": "i", "L": "I"}


#: Types of which equal values are alike in every respect. (0.0 and -0.0 are not, nor are 1 and True.)
_ALIKE = (str, bytes, int)


def alike(value: Any, other: Any) -> bool:
    """Whether two values are surely the same in every respect, and do not change."""
    return type(value) in _ALIKE and type(value) is type(other) and bool(value == other)


class Column:
    """Takes the values of a field's column."""

    def __init__(self, field: Any) -> None:
        self._to_column = field.to_column_value
        self._last: Any = None
        self._made: Any = None
        self.column = column = field.column_type
        self._numeric = isinstance(column, NumericColumn)
        if self._numeric:
            self._code = _TYPES.get(column._typecode, column._typecode)
            self._numbers = array(self._code)
        else:
            self._items: list[tuple[int, Any]] = []

    def take(self, document: int, value: Any) -> None:
        """A value as it is given to the field."""
        if not alike(value, self._last):
            self._last, self._made = value, self._to_column(value)
        self.add(document, self._made)

    def add(self, document: int, value: Any) -> None:
        """A value as the column has it."""
        if self._numeric:
            if document > len(self._numbers):
                self._reach(document)
            self._numbers.append(value)
        else:
            self._items.append((document, value))

    def extend(self, document: int, numbers: Numbers) -> None:
        """The values of a numeric column for the documents from ``document`` on."""
        self._reach(document)
        self._numbers.frombytes(numbers.astype(self._numbers.typecode).tobytes())

    def write(self, out: SegmentFile, name: str, documents: int) -> dict[str, Any]:
        if self._numeric:
            self._reach(documents)
            out.add(f"column/{name}", self._code, [self._numbers])
            return {"numeric": True}
        memory = BytesIO()
        writer = self.column.writer(StructFile(memory))
        for document, value in self._items:
            writer.add(document, value)
        writer.finish(documents)
        out.add(f"column/{name}", "B", [memory.getvalue()])
        return {"numeric": False}

    def _reach(self, document: int) -> None:
        """Give the default to the documents before this one that have no value."""
        self._numbers.extend([self.column.default_value()] * (document - len(self._numbers)))


class Stored:
    """Takes stored values; equal ones are kept once."""

    def __init__(self) -> None:
        self._numbers = Numbered()
        self._refs = array("I")
        self._last: Any = None
        self._number = 0
        self._values_bytes = 0

    def take(self, document: int, value: Any) -> None:
        if not alike(value, self._last):
            self._last, self._number = value, self.number(packed(value))
        self._reach(document)
        self._refs.append(self._number)

    def number(self, packed_value: bytes) -> int:
        """The number of a value, from 1 on."""
        known = len(self._numbers)
        number = self._numbers[packed_value] + 1
        if number > known:
            self._values_bytes += len(packed_value) + _VALUE_BYTES
        return number

    def size_bytes(self) -> int:
        """About how much memory this takes."""
        return self._values_bytes + 4 * len(self._refs)

    def extend(self, document: int, numbers: Numbers) -> None:
        """The numbers of the values of the documents from ``document`` on, 0 for none."""
        self._reach(document)
        self._refs.frombytes(numbers.astype("u4").tobytes())

    def write(self, out: SegmentFile, name: str, documents: int) -> None:
        self._reach(documents)
        ends = np.cumsum([0, *map(len, self._numbers)])
        out.add(f"stored/{name}/refs", *unsigned(np.frombuffer(self._refs, "u4")))
        out.add(f"stored/{name}/ends", *unsigned(ends, at_least=4))
        out.add(f"stored/{name}/values", "B", [b"".join(self._numbers)])

    def _reach(self, document: int) -> None:
        if document > len(self._refs):
            self._refs.extend([0] * (document - len(self._refs)))
