"""What do the items in the Data API's answers say?

Pure: JSON in, models out. Fields: https://developers.google.com/youtube/v3/docs
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harvester.chapters import chapters
from library.errors import SourceChanged
from library.models import Broadcast, Channel, ChannelForm, Video, VideoForm
from library.moments import from_text
from library.text import one_line, plain

Item = dict[str, Any]

_HIDDEN = {"private", "privacyStatusUnspecified"}
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """A video's place in a playlist; ``hidden`` for the stub of a private or deleted one."""

    video_id: str
    published_at: datetime | None
    hidden: bool


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turns whatever an answer in an unknown shape leads to into SourceChanged."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as exc:
        raise SourceChanged(f"YouTube's Data API describes {what} in a way nobody knows ({exc!r})") from exc


def items_of(answer: Item | None) -> list[Item]:
    """The items of an answer; one without a match has no list at all."""
    with reading("a list"):
        return list((answer or {}).get("items", ()))


def channel_of(item: Item) -> Channel:
    with reading("a channel"):
        count = item.get("statistics", {}).get("videoCount")
        return Channel(
            id=item["id"],
            form=ChannelForm.CHANNEL,
            title=one_line(item["snippet"]["title"]),
            handle=one_line(item["snippet"].get("customUrl", "")),
            video_count=None if count is None else int(count),
        )


def playlist_of(item: Item) -> Channel:
    with reading("a playlist"):
        count = item.get("contentDetails", {}).get("itemCount")
        return Channel(
            id=item["id"],
            form=ChannelForm.PLAYLIST,
            title=one_line(item["snippet"]["title"]),
            video_count=None if count is None else int(count),
        )


def entry_of(item: Item) -> Entry:
    with reading("an entry of a playlist"):
        details = item["contentDetails"]
        return Entry(
            video_id=str(details["videoId"]),
            published_at=from_text(details.get("videoPublishedAt")),
            hidden=item.get("status", {}).get("privacyStatus") in _HIDDEN,
        )


def video_of(item: Item) -> Video:
    """A video; with a broadcast, past or to come, it is live, but for a premiere to come: only that has
    no duration at all."""
    with reading("a video"):
        snippet = item["snippet"]
        duration = item.get("contentDetails", {}).get("duration", "")
        duration_ms = duration_of(duration)
        broadcast = _broadcast(snippet.get("liveBroadcastContent", "none"))
        premiere = broadcast is Broadcast.UPCOMING and not duration
        live = "liveStreamingDetails" in item and not premiere
        description = plain(snippet.get("description", ""))
        published_at = from_text(snippet.get("publishedAt"))
        return Video(
            id=item["id"],
            channel_id=snippet["channelId"],
            title=one_line(snippet["title"]),
            description=description,
            published_at=published_at and published_at.astimezone(UTC),
            duration_ms=duration_ms,
            language=snippet.get("defaultAudioLanguage") or snippet.get("defaultLanguage") or "",
            form=VideoForm.LIVE if live else VideoForm.VIDEO,
            broadcast=broadcast,
            tags=tuple(one_line(tag) for tag in snippet.get("tags", ())),
            chapters=chapters(description, duration_ms),
        )


def duration_of(text: str) -> int | None:
    """Milliseconds of an ISO 8601 duration; None for none or nought: a stream to come has ``P0D``."""
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds) * 1000 or None


def _broadcast(text: str) -> Broadcast:
    return Broadcast(text) if text in set(Broadcast) else Broadcast.NONE
