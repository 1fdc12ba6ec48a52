"""How is a TOML file of the user's changed without losing a comment, or what another process wrote?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import tomlkit
from tomlkit.exceptions import TOMLKitError

from library.errors import Busy, ConfigError, StoreError

_WAIT_S = 10


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """While this process reads, changes and writes the file, no other does, so that none undoes what another wrote.

    The file's folder is made as needed. Raises Busy, and StoreError for a file that cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.with_name(f".{path.name}.lock"), timeout=_WAIT_S):
            yield
    except filelock.Timeout as exc:
        raise Busy(f"another mentor is changing {path}", hint="try again when it is done") from exc
    except OSError as exc:
        raise StoreError(
            f"{path} cannot be written: {exc.strerror}", hint="free some space, or check who may write there"
        ) from exc


def document(path: Path) -> tomlkit.TOMLDocument:
    """The file as TOML with its comments; an empty one where there is none. Raises ConfigError."""
    try:
        return tomlkit.parse(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (TOMLKitError, OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}") from exc


def alike(text: str) -> str:
    """What is the same in two entries that differ in case and spaces only."""
    return " ".join(text.casefold().split())
