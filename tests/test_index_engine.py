"""What every engine does when it is written, opened and read: one suite for all of them, today Whoosh alone."""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from engines import ANY, SEEN, Open, ask, fill, said, talk, videos, whoosh

from index.arrays.snapshot import open_snapshot
from index.engine import Engine, Filters, Hit, Seen
from index.engine.layout import SCHEMA, SCORING
from index.query import Word, parse
from library.errors import Busy, IndexMissing, SearchError

# Writing and opening


def test_what_was_committed_is_found_and_noted(engine: Engine) -> None:
    fill(engine, v="ask for a raise")
    assert ask(engine, "raise")[0] == Hit("v", 0, 10_000, pytest.approx(ask(engine, "raise")[0].score))
    assert engine.seen() == SEEN


def test_before_the_first_commit_there_is_no_index(engine: Engine) -> None:
    assert engine.seen() is None
    with pytest.raises(IndexMissing) as caught:
        ask(engine, "raise")
    assert "mentor index" in caught.value.hint
    engine.replace(talk("v"), said("raise"))
    with pytest.raises(IndexMissing):
        ask(engine, "raise")


def test_an_empty_library_has_an_index_that_finds_nothing(engine: Engine) -> None:
    engine.commit(SEEN)
    assert engine.search(Word("raise"), ANY, 10).total == 0
    assert engine.suggest("raise") == []
    assert engine.seen() == SEEN


def test_removing_what_is_not_there_leaves_every_talk_once(engine: Engine) -> None:
    fill(engine, a="raise", b="raise")
    engine.remove("c")
    engine.commit(SEEN)
    assert engine.search(Word("raise"), ANY, 10).total == 2


def test_what_is_not_committed_is_not_seen(opened: Open) -> None:
    writer, reader = opened(), opened()
    fill(writer, a="raise")
    writer.replace(talk("b"), said("raise"))
    writer.remove("a")
    assert videos(writer, "raise") == videos(reader, "raise") == ["a"]
    writer.close()
    assert videos(opened(), "raise") == ["a"]


def test_another_engine_sees_a_commit_without_being_opened_again(opened: Open) -> None:
    writer, reader = opened(), opened()
    fill(writer, a="raise")
    assert videos(reader, "raise") == ["a"]
    fill(writer, b="raise")
    assert videos(reader, "raise") == ["a", "b"]


def test_an_engine_can_be_opened_again(opened: Open) -> None:
    first = opened()
    fill(first, a="raise", b="bonus")
    first.close()
    again = opened()
    assert (videos(again, "raise"), again.seen()) == (["a"], SEEN)


def test_an_index_of_several_segments_is_searched_as_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.arrays.writer.RATIO", 0)
    for video_id in "abc":
        fill(engine, **{video_id: [f"raise {video_id}", "bonus"]})
    assert videos(engine, "raise") == ["a", "b", "c"]
    assert videos(engine, "bonus", Filters(since=datetime(2024, 5, 2, tzinfo=UTC))) == ["a", "b", "c"]
    assert {(hit.video_id, hit.start_ms) for hit in ask(engine, "bonus")} == {(video, 10_000) for video in "abc"}


def test_no_talk_is_parted_by_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from index.arrays.writer import ArrayWriter

    monkeypatch.setitem(ArrayWriter.__init__.__kwdefaults__, "gathered_bytes", 1)
    monkeypatch.setattr("index.arrays.writer.ENOUGH", 1)
    engine = whoosh(tmp_path)
    fill(engine, **{video_id: [f"raise {number}" for number in range(50)] for video_id in "abc"})
    snapshot = open_snapshot(tmp_path, SCORING)
    assert snapshot is not None
    held = [
        {snapshot.stored("video", part.first + at) for at in range(part.segment.documents)} for part in snapshot.slices
    ]
    assert held == [{"a"}, {"b"}, {"c"}]


def test_replacing_a_video_leaves_nothing_of_it(engine: Engine) -> None:
    fill(engine, a=["old raise", "old bonus"], b="old bonus")
    engine.replace(talk("a", title="fresh"), said("new raise"))
    engine.commit(SEEN)
    assert videos(engine, "old") == ["b"]
    assert [hit.video_id for hit in ask(engine, "raise")] == ["a"]


def test_the_last_replacement_before_a_commit_counts(engine: Engine) -> None:
    engine.replace(talk("a"), said("first", "first"))
    engine.replace(talk("a"), said("second"))
    engine.replace(talk("b"), said("first"))
    engine.remove("b")
    engine.commit(SEEN)
    assert videos(engine, "first") == []
    assert videos(engine, "second") == ["a"]


def test_a_removed_video_is_gone_and_an_unknown_one_may_be_removed(engine: Engine) -> None:
    fill(engine, a="raise", b="raise")
    engine.remove("a")
    engine.remove("never")
    engine.commit(SEEN)
    assert videos(engine, "raise") == ["b"]
    assert engine.search(Word("raise"), ANY, 10).total == 1


def test_work_repeated_after_a_crash_changes_nothing(opened: Open, tmp_path: Path) -> None:
    engine = opened()
    fill(engine, a="raise")
    before = {path.name: path.read_bytes() for path in (tmp_path / "engine").glob("seen*")}
    engine.replace(talk("a"), said("raise", "bonus"))
    engine.replace(talk("b"), said("raise"))
    engine.commit(Seen("library", 9, SCHEMA))
    expected = engine.search(Word("raise"), ANY, 10)
    for name, content in before.items():
        (tmp_path / "engine" / name).write_bytes(content)
    engine.close()
    again = opened()
    assert again.seen() == SEEN
    again.replace(talk("a"), said("raise", "bonus"))
    again.replace(talk("b"), said("raise"))
    again.commit(Seen("library", 9, SCHEMA))
    assert [hit.video_id for hit in again.search(Word("raise"), ANY, 10).hits] == [h.video_id for h in expected.hits]
    assert again.search(Word("raise"), ANY, 10).total == expected.total == 2


def test_only_one_may_write_at_a_time(opened: Open) -> None:
    first, second = opened(), opened()
    first.replace(talk("a"), said("raise"))
    with pytest.raises(Busy):
        second.replace(talk("b"), said("raise"))
    first.commit(SEEN)
    fill(second, b="raise")
    assert videos(first, "raise") == ["a", "b"]


@pytest.mark.parametrize("tenth", range(10))
def test_a_single_changed_byte_is_found_by_reading_all(opened: Open, tmp_path: Path, tenth: int) -> None:
    engine = opened()
    fill(engine, v=["ask for a raise", "say no to a client"], w="negotiation is a skill")
    engine.verify()
    (path,) = (tmp_path / "engine").glob("*.arr")
    data = bytearray(path.read_bytes())
    place = len(data) * tenth // 10
    # Zeros may be nothing but the space between sections.
    data[next(at for at in range(place, len(data)) if data[at])] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexMissing) as caught:
        opened().verify()
    assert "mentor index --rebuild" in caught.value.hint


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves the file open
@pytest.mark.parametrize("pattern", ["*.toc", "*.arr", "seen.json"])
def test_a_damaged_index_says_how_to_build_it_anew(opened: Open, tmp_path: Path, pattern: str) -> None:
    engine = opened()
    fill(engine, a="raise")
    engine.close()
    for path in (tmp_path / "engine").glob(pattern):
        path.write_bytes(b"\x80garbage")
    with pytest.raises(SearchError) as caught:
        opened().seen()
    assert "mentor index --rebuild" in caught.value.hint
    del caught
    gc.collect()


# What holds for the Whoosh engine alone


_ASKED = [
    "raise", '"ask for a raise"', "neg*", "bonis~", "raise -bonus", "ask raise", '"raise ask" within 3', "+salary raise"
]  # fmt: skip
_NARROWED = [
    ANY,
    Filters(channels=frozenset("x"), since=datetime(2024, 5, 3, tzinfo=UTC)),
    Filters(language="en", longer_ms=60_000, without=(Filters(titles=(Word("gone"),)),)),
]


def _answers(engine: Engine) -> list[list[object]]:
    return [
        [[hit.video_id, hit.start_ms, round(hit.score, 9)] for hit in engine.search(parse(text), filters, 10).hits]
        for text in _ASKED
        for filters in _NARROWED
    ]


def filled_by_chance(folder: Path) -> Engine:
    chance = random.Random(3)
    engine = whoosh(folder)
    words = ["ask", "for", "a", "raise", "negotiate", "bonus", "salary"]
    for at in range(30):
        texts = [" ".join(chance.choices(words, k=8)) for _ in range(4)]
        about = talk(f"v{at}", day=at, channels=(chance.choice("xy"),), minutes=at % 3, title=chance.choice(words))
        engine.replace(about, said(*texts))
        if at % 10 == 9:
            engine.commit(SEEN)
    return engine


def test_searching_needs_no_whoosh_and_finds_the_same_through_whoosh(tmp_path: Path) -> None:
    engine = filled_by_chance(tmp_path)
    code = (
        "import sys, json; from pathlib import Path; sys.path.insert(0, 'tests');"
        "from engines import whoosh; from test_index_engine import _answers;"
        f"print(json.dumps([_answers(whoosh(Path({str(tmp_path)!r}))), [*sys.modules]]))"
    )

    def found() -> tuple[Any, set[str]]:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
        answers, loaded = json.loads(done.stdout)
        return answers, {"whoosh", "whoosh.writing", "whoosh.qparser", "numpy"} & set(loaded)

    assert found() == (_answers(engine), set())
    (tmp_path / "_MAIN_segments.json").unlink()
    assert found() == (_answers(engine), {"whoosh"})
    engine.close()


def test_numpy_is_imported_once_plain_python_has_read_enough_and_finds_the_same(tmp_path: Path) -> None:
    engine = filled_by_chance(tmp_path)
    code = (
        "import sys, json; from pathlib import Path; sys.path.insert(0, 'tests');"
        "from engines import whoosh; from test_index_engine import _answers; from index.arrays import answering;"
        "answering.PLAIN_POSTINGS = 1000;"
        f"engine = whoosh(Path({str(tmp_path)!r}));"
        "engine.suggest('raise'); before = 'numpy' in sys.modules;"
        "print(json.dumps([_answers(engine), before, 'numpy' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert json.loads(done.stdout) == [_answers(engine), False, True]
    engine.close()
