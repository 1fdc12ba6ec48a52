"""Are the scores of a term the same however few of them are worked out, and in whatever order they are asked for?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import fields

from index import arrays
from index.arrays import rows, snapshot
from index.arrays.leaf import HEAD, Leaf, Norms, Postings, Row, bm25
from index.arrays.rows import Kept, Mask, kept

SIZE = 9_000
K1 = 1.2

#: How many documents hold the term, the share that holds it once, and the kind of numbers that tell how often.
ROWS = st.tuples(
    st.sampled_from([0, 1, 30, 150, 700, 2_500, 6_000]), st.sampled_from([0.7, 0.99]), st.sampled_from("uif")
)


def made(about: tuple[int, float, str], seed: int) -> tuple[Postings, Any]:
    """A row, and what its factors should be."""
    count, once, kind = about
    rng = np.random.default_rng(seed)
    docs = np.sort(rng.choice(SIZE, count, replace=False))
    often: Any = rng.geometric(once, count) / (2 if kind == "f" else 1)
    tfs = often.astype({"u": "u1", "i": "i8", "f": "f8"}[kind]) * (1 if kind != "i" else 100)
    often = tfs.astype("f8")
    norms = rng.choice([0.3, 0.4, 0.9, 1.2, 1.7, 3.0], SIZE)
    row = Postings(docs, tfs, Norms(norms, float(norms.min())), K1, SIZE)
    return row, (K1 + 1) * often / (often + norms[docs])


@settings(max_examples=150, deadline=None)
@given(ROWS, st.integers(0, 99), st.lists(st.sampled_from(["head", "reaching", "at", "holds", "peak"]), max_size=9))
def test_what_is_worked_out_of_a_row_is_the_same_in_whatever_order(about: Any, seed: int, steps: list[str]) -> None:
    row, factors = made(about, seed)
    rng = np.random.default_rng(seed)
    for step in [*steps, "head", "reaching", "at"]:
        if step == "head":
            best = sorted(zip((-factors).tolist(), row.docs.tolist(), strict=True))[:HEAD]
            assert row.head == [(-factor, doc) for factor, doc in best]
        if step == "reaching":
            least = float(rng.choice([0.5, 1.3, 1.7, 1.9, 2.1]))
            docs, found = row.reaching(least)
            assert docs.tolist() == row.docs[factors >= least].tolist()
            assert found.tolist() == factors[factors >= least].tolist()
        if step == "at":
            some = np.sort(rng.choice(len(row.docs), rng.integers(0, len(row.docs) + 1), replace=False))
            assert row.at(row.docs[some]).tolist() == factors[some].tolist()
        if step == "holds":
            docs = np.sort(rng.choice(SIZE, int(rng.choice([0, 5, 300, 4_000])), replace=False))
            assert row.holds(docs, SIZE).tolist() == np.isin(docs, row.docs).tolist()
        if step == "peak":
            assert row.peak >= factors.max(initial=0.0) or not len(factors)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.integers(0, 99), st.integers(0, SIZE), st.integers(0, 600), st.integers(1, 3))
def test_a_filter_lets_through_what_its_documents_are(about: Any, seed: int, first: int, count: int, step: int) -> None:
    row, factors = made(about, seed)
    bits = np.zeros(SIZE, bool)
    bits[first : first + count : step] = True
    mask = Mask.of(bits)
    assert mask.none == (not bits.any())
    for _ in range(3):
        found = kept(Leaf(row, 2.0), mask)
        assert found.docs.tolist() == row.docs[bits[row.docs]].tolist()
        assert found.scores.tolist() == (factors[bits[row.docs]] * 2.0).tolist()


def test_a_run_of_documents_is_known_as_such() -> None:
    bits = np.zeros(SIZE, bool)
    bits[50:90] = True
    run = Mask.of(bits).run
    assert run is not None
    assert run.tolist() == [50, 90]
    bits[200] = True
    assert Mask.of(bits).run is None
    assert Mask.of(np.ones(SIZE, bool)).docs is None


def test_what_is_kept_of_terms_is_bounded_and_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Row(np.arange(100), np.ones(100))
    monkeypatch.setattr(rows, "KEPT_BYTES", 10 * row.nbytes)
    remembered, numbers = Kept(), list[int]()

    def make(number: int) -> Row:
        numbers.append(number)
        return Row(np.arange(100), np.ones(100))

    for number in range(50):
        remembered.get((number,), partial(make, number))
        remembered.get((0,), partial(make, 0))
    assert numbers == list(range(50)), "what is asked for again and again stays"
    assert len(remembered._found) == 10
    remembered.get((1,), partial(make, 1))
    assert numbers[-1] == 1


def test_how_telling_terms_are_is_remembered_of_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "REMEMBERED", 3)
    ix = arrays.create_in(tmp_path, fields.Schema(text=fields.TEXT))
    with ix.writer() as writer:
        writer.add_document(text="a b c d e f g")
    with ix.searcher() as searcher:
        found = searcher._answers.snapshot
        assert len({found.idf("text", letter.encode()) for letter in "bcdefg"}) == 1
        assert len(found._idf) <= 3


def test_a_factor_is_that_of_bm25() -> None:
    found = bm25(np.array([1, 3], "u1"), np.array([0.5, 1.0]), K1)
    assert found.tolist() == [2.2 / 1.5, 2.2 * 3 / 4]
