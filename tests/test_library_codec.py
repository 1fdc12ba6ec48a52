"""Does a packed transcript come back as it was, and does damage show?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.codec import digest, pack_snippets, pack_words, unpack_snippets, unpack_words
from library.models import Snippet, Word

texts = st.text(st.characters(exclude_categories=["Cs"]))
times = st.integers(-(2**53), 2**53)
snippet_lists = st.lists(st.builds(Snippet, times, times, texts))
word_lists = st.lists(st.builds(Word, times, texts))


@given(snippet_lists)
def test_snippets_come_back_in_whatever_order_they_were(snippets: list[Snippet]) -> None:
    found = unpack_snippets(pack_snippets(snippets))
    assert found == tuple(snippets)
    assert all(type(one) is Snippet for one in found)


@given(word_lists)
def test_words_come_back_and_no_words_take_no_room(words: list[Word]) -> None:
    packed = pack_words(words)
    assert (packed is None) == (not words)
    assert packed is None or unpack_words(packed) == tuple(words)


@given(snippet_lists, word_lists, snippet_lists, word_lists)
def test_a_digest_is_the_same_for_the_same_track_only(
    snippets: list[Snippet], words: list[Word], others: list[Snippet], other_words: list[Word]
) -> None:
    same = (snippets, words) == (others, other_words)
    assert (digest(snippets, words) == digest(others, other_words)) is same
    assert digest(snippets, words) == digest(tuple(snippets), tuple(words))


def test_lines_joined_otherwise_are_another_track() -> None:
    assert digest([Snippet(0, 1, "a\nb")]) != digest([Snippet(0, 1, "a"), Snippet(0, 1, "b")])
    assert digest([]) != digest([Snippet(0, 0, "")])


@pytest.mark.parametrize(
    "packed", [b"", b"no zlib", pack_snippets([Snippet(0, 1, "a")])[:-3], pack_words([Word(0, "a")])]
)
def test_damage_is_a_value_error(packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack_snippets(packed)


def test_an_hour_of_speech_takes_little_room() -> None:
    lines = [
        Snippet(3_000 * n, 4_000, f"so the {n}th thing that people say when they ask for more") for n in range(1_200)
    ]
    assert len(pack_snippets(lines)) < 25_000
