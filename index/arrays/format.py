"""What is in the file of a segment, and how is damage to it noticed?

A segment is one file, ``docs/index-format.md`` has it byte by byte: a head, sections of numbers or bytes, a
directory that says where they are, and a foot that says where the directory is. Every section and the
directory have a CRC-32. What a reader checks on opening costs no more than reading the directory;
``Segment.verify`` reads everything. Needs neither Whoosh nor numpy.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple
from weakref import WeakValueDictionary

import msgspec

VERSION: Final = 2
HEAD: Final = struct.Struct("<8sII")
FOOT: Final = struct.Struct("<QQIII8s")
MAGIC: Final = b"WhArrays"
END: Final = b"syarrAhW"
EXTENSION: Final = ".arr"

#: What is wrong where a term has so many postings that reading them might take all memory: of a field, in a file.
MORE: Final = "a term of field {} in {} has more postings than there are documents"

_ALIGNED = 8
_TERMS_AT_ONCE = 1024


class ArraysError(Exception):
    """Whatever goes wrong with array segments."""


class Damaged(ArraysError):
    """A file of the index is not what was written. Build the index anew from its source."""


class Unsupported(ArraysError):
    """Something that the format cannot keep, such as a term vector."""


class Section(NamedTuple):
    """Where a section is, its CRC-32, and the type code of its numbers as module ``array`` has them."""

    offset: int
    size: int
    crc: int
    code: str


class SegmentFile:
    """Writes the file of a segment, section after section. ``close`` puts it on the disk for good."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")
        self._file.write(HEAD.pack(MAGIC, VERSION, 0))
        self._sections: dict[str, Section] = {}

    def add(self, name: str, code: str, chunks: Iterable[Any]) -> None:
        """Write a section: ``chunks`` are bytes-like, little-endian numbers of type ``code``."""
        self._file.write(bytes(-self._file.tell() % _ALIGNED))
        offset, size, crc = self._file.tell(), 0, 0
        for chunk in chunks:
            view = memoryview(chunk)
            crc = zlib.crc32(view, crc)
            size += view.nbytes
            self._file.write(view)
        self._sections[name] = Section(offset, size, crc, code)

    def close(self, facts: dict[str, Any]) -> None:
        """Write the directory with ``facts`` (JSON), and wait until the file is on the disk."""
        directory = msgspec.json.encode(facts | {"sections": self._sections})
        offset = self._file.tell()
        self._file.write(directory)
        self._file.write(FOOT.pack(offset, len(directory), zlib.crc32(directory), VERSION, 0, END))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Leave no file."""
        self._file.close()
        self.path.unlink(missing_ok=True)


class Segment:
    """Reads the file of a segment through a read-only memory map. Raises Damaged.

    The map lives as long as views on it, even when the file has been deleted meanwhile (on Windows it
    cannot be deleted before).
    """

    def __init__(self, path: Path) -> None:
        if sys.byteorder != "little":
            raise Unsupported("array segments are read in place, which needs a little-endian machine")
        self.path = path
        self._bytes = _mapped(path)
        facts = self._directory()
        try:
            self._sections = {name: Section(*section) for name, section in facts.pop("sections").items()}
            self.documents: int = facts["documents"]
            self.fields: dict[str, dict[str, Any]] = facts["fields"]
            self.columns: dict[str, dict[str, Any]] = facts["columns"]
            self.stored: list[str] = facts["stored"]
        except (KeyError, TypeError, AttributeError) as exc:
            raise Damaged(f"the directory of {path} lacks {exc}") from exc
        for name, section in self._sections.items():
            if not 0 <= section.offset <= section.offset + section.size <= len(self._bytes):
                raise Damaged(f"section {name} of {path} lies outside the file")
        self._fields: dict[str, Field | None] = {}

    def close(self) -> None:
        """Let go of the map, for the time being kept by fields that know their segment. It may still be read."""
        self._fields.clear()

    def has(self, name: str) -> bool:
        return name in self._sections

    def view(self, name: str) -> Any:
        """The numbers or bytes of a section, in place: a memoryview."""
        try:
            section = self._sections[name]
            raw: Any = self._bytes[section.offset : section.offset + section.size]
            return raw.cast(section.code)
        except (KeyError, TypeError, ValueError) as exc:
            raise Damaged(f"section {name} of {self.path} cannot be read: {exc}") from exc

    def code(self, name: str) -> str:
        return self._sections[name].code

    def field(self, name: str) -> Field | None:
        """The terms of a field; None where no document has any."""
        if name not in self._fields:
            self._fields[name] = Field(self, name) if name in self.fields else None
        return self._fields[name]

    def column(self, name: str) -> Any:
        """A numeric column: a memoryview with a number for each document."""
        return self.view(f"column/{name}")

    def stored_value(self, name: str, document: int) -> Any:
        """What is stored of a field of a document; None where nothing is."""
        refs, ends, data = self._stored_views[name]
        at = refs[document]
        try:
            return unpacked(data[ends[at - 1] : ends[at]]) if at else None
        except (LookupError, TypeError, ValueError) as exc:
            raise Damaged(f"a value of {name} in {self.path} cannot be read: {exc}") from exc

    def stored_fields(self, document: int) -> dict[str, Any]:
        """What is stored of a document, field by field."""
        return {
            name: self.stored_value(name, document) for name, views in self._stored_views.items() if views[0][document]
        }

    @cached_property
    def _stored_views(self) -> dict[str, tuple[Any, Any, Any]]:
        parts = ("refs", "ends", "values")
        return {name: tuple(self.view(f"stored/{name}/{part}") for part in parts) for name in self.stored}

    def verify(self) -> None:
        """Read the whole file and compare all checksums. Raises Damaged."""
        for name, (offset, size, crc, _) in self._sections.items():
            if zlib.crc32(self._bytes[offset : offset + size]) != crc:
                raise Damaged(f"section {name} of {self.path} has changed since it was written")

    def _directory(self) -> dict[str, Any]:
        view = self._bytes
        if len(view) < HEAD.size + FOOT.size:
            raise Damaged(f"{self.path} is cut short")
        magic, version, _ = HEAD.unpack_from(view)
        offset, size, crc, _, _, end = FOOT.unpack_from(view, len(view) - FOOT.size)
        if magic != MAGIC or end != END:
            raise Damaged(f"{self.path} is not a whole segment")
        if version != VERSION:
            raise Damaged(f"{self.path} has format {version}; this program reads format {VERSION}")
        directory = view[offset : offset + size]
        if len(directory) != size or zlib.crc32(directory) != crc:
            raise Damaged(f"the directory of {self.path} has changed since it was written")
        found: dict[str, Any] = msgspec.json.decode(directory)
        return found


_open: WeakValueDictionary[Path, Segment] = WeakValueDictionary()


def opened(path: Path) -> Segment:
    """The segment in a file; the same one while anybody uses it, since files never change. Raises Damaged."""
    segment = _open.get(path)
    if segment is None:
        _open[path] = segment = Segment(path)
    return segment


class Field:
    """The terms of one field of a segment, in order, and where their postings are."""

    def __init__(self, segment: Segment, name: str) -> None:
        def view(part: str) -> Any:
            return segment.view(f"field/{name}/{part}")

        def row_ends(part: str) -> Any:
            """Left out where all rows are of class 0."""
            return view(part) if segment.has(f"field/{name}/{part}") else memoryview(bytes(len(view("classes")) + 1))

        facts = segment.fields[name]
        self.name = name
        self.segment = segment
        self.documents = segment.documents
        self.positions: bool = facts["positions"]
        self.total: int = facts["total"]
        self.text, self.text_ends = view("text"), view("text_ends")
        self.posting_ends, self.classes = view("posting_ends"), view("classes")
        self.docs, self.doc_ends = view("docs"), row_ends("doc_ends")
        self.tfs, self.tf_ends = view("tfs"), row_ends("tf_ends")
        self.places: Any = view("places") if self.positions else b""
        self.place_ends: Any = row_ends("place_ends") if self.positions else b""
        self.weights = view("weights") if facts["weighted"] else None
        self.values: Any = view("values") if facts["values"] else None
        self.value_ends: Any = view("value_ends") if facts["values"] else None
        self.lengths = view("lengths") if facts["scorable"] else None
        self.expanded: dict[Any, Sequence[int]] = {}
        self.spellings: Any = None
        self._found: dict[bytes, int] = {}
        if not len(self) == len(self.posting_ends) - 1 == len(self.classes):
            raise Damaged(f"the terms of field {name} in {segment.path} do not agree with their postings")

    def __len__(self) -> int:
        return len(self.text_ends) - 1

    def term(self, at: int) -> bytes:
        return bytes(self.text[self.text_ends[at] : self.text_ends[at + 1]])

    def terms(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The terms [start, end) in order, lazily."""
        end = len(self) if end is None else end
        for first in range(start, end, _TERMS_AT_ONCE):
            ends = self.text_ends[first : min(first + _TERMS_AT_ONCE, end) + 1].tolist()
            text = bytes(self.text[ends[0] : ends[-1]])
            for begin, until in pairwise(ends):
                yield text[begin - ends[0] : until - ends[0]]

    def lower(self, term: bytes) -> int:
        """The number of the first term not before ``term``."""
        return bisect_left(range(len(self)), term, key=self.term)

    def beginning(self, prefix: bytes) -> range:
        """The numbers of the terms that begin so."""
        beyond = prefix.rstrip(b"\xff")
        end = self.lower(beyond[:-1] + bytes([beyond[-1] + 1])) if beyond else len(self)
        return range(self.lower(prefix), end)

    def find(self, term: bytes) -> int:
        """The number of a term; -1 where there is none."""
        at = self._found.get(term)
        if at is None:
            at = self.lower(term)
            if at == len(self) or self.term(at) != term:
                at = -1
            if len(self._found) > 50_000:
                self._found.clear()
            self._found[term] = at
        return at

    def df(self, at: int) -> int:
        """How many documents hold a term, deleted ones included. Raises Damaged."""
        found = int(self.posting_ends[at + 1] - self.posting_ends[at])
        if found > self.documents:
            raise Damaged(MORE.format(self.name, self.segment.path))
        return found


def unpacked(data: bytes | memoryview) -> Any:
    """The value of which ``columns.packed`` made this. Raises LookupError, TypeError or ValueError for other bytes."""
    try:
        found = msgspec.json.decode(data)
    except ValueError:
        # Infinite numbers and halves of surrogate pairs.
        import json

        found = json.loads(str(data, "utf-8", "surrogatepass"))
    return _unkeyed(found)


def _unkeyed(value: Any) -> Any:
    if isinstance(value, list):
        return [_unkeyed(part) for part in value]
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    kinds = {"bytes": bytes.fromhex, "datetime": datetime.fromisoformat, "date": date.fromisoformat, "decimal": Decimal}
    return kinds[kind](text)


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise Damaged(f"{path} is empty")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
