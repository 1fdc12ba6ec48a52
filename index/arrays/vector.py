"""What are the best matches of all segments, how many are there, in which order, and of what?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from math import inf

import numpy as np

from .evaluating import distinct, documents, mask_of, scored
from .holding import Holding
from .leaf import Leaf, Matches, nothing
from .plan import Any, Plan
from .rows import Kept, Mask, View
from .snapshot import Found
from .streams import Numbers
from .sums import Ranked, candidates
from .top import highest, turned

__all__ = ["Kept", "View", "all_documents", "best", "count", "counts", "matches", "sorted_by"]


def best(plan: Plan, views: Sequence[View], limit: int | None, keep: Sequence[Plan] = ()) -> Found:
    """The best ``limit`` matches that all of ``keep`` match too, best first; ``total`` is -1, see ``count``."""
    if limit is None:
        docs, scores = matches(plan, views, keep)
        order = np.argsort(-scores, kind="stable")
        return Found(docs[order].tolist(), scores[order].tolist(), -1)
    ranked: Ranked = []
    least = -inf
    for view in views:
        ranked += candidates(plan, view, limit, _kept(view, keep), least)
        ranked.sort()
        del ranked[limit:]
        least = -ranked[-1][0] if len(ranked) == limit else -inf
    return Found([document for _, document in ranked], [-score for score, _ in ranked], -1)


def matches(plan: Plan, views: Sequence[View], keep: Sequence[Plan] = ()) -> Matches:
    """All documents that match, in order, and their scores."""
    return _joined(_all(scored(plan, view), view, _kept(view, keep)) for view in views)


def count(plan: Plan, views: Sequence[View], keep: Sequence[Plan] = ()) -> int:
    """How many documents match."""
    return sum(len(_documents(plan, view, keep)) for view in views)


def all_documents(plan: Plan, views: Sequence[View], keep: Sequence[Plan] = ()) -> Numbers:
    """All documents that match, in no order."""
    found = [_documents(plan, view, keep) + view.first for view in views]
    return found[0] if len(found) == 1 else np.concatenate([np.zeros(0, "i8"), *found])


def sorted_by(
    plan: Plan, views: Sequence[View], keep: Sequence[Plan], name: str, limit: int | None, *, reverse: bool
) -> Found:
    """Matches in the order of a numeric column, which stands in for scores; equal ones in order of documents."""
    docs, numbers = _joined(_first(plan, view, keep, name, limit, reverse=reverse) for view in views)
    order = np.lexsort((docs, numbers))
    chosen = (order[::-1] if reverse else order)[:limit]
    return Found(docs[chosen].tolist(), numbers[chosen].tolist(), -1)


def counts(
    plan: Plan, views: Sequence[View], name: str, told: Callable[[bytes], str], keep: Sequence[Plan]
) -> Counter[str]:
    """The terms of a field that matches hold, as ``told`` makes them of their bytes, and how many do."""
    found: Counter[str] = Counter()
    for view in views:
        field = view.segment.field(name)
        if field is not None:
            holding = view.kept.get((view.first, name, "holding"), partial(Holding, field, told))
            found.update(holding.counts(_documents(plan, view, keep)))
    return found


def _joined(parts: Iterable[Matches]) -> Matches:
    found = list(parts)
    if len(found) == 1:
        return found[0]
    docs, scores = zip(nothing(), *found, strict=True)
    return np.concatenate(docs), np.concatenate(scores)


def _all(leaf: Leaf, view: View, mask: Mask | None) -> Matches:
    if mask is not None:
        leaf = leaf.among(mask.bits)
    return leaf.docs + view.first, leaf.scores


def _documents(plan: Plan, view: View, keep: Sequence[Plan]) -> Numbers:
    """The documents that match, in no order."""
    docs, mask = distinct(plan, view), _kept(view, keep)
    return docs if mask is None else docs.compress(mask.bits.take(docs))


def _kept(view: View, keep: Sequence[Plan]) -> Mask | None:
    """Which documents all filters let through, deleted ones left out; worked out once. None for all."""
    if not keep and view.live is None:
        return None
    return view.kept.get((view.first, *keep), partial(_mask, view, keep))


def _mask(view: View, keep: Sequence[Plan]) -> Mask:
    parts = [mask_of(plan, view) for plan in keep] + ([] if view.live is None else [view.live])
    return Mask.of(reduce(np.logical_and, parts))


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
