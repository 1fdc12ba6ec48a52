"""Was there a harvest lately? For schedulers that try several times a day, and machines that sleep."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from library.errors import UsageError
from library.journal import Run

_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_span(text: str) -> timedelta:
    """How long ``90m``, ``20h`` or ``2d`` is. Raises UsageError."""
    if not (match := _SPAN.fullmatch(text)):
        raise UsageError(f"{text} is no length of time", hint="write it as 90m, 20h or 2d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def lately(runs: Iterable[Run], span: timedelta, now: datetime, followed: int = 0) -> Run | None:
    """The newest run that began less than ``span`` ago and counts.

    One that was interrupted, failed, reached nobody at all, or was for fewer than are ``followed`` now does not: it is
    worth another try. One that YouTube stopped does: it asked for patience.
    """
    for run in runs:
        reached = run.summary.get("listed") or run.summary.get("stopped") or run.result == "done"
        asked = run.summary.get("mentors")
        everyone = not isinstance(asked, int) or asked >= followed
        if run.result in ("done", "incomplete") and reached and everyone and now - run.started_at < span:
            return run
    return None
