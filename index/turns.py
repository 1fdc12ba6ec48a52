"""How much do the words change from before to after a moment?

Two blocks of speech are compared, the one before and the one after, by the cosine of how often they hold each word
(Hearst, "TextTiling: Segmenting Text into Multi-paragraph Subtopic Passages", Computational Linguistics 23(1), 1997,
section 5.1): where a speaker turns to another matter it is low. The blocks slide over the talk, so each word is
counted once on its way in and once on its way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

#: With fewer words on one side nothing can be compared.
_FEWEST = 20


def sameness(words: Sequence[Sequence[str]], starts: Sequence[int], first: int, last: int, block: int) -> list[float]:
    """For each of the pieces ``first`` to ``last``, how alike what is said before and from it on is, from 0 to 1.

    ``words`` are those of each piece, in order of their ``starts``; a block reaches ``block`` of the same unit far.
    Where too little is said on one side it is as elsewhere on average.
    """
    before, after = _Block(), _Block()
    before.other, after.other = after, before
    from_, until = first, first
    found: list[float | None] = []
    while from_ and starts[from_ - 1] >= starts[first] - block:
        from_ -= 1
        before.add(words[from_], 1)
    for at in range(first, last + 1):
        while until < len(starts) and starts[until] < starts[at] + block:
            after.add(words[until], 1)
            until += 1
        while starts[from_] < starts[at] - block:
            before.add(words[from_], -1)
            from_ += 1
        found.append(before.cosine())
        after.add(words[at], -1)
        before.add(words[at], 1)
    known = [cosine for cosine in found if cosine is not None]
    mean = sum(known) / len(known) if known else 0.0
    return [mean if cosine is None else cosine for cosine in found]


class _Block:
    """Words of one side, counted, with the sum of the squares of the counts, and its product with the other side's."""

    other: _Block

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.words = self.squares = self.product = 0

    def add(self, words: Sequence[str], times: int) -> None:
        """Count these words so many times more."""
        counts, others = self.counts, self.other.counts
        squares = product = 0
        for word in words:
            count = counts.get(word, 0)
            counts[word] = count + times
            squares += 2 * count + times
            product += others.get(word, 0)
        self.words += times * len(words)
        self.squares += times * squares
        self.product += times * product

    def cosine(self) -> float | None:
        """How alike this block is to the other one; None where that cannot be told."""
        other = self.other
        if min(self.words, other.words) < _FEWEST:
            return None
        return (self.product + other.product) / sqrt(self.squares * other.squares)
