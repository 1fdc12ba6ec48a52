"""Does a segment that others are put behind stay as it is written, and still hold what all of them hold?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from whoosh import fields
from whoosh import query as q

from index import arrays
from index.arrays import field_file
from index.arrays.blocks import Block
from index.arrays.field_file import FieldFile
from index.arrays.format import Field, Segment, SegmentFile
from index.arrays.joining import read
from index.arrays.splicing import Spliced

SCHEMA = fields.Schema(id=fields.ID(stored=True), text=fields.TEXT, num=fields.NUMERIC(sortable=True))

#: The documents of a term, the frequency in each, and its places there as gaps.
Row = tuple[list[int], list[int], list[int]]


def some_rows(rng: random.Random, documents: int) -> dict[bytes, Row]:
    """Terms with short and long rows, of small and large numbers."""
    words = [f"{start}{rest}" for start in ("", "a", "longer-than-8") for rest in ("", "\0", "b", "bc", "é")]
    found = {}
    for term in rng.sample(words, rng.randint(1, len(words))):
        near = rng.choice([documents, min(documents, 90), min(documents, 4_000)])
        docs = sorted(rng.sample(range(near), min(near, rng.choice([1, 2, 5, 70]))))
        most = rng.choice([1, 1, 3, 9, 300] if len(docs) > 5 else [1, 2, 1_200])
        usual = rng.choice([0, 1, 3])
        tfs = [rng.choice([1] * usual + [rng.randint(1 + most // 2, most)]) for _ in docs]
        widest = rng.choice([0, 100, 2_000, 1_000_000])
        found[term.encode()] = docs, tfs, [rng.randint(widest // 2, widest) for _ in range(sum(tfs))]
    return found


def a_block(rows: dict[bytes, Row], first: int = 0) -> Block:
    terms = sorted(rows)
    docs, tfs, places = (np.array([number for term in terms for number in rows[term][part]], "u4") for part in range(3))
    return Block(terms, np.array([len(rows[term][0]) for term in terms]), docs + np.uint32(first), tfs, places)


def written(path: Path, documents: int, blocks: Sequence[Block], base: Field | None = None) -> Field:
    """The only field of a new segment."""
    out = SegmentFile(path)
    file = FieldFile("text", positions=True, weighted=False, values=False, base=base)
    for block in blocks:
        file.add(block)
    known = {"text": file.write(out, None)}
    out.close({"documents": documents, "fields": known, "columns": {}, "stored": []})
    segment = Segment(path)
    segment.verify()
    found = segment.field("text")
    assert found is not None
    return found


def rows_of(block: Block) -> dict[bytes, Row]:
    ends = [0, *accumulate(block.counts.tolist())]
    places_at = [0, *accumulate(block.tfs.tolist())]
    assert block.places is not None
    docs, tfs, places = (numbers.tolist() for numbers in (block.docs, block.tfs, block.places))
    return {
        term: (docs[start:end], tfs[start:end], places[places_at[start] : places_at[end]])
        for term, start, end in zip(block.terms, ends, ends[1:], strict=False)
    }


def together(rows: dict[bytes, Row], more: dict[bytes, Row], first: int) -> dict[bytes, Row]:
    found = {}
    for term in sorted(rows.keys() | more.keys()):
        docs, tfs, places = rows.get(term, ([], [], []))
        more_docs, more_tfs, more_places = more.get(term, ([], [], []))
        found[term] = docs + [first + doc for doc in more_docs], tfs + more_tfs, places + more_places
    return found


def test_rows_of_all_classes_go_on_and_others_are_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone_on = set()
    for seed in range(80):
        rng = random.Random(seed)
        monkeypatch.setattr("index.arrays.bases._SHORT", rng.choice([2, 5, 64]))
        monkeypatch.setattr(field_file, "_PACKED", rng.choice([1, 200, 1 << 18]))
        documents = rng.choice([90, 4_000, 300_000])
        rows, more = some_rows(rng, documents), some_rows(rng, rng.choice([90, 300_000]))
        if rng.random() < 0.5:  # rows much like those they follow
            more |= {term: row for term, row in rows.items() if term in more}
        base = written(tmp_path / f"{seed}-base", documents, [a_block(rows)])
        block = a_block(more, documents)
        half = rng.randint(0, len(more))
        parts = [part for part in (block.cut(0, half), block.cut(half, len(more))) if part.terms]
        grown = written(tmp_path / f"{seed}", documents + 300_000, parts, base)
        wanted = together(rows, more, documents)
        assert rows_of(read(grown, slice(0, len(grown)), positions=True)) == wanted
        assert [grown.find(term) for term in wanted] == list(range(len(wanted)))
        gone_on |= {kept for term in rows.keys() & more.keys() for kept in kept_rows(base, grown, term)}
    assert gone_on >= {("docs", kind) for kind in (1, 2, 3)}
    assert gone_on >= {(part, kind) for part in ("tfs", "places") for kind in range(4)}


def kept_rows(base: Field, grown: Field, term: bytes) -> list[tuple[str, int]]:
    """Which parts of a term begin with all that is written in the base, and their classes there."""
    at, now = base.find(term), grown.find(term)
    found = []
    for part, ends, shift in (("docs", "doc_ends", 0), ("tfs", "tf_ends", 2), ("places", "place_ends", 4)):
        kind = base.classes[at] >> shift & 3
        before, after = (
            bytes(getattr(field, part)[getattr(field, ends)[row] : getattr(field, ends)[row + 1]])
            for field, row in ((base, at), (grown, now))
        )
        if part == "tfs" and kind == 3:
            before = before[: base.df(at) // 4]
        if kind == grown.classes[now] >> shift & 3 and after.startswith(before):
            found.append((part, kind))
    return found


def test_a_base_alone_stays_byte_for_byte(tmp_path: Path) -> None:
    base = written(tmp_path / "base", 4_000, [a_block(some_rows(random.Random(3), 4_000))])
    written(tmp_path / "again", 4_000, [], base)
    sections = [Segment(tmp_path / name) for name in ("base", "again")]
    for name in sections[0]._sections:
        assert bytes(sections[0].view(name)) == bytes(sections[1].view(name))


@pytest.mark.parametrize("seed", range(20))
def test_pieces_are_put_where_they_belong(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr("index.arrays.splicing._JOINED_BYTES", rng.choice([1, 7, 1 << 20]))
    base, wanted, done = rng.randbytes(rng.randint(0, 50)), b"", 0
    spliced = Spliced(base)
    for _ in range(rng.randint(0, 4)):
        pieces, at, skipped = [], [], []
        for _ in range(rng.randint(1, 6)):
            at.append(rng.randint(done, min(len(base), done + 9)))
            skipped.append(rng.choice([0, rng.randint(0, len(base) - at[-1])]))
            pieces.append(rng.randbytes(rng.choice([0, 1, 5])))
            wanted += base[done : at[-1]] + pieces[-1]
            done = at[-1] + skipped[-1]
        spliced.put(b"".join(pieces), np.array(list(map(len, pieces))), np.array(at), np.array(skipped))
    spliced.append(b"end")
    assert b"".join(map(bytes, spliced.chunks())) == wanted + base[done:] + b"end"
    spliced.close()


def nightly(folder: Path, nights: int, *, documents: int = 40) -> Any:
    """An index of two hundred documents, and a few more a night, of which an early one is deleted each time."""
    rng = random.Random(nights)
    ix = arrays.create_in(folder, SCHEMA)
    for night in range(nights + 1):
        with ix.writer() as writer:
            if night:
                writer.delete_by_term("id", f"0-{night}")
            for number in range(documents if night else 200):
                text = " ".join(rng.choices(["ask", "for", "a", "raise", f"only-{night}"], k=12))
                writer.add_document(id=f"{night}-{number}", text=text, num=number)
    return ix


def test_nights_go_into_one_segment_which_is_copied_with_what_is_deleted_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten = []

    def noting(field: Field, rows: slice, *, positions: bool) -> Block:
        rewritten.append(field.documents)
        return read(field, rows, positions=positions)

    monkeypatch.setattr("index.arrays.merging.read", noting)
    monkeypatch.setattr("index.arrays.writer.AT_ONCE", 150)
    ix = nightly(tmp_path, 5)
    assert set(rewritten) == {40}
    (segment,) = ix._segments()
    assert (segment.doc_count_all(), sorted(segment.deleted_docs())) == (400, [1, 2, 3, 4, 5])
    with ix.searcher() as searcher:
        found = searcher.search(q.Every(), limit=None)
        assert {hit["id"] for hit in found} == {
            f"{night}-{number}" for night in range(1, 6) for number in range(40)
        } | {f"0-{number}" for number in range(200) if number not in range(1, 6)}
        assert len(searcher.search(q.Term("text", "only-3"), limit=None)) <= 40
    ix.writer().commit(optimize=True)
    (segment,) = ix._segments()
    assert (segment.doc_count_all(), segment.deleted_count()) == (395, 0)


def test_deleted_documents_of_a_small_segment_or_of_most_of_one_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ix = nightly(tmp_path, 2)
    assert [(segment.doc_count_all(), segment.deleted_count()) for segment in ix._segments()] == [(278, 0)]
    monkeypatch.setattr("index.arrays.writer.AT_ONCE", 100)
    with ix.writer() as writer:
        for number in range(3, 150):
            writer.delete_by_term("id", f"0-{number}")
    assert [(segment.doc_count_all(), segment.deleted_count()) for segment in ix._segments()] == [(131, 0)]


def test_a_commit_writes_few_documents_anew_besides_the_segment_it_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.arrays.writer.AT_ONCE", 100)
    monkeypatch.setattr("index.arrays.writer.LARGEST", 500)
    ix = arrays.create_in(tmp_path, SCHEMA)
    sizes = []
    for added in (150, 150, 10, 60, 160, 1):
        writer = ix.writer()
        for number in range(added):
            writer.add_document(id=f"{len(sizes)}-{number}", text="raise", num=number)
        writer.commit(merge=len(sizes) != 1)
        sizes.append(sorted(segment.doc_count_all() for segment in ix._segments()))
    assert sizes == [[150], [150, 150], [150, 160], [160, 210], [210, 320], [211, 320]]


def test_a_field_that_the_largest_segment_lacks_is_merged_too(tmp_path: Path) -> None:
    ix = arrays.create_in(tmp_path, SCHEMA)
    for added, text in ((60, None), (40, "ask"), (20, "ask now")):
        writer = ix.writer()
        for number in range(added):
            writer.add_document(id=f"{added}-{number}", text=text)
        writer.commit(merge=False)
    ix.writer().commit(optimize=True)
    with ix.searcher() as searcher:
        found = [[hit["id"] for hit in searcher.search(q.Term("text", word), limit=None)] for word in ("ask", "now")]
    assert sorted(found[0]) == sorted([f"40-{at}" for at in range(40)] + [f"20-{at}" for at in range(20)])
    assert sorted(found[1]) == sorted(f"20-{at}" for at in range(20))
