"""How do the rows of a damaged library find their way into a new one?

Table by table, parents first. A row is taken when it fits its table, when the library can read what
its columns hold, and when what it refers to was taken; a text only with the digest it was saved with.
Indexes tell which rows there were; one that holds all the columns of its table gives them, too.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import islice
from typing import Any

from library import codec
from library.database import Database
from library.models import Broadcast, ChannelForm, Kind, Origin, State, VideoForm
from library.moments import from_text
from library.sqlite_pages import Image, Row, Value, roots, rows, stray_pages, tree

_BATCH = 500

_TYPES: dict[str, type] = {"TEXT": str, "INTEGER": int, "BLOB": bytes}

# Never in the library's text, and all there is on a page that was lost.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")

# Notes for engines that have read the damaged library; one that reads the new one begins afresh.
_LEFT_OUT = {"removals"}


def _meta_key(text: str) -> None:
    if not re.fullmatch(r"[a-z_]+(:.*)?", text):
        raise ValueError(text)


# How the library reads what its columns hold (moments apart): what cannot be read so is damaged.
_READ: dict[str, dict[str, Callable[[Any], object]]] = {
    "meta": {"key": _meta_key},
    "mentors": {"kind": Kind, "topics": json.loads},
    "channels": {"form": ChannelForm},
    "videos": {
        "form": VideoForm,
        "broadcast": Broadcast,
        "tags": json.loads,
        "chapters": json.loads,
        "state": State,
    },
    "transcripts": {"origin": Origin},
    "runs": {"summary": lambda text: text and json.loads(text)},
    "attempts": {"state": State},
}


@dataclass(frozen=True, slots=True)
class Count:
    """What became of a table: its rows saved, its rows known to be lost, and pages whose rows nobody can count."""

    table: str
    saved: int
    lost: int
    unread_pages: int


def is_whole(digest: Value, snippets: Value, words: Value) -> bool:
    """Whether a text, packed as the library packs it, is the one that was saved."""
    if not isinstance(snippets, bytes) or not isinstance(words, bytes | None):
        return False
    try:
        return codec.digest(codec.unpack_snippets(snippets), codec.unpack_words(words) if words else ()) == digest
    except (ValueError, TypeError, AttributeError, RecursionError):
        return False


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the rows of a table or an index are stored. ``columns`` has "" for the rowid that an index ends with."""

    columns: tuple[str, ...]
    types: tuple[type, ...]
    has_rowid: bool

    def fits(self, row: Row) -> bool:
        """Whether a row can be one of these; a table that has grown columns holds shorter rows, too."""
        same = self.has_rowid == (row.rowid is not None) and 0 < len(row.values) <= len(self.columns)
        return same and all(map(_holds, self.types, row.values))


def _holds(kind: type, value: Value) -> bool:
    """Whether a column of that type can hold the value."""
    return value is None or (type(value) is kind and not (isinstance(value, str) and _CONTROL.search(value)))


class Copy:
    """The rows of a damaged file on their way into a new library that has the schema the file had.

    After ``tables``, ``lost_videos`` holds the ids of videos that are known of but could not be
    saved, and ``revision`` is the damaged library's, 0 where it cannot be told.
    """

    def __init__(self, image: Image, database: Database) -> None:
        self.lost_videos: set[str] = set()
        self.revision = 0
        self._image = image
        self._db = database
        expected = dict(database.rows("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0"))
        names = [name for (name,) in database.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        self._tables = {name: _Table(database, name, set(expected)) for name in names}
        self._shapes = {name: shape for table in self._tables.values() for name, shape in table.shapes.items()}
        found = expected | {name: root for name, root in roots(image).items() if name in expected}
        self._trees = {name: tree(image, root, table=self._shapes[name].has_rowid) for name, root in found.items()}
        self._claim_strays()

    def _claim_strays(self) -> None:
        """Give pages whose way to the root is lost to the one damaged tree that all of their rows fit."""
        damaged = [name for name, one in self._trees.items() if one.unread]
        for page, is_table in stray_pages(self._image, list(self._trees.values())) if damaged else ():
            found = [row for row in rows(self._image, page) if row]
            alike = [name for name in damaged if self._shapes[name].has_rowid == is_table]
            fitting = [name for name in alike if found and all(map(self._shapes[name].fits, found))]
            if len(fitting) == 1:
                self._trees[fitting[0]].pages.append(page)

    def tables(self) -> Iterator[Count]:
        """Copy table after table, lazily, and tell what became of each. Raises StoreError as all writing does."""
        parents = {name: table.parents for name, table in self._tables.items()}
        for name in TopologicalSorter(parents).static_order():
            if name not in _LEFT_OUT:
                yield self._copied(self._tables[name])
        self.lost_videos -= {row[0] for row in self._db.rows("SELECT id FROM videos UNION SELECT id FROM channels")}

    def _copied(self, table: _Table) -> Count:
        unreadable = self._take(table, table.name)
        counted = False
        for index in table.indexes:
            counted |= not self._take(table, index) and not self._trees[index].unread and index in table.whole_indexes
        saved, known = len(table.saved), len(table.known)
        lost = known - saved if counted else max(known, saved + unreadable) - saved
        return Count(table.name, saved, lost, self._trees[table.name].unread)

    def _take(self, table: _Table, name: str) -> int:
        """Save what a tree knows of a table's rows, in batches to keep the log short; returns how many it lost."""
        unreadable = 0
        found = self._rows(name)
        while batch := list(islice(found, _BATCH)):
            with self._db.writing():
                for row in batch:
                    if row is None:
                        unreadable += 1
                    else:
                        self._take_row(
                            table, dict(zip(self._shapes[name].columns, row.values, strict=False)), row.rowid
                        )
        return unreadable

    def _rows(self, name: str) -> Iterator[Row | None]:
        """The rows of a tree; None for each that cannot be read or is none of its own."""
        one, shape = self._trees[name], self._shapes[name]
        for page in one.pages:
            found = [row if row and shape.fits(row) else None for row in rows(self._image, page)]
            if found and not any(found):
                one.unread += 1
            else:
                yield from found

    def _take_row(self, table: _Table, values: dict[str, Value], rowid: int | None) -> None:
        key = table.key_of(values, rowid)
        table.known.add(key)
        if key in table.saved:
            return
        if table.name == "meta" and values["key"] in ("store_id", "revision"):
            self._note_meta(values)
            table.saved.add(key)
        elif table.save(values, rowid):
            table.saved.add(key)
        elif isinstance(video := values.get("id" if table.name == "videos" else "video"), str):
            self.lost_videos.add(video)

    def _note_meta(self, values: dict[str, Value]) -> None:
        """The new library has an id of its own, and must count revisions from beyond the old one's."""
        if values["key"] == "revision":
            with suppress(ValueError):
                self.revision = int(str(values["value"]))


class _Table:
    """A table of the new library. Rows are known by their rowid or primary key.

    ``shapes`` are those of the table and of its indexes, by name; ``whole_indexes`` name every row.
    """

    def __init__(self, database: Database, name: str, trees: set[str]) -> None:
        self.name = name
        self.known: set[object] = set()
        self.saved: set[object] = set()
        self._db = database
        info = database.rows(f"PRAGMA table_info({name})")
        types = {column: _TYPES[kind] for _, column, kind, *_ in info}
        self._columns = set(types)
        self._key = [column for _, column, _, _, _, part in sorted(info, key=lambda row: row[5]) if part]
        links = database.rows(f"PRAGMA foreign_key_list({name})")
        self.parents = {link[2] for link in links}
        self._optional_links = {link[3] for link in links} & {row[1] for row in info if not row[3]}
        self.shapes = {name: _Shape(tuple(types), tuple(types.values()), True)}
        found = database.rows(f"PRAGMA index_list({name})")
        self.indexes = [index for _, index, *_ in found if index in trees]
        self.whole_indexes = {index for _, index, _, _, partial in found if not partial}
        for _, index, *_ in found:
            columns = tuple(row[2] or "" for row in database.rows(f"PRAGMA index_xinfo({index})"))
            # A table without rowids is stored as the index of its primary key.
            place = index if index in trees else name
            self.shapes[place] = _Shape(columns, tuple(types.get(column, int) for column in columns), False)

    def key_of(self, values: dict[str, Value], rowid: int | None) -> object:
        if rowid is not None:
            return rowid
        return values[""] if "" in values else tuple(values.get(column) for column in self._key)

    def save(self, values: dict[str, Value], rowid: int | None) -> bool:
        """Insert a row; False where it is not whole, or refers to one that is lost."""
        if rowid is None and not self._columns <= set(values):
            return False
        if rowid is not None and values[self._key[0]] is None:
            values = {**values, self._key[0]: rowid}
        if not self._can_be_read(values):
            return False
        without_links = dict.fromkeys(self._optional_links)
        return self._insert(values) or (bool(without_links) and self._insert({**values, **without_links}))

    def _can_be_read(self, values: dict[str, Value]) -> bool:
        if self.name == "transcripts" and not is_whole(values["digest"], values["snippets"], values["words"]):
            return False
        readers = _READ.get(self.name, {})
        try:
            for column, value in values.items():
                if value is not None:
                    readers.get(column, from_text if re.fullmatch("(.+_)?at", column) else str)(value)
        except (ValueError, TypeError, RecursionError):
            return False
        return True

    def _insert(self, values: dict[str, Value]) -> bool:
        marks = ", ".join("?" * len(values))
        try:
            self._db.execute(f"INSERT INTO {self.name} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))
        except (sqlite3.IntegrityError, OverflowError):
            return False
        return True
