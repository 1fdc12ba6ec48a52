"""How many letters make one word of another? Needs no numpy."""

from __future__ import annotations


def edits(one: str, other: str, most: int, *, swaps: bool = False) -> int:
    """How many letters are added, lost or changed; some number above ``most`` as soon as there are more.

    Levenshtein's distance; with ``swaps`` neighbours that are swapped are one edit, too: the optimal string
    alignment distance (Damerau, Communications of the ACM 7(3), 1964, with Levenshtein's operations).
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, own in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != own))
            if swaps and i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == own:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
