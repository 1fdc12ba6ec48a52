"""How much of the library could a search look into?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from library.models import State


class Coverage(Struct, frozen=True):
    """What was searched, and what could not be.

    ``without_text`` counts videos by the state that keeps their words from us; ``hours`` is the length
    of all speech searched; ``newest_harvest_at`` is None before the first harvest.
    """

    videos: int
    with_text: int
    without_text: Mapping[State, int] = {}
    hours: float = 0.0
    newest_harvest_at: datetime | None = None
