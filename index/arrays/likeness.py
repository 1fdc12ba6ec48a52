"""Which terms may be spelt nearly like a word, without looking at all of them? Needs no numpy.

A word is cut in two. Each edit is in one of the halves, but for letters that change places across the cut: that word is
cut, too. So of two edits either a half has none, or each has one. Terms that begin as the first half does stand
together, and for those that hold the second one all text of a field is searched at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from .format import Field

#: Of so many edits at most.
FEW = 2


def likely(word: str, edits: int, field: Field) -> Sequence[int]:
    """The numbers of the terms at most so many edits from a word, and of others, in order."""
    if edits > FEW:
        return range(len(field))
    half = len(word) // 2
    first, second = word[:half], word[half:]
    beginnings, parts = [first, first[:-1] + second[:1]], [second]
    if edits == FEW:
        beginnings += _nearly(first, field)
        parts += [first[1:], first[-1:] + second[1:]]
    found = {at for beginning in beginnings for at in field.beginning(beginning.encode())}
    return sorted(found.union(*(_holding(part, field) for part in parts)))


def _nearly(first: str, field: Field) -> Iterator[str]:
    """How terms begin that differ from ``first`` in one edit, but for one of its very first letter."""
    yield first[:2]
    yield first[1::-1] + first[2:]
    yield first[:1] + first[2:3] + first[1:2] + first[3:]
    yield first[:1] + first[2:]
    for letter in _after(first[:1], field):
        yield first[:1] + letter + first[1:]
        yield first[:1] + letter + first[2:]


def _after(beginning: str, field: Field) -> Iterator[str]:
    """The letters that come after a beginning."""
    among = field.beginning(beginning.encode())
    at = among.start
    while at < among.stop:
        letter = field.term(at).decode()[len(beginning) :][:1]
        yield letter
        at = field.beginning((beginning + letter).encode()).stop if letter else at + 1


def _holding(part: str, field: Field) -> Iterator[int]:
    """The numbers of the terms that hold some letters, in order, lazily."""
    letters, text, ends = part.encode(), bytes(field.text), field.text_ends
    found = text.find(letters)
    while 0 <= found < len(text):
        at = bisect_right(ends, found)
        yield at - 1
        found = text.find(letters, ends[at])
