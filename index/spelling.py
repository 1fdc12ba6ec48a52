"""Which words of the library might have been meant?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from index.arrays.edits import edits

#: From how many letters on two mistakes are forgiven.
LONG = 6


def near(word: str, vocabulary: Iterable[str], frequency: Callable[[str], int], limit: int) -> list[str]:
    """The ``limit`` words most like ``word``: fewer mistakes first, then the more frequent; see ``alike``."""
    found = [(count, -frequency(other), other) for other, count in alike(word, vocabulary)]
    return [other for _, _, other in sorted(found)[:limit]]


def allowed(word: str) -> int:
    """How many mistakes are forgiven."""
    return 2 if len(word) >= LONG else 1


def alike(word: str, vocabulary: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The words spelt nearly like ``word``, with their number of mistakes, lazily.

    A mistake is a letter too many, too few, wrong, or swapped with its neighbour. Numbers are not like one another.
    The word itself is never among them.
    """
    most = allowed(word)
    shortest, longest = len(word) - most, len(word) + most
    letters, counts = set(word), Counter(word)
    for other in vocabulary:
        if (
            shortest <= len(other) <= longest
            and len(letters.symmetric_difference(other)) <= 2 * most
            and (counts - Counter(other)).total() <= most
            and 0 < (count := edits(word, other, swaps=True)) <= most
            and not other.isdigit()
        ):
            yield other, count
