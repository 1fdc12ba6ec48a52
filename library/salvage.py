"""What can be saved of a damaged library?

Every row that can still be read goes into a new library, and what cannot is counted and named.
Nothing is invented: a row must fit its table to the last byte, a text must have the digest it was
saved with. A video that lost its text waits for the next harvest, which fetches it again; a video
that was lost itself is found again when its channel is listed from end to end.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from library.database import MIGRATIONS, Database
from library.errors import StoreError
from library.moments import to_text, utc_now
from library.salvage_rows import Copy, Count, is_whole
from library.sqlite_pages import Image

_SHOWN = 20

# What SQLite answers where the file may be sound and only cannot be had.
_OUT_OF_REACH = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_AUTH,
}


@dataclass(frozen=True, slots=True)
class Report:
    """What was saved of a library and what was not.

    ``lost_videos`` are ids of videos of which nothing is left, ``waiting`` of those that lost their
    text only. ``listed_anew`` tells whether the next harvest lists channels from end to end, to find
    lost videos again. ``faults`` is what was wrong, ``kept_as`` where the damaged file is now.
    """

    tables: tuple[Count, ...]
    lost_videos: tuple[str, ...]
    waiting: tuple[str, ...]
    listed_anew: bool
    faults: tuple[str, ...] = ()
    kept_as: Path | None = None

    def lines(self) -> list[str]:
        """The report for people."""
        lines = [f"damaged: {fault}" for fault in self.faults[:3]]
        if self.kept_as:
            lines.append(f"the damaged library is kept as {self.kept_as}")
        for one in self.tables:
            unread = f", and {_number(one.unread_pages, 'page')} could not be read" if one.unread_pages else ""
            if one.lost or unread or one.table in ("videos", "transcripts"):
                lines.append(f"{one.table}: {one.saved} saved, {one.lost} lost{unread}")
        if self.lost_videos:
            lines.append(f"{_number(len(self.lost_videos), 'video')} lost: {_shown(self.lost_videos)}")
        if self.listed_anew:
            lines.append("the next harvest lists every channel from end to end, to find lost videos again")
        if self.waiting:
            lines.append(f"the text of {_number(len(self.waiting), 'video')} is fetched again: {_shown(self.waiting)}")
        if not any((self.listed_anew, self.waiting, *(one.lost + one.unread_pages for one in self.tables))):
            lines.append("nothing was lost")
        return lines


def repair(path: Path, now: datetime | None = None) -> Report | None:
    """Put a salvaged library in the place of a damaged one, which is kept beside it; None where it is sound.

    Only for the process that holds the writing lock. Raises StoreError where the file cannot be
    reached or the new one cannot be written; the damaged one is then as it was.
    """
    now = now or utc_now()
    wrong = faults(path)
    if not wrong:
        return None
    fresh = path.with_name(f"{path.name}.salvage")
    _remove(fresh)
    report = salvage(path, fresh, now)
    try:
        kept_as = _set_aside(path, now)
        fresh.replace(path)
    except OSError as exc:
        raise StoreError(
            f"the damaged library {path} cannot be moved aside: {exc.strerror}",
            hint=f"what could be saved is in {fresh}; end other programs that use the library and try again",
        ) from exc
    return replace(report, faults=tuple(wrong), kept_as=kept_as)


def faults(path: Path) -> list[str]:
    """What is wrong with a library, down to its indexes and the text of every video; empty when it is sound.

    Takes some three seconds for every thousand hours of speech. Raises StoreError where that cannot be told: the
    file cannot be reached, or is of a newer version.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            _refuse_newer(path, connection.execute("PRAGMA user_version").fetchone()[0])
            found = connection.execute("PRAGMA integrity_check(20)").fetchall()
            wrong = [" ".join(text.split()) for (text,) in found if text != "ok"]
            known = {key for (key,) in connection.execute("SELECT key FROM meta")}
            wrong += [f"it has no {key}" for key in ("store_id", "revision") if key not in known]
            texts = connection.execute("SELECT video, digest, snippets, words FROM transcripts")
            return wrong + [f"the text of {video} cannot be read" for video, *text in texts if not is_whole(*text)]
    except sqlite3.Error as exc:
        if getattr(exc, "sqlite_errorcode", 0) & 0xFF in _OUT_OF_REACH:
            raise StoreError(f"the library {path} cannot be read: {exc}", hint="check who may read it") from exc
        return [str(exc)]


def salvage(damaged: Path, fresh: Path, now: datetime | None = None) -> Report:
    """Write all that can be read of the library at ``damaged`` into a new one at ``fresh``; only reads ``damaged``.

    The new one has an id of its own, so that its index is built anew. Raises StoreError where
    ``damaged`` cannot be opened or is of a newer version, or ``fresh`` exists or cannot be written;
    nothing is left at ``fresh`` then.
    """
    if fresh.exists():
        raise StoreError(f"{fresh} exists already", hint="give the name of a file that is yet to be made")
    try:
        report = _salvaged(damaged, fresh, now or utc_now())
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        return report
    except BaseException as exc:
        _remove(fresh)
        if isinstance(exc, OSError):
            raise StoreError(f"{fresh} cannot be written: {exc.strerror}", hint="check the disk it is on") from exc
        raise


def _salvaged(damaged: Path, fresh: Path, now: datetime) -> Report:
    with ExitStack() as stack:
        log_path = _beside(damaged, "-wal")
        try:
            file = stack.enter_context(damaged.open("rb"))
            log = stack.enter_context(log_path.open("rb")) if log_path.exists() else None
        except OSError as exc:
            raise StoreError(f"the library {damaged} cannot be read: {exc.strerror}") from exc
        image = Image(file, log)
        _refuse_newer(damaged, image.version)
        with _written(fresh, image.version or None) as database:
            copy = Copy(image, database)
            counts = tuple(copy.tables())
    with _written(fresh) as database:
        return _settled(database, copy, counts, now)


@contextmanager
def _written(fresh: Path, steps: int | None = None) -> Iterator[Database]:
    """The new library; nobody reads it before it is whole, so it need not be safe on the disk until then."""
    with closing(Database.open(fresh, steps=steps)) as database:
        database.execute("PRAGMA synchronous = OFF")
        yield database


def _settled(database: Database, copy: Copy, counts: tuple[Count, ...], now: datetime) -> Report:
    """Bring the new library in order: what lost its text waits, what may be missing is looked for again."""
    missing = any(one.lost or one.unread_pages for one in counts if one.table in ("channels", "videos", "listings"))
    textless = "state = 'text' AND id NOT IN (SELECT video FROM transcripts WHERE current)"
    waiting = [row[0] for row in database.rows(f"SELECT id FROM videos WHERE {textless} ORDER BY id")]
    with database.writing() as revision:
        database.execute(
            f"UPDATE videos SET state = 'waiting', reason = '', tries = 0, next_try_at = ? WHERE {textless}",
            (to_text(now),),
        )
        if missing:
            database.execute("UPDATE channels SET complete_at = NULL, etag = ''")
        (latest,) = database.execute("SELECT COALESCE(MAX(revision), 0) FROM videos").fetchone()
        newest = max(revision, copy.revision + 1, latest + 1)
        database.execute("UPDATE meta SET value = ? WHERE key = 'revision'", (str(newest),))
    return Report(counts, tuple(sorted(copy.lost_videos)), tuple(waiting), missing)


def _refuse_newer(path: Path, version: int) -> None:
    newest = len(list(MIGRATIONS.glob("*.sql")))
    if version > newest:
        raise StoreError(
            f"the library {path} was written by a newer version of mentor (schema {version}, this one knows {newest})",
            hint="update with: pip install --upgrade passive-mentor",
        )


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        _beside(path, ending).unlink(missing_ok=True)


def _set_aside(path: Path, now: datetime) -> Path:
    """Keep a library and its log under a name with the date.

    The library has both names until another file takes its old one: a process killed in between
    leaves no moment without a library, which would be taken for the first start.
    """
    aside = path.with_name(f"{path.stem}.damaged-{now:%Y%m%d-%H%M%S}{path.suffix}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.stem}.damaged-{now:%Y%m%d-%H%M%S}-{number}{path.suffix}")
    for ending in ("", "-wal"):
        if ending == "" or _has_content(_beside(path, ending)):
            try:
                os.link(_beside(path, ending), _beside(aside, ending))
            except OSError:
                _beside(path, ending).rename(_beside(aside, ending))
    for ending in ("-wal", "-shm"):
        _beside(path, ending).unlink(missing_ok=True)
    return aside


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _shown(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return " ".join(ids[:_SHOWN]) + more
