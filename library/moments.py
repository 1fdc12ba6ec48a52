"""How is a moment written into files and databases?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload


def utc_now() -> datetime:
    return datetime.now(UTC)


@overload
def to_text(moment: datetime) -> str: ...
@overload
def to_text(moment: None) -> None: ...
@overload
def to_text(moment: datetime | None) -> str | None: ...
def to_text(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with microseconds only where there are any: ``2026-03-01T10:00:00Z``.

    Fixed in width up to the second, so texts sort as moments do.
    """
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def from_text(text: str | None) -> datetime | None:
    """The moment written by ``to_text``; any ISO 8601 text is read, one without a zone as UTC."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_day(text: str, *, last: bool = False, now: datetime | None = None) -> datetime:
    """Midnight UTC of ``2026-03-01``, of the first (or ``last``) day of ``2026-03`` or ``2026``, or of ``30d`` ago.

    Raises ValueError for anything else.
    """
    if text.endswith("d") and text[:-1].isdecimal():
        moment = (now or utc_now()) - timedelta(days=int(text[:-1]))
        return moment.replace(hour=0, minute=0, second=0, microsecond=0)
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return datetime(parts[0], parts[1], parts[2], tzinfo=UTC)
    year, month = (*parts, 12 if last else 1)[:2]
    if not last:
        return datetime(year, month, 1, tzinfo=UTC)
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return following - timedelta(days=1)
