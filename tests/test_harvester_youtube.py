"""Is each channel looked at for as little as possible, and not missed when the Data API refuses?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pytest
from fakes import channel, video

from harvester.sources.youtube import YouTube
from library.errors import KeyRefused, MentorError, RateLimited, SourceError
from library.models import Channel, Video, VideoForm

QUOTA, KEY, BROKEN = RateLimited("no units left"), KeyRefused("no such key"), SourceError("the line broke")


class Feed:
    """Shows what it was given, or fails."""

    def __init__(self, *shown: Video, error: SourceError | None = None) -> None:
        self.shown, self.error, self.asked = list(shown), error, 0

    def newest(self, channel: Channel) -> list[Video]:
        self.asked += 1
        if self.error:
            raise self.error
        return self.shown

    def videos(self, channel: Channel, known: Collection[str]) -> Iterator[Video]:
        return (video for video in self.newest(channel) if video.id not in known)


class Api:
    """Lists what it was given, page by page as asked for; ``error`` comes after ``before`` videos."""

    def __init__(self, *listed: Video, error: SourceError | None = None, before: int = 0) -> None:
        self.listed, self.error, self.before, self.asked = list(listed), error, before, 0

    def describe(self, reference: str) -> Channel:
        self.asked += 1
        if self.error:
            raise self.error
        return channel("marta")

    def videos(self, channel: Channel, known: Collection[str], *, everything: bool = False) -> Iterator[Video]:
        self.asked += 1
        yield from (self.listed[: self.before] if self.error else self.listed)
        if self.error:
            raise self.error

    def details(self, ids: list[str]) -> list[Video]:
        self.asked += 1
        if self.error:
            raise self.error
        return [video for video in self.listed if video.id in ids]


def youtube(feed: Any, api: Any) -> YouTube:
    return YouTube(feed, api)


def listed(source: YouTube, known: Collection[str], *, everything: bool = False) -> tuple[list[str], str]:
    """The ids that come, and the message of the error after them."""
    found: list[str] = []
    try:
        found.extend(video.id for video in source.videos(channel("marta"), known, everything=everything))
    except MentorError as error:
        return found, error.message
    return found, ""


def test_news_is_told_by_the_feed_and_filled_in_by_the_api() -> None:
    feed = Feed(video("b", form=VideoForm.SHORT), video("a"))
    api = Api(video("b", duration_ms=50_000))
    [found] = youtube(feed, api).videos(channel("marta"), {"a"})
    assert (found.duration_ms, found.form) == (50_000, VideoForm.SHORT)


def test_a_look_without_news_asks_the_api_nothing() -> None:
    api = Api()
    assert listed(youtube(Feed(video("a")), api), {"a"}) == ([], "")
    assert api.asked == 0


@pytest.mark.parametrize("refusal", [QUOTA, KEY], ids=["quota", "key"])
def test_an_api_that_refuses_is_asked_once_in_a_run_and_feeds_go_on(refusal: SourceError) -> None:
    feed, api = Feed(video("b"), video("a")), Api(error=refusal)
    source = youtube(feed, api)
    assert listed(source, {"a"}) == (["b"], refusal.message)
    assert listed(source, {"a"}) == (["b"], refusal.message)
    assert listed(source, (), everything=True) == (["b", "a"], refusal.message)
    assert listed(source, {"a", "b"}) == ([], ""), "without news there is nothing to complain of"
    with pytest.raises(type(refusal)):
        source.details(["a"])
    with pytest.raises(type(refusal)):
        source.describe("@marta")
    assert (api.asked, feed.asked) == (1, 4)


def test_an_api_that_fails_is_asked_again_for_the_next_channel() -> None:
    api = Api(error=BROKEN)
    source = youtube(Feed(video("b"), video("a")), api)
    assert listed(source, {"a"}) == (["b"], BROKEN.message), "the feed is no reason to miss a night"
    listed(source, {"a"})
    assert api.asked == 2


@pytest.mark.parametrize("error", [QUOTA, BROKEN], ids=["quota", "broken"])
def test_news_cut_off_half_way_hides_nothing(error: SourceError) -> None:
    new = [video(f"n{number}") for number in range(20)]
    source = youtube(Feed(*new[:15]), Api(*new, error=error, before=17))
    assert listed(source, {"a"}) == ([], error.message), "all of it or nothing: older news may follow"


def test_a_feed_that_fails_too_leaves_the_word_to_the_api() -> None:
    source = youtube(Feed(error=BROKEN), Api(error=QUOTA))
    assert listed(source, (), everything=True) == ([], QUOTA.message)
