"""Are the best documents of large segments found, though most are never scored?

The best ten must be the first ten of all matches, which are found another way: by scoring every document.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import fields
from whoosh import query as q

from index import arrays
from index.arrays.answering import Answers
from index.arrays.plan import All, Beginning, Not, Phrase, Plan, Term, Terms
from index.arrays.plan import Any as AnyOf
from index.arrays.snapshot import Snapshot

#: How often a word is said, up to four times a document.
WORDS = {f"w{number}": 0.15 / 1.5**number for number in range(10)}
SIZES = (5_000, 4_000, 300, 20)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Four segments, a large one and smaller ones, with a few documents deleted."""
    import numpy  # noqa: F401

    rng = random.Random(5)
    folder = tmp_path_factory.mktemp("index")
    ix = arrays.create_in(folder, fields.Schema(text=fields.TEXT(stored=False), group=fields.ID()))
    for size in SIZES:
        writer = ix.writer()
        for number in range(size):
            said = [word for word, share in WORDS.items() for _ in range(4) if rng.random() < share]
            rng.shuffle(said)
            writer.add_document(text=" ".join(said), group=str(number % 50))
        writer.commit(merge=False)
    writer = ix.writer()
    writer.delete_by_query(q.Term("group", "7"))
    writer.commit(merge=False)
    with ix.searcher() as found:
        assert len(found._answers.snapshot.slices) == len(SIZES)
        yield found


TERMS = st.builds(
    lambda word, boost: Term("text", word.encode(), boost), st.sampled_from([*WORDS, "none"]), st.sampled_from([1, 0.3])
)
PHRASES = st.builds(
    lambda words, slop: Phrase("text", tuple(map(str.encode, words)), slop),
    st.tuples(*[st.sampled_from(list(WORDS)[:5])] * 2),
    st.integers(1, 2),
)
LEAVES = st.one_of(TERMS, TERMS, TERMS, PHRASES, st.just(Terms("text", Beginning(b"w"), always=True)))


def _joined(parts: st.SearchStrategy[Plan]) -> st.SearchStrategy[Plan]:
    several = st.lists(parts, min_size=1, max_size=4).map(tuple)
    boosts = st.sampled_from([1.0, 2.0])
    without = st.builds(
        lambda part, word: All((part, Not(Term("text", word.encode())))), parts, st.sampled_from([*WORDS])
    )
    return st.one_of(st.builds(AnyOf, several, boosts), st.builds(All, several, boosts), without)


FILTERS = st.one_of(
    st.just([]),
    st.integers(0, 49).map(lambda group: [Term("group", str(group).encode())]),
    st.sampled_from([*WORDS]).map(lambda word: [Term("text", word.encode())]),
)


@settings(max_examples=100, deadline=None)
@given(word=TERMS, keep=FILTERS, limit=st.sampled_from([1, 10, 25]))
def test_the_best_with_a_word_are_the_first_of_all(searcher: Any, word: Plan, keep: list[Plan], limit: int) -> None:
    compare(searcher, word, keep, limit)


@settings(max_examples=100, deadline=None)
@given(words=st.lists(TERMS, min_size=2, max_size=5), keep=FILTERS, limit=st.sampled_from([1, 10, 25, 600]))
def test_the_best_with_any_word_are_the_first_of_all(
    searcher: Any, words: list[Plan], keep: list[Plan], limit: int
) -> None:
    compare(searcher, AnyOf(tuple(words)), keep, limit)


@settings(max_examples=100, deadline=None)
@given(words=st.lists(TERMS, min_size=2, max_size=4), keep=FILTERS, limit=st.sampled_from([1, 10, 25, 600]))
def test_the_best_with_all_words_are_the_first_of_all(
    searcher: Any, words: list[Plan], keep: list[Plan], limit: int
) -> None:
    compare(searcher, All((*words, Not(Term("text", b"w9")))), keep, limit)


@settings(max_examples=100, deadline=None)
@given(plan=st.recursive(LEAVES, _joined, max_leaves=6), keep=FILTERS, limit=st.sampled_from([1, 10, 25, 600]))
def test_the_best_are_the_first_of_all(searcher: Any, plan: Plan, keep: list[Plan], limit: int) -> None:
    compare(searcher, plan, keep, limit)


def compare(searcher: Any, plan: Plan, keep: list[Plan], limit: int) -> None:
    """Where nothing is known of the words yet, and where much is."""
    for answers in (Answers(searcher._answers.snapshot), searcher._answers):
        best, every = (answers.best(plan, wanted, keep) for wanted in (limit, None))
        wanted = sorted(zip(_rounded(every.scores, -1), every.documents, strict=True))[:limit]
        assert sorted(zip(_rounded(best.scores, -1), best.documents, strict=True)) == wanted


def _rounded(scores: list[float], sign: int) -> list[float]:
    return [sign * round(score, 9) for score in scores]


def test_equal_documents_come_in_the_order_they_were_added(searcher: Any) -> None:
    found = searcher._answers.best(Terms("text", Beginning(b"w")), 10)
    same = searcher._answers.best(AnyOf((Term("group", b"3"), Term("group", b"4"))), 10)
    assert len(found.documents) == 10
    assert same.documents == sorted(same.documents)


def test_a_word_is_read_once_however_often_it_is_asked_for(searcher: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Term("text", b"w3")
    first = searcher._answers.best(plan, 10)
    monkeypatch.setattr(Snapshot, "idf", None)
    assert searcher._answers.best(plan, 10) == first
