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

_TYPES = {"l": "i", "L": "I"}


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
        if document > len(self._numbers):
            self._numbers.extend([self.column.default_value()] * (document - len(self._numbers)))


class Stored:
    """Takes stored values; equal ones are kept once."""

    def __init__(self) -> None:
        self._numbers = Numbered()
        self._refs = array("I")
        self.size_bytes = 0

    def add(self, document: int, value: Any) -> None:
        self.add_packed(document, packed(value))

    def add_packed(self, document: int, value: bytes) -> None:
        known = len(self._numbers)
        self._put(document, self._numbers[value] + 1)
        if len(self._numbers) > known:
            self.size_bytes += len(value) + 100

    def repeat(self, document: int) -> None:
        """The same value as the one added last."""
        self._put(document, self._refs[-1])

    def write(self, out: SegmentFile, name: str, documents: int) -> None:
        self._refs.extend([0] * (documents - len(self._refs)))
        ends = np.cumsum([0, *map(len, self._numbers)])
        out.add(f"stored/{name}/refs", *unsigned(np.frombuffer(self._refs, "u4")))
        out.add(f"stored/{name}/ends", *unsigned(ends, at_least=4))
        out.add(f"stored/{name}/values", "B", [b"".join(self._numbers)])

    def _put(self, document: int, ref: int) -> None:
        if document > len(self._refs):
            self._refs.extend([0] * (document - len(self._refs)))
        self._refs.append(ref)
