"""Texts are cut into numbered pieces, many at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.arrays import texts
from index.arrays.table import Table

letters = st.text("aé漢\U0001f600. \n\x00", max_size=60)
keys = st.integers(1, 3) | st.integers(1, 2**64 - 1)


def cut(given_texts: list[str], *, factors: list[int] | None = None) -> list[list[str]]:
    """The pieces of each text, those of equal texts again."""
    numbered = texts.Texts()
    if factors:
        numbered._cutter._factors = np.array(factors, "u8")
    numbers = [numbered[text] for text in given_texts]
    found = numbered.cut()
    assert len(set(found.pieces)) == len(found.pieces)
    ends = found.ends.tolist()
    return [[found.pieces[piece] for piece in found.numbers[ends[text] : ends[text + 1]]] for text in numbers]


@given(st.lists(letters | st.text(), max_size=30))
def test_pieces_are_what_stands_between_white_space_and_are_numbered_once(given_texts: list[str]) -> None:
    blank = str.maketrans(dict.fromkeys(range(33), " "))
    assert cut(given_texts) == [[piece for piece in text.translate(blank).split(" ") if piece] for text in given_texts]


def test_texts_of_many_megabytes_are_cut_in_turns_with_the_same_numbers() -> None:
    words = [f"w{number}" * (1 + number % 9) for number in range(20_000)]
    given_texts = [" ".join(words[start : start + 200]) for _ in range(4) for start in range(0, len(words), 200)]
    assert sum(map(len, given_texts)) > 3 * texts._AT_ONCE
    assert cut(given_texts) == [text.split() for text in given_texts]


@pytest.mark.parametrize("factors", [[0, 0], [1, 0], [0, 1]])
def test_pieces_with_the_same_hash_are_told_apart(factors: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_AT_ONCE", 50)
    words = [head + tail for head in ("a" * 8, "b" * 8) for tail in ("", "c", "d", "c" * 8, "d" * 8, "c" * 9, "d" * 9)]
    given_texts = [" ".join(words[first:] + words[:first]) for first in range(len(words))]
    assert cut(given_texts, factors=factors) == [text.split() for text in given_texts]


@given(st.lists(st.lists(keys, max_size=50), max_size=4))
def test_a_table_gives_equal_keys_one_number(batches: list[list[int]]) -> None:
    table, known = Table(), {}
    for batch in batches:
        numbers, new = table.numbered(np.array(batch, "u8"))
        for place in new.tolist():
            assert known.setdefault(batch[place], len(known)) == len(known) - 1
        assert numbers.tolist() == [known[key] for key in batch]


def test_keys_that_all_fall_into_one_slot_are_told_apart() -> None:
    table = Table()
    table._factor = np.zeros(1, "u8")
    keys = np.arange(1, 501, dtype="u8")
    numbers, new = table.numbered(keys)
    assert keys[new].tolist() == [int(keys[numbers == number][0]) for number in range(500)]
