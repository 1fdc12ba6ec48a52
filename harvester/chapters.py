"""Which chapters does an uploader list in a video's description?

YouTube's rule (YouTube Help, "Add chapters"): lines of a time and a title, in rising order from 0:00.
Lists found in the wild often begin some seconds later, so the first minute is allowed here; that it
begins so early is also what tells a list of chapters from the programme of a day ("10:00 Keynote").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from library.models import Chapter
from library.text import one_line
from library.timecode import parse_clock

_LATEST_BEGIN_MS = 60_000
_TIME = r"(?:\d{1,2}:)?\d{1,2}:[0-5]\d"
# A bullet or counter, the time in brackets or not, perhaps an end time, a dash or colon, the title.
_ENTRY = re.compile(
    rf"""[^\w\n(\[]{{0,8}} (?:\d{{1,3}}[.)]\ +)? [^\w\n(\[]{{0,8}}
         [(\[]? (?P<start>{_TIME}) (?:\ ?[-–—]\ ?{_TIME})? [)\]]? (?!\w|:\d)
         [\s\-–—:|.>•~]*+ (?P<title>\S.*)""",
    re.VERBOSE,
)


def chapters(description: str, duration_ms: int | None) -> tuple[Chapter, ...]:
    """The chapters listed in ``description``, by rising start; none unless there are two or more.

    Of several lists the longest counts. Times at or beyond ``duration_ms``, where that is known, are
    left out.
    """
    entries = [entry for entry in _entries(description) if duration_ms is None or entry.start_ms < duration_ms]
    lists = [run for run in _rising(entries) if len(run) > 1 and run[0].start_ms <= _LATEST_BEGIN_MS]
    longest = max(lists, key=len, default=[])
    return tuple(longest)


def _entries(description: str) -> Iterator[Chapter]:
    for line in description.splitlines():
        match = _ENTRY.match(line)
        if match and (title := one_line(match["title"])):
            yield Chapter(parse_clock(match["start"]), title)


def _rising(entries: list[Chapter]) -> list[list[Chapter]]:
    """Entries cut into lists wherever the time does not go on."""
    runs: list[list[Chapter]] = []
    for entry in entries:
        if runs and entry.start_ms > runs[-1][-1].start_ms:
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return runs
