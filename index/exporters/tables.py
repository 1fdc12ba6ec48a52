"""How do clips become rows: for spreadsheets, and for cut, sort and grep?

Columns are only ever added, at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from index.clips import Clip
from library.moments import to_text
from library.text import one_line
from library.timecode import clock

COLUMNS = (
    "mentor", "title", "published_at", "start", "end", "text", "url", "clip_id", "video_id", "start_ms",
    "end_ms", "score", "kind", "language", "origin", "channel_id", "about",
)  # fmt: skip

#: What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"), and its wide forms.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def comma_separated(clips: Iterable[Clip]) -> Iterator[str]:
    """CSV by RFC 4180 with a header: CRLF line ends, so a file for it is opened with ``newline=""``.

    Text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    yield _csv_line(COLUMNS)
    for clip in clips:
        yield _csv_line(map(_defused, _cells(clip)))


def tab_separated(clips: Iterable[Clip]) -> Iterator[str]:
    """One clip a line, no header, no quoting: id, start, end, mentor, title, date, URL, text."""
    for clip in clips:
        cells = (
            clip.id, clock(clip.start_ms), clock(clip.end_ms), clip.mentor, clip.title,
            f"{clip.published_at:%Y-%m-%d}" if clip.published_at else "", clip.url, clip.text,
        )  # fmt: skip
        yield "\t".join(map(one_line, cells)) + "\n"


def links(clips: Iterable[Clip]) -> Iterator[str]:
    """One URL a line, each starting at its moment."""
    for clip in clips:
        yield one_line(clip.url) + "\n"


def _cells(clip: Clip) -> tuple[str | int | float, ...]:
    return (
        clip.mentor, clip.title, to_text(clip.published_at) or "", clock(clip.start_ms), clock(clip.end_ms),
        clip.text, clip.url, clip.id, clip.video_id, clip.start_ms, clip.end_ms, round(clip.score, 4),
        clip.kind or "", clip.language, clip.origin, clip.channel_id, "yes" if clip.about else "",
    )  # fmt: skip


def _defused(cell: str | int | float) -> str | int | float:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def _csv_line(cells: Iterable[object]) -> str:
    import csv
    import io

    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
