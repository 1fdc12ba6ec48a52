"""How is the user's configuration file changed without losing a comment of theirs?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Array

from library.errors import ConfigError
from library.files import write_whole
from library.toml_file import alone, document

HEADER = """\
Settings of mentor. Every setting in effect: mentor config show. What they mean: mentor config example
People are followed with: mentor follow @handle
"""


def set_value(path: Path, key: str, value: object) -> None:
    """Set a dotted key (``harvest.pause_s``, ``mentors.<slug>.shorts``); a section is made as needed.

    Raises ConfigError, also for a mentor who is not in the file.
    """
    section, _, rest = key.partition(".")
    slug, _, field = rest.rpartition(".")
    with _changing(path) as settings:
        place: Any = _mentors(path, settings, slug)[slug] if slug else settings.setdefault(section, tomlkit.table())
        _put(place, field, value)


def add_mentor(path: Path, slug: str, fields: Mapping[str, object]) -> None:
    """Add ``[mentors.<slug>]``, or more to one that is there. Raises ConfigError.

    Fields of a mentor who is there already are set, except lists, to which is added.
    """
    with _changing(path) as settings:
        mentors = settings.setdefault("mentors", tomlkit.table(is_super_table=True))
        if slug not in mentors:
            mentors[slug] = tomlkit.table()
        entry: Any = mentors[slug]
        for name, value in fields.items():
            if isinstance(value, list | tuple):
                value = list(dict.fromkeys([*entry.get(name, ()), *value]))
            _put(entry, name, value)


def remove_mentor(path: Path, slug: str) -> None:
    """Remove ``[mentors.<slug>]``. Raises ConfigError where there is none."""
    with _changing(path) as settings:
        del _mentors(path, settings, slug)[slug]


def _put(table: Any, name: str, value: object) -> None:
    """Set a value; in a list, what stays keeps its place and the comments beside it."""
    there = table.get(name)
    if not isinstance(value, list | tuple) or not isinstance(there, Array):
        table[name] = list(value) if isinstance(value, tuple) else value
    elif list(there) != list(value):
        for number in reversed([n for n, entry in enumerate(there) if entry not in value]):
            del there[number]
        for entry in value:
            if entry not in there:
                there.append(entry)
        if list(there) != list(value):
            there.clear()
            there.extend(value)


@contextmanager
def _changing(path: Path) -> Iterator[tomlkit.TOMLDocument]:
    """The settings, written back once they are changed. Raises as ``document`` and ``alone`` do."""
    with alone(path):
        settings = document(path)
        if not path.exists():
            for line in HEADER.splitlines():
                settings.add(tomlkit.comment(line))
            settings.add(tomlkit.nl())
        yield settings
        write_whole(path, [tomlkit.dumps(settings)])


def _mentors(path: Path, settings: tomlkit.TOMLDocument, slug: str) -> Any:
    """The table of mentors, in which ``slug`` must be."""
    mentors = settings.get("mentors")
    if not isinstance(mentors, dict) or slug not in mentors:
        raise ConfigError(f"{path} has no mentor {slug}", hint="see who is followed with: mentor people")
    return mentors
