"""Do several processes of the program at once keep out of each other's way?

One is halted at points spread over its work, for as long as the others need: whatever it holds then,
readers are answered at once, from the library and the index as they were, and a second writer gives
way. Then it goes on, and ends as if nobody had been there.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import crash
import pytest
from crash import FEW, World, first_night, later_night, litter

from harvester import pipeline
from index import sync
from library.errors import ExitCode
from library.store import Store

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

POINTS = 8
WELL_BELOW_A_SECOND = 0.8
READERS = {
    "search": ("search", "negotiation", "--json"),
    "export": ("export", "negotiation", "--format", "markdown"),
    "status": ("status", "--json"),
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """With commits after every other talk, so that there are several."""
    crash.warm_up()
    monkeypatch.setattr(sync, "BATCH", 2)
    monkeypatch.setattr(pipeline, "_BATCH", 2)
    made = World(tmp_path)
    later_night(made)
    return made


def are_answered(home: Path, where: str) -> None:
    """Every reader is; a copy made meanwhile is whole."""
    copy = home.with_name("copy.db")
    for name, words in {**READERS, "backup": ("backup", str(copy))}.items():
        ended = crash.run(home, *words)
        assert ended.code == 0, f"{name}, {where}: {ended}"
        assert ended.seconds < WELL_BELOW_A_SECOND, f"{name} waited {ended.seconds:.1f} s, {where}"
    with Store.open(copy) as store:
        assert store.check() == []
        assert sum(store.states().values()) >= len(FEW)


@pytest.mark.parametrize("words", [("harvest",), ("index", "--rebuild")])
def test_readers_are_answered_while_another_process_writes(world: World, words: tuple[str, ...]) -> None:
    kept = world.home.with_name("kept")
    shutil.copytree(world.home, kept)
    points = crash.points_of(world.home, *words)
    undisturbed, found = crash.contents(world.home), crash.answers(world.home, ["negotiation", "voice"])
    for at in crash.spread(points, POINTS):
        where = f"halted at {at} of {len(points)}: {points[at - 1]}"
        world.start_over(kept)
        before = crash.answers(world.home, ["negotiation", "voice"])
        with crash.halted_at(at, world.home, *words) as writer:
            are_answered(world.home, where)
            seen = crash.answers(world.home, ["negotiation", "voice"])
            assert len(before["voice"]) <= len(seen["voice"]) <= len(found["voice"]), where
        ended = writer.ended()
        assert ended.code == 0, f"{where}: {ended}"
        assert crash.contents(world.home) == undisturbed, where
        assert crash.answers(world.home, ["negotiation", "voice"]) == found, where


def test_a_second_writer_gives_way_and_says_to_whom(world: World) -> None:
    kept = world.home.with_name("kept")
    shutil.copytree(world.home, kept)
    points = crash.points_of(world.home, "harvest")
    undisturbed = crash.contents(world.home)
    for at in (len(points) // 3, len(points) - 2):
        world.start_over(kept)
        with crash.halted_at(at, world.home, "harvest") as first:
            for words in (("harvest",), ("index",), ("index", "--rebuild")):
                second = crash.run(world.home, *words)
                assert second.code == ExitCode.TRY_LATER, second
                assert str(first.pid) in second.said
        assert first.ended().code == 0
        assert crash.contents(world.home) == undisturbed
        assert litter(world.home) == []


def test_a_killed_process_holds_nobody_up(world: World) -> None:
    """The note of who holds the lock stays; the lock does not."""
    assert crash.killed_at(20, world.home, "harvest").code < 0
    assert (world.home / "writing.holder").exists()
    assert crash.run(world.home, "harvest").code == 0


def test_a_search_before_there_is_an_index_says_who_is_making_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    first_night(world)
    points = crash.points_of(world.home, "harvest")
    shutil.rmtree(world.home)
    made = World(tmp_path / "again")
    first_night(made)
    with crash.halted_at(len(points) - 3, made.home, "harvest") as writer:
        ended = crash.run(made.home, "search", "negotiation")
        assert ended.code == ExitCode.TRY_LATER
        assert str(writer.pid) in ended.said
        assert ended.seconds < WELL_BELOW_A_SECOND
    assert writer.ended().code == 0


@pytest.mark.parametrize("words", [("harvest",), ("index", "--rebuild")])
def test_a_search_outlives_a_writer_that_replaces_what_it_reads(world: World, words: tuple[str, ...]) -> None:
    kept, search = world.home.with_name("kept"), READERS["search"]
    shutil.copytree(world.home, kept)
    before = hits(crash.run(world.home, *search).said)
    points = crash.points_of(world.home, *search, reads=True)
    assert crash.run(world.home, *words).code == 0
    after = hits(crash.run(world.home, *search).said)
    reads = [at for at, what in enumerate(points, 1) if "/search/" in what]
    assert reads
    for at in reads:
        world.start_over(kept)
        with crash.halted_at(at, world.home, *search, reads=True) as reader:
            assert crash.run(world.home, *words).code == 0
        ended = reader.ended()
        assert ended.code == 0, f"halted at {points[at - 1]}: {ended}"
        assert ended.said.startswith("{"), f"halted at {points[at - 1]}: {ended}"
        assert hits(ended.said) in (before, after), f"halted at {points[at - 1]}"


def hits(said: str) -> list[str]:
    return [hit["clip_id"] for hit in json.loads(said)["hits"]]
