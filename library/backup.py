"""How is the library copied while a harvest writes to it?

Through SQLite's own backup, from one moment's view of the file: in write-ahead mode a reader holds
nobody up, so the harvest goes on, and what it saves meanwhile is in the next copy. The copy is
written beside its place, looked through, and only then put there.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from library.database import sqlite_errors
from library.errors import StoreError

#: Pages copied at a time; between two steps Ctrl-C is heard.
_STEP_PAGES = 2000


def backup(store_path: Path, target: Path) -> int:
    """Copy the library at ``store_path`` to ``target`` and return the length of the copy in bytes.

    The copy is one file that ``Store.open`` takes, of the same id. An earlier copy of the same
    library is replaced, anything else is left alone. Raises StoreError; ``target`` is then as it was.
    """
    place = target.resolve()
    with _library(store_path) as source:
        _refuse_other_files(source, store_path, place)
        with _beside(place) as copy:
            _copy(source, store_path, copy, place)
            shutil.copymode(store_path, copy)
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            copy.replace(place)
    return place.stat().st_size


@contextmanager
def _library(path: Path) -> Iterator[sqlite3.Connection]:
    """The library, opened for reading and held at this moment."""
    if not path.is_file():
        raise StoreError(f"there is no library at {path} yet", hint="make one with: mentor harvest")
    with sqlite_errors(path), closing(_open(path, "ro")) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT value FROM meta WHERE key = 'store_id'").fetchone()
        yield connection


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=10, isolation_level=None)


def _refuse_other_files(source: sqlite3.Connection, store_path: Path, place: Path) -> None:
    """Raise StoreError unless there is nothing at ``place`` yet, or an earlier copy of this library."""
    if not place.parent.is_dir():
        raise StoreError(f"there is no folder {place.parent}", hint="make it first")
    if place.is_dir():
        raise StoreError(f"{place} is a folder", hint="name a file in it")
    if not place.exists():
        return
    if place.samefile(store_path):
        raise StoreError(f"{place} is the library itself", hint="name another file for the copy")
    if place.with_name(f"{place.name}-wal").exists():
        raise StoreError(f"{place} is in use as a library and is left alone", hint="name another file")
    if _id_in(place) != _id(source):
        raise StoreError(f"{place} is not a copy of this library and is left alone", hint="name another file")


def _id(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = 'store_id'").fetchone()
    return str(row[0]) if row else ""


def _id_in(path: Path) -> str | None:
    """The id of the library in a file, None where it is none."""
    try:
        with closing(_open(path, "ro&immutable=1")) as connection:  # makes no files beside it
            return _id(connection)
    except sqlite3.Error:
        return None


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """A new file in the folder of ``place``; unless it was moved there, nothing of it is left."""
    try:
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        os.close(handle)
        try:
            yield Path(name)
        finally:
            for ending in ("", "-wal", "-shm", "-journal"):
                with suppress(OSError):
                    Path(name + ending).unlink(missing_ok=True)
    except OSError as exc:
        raise StoreError(
            f"the copy {place} cannot be written: {exc.strerror}", hint="check the folder, or choose another place"
        ) from exc


def _copy(source: sqlite3.Connection, store_path: Path, copy: Path, place: Path) -> None:
    """Fill the empty file ``copy``, in one piece: what opens it again makes the files of its log."""
    try:
        with closing(_open(copy, "rw")) as target:
            target.execute("PRAGMA synchronous = OFF")
            source.backup(target, pages=_STEP_PAGES, sleep=0)
            target.execute("PRAGMA journal_mode = DELETE")
            wrong = target.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as exc:
        if "malformed" not in str(exc):
            raise StoreError(
                f"the copy {place} cannot be written: {exc}", hint="free some space, or choose another place"
            ) from exc
        wrong = str(exc)
    if wrong != "ok":
        raise StoreError(
            f"the library {store_path} is damaged and was not copied: {' '.join(wrong.split())}",
            hint="run: mentor doctor --repair",
        )
