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
    places: Numbers = (numbers >= reached(numbers, limit)).nonzero()[0]
    if len(places) == limit:
        return places
    found = numbers.take(places)
    higher = found > _at_rank(found, limit)
    equal = (found == _at_rank(found, limit)).nonzero()[0]
    higher[equal[: limit - np.count_nonzero(higher)]] = True
    return places.compress(higher)


def reached(numbers: Numbers, limit: int) -> Any:
    """A high number that at least ``limit`` of these reach: of very many, that so many blocks hold."""
    if len(numbers) > 4 * _BLOCKS * limit:
        numbers = np.maximum.reduceat(numbers, np.arange(0, len(numbers), len(numbers) // (_BLOCKS * limit)))
    return _at_rank(numbers, limit)


def _at_rank(numbers: Numbers, limit: int) -> Any:
    """The number that ``limit - 1`` others reach."""
    ordered = numbers.copy()
    ordered.partition(len(numbers) - limit)
    return ordered[-limit]


def turned(numbers: Numbers) -> Numbers:
    """Numbers whose highest are the lowest of these."""
    found: Numbers = -numbers if numbers.dtype.kind == "f" else ~numbers
    return found
