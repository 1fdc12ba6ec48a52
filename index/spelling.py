"""Which words of the library might have been meant?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

#: From how many letters on two mistakes are forgiven.
LONG = 6

#: A letter of UTF-8 has at most so many bytes.
_LETTER_BYTES = 4


def near(word: str, vocabulary: Iterable[str], frequency: Callable[[str], int], limit: int) -> list[str]:
    """The ``limit`` words most like ``word``: fewer mistakes first, then the more frequent; see ``alike``."""
    found = [(count, -frequency(other), other) for other, count in alike(word, vocabulary)]
    return [other for _, _, other in sorted(found)[:limit]]


def likely(word: str, terms: Iterable[bytes]) -> set[str]:
    """The terms (UTF-8) that may be ``alike``, by a quick look: long enough, with few letters that ``word`` lacks."""
    allowed, letters = _forgiven(word), word.encode()
    shortest = len(word) - allowed
    found = set()
    for term in terms:
        if len(term) >= shortest:
            foreign = term.translate(None, letters)
            if len(foreign) <= (allowed if foreign.isascii() else _LETTER_BYTES * allowed):
                found.add(term.decode())
    return found


def alike(word: str, vocabulary: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The words spelt nearly like ``word``, with their number of mistakes, lazily.

    One mistake is allowed, in words of six letters or more two, see ``mistakes``. Numbers are not like
    one another. The word itself is never among them.
    """
    allowed = _forgiven(word)
    shortest, longest = len(word) - allowed, len(word) + allowed
    letters, counts = set(word), Counter(word)
    for other in vocabulary:
        if (
            shortest <= len(other) <= longest
            and len(letters.symmetric_difference(other)) <= 2 * allowed
            and (counts - Counter(other)).total() <= allowed
            and 0 < (count := mistakes(word, other, allowed)) <= allowed
            and not other.isdigit()
        ):
            yield other, count


def _forgiven(word: str) -> int:
    return 2 if len(word) >= LONG else 1


def mistakes(a: str, b: str, allowed: int) -> int:
    """How many letters are too many, too few, wrong, or swapped with their neighbour.

    The optimal string alignment distance (Damerau, Communications of the ACM 7(3), 1964, with
    Levenshtein's operations); some number above ``allowed`` as soon as there are more.
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > allowed:
            return allowed + 1
    return row[-1]
