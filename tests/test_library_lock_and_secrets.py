"""Does one process write at a time, and does nobody ever see the key?"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from library.errors import Busy, ConfigError, ExitCode, StoreError
from library.lock import hold
from library.secrets import API_KEY as VARIABLE
from library.secrets import api_key

KEY = "AIza" + "Sy0123456789_-abcdefghijklmnopqrstu"
HOLDER = """
import sys
from pathlib import Path
from library.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "data" / "writing.lock"


def holder(lock: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until its input ends."""
    root = Path(__file__).parent.parent
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


# --- the lock ------------------------------------------------------------------------------------


def test_who_comes_second_is_told_at_once_which_process_holds_the_lock(lock: Path) -> None:
    with holder(lock) as other:
        with pytest.raises(Busy, match=rf"process {other.pid} since 20\d\d-") as told, hold(lock):
            pytest.fail("two processes hold the lock")
        assert told.value.exit_code is ExitCode.TRY_LATER
        other.communicate()
    with hold(lock):
        assert f"process {os.getpid()} " in lock.with_suffix(".holder").read_text(encoding="utf-8")


def test_the_lock_of_a_killed_process_is_free(lock: Path) -> None:
    with holder(lock) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
    with hold(lock):
        pass


def test_a_process_that_holds_the_lock_may_take_it_again_and_keeps_it(lock: Path) -> None:
    with hold(lock):
        with hold(lock):
            pass
        command = [sys.executable, "-c", HOLDER, str(lock)]
        other = subprocess.run(command, input="", capture_output=True, text=True, cwd=Path(__file__).parent.parent)
        assert "Busy" in other.stderr


def test_an_error_under_the_lock_stays_what_it_is_and_frees_the_lock(lock: Path) -> None:
    with pytest.raises(PermissionError, match="elsewhere"), hold(lock):
        raise PermissionError(13, "elsewhere")
    with holder(lock) as other:
        other.communicate()


def test_a_place_where_no_lock_can_lie_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written") as told, hold(tmp_path / "file" / "writing.lock"):
        pass
    assert "MENTOR_HOME" in told.value.hint


# --- the key -------------------------------------------------------------------------------------


def test_the_variable_comes_before_the_file_and_either_says_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"\ufeff{KEY}\r\n", encoding="utf-8")
    assert api_key(str(file), {VARIABLE: " other \n"}) == ("other", VARIABLE)
    assert api_key(str(file), {VARIABLE: "  "}) == (KEY, str(file))
    assert api_key(str(file), {}) == (KEY, str(file))
    assert api_key("", {}) == ("", "")


def test_a_file_named_from_home_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "key").write_text(KEY, encoding="utf-8")
    assert api_key("~/key", {})[0] == KEY


@pytest.mark.parametrize("held", ["", "two words", f"{KEY}\n{KEY}", "schlüssel", f"{KEY}\x1b[0m"])
def test_what_cannot_be_a_key_is_refused_without_being_shown(tmp_path: Path, held: str) -> None:
    file = tmp_path / "key"
    file.write_text(held, encoding="utf-8")
    with pytest.raises(ConfigError, match="holds no API key") as told:
        api_key(str(file), {})
    assert_not_shown(told.value, held)


def test_a_variable_that_cannot_be_a_key_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigError, match=f"{VARIABLE} holds no API key") as told:
        api_key("", {VARIABLE: f"{KEY} {KEY}"})
    assert_not_shown(told.value, KEY)


def test_a_key_in_the_place_of_its_file_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigError, match="the name of a file belongs") as told:
        api_key(KEY, {})
    assert_not_shown(told.value, KEY)


@pytest.mark.parametrize("name", ["/nowhere/key", "~nobody-of-that-name/key", "nul\0byte", "."])
def test_a_file_that_cannot_be_read_is_told(name: str) -> None:
    with pytest.raises(ConfigError, match=re.escape("youtube.api_key_file: ")) as told:
        api_key(name, {})
    assert told.value.exit_code is ExitCode.BAD_CONFIG


def test_bytes_that_are_no_text_are_refused_without_being_shown(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(KEY.encode() + b"\xff")
    with pytest.raises(ConfigError) as told:
        api_key(str(file), {})
    assert_not_shown(told.value, KEY)


def assert_not_shown(error: ConfigError, secret: str) -> None:
    told = "".join(traceback.format_exception(error)) + repr(error) + error.message + error.hint
    assert not secret.strip() or secret.strip() not in told
