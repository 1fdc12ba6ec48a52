"""How does Whoosh read lengths, columns and stored values?"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Whoosh 2.7.4 has invalid escapes and "is" with literals
    from whoosh.codec.base import PerDocumentReader
    from whoosh.columns import ColumnReader
    from whoosh.filedb.structfile import BufferFile
    from whoosh.util.numeric import byte_to_length, length_to_byte

from .format import Segment


def rounded(length: int) -> int:
    """A length as Whoosh keeps it, in one byte."""
    return int(byte_to_length(length_to_byte(length)))


class ArrayDocuments(PerDocumentReader):  # type: ignore[misc]
    """Lengths, columns and stored values of documents."""

    def __init__(self, data: Segment, segment: Any) -> None:
        self._data, self._segment = data, segment

    def doc_count(self) -> int:
        return self._data.documents - self.deleted_count()

    def doc_count_all(self) -> int:
        return self._data.documents

    def deleted_count(self) -> int:
        return int(self._segment.deleted_count())

    def has_deletions(self) -> bool:
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Any:
        return self._segment.deleted_docs()

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in self._data.columns

    def list_columns(self) -> list[str]:
        return list(self._data.columns)

    def column_reader(self, fieldname: str, column: Any) -> Any:
        if self._data.columns[fieldname]["numeric"]:
            return Numbers(self._data.column(fieldname), column.default_value())
        data = self._data.view(f"column/{fieldname}")
        return column.reader(BufferFile(data), 0, len(data), self._data.documents)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> Any:
        """The length of a field as Whoosh rounds it; None where the document has no such field."""
        field = self._data.field(fieldname)
        if field is None or field.lengths is None:
            return default
        length = field.lengths[docnum]
        return rounded(length) if length else None

    def field_length(self, fieldname: str) -> int:
        field = self._data.field(fieldname)
        return 0 if field is None else field.total

    def min_field_length(self, fieldname: str) -> int:
        return self._extreme(fieldname, min)

    def max_field_length(self, fieldname: str) -> int:
        return self._extreme(fieldname, max)

    def _extreme(self, fieldname: str, choose: Any) -> int:
        field = self._data.field(fieldname)
        if field is None or field.lengths is None:
            return 0
        return rounded(choose(field.lengths))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return self._data.stored_fields(docnum)


class Numbers(ColumnReader):  # type: ignore[misc]
    """Reads a numeric column in place."""

    def __init__(self, numbers: memoryview, default: Any) -> None:
        self.numbers = numbers
        self._default = default
        self._reverse = False

    def __getitem__(self, docnum: int) -> Any:
        return self.numbers[docnum]

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.numbers)

    def load(self) -> Any:
        return self.numbers.tolist()

    def sort_key(self, docnum: int) -> Any:
        return -self.numbers[docnum] if self._reverse else self.numbers[docnum]

    def set_reverse(self) -> None:
        self._reverse = True

    def default_value(self, reverse: bool = False) -> Any:
        return -self._default if reverse else self._default
