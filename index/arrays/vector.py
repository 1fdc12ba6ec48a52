"""What are the best matches of all segments, how many are there, in which order, and of what?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from .evaluating import added, dense, documents, leaves_of, mask_of, scored
from .plan import Any, Plan
from .rows import Kept, Matches, View, filtered
from .snapshot import Found
from .streams import Numbers, summed, unpack

__all__ = ["Kept", "View", "all_documents", "best", "held", "matches", "sorted_by"]

#: Filters that are remembered as masks, and how many scores are looked at together.
_MASKS = 64
_BLOCK = 512


def best(plan: Plan, views: Sequence[View], limit: int | None, keep: Sequence[Plan] = ()) -> Found:
    """The best ``limit`` matches that all of ``keep`` match too, best first; ``total`` is -1, see ``count``."""
    docs, scores = [np.zeros(0, "i8")], [np.zeros(0)]
    for view in views:
        found, rated = _best(plan, view, limit, _kept(view, keep))
        docs.append(found + view.first)
        scores.append(rated)
    all_docs, all_scores = np.concatenate(docs), np.concatenate(scores)
    order = np.lexsort((all_docs, -all_scores))[:limit]
    return Found(all_docs[order].tolist(), all_scores[order].tolist(), -1)


def matches(plan: Plan, views: Sequence[View], keep: Sequence[Plan] = ()) -> Matches:
    """All documents that match, in order, and their scores."""
    docs, scores = [np.zeros(0, "i8")], [np.zeros(0)]
    for view in views:
        found, rated = filtered(scored(plan, view), _kept(view, keep))
        docs.append(found + view.first)
        scores.append(rated)
    return np.concatenate(docs), np.concatenate(scores)


def all_documents(plan: Plan, views: Sequence[View], keep: Sequence[Plan] = ()) -> Numbers:
    """All documents that match, in order."""
    found = [np.zeros(0, "i8")]
    for view in views:
        docs = documents(plan, view)
        mask = _kept(view, keep)
        found.append((docs if mask is None else docs[mask[docs]]) + view.first)
    return np.concatenate(found)


def _kept(view: View, keep: Sequence[Plan]) -> Numbers | None:
    masks = [_mask(view, plan) for plan in keep] + ([] if view.live is None else [view.live])
    return reduce(np.logical_and, masks) if masks else None


def _mask(view: View, plan: Plan) -> Numbers:
    """Which documents match a filter, worked out once."""
    mask = view.masks.get(plan)
    if mask is None:
        mask = mask_of(plan, view)
        if len(view.masks) >= _MASKS:
            view.masks.clear()
        view.masks[plan] = mask
    return mask


def _best(plan: Plan, view: View, limit: int | None, mask: Numbers | None) -> Matches:
    leaves = leaves_of(plan, view, 1.0) if isinstance(plan, Any) else [scored(plan, view)]
    if mask is not None and len(leaves) > 1 and np.count_nonzero(mask) * 20 < view.size:
        leaves, mask = [filtered(leaf, mask) for leaf in leaves], None
    if len(leaves) > 1 and limit is not None and dense(leaves, view):
        return _best_of_sum(leaves, view, limit, mask)
    docs, scores = filtered(added(leaves, view), mask)
    at = _highest(scores, limit)
    return docs[at], scores[at]


def _best_of_sum(leaves: Sequence[Matches], view: View, limit: int, mask: Numbers | None) -> Matches:
    with view.zeros() as total:
        for docs, scores in leaves:
            total[docs] += scores
        if mask is not None:
            total *= mask
        at = _highest(total, limit)
        found = total[at]
    chosen = found > 0
    return at[chosen], found[chosen]


def _highest(scores: Numbers, limit: int | None) -> Numbers:
    """Where at least the ``limit`` highest scores are, ties included, ascending."""
    size = len(scores)
    if limit is None or size <= limit:
        return np.arange(size)
    blocks = size // _BLOCK
    if blocks > max(8, 2 * limit):
        return _highest_by_blocks(scores, limit, blocks)
    least = np.partition(scores, size - limit)[size - limit]
    return np.flatnonzero(scores >= least)


def _highest_by_blocks(scores: Numbers, limit: int, blocks: int) -> Numbers:
    """The same, looking only into blocks whose highest score is high enough."""
    most = scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
    least = np.partition(most, blocks - limit)[blocks - limit]
    chosen = np.flatnonzero(most >= least)
    places = (chosen[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
    places = np.concatenate((places, np.arange(blocks * _BLOCK, len(scores))))
    found = scores[places]
    places, found = places[found >= least], found[found >= least]
    least = np.partition(found, len(found) - limit)[len(found) - limit]
    chosen_places: Numbers = places[found >= least]
    return chosen_places


def sorted_by(
    plan: Plan, views: Sequence[View], keep: Sequence[Plan], name: str, limit: int | None, *, reverse: bool
) -> Found:
    """Matches in the order of a numeric column, which stands in for scores; equal ones in order of documents."""
    docs, numbers = [np.zeros(0, "i8")], []
    for view in views:
        found = documents(plan, view)
        mask = _kept(view, keep)
        found = found if mask is None else found[mask[found]]
        docs.append(found + view.first)
        numbers.append(np.asarray(view.segment.column(name))[found])
    all_docs, all_numbers = np.concatenate(docs), np.concatenate(numbers) if numbers else np.zeros(0)
    if reverse:
        order = np.lexsort((all_docs, all_numbers))[::-1][:limit]
    else:
        order = np.lexsort((all_docs, all_numbers))[:limit]
    return Found(all_docs[order].tolist(), all_numbers[order].tolist(), len(all_docs))


def held(plan: Plan, view: View, name: str, keep: Sequence[Plan]) -> list[tuple[bytes, int]]:
    """The terms of a field that matches hold, and how many do."""
    field = view.segment.field(name)
    if field is None:
        return []
    mask = mask_of(plan, view)
    kept = _kept(view, keep)
    if kept is not None:
        mask &= kept
    counts = np.diff(np.asarray(field.posting_ends).astype("i8"))
    classes = np.frombuffer(field.classes, "u1") & 3
    docs = summed(unpack(field.docs, np.asarray(field.doc_ends), classes, counts), counts)
    chosen = np.repeat(np.arange(len(field)), counts)[mask[docs]]
    found = np.bincount(chosen, minlength=len(field))
    return [(field.term(at), int(found[at])) for at in np.flatnonzero(found).tolist()]
