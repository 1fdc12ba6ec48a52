"""How long does the harvester wait so that YouTube does not lose patience?

One transcript at a time, a pause between two that is varied by a third at random, and a long rest
after the first sign of a block. All of it is kept in the library, so that starting the program
again is not a way around it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from library.journal import Journal

_LAST = "transcript_asked"
_REST = "rest_until"
_RESTED = "rest_since"
_SHORTEST_REST_S = 12 * 3600
_LONGEST_REST_S = 7 * 24 * 3600
_SOON = timedelta(days=2)


class Pace:
    """When the next transcript may be asked for. ``chance`` gives numbers in [0, 1)."""

    def __init__(self, journal: Journal, pause_s: float, chance: Callable[[], float]) -> None:
        self._journal = journal
        self._pause_s = pause_s
        self._chance = chance

    def wait_s(self, now: datetime) -> float:
        """Seconds to sleep before asking; 0 when enough have passed."""
        last = self._journal.noted(_LAST)
        if last is None or not self._pause_s:
            return 0.0
        pause = self._pause_s * (2 / 3 + 2 / 3 * self._chance())
        return min(pause, max(0.0, pause - (now - last).total_seconds()))

    def asked(self, now: datetime) -> None:
        """A transcript was just asked for."""
        if self._pause_s:
            self._journal.note(_LAST, now)

    def resting_until(self, now: datetime) -> datetime | None:
        """Until when YouTube is to be left alone; None when it may be asked."""
        until = self._journal.noted(_REST)
        return until if until and until > now else None

    def rest(self, now: datetime, retry_after_s: float | None) -> datetime:
        """YouTube asked for patience: rest for what it said, half a day at least and a week at most.

        If it asks again soon after a rest, that was too short: the next is twice as long.
        """
        length_s = max(retry_after_s or 0, _SHORTEST_REST_S)
        began, ended = self._journal.noted(_RESTED), self._journal.noted(_REST)
        if began and ended and now - ended < _SOON:
            length_s = max(length_s, 2 * (ended - began).total_seconds())
        until = now + timedelta(seconds=min(length_s, _LONGEST_REST_S))
        self._journal.note(_RESTED, now)
        self._journal.note(_REST, until)
        return until
