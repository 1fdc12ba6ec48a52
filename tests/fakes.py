"""Sources that do what a test tells them to, and small libraries to test with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from harvester.sources import TranscriptSource, VideoSource
from library.errors import ChannelNotFound, MentorError, NoTranscript
from library.models import Channel, ChannelForm, Mentor, Origin, Snippet, State, Transcript, Video

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MARTA = Mentor("marta", "Marta")
ANTON = Mentor("anton", "Anton")


def channel_id(name: str) -> str:
    """A channel id of the right form for a short name."""
    return "UC" + name.ljust(22, "0")


def channel(name: str) -> Channel:
    return Channel(channel_id(name), ChannelForm.CHANNEL, name.title())


def video(video_id: str, channel: str = "marta", days_ago: int = 1, **fields: object) -> Video:
    published = NOW - timedelta(days=days_ago)
    return Video(video_id, channel_id(channel), f"Talk {video_id}", published_at=published, **fields)  # type: ignore[arg-type]


def transcript(video_id: str, *lines: str, language: str = "en", origin: Origin = Origin.MANUAL) -> Transcript:
    """A track with a line every five seconds."""
    texts = lines or (f"Words of {video_id}.",)
    snippets = tuple(Snippet(5_000 * number, 5_000, text) for number, text in enumerate(texts))
    return Transcript(video_id, language, origin, snippets)


@dataclass
class FakeSource:
    """Lists and reads what it was given; an error in place of an answer is raised."""

    listed: dict[str, list[Video] | MentorError] = field(default_factory=dict)
    texts: dict[str, Transcript | MentorError | BaseException] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    lists_everything: bool = True
    changed: set[str] = field(default_factory=set)

    def describe(self, reference: str) -> Channel:
        for name in self.listed:
            if reference in (channel_id(name), f"@{name}"):
                return channel(name)
        raise ChannelNotFound(f"no channel {reference}")

    def videos(self, channel: Channel, known: Collection[str], *, everything: bool = False) -> Iterator[Video]:
        self.asked.append(f"list {channel.title}")
        found = self.listed[channel.title.lower()]
        if isinstance(found, MentorError):
            raise found
        yield from (video for video in found if video.id not in known)

    def transcript(self, video: Video, languages: Sequence[str]) -> Transcript:
        self.asked.append(video.id)
        found = self.texts.get(video.id, NoTranscript(State.NO_CAPTIONS, "no captions"))
        if isinstance(found, BaseException):
            raise found
        return found

    def lister(self, reference: str) -> VideoSource:
        return self

    def reader(self, form: ChannelForm) -> TranscriptSource:
        return self

    def details(self, ids: Sequence[str]) -> list[Video]:
        return [
            video for found in self.listed.values() if isinstance(found, list) for video in found if video.id in ids
        ]

    def mark(self, channel_id: str) -> str:
        return ""

    def edited(self, channel_id: str) -> Collection[str]:
        return self.changed

    def fetched(self) -> list[str]:
        """Ids of the videos whose text was asked for."""
        return [what for what in self.asked if not what.startswith("list ")]


@dataclass
class Clock:
    """A clock that moves only by sleeping."""

    at: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)
