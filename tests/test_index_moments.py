"""Overlapping passages become moments."""

from __future__ import annotations

from array import array
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from index.moments import SHARED, WHOLE, Columns, Ranked, count, moments, shown


def columns(*documents: tuple[int, int, int]) -> Columns:
    """Talk, start and end of each document."""
    talks, starts, ends = zip(*documents, strict=True) if documents else ((), (), ())
    return Columns(array("Q", talks), array("i", starts), array("i", ends), array("q", talks))


TWO = columns((1, 0, 100), (1, 60, 160), (1, 0, WHOLE), (2, 0, 100), (2, 0, WHOLE))


def test_the_better_of_two_overlapping_passages_stays() -> None:
    assert moments([(-1.0, 0), (-2.0, 1), (-0.5, 3)], TWO) == [(-2.0, 1), (-0.5, 3)]


def test_a_whole_talk_gives_way_to_its_passage_even_a_worse_one() -> None:
    found: list[Ranked] = [(-9.0, 2), (-8.0, 4), (-1.0, 0)]
    assert shown(found, TWO, 10) == [(-8.0, 4), (-1.0, 0)]
    assert shown([(-1.0, 0), (-0.5, 2)], TWO, 10) == [(-1.0, 0)]


def test_a_place_given_up_is_filled() -> None:
    found: list[Ranked] = [(-9.0, 2), (-8.0, 0), (-7.0, 4)]
    assert shown(found, TWO, 2) == [(-8.0, 0), (-7.0, 4)]
    assert shown(found, TWO, 1) == [(-9.0, 2)]


def test_whole_talks_are_counted_where_no_passage_was_found() -> None:
    assert count([(-9.0, 2), (-8.0, 0), (-7.0, 4)], TWO) == 2


def rising(numbers: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans whose starts and ends both rise, as those of passages do."""
    starts, ends = sorted(start for start, _ in numbers), sorted(start + length for start, length in numbers)
    return list(zip(starts, ends, strict=True))


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=12).map(rising)


@given(SPANS, SPANS, st.randoms(use_true_random=False))
def test_every_passage_is_kept_or_like_a_better_one(
    first: list[tuple[int, int]], second: list[tuple[int, int]], chance: Random
) -> None:
    known = columns(*((talk, start, end) for talk, spans in ((1, first), (2, second)) for start, end in spans))
    ranked: list[Ranked] = [(-chance.random(), number) for number in range(len(known.talks))]
    found = moments(ranked, known)

    def alike(a: int, b: int) -> bool:
        shared = min(known.ends[a], known.ends[b]) - max(known.starts[a], known.starts[b])
        shorter = min(known.ends[a] - known.starts[a], known.ends[b] - known.starts[b])
        return known.talks[a] == known.talks[b] and shared > SHARED * shorter

    assert found == sorted(found)
    for score, number in ranked:
        better = [kept for kept in found if kept < (score, number)]
        assert ((score, number) in found) != any(alike(number, kept) for _, kept in better)
