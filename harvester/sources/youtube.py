"""How is a YouTube channel looked at for as little as possible?

The feed costs nothing and shows the newest 15; the Data API reaches everything, for quota. The first
time, and now and then, the whole list is read; on the nights between, the feed tells what is new
and the API only fills in what feeds leave out. A feed none of whose videos is known may have left
some out, and one that fails is no reason to miss a night: then the API is asked. Once the API has said
that the quota is gone or the key no good, it is left alone for the rest of the run, and the feed stands in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress

from msgspec.structs import replace

from harvester.decide import has_gap
from harvester.sources.data_api import DataApi
from harvester.sources.feed import LENGTH, Feed
from library.errors import KeyRefused, RateLimited, SourceError
from library.models import Channel, ChannelForm, Video, VideoForm

_PAGE = 50


class YouTube:
    """A VideoSource over the feed and, where there is a key, the Data API. Made anew for each run."""

    def __init__(self, feed: Feed, api: DataApi | None) -> None:
        self._feed = feed
        self._api = api
        self._refusal: RateLimited | KeyRefused | None = None

    @property
    def lists_everything(self) -> bool:
        """Only with a key; a feed shows the newest videos."""
        return self._api is not None

    def describe(self, reference: str) -> Channel:
        """The channel or playlist meant. Raises ChannelNotFound or another SourceError."""
        if self._api is None:
            return self._feed.describe(reference)
        with self._asking(self._api) as api:
            return api.describe(reference)

    def videos(self, channel: Channel, known: Collection[str], *, everything: bool = False) -> Iterator[Video]:
        """Videos whose ids are not in ``known``, newest first as a rule, lazily. Raises SourceError.

        Where the API refuses, what the feed shows comes before the error.
        """
        if self._api is None:
            return self._feed.videos(channel, known)
        if everything or channel.form is not ChannelForm.CHANNEL:
            return self._all(self._api, channel, known, everything)
        return self._news(self._api, channel, known)

    def details(self, ids: Sequence[str]) -> list[Video]:
        """What YouTube tells of these videos now, one unit for 50; [] without a key. Raises SourceError."""
        if self._api is None or not ids:
            return []
        with self._asking(self._api) as api:
            return [v for n in range(0, len(ids), _PAGE) for v in api.details(list(ids[n : n + _PAGE]))]

    @contextmanager
    def _asking(self, api: DataApi) -> Iterator[DataApi]:
        """The Data API, unless it refused us before in this run. Raises SourceError."""
        if self._refusal:
            raise self._refusal.with_traceback(None)
        try:
            yield api
        except (RateLimited, KeyRefused) as error:
            self._refusal = error
            raise

    def _all(self, api: DataApi, channel: Channel, known: Collection[str], everything: bool) -> Iterator[Video]:
        """The whole list; where the API refuses it, the newest by feed before saying so."""
        try:
            with self._asking(api):
                yield from api.videos(channel, known, everything=everything)
        except (RateLimited, KeyRefused):
            with suppress(SourceError):
                yield from self._feed.videos(channel, known)
            raise

    def _news(self, api: DataApi, channel: Channel, known: Collection[str]) -> Iterator[Video]:
        """What came since the last look, all of it or nothing: the next one stops at what is known."""
        try:
            newest = self._feed.newest(channel)
        except SourceError:
            newest = []
        if not newest or has_gap([video.id for video in newest], set(known), LENGTH):
            with self._asking(api):
                yield from list(api.videos(channel, known))
            return
        new = {video.id: video for video in newest if video.id not in known}
        try:
            found = self.details(list(new))
        except SourceError:
            yield from new.values()
            raise
        for video in found:
            yield replace(video, form=VideoForm.SHORT) if new[video.id].form is VideoForm.SHORT else video
