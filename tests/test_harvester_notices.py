"""Is a person told what they would act on, and neither more often nor with a secret in it?"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from fakes import NOW

from harvester import notices
from harvester.notices import Notice, When, addresses, failures_running, notice, send
from library.errors import ConfigError
from library.journal import Run

# Apprise imports its services when the first is used, and one of them a module that Python 3.13 has dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'(imghdr|imp|cgi|telnetlib)' is deprecated:DeprecationWarning")

SUMMARY = "3 lecturers, 5 new, 12s"


def runs(*results: str) -> list[Run]:
    """Runs with these results, the newest first."""
    return [Run(len(results) - number, NOW, NOW, result, {}) for number, result in enumerate(results)]


# --- when ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], 0),
        (["done"], 0),
        (["failed: x"], 1),
        (["incomplete", "failed: x", "done", "failed: x"], 2),
        (["failed: x", "", "incomplete", "done"], 3),
        (["failed: x", "interrupted", "failed: x", "done"], 2),
        (["interrupted", "done"], 0),
    ],
)
def test_failures_are_counted_back_to_the_last_good_run(results: list[str], expected: int) -> None:
    assert failures_running(runs(*results)) == expected


def test_a_lasting_failure_is_told_the_second_time_and_then_ever_more_rarely() -> None:
    told = [night for night in range(1, 40) if notice(runs(*["incomplete"] * night, "done"), SUMMARY)]
    assert told == [2, 4, 8, 16, 32]


def test_the_second_failure_running_is_told_with_its_reason_and_the_summary() -> None:
    told = notice(runs("failed: no space left", "incomplete", "done"), SUMMARY)
    assert told == Notice("Passive Mentor: the harvest failed 2 times running", f"failed: no space left\n{SUMMARY}")


def test_something_new_on_a_topic_is_told_and_nothing_new_is_not() -> None:
    news = ["negotiation: Ines Calder, The first number", "salary: two\x1b[2J\nlines"]
    told = notice(runs("done"), SUMMARY, news)
    assert told == Notice("Passive Mentor: something new on your topics", f"{news[0]}\nsalary: two lines\n{SUMMARY}")
    assert notice(runs("done"), SUMMARY) is None


def test_a_long_list_of_news_is_cut() -> None:
    told = notice(runs("done"), SUMMARY, [f"line {number}" for number in range(50)])
    assert told is not None
    assert told.body.splitlines()[-3:] == ["line 19", "and 30 more", SUMMARY]


@pytest.mark.parametrize(
    ("when", "results", "title"),
    [
        ("never", ["incomplete", "incomplete"], None),
        ("failing", ["incomplete", "done"], None),
        ("always", ["incomplete", "done"], "the harvest did not end well"),
        ("always", ["done", "incomplete"], "the harvest is done"),
        ("always", ["incomplete"] * 3, "the harvest did not end well"),
        ("always", ["incomplete"] * 4, "the harvest failed 4 times running"),
    ],
)
def test_the_setting_says_how_much_is_told(when: When, results: list[str], title: str | None) -> None:
    told = notice(runs(*results), SUMMARY, when=when)
    assert (told and told.title.removeprefix("Passive Mentor: ")) == title


def test_never_means_never() -> None:
    assert notice(runs("incomplete", "incomplete"), SUMMARY, ["news"], "never") is None


# --- where to --------------------------------------------------------------------------------------


def test_the_variable_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text("# mine\njson://one/token\n\n  # not this\nmailto://u:p@two three://x\n", encoding="utf-8-sig")
    assert addresses(str(file), {}) == ("json://one/token", "mailto://u:p@two", "three://x")
    assert addresses(str(file), {notices.VARIABLE: "a://b\n c://d"}) == ("a://b", "c://d")
    assert addresses("", {}) == ()


def test_a_file_that_cannot_be_read_is_named_and_an_address_in_its_place_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="missing cannot be read"):
        addresses(str(tmp_path / "missing"), {})
    with pytest.raises(ConfigError) as told:
        addresses("discord://hook/secret-token", {})
    assert "secret-token" not in told.value.message + told.value.hint


# --- sending ---------------------------------------------------------------------------------------


class Hook(BaseHTTPRequestHandler):
    """A web hook on loopback: notes what it is told; refuses at /refuse, waits at /slow."""

    told: list[tuple[str, dict[str, Any]]]
    release: threading.Event

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append((self.path, json.loads(body)))
        if "slow" in self.path:
            self.release.wait(20)
        self.send_response(500 if "refuse" in self.path else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pytest.importorskip("apprise", reason="NOTICES ARE NOT TESTED: apprise is missing (pip install -e '.[dev]')")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    Hook.told, Hook.release = [], threading.Event()
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"json://127.0.0.1:{server.server_port}"
        Hook.release.set()
        server.shutdown()
        thread.join()


TOLD = Notice("Passive Mentor: something new", "negotiation: <b>one</b> & *two*\n3 lecturers")


def test_a_notice_reaches_every_address_as_it_is(hook: str) -> None:
    assert send(TOLD, [f"{hook}/one", f"{hook}/two"]) == ""
    assert [path for path, _ in Hook.told] == ["/one", "/two"]
    for _, body in Hook.told:
        assert (body["title"], body["message"]) == (TOLD.title, TOLD.body)


def test_addresses_that_do_not_take_it_are_told_by_number_and_nowhere_repeated(
    hook: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = send(TOLD, ["nosuch://secret-a", f"{hook}/refuse/secret-b", f"{hook}/taken"])
    assert said.startswith("a notice was not taken by address 1, 2 of 3")
    assert [path for path, _ in Hook.told] == ["/refuse/secret-b", "/taken"]
    heard = [record.getMessage() for record in caplog.records if record.name.startswith("apprise")]
    assert "secret" not in said + "".join(capfd.readouterr()) + "".join(heard)


def test_an_address_that_keeps_it_waiting_is_given_up(hook: str) -> None:
    said = send(TOLD, [f"{hook}/slow"], patience_s=0.2)
    assert said == "a notice was not taken within 0.2 s"


def test_without_addresses_apprise_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "find_spec", lambda _: None)
    assert send(TOLD, []) == ""


def test_a_missing_apprise_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "find_spec", lambda _: None)
    assert send(TOLD, ["json://x/secret"]) == (
        "no notice was sent: it needs apprise (pip install 'passive-mentor[notify]')"
    )


def test_an_error_of_a_service_is_a_notice_not_taken(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import apprise

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("json://secret")

    monkeypatch.setattr(apprise.Apprise, "notify", broken)
    assert send(TOLD, [f"{hook}/x"]).startswith("a notice was not taken by address 1 of 1")
