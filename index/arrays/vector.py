"""What are the best matches of all segments, how many are there, in which order, and of what?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np

from .evaluating import added, dense, distinct, documents, leaves_of, mask_of, scored
from .holding import Holding
from .plan import Any, Plan
from .rows import Kept, Leaf, Mask, Matches, View, filtered, nothing
from .snapshot import Found
from .streams import Numbers
from .top import highest, reached, turned

__all__ = ["Kept", "View", "all_documents", "best", "count", "counts", "matches", "sorted_by"]

#: Filters that are remembered as masks.
_MASKS = 64


def best(plan: Plan, views: Sequence[View], limit: int | None, keep: Sequence[Plan] = ()) -> Found:
    """The best ``limit`` matches that all of ``keep`` match too, best first; ``total`` is -1, see ``count``."""
    docs, scores = _joined(_best(plan, view, limit, _kept(view, keep)) for view in views)
    order = np.argsort(-scores, kind="stable")[:limit]
    return Found(docs[order].tolist(), scores[order].tolist(), -1)


def matches(plan: Plan, views: Sequence[View], keep: Sequence[Plan] = ()) -> Matches:
    """All documents that match, in order, and their scores."""
    return _joined(_all(scored(plan, view), view, _kept(view, keep)) for view in views)


def count(plan: Plan, views: Sequence[View], keep: Sequence[Plan] = ()) -> int:
    """How many documents match."""
    return sum(len(_documents(plan, view, keep)) for view in views)


def all_documents(plan: Plan, views: Sequence[View], keep: Sequence[Plan] = ()) -> Numbers:
    """All documents that match, in order."""
    return np.sort(np.concatenate([np.zeros(0, "i8"), *(_documents(plan, view, keep) + view.first for view in views)]))


def sorted_by(
    plan: Plan, views: Sequence[View], keep: Sequence[Plan], name: str, limit: int | None, *, reverse: bool
) -> Found:
    """Matches in the order of a numeric column, which stands in for scores; equal ones in order of documents."""
    docs, numbers = _joined(_first(plan, view, keep, name, limit, reverse=reverse) for view in views)
    order = np.lexsort((docs, numbers))
    chosen = (order[::-1] if reverse else order)[:limit]
    return Found(docs[chosen].tolist(), numbers[chosen].tolist(), -1)


def counts(plan: Plan, view: View, name: str, keep: Sequence[Plan]) -> list[tuple[bytes, int]]:
    """The terms of a field that matches hold, and how many do."""
    field = view.segment.field(name)
    if field is None:
        return []
    holding = view.kept.get((view.first, name, "holding"), lambda: Holding(field))
    found = holding.counts(_documents(plan, view, keep))
    held = np.flatnonzero(found)
    return list(zip(map(holding.terms.__getitem__, held.tolist()), found[held].tolist(), strict=True))


def _joined(parts: Iterable[Matches]) -> Matches:
    found = list(parts)
    if len(found) == 1:
        return found[0]
    docs, scores = zip(nothing(), *found, strict=True)
    return np.concatenate(docs), np.concatenate(scores)


def _all(leaf: Leaf, view: View, mask: Mask | None) -> Matches:
    docs, scores = leaf.docs, leaf.scores
    if mask is not None:
        docs, scores = filtered((docs, scores), mask.bits)
    return docs + view.first, scores


def _documents(plan: Plan, view: View, keep: Sequence[Plan]) -> Numbers:
    """The documents that match, in no order."""
    docs, mask = distinct(plan, view), _kept(view, keep)
    return docs if mask is None else docs.compress(mask.bits.take(docs))


def _kept(view: View, keep: Sequence[Plan]) -> Mask | None:
    """Which documents all filters let through, deleted ones left out; worked out once. None for all."""
    if not keep and view.live is None:
        return None
    plans = tuple(keep)
    mask = view.masks.get(plans)
    if mask is None:
        parts = [mask_of(plan, view) for plan in plans] + ([] if view.live is None else [view.live])
        bits = reduce(np.logical_and, parts)
        mask = Mask(bits, int(np.count_nonzero(bits)))
        if len(view.masks) >= _MASKS:
            view.masks.clear()
        view.masks[plans] = mask
    return mask


def _best(plan: Plan, view: View, limit: int | None, mask: Mask | None) -> Matches:
    leaves = leaves_of(plan, view)
    if mask is not None and len(leaves) > 1 and mask.documents * 20 < view.size:
        leaves, mask = [Leaf(*filtered(leaf[:2], mask.bits), leaf.weight) for leaf in leaves], None
    if len(leaves) > 1 and limit is not None and dense(leaves, view):
        return _best_of_sum(leaves, view, limit, mask)
    leaf = leaves[0] if len(leaves) == 1 else Leaf(*added(leaves, view))
    docs, factors = leaf.docs, leaf.factors
    if mask is not None:
        docs, factors = filtered((docs, factors), mask.bits)
    at = highest(factors, limit)
    return docs[at] + view.first, factors[at] * leaf.weight


def _best_of_sum(leaves: Sequence[Leaf], view: View, limit: int, mask: Mask | None) -> Matches:
    with view.zeros() as total:
        for leaf in leaves:
            np.add.at(total, leaf.docs, leaf.scores)
        docs = np.flatnonzero(total >= _least(total, leaves, limit, mask))
        scores = total[docs]
    if mask is not None:
        docs, scores = filtered((docs, scores), mask.bits)
    at = highest(scores, limit)
    return docs[at] + view.first, scores[at]


def _least(total: Numbers, leaves: Sequence[Leaf], limit: int, mask: Mask | None) -> float:
    """A score that the best reach: as many of the documents of the most telling leaf do."""
    docs = max(leaves, key=lambda leaf: (len(leaf.docs) >= limit, leaf.weight)).docs
    if mask is not None:
        docs = docs.compress(mask.bits.take(docs))
    return reached(total[docs], limit) if len(docs) >= limit else sys.float_info.min


def _first(plan: Plan, view: View, keep: Sequence[Plan], name: str, limit: int | None, *, reverse: bool) -> Matches:
    """At least the matches that come first. Those of alternatives are among the first of each."""
    numbers, mask = np.asarray(view.segment.column(name)), _kept(view, keep)
    found: set[int] = set()
    for part in plan.parts if isinstance(plan, Any) and limit is not None else (plan,):
        docs = documents(part, view)
        if mask is not None:
            docs = docs.compress(mask.bits.take(docs))
        own = numbers[docs]
        at = len(own) - 1 - highest(own[::-1], limit) if reverse else highest(turned(own), limit)
        found.update(docs[at].tolist())
    docs = np.fromiter(found, "i8", len(found))
    return docs + view.first, numbers[docs]
