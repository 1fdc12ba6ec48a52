"""How is the user's configuration file changed without losing a comment of theirs?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from library.errors import ConfigError
from library.files import write_whole

HEADER = """\
Settings of mentor. Every setting, its default and its meaning: mentor config show
People are followed with: mentor follow @handle
"""


def set_value(path: Path, key: str, value: object) -> None:
    """Set a dotted key (``harvest.pause_s``, ``mentors.<slug>.shorts``); a section is made as needed.

    Raises ConfigError, also for a mentor who is not in the file.
    """
    document = _read(path)
    section, _, rest = key.partition(".")
    slug, _, field = rest.rpartition(".")
    place: Any = _mentors(path, document, slug)[slug] if slug else document.setdefault(section, tomlkit.table())
    place[field] = list(value) if isinstance(value, tuple) else value
    _write(path, document)


def add_mentor(path: Path, slug: str, fields: Mapping[str, object], comment: str = "") -> None:
    """Add ``[mentors.<slug>]``, or more to follow to one that is there. Raises ConfigError.

    Fields of a mentor who is there already are set, except ``follow``, to which is added.
    """
    document = _read(path)
    mentors = document.setdefault("mentors", tomlkit.table(is_super_table=True))
    if slug not in mentors:
        table = tomlkit.table()
        if comment:
            table.comment(comment)
        mentors[slug] = table
    entry: Any = mentors[slug]
    for name, value in fields.items():
        if name == "follow" and "follow" in entry and isinstance(value, list | tuple):
            for reference in value:
                if reference not in entry["follow"]:
                    entry["follow"].append(reference)
        else:
            entry[name] = list(value) if isinstance(value, tuple) else value
    _write(path, document)


def remove_mentor(path: Path, slug: str) -> None:
    """Remove ``[mentors.<slug>]``. Raises ConfigError where there is none."""
    document = _read(path)
    del _mentors(path, document, slug)[slug]
    _write(path, document)


def _mentors(path: Path, document: tomlkit.TOMLDocument, slug: str) -> Any:
    """The table of mentors, in which ``slug`` must be."""
    mentors = document.get("mentors")
    if not isinstance(mentors, dict) or slug not in mentors:
        raise ConfigError(f"{path} has no mentor {slug}", hint="see who is followed with: mentor people")
    return mentors


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        document = tomlkit.document()
        for line in HEADER.splitlines():
            document.add(tomlkit.comment(line))
        document.add(tomlkit.nl())
        return document
    except (TOMLKitError, OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}") from exc


def _write(path: Path, document: tomlkit.TOMLDocument) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, [tomlkit.dumps(document)])
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror}", hint="check who may write there") from exc
