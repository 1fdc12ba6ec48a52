"""Does the command start at once, forgive what is typed, and keep the promises of its manners?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import Mentor

import cli
from harvester.samples import folder
from library.store import Store

# --- start-up -------------------------------------------------------------------------------------


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; sys.argv = ['mentor', '--help']; import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not loaded & {"whoosh", "numpy", "googleapiclient", "rich", "requests", "sqlite3", "msgspec", "library"}


@pytest.mark.usefixtures("full")
def test_a_search_imports_what_it_needs_and_no_more() -> None:
    program = (
        "import sys; sys.argv = ['mentor', 'search', 'negotiation']; import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "index.engine.whoosh_engine" in loaded
    assert not loaded & {"harvester", "requests", "googleapiclient", "rich", "tomlkit", "filelock", "whoosh", "numpy"}
    assert not loaded & {"json", "urllib.request", "email", "importlib.metadata", "hashlib", "shutil", "index.sync"}


@pytest.mark.parametrize("verb", [[], *[[name] for name in sorted(cli.MODULES)], ["config", "set"]])
def test_every_verb_explains_itself(mentor: Mentor, verb: list[str]) -> None:
    assert "Usage: mentor" in mentor.ok(*verb, "--help")
    assert not mentor.home.exists()


# --- what is typed wrongly ------------------------------------------------------------------------


def test_a_misspelt_command_is_told_with_the_nearest(mentor: Mentor) -> None:
    said = mentor("serach", "negotiation")
    assert (said.exit_code, "Did you mean 'search'?" in said.stderr) == (2, True)
    assert "Did you mean" not in mentor("xyzzy").stderr


def test_the_next_command_keeps_to_what_the_search_was_narrowed_to(full: Mentor) -> None:
    options = ("--mentor", "ines", "--since", "2024", "--longer", "1m", "--captions", "file")
    said = full.ok("search", "negotiation", *options, "--sort", "date", "--limit", "1")
    typed = "--mentor ines --since 2024-01-01 --longer 1m --captions file"
    assert f"mentor export --format markdown {typed} negotiation" in said


def test_a_negative_number_is_a_value_and_no_option(mentor: Mentor) -> None:
    assert "expected a number >= 0" in mentor("config", "set", "harvest.pause_s", "-1").stderr


def test_what_is_typed_is_told_as_it_was_typed(mentor: Mentor) -> None:
    assert "'-5d' is no day" in mentor("search", "x", "--since", "-5d").stderr


@pytest.mark.usefixtures("full")
def test_a_pipe_gets_utf8_whatever_the_terminal_speaks() -> None:
    program = "import sys; sys.argv = ['mentor', 'topic', 'show', 'negotiation']; import cli; cli.main()"
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment)
    assert "█" in done.stdout.decode("utf-8")


@pytest.mark.usefixtures("full")
def test_ids_that_are_no_text_are_told_as_no_ids() -> None:
    program = "import sys; sys.argv = ['mentor', 'export', '-']; import cli; cli.main()"
    done = subprocess.run([sys.executable, "-c", program], input=b"\xff@1-2", capture_output=True, check=False)
    assert (done.returncode, b"no text of a video" in done.stderr) == (2, True)


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are text there")
@pytest.mark.parametrize(
    "words", [["show", b"\xff"], ["export", b"\xff@1-2"], ["config", "set", "search.limit", b"\xff"]]
)
@pytest.mark.usefixtures("full")
def test_bytes_that_are_no_text_are_no_fault_of_the_program(words: list[str | bytes]) -> None:
    program = "import cli; cli.main()"
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "mentor: what was typed holds bytes that are no text\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.usefixtures("full")
def test_without_streams_it_runs_all_the_same() -> None:
    program = "import sys; sys.argv = ['mentor', 'search', 'negotiation']; import cli; cli.main()"
    script = 'exec "$0" -c "$1" <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", script, sys.executable, program], check=False).returncode == 0


# --- promises found broken once -------------------------------------------------------------------


def test_changing_how_transcripts_are_cut_builds_the_index_anew(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("harvest")
    mentor.ok("config", "set", "passages.overlap_s", "30")
    assert "the way it is built has changed" in mentor.ok("index")


def test_a_kind_nobody_is_followed_as_is_told(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")), "--as", "career")
    mentor.ok("harvest")
    result = mentor("search", "negotiation", "--as", "interest")
    assert result.exit_code == 2
    assert "you follow nobody as interest" in result.stderr
    assert mentor.json("search", "negotiation -as:interest", "--json")["hits"]


def test_the_last_day_of_until_counts(full: Mentor) -> None:
    assert full.json("search", "negotiation", "--until", "2024-04-11", "--json")["hits"]
    assert full("search", "negotiation", "--until", "2024-04-10", "--json").exit_code == 1


def test_no_color_is_honoured_and_colour_can_be_forced(full: Mentor) -> None:
    full.set("FORCE_COLOR", "1")
    assert "\x1b[" in full.ok("search", "negotiation")
    assert "\x1b[" not in full.ok("search", "negotiation", "--color", "never")


def test_a_limit_counts_files_too(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    assert "1 transcript, 2 left for another run" in mentor("harvest", "--limit", "1").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_harvest_goes_on_when_nobody_reads_what_it_says(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    program = "import sys; sys.argv = ['mentor', 'harvest']; import cli; cli.main()"
    script = 'exec 3>&1; { "$0" -c "$1"; echo $? >&3; } 2>&1 >/dev/null | true'
    done = subprocess.run(["sh", "-c", script, sys.executable, program], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
    assert mentor.json("status", "--json")["last_run"]["result"] == "done"
    assert mentor("search", "negotiation").exit_code == 0


def test_the_summary_comes_before_what_went_wrong(mentor: Mentor, monkeypatch: pytest.MonkeyPatch) -> None:
    from library.errors import StoreError

    def full_disk(*_: object, **__: object) -> bool:
        raise StoreError("the library cannot be used: database or disk is full")

    mentor.ok("follow", str(folder("ines-calder")))
    monkeypatch.setattr(Store, "save_transcript", full_disk)
    result = mentor("harvest")
    assert result.exit_code == 73
    said = result.stderr.splitlines()
    assert "3 new, 0 transcripts" in said[-2]
    assert "disk is full" in said[-1]


@pytest.mark.usefixtures("full")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_standard_output_is_told() -> None:
    command = [sys.executable, "-c", "import cli; cli.main()", "search", "negotiation"]
    with Path("/dev/full").open("w") as nowhere:
        done = subprocess.run(command, stdout=nowhere, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 73
    assert "cannot be written" in done.stderr


@pytest.mark.usefixtures("full")
@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell with pipes")
def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -c 'import cli; cli.main()' export negotiation --format jsonl | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{", "")


def test_a_terminated_harvest_ends_with_its_summary(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    program = (
        "import os, signal, cli\n"
        "from harvester import pipeline\n"
        "def stop(*_): os.kill(os.getpid(), signal.SIGTERM)\n"
        "pipeline._fetch = stop\n"
        "import sys; sys.argv = ['mentor', 'harvest']; cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert "interrupted: 1 lecturer, 3 new" in done.stderr


def test_a_library_that_cannot_be_written_can_be_searched(full: Mentor, monkeypatch: pytest.MonkeyPatch) -> None:
    from library.errors import StoreError

    def refuse(*_: object) -> None:
        raise StoreError("attempt to write a readonly database")

    monkeypatch.setattr(Store, "set_follows", refuse)
    assert full.json("search", "negotiation", "--json")["hits"]


def test_every_video_without_text_is_explained(mentor: Mentor, tmp_path: Path) -> None:
    talks = tmp_path / "talks"
    talks.mkdir()
    (talks / "bad.en.vtt").write_bytes(b"\x00\x01\x02 no captions")
    mentor.ok("follow", str(talks))
    mentor("harvest")
    assert "bad.en.vtt" in mentor.ok("status", "--videos")
