"""How do overlapping passages become moments one can show?

What is said at one moment stands in two or three passages, since they overlap. The best of them is
kept, and others are dropped where they share more than a quarter of their time with it. A talk found
by what its uploader says about it is shown only where none of its passages is.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

#: Share of the shorter of two passages from which on they are one moment.
SHARED = 0.25

#: The end of a document that is a talk as a whole.
WHOLE = -1

#: What matched: minus its score, so that the best sorts first, and its number in the index.
Ranked = tuple[float, int]


class Columns(Struct, frozen=True):
    """What is known of each document by its number: its talk, its span, when the talk was published.

    The documents of a talk have consecutive numbers, its passages with rising starts and ends. ``ends`` is WHOLE
    for a document that is a talk as a whole.
    """

    talks: array[int]
    starts: array[int]
    ends: array[int]
    published: array[int]


def moments(ranked: Iterable[Ranked], columns: Columns) -> list[Ranked]:
    """The best passage of each moment, and whole talks, best first."""
    dropped: set[int] = set()
    found: list[Ranked] = []
    for match in sorted(ranked):
        if match[1] not in dropped:
            found.append(match)
            dropped.update(_alike(match[1], columns))
    return found


def _alike(document: int, columns: Columns) -> Iterator[int]:
    """The passages before and after that are the same moment as this one."""
    talks, starts, ends = columns.talks, columns.starts, columns.ends
    talk, start, end = talks[document], starts[document], ends[document]
    for other in range(document - 1, -1, -1):
        shared = ends[other] - start
        if shared <= 0 or end == WHOLE or talks[other] != talk:
            break
        if shared > SHARED * min(end - start, ends[other] - starts[other]):
            yield other
    for other in range(document + 1, len(talks)):
        shared = end - starts[other]
        if shared <= 0 or ends[other] == WHOLE or talks[other] != talk:
            break
        if shared > SHARED * min(end - start, ends[other] - starts[other]):
            yield other


def count(found: Sequence[Ranked], columns: Columns) -> int:
    """How many moments there are; a whole talk counts where none of its passages was found."""
    passages = whole = 0
    spoken: set[int] = set()
    for _, document in found:
        if columns.ends[document] == WHOLE:
            whole += 1
        else:
            passages += 1
            spoken.add(columns.talks[document])
    return (
        passages
        + whole
        - sum(columns.ends[document] == WHOLE and columns.talks[document] in spoken for _, document in found)
    )


def shown(found: Iterable[Ranked], columns: Columns, limit: int) -> list[Ranked]:
    """The first ``limit``, without whole talks of which a passage is among them."""
    best: dict[int, Ranked] = {}
    whole: dict[int, int] = {}
    spoken: set[int] = set()
    for match in found:
        document = match[1]
        talk = columns.talks[document]
        if columns.ends[document] == WHOLE:
            if talk in spoken:
                continue
            whole[talk] = document
        else:
            spoken.add(talk)
            best.pop(whole.pop(talk, -1), None)
        best[document] = match
        if len(best) >= limit:
            break
    return list(best.values())
