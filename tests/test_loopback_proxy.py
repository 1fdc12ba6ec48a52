"""Is a proxy really used for all that is asked of YouTube, and its password never told?

The program that plays YouTube is a proxy as well, to which each user is another address, and a user in
-rotate another one for each connection. Told ``--via proxy``, it leads a program there by HTTPS_PROXY alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import loopback
import pytest
from loopback import Home, YouTube
from striking import ALL, DONE, HANDLE, LATER, NOTHING, STOPPED, UNREACHABLE, After, heals, strike, talk

PROGRAM = loopback.required()
PASSWORD = "s3cr3t-word"
VARIABLE = "MENTOR_YOUTUBE_PROXY"
# Of a proxy nobody serves.
NOWHERE = "127.0.0.1:9"
OF_THE_SYSTEM = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), f"http://{NOWHERE}")


@pytest.fixture
def behind_a_proxy(first: Home) -> Home:
    """The variables of the system name a proxy that does not answer: ours must win."""
    first.settings |= OF_THE_SYSTEM
    first.settings[VARIABLE] = f"http://ann:{PASSWORD}@{first.youtube.address}"
    return first


@pytest.fixture
def rotating(first: Home) -> Home:
    """Likewise, with a proxy each of whose connections is another address."""
    first.youtube = first.youtube.also("p.webshare.io")
    first.settings |= OF_THE_SYSTEM | {VARIABLE: f"webshare://ann:{PASSWORD}@de,us"}
    return first


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[YouTube]:
    """A server to which the system's variables lead, and nothing else does."""
    with loopback.playing(PROGRAM, "--via", "proxy") as running:
        yield running


def tells_no_password(home: Home) -> None:
    assert not [path for path in home.folder.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    shown = [home(*words.split()) for words in ("status", "doctor", "config show", "harvest --log-level debug")]
    assert PASSWORD not in "".join(ran.out + ran.err for ran in shown)


def refusals(home: Home, count: int | str) -> None:
    """YouTube's player refuses the address that asks, so many times."""
    home.youtube.control({"do": "fault", "on": "player", "action": "status", "status": 429, "count": count})


def test_the_systems_proxy_is_followed_for_all_that_is_asked(elsewhere: YouTube, tmp_path: Path) -> None:
    elsewhere.control(*map(talk, range(1, 7)), {"do": "reset_stats"})
    home = Home(tmp_path / "home", elsewhere)
    home.follow(faults=HANDLE)
    strike(home, After(DONE, ALL))
    asked = {"channels.list", "playlistItems.list", "videos.list", "watch", "player", "timedtext"}
    assert set(elsewhere.stats()["requests"]) == asked
    heals(home)
    assert set(elsewhere.stats()["requests"]) == {"feed"}


def test_all_is_asked_through_the_proxy(behind_a_proxy: Home) -> None:
    home = behind_a_proxy
    strike(home, After(DONE, ALL))
    heals(home)
    assert set(home.youtube.stats()["by_ip"]) == {"ann"}
    tells_no_password(home)


def test_without_a_key_all_is_asked_through_the_proxy_too(behind_a_proxy: Home) -> None:
    behind_a_proxy.settings[loopback.KEY_VARIABLE] = ""
    strike(behind_a_proxy, After(DONE, ALL))
    assert set(behind_a_proxy.youtube.stats()["by_ip"]) == {"ann"}


def test_a_proxy_may_be_named_in_a_file(behind_a_proxy: Home, tmp_path: Path) -> None:
    (tmp_path / "proxy").write_text(behind_a_proxy.settings.pop(VARIABLE) + "\n", encoding="utf-8")
    assert behind_a_proxy("config", "set", "youtube.proxy_file", str(tmp_path / "proxy")).code == DONE
    strike(behind_a_proxy, After(DONE, ALL))
    assert set(behind_a_proxy.youtube.stats()["by_ip"]) == {"ann"}
    tells_no_password(behind_a_proxy)


def test_no_connection_to_a_rotating_proxy_is_used_twice(rotating: Home) -> None:
    strike(rotating, After(DONE, ALL))
    stats = rotating.youtube.stats()
    assert all(address.startswith("ann-DE-US-rotate-") for address in stats["by_ip"])
    assert len(stats["by_ip"]) == stats["total"]
    tells_no_password(rotating)


@pytest.mark.parametrize("mode", ["429", "captcha"])
def test_a_rotating_proxy_outlives_a_block_that_ends_a_fixed_one(later: Home, mode: str) -> None:
    """Each connection is another address, and so is never the one that was blocked."""
    home, block = later, {"do": "block", "mode": mode, "after": 1}
    home.settings[VARIABLE] = f"http://ann:{PASSWORD}@{home.youtube.address}"
    strike(home, After(LATER, STOPPED, "refuses to give captions to this address"), block)
    tells_no_password(home)
    home.youtube.control({"do": "night"}, block, {"do": "reset_stats"})
    home.settings[VARIABLE] = f"http://ann-rotate:{PASSWORD}@{home.youtube.address}"
    strike(home, After(DONE, ALL))
    assert all(address.startswith("ann-rotate-") for address in home.youtube.stats()["by_ip"])
    tells_no_password(home)


def test_an_address_that_is_refused_is_left_for_another_where_they_rotate(rotating: Home) -> None:
    refusals(rotating, 4)
    strike(rotating, After(DONE, ALL))
    assert rotating.youtube.stats()["requests"]["player"] == 4 + 6


def test_a_refusal_that_lasts_ends_the_night_with_rotating_addresses_too(rotating: Home) -> None:
    refusals(rotating, "all")
    assert rotating("harvest").code == LATER
    assert rotating.youtube.stats()["requests"]["player"] == 10


def test_nights_without_a_network_are_made_good_by_the_first_with_one(later: Home) -> None:
    """They are not taken for blocks, each of which would be waited out twice as long."""
    later.settings["MENTOR_HARVEST_MAX_TRANSCRIPTS_PER_RUN"] = "0"
    strike(later, After(DONE, STOPPED))
    del later.settings["MENTOR_HARVEST_MAX_TRANSCRIPTS_PER_RUN"]
    later.settings[VARIABLE] = f"http://{NOWHERE}"
    for _ in range(4):
        later.youtube.control({"do": "night"})
        assert later("harvest").code == UNREACHABLE
    del later.settings[VARIABLE]
    heals(later)


@pytest.mark.parametrize("settings", [OF_THE_SYSTEM, {VARIABLE: f"http://ann:{PASSWORD}@{NOWHERE}"}], ids=len)
def test_a_proxy_that_does_not_answer_is_told_and_nothing_goes_past_it(first: Home, settings: dict[str, str]) -> None:
    first.settings |= settings
    strike(first, After(UNREACHABLE, NOTHING, "the proxy did not let the request through"))
    assert first.youtube.stats()["total"] == 0
    tells_no_password(first)
    for name in settings:
        del first.settings[name]
    heals(first)
