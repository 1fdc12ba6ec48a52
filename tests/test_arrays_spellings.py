"""Are words spelt nearly alike found, one by one and all at once?"""

from __future__ import annotations

from itertools import accumulate, chain, product
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import fields

from index import arrays
from index.arrays.edits import edits
from index.arrays.expanding import expanded
from index.arrays.format import Field
from index.arrays.likeness import likely
from index.arrays.plan import Near
from index.arrays.spellings import Spellings

WORDS = st.text("abcé日", max_size=7)


@pytest.mark.parametrize(
    ("one", "other", "without_swaps", "with_swaps"),
    [
        ("kitten", "sitting", 3, 3),
        ("ntohing", "nothing", 2, 1),
        ("ca", "abc", 3, 3),
        ("", "ab", 2, 2),
        ("naïve", "naive", 1, 1),
    ],
)
def test_edits_are_counted(one: str, other: str, without_swaps: int, with_swaps: int) -> None:
    for a, b in ((one, other), (other, one)):
        assert edits(a, b) == without_swaps
        assert edits(a, b, swaps=True) == with_swaps


@given(st.lists(WORDS, max_size=30), WORDS, st.integers(0, 3), st.booleans())
def test_all_at_once_finds_what_one_by_one_finds(terms: list[str], word: str, most: int, swaps: bool) -> None:
    encoded = [term.encode() for term in terms]
    ends = list(accumulate(map(len, encoded), initial=0))
    wanted = [at for at, term in enumerate(terms) if edits(word, term, swaps=swaps) <= most]
    assert Spellings(b"".join(encoded), ends).near(word, most, swaps=swaps) == wanted


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Field:
    """A field with all words of at most six of these letters."""
    ix = arrays.create_in(tmp_path_factory.mktemp("index"), fields.Schema(text=fields.KEYWORD))
    with ix.writer() as writer:
        words = chain.from_iterable(product("abé", repeat=count) for count in range(7))
        writer.add_document(text=" ".join(map("".join, words)))
    with ix.searcher() as searcher:
        found: Field = searcher.reader()._terms.segment.field("text")
    return found


@given(WORDS, st.integers(0, 3), st.booleans())
def test_no_term_is_missed_among_those_that_are_compared(everything: Field, word: str, most: int, swaps: bool) -> None:
    terms = [term.decode() for term in everything.terms()]
    wanted = {at for at, term in enumerate(terms) if edits(word, term, swaps=swaps) <= most}
    compared = likely(word, most, everything)
    assert wanted <= set(compared)
    assert list(compared) == sorted(set(compared))


def test_terms_that_share_nothing_with_a_word_are_not_compared_to_it(everything: Field) -> None:
    compared = {everything.term(at).decode() for at in likely("aabaaa", 2, everything)}
    assert {"aabaaé", "baabaa", "aabbaa"} <= compared
    assert not {"éééééé", "bbbbbb", "ééaéaé"} & compared


def test_without_numpy_the_same_terms_are_near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ix = arrays.create_in(tmp_path, fields.Schema(text=fields.KEYWORD))
    with ix.writer() as writer:
        writer.add_document(text="nothing thing storing noting ntohing nothin Ärger ärgern ager 日本語 日本")
    wanted = {
        Near("nothing", 2, swaps=True): "noting nothin nothing ntohing thing",
        Near("nothing", 1): "nothin nothing noting",
        Near("nothing", 2, same=2): "nothin nothing noting",
        Near("ärger", 1): "Ärger ärgern",
        Near("日本語", 1): "日本 日本語",
    }
    with ix.searcher() as searcher:
        field = searcher.reader()._terms.segment.field("text")
    for modules in ({}, {"numpy": ...}):
        monkeypatch.setattr("index.arrays.expanding.sys", SimpleNamespace(modules=modules))
        field.expanded.clear()
        for choice, terms in wanted.items():
            assert {field.term(at).decode() for at in expanded(choice, field)} == set(terms.split())
