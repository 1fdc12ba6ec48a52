"""How is a transcript cut into passages that can be scored?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring snippets of one video; passages overlap. What an engine scores."""

    start_ms: int
    end_ms: int
    text: str
    chapter: str = ""
