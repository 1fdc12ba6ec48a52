"""Which are the highest of very many numbers?"""

from __future__ import annotations

from typing import Any

import numpy as np

from .streams import Numbers

#: Numbers are looked at block by block, so many blocks for each that is wanted.
_BLOCKS = 8


def highest(numbers: Numbers, limit: int | None) -> Numbers:
    """Where the ``limit`` highest numbers are, ascending; of equal ones the first."""
    if limit is None or len(numbers) <= limit:
        return np.arange(len(numbers))
    places = np.flatnonzero(numbers >= reached(numbers, limit))
    if len(places) == limit:
        return places
    found = numbers[places]
    least = np.partition(found, len(found) - limit)[len(found) - limit]
    higher = found > least
    equal = np.flatnonzero(found == least)
    higher[equal[: limit - np.count_nonzero(higher)]] = True
    chosen: Numbers = places[higher]
    return chosen


def reached(numbers: Numbers, limit: int) -> Any:
    """A high number that at least ``limit`` of these reach: of very many, that so many blocks hold."""
    if len(numbers) > 4 * _BLOCKS * limit:
        numbers = np.maximum.reduceat(numbers, np.arange(0, len(numbers), len(numbers) // (_BLOCKS * limit)))
    return np.partition(numbers, len(numbers) - limit)[len(numbers) - limit]


def turned(numbers: Numbers) -> Numbers:
    """Numbers whose highest are the lowest of these."""
    found: Numbers = -numbers if numbers.dtype.kind == "f" else ~numbers
    return found
