"""What does a person get to see of a hit?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from library.models import Kind, Origin


@dataclass(frozen=True, slots=True)
class Clip:
    """A span of speech ready for people. ``highlights`` are [from, to) offsets into ``text``.

    ``id`` is ``<video id>@<start_ms>-<end_ms>``: the same span always has the same id.
    ``about`` marks a clip found by the talk's title or description rather than by what is said.
    """

    id: str
    video_id: str
    start_ms: int
    end_ms: int
    score: float
    text: str
    highlights: tuple[tuple[int, int], ...]
    title: str
    mentor: str
    kind: Kind
    channel_id: str
    published_at: datetime | None
    language: str
    origin: Origin
    url: str
    about: bool = False
