"""Does a quick look at a vocabulary miss no word that is spelt alike?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.spelling import alike, likely

WORDS = st.text("abcñé谈", min_size=1, max_size=9)


@given(word=WORDS, vocabulary=st.lists(WORDS, max_size=30))
def test_a_quick_look_finds_all_that_is_alike(word: str, vocabulary: list[str]) -> None:
    found = likely(word, [other.encode() for other in vocabulary])
    assert found <= set(vocabulary)
    assert dict(alike(word, found)) == dict(alike(word, vocabulary))


def test_words_of_too_many_other_letters_are_not_looked_at_again() -> None:
    assert likely("raise", [b"raised", b"rises", b"bonus", b"rai", b"praised"]) == {"raised", "rises"}
