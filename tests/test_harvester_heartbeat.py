"""Does the watcher elsewhere hear when a harvest begins and how it ends, and never hold one up?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import requests
from requests.adapters import HTTPAdapter

from harvester.heartbeat import Heartbeat
from harvester.http import Limits, PoliteSession, TooLarge

SECRET = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d0a1b"
ADDRESS = f"https://hc.example/ping/{SECRET}"


class Wire(HTTPAdapter):
    """Takes requests instead of the network; answers with a status, or fails."""

    def __init__(self, status: int = 200, error: Exception | None = None) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []
        self._status = status
        self._error = error

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.sent.append(request)
        if self._error:
            raise self._error
        response = requests.Response()
        response.status_code, response.request, response.url = self._status, request, str(request.url)
        response._content = b"OK"
        return response


def session(wire: Wire) -> requests.Session:
    made = requests.Session()
    made.mount("https://", wire)
    made.mount("http://", wire)
    return made


@pytest.mark.parametrize(("failed", "signal"), [(False, ""), (True, "/fail")])
def test_a_run_pings_at_its_start_and_with_the_summary_at_its_end(failed: bool, signal: str) -> None:
    wire = Wire()
    heart = Heartbeat(ADDRESS, session(wire))
    assert heart.started() == ""
    assert heart.ended("3 lecturers, 5 new – 12s", failed=failed) == ""
    first, last = wire.sent
    assert [urlsplit(str(one.url)).path for one in wire.sent] == [f"/ping/{SECRET}/start", f"/ping/{SECRET}{signal}"]
    assert (first.method, first.body) == ("POST", None)
    assert (last.method, last.body) == ("POST", "3 lecturers, 5 new – 12s".encode())


def test_both_pings_of_a_run_carry_its_id_and_another_run_has_another() -> None:
    wire = Wire()
    for _ in range(2):
        heart = Heartbeat(ADDRESS, session(wire))
        heart.started()
        heart.ended("", failed=False)
    ids = [parse_qs(urlsplit(str(one.url)).query)["rid"][0] for one in wire.sent]
    assert ids[0] == ids[1] != ids[2] == ids[3]
    assert str(UUID(ids[0])) == ids[0]


def test_an_address_keeps_its_query_and_loses_a_last_slash() -> None:
    wire = Wire()
    Heartbeat("http://hc.example/key/nightly/?create=1#x", session(wire)).started()
    assert str(wire.sent[0].url).startswith("http://hc.example/key/nightly/start?create=1&rid=")


def test_without_an_address_nothing_is_sent() -> None:
    wire = Wire()
    heart = Heartbeat("", session(wire))
    assert (heart.started(), heart.ended("", failed=True), wire.sent) == ("", "", [])


@pytest.mark.parametrize(
    "address", ["hc.example/x", "ftp://hc.example/x", "file:///etc/passwd", "https://", "http://[x"]
)
def test_what_is_no_address_is_told_and_never_asked(address: str) -> None:
    wire = Wire()
    assert "must begin with http:// or https://" in Heartbeat(address, session(wire)).started()
    assert wire.sent == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (requests.ConnectTimeout(ADDRESS), "no answer within the time limit"),
        (requests.ReadTimeout(ADDRESS), "no answer within the time limit"),
        (requests.ConnectionError(ADDRESS), "no connection"),
        (requests.exceptions.ProxyError(ADDRESS), "no connection"),
        (requests.TooManyRedirects(ADDRESS), "the request failed"),
        (TooLarge(ADDRESS), "the request failed"),
        (OSError(f"no certificates for {ADDRESS}"), "the request failed"),
        (UnicodeError(ADDRESS), "the request failed"),
    ],
)
def test_a_ping_that_fails_is_told_without_its_address(error: Exception, told: str) -> None:
    heart = Heartbeat(ADDRESS, session(Wire(error=error)))
    for said in (heart.started(), heart.ended("", failed=True)):
        assert said == f"the ping did not arrive: {told}"
        assert SECRET not in said


def test_an_answer_that_is_no_yes_is_told() -> None:
    assert Heartbeat(ADDRESS, session(Wire(404))).started() == "the ping was answered with status 404"


def test_a_long_summary_is_cut_to_what_is_kept() -> None:
    wire = Wire()
    Heartbeat(ADDRESS, session(wire)).ended("é" * 200_000, failed=False)
    assert len(wire.sent[0].body or b"") == 100_000


# --- a real server ---------------------------------------------------------------------------------


class Watcher(BaseHTTPRequestHandler):
    """A check on loopback: notes what it hears, and lets addresses with "slow" in them wait."""

    heard: list[tuple[str, str]]
    release: threading.Event

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.heard.append((self.path.partition("?")[0], body))
        if "slow" in self.path:
            self.release.wait(20)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    Watcher.heard, Watcher.release = [], threading.Event()
    with HTTPServer(("127.0.0.1", 0), Watcher) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Watcher.release.set()
        server.shutdown()
        thread.join()


def test_a_real_server_hears_start_and_end(server: str) -> None:
    heart = Heartbeat(f"{server}/ping/x")
    assert (heart.started(), heart.ended("all well", failed=False)) == ("", "")
    assert Watcher.heard == [("/ping/x/start", ""), ("/ping/x", "all well")]


def test_a_server_that_does_not_answer_is_not_waited_for(server: str) -> None:
    impatient = PoliteSession(limits=Limits(connect_s=1, read_s=0.1, total_s=0.2))
    said = Heartbeat(f"{server}/slow", impatient).started()
    assert said == "the ping did not arrive: no answer within the time limit"


@pytest.mark.usefixtures("server")
def test_no_server_at_all_fails_nothing() -> None:
    with HTTPServer(("127.0.0.1", 0), Watcher) as closed:
        port = closed.server_port
    assert Heartbeat(f"http://127.0.0.1:{port}/x").started() == "the ping did not arrive: no connection"
