"""Words that sound alike are told as such. All names in it are given to nobody in particular."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import fold
from index.sounds import beginnings, sound


@pytest.mark.parametrize(
    "pair",
    [
        "boss voss", "chris kris", "sean shawn", "geoff jeff", "stephen steven", "philip filip", "catherine katherine",
        "rachel rachael", "knuth nooth", "ghosh gosh", "wright right", "brené brenay", "lenny lennie", "psalm salm",
        "lamb lam", "nation nashun", "box bocks", "dodge doj", "hooberman huberman", "karpathy carpathy",
        "oltman altman", "whitman vitman", "joan jone", "gogins goggins", "tait tate", "ann ann",
    ],
)  # fmt: skip
def test_they_sound_alike(pair: str) -> None:
    one, other = map(fold, pair.split())
    assert sound(one) == sound(other)
    assert other[0] in beginnings(one)
    assert one[0] in beginnings(other)


@pytest.mark.parametrize("pair", ["boss box", "raise race~", "anna nan", "client claim", "salary bonus", "no on"])
def test_they_do_not(pair: str) -> None:
    one, other = pair.split()
    assert sound(one) != sound(other)


def test_only_words_in_latin_letters_have_a_sound() -> None:
    assert [sound(word) for word in ("", "機械", "don't", "401k", "ёлка")] == [""] * 5


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8))
def test_every_word_of_letters_has_one_and_begins_among_its_beginnings(word: str) -> None:
    assert set(sound(word)) <= set("01234567")
    assert word[0] in beginnings(word)
