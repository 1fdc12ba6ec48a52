"""Which documents of a segment may be the best, though not all are scored?

By MaxScore (H. Turtle and J. Flood, "Query Evaluation: Strategies and Optimizations", 1995): the parts of a sum come
in the order of their weights, the most telling first, which is the same in all segments. What the further ones can
add at most is known, so a document that cannot reach the best even with that is let go, and parts that together
cannot are looked up only.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from itertools import accumulate
from math import inf

from .evaluating import SURELY, added, common, leaves_of, scores_at
from .leaf import FEW, HEAD, Leaf
from .plan import All, Plan, Term
from .rows import Mask, View, kept
from .streams import Numbers
from .top import highest, reached

#: So few documents are added up one by one.
_FEWEST = 64

#: Scores turned negative and documents, so that the best come first, and of equal ones the first.
Ranked = list[tuple[float, int]]

#: Documents and their scores.
Scores = dict[int, float]


def candidates(plan: Plan, view: View, limit: int, mask: Mask | None, least: float) -> Ranked:
    """The best ``limit`` documents but for scores below ``least``, and perhaps some more."""
    if mask is not None and mask.none:
        return []
    leaves = [common(plan, view)] if type(plan) is All else leaves_of(plan, view)
    if type(plan) is Term and limit <= HEAD:
        found = _of_head(leaves[0], view.first, limit, mask, least)
        if found is not None:
            return found
    if len(leaves) > 1 and least > 0 and sum([leaf.bound for leaf in leaves]) < least:
        return []
    if mask is not None and (len(leaves) == 1 or mask.docs is not None):
        leaves, mask = [kept(leaf, mask) for leaf in leaves], None
    if len(leaves) == 1:
        return _of_leaf(leaves[0], view.first, limit, least)
    leaves.sort(key=_telling)
    documents = sum([len(leaf.docs) for leaf in leaves])
    if mask is None and documents < _FEWEST:
        return _ranked(_of_few(leaves, limit), view.first)
    if mask is None and documents < FEW and least <= 0:
        return _of_leaf(Leaf.of(*added(leaves, view)), view.first, limit, least)
    return _ranked(_of_sum(leaves, view, limit, mask, least), view.first)


def _telling(leaf: Leaf) -> float:
    return -leaf.weight


def _ranked(scores: Scores, first: int) -> Ranked:
    return [(-score, document + first) for document, score in scores.items()]


def _of_head(leaf: Leaf, first: int, limit: int, mask: Mask | None, least: float) -> Ranked | None:
    """The same of a term whose best documents are known; None where too few of them are in the mask."""
    head, weight = leaf.row.head, leaf.weight
    if mask is not None:
        whole, bits = len(head) < HEAD, mask.bits
        head = [pair for pair in head if bits[pair[1]]]
        if len(head) < limit and not whole:
            return None
    found: Ranked = []
    for factor, document in head[:limit]:
        score = factor * weight
        if score < least:
            break
        found.append((-score, document + first))
    return found


def _of_leaf(leaf: Leaf, first: int, limit: int, least: float) -> Ranked:
    factors = leaf.row.factors
    at = _chosen(factors, limit, least * SURELY / leaf.weight if least > 0 else -inf)
    return list(zip((factors.take(at) * -leaf.weight).tolist(), (leaf.docs.take(at) + first).tolist(), strict=True))


def _of_few(leaves: Sequence[Leaf], limit: int) -> Scores:
    """The same for so few documents that calling numpy costs more than they do."""
    total: Scores = dict(zip(leaves[0].docs.tolist(), leaves[0].scores.tolist(), strict=True))
    for leaf in leaves[1:]:
        for document, score in zip(leaf.docs.tolist(), leaf.scores.tolist(), strict=True):
            total[document] = total[document] + score if document in total else score
    if len(total) <= limit:
        return total
    least = sorted(total.values())[-limit]
    return {document: score for document, score in total.items() if score >= least}


def _of_sum(leaves: Sequence[Leaf], view: View, limit: int, mask: Mask | None, least: float) -> Scores:
    """Leaf by leaf what may be among the best: a document is scored in full when it is first come upon."""
    found: Scores = {}
    rest = list(accumulate((leaf.bound for leaf in reversed(leaves)), initial=0.0))[::-1]
    for number, leaf in enumerate(leaves, 1):
        if rest[number - 1] < least:
            break
        docs, scores = _possible(leaf, mask, least * SURELY - rest[number])
        if not len(docs):
            continue
        for further, other in enumerate(leaves[number:], number):
            if len(docs) > max(FEW, limit):
                at = (scores >= max(least, reached(scores, limit)) * SURELY - rest[further]).nonzero()[0]
                docs, scores = docs.take(at), scores.take(at)
            scores = scores + scores_at(other, docs, view)
        least = _noted(found, docs, scores, limit, least)
    return found


def _possible(leaf: Leaf, mask: Mask | None, least: float) -> tuple[Numbers, Numbers]:
    """The documents, of those in the mask, whose scores are not lower."""
    docs, factors = leaf.row.reaching(least / leaf.weight) if least > 0 else (leaf.docs, leaf.row.factors)
    scores = factors * leaf.weight
    if mask is not None:
        at = mask.bits.take(docs).nonzero()[0]
        docs, scores = docs.take(at), scores.take(at)
    return docs, scores


def _noted(found: Scores, docs: Numbers, scores: Numbers, limit: int, least: float) -> float:
    """Take in the best, but for what was found before, with all of its score; gives what the best of all reach."""
    at = _chosen(scores, limit, least * SURELY)
    if not len(at):
        return least
    for document, score in zip(docs.take(at).tolist(), scores.take(at).tolist(), strict=True):
        found.setdefault(document, score)
    return max(least, nlargest(limit, found.values())[-1]) if len(found) >= limit else least


def _chosen(scores: Numbers, limit: int, least: float) -> Numbers:
    """Where the highest scores are: at least ``limit`` but for those below ``least``, and not many more."""
    if least <= 0 and len(scores) > 2 * limit:
        least = reached(scores, limit)
    at: Numbers = (scores >= least).nonzero()[0]
    return at if len(at) <= 4 * limit else at.take(highest(scores.take(at), limit))
