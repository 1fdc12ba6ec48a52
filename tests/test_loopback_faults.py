"""What does the whole program make of every fault in the lists of videos that YouTube is known to throw?

Each case harvests two nights: one on which a fault strikes, and the next, when it is over. The tables
say which states the videos are in after the first, how the command ends, why by its own account, and
what the next night does. Whatever happens: no traceback, no key shown or kept (``loopback.Home`` looks),
the run is in the journal with an end, nothing read before is lost or asked for again.

Faults of what leads to a text are in ``test_loopback_refusals.py``.
"""

from __future__ import annotations

from dataclasses import replace

import loopback
import pytest
from loopback import Home
from striking import (
    ALL,
    DONE,
    FAULTS,
    LATER,
    NOT_THERE,
    NOTHING,
    REFUSED,
    UNREACHABLE,
    After,
    fault,
    heals,
    on_the_way,
    over,
    states,
    strike,
    talk,
)

from library.models import State

loopback.required()
KEY_REFUSED, KEY_SHUT_OUT = "does not accept the API key", "does not let this API key in"
PATIENCE = "asks for patience"
QUOTA_GONE = "renewed at midnight Pacific time"

# --- the Data API, on a first night ----------------------------------------------------------------

# Tried again within the night.
PASSING = {"500", "503", "reset", "close", "truncate", "delay", "drip", "too large"}
ASKS_FOR_PATIENCE = {"429", "429 for two days"}
OF_THE_API = {"401": KEY_REFUSED, "403": KEY_SHUT_OUT, "404": "YouTube has no ", "429": PATIENCE}


def listing(on: str, name: str, length: str) -> After:
    """What a fault of the Data API comes to."""
    if name in PASSING and length == "once":
        return After(DONE, ALL)
    why = OF_THE_API.get(name[:3]) or on_the_way(name) or "YouTube's Data API"
    bad_key = why in (KEY_REFUSED, KEY_SHUT_OUT)
    if bad_key or name in ASKS_FOR_PATIENCE:
        # The feed stands in for a list that may not be asked for; it cannot say what a handle means.
        named = on in ("channels.list", "playlists.list")
        return After(REFUSED if bad_key else LATER, NOTHING if named else ALL, why)
    return After(NOT_THERE if name == "404" else UNREACHABLE, NOTHING, why)


CASES = [*((name, "lasting") for name in FAULTS), *((name, "once") for name in sorted(PASSING))]


@pytest.mark.parametrize(("name", "length"), CASES)
@pytest.mark.parametrize("on", ["channels.list", "playlistItems.list", "videos.list"])
def test_a_fault_of_the_data_api(first: Home, on: str, name: str, length: str) -> None:
    strike(first, listing(on, name, length), fault(on, count=length, **FAULTS[name]))
    heals(first)


# A playlist of the server's own, with three talks.
PLAYLIST = "PLK0XSNJJYM8vbBT6OpbLYqwmPNZZLWg-j"


@pytest.mark.parametrize(("name", "length"), CASES)
def test_a_fault_of_a_playlist(first: Home, name: str, length: str) -> None:
    first.follow(start=PLAYLIST)
    after = listing("playlists.list", name, length)
    all_three = {State.TEXT: 3}
    expected = replace(after, states=all_three if after.states else NOTHING)
    strike(first, expected, fault("playlists.list", count=length, **FAULTS[name]))
    over(first)
    assert states(first) == all_three


REASONS = {
    (403, "quotaExceeded"): After(LATER, ALL, QUOTA_GONE),
    (403, "dailyLimitExceeded"): After(LATER, ALL, QUOTA_GONE),
    (403, "rateLimitExceeded"): After(LATER, ALL, PATIENCE),
    (403, "userRateLimitExceeded"): After(LATER, ALL, PATIENCE),
    (403, "accessNotConfigured"): After(REFUSED, ALL, "is not switched on"),
    (403, "ipRefererBlocked"): After(REFUSED, ALL, KEY_REFUSED),
    (403, "forbidden"): After(REFUSED, ALL, KEY_SHUT_OUT),
    (400, "keyInvalid"): After(REFUSED, ALL, KEY_REFUSED),
    (400, "keyExpired"): After(REFUSED, ALL, KEY_REFUSED),
    (400, "invalidPageToken"): After(UNREACHABLE, NOTHING, "(status 400)"),
    (404, "playlistNotFound"): After(NOT_THERE, NOTHING, "YouTube has no "),
    (404, "channelNotFound"): After(NOT_THERE, NOTHING, "YouTube has no "),
    (500, "backendError"): After(UNREACHABLE, NOTHING, "(status 500)"),
}


@pytest.mark.parametrize("why", REASONS, ids=lambda why: why[1])
def test_a_refusal_with_a_reason(first: Home, why: tuple[int, str]) -> None:
    status, reason = why
    rule = fault("playlistItems.list", "status", "lasting", status=status, reason=reason)
    strike(first, REASONS[why], rule)
    heals(first)


@pytest.mark.parametrize("name", ["400", "404", "500", "reset", "truncate", "garble", "html"])
def test_a_second_page_that_fails_keeps_the_first(first: Home, name: str) -> None:
    """Fifty videos fill a page."""
    first.youtube.control(*map(talk, range(7, 61)))
    code = NOT_THERE if name == "404" else UNREACHABLE
    expected = After(code, {State.TEXT: 50}, OF_THE_API.get(name) or on_the_way(name))
    strike(first, expected, fault("playlistItems.list", count="lasting", skip=1, **FAULTS[name]))
    heals(first)


def test_a_list_of_shorts_that_fails_leaves_the_channel_to_another_night(first: Home) -> None:
    """It is asked for where a talk may be a short, which would not be wanted."""
    first.youtube.control(talk(7, duration_s=60))
    second = fault("playlistItems.list", "status", "lasting", status=500, skip=1)
    strike(first, After(UNREACHABLE, NOTHING, "(status 500)"), second)
    heals(first)


# --- quota and key ---------------------------------------------------------------------------------

# Describing the channel, its uploads, its videos: one unit each.
QUOTA = {0: After(LATER, NOTHING), 1: After(LATER, ALL), 2: After(LATER, ALL), 3: After(DONE, ALL)}


@pytest.mark.parametrize("left", QUOTA)
def test_the_quota_of_the_key_runs_out(first: Home, left: int) -> None:
    strike(first, After(QUOTA[left].code, QUOTA[left].states, QUOTA_GONE), {"do": "quota", "left": left})
    heals(first)


@pytest.mark.parametrize("units", QUOTA)
def test_the_quota_one_allows_oneself_runs_out(first: Home, units: int) -> None:
    first.settings["MENTOR_HARVEST_DAILY_UNITS"] = str(units)
    strike(first, After(QUOTA[units].code, QUOTA[units].states, "for today are used up"))
    assert first.youtube.stats()["quota"]["used"]["units"] <= units
    first.settings["MENTOR_HARVEST_DAILY_UNITS"] = "10"
    heals(first)


def test_a_quota_used_up_on_a_later_night(later: Home) -> None:
    strike(later, After(LATER, ALL, QUOTA_GONE), {"do": "quota", "left": 0})
    heals(later)


@pytest.mark.parametrize("keys", ["valid", "blocked"])
@pytest.mark.parametrize("night", ["first", "later"])
def test_a_key_that_is_not_accepted(request: pytest.FixtureRequest, night: str, keys: str) -> None:
    home = request.getfixturevalue(night)
    refused = {"valid": ["AIzaAnotherKey"], "blocked": [home.youtube.key]}
    strike(home, After(REFUSED, ALL if night == "later" else NOTHING, KEY_REFUSED), {"do": "keys", keys: refused[keys]})
    heals(home)


# --- the feed, on a later night --------------------------------------------------------------------


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_feed_costs_a_unit_and_nothing_else(later: Home, name: str) -> None:
    strike(later, After(DONE, ALL), fault("feed", count="lasting", **FAULTS[name]))
    assert later.youtube.stats()["quota"]["used"]["units"] == 2
    heals(later)


# --- without a key ---------------------------------------------------------------------------------


# What YouTube's pages and feeds say for a fault, where it is not told by the way or the status.
OF_A_PAGE = {"404": "YouTube does not have ", "429": "asks for patience before it shows "}
OF_ITS_KIND = {"feed": "something else than a feed", "channel_page": "does not say which channel it belongs to"}


def without_a_key(on: str, name: str) -> After:
    if (on, name) == ("channel_page", "garble"):
        # The channel's id stands in the first half of its page.
        return After(DONE, ALL)
    if (on, name) == ("channel_page", "captcha"):
        return After(LATER, NOTHING, "takes this computer for a robot")
    why = OF_A_PAGE.get(name[:3]) or on_the_way(name) or OF_ITS_KIND[on]
    code = NOT_THERE if name == "404" else UNREACHABLE
    return After(LATER if name in ASKS_FOR_PATIENCE else code, NOTHING, why)


@pytest.mark.parametrize("name", [*FAULTS, "captcha"])
@pytest.mark.parametrize("on", ["feed", "channel_page"])
def test_a_fault_without_a_key(first: Home, on: str, name: str) -> None:
    first.settings[loopback.KEY_VARIABLE] = ""
    rule = FAULTS.get(name, {"action": name})
    strike(first, without_a_key(on, name), fault(on, count="lasting", **rule))
    heals(first)


CONSENT = {
    "once": After(DONE, ALL),
    "stuck": After(UNREACHABLE, NOTHING, "asks for consent again and again"),
    "broken": After(UNREACHABLE, NOTHING, "asks for consent in a way nobody knows"),
}


@pytest.mark.parametrize("mode", CONSENT)
def test_the_consent_page_without_a_key(first: Home, mode: str) -> None:
    first.settings[loopback.KEY_VARIABLE] = ""
    strike(first, CONSENT[mode], {"do": "consent", "mode": mode})
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
