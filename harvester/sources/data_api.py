"""How does YouTube's Data API list all a channel has published?

A channel's uploads are a playlist, read by ids at 50 a unit; only ids nobody knows yet are looked
up, at 50 a unit again. A look at a channel without news costs one unit.
Costs: https://developers.google.com/youtube/v3/determine_quota_cost
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, MutableMapping
from datetime import UTC, datetime

from msgspec.structs import replace

from harvester import references
from harvester.http import PoliteSession
from harvester.references import Reference, ReferenceKind
from harvester.sources.data_api_call import Answer, DataApiCall
from harvester.sources.data_api_items import Entry, channel_of, entry_of, items_of, playlist_of, video_of
from harvester.sources.pages import channel_of_page
from library.errors import ChannelNotFound, SourceError, UsageError
from library.models import Broadcast, Channel, ChannelForm, Video, VideoForm

_PAGE = 50
# Lists of a channel's videos, by what stands in place of "UC" in its id. Only uploads are documented.
_UPLOADS, _SHORTS, _STREAMS = "UU", "UUSH", "UULV"
_SHORT_AT_MOST_MS = 180_000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class DataApi:
    """A VideoSource over the Data API; answers are asked for one after the other, lazily.

    ``spend("units", cost)`` is asked before every request and may raise RateLimited. ``etags`` keeps,
    by channel id, the mark of the newest page of uploads and the ids on it; where the mark still holds
    and those ids are known, the page need not be sent again.

    The API does not tell shorts, nor premieres from streams. With ``tell_forms``, videos that may be
    shorts are looked up in the channel's list of shorts and past broadcasts in its list of streams,
    mostly for one unit each; without, no video is called a short, and a past premiere is called live.
    """

    lists_everything = True

    def __init__(
        self,
        api_key: str,
        spend: Callable[[str, int], None],
        *,
        session: PoliteSession | None = None,
        etags: MutableMapping[str, str] | None = None,
        tell_forms: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = session or PoliteSession()
        self._api = DataApiCall(api_key, spend, self._session, sleep)
        self._etags = {} if etags is None else etags
        self._tell_forms = tell_forms

    def describe(self, reference: str) -> Channel:
        """The channel or playlist meant, for one unit (two for a video).

        Raises ChannelNotFound, UsageError for what is no place on YouTube, or another SourceError.
        """
        meant = references.parse(reference)
        match meant.kind:
            case ReferenceKind.PLAYLIST_ID:
                return self._playlist(meant)
            case ReferenceKind.CHANNEL_ID:
                return self._channel(meant, id=meant.value)
            case ReferenceKind.HANDLE:
                return self._channel(meant, forHandle=meant.value)
            case ReferenceKind.USER:
                return self._channel(meant, forUsername=meant.value)
            case ReferenceKind.CUSTOM:
                return self._custom(meant)
            case ReferenceKind.VIDEO:
                return self._channel(meant, id=self._publisher(meant))
        raise UsageError(f"{meant.value} is a folder, which YouTube knows nothing of")

    def videos(self, channel: Channel, known: Collection[str], *, everything: bool = False) -> Iterator[Video]:
        """Videos whose ids are not in ``known``, newest first as a rule, each once, lazily.

        Uploads are read up to a page of known ids only, unless ``everything`` is wanted; playlists,
        which people sort as they like, to their end. Private and deleted entries are left out.
        Raises SourceError.
        """
        uploads = channel.form is ChannelForm.CHANNEL
        look = uploads and not everything
        closer = _Closer(self, channel) if uploads and self._tell_forms else None
        seen: set[str] = set()
        # The list of a channel without videos is answered "not found".
        bare = uploads and channel.video_count == 0
        held = self._held(channel, known) if look else ""
        for page in self._pages(_list_id(channel, _UPLOADS), held, optional=bare):
            ids = [entry.video_id for entry in _entries(page) if not entry.hidden]
            if uploads and not seen:
                self._etags[channel.id] = " ".join([str(page.get("etag", "")), *ids])
            new = list(dict.fromkeys(video_id for video_id in ids if video_id not in known))
            found = self.details([video_id for video_id in new if video_id not in seen])
            yield from closer.formed(found) if closer else found
            if look and ids and not new:
                return
            seen.update(ids)

    def members(self, channel: Channel, form: VideoForm) -> Iterator[list[Entry]]:
        """Pages of the channel's own list of its shorts or streams; none where there is no such list."""
        place = _list_id(channel, _SHORTS if form is VideoForm.SHORT else _STREAMS)
        for page in self._pages(place, optional=True):
            yield _entries(page)

    def _held(self, channel: Channel, known: Collection[str]) -> str:
        """The mark of the newest page as it was, where all that it listed is known; else ""."""
        etag, *ids = self._etags.get(channel.id, "").split(" ")
        return etag if ids and all(video_id in known for video_id in ids) else ""

    def _channel(self, meant: Reference, **which: str) -> Channel:
        items = items_of(self._api.list("channels", part="snippet,statistics", maxResults=1, **which))
        if not items:
            raise ChannelNotFound(f"YouTube knows no channel {meant.value}")
        return channel_of(items[0])

    def _custom(self, meant: Reference) -> Channel:
        """By its page: another channel may have taken the name of an old address for its handle."""
        try:
            return self._channel(meant, id=channel_of_page(self._session, meant))
        except ChannelNotFound:
            raise
        except SourceError:
            return self._channel(meant, forHandle=meant.value)

    def _playlist(self, meant: Reference) -> Channel:
        parts = "snippet,contentDetails"
        items = items_of(self._api.list("playlists", part=parts, id=meant.value, maxResults=1))
        if not items:
            raise ChannelNotFound(f"YouTube shows no playlist {meant.value}; it may be private")
        return playlist_of(items[0])

    def _publisher(self, meant: Reference) -> str:
        """The id of the channel that published a video."""
        found = self.details([meant.value])
        if not found:
            raise ChannelNotFound(f"YouTube shows no video {meant.value}")
        return found[0].channel_id

    def _pages(self, playlist_id: str, etag: str = "", *, optional: bool = False) -> Iterator[Answer]:
        """The pages of a playlist, each asked for when it is needed; none while ``etag`` holds.

        Raises ChannelNotFound where there is no such playlist, unless it is ``optional``.
        """
        token: str | None = ""
        while token is not None:
            try:
                page = self._api.list(
                    "playlistItems",
                    etag="" if token else etag,
                    part="contentDetails,status",
                    playlistId=playlist_id,
                    maxResults=_PAGE,
                    pageToken=token or None,
                )
            except ChannelNotFound:
                if optional:
                    return
                raise
            if page is None:
                return
            yield page
            token = page.get("nextPageToken")

    def details(self, ids: list[str]) -> list[Video]:
        """The videos of at most 50 ids, in their order; those that nobody may see are left out."""
        if not ids:
            return []
        parts = "snippet,contentDetails,liveStreamingDetails"
        answer = self._api.list("videos", part=parts, id=",".join(ids), maxResults=_PAGE)
        found = {video.id: video for video in map(video_of, items_of(answer))}
        return [found[video_id] for video_id in ids if video_id in found]


class _Closer:
    """Looks closer at the form of a channel's videos, by YouTube's own lists of them."""

    def __init__(self, api: DataApi, channel: Channel) -> None:
        self._shorts = _Members(api.members(channel, VideoForm.SHORT))
        self._streams = _Members(api.members(channel, VideoForm.LIVE))

    def formed(self, videos: list[Video]) -> Iterator[Video]:
        brief = [v for v in videos if v.form is VideoForm.VIDEO and (v.duration_ms or 0) <= _SHORT_AT_MOST_MS]
        past = [v for v in videos if v.form is VideoForm.LIVE and v.broadcast is Broadcast.NONE]
        shorts, streams = self._shorts.among(brief), self._streams.among(past)
        premieres = {video.id for video in past} - streams
        for video in videos:
            if video.id in shorts:
                yield replace(video, form=VideoForm.SHORT)
            else:
                yield replace(video, form=VideoForm.VIDEO) if video.id in premieres else video


class _Members:
    """What a list holds, newest first, read only as far back as somebody asks."""

    def __init__(self, pages: Iterator[list[Entry]]) -> None:
        self._pages = pages
        self._ids: set[str] = set()
        self._reached: datetime | None = None

    def among(self, videos: list[Video]) -> set[str]:
        """The ids of those videos that are in the list."""
        asked = {video.id for video in videos}
        oldest = min((video.published_at or _LONG_AGO for video in videos), default=None)
        while oldest and not asked <= self._ids and (self._reached is None or self._reached >= oldest):
            page = next(self._pages, None)
            if page is None:
                break
            self._ids.update(entry.video_id for entry in page)
            self._reached = min((entry.published_at or _LONG_AGO for entry in page), default=_LONG_AGO)
        return asked & self._ids


def _list_id(channel: Channel, prefix: str) -> str:
    return prefix + channel.id[2:] if channel.form is ChannelForm.CHANNEL else channel.id


def _entries(page: Answer) -> list[Entry]:
    return [entry_of(item) for item in items_of(page)]
