"""Does a harvest that is killed anywhere, or that cannot write, leave nothing lost and nothing twice?

The program harvests folders of invented lecturers, is killed at points spread over its work, and is
run again: library and index must be those of a run that nobody disturbed. MENTOR_CRASH_POINTS says
how many points (20 unless set).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import crash
import pytest
from crash import World, first_night, later_night, litter

from harvester import pipeline
from harvester.sources.folder import Folder
from index import sync
from library.database import MIGRATIONS, Database
from library.errors import ExitCode
from library.models import Transcript, Video

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

POINTS = int(os.environ.get("MENTOR_CRASH_POINTS", "20"))
QUESTIONS = ("negotiation", '"walk away"', "voice OR client", "how to say no", "negot*")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """With commits after every other talk, so that there are several."""
    crash.warm_up()
    made = World(tmp_path)
    monkeypatch.setattr(sync, "BATCH", 2)
    monkeypatch.setattr(pipeline, "_BATCH", 2)
    transcript = Folder.transcript

    def noted(self: Folder, video: Video, languages: tuple[str, ...]) -> Transcript:
        file = os.open(made.reads, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        with suppress(OSError):
            os.write(file, f"{video.id}\n".encode())
        os.close(file)
        return transcript(self, video, languages)

    monkeypatch.setattr(Folder, "transcript", noted)
    return made


@pytest.mark.parametrize("night", [first_night, later_night])
def test_a_harvest_killed_anywhere_is_made_good_by_the_next(world: World, night: Callable[[World], None]) -> None:
    night(world)
    kept = world.home.with_name("kept")
    shutil.copytree(world.home, kept)
    world.read()
    points = crash.points_of(world.home, "harvest")
    undisturbed, read = crash.contents(world.home), world.read()
    found = crash.answers(world.home, QUESTIONS)
    assert len(undisturbed["transcripts"]) == 8
    assert all(found.values())

    chosen = crash.spread(points, POINTS // 2)
    for at in chosen:
        where = f"killed at {at} of {len(points)}: {points[at - 1]}"
        world.start_over(kept)
        assert crash.killed_at(at, world.home, "harvest").code == -9, where
        in_flight = world.read()
        again = crash.run(world.home, "harvest")
        assert again.code == 0, f"{where}: {again.said}"
        assert "Traceback" not in again.said, f"{where}: {again.said}"
        assert crash.contents(world.home) == undisturbed, where
        assert crash.answers(world.home, QUESTIONS) == found, where
        twice = {video_id for video_id, count in Counter(in_flight + world.read()).items() if count > 1}
        assert twice <= set(in_flight[-1:]), where
        assert set(in_flight) <= set(read), where
        assert litter(world.home) == [], where
    assert len(chosen) >= POINTS // 2


# --- libraries that are being made -----------------------------------------------------------------


def test_a_library_killed_while_its_schema_is_made_is_finished_by_the_next(world: World) -> None:
    for known in range(len(list(MIGRATIONS.glob("*.sql")))):
        older = world.home.with_name(f"older{known}")
        shutil.copytree(world.home, older)
        if known:
            Database.open(older / "library.db", steps=known).close()
        world.start_over(older)
        points = crash.points_of(world.home, "status")
        finished = schema(world.home)
        for at in crash.spread(points, POINTS):
            world.start_over(older)
            assert crash.killed_at(at, world.home, "status").code == -9
            again = crash.run(world.home, "status")
            assert again.code == 0, f"killed at {points[at - 1]}: {again.said}"
            assert schema(world.home) == finished, f"killed at {points[at - 1]}"


def schema(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "library.db") as database:
        found = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        found += database.execute("PRAGMA user_version").fetchall()
        found += database.execute("SELECT key FROM meta ORDER BY key").fetchall()
    database.close()
    return found


# --- when nothing can be written -------------------------------------------------------------------


@pytest.mark.parametrize("night", [first_night, later_night])
def test_a_disk_that_fills_up_anywhere_is_told_and_made_good(world: World, night: Callable[[World], None]) -> None:
    night(world)
    kept = world.home.with_name("kept")
    shutil.copytree(world.home, kept)
    points = crash.points_of(world.home, "harvest")
    undisturbed, found = crash.contents(world.home), crash.answers(world.home, QUESTIONS)
    library_made = max((at for at, what in enumerate(points, 1) if crash.phase(what) == "schema"), default=0)
    for at in crash.spread(points, POINTS // 4):
        where = f"full at {at} of {len(points)}: {points[at - 1]}"
        world.start_over(kept)
        full = crash.Points(world.home, at, crash.fill_the_disk)
        ended = crash.run(world.home, "harvest", before=full.watch)
        written = any(what.startswith(("sql ", "open ~/search/")) for what in points[at - 1 :])
        assert ended.code == (ExitCode.CANNOT_WRITE if written else 0), f"{where}: {ended}"
        assert not ended.code or at <= library_made or "free some space" in ended.said, f"{where}: {ended}"
        assert "Traceback" not in ended.said, f"{where}: {ended}"
        again = crash.run(world.home, "harvest")
        assert again.code == 0, f"{where}: {again}"
        assert crash.contents(world.home) == undisturbed, where
        assert crash.answers(world.home, QUESTIONS) == found, where
        assert litter(world.home) == [], where


@pytest.fixture
def read_only() -> Iterator[World]:
    """A harvested home that this user may read but not write."""
    with tempfile.TemporaryDirectory() as root:
        made = World(Path(root))
        made.publish()
        # Nobody may not be allowed to import anything.
        crash.warm_up()
        crash.in_this_process(made.home, "harvest")
        for path in [Path(root), *Path(root).rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield made
        for path in Path(root).rglob("*"):
            path.chmod(0o755)
        Path(root).chmod(0o755)


def nobody() -> None:
    """Root may write anything, whatever the permissions say."""
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)


def test_a_library_that_cannot_be_written_is_told_and_can_be_searched(read_only: World) -> None:
    harvest = crash.run(read_only.home, "harvest", before=nobody)
    assert harvest.code == ExitCode.CANNOT_WRITE, harvest
    assert "Traceback" not in harvest.said
    assert str(read_only.home) in harvest.said
    search = crash.run(read_only.home, "search", "negotiation", before=nobody)
    assert search.code == 0, search
    assert "negotiat" in search.said.lower()
    index = crash.run(read_only.home, "index", "--rebuild", before=nobody)
    assert index.code == ExitCode.CANNOT_WRITE, index
    assert "Traceback" not in index.said
