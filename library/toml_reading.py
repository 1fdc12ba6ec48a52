"""How is a TOML file of the user's read, and what is wrong with it told?

Apart from ``library.toml_file``, which keeps comments and takes longer to import: a search only reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

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
    if not text:
        return {}
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path} is not valid TOML: {exc}", hint="correct that place in the file") from exc


def recalled(text: str, kept: Path) -> dict[str, Any] | None:
    """What ``keep`` kept of a text; None where it kept nothing, or what another text says."""
    try:
        before, says = msgspec.json.decode(kept.read_bytes(), type=tuple[str, dict[str, Any]])
    except (OSError, ValueError):
        return None
    return says if before == text else None


def keep(text: str, says: Mapping[str, Any], kept: Path) -> None:
    """Keep what a text says, for its owner alone; that is read in a tenth of the time."""
    from library.files import write_whole

    told = msgspec.json.encode((text, says))
    if msgspec.json.decode(told) == [text, says]:  # JSON does not tell dates, for one, from text
        with suppress(OSError):
            kept.touch(0o600)
            write_whole(kept, [told.decode()])


def refuse(path: Path, problems: Sequence[str], hint: str) -> None:
    """Raise ConfigError that names every problem; nothing where there is none."""
    if problems:
        raise ConfigError(f"{path}: " + "; ".join(problems), hint=hint)
