"""What has the harvester done, and what did it cost?

Runs, units of quota, and notes that outlive a process (such as until when YouTube wants to be left
alone). Part of the library file; ``Store`` opens it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from msgspec import Struct, json

from library.database import Database
from library.errors import RateLimited
from library.moments import from_text, to_text
from library.rows import to_json


class Run(Struct, frozen=True):
    """One harvest. ``result`` is "" while it runs, and for ever where it was killed."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    result: str
    summary: dict[str, object]


class Journal:
    """The part of the library that is about harvesting rather than about speech."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._rows, self._writing = database.rows, database.writing

    def start_run(self, now: datetime) -> int:
        with self._writing():
            cursor = self._db.execute("INSERT INTO runs (started_at) VALUES (?)", (to_text(now),))
        return int(cursor.lastrowid or 0)

    def end_run(self, run: int, now: datetime, result: str, summary: Mapping[str, object]) -> None:
        with self._writing():
            self._db.execute(
                "UPDATE runs SET ended_at = ?, result = ?, summary = ? WHERE id = ?",
                (to_text(now), result, to_json(summary), run),
            )

    def runs(self, limit: int = 7) -> list[Run]:
        """The last runs, newest first."""
        rows = self._rows(
            "SELECT id, started_at, ended_at, result, summary FROM runs ORDER BY id DESC LIMIT ?", (limit,)
        )
        return [
            Run(number, _known(started), from_text(ended), result, json.decode(summary or "{}"))
            for number, started, ended, result, summary in rows
        ]

    def spend_within(self, bucket: str, units: int, daily: int, now: datetime) -> None:
        """Count units as used today (Pacific time), before they are. Raises RateLimited past ``daily``."""
        if self.spent(bucket, now) + units > daily:
            raise RateLimited(
                f"the {daily} units of the YouTube Data API for today are used up",
                hint=f"they renew at {renewal(now):%Y-%m-%d %H:%M} UTC; harvest.daily_units sets the limit",
            )
        with self._writing():
            self._db.execute(
                "INSERT INTO quota VALUES (?, ?, ?) "
                "ON CONFLICT (day, bucket) DO UPDATE SET used = used + excluded.used",
                (_quota_day(now), bucket, units),
            )

    def spent(self, bucket: str, now: datetime) -> int:
        """Units used of a bucket on the Pacific-time day of ``now``."""
        rows = self._rows("SELECT used FROM quota WHERE day = ? AND bucket = ?", (_quota_day(now), bucket))
        return rows[0][0] if rows else 0

    def note(self, key: str, value: datetime | None) -> None:
        """Remember a moment under a name; None forgets it."""
        with self._writing():
            if value is None:
                self._db.execute("DELETE FROM meta WHERE key = ?", (f"note:{key}",))
            else:
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"note:{key}", to_text(value)))

    def noted(self, key: str) -> datetime | None:
        """The moment remembered under a name."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (f"note:{key}",))
        return from_text(rows[0][0]) if rows else None


def renewal(now: datetime) -> datetime:
    """When YouTube's quota is renewed next: at midnight Pacific time."""
    pacific = _pacific(now)
    tomorrow = pacific.date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), pacific.tzinfo).astimezone(UTC)


def _quota_day(now: datetime) -> str:
    return _pacific(now).date().isoformat()


def _pacific(now: datetime) -> datetime:
    from zoneinfo import ZoneInfo

    return now.astimezone(ZoneInfo("America/Los_Angeles"))


def _known(text: str) -> datetime:
    moment = from_text(text)
    if moment is None:
        raise ValueError("a run without a start")
    return moment
