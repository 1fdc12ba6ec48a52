"""Is a proxy really used for all that is asked of YouTube, and its password never told?

The program that plays YouTube is a proxy as well, to which each user is another address.
"""

from __future__ import annotations

import loopback
import pytest
from loopback import Home
from striking import ALL, DONE, LATER, NOTHING, STOPPED, UNREACHABLE, After, heals, strike

loopback.required()
PASSWORD = "s3cr3t-word"
VARIABLE = "MENTOR_YOUTUBE_PROXY"
# Of a proxy nobody serves.
NOWHERE = "127.0.0.1:9"


@pytest.fixture
def behind_a_proxy(first: Home) -> Home:
    """The variables of the system name a proxy that does not answer: ours must win."""
    first.settings |= dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), f"http://{NOWHERE}")
    first.settings[VARIABLE] = f"http://ann:{PASSWORD}@{first.youtube.address}"
    return first


def tells_no_password(home: Home) -> None:
    assert not [path for path in home.folder.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]


def test_all_is_asked_through_the_proxy(behind_a_proxy: Home) -> None:
    home = behind_a_proxy
    strike(home, After(DONE, ALL))
    assert set(home.youtube.stats()["by_ip"]) == {"ann"}
    tells_no_password(home)


@pytest.mark.parametrize("mode", ["429", "captcha"])
def test_a_rotating_proxy_outlives_a_block_that_ends_a_fixed_one(later: Home, mode: str) -> None:
    """Each connection is another address, and so is never the one that was blocked."""
    home, block = later, {"do": "block", "mode": mode, "after": 1}
    home.settings[VARIABLE] = f"http://ann:{PASSWORD}@{home.youtube.address}"
    strike(home, After(LATER, STOPPED, "refuses to give captions to this address"), block)
    tells_no_password(home)
    home.youtube.control({"do": "night"}, block, {"do": "reset_stats"})
    home.youtube = home.youtube.also("p.webshare.io")
    home.settings[VARIABLE] = f"webshare://ann:{PASSWORD}"
    strike(home, After(DONE, ALL))
    assert all(address.startswith("ann-rotate-") for address in home.youtube.stats()["by_ip"])
    tells_no_password(home)


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


def test_a_proxy_that_does_not_answer_is_told_and_nothing_goes_past_it(first: Home) -> None:
    first.settings[VARIABLE] = f"http://ann:{PASSWORD}@{NOWHERE}"
    strike(first, After(UNREACHABLE, NOTHING, "the proxy did not let the request through"))
    assert first.youtube.stats()["total"] == 0
    tells_no_password(first)
    del first.settings[VARIABLE]
    heals(first)
