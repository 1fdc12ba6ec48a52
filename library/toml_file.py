"""How is a TOML file of the user's read and written without losing a comment?"""

from __future__ import annotations

from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from library.errors import ConfigError
from library.files import write_whole


def document(path: Path) -> tomlkit.TOMLDocument:
    """The file as TOML with its comments; an empty one where there is none. Raises ConfigError."""
    try:
        return tomlkit.parse(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (TOMLKitError, OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}") from exc


def write(path: Path, text: str) -> None:
    """Put ``text`` in the place of the file. Raises ConfigError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, [text])
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror}", hint="check who may write there") from exc


def alike(text: str) -> str:
    """What is the same in two entries that differ in case and spaces only."""
    return " ".join(text.casefold().split())
