"""How is a video written as a row of the library, and read back?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import json

from library.models import Broadcast, Chapter, Video, VideoForm
from library.moments import from_text, to_text

VIDEO_COLUMNS = (
    "id, channel, title, description, published_at, duration_ms, language, form, broadcast, tags, chapters, url"
)


def to_json(value: object) -> str:
    """A list or an object as one value of a row."""
    return json.encode(value).decode()


def video_row(video: Video) -> tuple[object, ...]:
    """What stands in VIDEO_COLUMNS."""
    return (
        video.id,
        video.channel_id,
        video.title,
        video.description,
        to_text(video.published_at),
        video.duration_ms,
        video.language,
        video.form.value,
        video.broadcast.value,
        to_json(video.tags),
        to_json(video.chapters),
        video.url,
    )


def video_of(row: Sequence[Any]) -> Video:
    """The video in a row that begins with VIDEO_COLUMNS."""
    video_id, channel, title, description, published_at, duration_ms, language, form, broadcast = row[:9]
    tags, chapters, url = row[9:12]
    return Video(
        id=video_id,
        channel_id=channel,
        title=title,
        description=description,
        published_at=from_text(published_at),
        duration_ms=duration_ms,
        language=language,
        form=VideoForm(form),
        broadcast=Broadcast(broadcast),
        tags=tuple(json.decode(tags)),
        chapters=tuple(Chapter(start, name) for start, name in json.decode(chapters)),
        url=url,
    )
