"""How is the user's file of topics changed without losing a comment of theirs?

Only the TOML is known here; what an entry means, and whether it is in order, ``index.topics`` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit

from library.errors import ConfigError, UsageError
from library.files import write_whole
from library.toml_file import alike, alone, document


def start(path: Path, text: str) -> bool:
    """Write ``text`` as the file at ``path`` where there is none yet; says whether it did. Raises StoreError, Busy."""
    if path.exists():
        return False
    with alone(path):
        write_whole(path, [text])
    return True


def with_topic(path: Path, name: str, fields: Mapping[str, str | Sequence[str]]) -> str:
    """The text of the file with an entry more at its end."""
    found = document(path)
    table = tomlkit.table()
    _fill(table, fields)
    found[name] = table
    return tomlkit.dumps(found)


def with_changes(path: Path, name: str, fields: Mapping[str, str | Sequence[str]], dropped: Iterable[str]) -> str:
    """The text of the file with an entry changed: lists are added to, and ``dropped`` is taken out of them.

    Raises ConfigError where the file has no such entry, UsageError where that has not what is to be dropped.
    """
    found = document(path)
    table = _entry(path, found, name)
    _fill(table, fields)
    for text in dropped:
        places = [
            (values, at)
            for values in table.values()
            if isinstance(values, list)
            for at in reversed(range(len(values)))
            if alike(str(values[at])) == alike(text)
        ]
        if not places:
            raise UsageError(f"the topic {name} has no {text!r}", hint=f"see what it has in {path}")
        for values, at in places:
            del values[at]
    return tomlkit.dumps(found)


def without_topic(path: Path, name: str) -> str:
    """The text of the file without an entry. Raises ConfigError where there is none."""
    found = document(path)
    _entry(path, found, name)
    del found[name]
    return tomlkit.dumps(found)


def _fill(table: Any, fields: Mapping[str, str | Sequence[str]]) -> None:
    """Set what is text; add to what is a list, each entry once."""
    for field, value in fields.items():
        if isinstance(value, str):
            table[field] = value
            continue
        values = table.setdefault(field, tomlkit.array())
        known = {alike(str(text)) for text in values}
        for text in value:
            if alike(text) not in known:
                values.append(text)
                known.add(alike(text))


def _entry(path: Path, document: tomlkit.TOMLDocument, name: str) -> Any:
    if not isinstance(document.get(name), dict):
        raise ConfigError(f"{path} has no topic {name}", hint="see what there is with: mentor topic list")
    return document[name]
