"""What does the whole program make of every way in which YouTube is known to refuse a text?

On a later night four talks are new. Each case harvests that night, on which YouTube refuses, breaks off
or answers nonsense, and the next; ``test_loopback_faults.py`` says what is looked at.
"""

from __future__ import annotations

from datetime import timedelta

import loopback
import pytest
from loopback import Home, kept
from striking import (
    ALL,
    DONE,
    FAULTS,
    LATER,
    ONE_FAILED,
    STOPPED,
    TALKS,
    THREE_IN_A_ROW,
    After,
    fault,
    heals,
    on_the_way,
    over,
    states,
    strike,
)

from library.models import State

loopback.required()
REFUSED = "refuses to give captions to this address"
NO_PLAYER, NO_CAPTION_FILE = "a page without a player", "an empty or broken caption file"
NO_PLAYER_ANSWER, ODD = "player sent something unreadable", "a shape nobody knows"

AT_ONCE = {"429", "429 for two days"}
PAGES = {**FAULTS, "captcha": {"action": "captcha"}, "bot_check": {"action": "bot_check"}}
# One status that says nothing is like another.
ONCE = set(PAGES) - {"400", "401", "403", "404", "503", "delay", "close"}
# How an answer is told that is not what it should be.
OF_ITS_KIND = {"watch": NO_PLAYER, "player": NO_PLAYER_ANSWER, "timedtext": NO_CAPTION_FILE}


def asking(on: str, name: str, length: str) -> After:
    """What a fault of the pages that lead to a transcript comes to."""
    if name in AT_ONCE or (on, name) in {("watch", "captcha"), ("player", "bot_check")}:
        return After(LATER, STOPPED, REFUSED)
    if (on, name) == ("watch", "garble"):
        # All that is read of the page stands in its first half.
        return After(DONE, ALL)
    why = ODD if (on, name) == ("player", "json") else on_the_way(name) or OF_ITS_KIND[on]
    return After(DONE, ONE_FAILED, why) if length == "once" else After(LATER, THREE_IN_A_ROW, why)


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
        After(LATER, {State.TEXT: 2 + read, State.WAITING: 4 - read}, REFUSED),
        {"do": "block", "mode": mode, "after": after},
    )
    ran = later("harvest", after=timedelta(hours=1))
    assert ran.code == LATER
    asked = later.youtube.stats()["requests"]["watch"]
    assert asked == read + 1, "the block is kept to within the night"
    heals(later)


NO_CONSENT = After(LATER, THREE_IN_A_ROW, "consent page cannot be passed")
CONSENT = {"once": After(DONE, ALL), "stuck": NO_CONSENT, "broken": NO_CONSENT}


@pytest.mark.parametrize("mode", CONSENT)
def test_the_consent_page(later: Home, mode: str) -> None:
    strike(later, CONSENT[mode], {"do": "consent", "mode": mode})
    heals(later)


@pytest.mark.parametrize("name", PAGES)
def test_a_fault_of_the_consent_page(later: Home, name: str) -> None:
    """A watch page leads to it; what comes instead is read as that page."""
    later.youtube.control({"do": "consent", "mode": "once"})
    expected = NO_CONSENT if name == "garble" else asking("watch", name, "lasting")
    strike(later, expected, fault("consent", count="lasting", **PAGES[name]))
    if not name.endswith("for two days"):
        heals(later)


# What the player says of one video; the state and a part of the reason that come of it; whether it is
# asked for again by itself.
PLAYABILITY: dict[str, tuple[object, State, str, bool]] = {
    "unavailable": ("unavailable", State.DELETED, "has it no longer", False),
    "private": ("private", State.PRIVATE, "is private", False),
    "age": ("age_restricted", State.AGE_RESTRICTED, "signed-in adults only", False),
    "age in other words": (
        {"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm your age"},
        State.AGE_RESTRICTED,
        "confirm your age",
        False,
    ),
    "region": ("geo_blocked", State.REGION, "in your country", True),
    "members": ("members_only", State.MEMBERS_ONLY, "members-only", False),
    "session": ("session_limited", State.FAILED, "content isn’t available", True),
    "stream to come": ("live_offline", State.UPCOMING, "will begin", True),
    "premiere to come": (
        {"status": "LIVE_STREAM_OFFLINE", "reason": "Premieres in 3 days."},
        State.UPCOMING,
        "Premieres in 3 days",
        True,
    ),
    "token": ("po_token", State.FAILED, "to its own player only", True),
    "removed": (
        {"status": "ERROR", "reason": "This video has been removed by the uploader"},
        State.DELETED,
        "removed by the uploader",
        False,
    ),
    "paid": (
        {"status": "UNPLAYABLE", "reason": "This video requires payment to watch."},
        State.FAILED,
        "requires payment",
        True,
    ),
    "without a word": ({"status": "UNPLAYABLE"}, State.FAILED, "does not say why", True),
    "unheard of": ({"status": "SOMETHING_NEW", "reason": "Something new."}, State.FAILED, "Something new", True),
}


@pytest.mark.parametrize("name", PLAYABILITY)
def test_a_video_that_does_not_play(later: Home, name: str) -> None:
    playability, state, why, again = PLAYABILITY[name]
    one = {"do": "video", "video_id": TALKS[5]}
    strike(later, After(DONE, {State.TEXT: 5, state: 1}, why), {**one, "playability": playability})
    assert (kept(later)[TALKS[5]].next_try_at is not None) == again
    # It plays after all: found out when it is due, or when somebody says so.
    later.youtube.control({**one, "playability": None}, {"do": "night", "number": 60})
    ran = later("harvest", *([] if again else ["--retry", state.value]))
    assert ran.code == DONE
    assert states(later) == ALL


REFUSALS = {
    "session_limited": After(LATER, THREE_IN_A_ROW, "content isn’t available"),
    "po_token": After(LATER, THREE_IN_A_ROW, "to its own player only"),
    "bot_check": After(LATER, STOPPED, REFUSED),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_of_all_videos_is_a_block(later: Home, name: str) -> None:
    refused = [{"do": "video", "video_id": video_id, "playability": name} for video_id in TALKS[2:]]
    strike(later, REFUSALS[name], *refused)
    later.youtube.control(*({**command, "playability": None} for command in refused))
    heals(later)


CAPTIONS = {
    "switched off": {"do": "video", "video_id": TALKS[5], "captions": "off"},
    "not there yet": {"do": "drop_transcript", "video_id": TALKS[5]},
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_a_video_without_captions(later: Home, name: str) -> None:
    strike(later, After(DONE, {State.TEXT: 5, State.NO_CAPTIONS: 1}, "no captions, or none yet"), CAPTIONS[name])
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
