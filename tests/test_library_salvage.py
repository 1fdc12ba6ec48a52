"""Is all saved of a damaged library that can be, nothing invented, and every loss told?"""

from __future__ import annotations

import os
import sqlite3
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from fakes import ANTON, MARTA, NOW, channel, channel_id, transcript, video
from hypothesis import given, settings
from hypothesis import strategies as st

from library import database, salvage
from library.database import MIGRATIONS
from library.errors import StoreError
from library.models import Origin, State
from library.salvage import Report, faults, repair
from library.store import Store

PAGE = 4096
Rows = Counter[tuple[object, ...]]


def write_library(path: Path) -> None:
    """A small library of everything there is: thirty talks of two mentors, runs, attempts, quota, notes."""
    random = Random(7)
    with Store.open(path) as store:
        for mentor in (MARTA, ANTON):
            store.save_channel(channel(mentor.slug), f"@{mentor.slug}")
        store.set_follows([(one, [channel_id(one.slug)]) for one in (MARTA, ANTON)])
        for night in range(2):
            run = store.journal.start_run(NOW)
            for slug in ("marta", "anton"):
                videos = [
                    video(f"{slug}-{night}-{number:03}", slug, tags=("a",), description="word " * random.randrange(300))
                    for number in range(15)
                ]
                store.save_listing(channel_id(slug), [(one, State.WAITING, "", NOW) for one in videos], NOW)
                for one in videos:
                    lines = [f"{random.random()} said" for _ in range(random.randrange(150))]
                    if random.random() < 0.2:
                        store.save_attempt(one.id, State.NO_CAPTIONS, "no captions", NOW, NOW, run)
                    else:
                        store.save_transcript(transcript(one.id, *lines), NOW, run)
                store.end_listing(channel_id(slug), NOW, complete=True, etag="seen")
            store.journal.spend_within("units", 3, 100, NOW)
            store.journal.end_run(run, NOW, "done", {"new": 30})
        store.journal.note("rest_until", NOW)


@cache
def sound() -> bytes:
    with TemporaryDirectory() as folder:
        write_library(Path(folder) / "library.db")
        return (Path(folder) / "library.db").read_bytes()


@cache
def sound_rows() -> dict[str, Rows]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "library.db"
        path.write_bytes(sound())
        return rows_of(path)


def rows_of(path: Path) -> dict[str, Rows]:
    """Every row of every table that a salvage copies; of meta the notes only, and runs' numbers apart from attempts."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {name: Counter(connection.execute(f"SELECT * FROM {name}").fetchall()) for name in names}
    found["attempts"] = Counter(row[:4] for row in found["attempts"].elements())
    found["meta"] = Counter(row for row in found["meta"] if str(row[0]).startswith("note:"))
    del found["removals"]
    return found


def damaged(folder: Path, content: bytes) -> Path:
    path = folder / "library.db"
    path.write_bytes(content)
    return path


def with_page(number: int, page: bytes, content: bytes = b"") -> bytes:
    """The sound library (or ``content``) with another page in the place of one."""
    content = content or sound()
    return content[: (number - 1) * PAGE] + page + content[number * PAGE :]


def root(name: str) -> int:
    """The first page of a table or index of the sound library."""
    with TemporaryDirectory() as folder, closing(sqlite3.connect(damaged(Path(folder), sound()))) as connection:
        (number,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        return int(number)


def leaf(name: str) -> int:
    """A page with rows of a table of the sound library that has several."""
    at = (root(name) - 1) * PAGE
    assert sound()[at] in (2, 5), "this table fits on one page"
    return int.from_bytes(sound()[at + 8 : at + 12], "big")


def salvaged(folder: Path, content: bytes) -> tuple[Report, dict[str, Rows]]:
    """What is reported and saved of a damaged library; whatever was saved must be sound, and must have been there."""
    fresh = folder / "fresh.db"
    fresh.unlink(missing_ok=True)
    report = salvage.salvage(damaged(folder, content), fresh, NOW)
    rows = rows_of(fresh)
    before = sound_rows()
    for name in set(before) - {"videos", "channels"}:
        assert not rows[name] - before[name], f"{name} holds what was never there"
    known = {row[0]: row[1:12] for row in before["videos"]}
    assert all(known[row[0]] == row[1:12] for row in rows["videos"])
    with Store.open(fresh, read_only=True) as store:
        assert store.check() == []
        for video_id, *_ in rows["videos"]:
            has_text = store.state_of(str(video_id))[0] is State.TEXT
            assert store.video(str(video_id)) is not None
            assert (store.transcript(str(video_id)) is not None) == has_text
    return report, rows


def assert_adds_up(report: Report, rows: dict[str, Rows]) -> None:
    before = sound_rows()
    for count in report.tables:
        if count.table != "meta":
            assert count.saved == rows[count.table].total()
        there_were = before[count.table].total() + (2 if count.table == "meta" else 0)
        if count.unread_pages:
            assert count.saved + count.lost <= there_were, count
        else:
            assert count.saved + count.lost == there_were, count
    saved = {row[0] for row in rows["videos"]}
    assert saved.isdisjoint(report.lost_videos)
    assert saved.union(report.lost_videos) == {row[0] for row in before["videos"]}
    with_text = {row[0] for row in before["videos"] if "text" in row}
    assert set(report.waiting) == saved & with_text - {row[1] for row in rows["transcripts"]}


# --- damage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["zeros", "half"])
def test_with_any_page_lost_what_is_saved_and_what_is_told_as_lost_add_up(tmp_path: Path, kind: str) -> None:
    pages = len(sound()) // PAGE
    assert pages > 40
    lost: Counter[str] = Counter()
    for number in range(1, pages + 1):
        own = sound()[(number - 1) * PAGE : number * PAGE]
        noise = Random(number).randbytes(PAGE // 2) if number % 2 else bytes(PAGE // 2)
        page = bytes(PAGE) if kind == "zeros" else own[: PAGE // 2] + noise
        report, rows = salvaged(tmp_path, with_page(number, page))
        assert_adds_up(report, rows)
        lost.update({name: found.total() - rows[name].total() for name, found in sound_rows().items()})
    assert lost["videos"] <= sound_rows()["videos"].total(), "no page but its own costs a video"


def test_a_library_cut_off_anywhere_gives_what_is_before_the_cut(tmp_path: Path) -> None:
    saved = []
    for pages in range(0, len(sound()) // PAGE + 1, 4):
        report, rows = salvaged(tmp_path, sound()[: pages * PAGE + 100])
        saved.append(rows["videos"].total())
        assert all(count.saved == rows[count.table].total() for count in report.tables if count.table != "meta")
    assert saved == sorted(saved)
    assert saved[0] == 0
    assert saved[-1] == sound_rows()["videos"].total()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=200, max_size=PAGE)), min_size=1, max_size=6))
def test_damage_of_any_kind_ends_in_a_sound_library(damage: list[tuple[int, bytes]]) -> None:
    content = bytearray(sound())
    for at, noise in damage:
        begin = at % len(content)
        content[begin : begin + len(noise)] = noise[: len(content) - begin]
    with TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.db"
        report = salvage.salvage(damaged(Path(folder), bytes(content)), fresh, NOW)
        assert report.lines()
        with Store.open(fresh, read_only=True) as store:
            assert store.check() == []
            assert store.states_by_mentor().keys() <= {"marta", "anton"}


@pytest.mark.parametrize("name", ["sqlite_schema", "videos", "transcripts", "videos_by_state", "transcripts_current"])
def test_a_lost_page_that_only_leads_to_others_loses_nothing(tmp_path: Path, name: str) -> None:
    number = 1 if name == "sqlite_schema" else root(name)
    report, rows = salvaged(tmp_path, with_page(number, bytes(PAGE)))
    assert rows["videos"].total() == sound_rows()["videos"].total()
    assert rows["transcripts"] == sound_rows()["transcripts"]
    assert (report.lost_videos, report.waiting) == ((), ())


def test_listings_are_restored_from_the_index_that_holds_them_too(tmp_path: Path) -> None:
    report, rows = salvaged(tmp_path, with_page(root("listings"), bytes(PAGE)))
    assert rows["listings"] == sound_rows()["listings"]
    assert next(count.lost for count in report.tables if count.table == "listings") == 0


def test_what_was_deleted_does_not_come_back(tmp_path: Path) -> None:
    path = damaged(tmp_path, sound())
    with Store.open(path) as store:
        store._db.execute("PRAGMA secure_delete = OFF")
        store.forget("anton")
        kept = store.known_ids(channel_id("marta"))
    content = path.read_bytes()
    for name in ("videos", "transcripts"):
        content = with_page(root(name), bytes(PAGE), content)
    damaged(tmp_path, content)
    salvage.salvage(path, tmp_path / "fresh.db", NOW)
    with Store.open(tmp_path / "fresh.db") as store:
        assert set(store.states()) <= {State.TEXT, State.WAITING, State.NO_CAPTIONS}
        assert {row[0] for row in store._rows("SELECT id FROM videos")} <= kept


def test_a_text_that_is_not_what_was_saved_is_left_out_and_fetched_again(tmp_path: Path) -> None:
    path = damaged(tmp_path, sound())
    with Store.open(path) as store:
        store.save_transcript(transcript("marta-0-001", "as it was", origin=Origin.GENERATED), NOW)
        store.save_transcript(transcript("marta-0-001", "as it is"), NOW)
        store._db.execute("UPDATE transcripts SET snippets = x'789c0000' WHERE video = 'marta-0-001' AND current")
        (other,) = store._row("SELECT snippets FROM transcripts WHERE video = 'anton-0-001' AND current") or (b"",)
        store._db.execute("UPDATE transcripts SET snippets = ? WHERE video = 'anton-0-002' AND current", (other,))
        assert store.check() == [], "SQLite sees nothing wrong with it"
    assert faults(path) == [f"the text of {one} cannot be read" for one in ("anton-0-002", "marta-0-001")]
    report = repair(path, NOW)
    assert report is not None
    assert report.waiting == ("anton-0-002", "marta-0-001")
    assert report.lost_videos == ()
    with Store.open(path) as store:
        due = store.due(NOW, [channel_id("marta")], ["marta"])
        assert [(one.state, one.tries) for one in due if one.video_id == "marta-0-001"] == [(State.WAITING, 0)]
        assert store._rows("SELECT origin FROM transcripts WHERE video = 'marta-0-001'")[-1] == ("generated",)
        store.save_transcript(transcript("marta-0-001", "as it is"), NOW)
        assert store.transcript("marta-0-001") == transcript("marta-0-001", "as it is")


def test_channels_of_lost_videos_are_listed_from_end_to_end_again(tmp_path: Path) -> None:
    report, _ = salvaged(tmp_path, with_page(leaf("videos"), bytes(PAGE)))
    assert report.lost_videos
    assert report.listed_anew
    with Store.open(tmp_path / "fresh.db") as store:
        assert store.completed_at(channel_id("marta")) is None
        assert store.etags() == {}
        lost = [video(one, one.partition("-")[0]) for one in report.lost_videos]
        added = store.save_listing(channel_id("marta"), [(one, State.WAITING, "", NOW) for one in lost], NOW)
        assert tuple(sorted(added)) == report.lost_videos


def test_a_salvaged_library_asks_for_a_new_index(tmp_path: Path) -> None:
    path = damaged(tmp_path, sound())
    with Store.open(path) as store:
        old_id, old_revision = store.id, store.revision()
    salvage.salvage(path, tmp_path / "fresh.db", NOW)
    with Store.open(tmp_path / "fresh.db") as store:
        assert store.id != old_id
        assert store.revision() > old_revision
        assert store.journal.noted("rest_until") == NOW
        assert [run.result for run in store.journal.runs()] == ["done", "done"]


# --- the log, versions, and files that are none ----------------------------------------------------


def in_child(work: Callable[[], object]) -> int:
    """How a child process ends that does ``work`` and is then killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that libraries have; the child uses none
        child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_what_a_killed_harvest_left_in_the_log_is_saved_too(tmp_path: Path) -> None:
    path = damaged(tmp_path, sound())

    def harvest() -> None:
        Store.open(path).save_transcript(transcript("marta-0-001", "in the log only"), NOW)

    assert in_child(harvest) == 0
    assert path.with_name("library.db-wal").exists()
    path.write_bytes(with_page(1, bytes(PAGE), path.read_bytes()))
    report = repair(path, NOW)
    assert report is not None
    assert report.kept_as is not None
    assert report.kept_as.with_name(f"{report.kept_as.name}-wal").exists()
    with Store.open(path) as store:
        assert store.transcript("marta-0-001") == transcript("marta-0-001", "in the log only")


def test_a_damaged_library_of_an_older_schema_comes_to_todays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = with_page(leaf("transcripts"), bytes(PAGE))
    steps = tmp_path / "steps"
    steps.mkdir()
    known = sorted(MIGRATIONS.glob("*.sql"))
    for step in known:
        (steps / step.name).write_text(step.read_text(encoding="utf-8"), encoding="utf-8")
    step = "ALTER TABLE videos ADD COLUMN stars INTEGER;\nUPDATE videos SET stars = 5;\nDROP TABLE quota;\n"
    (steps / "9999_more.sql").write_text(step, encoding="utf-8")
    monkeypatch.setattr(database, "MIGRATIONS", steps)
    monkeypatch.setattr(salvage, "MIGRATIONS", steps)
    salvage.salvage(damaged(tmp_path, content), tmp_path / "fresh.db", NOW)
    with closing(sqlite3.connect(tmp_path / "fresh.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(known) + 1,)
        found = connection.execute("SELECT COUNT(*), MIN(stars) FROM videos").fetchone()
    assert found == (sound_rows()["videos"].total(), 5)


@pytest.mark.parametrize("work", [faults, repair, lambda path: salvage.salvage(path, path.with_name("fresh.db"))])
def test_a_library_of_a_newer_version_is_left_alone(tmp_path: Path, work: Callable[[Path], object]) -> None:
    path = damaged(tmp_path, sound())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer version") as told:
        work(path)
    assert "--upgrade" in told.value.hint
    assert path.read_bytes() == before
    assert not (tmp_path / "fresh.db").exists()


@pytest.mark.parametrize("content", [b"", b"no library", os.urandom(50_000), b"SQLite format 3\0" + bytes(20_000)])
def test_a_file_of_which_nothing_is_left_is_kept_and_an_empty_library_begins(tmp_path: Path, content: bytes) -> None:
    path = damaged(tmp_path, content)
    report = repair(path, NOW)
    assert report is not None
    assert report.kept_as is not None
    assert report.kept_as.read_bytes() == content
    with Store.open(path) as store:
        assert store.mentors() == []


def test_another_sort_of_database_is_no_library(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE photos (id)")
    assert faults(tmp_path / "other.db") == ["no such table: meta"]


def test_a_library_that_is_not_there_cannot_be_repaired(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        repair(tmp_path / "library.db", NOW)
    with pytest.raises(StoreError, match="No such file"):
        salvage.salvage(tmp_path / "library.db", tmp_path / "fresh.db")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "fresh.db").write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        salvage.salvage(damaged(tmp_path, sound()), tmp_path / "fresh.db")
    assert (tmp_path / "fresh.db").read_text() == "mine"


# --- repair ----------------------------------------------------------------------------------------


def test_a_sound_library_is_not_touched(tmp_path: Path) -> None:
    path = damaged(tmp_path, sound())
    assert repair(path, NOW) is None
    assert path.read_bytes() == sound()
    assert not list(tmp_path.glob("*damaged*"))


def test_a_damaged_library_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    content = with_page(leaf("transcripts"), bytes(PAGE))
    for name in ("library.damaged-20260302-040000.db", "library.damaged-20260302-040000-2.db"):
        report = repair(damaged(tmp_path, content), NOW)
        assert report is not None
        assert report.kept_as == tmp_path / name
        assert (tmp_path / name).read_bytes() == content
        lines = "\n".join(report.lines())
        assert f"kept as {tmp_path / name}" in lines
        assert "transcripts: " in lines
        assert report.waiting[0] in lines
    assert repair(tmp_path / "library.db", NOW) is None
    assert not list(tmp_path.glob("*.damaged*-wal"))


def test_where_files_cannot_have_two_names_the_damaged_one_is_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", no_links)
    content = with_page(1, bytes(PAGE))
    report = repair(damaged(tmp_path, content), NOW)
    assert report is not None
    assert report.kept_as is not None
    assert report.kept_as.read_bytes() == content
    assert report.lines()[-1] == "nothing was lost"


def test_a_repair_that_is_killed_leaves_the_library_and_is_done_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = with_page(leaf("videos"), bytes(PAGE))
    path = damaged(tmp_path, content)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: os._exit(9))
        assert in_child(lambda: repair(path, NOW)) == 9
    assert path.read_bytes() == content
    report = repair(path, NOW)
    assert report is not None
    assert report.kept_as == tmp_path / "library.damaged-20260302-040000-2.db"
    assert faults(path) == []


def test_a_library_that_cannot_be_written_anew_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = with_page(leaf("videos"), bytes(PAGE))
    path = damaged(tmp_path, content)
    connect = database._connect

    def full(path: Path, read_only: bool) -> sqlite3.Connection:
        connection = connect(path, read_only)
        connection.execute("PRAGMA max_page_count = 30")
        return connection

    monkeypatch.setattr(database, "_connect", full)
    with pytest.raises(StoreError, match="full") as told:
        repair(path, NOW)
    assert "free some space" in told.value.hint
    assert path.read_bytes() == content
    assert not list(tmp_path.glob("library.db.salvage*"))


def test_long_lists_of_ids_are_cut_for_people_only() -> None:
    report = Report((), tuple(f"v{number}" for number in range(30)), (), True)
    assert "30 videos lost: v0 v1" in report.lines()[0]
    assert report.lines()[0].endswith("v19 and 10 more")
    assert len(report.lost_videos) == 30
