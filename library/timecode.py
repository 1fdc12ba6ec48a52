"""How is a time inside a talk written?"""

from __future__ import annotations

import re

_CLOCK = r"(?:(?:(\d{1,6}):)?(\d{1,3}):)?(\d{1,9})(?:[.,](\d{1,9}))?"


def parse_clock(text: str) -> int:
    """Milliseconds of ``1:02:03.5``, ``62:03``, ``00:01:02,500`` or ``75.2`` (hours are optional).

    Raises ValueError for anything else.
    """
    match = re.fullmatch(_CLOCK, text.strip())
    if not match:
        raise ValueError(f"not a time: {text!r}")
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0")[:3].ljust(3, "0"))


def clock(ms: int) -> str:
    """As people write it, rounded down to whole seconds: ``1:01``, ``1:02:03``."""
    hours, rest = divmod(ms // 1000, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def link_seconds(ms: int) -> int:
    """The whole second a link starts at: rounded down, so that no word is cut off."""
    return max(0, ms // 1000)


def span(ms: int) -> str:
    """A length in words for people: ``38 min``, ``2 h 05 min``, ``45 s``."""
    seconds, minutes = round(ms / 1000), round(ms / 60_000)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} min" if seconds >= 60 else f"{seconds} s"
