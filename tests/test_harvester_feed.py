from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests
from canned import Answer, Asked, Reply, canned
from record_cassettes import ask_feed, ask_missing_feed, subjects, tape

from harvester.sources.feed import LENGTH, Feed
from library.errors import ChannelNotFound, MentorError, RateLimited, SourceChanged, SourceError, UsageError
from library.models import Channel, ChannelForm, Video, VideoForm

UC, OTHER = "UC3grXdyS0XIdumeBAO6m0YA", "UCN7javKHgMxQ8gdkpFAo61w"
MARTA = Channel(UC, ChannelForm.CHANNEL, "Marta Ilves")
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">'
)


def entry(video_id: str, title: str = "A talk", description: str = "", page: str = "watch?v=") -> str:
    return (
        f"<entry><id>yt:video:{video_id}</id><yt:videoId>{video_id}</yt:videoId><yt:channelId>{UC}</yt:channelId>"
        f'<title>{title}</title><link rel="alternate" href="https://www.youtube.com/{page}{video_id}"/>'
        "<published>2026-01-02T04:04:05+01:00</published><updated>2026-02-02T04:04:05+00:00</updated>"
        f"<media:group><media:title>{title}</media:title><media:description>{description}</media:description>"
        "</media:group></entry>"
    )


def feed_of(*entries: str, title: str = "Marta Ilves") -> Answer:
    return Answer(200, f"{HEAD}<title>{title}</title>{''.join(entries)}</feed>")


FEED = feed_of(entry("a"))


def newest(*replies: Reply) -> list[Video]:
    session, _ = canned(*replies)
    return Feed(session).newest(MARTA)


def test_a_recorded_feed_shows_the_newest_videos() -> None:
    with tape("feed/channel"):
        videos = ask_feed("", subjects())
    assert 0 < len(videos) <= LENGTH
    assert len({video.channel_id for video in videos}) == 1
    assert all(video.title and video.published_at and video.duration_ms is None for video in videos)
    assert [video.published_at for video in videos] == sorted((v.published_at for v in videos), reverse=True)
    assert {video.form for video in videos} == {VideoForm.VIDEO, VideoForm.SHORT}


def test_a_recorded_feed_that_is_not_there_is_not_found_with_a_hint() -> None:
    with tape("feed/missing"), pytest.raises(ChannelNotFound) as caught:
        ask_missing_feed("", {})
    assert "try again later" in caught.value.hint


def test_what_lecturers_write_stays_as_it_is() -> None:
    body = "0:00 a &lt; b &amp;amp; c\n1:00 &lt;script&gt;x&lt;/script&gt;\n2:00 see ./there &lt;i&gt;now&lt;/i&gt;"
    [video] = newest(feed_of(entry("a", "C++ &lt;vector&gt; &amp;amp; you", body)))
    assert video.title == "C++ <vector> &amp; you"
    assert video.description == "0:00 a < b &amp; c\n1:00 <script>x</script>\n2:00 see ./there <i>now</i>"
    assert [chapter.start_ms for chapter in video.chapters] == [0, 60_000, 120_000]
    assert video.published_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (video.id, video.channel_id) == ("a", UC)


def test_shorts_are_told_by_their_address() -> None:
    videos = newest(feed_of(entry("a"), entry("b", page="shorts/")))
    assert [video.form for video in videos] == [VideoForm.VIDEO, VideoForm.SHORT]


def test_videos_that_are_known_are_left_out() -> None:
    session, _ = canned(feed_of(entry("a"), entry("b")))
    assert [video.id for video in Feed(session).videos(MARTA, {"a"})] == ["b"]


def test_an_empty_feed_is_a_channel_without_videos() -> None:
    assert newest(feed_of()) == []


def test_a_playlist_has_a_feed_of_its_own() -> None:
    session, web = canned(FEED)
    playlist = Feed(session).describe("PLVBGCBkNsX-BLSkFDzgcKfwY72atF44z5")
    assert playlist.form is ChannelForm.PLAYLIST
    assert web.asked[0].query == {"playlist_id": playlist.id}


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Answer(404), ChannelNotFound, "does not have the feed of"),
        (Answer(429, headers={"Retry-After": "30"}), RateLimited, "patience"),
        (Answer(500), SourceError, "status 500"),
        (Answer(200, ""), SourceChanged, "something else than a feed"),
        (Answer(200, "<html><p>Sorry"), SourceChanged, "something else than a feed"),
        (Answer(200, "{}"), SourceChanged, "something else than a feed"),
        (Answer(200, FEED.body[:-40]), SourceChanged, "something else than a feed"),
        (requests.ReadTimeout(), SourceError, "did not answer: the answer took longer"),
        (requests.ConnectionError("feeds/videos.xml?channel_id"), SourceError, "did not answer: the connection"),
    ],
)
def test_every_fault_becomes_an_error_that_says_what_it_means(
    reply: Reply, kind: type[MentorError], words: str
) -> None:
    with pytest.raises(MentorError) as caught:
        newest(reply)
    assert type(caught.value) is kind
    assert words in caught.value.message
    assert "?" not in caught.value.message


def test_the_time_asked_for_is_handed_on() -> None:
    with pytest.raises(RateLimited) as caught:
        newest(Answer(429, headers={"Retry-After": "30"}))
    assert caught.value.retry_after_s == 30


# --- which channel a page belongs to ---------------------------------------------------------------

RELATED = f'<a href="/channel/{OTHER}">"channelId":"{OTHER}"</a>'
PLACES = [
    f'<link rel="canonical" href="https://www.youtube.com/channel/{UC}">',
    f'<meta itemprop="identifier" content="{UC}">',
    f'<link rel="alternate" href="https://www.youtube.com/feeds/videos.xml?channel_id={UC}">',
    f'{{"channelMetadataRenderer":{{"externalId": "{UC}"}}}}',
    f'{{"videoDetails":{{"videoId":"a","title":"{{x}}","channelId":"{UC}","isLive":false}}}}',
]


def describe(reference: str, *pages: Reply) -> Channel:
    queue = list(pages)

    def reply(asked: Asked) -> Reply:
        return FEED if asked.place.endswith("videos.xml") else queue.pop(0)

    session, _ = canned(reply)
    return Feed(session).describe(reference)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "reference", ["@martailves", "youtube.com/c/Marta", "youtube.com/user/m", "youtu.be/BG2yfSsFGrU"]
)
def test_a_channel_is_found_wherever_its_page_names_it(reference: str, place: str) -> None:
    found = describe(reference, Answer(200, f"<html>{RELATED}{place}{RELATED}</html>"))
    assert (found.id, found.title, found.video_count) == (UC, "Marta Ilves", None)
    assert found.handle == ("@martailves" if reference == "@martailves" else "")


CONSENT = (
    '<html><form action="https://consent.youtube.com/s"><input type="hidden" name="v" value="cb.2026&amp;x"></form>'
)


def test_the_consent_page_is_answered_once_in_a_cookie() -> None:
    session, web = canned(Answer(200, CONSENT), Answer(200, PLACES[0]), FEED)
    assert Feed(session).describe("@martailves").id == UC
    assert "CONSENT=YES+cb.2026&x" in web.asked[1].headers["Cookie"]


@pytest.mark.parametrize(
    ("page", "kind", "words"),
    [
        (Answer(200, CONSENT), SourceError, "again and again"),
        (Answer(200, CONSENT.replace('name="v"', "")), SourceChanged, "consent"),
        (Answer(200, '<div class="g-recaptcha">'), RateLimited, "robot"),
        (Answer(404), ChannelNotFound, "the page of @martailves"),
        (Answer(200, RELATED), SourceChanged, "does not say which channel"),
        (Answer(200, '{"playabilityStatus":{"status":"LOGIN_REQUIRED"}}'), ChannelNotFound, "who published"),
    ],
)
def test_a_page_that_tells_no_channel_is_an_error(page: Answer, kind: type[MentorError], words: str) -> None:
    with pytest.raises(MentorError, match=words) as caught:
        describe("@martailves", page, page)
    assert type(caught.value) is kind


def test_a_folder_is_no_place_on_youtube() -> None:
    with pytest.raises(UsageError):
        Feed().describe("/")
