"""How is a TOML file of the user's read, and what is wrong with it told?

Apart from ``library.toml_file``, which keeps comments and takes longer to import: a search only reads.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from library.errors import ConfigError


def text_of(path: Path) -> str | None:
    """The text of a file; None where there is none. Raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}", hint="check who may read it") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} cannot be read: {exc}", hint="save it as UTF-8") from exc


def parsed(text: str, path: Path) -> dict[str, Any]:
    """What a text says; ``path`` is for the complaint only. Raises ConfigError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path} is not valid TOML: {exc}", hint="correct that place in the file") from exc


def refuse(path: Path, problems: Sequence[str], hint: str) -> None:
    """Raise ConfigError that names every problem; nothing where there is none."""
    if problems:
        raise ConfigError(f"{path}: " + "; ".join(problems), hint=hint)
