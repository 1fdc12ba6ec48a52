"""How are rows read out of a SQLite file that SQLite itself gives up on?

Page by page, after the published file format (https://www.sqlite.org/fileformat2.html; its sections
are named below). Trees are followed from their roots; a page or a row that makes no sense is passed
over and counted. Nothing is guessed: a row counts only when every byte of it is accounted for.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

Value = int | float | str | bytes | None

# What SQLite makes unless told otherwise, for files of which neither header nor log can be read.
_USUAL_PAGE_BYTES = 4096

# Kinds of b-tree pages (1.6).
_INDEX_INTERIOR, _TABLE_INTERIOR, _INDEX_LEAF, _TABLE_LEAF = 2, 5, 10, 13

# Bytes of whole numbers by serial type (2.1).
_INTEGER_BYTES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}


class Unreadable(Exception):
    """A page or a row that makes no sense."""


class Row(NamedTuple):
    """A record of a table or an index; ``rowid`` is None but in tables that have one."""

    rowid: int | None
    values: tuple[Value, ...]


@dataclass(slots=True)
class Tree:
    """A b-tree: its pages, in the order of their keys, and how many of its pages cannot be read."""

    pages: list[int] = field(default_factory=list)
    unread: int = 0


class Image:
    """The pages of a library as its last whole transaction left them: the file, its log laid over it."""

    def __init__(self, file: BinaryIO, log: BinaryIO | None) -> None:
        self._file = file
        self._log = log
        self.page_bytes = _page_bytes(file) or (_log_page_bytes(log) if log else 0) or _USUAL_PAGE_BYTES
        self._logged = _logged_pages(log, self.page_bytes) if log else {}
        self.pages = max(file.seek(0, 2) // self.page_bytes, *self._logged, 0)
        self.header = self._sound_header()
        self.usable_bytes = self.page_bytes - (self.header[20] if self.header else 0)

    def _sound_header(self) -> bytes:
        """The file's first 100 bytes (1.3), b"" where they are damaged."""
        try:
            head = self.page(1)[:100]
        except Unreadable:
            return b""
        return head if _is_header(head) else b""

    @property
    def version(self) -> int:
        """The number of the schema (user_version), 0 where it cannot be told."""
        return int.from_bytes(self.header[60:64], "big")

    def page(self, number: int) -> bytes:
        """A page, counted from 1. Raises Unreadable where the file has no such page or the disk fails."""
        if number < 1:
            raise Unreadable
        file, at = self._file, (number - 1) * self.page_bytes
        if self._log is not None and number in self._logged:
            file, at = self._log, self._logged[number]
        return _exactly(_read(file, at, self.page_bytes), self.page_bytes)

    def free_pages(self) -> set[int] | None:
        """Pages out of use, whose contents were deleted (1.5); None where their list cannot be read whole."""
        if not self.header:
            return None
        trunk, count = struct.unpack_from(">II", self.header, 32)
        free: set[int] = set()
        try:
            while trunk and trunk not in free:
                data = self.page(trunk)
                following, leaves = struct.unpack_from(">II", data)
                free |= {trunk, *struct.unpack_from(f">{leaves}I", data, 8)}
                trunk = following
        except (Unreadable, struct.error):
            return None
        return free if len(free) == count else None


def roots(image: Image) -> dict[str, int]:
    """The root page of each table and index, as far as the file's own list of them (2.6) can be read."""
    found = {}
    for number in tree(image, 1, table=True).pages:
        for row in rows(image, number):
            match row:
                case Row(values=("table" | "index", str(name), _, int(root), _)) if root > 1:
                    found[name] = root
    return found


def tree(image: Image, root: int, *, table: bool) -> Tree:
    """The pages of a table that has rowids (``table``), or of an index or a table without them."""
    found, todo = Tree(), [root]
    reached = set()
    while todo:
        number = todo.pop()
        try:
            page = _page(image, number)
            if page.is_table is not table or number in reached:
                raise Unreadable
        except Unreadable:
            found.unread += 1
            continue
        reached.add(number)
        found.pages.append(number)
        todo += reversed(page.children())
    return found


def rows(image: Image, number: int) -> Iterator[Row | None]:
    """The rows on a page of a tree; None for each that cannot be read."""
    page = _page(image, number)
    if page.kind == _TABLE_INTERIOR:
        return
    for at in page.cells:
        try:
            yield _row(image, page, at)
        except (Unreadable, IndexError, struct.error, UnicodeDecodeError):
            yield None


def stray_pages(image: Image, trees: list[Tree]) -> Iterator[tuple[int, bool]]:
    """Pages with rows that no tree leads to, since a page above them is damaged, and whether they are of a table.

    Nothing where it cannot be told which pages are out of use: those hold what was deleted.
    """
    free = image.free_pages()
    if free is None:
        return
    known = free.union(*(one.pages for one in trees))
    for number in range(2, image.pages + 1):
        if number not in known:
            try:
                page = _page(image, number)
            except Unreadable:
                continue
            if page.cells and page.kind != _TABLE_INTERIOR:
                yield number, page.is_table


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of a b-tree (1.6): where its cells begin, and in an interior one its last child."""

    data: bytes
    kind: int
    cells: tuple[int, ...]
    last_child: int

    @property
    def is_table(self) -> bool:
        return self.kind in (_TABLE_INTERIOR, _TABLE_LEAF)

    def children(self) -> list[int]:
        """Numbers of the pages below this one; 0 stands for one that cannot be told."""
        if self.kind in (_TABLE_LEAF, _INDEX_LEAF):
            return []
        return [*(int.from_bytes(self.data[at : at + 4], "big") for at in self.cells), self.last_child]


def _page(image: Image, number: int) -> _Page:
    data = image.page(number)
    start = 100 if number == 1 else 0
    kind, _, count, _, _, last_child = struct.unpack_from(">BHHHBI", data, start)
    first = start + (12 if kind in (_INDEX_INTERIOR, _TABLE_INTERIOR) else 8)
    end = first + 2 * count
    known = kind in (_INDEX_INTERIOR, _TABLE_INTERIOR, _INDEX_LEAF, _TABLE_LEAF)
    if not known or end > image.usable_bytes:
        raise Unreadable
    cells = struct.unpack_from(f">{count}H", data, first)
    if any(not end <= at < image.usable_bytes for at in cells):
        raise Unreadable
    return _Page(data[: image.usable_bytes], kind, cells, last_child)


def _row(image: Image, page: _Page, at: int) -> Row:
    """The row whose cell begins at ``at`` (1.6, "B-tree Cell Format")."""
    if page.kind == _INDEX_INTERIOR:
        at += 4
    size, at = _varint(page.data, at)
    rowid = None
    if page.is_table:
        rowid, at = _varint(page.data, at)
        rowid -= (rowid >> 63) << 64
    return Row(rowid, _values(_payload(image, page, at, size)))


def _payload(image: Image, page: _Page, at: int, size: int) -> bytes:
    """The bytes of a row: on its page, and where it is long also on a chain of pages of its own (1.6)."""
    usable = image.usable_bytes
    most = usable - 35 if page.is_table else (usable - 12) * 64 // 255 - 23
    if size <= most:
        return _exactly(page.data[at : at + size], size)
    if size > image.pages * image.page_bytes:
        raise Unreadable
    least = (usable - 12) * 32 // 255 - 23
    here = least + (size - least) % (usable - 4)
    here = here if here <= most else least
    pieces = [_exactly(page.data[at : at + here], here)]
    following = int.from_bytes(_exactly(page.data[at + here : at + here + 4], 4), "big")
    for begin in range(here, size, usable - 4):
        data = image.page(following)
        pieces.append(data[4 : 4 + min(usable - 4, size - begin)])
        following = int.from_bytes(data[:4], "big")
    if following:
        raise Unreadable
    return b"".join(pieces)


def _exactly(data: bytes, size: int) -> bytes:
    if len(data) < size:
        raise Unreadable
    return data


def _values(record: bytes) -> tuple[Value, ...]:
    """The columns of a record (2.1), which must fill it to its last byte."""
    head, at = _varint(record, 0)
    kinds = []
    while at < head:
        kind, at = _varint(record, at)
        kinds.append(kind)
    if at != head:
        raise Unreadable
    values = []
    for kind in kinds:
        size = _INTEGER_BYTES[kind] if kind < 10 else (kind - 12) // 2
        if kind in (10, 11):
            raise Unreadable
        values.append(_value(kind, _exactly(record[at : at + size], size)))
        at += size
    if at != len(record):
        raise Unreadable
    return tuple(values)


def _value(kind: int, data: bytes) -> Value:
    if kind >= 12:
        return data.decode() if kind % 2 else data
    if kind in (0, 8, 9):
        return (None, 0, 1)[(0, 8, 9).index(kind)]
    if kind == 7:
        number: float = struct.unpack(">d", data)[0]
        return number
    return int.from_bytes(data, "big", signed=True)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes (1.6, "variable-length integer"), and where it ends."""
    number = 0
    for step in range(8):
        byte = data[at + step]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + step + 1
    return number << 8 | data[at + 8], at + 9


# --- the header and the log ----------------------------------------------------------------------


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    """That part of a file; less of it where the file ends, nothing where the disk fails."""
    try:
        file.seek(at)
        return file.read(size)
    except OSError:
        return b""


def _is_header(head: bytes) -> bool:
    """Whether these are the first bytes of a SQLite file of UTF-8 text, fixed values and all (1.3)."""
    fixed = head[:16] == b"SQLite format 3\0" and head[21:24] == b"\x40\x20\x20"
    return len(head) == 100 and fixed and head[56:60] == b"\0\0\0\1" and not any(head[72:92])


def _page_bytes(file: BinaryIO) -> int:
    """The size of the file's pages, 0 where its header is damaged."""
    head = _read(file, 0, 100)
    return _power(int.from_bytes(head[16:18], "big")) if _is_header(head) else 0


def _log_page_bytes(log: BinaryIO) -> int:
    return _power(int.from_bytes(_read(log, 8, 4), "big"))


def _power(size: int) -> int:
    """A size of pages as it is meant: a power of two, 1 standing for 65,536; 0 for anything else."""
    size = 65_536 if size == 1 else size
    return size if 512 <= size <= 65_536 and size & (size - 1) == 0 else 0


def _logged_pages(log: BinaryIO, page_bytes: int) -> dict[int, int]:
    """Where in the write-ahead log the last whole version of a page is (4.1, 4.2).

    As in SQLite's own recovery, the log ends before the first frame whose checksum is wrong, and
    what follows the last commit does not count.
    """
    header = _read(log, 0, 32)
    magic = int.from_bytes(header[:4], "big")
    if magic & ~1 != 0x377F0682 or len(header) < 32:
        return {}
    order = ">" if magic & 1 else "<"
    sums = _checksums(header[:24], order, (0, 0))
    if sums != struct.unpack_from(">II", header, 24):
        return {}
    whole: dict[int, int] = {}
    pending: dict[int, int] = {}
    at = 32
    while len(frame := _read(log, at, 24 + page_bytes)) == 24 + page_bytes:
        number, commit, salts, told = struct.unpack_from(">II8s8s", frame)
        sums = _checksums(frame[24:], order, _checksums(frame[:8], order, sums))
        if salts != header[16:24] or struct.pack(">II", *sums) != told:
            break
        pending[number] = at + 24
        if commit:
            whole |= pending
            pending = {}
        at += len(frame)
    return whole


def _checksums(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    for one, two in struct.iter_unpack(f"{order}II", data):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return first, second
