"""Where does the API key come from?

From ``MENTOR_YOUTUBE_API_KEY``, else from the file that ``youtube.api_key_file`` names. It is never
an argument, and nothing prints it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from library.errors import ConfigError

VARIABLE = "MENTOR_YOUTUBE_API_KEY"


def api_key(key_file: str, environment: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """The key and where it came from, both "" where none is configured.

    Raises ConfigError for a file that cannot be read or holds something that cannot be a key.
    """
    if key := environment.get(VARIABLE, "").strip():
        return _checked(key, VARIABLE), VARIABLE
    if not key_file:
        return "", ""
    path = Path(key_file).expanduser()
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(
            f"youtube.api_key_file: {path} cannot be read", hint="the file holds the key and nothing else"
        ) from exc
    return _checked(key, str(path)), str(path)


def _checked(key: str, origin: str) -> str:
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(f"{origin} holds no API key", hint="it should hold the key (AIza…) and nothing else")
    return key
