"""How is a moment written into files and databases, and told to people?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import overload

from library.wording import counted

_DAYS_AGO = r"([0-9]{1,5})d"
_DATE = r"([12][0-9]{3})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?"


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

    Fixed in width up to the second: texts of different seconds sort as moments do.
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
    if match := re.fullmatch(_DAYS_AGO, text):
        moment = (now or utc_now()) - timedelta(days=int(match[1]))
        return moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match = re.fullmatch(_DATE, text)
    if not match:
        raise ValueError(f"not a day: {text!r}")
    from calendar import monthrange

    year, month = int(match[1]), int(match[2] or (12 if last else 1))
    day = int(match[3] or (monthrange(year, month)[1] if last else 1))
    return datetime(year, month, day, tzinfo=UTC)


def ago(moment: datetime, now: datetime) -> str:
    """How long ago a moment was, in words: ``just now``, ``5 minutes ago``, ``47 hours ago``, ``2 days ago``."""
    seconds = (now - moment).total_seconds()
    for least, size, unit in ((2 * 86_400, 86_400, "day"), (3_600, 3_600, "hour"), (60, 60, "minute")):
        if seconds >= least:
            return f"{counted(int(seconds // size), unit)} ago"
    return "just now"
