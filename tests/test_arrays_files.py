"""Are files of array segments whole, exact, and told from damaged ones?"""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import fields, formats, index
from whoosh import query as q
from whoosh.index import EmptyIndexError

from index import arrays
from index.arrays import plain, postings, quarters, streams
from index.arrays.answering import Answers
from index.arrays.columns import packed
from index.arrays.format import FOOT, Damaged, Segment, Unsupported, unpacked
from index.arrays.plan import Any as AnyOf
from index.arrays.plan import Scoring, Term
from index.arrays.snapshot import Newest, open_snapshot
from index.arrays.wording import Wording

SCHEMA = fields.Schema(id=fields.ID(stored=True), text=fields.TEXT, num=fields.NUMERIC(sortable=True))


class Ordered(fields.FieldType):  # type: ignore[misc]
    """A field that gives its terms in order."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), None, scorable=True)

    def wording(self, value: list[str]) -> Wording:
        return Wording([" ".join(value)], list)

    def index(self, value: list[str], **_: Any) -> Any:
        for term in dict.fromkeys(value):
            places = [place for place, other in enumerate(value) if other == term]
            yield term.encode(), len(places), float(len(places)), self.format.encode(places)


def an_index(folder: Path, documents: int = 30, commits: int = 2) -> Any:
    rng = random.Random(documents)
    folder.mkdir(exist_ok=True)
    ix = arrays.create_in(folder, SCHEMA)
    for commit in range(commits):
        writer = ix.writer()
        for number in range(documents):
            text = " ".join(rng.choices(["ask", "for", "a", "raise", "now"], k=12))
            writer.add_document(id=f"{commit}-{number}", text=text, num=number)
        writer.commit(merge=False)
    return ix


def ids(ix: Any, word: str = "raise") -> set[str]:
    with ix.searcher() as searcher:
        return {hit["id"] for hit in searcher.search(q.Term("text", word), limit=None)}


numbers = st.one_of(st.integers(0, 3), st.integers(0, 600), st.integers(0, 200_000), st.integers(0, 2**32 - 1))


@given(st.lists(st.lists(numbers, min_size=1, max_size=40), min_size=1, max_size=20))
def test_rows_of_numbers_are_read_as_written(rows: list[list[int]]) -> None:
    counts = np.array([len(row) for row in rows])
    flat = np.array([number for row in rows for number in row], "u4")
    data, sizes, classes = streams.pack(flat, counts)
    ends = np.concatenate(([0], np.cumsum(sizes)))
    assert streams.unpack(data, ends, classes, counts).tolist() == flat.tolist()
    for at, row in enumerate(rows):
        where = int(ends[at]), int(ends[at + 1]), int(classes[at]), len(row)
        assert streams.values(data, *where).tolist() == row
        assert streams.sums(data, *where).tolist() == np.cumsum(row, dtype="i8").tolist()


small = st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 5), st.integers(250, 260), st.integers(0, 200_000))


@given(st.lists(st.lists(small, min_size=1, max_size=40) | st.lists(st.integers(0, 3), min_size=1), min_size=1))
def test_frequencies_are_read_as_written(rows: list[list[int]]) -> None:
    counts = np.array([len(row) for row in rows])
    flat = np.array([number for row in rows for number in row], "u4")
    data, sizes, classes = quarters.pack_frequencies(flat, counts)
    ends = np.concatenate(([0], np.cumsum(sizes)))
    assert len(data) == ends[-1]
    assert quarters.unpack_frequencies(data, ends, classes, counts).tolist() == flat.tolist()
    for start, end, kind, row in zip(ends.tolist(), ends[1:].tolist(), classes.tolist(), rows, strict=False):
        assert quarters.frequencies(data, start, end, kind, len(row)).tolist() == row
        if kind == 3:
            found = postings._tfs_of_quarters(data[start:end].tobytes(), len(row))
            assert list(found) == [number + 1 for number in row]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(st.characters())
        | st.binary()
        | st.datetimes()
        | st.dates(),
        lambda inner: st.lists(inner, max_size=3),
    )
)
def test_stored_values_are_read_as_written(value: Any) -> None:
    assert unpacked(packed(value)) == value


@pytest.mark.parametrize("kind", [fields.TEXT(), Ordered()])
def test_long_documents_are_kept_exactly(kind: Any, tmp_path: Path) -> None:
    words = ["far"] * 70_000 + ["near", "end"]
    value = words if isinstance(kind, Ordered) else " ".join(words)
    ix = arrays.create_in(tmp_path, fields.Schema(text=kind))
    with ix.writer() as writer:
        writer.add_document(text=["near"] if isinstance(kind, Ordered) else "near")
        writer.add_document(text=value)
    with ix.searcher() as searcher:
        assert searcher.reader().postings("text", "far").weight() == 70_000
        assert searcher.reader().postings("text", "far").value_as("positions")[-1] == 69_999
        for phrase in (["far", "near"], ["near", "end"]):
            assert [document for _, document in searcher.search(q.Phrase("text", phrase)).top_n] == [1]


def test_a_changed_byte_is_noticed_and_never_ends_in_another_error(tmp_path: Path) -> None:
    ix = an_index(tmp_path, commits=1)
    (path,) = tmp_path.glob("*.arr")
    whole = path.read_bytes()
    rng = random.Random(4)
    for at in sorted(rng.sample(range(len(whole)), 300)):
        (tmp_path / path.name).unlink()
        path.write_bytes(whole[:at] + bytes([whole[at] ^ rng.randint(1, 255)]) + whole[at + 1 :])
        try:
            with ix.searcher() as searcher:
                for query in (q.Term("text", "ask"), q.Phrase("text", ["ask", "for"]), q.Prefix("text", "r")):
                    searcher.search(query)
        except Damaged:
            continue
        try:
            Segment(path).verify()
        except Damaged:
            continue
        assert at % 8 == 0 or whole[at] == 0, "only padding and unused bytes may change unnoticed"


def test_no_memory_is_taken_for_more_postings_than_there_are_documents(tmp_path: Path) -> None:
    ix = an_index(tmp_path, commits=1)
    changed(tmp_path, "field/text/posting_ends", -1)
    with ix.searcher() as searcher:
        for query in (q.Term("text", "raise"), q.Prefix("text", "r"), q.Every("text")):
            with pytest.raises(Damaged, match="more postings"):
                searcher.search(query)
        with pytest.raises(Damaged, match="more postings"):
            searcher.counts(q.Every(), "text")


@pytest.mark.parametrize("kind", [TypeError, MemoryError, KeyError])
def test_whatever_is_raised_while_matches_are_counted_is_damage_where_a_checksum_differs(
    kind: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise kind

    monkeypatch.setattr("index.arrays.vector.count", failing)
    for name, error in (("whole", kind), ("damaged", Damaged)):
        ix = an_index(tmp_path / name, commits=1)
        if error is Damaged:
            changed(tmp_path / name, "field/text/places", 0)
        with ix.searcher() as searcher, pytest.raises(error):
            len(searcher.search(q.Term("text", "raise"), limit=1))


@pytest.mark.parametrize("at", [0, 2, 7])
def test_a_changed_value_is_damage(at: int, tmp_path: Path) -> None:
    ix = arrays.create_in(tmp_path, fields.Schema(when=fields.STORED))
    with ix.writer() as writer:
        writer.add_document(when=date(2026, 1, 31))
    changed(tmp_path, "stored/when/values", at)
    with ix.searcher() as searcher, pytest.raises(Damaged, match="a value of when"):
        searcher.stored_fields(0)


def changed(folder: Path, section: str, at: int) -> None:
    """Give a byte of a section another value."""
    (path,) = folder.glob("*.arr")
    offset, size, *_ = Segment(path)._sections[section]
    data = bytearray(path.read_bytes())
    data[offset + at % size] ^= 1
    path.unlink()
    path.write_bytes(data)


def test_a_changed_byte_is_noticed_before_it_is_merged(tmp_path: Path) -> None:
    rng = random.Random(5)
    for number in range(20):
        ix = an_index(tmp_path / str(number))
        path = rng.choice(sorted((tmp_path / str(number)).glob("*.arr")))
        whole = path.read_bytes()
        offset, size, *_ = rng.choice([section for section in Segment(path)._sections.values() if section.size])
        at = offset + rng.randrange(size)
        path.unlink()
        path.write_bytes(whole[:at] + bytes([whole[at] ^ rng.randint(1, 255)]) + whole[at + 1 :])
        writer = ix.writer()
        with pytest.raises(Damaged, match="changed since"):
            writer.commit(optimize=True)
        writer.writelock.release()
        assert arrays.open_dir(tmp_path / str(number)).latest_generation() == ix.latest_generation()


@pytest.mark.parametrize("size", [0, 10, 200, -1])
def test_a_file_cut_short_is_damaged(size: int, tmp_path: Path) -> None:
    ix = an_index(tmp_path, commits=1)
    (path,) = tmp_path.glob("*.arr")
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[:size])
    with pytest.raises(Damaged):
        ix.searcher()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_missing_file_and_a_broken_table_of_contents_are_damage(tmp_path: Path) -> None:
    ix = an_index(tmp_path, commits=1)
    (path,) = tmp_path.glob("*.arr")
    path.unlink()
    with pytest.raises(Damaged, match="missing"):
        ix.searcher()
    (toc,) = tmp_path.glob("*.toc")
    toc.write_bytes(toc.read_bytes()[:60])
    with pytest.raises(Damaged, match="table of contents"):
        arrays.open_dir(tmp_path)
    gc.collect()  # Whoosh leaves the file open
    (tmp_path / "empty").mkdir()
    with pytest.raises(EmptyIndexError):
        arrays.open_dir(tmp_path / "empty")


def test_a_later_format_is_refused_by_its_number(tmp_path: Path) -> None:
    an_index(tmp_path, commits=1)
    (path,) = tmp_path.glob("*.arr")
    data = bytearray(path.read_bytes())
    path.unlink()
    data[8] = 99
    path.write_bytes(data)
    assert len(data) > FOOT.size
    with pytest.raises(Damaged, match="format 99"):
        Segment(path)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_crash_at_any_step_leaves_the_old_or_the_new_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(BaseException):
        pass

    steps = {"left": 0}
    number, done = 0, False

    def crashing(function: Any) -> Any:
        def step(*given: Any, **options: Any) -> Any:
            steps["left"] -= 1
            if steps["left"] < 0:
                raise Crash
            return function(*given, **options)

        return step

    while not done:
        folder = tmp_path / str(number)
        an_index(folder)
        old = ids(arrays.open_dir(folder))
        with monkeypatch.context() as patched:
            for owner, name in [("os", "fsync"), ("os", "replace"), ("os", "remove"), ("os", "unlink"), ("os", "open")]:
                patched.setattr(f"{owner}.{name}", crashing(getattr(__import__(owner), name)))
            patched.setattr("index.arrays.format.SegmentFile.add", crashing(arrays.format.SegmentFile.add))
            steps["left"], writer = number, None
            try:
                writer = arrays.open_dir(folder).writer()
                writer.delete_by_term("id", "0-3")
                writer.add_document(id="new", text="raise raise", num=1)
                writer.commit(optimize=True)
                done = True
            except Crash:
                if writer is not None:
                    writer.writelock.release()
        now = ids(arrays.open_dir(folder))
        assert now in (old, (old | {"new"}) - {"0-3"})
        arrays.open_dir(folder).verify()
        number += 1
        assert now != old or not done
        with arrays.open_dir(folder).writer() as writer:
            writer.add_document(id="later", text="raise", num=2)
        assert ids(arrays.open_dir(folder)) == now | {"later"}
    assert number > 40


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks up what an open file is called")
def test_a_commit_waits_for_the_disk_before_it_is_visible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ix = an_index(tmp_path)
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noting_fsync(handle: int) -> None:
        done.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    def noting_replace(self: Path, target: Path) -> Path:
        done.append(f"named {target.name}")
        return replace(self, target)

    monkeypatch.setattr("os.fsync", noting_fsync)
    monkeypatch.setattr(Path, "replace", noting_replace)
    with ix.writer() as writer:
        writer.add_document(id="new", text="raise", num=1)
    named = done.index("named _MAIN_3.toc")
    assert [name.split(".")[0] for name in done[:named]][-1] == "_MAIN_3"
    assert any(name.endswith(".arr") for name in done[:named])
    assert done[named + 1] == tmp_path.name


def test_an_old_reader_keeps_its_generation_and_files_go_when_nobody_needs_them(tmp_path: Path) -> None:
    ix = an_index(tmp_path)
    searcher = ix.searcher()
    before = ids(ix)
    with ix.writer() as writer:
        writer.delete_by_term("id", "0-1")
        writer.optimize = True
    assert {hit["id"] for hit in searcher.search(q.Term("text", "raise"), limit=None)} == before
    assert not searcher.up_to_date()
    fresh = searcher.refresh()
    assert {hit["id"] for hit in fresh.search(q.Term("text", "raise"), limit=None)} == before - {"0-1"}
    assert len(list(tmp_path.glob("*.arr"))) == 1


def test_an_index_without_documents_is_searched_too(tmp_path: Path) -> None:
    ix = arrays.create_in(tmp_path, SCHEMA)
    for _ in range(2):
        with ix.searcher() as searcher:
            assert [len(part) for part in searcher.matches(q.Term("text", "raise"))] == [0, 0]
            assert searcher.counts(q.Every(), "text") == {}
            assert len(searcher.search(q.Or([q.Term("text", "raise"), q.Prefix("text", "a")]))) == 0
        with ix.writer() as writer:
            writer.add_document(id="gone", text="raise", num=1)
            writer.delete_added(range(1))


def test_a_cancelled_writer_leaves_nothing(tmp_path: Path) -> None:
    ix = an_index(tmp_path)
    files = sorted(path.name for path in tmp_path.iterdir())
    writer = ix.writer(gathered_bytes=1)
    for number in range(200):
        writer.add_document(id=str(number), text="raise a raise", num=number)
    writer.cancel()
    assert sorted(path.name for path in tmp_path.iterdir()) == files


def test_what_one_commit_writes_in_large_parts_is_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.arrays.writer.ENOUGH", 20)
    ix = arrays.create_in(tmp_path, SCHEMA)
    with ix.writer(gathered_bytes=1) as writer:
        for number in range(100):
            writer.add_document(id=str(number), text="raise", num=number)
    assert [segment.doc_count() for segment in ix._segments()] == [32, 32, 32, 4]
    ix.writer().commit(optimize=True)
    assert [segment.doc_count() for segment in ix._segments()] == [100]


def test_a_group_of_documents_stands_in_one_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.arrays.writer.ENOUGH", 20)
    ix = arrays.create_in(tmp_path, SCHEMA)
    with ix.writer(gathered_bytes=1) as writer:
        for group in range(3):
            with writer.group():
                for number in range(40):
                    writer.add_document(id=f"{group}-{number}", text="raise", num=number)
    assert [segment.doc_count() for segment in ix._segments()] == [40, 40, 40]


def test_documents_just_added_can_be_deleted(tmp_path: Path) -> None:
    ix = an_index(tmp_path, documents=2, commits=1)
    with ix.writer(gathered_bytes=1) as writer:
        for number in range(150):
            writer.add_document(id=f"new-{number}", text="raise", num=number)
        writer.delete_added(range(148))
        writer.delete_document(2 + 148)
    assert {name for name in ids(ix) if name.startswith("new")} == {"new-149"}


def test_many_small_commits_leave_few_segments(tmp_path: Path) -> None:
    ix = an_index(tmp_path, documents=2)
    for number in range(60):
        with ix.writer() as writer:
            writer.add_document(id=f"n{number}", text="raise", num=number)
    assert len(ix._segments()) <= 2
    assert len({name for name in ids(ix) if name.startswith("n")}) == 60


@pytest.mark.parametrize("removed", [[], ["none"], ["0-3"]])
def test_a_commit_that_adds_nothing_leaves_each_document_once(removed: list[str], tmp_path: Path) -> None:
    ix = an_index(tmp_path, commits=1)
    before = ids(ix)
    for _ in range(2):
        with ix.writer() as writer:
            for name in removed:
                writer.delete_by_term("id", name)
    with ix.searcher() as searcher:
        assert searcher.doc_count() == 30 - (removed == ["0-3"])
    assert ids(ix) == before - set(removed)
    assert len(list(tmp_path.glob("*.arr"))) == len(ix._segments()) == 1


def test_a_boost_that_is_no_number_is_refused_with_its_document_alone(tmp_path: Path) -> None:
    ix = an_index(tmp_path, documents=1, commits=1)
    with ix.writer() as writer:
        with pytest.raises(ValueError, match="much"):
            writer.add_document(id="wrong", text="raise", _text_boost="much")
        writer.add_document(id="first", text="raise")
        writer.add_document(id="second", text="raise")
    assert {"first", "second"} <= ids(ix) <= {"first", "second", "0-0"}


def test_a_plain_whoosh_index_is_taken_over(tmp_path: Path) -> None:
    plainly = index.create_in(str(tmp_path), SCHEMA)
    with plainly.writer() as writer:
        for number in range(20):
            writer.add_document(id=str(number), text="ask for a raise", num=number)
    ix = arrays.open_dir(tmp_path)
    with ix.searcher() as searcher:
        before = searcher.search(q.Phrase("text", ["ask", "raise"], slop=3), limit=None).top_n
    ix.writer().commit(optimize=True)
    with ix.searcher() as searcher:
        after = searcher.search(q.Phrase("text", ["ask", "raise"], slop=3), limit=None).top_n
        assert searcher.reader().column_reader("num")[7] == 7
    assert [path.suffix for path in tmp_path.glob("MAIN_*.*")] == [".arr"]
    assert [(document, round(score, 9)) for score, document in after] == [
        (document, round(score, 9)) for score, document in before
    ]


def test_what_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    ix = arrays.create_in(tmp_path, fields.Schema(text=fields.TEXT(vector=True), any=fields.STORED))
    with pytest.raises(Unsupported, match="vectors"), ix.writer() as writer:
        writer.add_document(text="ask")
    with pytest.raises(Unsupported, match="dict"), ix.writer() as writer:
        writer.add_document(any={"a": 1})


def test_highlights_and_pages_are_whooshs_own(tmp_path: Path) -> None:
    ix = arrays.create_in(tmp_path, fields.Schema(text=fields.TEXT(stored=True)))
    with ix.writer() as writer:
        for _ in range(25):
            writer.add_document(text="how to ask for a raise")
    with ix.searcher() as searcher:
        page = searcher.search_page(q.Term("text", "raise"), 3)
        assert (page.pagenum, page.pagecount, page.total) == (3, 3, 25)
        assert page[0].highlights("text") == 'how to ask for a <b class="match term0">raise</b>'


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_read_without_whoosh_is_what_whoosh_reads(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    ix = an_index(tmp_path / str(seed), chance.randint(1, 9), chance.randint(1, 4))
    with ix.writer() as writer:
        for _ in range(3):
            writer.delete_by_term("id", f"{chance.randrange(4)}-{chance.randrange(9)}")
    folder, scoring = Path(ix.storage.folder), Scoring(exact=True)
    own, through_whoosh = open_snapshot(folder, scoring), ix.snapshot(scoring)
    assert own is not None
    plan = AnyOf(tuple(Term("text", chance.choice([b"raise", b"now", b"ask", b"none"])) for _ in range(3)))
    assert Answers(own).matches(plan)[0].tolist() == Answers(through_whoosh).matches(plan)[0].tolist()
    assert Answers(own).best(plan, 5) == Answers(through_whoosh).best(plan, 5)
    with ix.reader() as reader:
        assert [*own.terms("text")] == [*reader.lexicon("text")]
        assert [*own.terms("id", b"1-")] == [*reader.expand_prefix("id", "1-")]
        assert [own.df("text", term) for term in own.terms("text")] == [
            reader.doc_frequency("text", term) for term in reader.lexicon("text")
        ]
        numbers = reader.column_reader("num") if reader.doc_count() else ()
        for document in reader.all_doc_ids():
            assert own.stored("id", document) == reader.stored_fields(document)["id"]
            assert ix.schema["num"].from_column_value(own.column("num")[document]) == numbers[document]


def test_a_commit_whose_list_of_segments_is_missing_or_old_needs_whoosh(tmp_path: Path) -> None:
    ix = an_index(tmp_path)
    listed = tmp_path / "_MAIN_segments.json"
    before = listed.read_bytes()
    assert open_snapshot(tmp_path, Scoring()) is not None
    with ix.writer() as writer:
        writer.delete_by_term("id", "1-1")
    listed.write_bytes(before)
    assert open_snapshot(tmp_path, Scoring()) is None
    listed.unlink()
    assert open_snapshot(tmp_path, Scoring()) is None
    assert ix.snapshot(Scoring()).documents == 59


def test_a_query_is_answered_without_whoosh_and_numpy(tmp_path: Path) -> None:
    ix = an_index(tmp_path)
    with ix.writer() as writer:
        writer.delete_by_term("id", "1-1")
    code = (
        "import sys; from pathlib import Path; from index.arrays import open_snapshot, plain;"
        "from index.arrays.plan import Any, Scoring, Term;"
        f"found = open_snapshot(Path({str(tmp_path)!r}), Scoring());"
        "plan = Any((Term('text', b'raise'), Term('text', b'ask')));"
        "print(plain.best(plan, found, 5).documents);"
        "print([name for name in sys.modules if name in ('whoosh.searching', 'numpy')])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    with ix.searcher() as searcher:
        wanted = [
            document
            for _, document in searcher.search(q.Or([q.Term("text", "raise"), q.Term("text", "ask")]), limit=5).top_n
        ]
    assert said.stdout.split("\n")[:2] == [str(wanted), "[]"]
    assert plain.effort(AnyOf((Term("text", b"raise"),)), searcher._answers.snapshot) >= len(ids(ix))
    assert Scoring().b_for("text") == 0.75


def test_a_commit_is_seen_by_its_list_of_segments_or_without_it(tmp_path: Path) -> None:
    ix = arrays.create_in(tmp_path, fields.Schema(text=fields.TEXT()))
    newest = Newest(tmp_path)
    found = [newest.generation()]
    for text in ("one", "two"):
        with ix.writer() as writer:
            writer.add_document(text=text)
        found.append(newest.generation())
    (tmp_path / "_MAIN_segments.json").unlink()
    with ix.writer() as writer:
        writer.add_document(text="three")
    (tmp_path / "_MAIN_segments.json").unlink()
    assert [*found, newest.generation()] == [0, 1, 2, 3]
