"""How is a text with timing lines cut into cues, and how are rolling repeats told from speech?

YouTube's automatic captions roll: a screen has two rows, each line of speech enters at the bottom
while its words are stamped, then stands still for a cue of 10 ms, then moves up and is shown again.
So every line is in the file three times. A row is a repeat when it stands at the top of a screen
that follows at once on one that ended with the same row, and carries no word times.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from harvester.captions.speech import Captions, Line, Piece, spoken, unescape, untag, written
from library.timecode import parse_clock

#: A time with minutes at least, as WebVTT, SubRip and SBV write it.
CLOCK = r"(?:\d{1,4}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,9})?"
STAMP = re.compile(rf"<({CLOCK})>")

_SCREEN_ROWS = 4
_FILLER_MS = 20
_GAP_MS = 50


class Cue(NamedTuple):
    """What is shown between two times: raw rows, as they stand in the file."""

    start_ms: int
    end_ms: int
    rows: list[str]


def cut(text: str, timing: re.Pattern[str], *, to_empty_line: bool = False) -> list[Cue]:
    """Cues of ``text``: a line that ``timing`` matches begins one; its two groups are start and end.

    A cue goes on to the next timing line, or to an empty line. A number right before a timing line is
    that cue's counter and belongs to no text.
    """
    cues: list[Cue] = []
    rows: list[str] = []
    for line in text.split("\n"):
        if match := timing.match(line):
            if rows and rows[-1].strip().isdecimal():
                rows.pop()
            rows = []
            cues.append(Cue(parse_clock(match[1]), parse_clock(match[2]), rows))
        elif line or not to_empty_line:
            rows.append(line)
        else:
            rows = []
    return cues


def read(cues: Sequence[Cue], language: str = "", generated: bool = False) -> Captions:
    """Captions of cues: unrolled if they roll, with words if words are stamped, else as published."""
    rolling = unroll(cues)
    stamped = any(map(_is_stamped, (row for cue in cues for row in cue.rows)))
    if rolling is None and not stamped:
        rows = ((cue.start_ms, cue.end_ms, unescape(untag("\n".join(cue.rows)))) for cue in cues)
        return Captions(written(rows), (), language, generated)
    snippets, words = spoken(map(_line, cues if rolling is None else rolling))
    return Captions(snippets, words if stamped else (), language, generated or rolling is not None)


def unroll(cues: Sequence[Cue]) -> list[Cue] | None:
    """The cues with every line of speech once, where it enters; None if these captions do not roll."""
    fresh: list[Cue] = []
    repeats, stamped, shown, shown_until_ms = 0, False, list[str](), 0
    for cue in cues:
        rows = _seen(cue.rows)
        entering = next((at for at, row in enumerate(cue.rows) if _is_stamped(row)), len(rows))
        stamped = stamped or entering < len(rows)
        carried = _carried(shown, rows[:entering]) if cue.start_ms - shown_until_ms <= _GAP_MS else 0
        moved = len(rows) > carried or cue.end_ms - cue.start_ms <= _FILLER_MS
        repeats += carried > 0 and moved
        if len(rows) > carried:
            fresh.append(Cue(cue.start_ms, cue.end_ms, cue.rows[carried : len(rows)]))
        shown, shown_until_ms = rows, cue.end_ms
    return fresh if repeats >= (1 if stamped else max(2, len(cues) / 3)) else None


def _is_stamped(row: str) -> bool:
    return "<" in row and STAMP.search(row) is not None


def _seen(raw: Sequence[str]) -> list[str]:
    """Rows as one reads them, without the empty ones at the bottom."""
    rows = [unescape(STAMP.sub("", untag(row))).strip() for row in raw]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _carried(shown: list[str], rows: list[str]) -> int:
    """How many of ``rows`` were at the bottom of the screen before."""
    for count in range(min(len(shown), len(rows), _SCREEN_ROWS), 0, -1):
        if shown[-count:] == rows[:count]:
            return count
    return 0


def _line(cue: Cue) -> Line:
    first, *rest = STAMP.split(untag(" ".join(cue.rows)))
    stamped = [Piece(parse_clock(at), unescape(text)) for at, text in zip(rest[::2], rest[1::2], strict=True)]
    return Line(cue.start_ms, cue.end_ms, (Piece(cue.start_ms, unescape(first)), *stamped))
