"""Which terms of a segment does a prefix, pattern, range or misspelt word stand for? Needs no numpy.

Misspelt words are compared by numpy where it is loaded: it takes a third of the time.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

from .edits import edits
from .format import Field
from .likeness import likely
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
        case Near(word, _, same):
            among = field.beginning(word[:same].encode())
            numbers = _near_by_numpy(choice, field) if "numpy" in sys.modules else _near(choice, field)
            found = [at for at in numbers if at in among]
    return found[1:] if found and not field.term(found[0]) else found


def as_sum(count: int, documents: int, *, always: bool) -> bool:
    """Whether Whoosh adds the scores of ``count`` expanded terms in a segment of so many documents."""
    return always or count == 2 or (count < MANY and documents > SMALL)


def _near(choice: Near, field: Field) -> Iterator[int]:
    word, most = choice.word, choice.edits
    letters, shortest, longest = word.encode(), len(word) - most, len(word) + most
    for at in likely(word, most, field):
        term = field.term(at)
        if (
            len(term) >= shortest
            and (len(term) <= longest or not term.isascii())
            and _covers(term, letters, most)
            and edits(word, term.decode(), swaps=choice.swaps) <= most
        ):
            yield at


def _covers(one: bytes, other: bytes, most: int) -> bool:
    """Whether all letters of ``other`` but so many are in ``one``, as far as ASCII tells."""
    missing = other.translate(None, one)
    return len(missing) <= most or not missing.isascii()


def _near_by_numpy(choice: Near, field: Field) -> list[int]:
    from .spellings import Spellings

    if field.spellings is None:
        field.spellings = Spellings(field.text, field.text_ends)
    found: list[int] = field.spellings.near(choice.word, choice.edits, swaps=choice.swaps)
    return found
