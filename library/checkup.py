"""Is everything in order? One check a line, each failing one with its remedy."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

from library.database import RESTORE
from library.errors import MentorError
from library.moments import to_text
from library.places import Places
from library.store import Store

_LOW_DISK_BYTES = 500_000_000
_LONG_AGO = timedelta(days=3)
_QUOTA = "it renews at midnight Pacific time; feeds go on without"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. ``remedy`` is for when it is not ``ok``; one can live without what is not ``vital``."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    vital: bool = True


def checks(places: Places, key_found: str) -> Iterator[Check]:
    """Look at Python, the libraries, the files and the key (of which only where it came from is told)."""
    yield Check("Python", sys.version_info >= (3, 11), sys.version.split()[0], "install Python 3.11 or later")
    yield Check("SQLite", sqlite3.sqlite_version_info >= (3, 35), sqlite3.sqlite_version, "install a newer Python")
    yield _one_whoosh()
    for name in ("google-api-python-client", "youtube-transcript-api"):
        yield _installed(name)
    yield Check(
        "API key",
        bool(key_found),
        key_found or "none: only the newest 15 videos of a channel can be seen",
        "set MENTOR_YOUTUBE_API_KEY, or name a file with: mentor config set youtube.api_key_file FILE",
        vital=False,
    )
    yield _writable(places.data)
    yield _disk(places.data)
    yield _library(places.library)


def _one_whoosh() -> Check:
    """Several distributions install the import name ``whoosh`` over each other; a mix is not to be trusted."""
    found = sorted({f"{name} {version(name)}" for name in packages_distributions().get("whoosh", [])})
    return Check(
        "Whoosh",
        len(found) == 1,
        ", ".join(found) or "not installed",
        "install in an environment of its own: pipx install passive-mentor",
    )


def _installed(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, "not installed", "pip install --upgrade passive-mentor")


def harvest_checks(path: Path, daily_units: int, now: datetime) -> Iterator[Check]:
    """How long ago the last harvest was, what is left of today's quota, and whether the clock can be right."""
    if not path.exists():
        return
    try:
        with Store.open(path, read_only=True) as store:
            runs, spent = store.journal.runs(1), store.journal.spent("units", now)
    except MentorError:
        return
    if runs:
        age = now - runs[0].started_at
        yield Check("clock", age >= timedelta(0), to_text(now), "the last harvest lies in the future: set the clock")
        found = f"{age.days} days ago" if age.days else "within a day"
        yield Check(
            "last harvest", age < _LONG_AGO, found, "run mentor harvest, or mentor schedule install", vital=False
        )
    yield Check(
        "quota", spent < daily_units, f"{daily_units - spent} of {daily_units} units left today", _QUOTA, vital=False
    )


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _writable(folder: Path) -> Check:
    import os

    place = _existing(folder)
    return Check("data folder", os.access(place, os.W_OK), str(folder), f"make {place} writable, or set MENTOR_HOME")


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(_existing(folder)).free
    return Check("free disk", free > _LOW_DISK_BYTES, f"{free / 1e9:.1f} GB", "free some space")


def _library(path: Path) -> Check:
    if not path.exists():
        return Check("library", True, "not made yet: mentor follow, then mentor harvest")
    remedy = RESTORE
    try:
        with Store.open(path, read_only=True) as store:
            wrong = store.check()
            return Check("library", not wrong, "; ".join(wrong[:3]) or f"sound, revision {store.revision()}", remedy)
    except MentorError as error:
        return Check("library", False, error.message, error.hint or remedy)
