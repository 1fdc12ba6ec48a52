"""Is a copy of the library whole whatever happens meanwhile, and nothing else written over?"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fakes import MARTA, NOW, channel, channel_id, transcript, video

from library import backup as backups
from library.backup import backup
from library.errors import ExitCode, StoreError
from library.models import State
from library.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a library with a talk lies."""
    path = tmp_path / "home" / "library.db"
    with Store.open(path) as store:
        store.save_channel(channel("marta"))
        store.set_follows([(MARTA, [channel_id("marta")])])
        harvest(store, "first")
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where a copy is to be; in a folder that has nothing else."""
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies" / "copy.db"


def harvest(store: Store, name: str) -> None:
    store.save_listing(channel_id("marta"), [(video(name), State.WAITING, "", NOW)], NOW)
    store.save_transcript(transcript(name, *(f"{name} {number}" for number in range(40))), NOW)


def in_child(work: Callable[[], object]) -> int:
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


def end_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# --- the copy --------------------------------------------------------------------------------------


def test_a_copy_is_a_library_of_the_same_id_in_one_file(path: Path, target: Path) -> None:
    with Store.open(path) as store:
        harvest(store, "second")
        assert backup(path, target) == target.stat().st_size
        assert [one.name for one in target.parent.iterdir()] == ["copy.db"]
        with Store.open(target) as copy:
            assert (copy.id, copy.revision()) == (store.id, store.revision())
            assert copy.transcript("second") == store.transcript("second")
            harvest(copy, "third")
    assert [one.name for one in target.parent.iterdir()] == ["copy.db"]


def test_a_copy_can_be_read_where_nothing_can_be_written(path: Path, target: Path) -> None:
    backup(path, target)
    target.chmod(0o400)
    target.parent.chmod(0o500)
    try:
        with Store.open(target, read_only=True) as copy:
            assert copy.transcript("first") is not None
    finally:
        target.parent.chmod(0o700)
    assert [one.name for one in target.parent.iterdir()] == ["copy.db"]


def test_a_later_copy_takes_the_place_of_an_earlier_one(path: Path, target: Path) -> None:
    backup(path, target)
    with Store.open(path) as store:
        harvest(store, "second")
    backup(path, target)
    with Store.open(target) as copy:
        assert copy.transcript("second") is not None
    backup(path, target)
    assert [one.name for one in target.parent.iterdir()] == ["copy.db"]


def test_a_link_to_an_earlier_copy_stays_one(path: Path, target: Path) -> None:
    backup(path, target)
    link = target.with_name("link.db")
    link.symlink_to(target)
    with Store.open(path) as store:
        harvest(store, "second")
    backup(path, link)
    assert link.is_symlink()
    with Store.open(target) as copy:
        assert copy.transcript("second") is not None


def test_a_copy_may_be_read_by_those_who_may_read_the_library(path: Path, target: Path) -> None:
    path.chmod(0o640)
    backup(path, target)
    assert target.stat().st_mode & 0o777 == 0o640


# --- while somebody writes -------------------------------------------------------------------------


def test_what_is_saved_while_copying_waits_for_nothing_and_is_in_the_next_copy(
    path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copying = backups._copy

    def slowly(source: sqlite3.Connection, *rest: Path) -> None:
        with Store.open(path) as store:
            store._db.execute("PRAGMA busy_timeout = 0")
            harvest(store, "second")
        copying(source, *rest)

    monkeypatch.setattr(backups, "_copy", slowly)
    backup(path, target)
    with Store.open(target) as copy:
        assert copy.video("second") is None
        assert copy.transcript("first") is not None
    monkeypatch.setattr(backups, "_copy", copying)
    backup(path, target)
    with Store.open(target) as copy:
        assert copy.transcript("second") is not None


def test_every_copy_made_during_a_harvest_holds_whole_videos(path: Path, target: Path) -> None:
    def write() -> None:
        with Store.open(path) as store:
            for number in range(150):
                harvest(store, f"talk{number}")

    child = in_child(write)
    seen = []
    for _ in range(12):
        backup(path, target)
        with closing(sqlite3.connect(target)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with Store.open(target, read_only=True) as copy:
            videos = copy.known_ids(channel_id("marta"))
            assert all((copy.state_of(one)[0] is State.TEXT) == bool(copy.transcript(one)) for one in videos)
            seen.append(copy.revision())
    assert end_of(child) == 0
    assert seen == sorted(seen)


# --- refusals --------------------------------------------------------------------------------------


def test_what_is_no_copy_of_this_library_is_left_alone(path: Path, target: Path) -> None:
    with Store.open(target.with_name("another.db")) as another:
        harvest_into_another = another.id
    for name, content in (("notes.txt", b"my notes"), ("empty", b""), ("page", bytes(5000))):
        other = target.with_name(name)
        other.write_bytes(content)
        with pytest.raises(StoreError, match="not a copy of this library") as told:
            backup(path, other)
        assert told.value.exit_code is ExitCode.CANNOT_WRITE
        assert other.read_bytes() == content
    with pytest.raises(StoreError, match="not a copy of this library"):
        backup(path, target.with_name("another.db"))
    with Store.open(target.with_name("another.db")) as another:
        assert another.id == harvest_into_another


def test_a_copy_that_is_in_use_as_a_library_is_left_alone(path: Path, target: Path) -> None:
    backup(path, target)
    with Store.open(target) as copy:
        harvest(copy, "second")
        with pytest.raises(StoreError, match="in use"):
            backup(path, target)
        assert copy.transcript("second") is not None


def test_the_library_is_never_copied_onto_itself(path: Path) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    for name in (path, link, path.parent / ".." / "home" / "library.db"):
        with pytest.raises(StoreError, match="is the library itself"):
            backup(path, name)
    with Store.open(path) as store:
        assert store.transcript("first") is not None


def test_a_place_that_cannot_be_is_told(path: Path, target: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no folder .*nowhere"):
        backup(path, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(StoreError, match="is a folder"):
        backup(path, target.parent)
    with pytest.raises(StoreError, match="no library at"):
        backup(tmp_path / "none.db", target)
    assert list(target.parent.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_told(path: Path, target: Path) -> None:
    target.parent.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written: Permission denied"):
        backup(path, target)


# --- trouble ---------------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_earlier_copy_and_nothing_else(path: Path, target: Path) -> None:
    backup(path, target)
    before = target.read_bytes()
    with Store.open(path) as store:
        for number in range(20):
            harvest(store, f"talk{number}")

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
        with pytest.raises(StoreError, match=r"the copy .*copy\.db cannot be written") as told:
            backup(path, target)
        assert "space" in told.value.hint

    assert end_of(in_child(work)) == 0
    assert [one.name for one in target.parent.iterdir()] == ["copy.db"]
    assert target.read_bytes() == before


def test_a_damaged_library_does_not_take_the_place_of_a_sound_copy(path: Path, target: Path) -> None:
    backup(path, target)
    before = target.read_bytes()
    content = path.read_bytes()
    for at in (6 * 4096, 12 * 4096):
        path.write_bytes(content[:at] + b"\xa5" * 4096 + content[at + 4096 :])
        with pytest.raises(StoreError, match="is damaged and was not copied") as told:
            backup(path, target)
        assert "doctor --repair" in told.value.hint
        assert "\n" not in told.value.message
    path.write_bytes(bytes(4096) + content[4096:])
    with pytest.raises(StoreError, match="cannot be used: file is not a database"):
        backup(path, target)
    assert target.read_bytes() == before
    assert [one.name for one in target.parent.iterdir()] == ["copy.db"]


def test_on_a_full_disk_nobody_is_sent_to_repair_what_is_sound(
    path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(backups, "_open", full)
    with pytest.raises(StoreError, match="disk I/O error") as told:
        backup(path, target)
    assert told.value.hint.startswith("free some space")


def test_a_copy_that_is_interrupted_leaves_nothing(path: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backups, "_copy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        backup(path, target)
    assert list(target.parent.iterdir()) == []
