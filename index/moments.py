"""How do overlapping passages become moments one can show?

What is said at one moment stands in two or three passages, since they overlap. The best of them is
kept, and others are dropped where they share more than a quarter of their time with it. A talk found
by what its uploader says about it is shown only where none of its passages is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
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
    whole, whose end is WHOLE. ``wholes`` are the numbers of those. ``alike`` tells how many of the documents that
    follow one are the same moment.
    """

    starts: Any
    ends: Any
    alike: Any
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
        begin = talk = 0
        while begin < len(documents):
            talk = bisect_left(self.wholes, documents[begin], talk)
            end = bisect_right(documents, self.wholes[talk], begin)
            yield talk, begin, end
            begin = end


def alike_after(spans: Sequence[tuple[int, int]]) -> list[int]:
    """How many of the passages that follow each one are the same moment, given [start, end) of those of a talk.

    A later one shares less with it, so they follow without a gap.
    """

    return [_alike_after(spans, at) for at in range(len(spans))]


def _alike_after(spans: Sequence[tuple[int, int]], at: int) -> int:
    start, end = spans[at]
    for other in range(at + 1, len(spans)):
        later, last = spans[other]
        if end - later <= SHARED * min(end - start, last - later):
            return other - at - 1
    return len(spans) - at - 1


def moments(documents: Sequence[int], scores: Sequence[float], columns: Columns) -> list[int]:
    """Where among ascending documents the best passage of each moment is, and where whole talks are."""
    dropped = bytearray(len(documents))
    for begin, beyond in _runs(documents, columns.alike):
        if beyond - begin == 2:
            dropped[begin + (scores[begin] >= scores[begin + 1])] = True
            continue
        for at in sorted(range(begin, beyond), key=scores.__getitem__, reverse=True):
            if not dropped[at]:
                document = documents[at]
                for other in range(begin, at):
                    dropped[other] |= document - documents[other] <= columns.alike[documents[other]]
                for other in range(at + 1, beyond):
                    dropped[other] |= documents[other] - document <= columns.alike[document]
    return [at for at, gone in enumerate(dropped) if not gone]


def _runs(documents: Sequence[int], alike: Any) -> Iterator[tuple[int, int]]:
    """The runs [from, to) of several documents each of which is the same moment as the next, lazily."""
    begin = beyond = 0
    for at in [at for at, (one, other) in enumerate(pairwise(documents)) if other - one <= alike[one]]:
        if at >= beyond:
            if beyond:
                yield begin, beyond
            begin = at
        beyond = at + 2
    if beyond:
        yield begin, beyond


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
