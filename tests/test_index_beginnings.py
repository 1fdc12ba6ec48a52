"""A moment begins where its matter does, not where a passage is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.beginnings import EARLIEST_MS, LONGEST_MS, beginning_ms
from index.query import Query, parse
from index.turns import sameness
from library.models import Snippet

SALARY = parse("salary")


def said(*texts: str, every_ms: int = 5_000) -> list[Snippet]:
    return [Snippet(every_ms * number, every_ms, text) for number, text in enumerate(texts)]


def begins(snippets: list[Snippet], start_ms: int, end_ms: int, query: Query = SALARY, not_before_ms: int = 0) -> int:
    return beginning_ms(snippets, query, "en", start_ms, end_ms, not_before_ms)


def test_it_begins_with_the_sentence_of_the_word() -> None:
    snippets = said("Welcome.", "It is lovely.", "When you ask", "for a salary, wait.", "Then wait more.")
    assert begins(snippets, 0, 25_000) == 10_000


def test_a_sentence_that_begins_in_the_middle_of_a_snippet_takes_that_snippet_along() -> None:
    assert begins(said("One. Two.", "Three. And so", "the salary", "counts."), 0, 20_000) == 5_000


def test_a_pause_parts_thoughts_where_nobody_wrote_full_stops() -> None:
    snippets = [Snippet(0, 2_000, "so that was it"), Snippet(2_600, 2_000, "now the"), Snippet(4_600, 2_000, "salary")]
    assert begins(snippets, 0, 6_600) == 2_600
    assert begins([Snippet(0, 2_001, "so that was it"), *snippets[1:]], 0, 6_600) == 0


def test_a_long_sentence_is_not_followed_back_for_ever() -> None:
    snippets = said(*["and"] * 40, "salary", every_ms=1_000)
    assert begins(snippets, 20_000, 41_000) == 2 * LONGEST_MS


def test_words_said_in_passing_are_no_beginning_where_the_matter_comes_later() -> None:
    snippets = said("The salary, in passing.", *["Rain."] * 14, "Now, the salary.", *["A salary. Salaries."] * 6)
    assert begins(snippets, 0, 120_000) == 75_000


def test_it_begins_before_its_passage_where_the_matter_does() -> None:
    snippets = said(*["Rain, wind and thunder."] * 20, "Now, salaries. A salary.", *["A salary. Salaries."] * 20)
    assert begins(snippets, 120_000, 200_000) == 100_000
    assert begins(snippets, 120_000, 200_000, not_before_ms=110_000) == 110_000


def test_it_begins_where_the_words_change() -> None:
    rain = [f"Rain cloud thunder storm wind puddle {word}." for word in ("umbrella", "coat", "boot")] * 6
    pay = [f"Money offer letter budget contract boss {word}." for word in ("bonus", "share", "rent")] * 6
    snippets = said(*rain, *pay[:2], "The salary is in it.", *pay[2:])
    assert begins(snippets, 60_000, 180_000) == 90_000


def test_without_a_word_said_it_begins_with_its_passage() -> None:
    assert begins(said("One.", "Two.", "Three."), 5_000, 15_000) == 5_000
    assert begins([], 5_000, 15_000) == 5_000


_TEXTS = st.sampled_from(["salary", "One.", "and then", "salaries? Yes. So", "he said “no.” but", "谈判。薪水", ""])


@given(st.lists(st.tuples(st.integers(0, 9_000), _TEXTS), min_size=1, max_size=40), st.integers(0, 39), st.integers(0))
def test_it_begins_near_its_passage_with_a_snippet_and_not_too_early(
    rows: list[tuple[int, str]], first: int, not_before_ms: int
) -> None:
    snippets, at_ms = [], 0
    for gap_ms, text in rows:
        at_ms += gap_ms
        snippets.append(Snippet(at_ms, 1_000, text))
    start_ms = snippets[first % len(snippets)].start_ms
    found = begins(snippets, start_ms, start_ms + 60_000, not_before_ms=not_before_ms)
    assert found in {snippet.start_ms for snippet in snippets}
    assert start_ms - EARLIEST_MS <= found < start_ms + 60_000
    assert found >= min(start_ms, not_before_ms)


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12), min_size=1, max_size=30), st.integers(1, 9))
def test_blocks_that_slide_say_what_counting_anew_says(words: list[list[str]], block: int) -> None:
    """A block compared with itself shifted by nothing: the plain formula, place by place."""
    found = sameness(words, range(len(words)), 0, len(words) - 1, block)
    for at, alike in enumerate(found):
        sides = ["".join(map("".join, side)) for side in (words[max(0, at - block) : at], words[at : at + block])]
        if min(map(len, sides)) >= 20:
            before, after = ([side.count(letter) for letter in "abcdefgh"] for side in sides)
            product = sum(a * b for a, b in zip(before, after, strict=True))
            lengths = sum(a * a for a in before) * sum(b * b for b in after)
            assert alike == pytest.approx(product / lengths**0.5)


def test_where_too_little_is_said_it_is_as_alike_as_elsewhere() -> None:
    words = [list("abcdefghij") * 2, list("abcdefghij") * 2, list("klmnopqrst") * 2, ["x"]]
    found = sameness(words, range(4), 0, 3, 1)
    assert found[1:3] == pytest.approx([1.0, 0.0])
    assert found[0] == found[3] == pytest.approx(0.5)
    assert sameness([["a"]], [0], 0, 0, 1) == [0.0]
