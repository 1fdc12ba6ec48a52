"""Where does the API key come from?

From ``MENTOR_YOUTUBE_API_KEY``, else from the file that ``youtube.api_key_file`` names. It is never
an argument, and nothing prints it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from library.errors import ConfigError

VARIABLE = "MENTOR_YOUTUBE_API_KEY"

#: What Google's API keys look like.
_KEY = re.compile(r"AIza[\w-]{35}")


def api_key(key_file: str, environment: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """The key and where it came from, both "" where none is configured.

    Raises ConfigError for a file that cannot be read or holds something that cannot be a key.
    """
    if key := environment.get(VARIABLE, "").strip():
        return _checked(key, VARIABLE), VARIABLE
    if not key_file:
        return "", ""
    if _KEY.fullmatch(key_file):
        raise ConfigError(
            "youtube.api_key_file holds a key, where the name of a file belongs",
            hint="put the key into a file of its own and name that, or set MENTOR_YOUTUBE_API_KEY",
        )
    try:
        path = Path(key_file).expanduser()
        key = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError, RuntimeError) as exc:
        raise ConfigError(
            f"youtube.api_key_file: {key_file} cannot be read", hint="the file holds the key and nothing else"
        ) from exc
    return _checked(key, str(path)), str(path)


def _checked(key: str, origin: str) -> str:
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(f"{origin} holds no API key", hint="it should hold the key (AIza…) and nothing else")
    return key
