"""What does the score of a hit consist of?

The score of a document is the sum of what each leaf of the plan gives it, and what its talk is lifted by. Each is
asked for on its own here, which a search is spared.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from index.arrays.plan import All, Maybe, Phrase, Plan, Scored, Term, Without
from index.arrays.plan import Any as AnyOf
from index.engine import Reason
from index.engine.ranking import PlainRanking
from index.moments import Columns


def leaves(plan: Plan) -> Iterator[Plan]:
    """The parts of a plan whose scores make up its score."""
    match plan:
        case AnyOf(parts) | All(parts):
            for part in parts:
                yield from leaves(part)
        case Without(part):
            yield from leaves(part)
        case Maybe(part, more):
            yield from leaves(part)
            yield from leaves(more)
        case Scored(score=0.0):
            return
        case _:
            yield plan


def matched(leaf: Plan, documents: Any, scores: Any, document: int) -> Iterator[Reason]:
    """Why a document has part of its score, given all that the leaf matches, in order."""
    at = bisect_left(documents, document)
    if at == len(documents) or documents[at] != document:
        return
    match leaf:
        case Term(field, text):
            yield Reason(field, (text.decode(),), float(scores[at]))
        case Phrase(field, words):
            yield Reason(field, tuple(word.decode() for word in words), float(scores[at]))
        case _:
            yield Reason("", (), float(scores[at]))


def lifted(documents: Sequence[int], typed: str, holding: Any, weight: float, columns: Columns) -> Iterator[Reason]:
    """What the talk of each document adds for what was typed: the passages that hold it, how much it counts."""
    ranking = PlainRanking(sorted(documents), [0.0] * len(documents), columns)
    ranking.lift_by_talk([(holding, weight)])
    scores = dict(zip(ranking.documents(), ranking.scores(), strict=True))
    for document in documents:
        yield Reason("talk", (typed,), scores[document])
