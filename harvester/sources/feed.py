"""How does one learn of a channel's newest videos without a key?

By its Atom feed: the newest 15, shorts and streams included, with titles and dates but without
lengths. It costs nothing and is known for spells of "not found".
"""

from __future__ import annotations

from calendar import timegm
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any
from xml.sax import SAXException

import feedparser

from harvester import references
from harvester.chapters import chapters
from harvester.http import PoliteSession
from harvester.references import ReferenceKind
from harvester.sources.pages import channel_of_page, read
from library.errors import ChannelNotFound, SourceChanged, UsageError
from library.models import Channel, ChannelForm, Video, VideoForm
from library.text import one_line, plain

LENGTH = 15
_ADDRESS = "https://www.youtube.com/feeds/videos.xml"


class Feed:
    """A VideoSource over the feeds of channels and playlists; asks for one thing after the other."""

    lists_everything = False

    def __init__(self, session: PoliteSession | None = None) -> None:
        self._session = session or PoliteSession()

    def describe(self, reference: str) -> Channel:
        """The channel or playlist meant, by its page and its feed; how many videos it has stays unknown.

        Raises ChannelNotFound, UsageError for what is no place on YouTube, or another SourceError.
        """
        meant = references.parse(reference)
        if meant.kind is ReferenceKind.FOLDER:
            raise UsageError(f"{meant.value} is a folder, which YouTube knows nothing of")
        form = ChannelForm.CHANNEL
        if meant.kind is ReferenceKind.PLAYLIST_ID:
            form, place = ChannelForm.PLAYLIST, meant.value
        elif meant.kind is ReferenceKind.CHANNEL_ID:
            place = meant.value
        else:
            place = channel_of_page(self._session, meant)
        handle = meant.value if meant.kind is ReferenceKind.HANDLE else ""
        title = one_line(self._parsed(place, form).feed.get("title", ""))
        return Channel(place, form, title or place, handle)

    def videos(
        self,
        channel: Channel,
        known: Collection[str],
        *,
        everything: bool = False,
    ) -> Iterator[Video]:
        """Those of the newest videos whose ids are not in ``known``; ``everything`` is out of reach.

        Raises SourceError.
        """
        return (video for video in self.newest(channel) if video.id not in known)

    def newest(self, channel: Channel) -> list[Video]:
        """All that the feed shows, at most 15, newest first. Raises SourceError."""
        found = (_video(entry) for entry in self._parsed(channel.id, channel.form).entries)
        return [video for video in found if video is not None]

    def _parsed(self, place: str, form: ChannelForm) -> Any:
        name = "playlist_id" if form is ChannelForm.PLAYLIST else "channel_id"
        try:
            body = read(self._session, f"{_ADDRESS}?{name}={place}", f"the feed of {place}")
        except ChannelNotFound as exc:
            exc.hint = "YouTube's feeds fail for hours at times: try again later, or use an API key."
            raise
        # Nothing may be changed in what lecturers write: "a < b" is no markup.
        parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
        if not parsed.get("version") or (parsed.bozo and isinstance(parsed.bozo_exception, SAXException)):
            raise SourceChanged(f"YouTube sent something else than a feed for {place}")
        return parsed


def _video(entry: Any) -> Video | None:
    """A video as the feed tells it; None for an entry that names none."""
    video_id, channel_id = entry.get("yt_videoid"), entry.get("yt_channelid", "")
    if not video_id:
        return None
    description = plain(entry.get("summary", ""))
    published = entry.get("published_parsed")
    return Video(
        id=video_id,
        channel_id=channel_id,
        title=one_line(entry.get("title", "")),
        description=description,
        published_at=datetime.fromtimestamp(timegm(published), UTC) if published else None,
        form=VideoForm.SHORT if "/shorts/" in entry.get("link", "") else VideoForm.VIDEO,
        chapters=chapters(description, None),
    )
