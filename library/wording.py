"""How is a count put into words?"""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """``1 talk``, ``2 talks``, ``9,583 moments``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
