"""Which search index counts?

The one that the pointer file names; it is replaced at once::

    search/
        CURRENT        the name of the folder that counts
        d9be8f515008/  the engine's files
"""

from __future__ import annotations

import os
from pathlib import Path

from index.engine import Engine
from library.errors import IndexMissing


def open_index(folder: Path) -> Engine:
    """The engine in use under ``folder``, for searching. Raises IndexMissing where none was built yet."""
    current = current_folder(folder)
    if current is None:
        raise IndexMissing("there is no search index yet", hint="build it with: mentor index")
    return engine_in(current)


def engine_in(folder: Path) -> Engine:
    """The engine whose files are in ``folder``."""
    from index.engine.whoosh_engine import WhooshEngine

    return WhooshEngine(folder)


def current_folder(folder: Path) -> Path | None:
    """The index in use under ``folder``; None where there is none."""
    try:
        name = (folder / "CURRENT").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    path = folder / name
    return path if name and path.parent == folder and path.is_dir() else None


def publish(folder: Path, name: str) -> None:
    """Make the folder called ``name`` the one that counts, at once and for good."""
    pointer = folder / f"CURRENT.{name}"
    with pointer.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(folder / "CURRENT")
