"""How is the user's file of topics changed without losing a comment of theirs?

Only the TOML is known here; what an entry means, and whether it is in order, ``index.topics`` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from library.errors import ConfigError
from library.files import write_whole


def start(path: Path, text: str) -> bool:
    """Write ``text`` as the file at ``path`` where there is none yet; says whether it did. Raises ConfigError."""
    if path.exists():
        return False
    write(path, text)
    return True


def with_topic(path: Path, name: str, fields: Mapping[str, str | Sequence[str]]) -> str:
    """The text of the file with an entry more at its end."""
    document = _read(path)
    table = tomlkit.table()
    _fill(table, fields)
    document[name] = table
    return tomlkit.dumps(document)


def with_changes(path: Path, name: str, fields: Mapping[str, str | Sequence[str]], dropped: Iterable[str]) -> str:
    """The text of the file with an entry changed: lists are added to, and ``dropped`` is taken out of them.

    Raises ConfigError where the file has no such entry.
    """
    document = _read(path)
    table = _entry(path, document, name)
    _fill(table, fields)
    unwanted = {_key(text) for text in dropped}
    for values in [value for value in table.values() if isinstance(value, list)]:
        for at in reversed(range(len(values))):
            if _key(str(values[at])) in unwanted:
                del values[at]
    return tomlkit.dumps(document)


def without_topic(path: Path, name: str) -> str:
    """The text of the file without an entry. Raises ConfigError where there is none."""
    document = _read(path)
    _entry(path, document, name)
    del document[name]
    return tomlkit.dumps(document)


def write(path: Path, text: str) -> None:
    """Put ``text`` in the place of the file. Raises ConfigError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, [text])
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror}", hint="check who may write there") from exc


def _fill(table: Any, fields: Mapping[str, str | Sequence[str]]) -> None:
    """Set what is text; add to what is a list, each entry once."""
    for field, value in fields.items():
        if isinstance(value, str):
            table[field] = value
            continue
        values = table.setdefault(field, tomlkit.array())
        known = {_key(str(text)) for text in values}
        for text in value:
            if _key(text) not in known:
                values.append(text)
                known.add(_key(text))


def _key(text: str) -> str:
    return " ".join(text.casefold().split())


def _entry(path: Path, document: tomlkit.TOMLDocument, name: str) -> Any:
    if not isinstance(document.get(name), dict):
        raise ConfigError(f"{path} has no topic {name}", hint="see what there is with: mentor topic list")
    return document[name]


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (TOMLKitError, OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}") from exc
