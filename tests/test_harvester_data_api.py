from __future__ import annotations

import traceback
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
import requests
from canned import Answer, Asked, CannedWeb, Reply, as_json, canned
from record_cassettes import ask_channel, ask_listing, ask_with_bad_key, subjects, tape

from harvester.sources.data_api import DataApi
from harvester.sources.data_api_items import duration_of, video_of
from library.errors import ChannelNotFound, KeyRefused, MentorError, RateLimited, SourceChanged, SourceError, UsageError
from library.models import Broadcast, Channel, ChannelForm, VideoForm

KEY = "AIza" + "k" * 35
UC = "UC3grXdyS0XIdumeBAO6m0YA"
MARTA = Channel(UC, ChannelForm.CHANNEL, "Marta Ilves")
PLAYLIST = Channel("PLVBGCBkNsX-BLSkFDzgcKfwY72atF44z5", ChannelForm.PLAYLIST, "Teams 101")
CHANNEL_ITEM = {
    "id": UC,
    "snippet": {"title": "Marta\x1b[31m Ilves", "customUrl": "@martailves"},
    "statistics": {"videoCount": "10"},
}


def free(_bucket: str, _cost: int) -> None:
    """Quota without end."""


def api_of(*replies: Reply, **more: object) -> tuple[DataApi, CannedWeb]:
    session, web = canned(*replies)
    return DataApi(KEY, free, session=session, sleep=lambda _s: None, **more), web


def items(*found: object) -> Answer:
    return as_json({"kind": "youtube#list", "items": list(found)})


def item(video_id: str, **snippet: object) -> dict[str, object]:
    shown = {"title": f"Talk {video_id}", "channelId": UC, "publishedAt": "2026-01-02T03:04:05Z", **snippet}
    return {"id": video_id, "snippet": shown, "contentDetails": {"duration": "PT12M"}}


class World:
    """Playlists of (video id, month) and what may be looked up, served two to a page."""

    def __init__(self, uploads: Iterable[str], gone: Iterable[str] = (), **lists: list[str]) -> None:
        self.lists = {"UU" + UC[2:]: list(uploads), PLAYLIST.id: list(uploads)}
        self.lists |= {prefix + UC[2:]: ids for prefix, ids in lists.items()}
        self.gone = set(gone)
        self.items: dict[str, dict[str, object]] = {}
        self.calls: list[str] = []

    def __call__(self, asked: Asked) -> Reply:
        resource = asked.place.rpartition("/")[2]
        if resource == "videos":
            ids = [one for one in asked.query["id"].split(",") if one not in self.gone]
            self.calls.append("videos " + asked.query["id"])
            return items(*(self.items.get(one) or item(one) for one in reversed(ids)))
        place, start = asked.query["playlistId"], int(asked.query.get("pageToken", 0))
        self.calls.append(f"{place.removesuffix(UC[2:])} {start}")
        if place not in self.lists:
            return refusal(404, "playlistNotFound", domain="youtube.playlistItem")
        etag = f"etag{hash(tuple(self.lists[place]))}"
        if asked.headers.get("If-None-Match") == etag:
            self.calls.append("unchanged")
            return Answer(304)
        page = [_entry(one) for one in self.lists[place][start : start + 2]]
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(self.lists[place]) else {}
        return as_json({"kind": "youtube#playlistItemListResponse", "etag": etag, "items": page, **more})

    def api(self, **more: object) -> DataApi:
        session, _ = canned(self)
        return DataApi(KEY, free, session=session, **more)


def _entry(video_id: str) -> dict[str, object]:
    privacy = {"P": "private", "D": "privacyStatusUnspecified"}.get(video_id[0], "public")
    return {"contentDetails": {"videoId": video_id}, "status": {"privacyStatus": privacy}}


def refusal(status: int, reason: str, message: str = "Because.", domain: str = "global", detail: str = "") -> Answer:
    error: dict[str, object] = {"code": status, "message": message}
    error["errors"] = [{"message": message, "domain": domain, "reason": reason}]
    if detail:
        error["details"] = [{"reason": detail, "domain": "googleapis.com"}, {"locale": "en-US"}]
    return as_json({"error": error}, status)


def ids(videos: Iterable[object]) -> list[str]:
    return [video.id for video in videos]


# --- recorded answers ----------------------------------------------------------------------------


def test_a_recorded_channel_is_described_and_listed_whole() -> None:
    spent: list[tuple[str, int]] = []
    with tape("data_api/listing"):
        api = DataApi("any", lambda bucket, cost: spent.append((bucket, cost)))
        channel = api.describe(subjects()["handle"])
        videos = list(api.videos(channel, ()))
    assert channel.handle.lower() == subjects()["handle"].lower()
    assert len(videos) == channel.video_count == len(set(ids(videos)))
    assert {video.channel_id for video in videos} == {channel.id}
    assert all(video.published_at and video.published_at.tzinfo is UTC for video in videos)
    assert any(video.chapters for video in videos)
    assert spent == [("units", 1)] * 3


def test_a_recorded_listing_is_the_same_each_time() -> None:
    listings = []
    for _ in range(2):
        with tape("data_api/listing"):
            listings.append(ask_listing("any", subjects()))
    assert listings[0] == listings[1]


def test_recorded_refusals_are_understood() -> None:
    with tape("data_api/quota_gone"), pytest.raises(RateLimited, match="renewed at midnight Pacific time"):
        ask_channel("any", subjects())
    with tape("data_api/bad_key"), pytest.raises(KeyRefused, match="does not accept the API key"):
        ask_with_bad_key("any", subjects())


# --- faults ---------------------------------------------------------------------------------------

FAULTS: list[tuple[Reply, type[MentorError], str]] = [
    (refusal(403, "quotaExceeded", domain="youtube.quota"), RateLimited, "midnight Pacific"),
    (refusal(403, "dailyLimitExceeded", domain="usageLimits"), RateLimited, "midnight Pacific"),
    (refusal(403, "rateLimitExceeded", domain="usageLimits"), RateLimited, "patience"),
    (refusal(403, "userRateLimitExceeded", domain="usageLimits"), RateLimited, "patience"),
    (refusal(429, "rateLimitExceeded", detail="RATE_LIMIT_EXCEEDED"), RateLimited, "patience"),
    (Answer(429, "slow down"), RateLimited, "patience"),
    (refusal(400, "badRequest", "API key not valid.", detail="API_KEY_INVALID"), KeyRefused, "not valid"),
    (refusal(400, "badRequest", "API key expired. Please renew."), KeyRefused, "expired"),
    (refusal(400, "keyInvalid"), KeyRefused, "does not accept"),
    (refusal(403, "accessNotConfigured", domain="usageLimits"), KeyRefused, "switched on"),
    (refusal(403, "forbidden", detail="SERVICE_DISABLED"), KeyRefused, "switched on"),
    (refusal(403, "forbidden", detail="API_KEY_IP_ADDRESS_BLOCKED"), KeyRefused, "does not accept"),
    (refusal(403, "forbidden", f"no entry for {KEY}"), KeyRefused, "no entry for …"),
    (refusal(401, "authError"), KeyRefused, "does not accept"),
    (refusal(403, "playlistItemsNotAccessible", domain="youtube.playlistItem"), ChannelNotFound, "Because"),
    (refusal(404, "playlistNotFound", domain="youtube.playlistItem"), ChannelNotFound, "Because"),
    (refusal(400, "invalidPageToken", domain="youtube.parameter"), SourceChanged, "status 400"),
    (refusal(503, "backendError"), SourceError, "status 503"),
    (Answer(502, "<html>Bad Gateway"), SourceError, "status 502"),
    (Answer(500, '["odd"]'), SourceError, "status 500"),
    (Answer(500, '{"error": {"errors": 5}}'), SourceError, "status 500"),
    (Answer(200, "<html>Sign in to the hotel"), SourceChanged, "nobody can read"),
    (Answer(200, ""), SourceChanged, "nobody can read"),
    (Answer(200, "{"), SourceChanged, "nobody can read"),
    (Answer(200, "[]"), SourceChanged, "nobody can read"),
    (Answer(200, "{}"), SourceChanged, "nobody can read"),
    (Answer(200, b"\xff\xfe"), SourceChanged, "unreadable"),
    (items({"id": UC}), SourceChanged, "a channel"),
    (items("odd"), SourceChanged, "a channel"),
    (as_json({"kind": "x", "items": 5}), SourceChanged, "a list"),
    (as_json({"kind": "youtube#channelListResponse"}), ChannelNotFound, "@martailves"),
    (requests.ConnectionError(f"url: /youtube?key={KEY}"), SourceError, "did not answer: the connection failed"),
    (requests.ReadTimeout(), SourceError, "did not answer: the answer took longer"),
    (requests.exceptions.ChunkedEncodingError(), SourceError, "did not answer: the answer broke off"),
    (requests.exceptions.SSLError(), SourceError, "did not answer: no secure connection"),
]


@pytest.mark.parametrize(("reply", "kind", "words"), FAULTS)
def test_every_fault_becomes_an_error_that_says_what_it_means(
    reply: Reply, kind: type[MentorError], words: str
) -> None:
    api, _ = api_of(reply)
    with pytest.raises(MentorError) as caught:
        api.describe("@martailves")
    assert type(caught.value) is kind
    assert words in caught.value.message
    assert KEY not in "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert caught.value.__context__ is None or KEY not in str(caught.value.__context__)


def test_the_key_travels_in_a_header_and_never_in_an_address() -> None:
    api, web = api_of(items(CHANNEL_ITEM))
    api.describe("@martailves")
    assert KEY not in web.asked[0].address
    assert web.asked[0].headers["X-Goog-Api-Key"] == KEY


@pytest.mark.parametrize("key", ["", " ", "two words", "schlüssel"])
def test_what_cannot_be_a_key_is_refused_before_anything_is_asked(key: str) -> None:
    session, web = canned(items(CHANNEL_ITEM))
    with pytest.raises(KeyRefused):
        DataApi(key, free, session=session).describe("@martailves")
    assert not web.asked


def test_passing_trouble_is_tried_again_twice() -> None:
    pauses: list[float] = []
    session, web = canned(Answer(503), requests.ConnectionError(), items(CHANNEL_ITEM))
    assert DataApi(KEY, free, session=session, sleep=pauses.append).describe("@martailves").id == UC
    assert pauses == [1, 2]
    assert len(web.asked) == 3


def test_lasting_trouble_is_given_up_after_three_tries() -> None:
    api, web = api_of(Answer(500))
    with pytest.raises(SourceError):
        api.describe("@martailves")
    assert len(web.asked) == 3


@pytest.mark.parametrize(
    "reply", [refusal(403, "quotaExceeded"), Answer(429), Answer(503, headers={"Retry-After": "9"})]
)
def test_who_asks_for_patience_is_not_asked_again(reply: Answer) -> None:
    api, web = api_of(reply)
    with pytest.raises(SourceError):
        api.describe("@martailves")
    assert len(web.asked) == 1


def test_the_time_asked_for_is_handed_on() -> None:
    api, _ = api_of(Answer(429, headers={"Retry-After": "77"}))
    with pytest.raises(RateLimited) as caught:
        api.describe("@martailves")
    assert caught.value.retry_after_s == 77


def test_a_budget_that_is_gone_stops_a_request_before_it_is_sent() -> None:
    def spend(_bucket: str, _cost: int) -> None:
        raise RateLimited("Tonight's budget is used up")

    session, web = canned(items(CHANNEL_ITEM))
    with pytest.raises(RateLimited, match="budget"):
        DataApi(KEY, spend, session=session).describe("@martailves")
    assert not web.asked


# --- describing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "asked"),
    [
        ("@martailves", {"forHandle": "@martailves"}),
        ("https://www.youtube.com/user/marta", {"forUsername": "marta"}),
        (UC, {"id": UC}),
    ],
)
def test_a_channel_is_asked_for_by_what_is_known_of_it(reference: str, asked: dict[str, str]) -> None:
    api, web = api_of(items(CHANNEL_ITEM))
    assert api.describe(reference) == Channel(UC, ChannelForm.CHANNEL, "Marta Ilves", "@martailves", 10)
    assert asked.items() <= web.asked[0].query.items()


def test_a_video_stands_for_the_channel_that_published_it() -> None:
    api, web = api_of(items(item("BG2yfSsFGrU")), items(CHANNEL_ITEM))
    assert api.describe("https://youtu.be/BG2yfSsFGrU").id == UC
    assert web.asked[1].query["id"] == UC


def test_a_playlist_is_described_by_its_title_and_length() -> None:
    api, _ = api_of(items({"id": PLAYLIST.id, "snippet": {"title": "Teams 101"}, "contentDetails": {"itemCount": 5}}))
    assert api.describe(PLAYLIST.id) == Channel(PLAYLIST.id, ChannelForm.PLAYLIST, "Teams 101", "", 5)


def test_an_old_name_is_looked_up_by_its_page_since_a_handle_may_be_somebody_elses() -> None:
    page = f'<html><link rel="canonical" href="https://www.youtube.com/channel/{UC}">'
    api, web = api_of(Answer(200, page), items(CHANNEL_ITEM))
    api.describe("https://www.youtube.com/c/MartaIlves")
    assert web.asked[0].place == "www.youtube.com/c/MartaIlves"
    assert web.asked[1].query["id"] == UC


def test_an_old_name_is_taken_for_a_handle_where_pages_are_refused() -> None:
    api, web = api_of(Answer(429), items(CHANNEL_ITEM))
    api.describe("https://www.youtube.com/c/MartaIlves")
    assert web.asked[1].query["forHandle"] == "MartaIlves"


def test_a_folder_is_no_place_on_youtube() -> None:
    api, _ = api_of(items())
    with pytest.raises(UsageError):
        api.describe("/")


@pytest.mark.parametrize("reference", ["https://youtu.be/BG2yfSsFGrU", PLAYLIST.id, UC, "youtube.com/user/BG2yf"])
def test_what_is_not_there_is_named(reference: str) -> None:
    api, _ = api_of(items())
    with pytest.raises(ChannelNotFound, match=reference.rpartition("/")[2]):
        api.describe(reference)


# --- listing --------------------------------------------------------------------------------------


def test_pages_are_asked_for_only_as_they_are_needed() -> None:
    world = World("abcdef")
    listing = world.api().videos(MARTA, ())
    assert world.calls == []
    assert next(listing).id == "a"
    assert world.calls == ["UU 0", "videos a,b"]


def test_a_look_ends_at_a_page_of_known_videos() -> None:
    world = World("abcdefgh")
    assert ids(world.api().videos(MARTA, set("bcdefgh"))) == ["a"]
    assert world.calls == ["UU 0", "videos a", "UU 2"]


def test_everything_is_read_to_the_end_past_known_videos() -> None:
    world = World("abcdefgh")
    assert ids(world.api().videos(MARTA, set("abcd"), everything=True)) == list("efgh")


def test_a_playlist_is_read_to_its_end_since_people_sort_it_as_they_like() -> None:
    world = World("abcdef")
    assert ids(world.api().videos(PLAYLIST, set("abcd"))) == ["e", "f"]


def test_private_and_deleted_entries_and_those_nobody_may_see_are_left_out() -> None:
    world = World(["a", "P1", "D2", "b", "c"], gone=["b"])
    assert ids(world.api().videos(PLAYLIST, ())) == ["a", "c"]


def test_a_video_that_slides_onto_the_next_page_comes_once() -> None:
    world = World(["a", "b", "b", "c"])
    assert ids(world.api().videos(MARTA, ())) == ["a", "b", "c"]


def test_a_channel_without_videos_has_none_and_a_deleted_one_is_missed() -> None:
    world = World("")
    world.lists.clear()
    bare = Channel(UC, ChannelForm.CHANNEL, "New", video_count=0)
    assert list(world.api().videos(bare, ())) == []
    with pytest.raises(ChannelNotFound, match=f"UU{UC[2:]}"):
        list(world.api().videos(MARTA, ()))


def test_an_unchanged_list_is_not_sent_again() -> None:
    world, etags = World("ab"), {}
    assert ids(world.api(etags=etags).videos(MARTA, ())) == ["a", "b"]
    world.calls.clear()
    assert ids(world.api(etags=etags).videos(MARTA, {"a", "b"})) == []
    assert world.calls == ["UU 0", "unchanged"]
    world.lists["UU" + UC[2:]].insert(0, "new")
    assert ids(world.api(etags=etags).videos(MARTA, {"a", "b"})) == ["new"]


def test_an_unchanged_list_is_read_again_where_one_of_its_videos_is_not_known() -> None:
    world, etags = World("ab", gone=["b"]), {}
    assert ids(world.api(etags=etags).videos(MARTA, ())) == ["a"]
    world.gone.clear()
    assert ids(world.api(etags=etags).videos(MARTA, {"a"})) == ["b"]
    assert ids(world.api(etags=etags).videos(MARTA, {"a", "b"}, everything=True)) == []
    assert "unchanged" not in world.calls


# --- what a video is ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT1S", 1_000),
        ("PT12M34S", 754_000),
        ("PT1H2M3S", 3_723_000),
        ("P1DT2H", 93_600_000),
        ("P1W", 604_800_000),
        ("P0D", None),
        ("PT0S", None),
        ("", None),
        ("12 minutes", None),
        ("PT٣S", None),
    ],
)
def test_durations_are_read_as_iso_8601_writes_them(text: str, expected: int | None) -> None:
    assert duration_of(text) == expected


def test_a_video_is_read_whole_and_made_plain() -> None:
    video = video_of(
        item(
            "a",
            title="Say\u202e  no",
            description="0:00 Hello\n1:00 Why\n5:00 How",
            tags=["work", "no\x07"],
            defaultAudioLanguage="en-GB",
            defaultLanguage="de",
            publishedAt="2026-01-02T04:04:05+01:00",
        )
    )
    assert (video.title, video.tags, video.language) == ("Say no", ("work", "no"), "en-GB")
    assert (video.duration_ms, video.published_at) == (720_000, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert [chapter.title for chapter in video.chapters] == ["Hello", "Why", "How"]
    assert (video.form, video.broadcast) == (VideoForm.VIDEO, Broadcast.NONE)


@pytest.mark.parametrize(
    ("content", "details", "duration", "form", "broadcast"),
    [
        ("none", False, "PT9M", VideoForm.VIDEO, Broadcast.NONE),
        ("none", True, "PT9M", VideoForm.LIVE, Broadcast.NONE),
        ("live", True, "P0D", VideoForm.LIVE, Broadcast.LIVE),
        ("upcoming", True, "P0D", VideoForm.LIVE, Broadcast.UPCOMING),
        ("upcoming", True, "", VideoForm.VIDEO, Broadcast.UPCOMING),
        ("something new", False, "PT9M", VideoForm.VIDEO, Broadcast.NONE),
    ],
)
def test_streams_are_told_from_premieres_to_come_by_their_duration(
    content: str, details: bool, duration: str, form: VideoForm, broadcast: Broadcast
) -> None:
    video = item("a", liveBroadcastContent=content)
    video["contentDetails"] = {"duration": duration} if duration else {}
    if details:
        video["liveStreamingDetails"] = {}
    assert (video_of(video).form, video_of(video).broadcast) == (form, broadcast)


def test_shorts_and_streams_are_told_by_youtubes_own_lists_where_that_is_wanted() -> None:
    world = World(["short", "brief", "long", "stream", "premiere"], UUSH=["short"], UULV=["stream"])
    for name in ("short", "brief"):
        world.items[name] = {**item(name), "contentDetails": {"duration": "PT2M"}}
    for name in ("stream", "premiere"):
        world.items[name] = {**item(name), "liveStreamingDetails": {}}
    forms = {video.id: video.form for video in world.api(tell_forms=True).videos(MARTA, ())}
    live, plain = VideoForm.LIVE, VideoForm.VIDEO
    assert forms == {"short": VideoForm.SHORT, "brief": plain, "long": plain, "stream": live, "premiere": plain}
    assert world.calls.count("UUSH 0") == world.calls.count("UULV 0") == 1
    without = {video.id: video.form for video in world.api().videos(MARTA, ())}
    assert without == {"short": plain, "brief": plain, "long": plain, "stream": live, "premiere": live}


def test_a_channel_that_has_no_list_of_shorts_has_no_shorts() -> None:
    world = World(["brief"])
    world.items["brief"] = {**item("brief"), "contentDetails": {"duration": "PT1M"}}
    assert [video.form for video in world.api(tell_forms=True).videos(MARTA, ())] == [VideoForm.VIDEO]
