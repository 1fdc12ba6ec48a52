"""How is it made sure that one process writes at a time?

By a lock that the operating system drops when its holder ends, however it ends; a note beside it
tells who holds it since when.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from library.errors import Busy, StoreError
from library.moments import to_text, utc_now

if TYPE_CHECKING:
    from filelock import BaseFileLock


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock at ``path``. Raises Busy at once where another process does; holding it twice is fine."""
    lock = _acquired(path)
    try:
        yield
    finally:
        lock.release()


def _acquired(path: Path) -> BaseFileLock:
    import filelock

    note = path.with_suffix(".holder")
    lock = filelock.FileLock(path, timeout=0, is_singleton=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout as exc:
        raise Busy(f"another mentor is writing here ({_holder(note)})", hint="try again when it is done") from exc
    except OSError as exc:
        raise StoreError(
            f"{path.parent} cannot be written: {exc.strerror}", hint="check who may write there, or set MENTOR_HOME"
        ) from exc
    with suppress(OSError):
        since = to_text(utc_now().replace(microsecond=0))
        note.write_text(f"process {os.getpid()} since {since}", encoding="utf-8")
    return lock


def _holder(note: Path) -> str:
    try:
        return note.read_text(encoding="utf-8").strip() or "unknown"
    except OSError:
        return "unknown"
