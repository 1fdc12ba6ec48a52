"""How much room does text take on a terminal?

A character stands in one cell, or in two (Unicode TR 11); combining marks take none.
"""

from __future__ import annotations

import unicodedata

# Closing marks that never begin a line: the common ones of JLREQ's line-start prohibition.
_NEVER_FIRST = "、。，．！？：；）」』】》〉”’…ー々"


def columns(text: str) -> int:
    """How many columns a terminal takes for ``text``."""
    return len(text) if text.isascii() else sum(map(_width, text))


def padded(text: str, width: int) -> str:
    """``text`` with spaces behind it, so that it takes at least ``width`` columns."""
    return text + " " * (width - columns(text))


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """The lines of ``text`` as [start, end) offsets, none wider than ``width`` columns (at least 2).

    Broken at spaces, which are left out there, and beside wide characters; a longer word is broken inside.
    """
    lines: list[tuple[int, int]] = []
    width = max(width, 2)
    start = break_at = used = before = 0
    for index, char in enumerate(text):
        wide = _width(char)
        used += wide
        if char == " ":
            before = wide
            continue
        if text[index - 1 : index] == " " or (2 in (wide, before) and char not in _NEVER_FIRST):
            break_at = index
        if used > width:
            if break_at <= start or columns(text[break_at : index + 1]) > width:
                break_at = index
            lines.append((start, len(text[:break_at].rstrip(" "))))
            start, used = break_at, columns(text[break_at : index + 1])
        before = wide
    return [*lines, (start, len(text))]


def _width(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
