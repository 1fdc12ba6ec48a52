"""Is every word found that is spelt alike?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.arrays.edits import edits
from index.spelling import alike, allowed, near

WORDS = st.text("abcñé谈1", min_size=1, max_size=9)


@given(word=WORDS, vocabulary=st.lists(WORDS, max_size=30))
def test_a_look_at_letters_misses_no_word_with_few_mistakes(word: str, vocabulary: list[str]) -> None:
    mistakes = {other: edits(word, other, swaps=True) for other in vocabulary if not other.isdigit()}
    assert dict(alike(word, vocabulary)) == {
        other: count for other, count in mistakes.items() if 0 < count <= allowed(word)
    }


def test_fewer_mistakes_come_before_more_and_then_the_more_frequent() -> None:
    frequencies = {"raised": 1, "rises": 9, "praise": 5, "raises": 7, "bonus": 99, "raise": 3}
    assert near("raisee", frequencies, frequencies.__getitem__, 3) == ["raises", "raise", "raised"]
