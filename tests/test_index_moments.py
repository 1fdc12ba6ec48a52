"""Overlapping passages become moments."""

from __future__ import annotations

from array import array
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from index.engine import Sort
from index.engine.ranking import PlainRanking, Ranking
from index.engine.ranking_numpy import ArrayColumns, ArrayRanking
from index.moments import SHARED, WHOLE, Columns, Ranked, alike_after, count, moments, shown


def columns(*documents: tuple[int, int, int]) -> Columns:
    """Talk, start and end of each document."""
    talks, starts, ends = zip(*documents, strict=True) if documents else ((), (), ())
    wholes = [number for number, end in enumerate(ends) if end == WHOLE]
    alike = [
        number
        for talk in dict.fromkeys(talks)
        for number in [*alike_after([(a, b) for of, a, b in documents if of == talk and b != WHOLE]), 0]
    ]
    return Columns(array("i", starts), array("i", ends), array("i", alike), array("q", talks), wholes)


TWO = columns((1, 0, 100), (1, 60, 160), (1, 0, WHOLE), (2, 0, 100), (2, 0, WHOLE))


def test_the_better_of_two_overlapping_passages_stays() -> None:
    assert moments([0, 1, 3], [1.0, 2.0, 0.5], TWO) == [1, 2]


def test_a_whole_talk_gives_way_to_its_passage_even_a_worse_one() -> None:
    found: list[Ranked] = [(-9.0, 2), (-8.0, 4), (-1.0, 0)]
    assert shown(found, TWO, 10) == [(-8.0, 4), (-1.0, 0)]
    assert shown([(-1.0, 0), (-0.5, 2)], TWO, 10) == [(-1.0, 0)]


def test_a_place_given_up_is_filled() -> None:
    found: list[Ranked] = [(-9.0, 2), (-8.0, 0), (-7.0, 4)]
    assert shown(found, TWO, 2) == [(-8.0, 0), (-7.0, 4)]
    assert shown(found, TWO, 1) == [(-9.0, 2)]


def test_whole_talks_are_counted_where_no_passage_was_found() -> None:
    assert count([0, 2, 4], TWO) == 2


def rising(numbers: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans whose starts and ends both rise, as those of passages do."""
    starts, ends = sorted(start for start, _ in numbers), sorted(start + length for start, length in numbers)
    return list(zip(starts, ends, strict=True))


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=12).map(rising)


def talks_with(lists: list[list[tuple[int, int]]]) -> Columns:
    """Talks with these passages, each with its whole at the end; the talk is also when it was published."""
    return columns(*((talk, *span) for talk, spans in enumerate(lists) for span in [*spans, (0, WHOLE)]))


@given(SPANS, SPANS, st.randoms(use_true_random=False))
def test_every_passage_is_kept_or_like_a_better_one(
    first: list[tuple[int, int]], second: list[tuple[int, int]], chance: Random
) -> None:
    known = talks_with([first, second])
    documents = [number for number in range(len(known.starts)) if chance.random() < 0.8]
    scores = [float(chance.randint(1, 9)) for _ in documents]
    found = {documents[at] for at in moments(documents, scores, known)}

    def alike(a: int, b: int) -> bool:
        shared = min(known.ends[a], known.ends[b]) - max(known.starts[a], known.starts[b])
        shorter = min(known.ends[a] - known.starts[a], known.ends[b] - known.starts[b])
        spoken = WHOLE not in (known.ends[a], known.ends[b])
        return spoken and known.talk(a) == known.talk(b) and shared > SHARED * shorter

    ranked = [(-score, document) for score, document in zip(scores, documents, strict=True)]
    for match in ranked:
        better = [other for other in ranked if other < match and other[1] in found]
        assert (match[1] in found) != any(alike(match[1], other) for _, other in better)


def both_ways(documents: list[int], scores: list[float], known: Columns) -> tuple[Ranking, Ranking]:
    return PlainRanking(documents, scores, known), ArrayRanking(documents, scores, ArrayColumns.of(known))


@given(
    st.lists(SPANS, min_size=1, max_size=4), st.randoms(use_true_random=False), st.integers(1, 60), st.integers(0, 3)
)
def test_numpy_and_plain_python_rank_alike(
    lists: list[list[tuple[int, int]]], chance: Random, limit: int, steps: int
) -> None:
    known = talks_with(lists)
    every = range(len(known.starts))

    def some() -> list[int]:
        return [document for document in every if chance.random() < 0.7]

    documents = some()
    rankings = both_ways(documents, [float(chance.randint(1, 4)) for _ in documents], known)
    titles = [document for document in some() if known.ends[document] == WHOLE]
    lifts = [float(chance.randint(1, 4)) for _ in titles]
    words = [(sorted(some(), key=lambda _: chance.random()), 2.0), (some(), 0.5)]
    kept, gone, since = [every[-1], *some()], some()[:1], chance.randint(0, 2)
    sort: Sort = chance.choice(["rank", "date"])
    for ranking in rankings:
        for step in (
            lambda ranking=ranking: (ranking.lift(titles, lifts), ranking.lift_by_talk(words)),
            lambda ranking=ranking: ranking.keep(kept),
            lambda ranking=ranking: (ranking.drop(gone), ranking.keep_published(since, 9)),
        )[:steps]:
            step()
    plain, arrays = rankings
    assert list(plain.documents()) == list(arrays.documents())
    assert plain.best(limit, sort) == arrays.best(limit, sort)


def test_what_nothing_matches_has_no_moments() -> None:
    for ranking in both_ways([], [], columns()):
        ranking.lift([], [])
        ranking.keep([])
        assert ranking.best(10, "rank") == ([], 0)
