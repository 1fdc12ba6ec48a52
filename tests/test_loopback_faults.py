"""What does the whole program make of every fault that YouTube is known to throw?

Each case harvests two nights: one on which a fault strikes, and the next, when it is over. The tables
say which states the videos are in after the first, how the command ends, and what the next night does.
Whatever happens: no traceback, no key shown or kept (``loopback.Home`` looks), the run is in the journal
with an end, nothing read before is lost.

The lecturer has published six talks. On a first night (faults of the Data API) none is known; on a
later one (faults of everything else) two are read already and four are new.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import loopback
import pytest
from loopback import Home, YouTube, behind, kept

from library.errors import ExitCode
from library.models import State

PROGRAM = loopback.required()
TALKS = [f"fault00000{number}" for number in range(1, 7)]
HANDLE = "@faults"
DONE, UNREACHABLE, NOT_THERE, LATER, REFUSED = (
    ExitCode.DONE,
    ExitCode.UNREACHABLE,
    ExitCode.BAD_INPUT,
    ExitCode.TRY_LATER,
    ExitCode.BAD_CONFIG,
)


class After(NamedTuple):
    """How a night ends: the exit code, and how many videos are in which state."""

    code: ExitCode
    states: dict[State, int]


NOTHING: dict[State, int] = {}
ALL = {State.TEXT: 6}
# One answer told nothing of the video; three in a row are taken for a block.
ONE_FAILED = After(DONE, {State.TEXT: 5, State.FAILED: 1})
THREE_IN_A_ROW = After(LATER, {State.TEXT: 2, State.FAILED: 2, State.WAITING: 2})
STOPPED = After(LATER, {State.TEXT: 2, State.WAITING: 4})


def talk(number: int) -> dict[str, Any]:
    lines = [{"text": f"Line {n} of talk {number}.", "start": 3.0 * n, "duration": 2.5} for n in range(4)]
    record = {
        "video_id": TALKS[number - 1],
        "channel_id": "UCfaultsfaultsfaultsfaAQ",
        "channel_title": "Faults",
        "channel_handle": HANDLE,
        "title": f"Talk {number}",
        "published_at": f"2026-02-{10 + number}T10:00:00Z",
        "duration_s": 600,
        "kind": "manual",
        "snippets": lines,
    }
    return {"do": "add_video", "record": record}


@pytest.fixture(scope="module")
def youtube() -> Iterator[YouTube]:
    with loopback.playing(PROGRAM) as running:
        yield running


@pytest.fixture
def first(youtube: YouTube, tmp_path: Path) -> Home:
    """The home of somebody who follows the lecturer and has not harvested yet."""
    youtube.control({"do": "restart"}, *map(talk, range(1, 7)))
    home = Home(tmp_path / "home", youtube, {"MENTOR_YOUTUBE_TIMEOUT_S": "1"})
    home.follow(faults=HANDLE)
    return home


@pytest.fixture(scope="module")
def harvested(youtube: YouTube, tmp_path_factory: pytest.TempPathFactory) -> Path:
    youtube.control({"do": "restart"}, talk(1), talk(2))
    home = Home(tmp_path_factory.mktemp("harvested"), youtube)
    home.follow(faults=HANDLE)
    assert home("harvest").code == DONE
    return home.folder


@pytest.fixture
def later(youtube: YouTube, harvested: Path, tmp_path: Path) -> Home:
    """The home of somebody who has read two talks, on a night with four new ones."""
    news = map(talk, range(3, 7))
    youtube.control({"do": "restart"}, talk(1), talk(2), {"do": "night"}, *news, {"do": "reset_stats"})
    shutil.copytree(harvested, tmp_path / "home")
    return Home(tmp_path / "home", youtube, {"MENTOR_YOUTUBE_TIMEOUT_S": "1"})


def states(home: Home) -> dict[State, int]:
    return dict(Counter(known.state for known in kept(home).values()))


def strike(home: Home, expected: After, *commands: dict[str, Any]) -> None:
    """Harvest a night on which something goes wrong."""
    before = {video_id for video_id, known in kept(home).items() if known.text} if harvested_before(home) else set()
    home.youtube.control(*commands)
    ran = home("harvest")
    assert (ran.code, states(home)) == (expected.code, expected.states), ran.err
    assert ran.summary
    after = kept(home)
    assert {video_id for video_id, known in after.items() if known.text} >= before
    assert all(known.reason for known in after.values() if known.state not in (State.TEXT, State.WAITING))
    with home.library() as store:
        assert store.journal.runs()[0].result in ("done", "incomplete")
    stats = home.youtube.stats()
    assert not stats["internal_errors"]
    for rule in stats["faults"]:
        assert rule["hits"], "the fault was never met"


def harvested_before(home: Home) -> bool:
    return (home.folder / "library.db").exists()


def over(home: Home, code: ExitCode = DONE) -> None:
    """The fault is over: the next night."""
    home.youtube.control({"do": "clear_faults"}, {"do": "consent", "mode": "off"}, {"do": "night"})
    home.youtube.control({"do": "keys", "valid": [], "blocked": []}, {"do": "reset_stats"})
    ran = home("harvest")
    assert ran.code == code, ran.err


def heals(home: Home) -> None:
    """The next night makes good all that was missed."""
    over(home)
    assert behind(home, home.youtube.truth(), {HANDLE}) == []


def fault(on: str, action: str, count: str, **options: Any) -> dict[str, Any]:
    return {"do": "fault", "on": on, "action": action, "count": 1 if count == "once" else "all", **options}


# Not quite, so that the third night is past them.
TWO_DAYS = 170_000
STATUS: dict[str, dict[str, Any]] = {
    **{str(status): {"action": "status", "status": status} for status in (400, 401, 403, 404, 429, 500, 503)},
    "429 for two days": {"action": "status", "status": 429, "retry_after": TWO_DAYS},
    "503 for two days": {"action": "status", "status": 503, "retry_after": TWO_DAYS},
}
LATE: dict[str, dict[str, Any]] = {
    "delay": {"action": "delay", "seconds": 1.5},
    "drip": {"action": "drip", "seconds": 2.5},
}
SPOILT = {name: {"action": name} for name in ("reset", "close", "truncate", "garble", "empty", "html", "json")}
FAULTS = {**STATUS, **LATE, **SPOILT}


# --- the Data API, on a first night ----------------------------------------------------------------

# Tried again within the night.
PASSING = {"500", "503", "reset", "close", "truncate", "delay", "drip"}
BAD_KEY = {"401", "403"}
PATIENCE = {"429", "429 for two days"}


def listing(on: str, name: str, length: str) -> After:
    """What a fault of the Data API comes to."""
    if name in PASSING and length == "once":
        return After(DONE, ALL)
    if name in BAD_KEY | PATIENCE:
        # The feed stands in for a list that may not be asked for; it cannot say what a handle means.
        return After(REFUSED if name in BAD_KEY else LATER, NOTHING if on == "channels.list" else ALL)
    return After(NOT_THERE if name == "404" else UNREACHABLE, NOTHING)


@pytest.mark.parametrize(
    ("name", "length"), [*((name, "lasting") for name in FAULTS), *((name, "once") for name in sorted(PASSING))]
)
@pytest.mark.parametrize("on", ["channels.list", "playlistItems.list", "videos.list"])
def test_a_fault_of_the_data_api(first: Home, on: str, name: str, length: str) -> None:
    strike(first, listing(on, name, length), fault(on, count=length, **FAULTS[name]))
    heals(first)


REASONS = {
    (403, "quotaExceeded"): After(LATER, ALL),
    (403, "dailyLimitExceeded"): After(LATER, ALL),
    (403, "rateLimitExceeded"): After(LATER, ALL),
    (403, "userRateLimitExceeded"): After(LATER, ALL),
    (403, "accessNotConfigured"): After(REFUSED, ALL),
    (403, "ipRefererBlocked"): After(REFUSED, ALL),
    (403, "forbidden"): After(REFUSED, ALL),
    (400, "keyInvalid"): After(REFUSED, ALL),
    (400, "keyExpired"): After(REFUSED, ALL),
    (400, "invalidPageToken"): After(UNREACHABLE, NOTHING),
    (404, "playlistNotFound"): After(NOT_THERE, NOTHING),
    (404, "channelNotFound"): After(NOT_THERE, NOTHING),
    (500, "backendError"): After(UNREACHABLE, NOTHING),
}


@pytest.mark.parametrize("why", REASONS, ids=lambda why: why[1])
def test_a_refusal_with_a_reason(first: Home, why: tuple[int, str]) -> None:
    status, reason = why
    rule = fault("playlistItems.list", "status", "lasting", status=status, reason=reason)
    strike(first, REASONS[why], rule)
    heals(first)


# Describing the channel, its uploads, its videos: one unit each.
QUOTA = {0: After(LATER, NOTHING), 1: After(LATER, ALL), 2: After(LATER, ALL), 3: After(DONE, ALL)}


@pytest.mark.parametrize("left", QUOTA)
def test_the_quota_of_the_key_runs_out(first: Home, left: int) -> None:
    strike(first, QUOTA[left], {"do": "quota", "left": left})
    heals(first)


@pytest.mark.parametrize("units", QUOTA)
def test_the_quota_one_allows_oneself_runs_out(first: Home, units: int) -> None:
    first.settings["MENTOR_HARVEST_DAILY_UNITS"] = str(units)
    strike(first, QUOTA[units])
    assert first.youtube.stats()["quota"]["used"]["units"] <= units
    first.settings["MENTOR_HARVEST_DAILY_UNITS"] = "10"
    heals(first)


def test_a_quota_used_up_on_a_later_night(later: Home) -> None:
    strike(later, After(LATER, ALL), {"do": "quota", "left": 0})
    heals(later)


@pytest.mark.parametrize("keys", ["valid", "blocked"])
@pytest.mark.parametrize("night", ["first", "later"])
def test_a_key_that_is_not_accepted(request: pytest.FixtureRequest, night: str, keys: str) -> None:
    home = request.getfixturevalue(night)
    refused = {"valid": ["AIzaAnotherKey"], "blocked": [home.youtube.key]}
    strike(home, After(REFUSED, ALL if night == "later" else NOTHING), {"do": "keys", keys: refused[keys]})
    heals(home)


# --- the feed, on a later night --------------------------------------------------------------------


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_feed_costs_a_unit_and_nothing_else(later: Home, name: str) -> None:
    strike(later, After(DONE, ALL), fault("feed", count="lasting", **FAULTS[name]))
    assert later.youtube.stats()["quota"]["used"]["units"] == 2
    heals(later)


# --- the pages of YouTube, on a later night ---------------------------------------------------------

AT_ONCE = {"429", "429 for two days"}
PAGES = {**FAULTS, "captcha": {"action": "captcha"}, "bot_check": {"action": "bot_check"}}
# One status that says nothing is like another.
ONCE = set(PAGES) - {"400", "401", "403", "404", "503", "delay", "close"}


def asking(on: str, name: str, length: str) -> After:
    """What a fault of the pages that lead to a transcript comes to."""
    if name in AT_ONCE or (on, name) in {("watch", "captcha"), ("player", "bot_check")}:
        return STOPPED
    if (on, name) == ("watch", "garble"):
        # All that is read of the page stands in its first half.
        return After(DONE, ALL)
    return ONE_FAILED if length == "once" else THREE_IN_A_ROW


@pytest.mark.parametrize(
    ("name", "length"), [*((name, "lasting") for name in PAGES), *((name, "once") for name in sorted(ONCE))]
)
@pytest.mark.parametrize("on", ["watch", "player", "timedtext"])
def test_a_fault_of_the_pages(later: Home, on: str, name: str, length: str) -> None:
    expected = asking(on, name, length)
    strike(later, expected, fault(on, count=length, **PAGES[name]))
    if name.endswith("for two days") and expected.code == LATER:
        over(later, LATER)
        assert "watch" not in later.youtube.stats()["requests"], "the wait that was asked for is kept to"
        over(later)
    heals(later)


@pytest.mark.parametrize("mode", ["429", "captcha", "bot"])
@pytest.mark.parametrize("after", [0, 2, 5, 8])
def test_a_block_of_the_address(later: Home, mode: str, after: int) -> None:
    """After so many requests; the feed is one, each transcript three more."""
    # A robot check is answered by the player only, the second of the three.
    read = max(0, after - 1) // 3
    strike(
        later,
        After(LATER, {State.TEXT: 2 + read, State.WAITING: 4 - read}),
        {"do": "block", "mode": mode, "after": after},
    )
    ran = later("harvest", after=timedelta(hours=1))
    assert ran.code == LATER
    asked = later.youtube.stats()["requests"]["watch"]
    assert asked == read + 1, "the block is kept to within the night"
    heals(later)


CONSENT = {"once": After(DONE, ALL), "stuck": THREE_IN_A_ROW, "broken": THREE_IN_A_ROW}


@pytest.mark.parametrize("mode", CONSENT)
def test_the_consent_page(later: Home, mode: str) -> None:
    strike(later, CONSENT[mode], {"do": "consent", "mode": mode})
    heals(later)


# What the player says of one video, and the state that comes of it; whether it is asked for again by itself.
PLAYABILITY: dict[str, tuple[object, State, bool]] = {
    "unavailable": ("unavailable", State.DELETED, False),
    "private": ("private", State.PRIVATE, False),
    "age": ("age_restricted", State.AGE_RESTRICTED, False),
    "age in other words": (
        {"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm your age"},
        State.AGE_RESTRICTED,
        False,
    ),
    "region": ("geo_blocked", State.REGION, True),
    "members": ("members_only", State.MEMBERS_ONLY, False),
    "session": ("session_limited", State.FAILED, True),
    "stream to come": ("live_offline", State.UPCOMING, True),
    "premiere to come": (
        {"status": "LIVE_STREAM_OFFLINE", "reason": "Premieres in 3 days."},
        State.UPCOMING,
        True,
    ),
    "token": ("po_token", State.FAILED, True),
    "removed": (
        {"status": "ERROR", "reason": "This video has been removed by the uploader"},
        State.DELETED,
        False,
    ),
    "paid": ({"status": "UNPLAYABLE", "reason": "This video requires payment to watch."}, State.FAILED, True),
    "without a word": ({"status": "UNPLAYABLE"}, State.FAILED, True),
    "unheard of": ({"status": "SOMETHING_NEW", "reason": "Something new."}, State.FAILED, True),
}


@pytest.mark.parametrize("name", PLAYABILITY)
def test_a_video_that_does_not_play(later: Home, name: str) -> None:
    playability, state, again = PLAYABILITY[name]
    one = {"do": "video", "video_id": TALKS[5]}
    strike(later, After(DONE, {State.TEXT: 5, state: 1}), {**one, "playability": playability})
    assert (kept(later)[TALKS[5]].next_try_at is not None) == again
    # It plays after all: found out when it is due, or when somebody says so.
    later.youtube.control({**one, "playability": None}, {"do": "night", "number": 60})
    ran = later("harvest", *([] if again else ["--retry", state.value]))
    assert ran.code == DONE
    assert states(later) == ALL


@pytest.mark.parametrize("name", ["session_limited", "po_token", "bot_check"])
def test_a_refusal_of_all_videos_is_a_block(later: Home, name: str) -> None:
    refused = [{"do": "video", "video_id": video_id, "playability": name} for video_id in TALKS[2:]]
    strike(later, STOPPED if name == "bot_check" else THREE_IN_A_ROW, *refused)
    later.youtube.control(*({**command, "playability": None} for command in refused))
    heals(later)


CAPTIONS = {
    "switched off": {"do": "video", "video_id": TALKS[5], "captions": "off"},
    "not there yet": {"do": "drop_transcript", "video_id": TALKS[5]},
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_a_video_without_captions(later: Home, name: str) -> None:
    strike(later, After(DONE, {State.TEXT: 5, State.NO_CAPTIONS: 1}), CAPTIONS[name])
    line = {"text": "Here at last.", "start": 0, "duration": 1}
    later.youtube.control(
        {"do": "video", "video_id": TALKS[5], "captions": "on"},
        {"do": "set_transcript", "video_id": TALKS[5], "snippets": [line]},
    )
    heals(later)


GONE = {"private": {"privacy": "private"}, "unlisted": {"privacy": "unlisted"}, "deleted": {"deleted": True}}


@pytest.mark.parametrize("how", GONE)
def test_a_video_that_is_listed_no_longer_keeps_its_text(later: Home, how: str) -> None:
    strike(later, After(DONE, ALL), {"do": "video", "video_id": TALKS[1], **GONE[how]})
    assert kept(later)[TALKS[1]].text
    later.youtube.control({"do": "night", "number": 40})
    assert later("harvest").code == DONE
    assert kept(later)[TALKS[1]].text
    assert kept(later)[TALKS[1]].gone
    assert later("search", "talk 2", "--json").out.count(TALKS[1])


# --- without a key ---------------------------------------------------------------------------------


def without_a_key(on: str, name: str) -> After:
    if (on, name) == ("channel_page", "garble"):
        return After(DONE, ALL)
    patience = name in AT_ONCE or (on, name) == ("channel_page", "captcha")
    if patience:
        return After(LATER, NOTHING)
    return After(NOT_THERE if name == "404" else UNREACHABLE, NOTHING)


@pytest.mark.parametrize("name", [*FAULTS, "captcha"])
@pytest.mark.parametrize("on", ["feed", "channel_page"])
def test_a_fault_without_a_key(first: Home, on: str, name: str) -> None:
    first.settings[loopback.KEY_VARIABLE] = ""
    strike(first, without_a_key(on, name), fault(on, count="lasting", **PAGES[name]))
    heals(first)


@pytest.mark.parametrize("mode", CONSENT)
def test_the_consent_page_without_a_key(first: Home, mode: str) -> None:
    first.settings[loopback.KEY_VARIABLE] = ""
    strike(first, After(DONE, ALL) if mode == "once" else After(UNREACHABLE, NOTHING), {"do": "consent", "mode": mode})
    heals(first)


# --- all at once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["reset", "status", "truncate", "garble", "html"])
def test_nights_on_which_a_third_of_everything_fails(later: Home, action: str) -> None:
    later.youtube.control({"do": "fault", "on": "any", "action": action, "count": "all", "chance": 0.3})
    for _ in range(4):
        assert later("harvest").code in (DONE, UNREACHABLE, LATER)
        later.youtube.control({"do": "night"})
    # At most a block that was asked to be waited out, twice as long each time.
    later.youtube.control({"do": "clear_faults"}, {"do": "night", "number": 40})
    heals(later)
