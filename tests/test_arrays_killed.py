"""Does a writer that is killed anywhere leave the old or the new generation, and nothing that lasts?

A writer adds, deletes, merges and commits three times, in a fork that is killed at a point of its work:
a file opened, a section written, a file flushed, renamed or removed. MENTOR_CRASH_POINTS says at how many
points (20 unless set).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import crash
import pytest
from whoosh import fields
from whoosh import query as q

from index import arrays
from index.arrays.format import SegmentFile
from index.arrays.plan import Scoring
from index.arrays.snapshot import open_snapshot
from index.arrays.wording import Wording

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

POINTS = int(os.environ.get("MENTOR_CRASH_POINTS", "20"))


class Said(fields.TEXT):  # type: ignore[misc]
    """Text that is taken in as a ``Wording``."""

    def wording(self, value: str) -> Wording:
        return Wording([value], list)


def commits(folder: Path) -> list[Callable[[], None]]:
    """What the writer does, commit by commit."""

    def first() -> None:
        add(folder, "a", 4, gathered_bytes=1)

    def second() -> None:
        add(folder, "b", 5, deleted=["a2", "a3"])

    def third() -> None:
        add(folder, "c", 2, deleted=["b1"], optimize=True)

    return [first, second, third]


def add(
    folder: Path, prefix: str, count: int, *, deleted: list[str] | None = None, optimize: bool = False, **options: Any
) -> None:
    writer = arrays.open_dir(folder).writer(**options)
    for number in range(count):
        writer.add_document(id=f"{prefix}{number}", text=f"ask for a raise {prefix} {number}", num=number)
    for name in deleted or ():
        writer.delete_by_term("id", name)
    writer.commit(optimize=optimize)


def held(folder: Path) -> frozenset[str]:
    """The ids of all documents, found by the terms of their text; whole and the same for both ways to read."""
    ix = arrays.open_dir(folder)
    ix.verify()
    with ix.searcher() as searcher:
        found = [hit["id"] for hit in searcher.search(q.Term("text", "raise"), limit=None)]
        assert len(found) == len(set(found)) == searcher.doc_count()
    without_whoosh = open_snapshot(folder, Scoring())
    if without_whoosh is not None:
        deleted = sum(len(part.deleted) for part in without_whoosh.slices)
        assert without_whoosh.documents - deleted == len(found)
    return frozenset(found)


def forked(work: Callable[[], object]) -> int:
    """The exit code of ``work`` in a fork, or less than 0 the signal that ended it."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def watched(points: crash.Points, folder: Path) -> None:
    """All commits, with sections of files among the points."""
    write = SegmentFile.add

    def add_section(self: SegmentFile, name: str, *rest: Any) -> None:
        points.reach(f"section {name}")
        write(self, name, *rest)

    SegmentFile.add = add_section  # type: ignore[method-assign]
    points.watch()
    for commit in commits(folder):
        commit()


def test_a_writer_killed_anywhere_leaves_the_old_or_the_new_generation(tmp_path: Path) -> None:
    start, folder, log = tmp_path / "start", tmp_path / "ix", tmp_path / "points"
    start.mkdir()
    arrays.create_in(start, fields.Schema(id=fields.ID(stored=True), text=Said(), num=fields.NUMERIC(sortable=True)))
    add(start, "old", 10)
    shutil.copytree(start, folder)
    states = [held(folder)]
    for commit in commits(folder):
        commit()
        states.append(held(folder))
    assert len(set(states)) == 4

    begin_anew(start, folder)
    assert forked(lambda: watched(crash.Points(folder, log=log), folder)) == 0
    points = log.read_text(encoding="utf-8").splitlines()
    assert len(points) > 100, len(points)
    seen = []
    for at in crash.spread(points, POINTS):
        begin_anew(start, folder)
        where = f"killed at {at} of {len(points)}: {points[at - 1]}"
        assert forked(lambda at=at: watched(crash.Points(folder, at, crash.kill), folder)) == -9, where  # type: ignore[misc]
        now = held(folder)
        assert now in states, where
        seen.append(states.index(now))
        add(folder, "later", 1)
        assert held(folder) == now | {"later0"}, where
        assert litter(folder) == [], where
    assert all(before <= after for before, after in pairwise(seen))
    assert set(seen) == set(range(len(states))), "each state is seen"


def begin_anew(start: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(start, folder)


def litter(folder: Path) -> list[str]:
    """Files that nobody needs."""
    ix = arrays.open_dir(folder)
    needed = {segment.path(ix.storage).name for segment in ix._segments()}
    needed |= {f"_MAIN_{ix.latest_generation()}.toc", "_MAIN_segments.json", "MAIN_WRITELOCK"}
    return sorted(path.name for path in folder.iterdir() if path.name not in needed)
