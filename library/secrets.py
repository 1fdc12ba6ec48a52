"""Where do secrets come from?

Each from a variable, else from a file that a setting names: the API key and the address of a proxy,
which may hold a password. None is ever an argument, and nothing prints them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from library.errors import ConfigError

API_KEY = "MENTOR_YOUTUBE_API_KEY"
PROXY = "MENTOR_YOUTUBE_PROXY"

#: What Google's API keys look like, and an address with a password.
_SECRET = re.compile(r"AIza[\w-]{35}|[a-z0-9]+://[^/]*:[^/]*@.*")


def api_key(key_file: str, environment: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """The YouTube Data API key and where it came from, both "" where none is configured.

    Raises ConfigError for a file that cannot be read or holds something that cannot be a key.
    """
    return _secret(API_KEY, "youtube.api_key_file", key_file, "API key", "AIza…", environment)


def proxy(proxy_file: str, environment: Mapping[str, str] = os.environ) -> str:
    """The address of the proxy for YouTube, "" for none. Raises ConfigError as ``api_key`` does."""
    form = "http://user:password@host:port"
    return _secret(PROXY, "youtube.proxy_file", proxy_file, "address of a proxy", form, environment)[0]


def _secret(
    variable: str, setting: str, file: str, what: str, form: str, environment: Mapping[str, str]
) -> tuple[str, str]:
    if value := environment.get(variable, "").strip():
        return _checked(value, variable, what, form), variable
    if not file:
        return "", ""
    if _SECRET.fullmatch(file):
        raise ConfigError(
            f"{setting} holds the {what} itself, where the name of a file belongs",
            hint=f"put it into a file of its own and name that, or set {variable}",
        )
    try:
        path = Path(file).expanduser()
        value = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError, RuntimeError) as exc:
        raise ConfigError(
            f"{setting}: {file} cannot be read", hint=f"the file holds the {what} and nothing else"
        ) from exc
    return _checked(value, str(path), what, form), str(path)


def _checked(value: str, origin: str, what: str, form: str) -> str:
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise ConfigError(f"{origin} holds no {what}", hint=f"it should hold the {what} ({form}) and nothing else")
    return value
