"""How do overlapping passages become moments one can show?

What is said at one moment stands in two or three passages, since they overlap. The best of them is
kept, and others are dropped where they share more than a quarter of their time with it. A talk found
by what its uploader says about it is shown only where none of its passages is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

#: Share of the shorter of two passages from which on they are one moment.
SHARED = 0.25

#: The end of a document that is a talk as a whole.
WHOLE = -1

#: What matched: minus its score, so that the best sorts first, and its number in the index.
Ranked = tuple[float, int]


class Columns(Struct, frozen=True):
    """What is known of each document by its number: its span, and when its talk was published.

    The documents of a talk have consecutive numbers: its passages with rising starts and ends, then the talk as a
    whole, whose end is WHOLE. ``wholes`` are the numbers of those.
    """

    starts: Any
    ends: Any
    published: Any
    wholes: Sequence[int]

    def talk(self, document: int) -> int:
        """The number of the talk of a document."""
        return bisect_left(self.wholes, document)

    def length(self, talk: int) -> int:
        """How many documents a talk has."""
        return self.wholes[talk] - (self.wholes[talk - 1] if talk else -1)

    def talks(self, documents: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """The talks of ascending documents, lazily: the number of each, and [from, to) where its documents stand."""
        begin = 0
        while begin < len(documents):
            talk = bisect_left(self.wholes, documents[begin])
            end = bisect_right(documents, self.wholes[talk], begin)
            yield talk, begin, end
            begin = end


def moments(documents: Sequence[int], scores: Sequence[float], columns: Columns) -> list[int]:
    """Where among ascending documents the best passage of each moment is, and where whole talks are."""
    starts = [columns.starts[document] for document in documents]
    ends = [columns.ends[document] for document in documents]
    dropped = bytearray(len(documents))
    for begin, beyond in _overlapping(columns.talks(documents), starts, ends):
        for at in sorted(range(begin, beyond), key=scores.__getitem__, reverse=True):
            if not dropped[at]:
                for other in _alike(at, begin, beyond, starts, ends):
                    dropped[other] = True
    return [at for at, gone in enumerate(dropped) if not gone]


def _overlapping(
    talks: Iterable[tuple[int, int, int]], starts: Sequence[int], ends: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The runs [from, to) of several passages each of which shares time with the next, lazily."""
    for _, begin, beyond in talks:
        for at in range(begin + 1, beyond + 1):
            if at == beyond or ends[at - 1] <= starts[at] or ends[at] == WHOLE:
                if at - begin > 1:
                    yield begin, at
                begin = at


def _alike(at: int, begin: int, beyond: int, starts: Sequence[int], ends: Sequence[int]) -> Iterator[int]:
    """The passages of a run before and after one that are the same moment."""
    start, end = starts[at], ends[at]
    for other in range(at - 1, begin - 1, -1):
        shared = ends[other] - start
        if shared <= 0:
            break
        if shared > SHARED * min(end - start, ends[other] - starts[other]):
            yield other
    for other in range(at + 1, beyond):
        shared = end - starts[other]
        if shared <= 0:
            break
        if shared > SHARED * min(end - start, ends[other] - starts[other]):
            yield other


def count(found: Sequence[int], columns: Columns) -> int:
    """How many moments ascending documents are; a whole talk counts where none of its passages was found."""
    spoken = 0
    for whole in set(columns.wholes).intersection(found):
        at, talk = bisect_left(found, whole), columns.talk(whole)
        spoken += at > 0 and (talk == 0 or found[at - 1] > columns.wholes[talk - 1])
    return len(found) - spoken


def shown(found: Iterable[Ranked], columns: Columns, limit: int) -> list[Ranked]:
    """The first ``limit``, without whole talks of which a passage is among them."""
    best: dict[int, Ranked] = {}
    whole: dict[int, int] = {}
    spoken: set[int] = set()
    for match in found:
        document = match[1]
        talk = columns.talk(document)
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
