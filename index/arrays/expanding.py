"""Which terms of a segment does a prefix, pattern, range or misspelt word stand for? Needs no numpy."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .format import Field
from .plan import Beginning, Between, Choice, Near

#: From so many terms on, and in segments of at most SMALL documents from three on, Whoosh does not score them.
MANY = 1024
SMALL = 5000

REMEMBERED = 64


def expanded(choice: Choice, field: Field) -> Sequence[int]:
    """The numbers of the terms chosen, in order; remembered for the next time."""
    found = field.expanded.get(choice)
    if found is None:
        if len(field.expanded) >= REMEMBERED:
            field.expanded.clear()
        field.expanded[choice] = found = _expanded(choice, field)
    return found


def _expanded(choice: Choice, field: Field) -> Sequence[int]:
    match choice:
        case Beginning(prefix, ""):
            found: Sequence[int] = field.beginning(prefix)
        case Beginning(prefix, pattern):
            fits = re.compile(pattern).match
            found = [at for at in field.beginning(prefix) if fits(field.term(at).decode())]
        case Between(ranges, without):
            found = [
                at
                for low, high in ranges
                for at in range(field.lower(low), len(field) if high is None else field.lower(high + b"\0"))
                if not without or field.term(at) not in without
            ]
        case Near(word, edits, same):
            found = _near(field, word, edits, same)
    return found[1:] if found and not field.term(found[0]) else found


def as_sum(count: int, documents: int, *, always: bool) -> bool:
    """Whether Whoosh adds the scores of ``count`` expanded terms in a segment of so many documents."""
    return always or count == 2 or (count < MANY and documents > SMALL)


def _near(field: Field, word: str, edits: int, same: int) -> list[int]:
    candidates = field.beginning(word[:same].encode())
    sizes = range(len(word) - edits, len(word) + edits + 1)
    found = []
    for at in candidates:
        size = field.text_ends[at + 1] - field.text_ends[at]
        if size < sizes.start:
            continue
        term = field.term(at).decode()
        if len(term) in sizes and within(word, term, edits):
            found.append(at)
    return found


def within(one: str, other: str, edits: int) -> bool:
    """Whether so many letters added, lost or changed make one word of the other (Levenshtein)."""
    row = list(range(len(one) + 1))
    for j, letter in enumerate(other, 1):
        before, row = row, [j]
        for i, own in enumerate(one, 1):
            row.append(min(before[i] + 1, row[i - 1] + 1, before[i - 1] + (own != letter)))
        if min(row) > edits:
            return False
    return row[-1] <= edits
