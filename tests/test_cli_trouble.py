"""Does what can go wrong end with a sentence and the right code, never with a traceback or a secret?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command import KEY, Mentor

import cli
from harvester.samples import folder


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["search"], 2, "Missing argument"),
        (["search", '"never closed'], 65, "quot"),
        (["search", "x", "--mentor", "nobody"], 2, "nobody called 'nobody'"),
        (["search", "x", "--since", "yesterday"], 2, "no day"),
        (["show", "nothing"], 2, "holds no video"),
        (["show", "https://youtu.be/abcdefghijk?t=4"], 2, "holds no video 'abcdefghijk'"),
        (["show", "https://example.org/x"], 2, "holds no video 'https://example.org/x'"),
        (["show", "nothing@0-1"], 2, "nothing"),
        (["export", "negotiation", "--format", "vhs"], 2, "vhs"),
        (["follow"], 2, "whom to follow"),
        (["follow", "not a channel"], 2, "not a channel"),
        (["follow", "--import", "missing.opml"], 65, "missing.opml"),
        (["unfollow", "nobody"], 2, "nobody"),
        (["harvest"], 2, "nobody is followed"),
        (["config", "set", "harvest.paus_s", "3"], 78, "harvest.pause_s"),
        (["config", "set", "harvest.pause_s", "soon"], 78, "harvest.pause_s"),
        (["no-such-verb"], 2, "No such command"),
    ],
)
def test_each_mistake_gets_a_sentence_and_its_code(mentor: Mentor, words: list[str], code: int, said: str) -> None:
    result = mentor(*words)
    assert (result.exit_code, said in result.stderr) == (code, True), result.output


def test_a_query_that_cannot_be_read_is_shown_with_the_place(full: Mentor) -> None:
    told = full("search", 'ask 機械 "for a raise').stderr.splitlines()
    assert told[1:3] == ['  ask 機械 "for a raise', "           ^"]
    told = full("search", f"{'word ' * 30}after:soon more").stderr.splitlines()
    assert told[1][told[2].index("^") :] == "after:soon more"
    told = full("search", "raise \x1b[1m -mentor:zoe").stderr.splitlines()
    assert (told[1], told[2].index("^")) == ("  raise  [1m -mentor:zoe", 14)
    assert full("search", "raise", "--title", "?").stderr.splitlines()[1:3] == ["  ?", "  ^"]


def test_words_are_left_out_without_a_shell_trick(full: Mentor) -> None:
    everything, fewer = full.ok("search", "raise", "--jsonl"), full.ok("search", "raise", "-salary", "--jsonl")
    assert 0 < fewer.count("\n") < everything.count("\n")
    assert full.ok("search", "-salary", "raise", "--jsonl") == fewer
    assert full.ok("export", "raise", "-salary", "--format", "links") != full.ok("export", "raise", "--format", "links")
    assert full("export", "raise", "-o").exit_code == full("search", "raise", "--salary").exit_code == 2
    assert full.ok("search", "-h") == full.ok("search", "--help")


def test_a_file_may_stand_right_behind_its_letter(full: Mentor, tmp_path: Path) -> None:
    full.ok("export", "raise", f"-o{tmp_path / 'notes.md'}")
    assert (tmp_path / "notes.md").exists()


def test_a_broken_configuration_is_named_and_left_alone(mentor: Mentor) -> None:
    mentor.home.mkdir()
    path = mentor.home / "config.toml"
    for text, said in [("[harvest\n", "not valid TOML"), ("[harvest]\npauses_s = 3\n", "harvest.pause_s")]:
        path.write_text(text, encoding="utf-8")
        result = mentor("search", "x")
        assert (result.exit_code, said in result.stderr) == (78, True), result.output
        assert path.read_text(encoding="utf-8") == text


def test_a_library_of_a_newer_version_is_refused(mentor: Mentor) -> None:
    import sqlite3

    mentor.home.mkdir()
    with sqlite3.connect(mentor.home / "library.db") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    result = mentor("search", "x")
    assert result.exit_code == 73
    assert "newer version" in result.stderr


def test_an_unreadable_caption_file_is_left_out_with_its_reason(mentor: Mentor, tmp_path: Path) -> None:
    talks = tmp_path / "talks"
    talks.mkdir()
    (talks / "good.en.srt").write_text("1\n00:00:01,000 --> 00:00:04,000\nNegotiate early.\n", encoding="utf-8")
    (talks / "bad.en.vtt").write_bytes(b"\x00\x01\x02 no captions")
    mentor.ok("follow", str(talks))
    result = mentor("harvest")
    assert result.exit_code == 0
    assert "bad.en.vtt" in result.stderr
    assert mentor.json("status", "--json")["videos"] == {"text": 1, "unreadable": 1}


def test_captions_edited_on_disk_replace_what_was_read(mentor: Mentor, tmp_path: Path) -> None:
    talks = tmp_path / "talks"
    talks.mkdir()
    captions = "1\n00:00:01,000 --> 00:00:04,000\n{}\n"
    (talks / "talk.en.srt").write_text(captions.format("Negotiate early."), encoding="utf-8")
    mentor.ok("follow", str(talks))
    mentor.ok("harvest")
    (talks / "talk.en.srt").write_text(captions.format("Arbitrate early."), encoding="utf-8")
    assert "1 with better captions" in mentor("harvest").stderr
    assert mentor("search", "negotiate").exit_code == 1
    assert "Arbitrate" in mentor.ok("search", "arbitrate")
    assert "better captions" not in mentor("harvest").stderr


def test_two_writers_do_not_meet(mentor: Mentor) -> None:
    from library.places import places

    mentor.ok("follow", str(folder("ines-calder")))
    program = (
        "import sys; from pathlib import Path; from library.lock import hold\n"
        f"with hold(Path({str(places().lock)!r})):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        result = mentor("harvest")
        assert result.exit_code == 75
        assert str(other.pid) in result.stderr
        other.communicate()
    assert mentor("harvest").exit_code == 0


def test_a_key_is_used_but_never_shown(mentor: Mentor) -> None:
    mentor.set("MENTOR_YOUTUBE_API_KEY", KEY)
    for words in (["doctor"], ["config", "show"], ["status"], ["doctor", "--json"]):
        assert KEY not in mentor(*words).output
    mentor.set("MENTOR_YOUTUBE_API_KEY", "not a key at all")
    assert "no API key" in mentor("doctor").output


def test_a_key_file_that_is_missing_is_named(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.set("MENTOR_YOUTUBE_API_KEY_FILE", "/nowhere/key")
    result = mentor("harvest")
    assert result.exit_code == 78
    assert "/nowhere/key" in result.stderr


@pytest.mark.parametrize("key", ["youtube.api_key_file", "youtube.proxy_file", "notify.urls_file"])
def test_a_file_that_cannot_be_read_is_not_set(mentor: Mentor, key: str) -> None:
    result = mentor("config", "set", key, "/nowhere/secret")
    assert (result.exit_code, f"{key}: /nowhere/secret cannot be read" in result.stderr) == (78, True)
    assert not (mentor.home / "config.toml").exists()


def test_a_key_in_place_of_its_file_is_neither_set_nor_repeated(mentor: Mentor) -> None:
    key = "AIza" + "x" * 35
    result = mentor("config", "set", "youtube.api_key_file", key)
    assert result.exit_code == 78
    assert key not in result.output
    assert not (mentor.home / "config.toml").exists()


def test_a_file_is_set_by_its_full_path_and_can_be_unset(
    mentor: Mentor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text(KEY)
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path / "key") in mentor.ok("config", "set", "youtube.api_key_file", "key")
    assert '= ""' in mentor.ok("config", "set", "youtube.api_key_file", "")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("mentor export --format m", ["markdown"]),
        ("mentor config set notify.w", ["notify.when"]),
        ("mentor search --mentor i", ["ines-calder"]),
    ],
)
def test_the_shell_is_offered_what_may_follow(
    full: Mentor, capsys: pytest.CaptureFixture[str], typed: str, offered: list[str]
) -> None:
    full.set("COMP_WORDS", typed)
    full.set("COMP_CWORD", str(len(typed.split()) - 1))
    full.set("_MENTOR_COMPLETE", "bash_complete")
    with pytest.raises(SystemExit):
        cli.main()
    assert [line.removeprefix("plain,") for line in capsys.readouterr().out.split()] == offered


def test_settings_are_set_shown_and_overruled_by_variables(mentor: Mentor) -> None:
    mentor.ok("config", "set", "harvest.pause_s", "45")
    assert "harvest.pause_s = 45.0  # file" in mentor.ok("config", "show")
    mentor.set("MENTOR_HARVEST_PAUSE_S", "7")
    assert "harvest.pause_s = 7.0  # MENTOR_HARVEST_PAUSE_S" in mentor.ok("config", "show")
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("config", "set", "mentors.ines-calder.title_exclude", "first, second")
    assert 'title_exclude = ["first", "second"]' in (mentor.home / "config.toml").read_text(encoding="utf-8")
    assert str(mentor.home) in mentor.ok("config", "path")


def test_the_doctor_finds_a_sound_library_in_order(full: Mentor) -> None:
    said = full.ok("doctor")
    assert "ok    library: sound" in said
    assert "ok    search index: up to date" in said
    assert "ok    last harvest: within a day" in said
    assert "ok    quota: 10000 of 10000 units left today" in said
    assert "ok    clock" in said


def test_a_remedy_is_told_once(mentor: Mentor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("library.schedule.found", lambda _: iter(()))
    assert mentor.ok("doctor").count("mentor schedule install") == 1


def test_where_no_harvest_is_scheduled_that_is_shown(mentor: Mentor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("library.schedule.found", lambda _: iter(()))
    shown = mentor("schedule", "show")
    assert (shown.stdout, shown.stderr) == ("", "no harvest is scheduled: mentor schedule install\n")


def test_the_doctor_names_what_is_wrong_and_the_remedy(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    (mentor.home / "library.db").write_bytes(b"no database" * 1000)
    result = mentor("doctor")
    assert result.exit_code == 1
    assert "FAIL  library" in result.stdout
    assert "mentor doctor --repair" in result.stdout


@pytest.mark.parametrize("key", ["YOUTUBE_PROXY_FILE", "NOTIFY_URLS_FILE"])
def test_the_doctor_reads_the_files_that_settings_name(mentor: Mentor, key: str) -> None:
    mentor.set(f"MENTOR_{key}", "/nowhere/secret")
    said = mentor("doctor")
    assert said.exit_code == 1
    assert "/nowhere/secret cannot be read" in said.stdout


def test_the_doctor_finds_a_changed_byte_in_the_index(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("harvest")
    (path,) = mentor.home.glob("search/*/*.arr")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    said = mentor("doctor")
    assert said.exit_code == 1
    assert "FAIL  search index" in said.stdout
    assert "mentor index --rebuild" in said.stdout
    mentor.ok("index", "--rebuild")
    assert "ok    search index: up to date" in mentor("doctor").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(mentor: Mentor, shell: str) -> None:
    assert "_MENTOR_COMPLETE" in mentor.ok("completion", shell)
