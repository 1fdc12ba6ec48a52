"""Where do videos and their text come from?

Two small protocols, since hardly any place offers both: the Data API lists a whole channel but
gives captions to their owner only, the feed only lists, youtube-transcript-api only reads, and a
folder does both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from library.models import Channel, Transcript, Video


class VideoSource(Protocol):
    """Lists what a channel, playlist or folder holds."""

    @property
    def lists_everything(self) -> bool:
        """Whether ``videos`` can reach all a channel holds; a feed shows the newest only."""
        ...

    def describe(self, reference: str) -> Channel:
        """The channel meant by ``reference`` (an id, see ``harvester.references``), checked at the source.

        Raises ChannelNotFound, or another SourceError where the source cannot be asked.
        """
        ...

    def videos(self, channel: Channel, known: Collection[str], *, everything: bool = False) -> Iterator[Video]:
        """Videos of the channel whose ids are not in ``known``, newest first as a rule, lazily.

        Asks for pages only as they are needed: once nothing new comes, the rest is taken for known
        unless ``everything`` is to be gone through. Raises SourceError; of a channel's news all are given
        before that, or none: the next look stops at what is known, so that some of it would hide the rest.
        """
        ...


class TranscriptSource(Protocol):
    """Reads the text of one video."""

    def transcript(self, video: Video, languages: Sequence[str]) -> Transcript:
        """The best track: languages in the order given, people's captions before automatic ones.

        ``"original"`` among the languages stands for the one spoken. Never machine-translated.
        Raises NoTranscript with the state to remember; RateLimited, or another SourceError where the source is
        out of reach, which end fetching for all.
        """
        ...
