"""Are the highest of many numbers found, whatever the way they are looked for?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from index.arrays.top import highest, reached, turned

MANY = arrays.arrays("i8", st.integers(1, 2_000), elements=st.integers(-5, 40), fill=st.nothing())


@given(MANY, st.integers(1, 12))
def test_the_highest_numbers_are_those_sorting_puts_first(numbers: Any, limit: int) -> None:
    wanted = sorted(range(len(numbers)), key=lambda at: (-numbers[at], at))[:limit]
    assert highest(numbers, limit).tolist() == sorted(wanted)


@given(MANY, st.integers(1, 12))
def test_at_least_as_many_numbers_as_wanted_reach_the_bound(numbers: Any, limit: int) -> None:
    limit = min(limit, len(numbers))
    assert np.count_nonzero(numbers >= reached(numbers, limit)) >= limit


def test_without_a_limit_all_are_the_highest() -> None:
    assert highest(np.array([3, 1, 2]), None).tolist() == [0, 1, 2]


@pytest.mark.parametrize("kind", ["u1", "u8", "i4", "f8"])
def test_the_lowest_are_the_highest_of_turned_numbers(kind: str) -> None:
    numbers = np.array([3, 0, 250, 7] * 50).astype(kind)
    assert set(numbers[highest(turned(numbers), 60)].tolist()) == {0, 3}
