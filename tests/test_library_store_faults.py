"""Is the library whole, and is a person told what to do, when the disk, the file or a process fails?"""

from __future__ import annotations

import os
import signal
import sqlite3
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from fakes import MARTA, NOW, channel, channel_id, transcript, video

from library import database as library_store
from library.database import MIGRATIONS
from library.errors import ExitCode, StoreError
from library.models import State
from library.store import Store

KILLED = -signal.SIGKILL
FIRST_STEP = (MIGRATIONS / "0001_library.sql").read_text(encoding="utf-8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a library with one channel and one video with text lies."""
    path = tmp_path / "library.db"
    with Store.open(path) as store:
        store.save_channel(channel("marta"))
        store.set_follows([(MARTA, [channel_id("marta")])])
        harvest(store, "first")
    return path


def harvest(store: Store, *names: str) -> None:
    store.save_listing(channel_id("marta"), [(video(name), State.WAITING, "", NOW) for name in names], NOW)
    for name in names:
        store.save_transcript(transcript(name), NOW)


def in_child(work: Callable[[], None]) -> int:
    """The process id of a child that does ``work``; its exit code is 0 only when that succeeded."""
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


def open_once(path: Path) -> None:
    Store.open(path).close()


def end_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# --- files that cannot be used -------------------------------------------------------------------


def test_a_library_of_a_newer_version_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"written by a newer version of mentor \(schema 99, this one knows") as told:
        Store.open(path)
    assert "--upgrade" in told.value.hint
    assert told.value.exit_code is ExitCode.CANNOT_WRITE
    assert path.read_bytes() == before


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_is_no_library_is_refused(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(b"garbage " * 1000)
    with pytest.raises(StoreError, match="not a database") as told:
        Store.open(path, read_only=read_only)
    assert str(path) in told.value.message
    assert "doctor --repair" in told.value.hint


def test_damage_inside_the_file_is_told_by_whatever_reads_it(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    with Store.open(path, read_only=True) as store:
        for reading in (store.revision, store.mentors, store.states, store.journal.runs):
            with pytest.raises(StoreError, match="malformed"):
                reading()


def test_a_damaged_text_is_told_with_its_video(path: Path) -> None:
    with Store.open(path) as store:
        store._db.execute("UPDATE transcripts SET snippets = x'789c0000'")
        assert store.check() == []
        with pytest.raises(StoreError, match=r"the text of first .* is damaged"):
            store.transcript("first")


def test_a_library_without_its_own_name_is_told_as_damaged(path: Path) -> None:
    with Store.open(path) as store:
        store._db.execute("DELETE FROM meta")
        with pytest.raises(StoreError, match="damaged"):
            store.revision()


def test_a_sound_library_has_nothing_wrong_with_it(path: Path) -> None:
    with Store.open(path) as store:
        assert store.check() == []


def test_a_folder_that_cannot_be_made_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made") as told:
        Store.open(tmp_path / "file" / "library.db")
    assert "MENTOR_HOME" in told.value.hint


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        Store.open(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="unable to open") as told:
        Store.open(tmp_path / "library.db")
    assert "write there" in told.value.hint


def test_a_library_that_is_not_there_cannot_be_opened_for_reading_only(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        Store.open(tmp_path / "library.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_through_a_library_opened_for_reading(path: Path) -> None:
    with Store.open(path, read_only=True) as store:
        with pytest.raises(StoreError, match="readonly"):
            harvest(store, "second")
        assert store.transcript("first") == transcript("first")


# --- full disks and other writers ----------------------------------------------------------------


def test_a_full_disk_saves_nothing_by_halves_and_loses_nothing(path: Path) -> None:
    long = transcript("second", *(os.urandom(400).hex() for _ in range(500)))
    with Store.open(path) as store:
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store.save_listing(channel_id("marta"), [(video("second"), State.WAITING, "", NOW)], NOW)
        store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
        seen = store.revision()
        with pytest.raises(StoreError, match="full") as told:
            store.save_transcript(long, NOW)
        assert "free some space" in told.value.hint
        assert (store.revision(), store.state_of("second")[0]) == (seen, State.WAITING)
        assert store.transcript("first") == transcript("first")

        store._db.execute("PRAGMA max_page_count = 100000")
        store.save_transcript(long, NOW)
        assert store.transcript("second") == long
        assert store.check() == []


def test_a_library_that_another_program_holds_says_so(path: Path) -> None:
    with Store.open(path) as store, Store.open(path) as other:
        store._db.execute("PRAGMA busy_timeout = 0")
        with other._writing(), pytest.raises(StoreError, match="locked") as told:
            harvest(store, "second")
        assert "try again" in told.value.hint
        harvest(store, "second")
        assert store.transcript("second") is not None


def test_a_reader_sees_the_last_whole_state_while_somebody_writes(path: Path) -> None:
    with Store.open(path) as writer, Store.open(path, read_only=True) as reader:
        reader._db.execute("PRAGMA busy_timeout = 0")
        seen = reader.revision()
        with writer._writing():
            writer._db.execute("UPDATE videos SET state = 'deleted'")
            assert reader.revision() == seen
            assert reader.state_of("first") == (State.TEXT, "")
        assert reader.state_of("first") == (State.DELETED, "")


def test_two_processes_can_write_at_once(path: Path) -> None:
    def write(prefix: str) -> None:
        with Store.open(path) as store:
            for number in range(20):
                harvest(store, f"{prefix}{number}")

    with Store.open(path) as store:
        seen = store.revision()
    children = [in_child(lambda: write("a")), in_child(lambda: write("b"))]
    assert [end_of(child) for child in children] == [0, 0]
    with Store.open(path) as store:
        assert store.states() == {State.TEXT: 41}
        assert store.revision() == seen + 80, "no write was counted twice or not at all"


def test_processes_that_open_a_new_library_at_once_make_one(tmp_path: Path) -> None:
    for attempt in range(5):
        path = tmp_path / f"library{attempt}.db"
        children = [in_child(partial(open_once, path)) for _ in range(4)]
        assert [end_of(child) for child in children] == [0, 0, 0, 0]
        with Store.open(path) as store:
            assert (store.revision(), store.check()) == (0, [])


def test_a_new_library_that_another_process_is_making_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "library.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(time, "sleep", lambda _: other.execute("COMMIT"))
        Store.open(path).close()
        assert not other.in_transaction


# --- killed processes ----------------------------------------------------------------------------


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at_statement(path: Path, number: int) -> int:
    """How a child ends that harvests two videos and is killed at its statement of that number."""

    def work() -> None:
        left = iter(range(number))
        with Store.open(path) as store:
            store._db._connection.set_trace_callback(lambda _: None if next(left, None) is not None else die())
            harvest(store, "second", "third")

    return end_of(in_child(work))


def test_a_process_killed_at_any_statement_leaves_whole_videos_and_the_next_one_finishes(path: Path) -> None:
    for number in count():
        ended = kill_at_statement(path, number)
        with Store.open(path) as store:
            assert store.check() == []
            assert store.known_ids(channel_id("marta")) in ({"first"}, {"first", "second", "third"})
            for video_id in store.known_ids(channel_id("marta")):
                has_text = store.state_of(video_id)[0] is State.TEXT
                assert store.transcript(video_id) == (transcript(video_id) if has_text else None)
            with_text = {one for one in store.known_ids(channel_id("marta")) if store.transcript(one)}
            assert {change.video_id for change in store.changed_since(0)} == with_text
        if ended == 0:
            break
        assert ended == KILLED
    assert number > 20
    with Store.open(path) as store:
        assert store.states() == {State.TEXT: 3}
        assert store._db.execute("SELECT COUNT(*) FROM transcripts").fetchone() == (3,)


# --- migrations ----------------------------------------------------------------------------------


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of migrations to add to, beginning with the real ones."""
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "0001_library.sql").write_text(FIRST_STEP, encoding="utf-8")
    monkeypatch.setattr(library_store, "MIGRATIONS", folder)
    return folder


def version_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return version


def test_an_empty_file_comes_to_todays_schema_and_stays_there(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.touch()
    with Store.open(path) as store:
        name = store.id
    assert version_of(path) == len(list(MIGRATIONS.glob("*.sql")))
    with Store.open(path) as store:
        assert (store.id, store.revision()) == (name, 0)


def test_an_older_library_takes_the_steps_it_has_not_seen(path: Path, steps: Path) -> None:
    step = "-- One; two;\nCREATE TABLE extra (x);\nCREATE TRIGGER t AFTER INSERT ON extra BEGIN\n  SELECT 1;\nEND;\n"
    (steps / "0002_more.sql").write_text(step, encoding="utf-8")
    with pytest.raises(StoreError, match="must be updated before it can be read"):
        Store.open(path, read_only=True)
    with Store.open(path) as store:
        assert store._db.execute("SELECT name FROM sqlite_schema WHERE tbl_name = 'extra'").fetchall() == [
            ("extra",),
            ("t",),
        ]
        assert store.transcript("first") == transcript("first")
    assert version_of(path) == 2


def test_a_step_that_fails_is_taken_back_and_can_be_repeated(path: Path, steps: Path) -> None:
    step = steps / "0002_more.sql"
    step.write_text("CREATE TABLE extra (x);\nINSERT INTO nowhere VALUES (1);\n", encoding="utf-8")
    with pytest.raises(StoreError, match="nowhere"):
        Store.open(path)
    assert version_of(path) == 1
    step.write_text("CREATE TABLE extra (x);\n", encoding="utf-8")
    with Store.open(path) as store:
        assert store.transcript("first") == transcript("first")
    assert version_of(path) == 2


def test_a_migration_killed_half_way_is_as_if_it_had_not_begun(
    tmp_path: Path, steps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.db"
    (steps / "0001_library.sql").write_text(FIRST_STEP + "SELECT die();\n", encoding="utf-8")
    prepare = library_store._prepare

    def prepare_to_die(connection: sqlite3.Connection, read_only: bool) -> None:
        prepare(connection, read_only)
        connection.create_function("die", 0, die)

    monkeypatch.setattr(library_store, "_prepare", prepare_to_die)
    assert end_of(in_child(partial(open_once, path))) == KILLED
    assert version_of(path) == 0
    (steps / "0001_library.sql").write_text(FIRST_STEP, encoding="utf-8")
    with Store.open(path) as store:
        assert (store.revision(), store.check()) == (0, [])
    assert version_of(path) == 1
