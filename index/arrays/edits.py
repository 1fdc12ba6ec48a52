"""How many letters make one word of another? Needs no numpy."""

from __future__ import annotations

from functools import lru_cache


def edits(one: str, other: str, *, swaps: bool = False) -> int:
    """How many letters are added, lost or changed.

    Levenshtein's distance; with ``swaps`` neighbours that are swapped are one edit, too: the optimal string
    alignment distance (Damerau, Communications of the ACM 7(3), 1964, with Levenshtein's operations). A column of
    its table is held in two numbers, whose bits tell where it rises and falls (Hyyrö, "A bit-vector algorithm for
    computing Levenshtein and Damerau edit distances", Nordic Journal of Computing 10(1), 2003).
    """
    if not one:
        return len(other)
    masks, full, last = _masks(one), (1 << len(one)) - 1, 1 << len(one) - 1
    rises, falls, diagonal, before = full, 0, 0, 0
    count = len(one)
    for letter in other:
        mask = masks.get(letter, 0)
        swapped = (~diagonal & mask) << 1 & before if swaps else 0
        diagonal = ((mask & rises) + rises ^ rises | mask | falls | swapped) & full
        right, left = falls | ~(diagonal | rises) & full, diagonal & rises
        count += (right & last > 0) - (left & last > 0)
        right = right << 1 | 1
        rises, falls = (left << 1 | ~(diagonal | right)) & full, right & diagonal
        before = mask
    return count


@lru_cache(maxsize=64)
def _masks(word: str) -> dict[str, int]:
    """For each letter a number whose bits are set where it stands in the word."""
    masks: dict[str, int] = {}
    for at, letter in enumerate(word):
        masks[letter] = masks.get(letter, 0) | 1 << at
    return masks
