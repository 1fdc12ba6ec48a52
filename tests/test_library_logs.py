"""Does the log tell what happened, once and in a line each, and never a secret?"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import MARTA, NOW, channel, video
from hypothesis import given
from hypothesis import strategies as st

from library import logs
from library.errors import SourceError
from library.models import State

KEY = "AIzaSyA-0123456789abcdefghijklmnopqrstu"


@dataclass(frozen=True)
class ListingFailed:
    mentor: object
    what: str
    error: Exception


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mentor.log"


def lines(path: Path) -> list[dict[str, Any]]:
    """The entries of a log; each is a line, whatever ends a line elsewhere."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) == text.count("\n")
    return [json.loads(line) for line in text.splitlines()]


def in_child(work: Callable[[], object]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that libraries have; the child uses none
        child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    finally:
        os._exit(1)


# --- entries ---------------------------------------------------------------------------------------


def test_an_event_is_a_line_with_its_moment_level_and_process(path: Path) -> None:
    with logs.writing_to(path):
        logs.note("queued", now=3, later=0)
    (line,) = lines(path)
    assert list(line) == ["at", "level", "process", "event", "now", "later"]
    assert abs(datetime.fromisoformat(line.pop("at")) - datetime.now(UTC)) < timedelta(minutes=1)
    assert line == {"level": "info", "process": os.getpid(), "event": "queued", "now": 3, "later": 0}


def test_an_event_of_the_harvest_is_told_by_name_with_ids_for_what_it_is_about(path: Path) -> None:
    with logs.writing_to(path):
        logs.note_event(ListingFailed(MARTA, "@marta", SourceError("no answer")), "warning")
        logs.note(
            "outcome", video=video("v1"), channel=channel("marta"), state=State.TEXT, until=NOW, odd={"a": (1, None)}
        )
    failed, outcome = lines(path)
    assert (failed["event"], failed["level"]) == ("listing_failed", "warning")
    assert (failed["mentor"], failed["what"], failed["error"]) == ("marta", "@marta", "no answer")
    assert outcome["video"] == {"id": "v1", "title": "Talk v1"}
    assert outcome["channel"]["title"] == "Marta"
    assert (outcome["state"], outcome["until"], outcome["odd"]) == ("text", "2026-03-02T04:00:00Z", {"a": [1, None]})


def test_without_a_log_events_go_nowhere() -> None:
    work = "from library import logs; logs.note('event', 'error')"
    ended = subprocess.run([sys.executable, "-c", work], capture_output=True, cwd=Path(logs.__file__).parent.parent)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(TypeError):
        logs.note_event("listed")


@pytest.mark.parametrize(
    ("level", "expected"),
    [("debug", "debug info warning error"), ("info", "info warning error"), ("error", "error")],
)
def test_only_events_from_the_level_up_are_written(path: Path, level: str, expected: str) -> None:
    with logs.writing_to(path, level):
        for one in logs.LEVELS:
            logs.note(one, one)
    assert [line["event"] for line in lines(path)] == expected.split()


def test_packages_are_heard_when_they_warn_only(path: Path) -> None:
    with logs.writing_to(path, "debug"):
        other = logging.getLogger("urllib3.connectionpool")
        other.debug('https://example.org:443 "GET /feed?token=abc"')
        other.warning("pool is %s, %s", "full", "discarding")
    (line,) = lines(path)
    assert (line["event"], line["from"]) == ("pool is full, discarding", "urllib3.connectionpool")


def test_a_message_that_does_not_fit_its_arguments_is_written_as_it_is() -> None:
    record = logging.LogRecord("package", logging.WARNING, "", 0, "badly %s made %s", ("once",), None)
    assert json.loads(logs._Lines(()).format(record))["event"] == "badly %s made %s"


def test_nothing_is_written_or_changed_afterwards(path: Path) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("mentor").level)
    with logs.writing_to(path, "debug"):
        logs.note("inside")
    logs.note("outside", "error")
    assert [line["event"] for line in lines(path)] == ["inside"]
    assert (root.level, list(root.handlers), logging.getLogger("mentor").level) == before


# --- one line, whatever it holds -------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    ['x\n{"event": "forged"}', "a\r\nb", "a\u2028b\u2029c\x85d\x0be", "\x1b[2J\x1b]0;owned\x07", "\u202egnp", "\ud800"],
)
def test_a_title_cannot_forge_a_line_or_reach_the_terminal(path: Path, title: str) -> None:
    with logs.writing_to(path):
        logs.note("found", title=title, nested=[{title: title}])
        logs.note(title)
    first, _ = lines(path)
    assert first["event"] == "found"
    text = path.read_text(encoding="utf-8")
    assert all(letter.isprintable() for letter in text.replace("\n", ""))


@given(st.text())
def test_every_text_is_one_line_of_json(text: str) -> None:
    record = logging.LogRecord("mentor", logging.INFO, "", 0, text, (), None)
    line = logs._Lines(()).format(record)
    assert len(line.splitlines()) == 1
    json.loads(line)


def test_what_is_told_cannot_replace_moment_or_level(path: Path) -> None:
    with logs.writing_to(path):
        logs.note("odd", at="never", level="none", event="other")
    (line,) = lines(path)
    assert (line["event"], line["level"]) == ("odd", "info")


# --- secrets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"used {KEY}.", "used [secret]."),
        ("GET /v3/videos?id=1&key=abcdef&part=x", "GET /v3/videos?id=1&key=[secret]&part=x"),
        ("?api_key=abc'", "?api_key=[secret]'"),
        ("password=hunter2 token%3Dabc", "password=[secret] token%3D[secret]"),
        ("via http://user:pw@proxy:8080/", "via http://[secret]@proxy:8080/"),
        ("socks5://u:p@h and https://token@host/x", "socks5://[secret]@h and https://[secret]@host/x"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [secret]"),
        ("x-goog-api-key: abc", "x-goog-api-key: [secret]"),
        ("Proxy-Authorization: Basic dTpw\r\nHost: h", "Proxy-Authorization: Basic [secret]\r\nHost: h"),
        ("https://www.youtube.com/@handle", "https://www.youtube.com/@handle"),
        ("The key: patience, and a token of thanks", "The key: patience, and a token of thanks"),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(text: str, expected: str) -> None:
    assert logs.without_secrets(text) == expected


def test_known_secrets_are_blotted_out_whole_in_parts_and_as_addresses_spell_them() -> None:
    proxy = "http://user:p%40ss w@proxy.example:8080"
    ping = "https://hc.example/ping/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d0a1b"
    told = f"{ping}/start; POST /ping/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d0a1b/fail; {proxy}; p%40ss w; a b+c; a%20b%2Bc"
    blotted = logs.without_secrets(told, [proxy, ping, "a b+c", ""])
    assert blotted == "[secret]/start; POST /ping/[secret]/fail; [secret]; [secret]; [secret]; [secret]"


def test_no_secret_is_in_the_log_wherever_it_was_said(path: Path) -> None:
    secret = 'pass"word\n'
    with logs.writing_to(path, secrets=[secret, "tiny-key"]):
        logs.note(f"say {secret}", one=f"tiny-key {KEY}", two=[{secret: ("tiny-key",)}], three=SourceError(f"at {KEY}"))
        logging.getLogger("package").warning("with %s", "tiny-key")
        try:
            raise ValueError(f"https://x/?key={KEY}&tiny-key")
        except ValueError:
            logging.getLogger("package").exception("tiny-key")
    text = path.read_text(encoding="utf-8")
    assert "tiny-key" not in text
    assert "AIza" not in text
    assert "pass" not in text
    assert "ValueError" in lines(path)[-1]["error"]


# --- work that ends, and work that does not ---------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "result", "level"),
    [
        (None, "ended", "info"),
        (SourceError("no answer"), "failed", "error"),
        (ZeroDivisionError("by nothing"), "crashed", "error"),
        (KeyboardInterrupt(), "interrupted", "warning"),
    ],
)
def test_work_is_summed_up_however_it_ends(path: Path, error: BaseException | None, result: str, level: str) -> None:
    summary = {"new": 0}

    def work() -> None:
        with logs.summed_up("harvest", lambda: summary):
            summary["new"] = 3
            if error:
                raise error

    with logs.writing_to(path):
        if error:
            with pytest.raises(type(error)):
                work()
        else:
            work()
    started, ended = lines(path)
    assert started["event"] == "harvest_started"
    assert (ended["event"], ended["result"], ended["level"]) == ("harvest_ended", result, level)
    assert ended["summary"] == {"new": 3}
    assert ("Traceback" in ended.get("error", "")) == (result == "crashed")


def test_a_summary_that_cannot_be_made_hides_no_crash(path: Path) -> None:
    with logs.writing_to(path), pytest.raises(ZeroDivisionError), logs.summed_up("harvest", lambda: {"a": 1 / 0}):
        raise ZeroDivisionError
    assert lines(path)[-1]["summary"] == "none: division by zero"


# --- files -----------------------------------------------------------------------------------------


def test_a_full_file_makes_room_and_the_oldest_goes(path: Path) -> None:
    with logs.writing_to(path, max_bytes=400, keep=2):
        for number in range(40):
            logs.note("event", number=number)
    names = ["mentor.log.2", "mentor.log.1", "mentor.log"]
    assert sorted(one.name for one in path.parent.iterdir() if one.suffix != ".lock") == sorted(names)
    assert all(path.with_name(name).stat().st_size <= 400 for name in names)
    numbers = [line["number"] for name in names for line in lines(path.with_name(name))]
    assert numbers == list(range(numbers[0], 40))


def test_processes_that_write_at_once_lose_no_line_and_mix_none(path: Path) -> None:
    def write(who: int) -> None:
        with logs.writing_to(path, max_bytes=5_000, keep=50):
            for number in range(150):
                logs.note("event", who=who, number=number)

    children = [in_child(lambda who=who: write(who)) for who in range(3)]  # type: ignore[misc]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]
    files = [one for one in path.parent.iterdir() if one.suffix != ".lock"]
    assert len(files) > 5
    found = sorted((line["who"], line["number"]) for one in files for line in lines(one))
    assert found == [(who, number) for who in range(3) for number in range(150)]


def test_a_file_is_written_and_renamed_under_its_lock_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = []
    make_room = logs._Appending._make_room

    def watched(handler: logs._Appending, size: int) -> None:
        locked.append(handler._file_lock.is_locked)
        make_room(handler, size)

    monkeypatch.setattr(logs._Appending, "_make_room", watched)
    with logs.writing_to(path):
        logs.note("event")
    assert locked == [True]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "mentor.log", tmp_path / "folder"):
        with logs.writing_to(path), logs.summed_up("harvest", dict):
            logs.note("event")
    assert capsys.readouterr() == ("", "")


def test_the_folder_of_the_log_is_made(tmp_path: Path) -> None:
    with logs.writing_to(tmp_path / "new" / "mentor.log", "debug"):
        logs.note("event")
    assert [line["event"] for line in lines(tmp_path / "new" / "mentor.log")] == ["event"]
