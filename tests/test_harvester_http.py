from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from harvester.http import Limits, PoliteSession, TooLarge, retry_after_s, trouble
from harvester.proxy import Proxy

ADDRESS = "https://www.youtube.com/feeds/videos.xml?channel_id=UCx&key=SECRET"


class Pieces(io.RawIOBase):
    """A body that comes piece by piece; ``step`` is called before each."""

    def __init__(self, pieces: list[bytes], step: Callable[[], None] = lambda: None) -> None:
        self._pieces = pieces
        self._step = step

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        self._step()
        piece = self._pieces.pop(0) if self._pieces else b""
        buffer[: len(piece)] = piece
        return len(piece)


def answer_with(monkeypatch: pytest.MonkeyPatch, body: io.RawIOBase, **headers: str) -> dict[str, object]:
    """Let the network answer so; returns what it is asked with."""
    asked: dict[str, object] = {}

    def send(_self: HTTPAdapter, request: requests.PreparedRequest, **options: object) -> requests.Response:
        asked.update(options)
        response = requests.Response()
        response.status_code, response.url, response.request = 200, str(request.url), request
        response.raw = urllib3.HTTPResponse(io.BufferedReader(body, 16), headers=headers, preload_content=False)
        return response

    monkeypatch.setattr(HTTPAdapter, "send", send)
    return asked


def test_every_request_has_time_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer_with(monkeypatch, Pieces([b"<feed", b"/>"]))
    answer = PoliteSession(limits=Limits(connect_s=3, read_s=4)).get(ADDRESS)
    assert answer.content == b"<feed/>"
    assert asked["timeout"] == (3, 4)


def test_a_body_that_drips_is_given_up_when_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def a_second_passes() -> None:
        now[0] += 1

    answer_with(monkeypatch, Pieces([b"x"] * 1000, a_second_passes))
    session = PoliteSession(limits=Limits(total_s=20), clock=lambda: now[0])
    with pytest.raises(requests.ReadTimeout):
        session.get(ADDRESS)
    assert now[0] < 25


def test_a_body_without_end_is_given_up_at_the_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, Pieces([b"x" * 16] * 1000))
    with pytest.raises(TooLarge):
        PoliteSession(limits=Limits(max_bytes=1000)).get(ADDRESS)


def test_a_body_shorter_than_announced_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, Pieces([b"half"]), **{"Content-Length": "8"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        PoliteSession().get(ADDRESS)


def test_a_badly_compressed_body_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, Pieces([b"not gzip"]), **{"Content-Encoding": "gzip"})
    with pytest.raises(requests.exceptions.ContentDecodingError):
        PoliteSession().get(ADDRESS)


def test_a_proxy_given_wins_over_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://environment.example:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/our-ca.pem")
    settings = PoliteSession().merge_environment_settings(ADDRESS, {}, None, None, None)
    assert settings["proxies"]["https"] == "http://environment.example:1"
    settings = PoliteSession(proxy=Proxy("http://ours.example:2")).merge_environment_settings(
        ADDRESS, {}, None, None, None
    )
    assert settings["proxies"]["https"] == "http://ours.example:2"
    assert settings["verify"] == "/etc/our-ca.pem"


NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Mon, 02 Mar 2026 04:01:30 GMT", 90.0),
        ("Mon, 02 Mar 2026 03:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2026 04:01:30 -0000", 90.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("Mon, 99 Mar 99999 04:01:30 GMT", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, expected: float | None) -> None:
    assert retry_after_s({"Retry-After": text}, NOW) == expected


@pytest.mark.parametrize(
    ("exc", "words"),
    [
        (requests.ConnectTimeout, "no connection within the time limit"),
        (requests.ReadTimeout, "took longer"),
        (requests.exceptions.SSLError, "no secure connection"),
        (requests.exceptions.ProxyError, "proxy"),
        (requests.ConnectionError, "connection failed"),
        (requests.exceptions.ChunkedEncodingError, "broke off"),
        (requests.TooManyRedirects, "circles"),
        (requests.exceptions.InvalidHeader, "request failed"),
        (TooLarge, "larger"),
    ],
)
def test_trouble_is_told_in_a_sentence_without_the_address(exc: type[requests.RequestException], words: str) -> None:
    said = trouble(exc(f"Max retries exceeded with url: {ADDRESS}"))
    assert said.startswith("YouTube did not answer: ")
    assert words in said
    assert "SECRET" not in said
