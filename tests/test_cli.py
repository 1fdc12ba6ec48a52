"""Does each verb do what it says, end with the right code, and never show a traceback or a secret?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
from harvester.samples import LECTURERS, folder
from library.moments import utc_now
from library.store import Store

KEY = "AIza" + "NoRealKey" * 4


class Mentor:
    """The command, run in this process over a home of its own."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self._environment = monkeypatch
        monkeypatch.setenv("MENTOR_HOME", str(home))
        for name in ("MENTOR_YOUTUBE_API_KEY", "NO_COLOR", "FORCE_COLOR", "MENTOR_DEBUG"):
            monkeypatch.delenv(name, raising=False)

    def __call__(self, *words: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(cli.cli, words, input=stdin, prog_name="mentor")
        assert "Traceback" not in result.output
        assert KEY not in result.output
        return result

    def ok(self, *words: str, stdin: str = "") -> str:
        result = self(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: str) -> dict:
        return json.loads(self.ok(*words))

    def set(self, name: str, value: str) -> None:
        self._environment.setenv(name, value)


@pytest.fixture
def mentor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mentor:
    return Mentor(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of somebody who follows and has harvested the sample lecturers."""
    home = tmp_path_factory.mktemp("harvested")
    with pytest.MonkeyPatch.context() as patch:
        mentor = Mentor(home, patch)
        for lecturer in LECTURERS:
            mentor.ok("follow", str(folder(lecturer.slug)), "--as", lecturer.kind.value, "--topic", lecturer.topics[0])
        mentor.ok("harvest")
        yield home


@pytest.fixture
def full(harvested: Path, monkeypatch: pytest.MonkeyPatch) -> Mentor:
    """The command over the samples; for tests that only read."""
    return Mentor(harvested, monkeypatch)


# --- what is typed wrongly -----------------------------------------------------------------------


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


# --- start-up ----------------------------------------------------------------------------------


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
    assert "index.whoosh_engine" in loaded
    assert not loaded & {"harvester", "requests", "googleapiclient", "rich", "tomlkit", "filelock", "whoosh", "numpy"}
    assert not loaded & {"urllib.request", "email", "importlib.metadata", "hashlib", "shutil", "index.sync"}


@pytest.mark.parametrize("verb", [[], *[[name] for name in sorted(cli.MODULES)], ["config", "set"]])
def test_every_verb_explains_itself(mentor: Mentor, verb: list[str]) -> None:
    assert "Usage: mentor" in mentor.ok(*verb, "--help")
    assert not mentor.home.exists()


# --- the main job ------------------------------------------------------------------------------


def test_the_demo_asks_nothing_of_settings_made_for_another_library(mentor: Mentor) -> None:
    mentor.set("MENTOR_RULES_MIN_LENGTH_S", "6000")
    mentor.set("MENTOR_NOTIFY_URLS", "json://127.0.0.1:9/never")
    said = mentor("demo")
    assert ("The first number" in said.stdout, "notice" in said.stderr) == (True, False)


def test_the_demo_finds_negotiation_without_key_or_network(mentor: Mentor) -> None:
    said = mentor("demo")
    assert said.exit_code == 0
    assert "The first number" in said.output
    assert "Orla Finch" in said.output
    assert "mentor follow @handle" in said.output


def test_search_puts_the_talk_on_the_subject_first(full: Mentor) -> None:
    for query, title in [
        ("negotiation", "The first number"),
        ("how to say no", "A no that keeps the door open"),
        ("difficult client", "The client who shouts"),
        ("stage fright", "Shaking hands, steady voice"),
        ("delegate", "Give away the whole job"),
        ("how do I give feedback?", "Feedback while it is warm"),
    ]:
        assert full.json("search", query, "--json")["hits"][0]["title"] == title, query


def test_the_search_document_keeps_its_promise(full: Mentor) -> None:
    found = full.json("search", "negotiation", "--json")
    assert set(found) >= {"schema", "query", "hits", "total", "coverage"}
    assert found["schema"] == 1
    assert found["coverage"] == {**found["coverage"], "videos": 8, "with_text": 8, "without_text": {}}
    hit = found["hits"][0]
    for begin, end in hit["highlights"]:
        assert hit["text"][begin:end].casefold().startswith("negotiat")
    assert hit["clip_id"] == f"{hit['video_id']}@{hit['start_ms']}-{hit['end_ms']}"
    assert (hit["mentor"], hit["kind"], hit["language"]) == ("Ines Calder", "career", "en")


def test_filters_narrow_a_search(full: Mentor) -> None:
    def mentors(*options: str) -> set[str]:
        return {hit["mentor"] for hit in full.json("search", "negotiation", "--json", *options)["hits"]}

    assert mentors("--as", "interest") == {"Orla Finch"}
    assert mentors("--mentor", "brandt") == {"Tomas Brandt"}
    assert "Orla Finch" not in mentors("--until", "2025")
    dates = [h["published_at"] for h in full.json("search", "negotiation", "--json", "--sort", "date")["hits"]]
    assert dates == sorted(dates, reverse=True)
    assert len(full.json("search", "negotiation", "--json", "--limit", "2")["hits"]) == 2
    assert mentors("--title", "first number") == {"Ines Calder"}
    assert mentors("--longer", "5m") == {"Ines Calder", "Orla Finch", "Tomas Brandt"}
    assert mentors("--captions", "auto") == {"Ines Calder"}
    assert full.json("search", "topic:negotiation mentor:orla", "--json")["hits"][0]["mentor"] == "Orla Finch"
    assert full("search", "x", "--longer", "soon").exit_code == 2


def test_a_search_without_words_lists_a_lecturers_talks_newest_first(full: Mentor) -> None:
    hits = full.json("search", "--mentor", "ines", "--json")["hits"]
    assert [hit["title"] for hit in hits] == [
        "The raise is decided before you ask",
        "A no that keeps the door open",
        "The first number",
    ]


def test_what_a_topic_looks_for_is_highlighted_in_a_talk(full: Mentor) -> None:
    clip = full.json("search", "negotiation", "--json")["hits"][0]["clip_id"]
    assert "\x1b[7mnegotiation\x1b[0m" in full.ok("show", clip, "--query", "topic:negotiation", "--color", "always")
    assert full("show", clip, "--query", "topic:nego").exit_code == 65


def test_nothing_found_says_what_might_have_been_meant(full: Mentor) -> None:
    result = full("search", "negotation")
    assert result.exit_code == 1
    assert "negotiation" in result.stderr
    assert result.stdout == ""


def test_a_name_that_was_misheard_is_told_as_it_is_written(full: Mentor) -> None:
    assert "did you mean Ines Calder for “ines kalder”?" in full.ok("search", "ines kalder")
    told = full("search", '"ines kalder"').stderr
    assert "Sounds alike: Ines Calder." in told
    assert "next: mentor search '\"Ines Calder\"'" in told
    found = full.ok("search", "negotiation Tomas Brand")
    assert "did you mean Tomas Brandt for “Tomas Brand”?" in found
    assert "next: mentor search 'negotiation Tomas Brandt' · mentor show" in found
    assert "did you mean" not in full.ok("search", "negotiation", "salary")
    alike = full.json("search", "Ines Kalder", "--json")["alike"]
    assert alike == [{"typed": "Ines Kalder", "meant": "Ines Calder"}]


def test_a_clip_found_can_be_read_and_exported_again(full: Mentor, tmp_path: Path) -> None:
    hit = full.json("search", "negotiation", "--json")["hits"][0]
    assert "The first number" in full.ok("show", hit["clip_id"])
    assert "The first number" in full.ok("show", hit["video_id"])
    exported = json.loads(full.ok("export", hit["clip_id"], "--format", "jsonl"))
    assert (exported["start_ms"], exported["text"]) == (hit["start_ms"], hit["text"])

    plain = full.ok("search", "negotiation", "--plain")
    piped = full.ok("export", "-", "--format", "links", stdin=plain)
    assert piped.splitlines() == [h["url"] for h in full.json("search", "negotiation", "--json")["hits"]]

    twice = []
    for name in ("one.md", "two.md"):
        full.ok("export", "negotiation", "-o", str(tmp_path / name))
        twice.append((tmp_path / name).read_bytes())
    assert twice[0] == twice[1]


def test_a_second_harvest_has_nothing_to_do(full: Mentor) -> None:
    result = full("harvest")
    assert result.exit_code == 0
    assert "0 new, 0 transcripts" in result.stderr


def test_status_and_people_count_what_there_is(full: Mentor) -> None:
    status = full.json("status", "--json")
    assert status["videos"] == {"text": 8}
    assert status["index_revision"] is not None
    assert [m["slug"] for m in status["mentors"]] == ["ines-calder", "orla-finch", "tomas-brandt"]
    assert "3 of 3 with text" in full.ok("people")
    assert "harvest just now: done" in full.ok("status")


def test_unfollowing_keeps_the_library_but_not_in_searches(mentor: Mentor) -> None:
    for lecturer in LECTURERS:
        mentor.ok("follow", str(folder(lecturer.slug)))
    mentor.ok("harvest")
    mentor.ok("unfollow", "orla")
    found = mentor.json("search", "negotiation", "--json")
    assert {hit["mentor"] for hit in found["hits"]} == {"Ines Calder", "Tomas Brandt"}
    mentor.ok("follow", str(folder("orla-finch")))
    again = mentor("harvest")
    assert "0 transcripts" in again.stderr, "what was harvested before is still there"
    assert len(mentor.json("search", "negotiation", "--json")["hits"]) > len(found["hits"])


def test_what_is_forgotten_is_gone_from_library_and_index(mentor: Mentor) -> None:
    for lecturer in LECTURERS:
        mentor.ok("follow", str(folder(lecturer.slug)))
    mentor.ok("harvest")
    assert mentor("unfollow", "orla", "--forget", stdin="n\n").exit_code == 1
    assert mentor.json("status", "--json")["videos"] == {"text": 8}
    assert "2 of their videos deleted" in mentor.ok("unfollow", "orla", "--forget", "--yes")
    assert mentor.json("status", "--json")["videos"] == {"text": 6}
    assert "Orla Finch" not in mentor.ok("search", "negotiation", "--jsonl")
    mentor.ok("follow", str(folder("orla-finch")))
    assert "2 new, 2 transcripts" in mentor("harvest").stderr


def test_a_rebuilt_index_answers_the_same(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("harvest")
    before = mentor.ok("search", "negotiation", "--jsonl")
    assert "built anew" in mentor.ok("index", "--rebuild")
    assert mentor.ok("search", "negotiation", "--jsonl") == before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves a bad file open
def test_a_damaged_or_missing_index_heals_itself(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("harvest")
    before = mentor.ok("search", "negotiation", "--jsonl")
    for path in (mentor.home / "search").rglob("*"):
        if path.is_file() and path.name != "CURRENT":
            path.write_bytes(b"damaged")
    healed = mentor("search", "negotiation", "--jsonl")
    assert healed.exit_code == 0
    assert healed.stdout == before
    assert "building it" in healed.stderr


def test_an_index_with_a_changed_byte_is_built_anew_by_the_next_harvest(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("harvest")
    (path,) = (mentor.home / "search").rglob("*.arr")
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    mentor.ok("follow", str(folder("orla-finch")))
    assert "has changed since it was written" in mentor("harvest").stderr
    healed = mentor.ok("search", "negotiation", "--jsonl")
    mentor.ok("index", "--rebuild")
    assert mentor.ok("search", "negotiation", "--jsonl") == healed
    assert "Orla Finch" in healed


def test_a_dry_run_tells_what_was_spent_today(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    with Store.open(mentor.home / "library.db") as store:
        store.journal.spend_within("units", 7, 10_000, utc_now())
    assert "quota 7/10000" in mentor("harvest", "--dry-run").stderr


def test_a_dry_run_lists_and_writes_nothing(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    assert "The first number" in mentor.ok("harvest", "--dry-run")
    assert mentor.json("status", "--json")["videos"] == {}


def test_a_take_out_list_is_followed_and_a_dry_run_follows_nobody(mentor: Mentor, tmp_path: Path) -> None:
    listed = tmp_path / "subscriptions.csv"
    listed.write_text(
        "Kanal-ID,Kanal-URL,Kanaltitel\nUCaaaaaaaaaaaaaaaaaaaaaa,http://www.youtube.com/channel/"
        "UCaaaaaaaaaaaaaaaaaaaaaa,Erfundene Rednerin\n",
        encoding="utf-8",
    )
    assert "would follow Erfundene Rednerin" in mentor.ok("follow", "--import", str(listed), "--dry-run")
    assert mentor.json("people", "--json")["mentors"] == []
    mentor.ok("follow", "--import", str(listed), "--as", "interest")
    assert mentor.json("people", "--json")["mentors"][0]["slug"] == "erfundene-rednerin"


# --- what can go wrong -------------------------------------------------------------------------


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


# --- promises found broken once ------------------------------------------------------------------


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
    from library.store import Store

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
    from library.store import Store

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
