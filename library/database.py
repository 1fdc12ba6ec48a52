"""How is the library's SQLite file opened, read and written?

Readers and one writer at a time (write-ahead log). Every write is one transaction that raises the
revision. Whatever SQLite complains of becomes one sentence with a remedy.
"""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from library.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"

RESTORE = "repair it with: mentor doctor --repair; the damaged file is kept"

# How long to wait for a lock that another process holds.
_PATIENCE_S = 10.0

Values = Sequence[object] | Mapping[str, object]


class Database:
    """An open library file at today's schema. Raises StoreError where SQLite cannot read or write."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, steps: int | None = None) -> Database:
        """Open the file at ``path``, made and brought to today's schema unless ``read_only``.

        With ``steps`` the schema stops after so many, as it was when an older file was written.
        """
        with sqlite_errors(path):
            connection = _connect(path, read_only)
            try:
                _prepare(connection, read_only)
                _migrate(connection, path, read_only, steps)
            except BaseException:
                connection.close()
                raise
        return cls(connection, path)

    def close(self) -> None:
        self._connection.close()

    def rows(self, query: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with sqlite_errors(self.path):
            return self._connection.execute(query, values).fetchall()

    def each(self, query: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query one by one, lazily, where there may be many. Nothing is to be written meanwhile."""
        with sqlite_errors(self.path):
            yield from self._connection.execute(query, values)

    def row(self, query: str, *values: object) -> tuple[Any, ...] | None:
        """The first row of a query, None where there is none."""
        rows = self.rows(query, values)
        return rows[0] if rows else None

    @contextmanager
    def writing(self) -> Iterator[int]:
        """One transaction that raises the revision; yields the new one. All of it is kept, or nothing."""
        with sqlite_errors(self.path):
            try:
                self.execute("BEGIN IMMEDIATE")
                revision = self.revision() + 1
                self.execute("UPDATE meta SET value = ? WHERE key = 'revision'", (str(revision),))
                yield revision
                self.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self.execute("ROLLBACK")
                raise

    def execute(self, statement: str, values: Values = ()) -> sqlite3.Cursor:
        """One statement, inside ``writing``."""
        return self._connection.execute(statement, values)

    def executemany(self, statement: str, rows: Iterable[Values]) -> None:
        """One statement for many rows, inside ``writing``."""
        self._connection.executemany(statement, rows)

    def revision(self) -> int:
        """A number that grows with every write."""
        return int(self.meta("revision"))

    def meta(self, key: str) -> str:
        """A value every library has."""
        row = self.row("SELECT value FROM meta WHERE key = ?", key)
        if row is None:
            raise StoreError(f"the library {self.path} is damaged: it has no {key}", hint=RESTORE)
        return str(row[0])


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """SQLite's and the file system's complaints, as one sentence with a remedy."""
    try:
        yield
    except sqlite3.Error as exc:
        text = str(exc)
        if "disk is full" in text or "disk I/O" in text:
            hint = "free some space and run the command again; nothing saved so far is lost"
        elif "readonly" in text or "unable to open" in text:
            hint = "check that the folder exists and that you may write there"
        elif "malformed" in text or "not a database" in text:
            hint = RESTORE
        elif "locked" in text:
            hint = "another program is writing to it: try again when it is done"
        else:
            hint = "run mentor doctor"
        raise StoreError(f"the library {path} cannot be used: {text}", hint=hint) from exc


def _connect(path: Path, read_only: bool) -> sqlite3.Connection:
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise StoreError(
            f"the folder {path.parent} cannot be made: {exc.strerror}",
            hint="choose another one with MENTOR_HOME",
        ) from exc
    how = "mode=ro" if read_only else "mode=rwc"
    if read_only and not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        # To read, too, SQLite makes a log beside the file (sqlite.org/wal.html, 5); nobody writes here, so it need not.
        how += "&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=_PATIENCE_S, isolation_level=None)


def _prepare(connection: sqlite3.Connection, read_only: bool) -> None:
    if not read_only:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to a write-ahead log, for which SQLite does not wait while another process does the same."""
    gives_up_at = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > gives_up_at:
                raise
        time.sleep(0.01)


def _migrate(connection: sqlite3.Connection, path: Path, read_only: bool, upto: int | None) -> None:
    """Apply the steps this file has not seen, each in one transaction with its number."""
    steps = sorted(MIGRATIONS.glob("*.sql"))
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(steps):
        raise StoreError(
            f"the library {path} was written by a newer version of mentor (schema {version}, "
            f"this one knows {len(steps)})",
            hint="update with: pip install --upgrade passive-mentor",
        )
    if version < len(steps) and read_only:
        raise StoreError(f"the library {path} must be updated before it can be read", hint="run mentor index")
    for number, step in enumerate(steps[version:upto], version + 1):
        _take_step(connection, number, step.read_text(encoding="utf-8"))


def _take_step(connection: sqlite3.Connection, number: int, script: str) -> None:
    """Carry out one step, unless another process that opened the file at the same time has done so."""
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] < number:
        for statement in _statements(script):
            connection.execute(statement)
        if number == 1:
            connection.execute("INSERT INTO meta VALUES ('store_id', ?), ('revision', '0')", (str(uuid.uuid4()),))
        connection.execute(f"PRAGMA user_version = {number}")
    connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """Each statement of a script; one ends where SQLite finds it complete at the end of a line."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
