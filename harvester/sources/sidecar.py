"""What does the ``.info.json`` say that yt-dlp writes beside a video?

The fields are those of yt-dlp's README, "Output template". Such files are edited by hand and written
by other programs too, so a field of another type counts as missing, and so does a whole broken file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from harvester.captions.speech import milliseconds
from harvester.chapters import chapters
from library.models import Chapter
from library.text import one_line, plain

_LIMIT_BYTES = 50_000_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_WEB_PAGE = re.compile(r"https?://[!#-&(-;=?-~]+")
_YOUTUBE_PAGE = re.compile(r"https?://(?:[\w-]+\.)*(?:youtube\.com|youtu\.be)/")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is known of a recording; empty where the file does not say.

    ``id`` is YouTube's where ``on_youtube``, else another site's, with its page as ``url``. ``translated``
    are the names of caption tracks that a machine made from another track.
    """

    id: str = ""
    title: str = ""
    description: str = ""
    channel: str = ""
    language: str = ""
    published_at: datetime | None = None
    duration_ms: int | None = None
    tags: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    on_youtube: bool = False
    url: str = ""
    translated: frozenset[str] = frozenset()


def read(path: Path | None) -> Sidecar:
    """The sidecar at ``path``; an empty one where there is none or it cannot be read."""
    if path is None:
        return Sidecar()
    try:
        with path.open("rb") as file:
            fields = msgspec.json.decode(file.read(_LIMIT_BYTES))
    except (OSError, ValueError, RecursionError):
        return Sidecar()
    return _sidecar(fields) if isinstance(fields, dict) else Sidecar()


def _sidecar(fields: Mapping[str, Any]) -> Sidecar:
    description = plain(_text(fields, "description"))
    duration_ms = _ms(fields.get("duration"))
    language = _text(fields, "language")
    tags = fields.get("tags")
    return Sidecar(
        id=_matching(_ID, _text(fields, "id")),
        title=one_line(_text(fields, "title")),
        description=description,
        channel=one_line(_text(fields, "channel") or _text(fields, "uploader")),
        language=_matching(_LANGUAGE, language),
        published_at=_moment(fields.get("timestamp")) or _day(_text(fields, "upload_date")),
        duration_ms=duration_ms,
        tags=tuple(one_line(tag) for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        chapters=_chapters(fields.get("chapters")) or chapters(description, duration_ms),
        on_youtube=_on_youtube(fields),
        url="" if _on_youtube(fields) else _matching(_WEB_PAGE, _text(fields, "webpage_url")),
        translated=_translated(fields.get("requested_subtitles")),
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _ms(seconds: object) -> int | None:
    if not isinstance(seconds, int | float):
        return None
    try:
        return milliseconds(1000 * seconds)
    except ValueError:
        return None


def _moment(timestamp: object) -> datetime | None:
    if not isinstance(timestamp, int | float):
        return None
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _chapters(entries: object) -> tuple[Chapter, ...]:
    found = []
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and (title := one_line(_text(entry, "title"))):
            start_ms = _ms(entry.get("start_time"))
            found += [Chapter(start_ms, title)] if start_ms is not None else []
    return tuple(sorted(found))


def _on_youtube(fields: Mapping[str, Any]) -> bool:
    """By the form of the id, and by the page's host where the file names a page."""
    page = _text(fields, "webpage_url")
    return bool(_YOUTUBE_ID.fullmatch(_text(fields, "id"))) and (not page or bool(_YOUTUBE_PAGE.match(page)))


def _translated(requested: object) -> frozenset[str]:
    """yt-dlp notes the address of each track it wrote; YouTube's translations have a ``tlang`` there."""
    tracks = requested.items() if isinstance(requested, dict) else ()
    return frozenset(
        name for name, track in tracks if isinstance(track, dict) and "tlang" in _query(_text(track, "url"))
    )


def _query(url: str) -> Mapping[str, list[str]]:
    try:
        return parse_qs(urlsplit(url).query)
    except ValueError:
        return {}
