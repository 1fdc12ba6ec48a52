"""Which source is asked about what?

Each is made when first asked for, so that a folder of caption files needs no YouTube library.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from harvester.proxy import ROTATING_TRIES
from harvester.proxy import parse as parse_proxy
from harvester.references import ReferenceKind, parse
from harvester.sources import TranscriptSource, VideoSource
from harvester.sources.folder import Folder
from library.models import ChannelForm, Video

if TYPE_CHECKING:
    from harvester.http import PoliteSession
    from harvester.sources.youtube import YouTube


class SourceTable:
    """The sources of one run.

    ``spend`` is told of each unit of quota before it is used, and may refuse. ``marks`` are
    those kept from earlier runs, by channel id. ``proxy`` is an address as ``harvester.proxy`` reads it.
    """

    def __init__(
        self,
        api_key: str,
        spend: Callable[[str, int], None],
        *,
        timeout_s: float,
        max_answer_bytes: int,
        marks: Mapping[str, str],
        proxy: str = "",
    ) -> None:
        self._api_key = api_key
        self._spend = spend
        self._timeout_s = timeout_s
        self._max_answer_bytes = max_answer_bytes
        self._marks = dict(marks)
        self._proxy = parse_proxy(proxy)

    def lister(self, reference: str) -> VideoSource:
        """The source that can tell what a reference (a channel's id, a handle, a path …) means."""
        is_folder = reference.startswith("dir:") or parse(reference).kind is ReferenceKind.FOLDER
        return self._folder if is_folder else self._youtube

    def reader(self, form: ChannelForm) -> TranscriptSource:
        """The source that reads the text of what a channel of that form lists."""
        return self._folder if form is ChannelForm.FOLDER else self._transcripts

    def details(self, ids: Sequence[str]) -> list[Video]:
        """What YouTube tells of these videos now; [] where there is no key. Raises SourceError."""
        return self._youtube.details(ids)

    def mark(self, channel_id: str) -> str:
        """What DataApi or Folder keeps of a channel's list as last read to its end; "" for nothing."""
        return self._marks.get(channel_id, "")

    def edited(self, channel_id: str) -> Collection[str]:
        """Ids of videos whose text may have changed since they were listed; only a folder can tell."""
        return self._folder.edited(channel_id)

    @cached_property
    def _folder(self) -> Folder:
        return Folder(self._marks)

    @cached_property
    def _youtube(self) -> YouTube:
        from harvester.sources.feed import Feed
        from harvester.sources.youtube import YouTube

        session = self._session()
        if not self._api_key:
            return YouTube(Feed(session), None)
        from harvester.sources.data_api import DataApi

        api = DataApi(self._api_key, self._spend, session=session, etags=self._marks, tell_forms=True)
        return YouTube(Feed(session), api)

    @cached_property
    def _transcripts(self) -> TranscriptSource:
        from harvester.sources.transcripts import YouTubeTranscripts

        tries = ROTATING_TRIES if self._proxy.rotates else 1
        return YouTubeTranscripts(self._session(), tries=tries)

    def _session(self) -> PoliteSession:
        """A session of its own for each protocol: the consent cookie of one is none of the other's."""
        from harvester.http import Limits, PoliteSession

        limits = Limits(total_s=self._timeout_s, max_bytes=self._max_answer_bytes)
        return PoliteSession(limits=limits, proxy=self._proxy)
