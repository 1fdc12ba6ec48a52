"""Which documents of a segment match a plan, and with which scores, by numpy?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import inf

import numpy as np

from .expanding import as_sum, expanded
from .leaf import NO_LEAF, Leaf, Matches, Row, nothing
from .phrases import phrase_matches
from .plan import All, Any, Column, Every, Maybe, Not, Phrase, Plan, Scored, Term, Terms, Without
from .rows import View, union
from .streams import Numbers

#: Sums in another order differ by less: what is let go is surely lower.
SURELY = 1 - 1e-9


def scored(plan: Plan, view: View) -> Leaf:
    """The documents of a segment that match, in order, deleted ones included, and their scores."""
    match plan:
        case Term():
            return _term(plan, view)
        case Phrase():
            return phrase_matches(plan, view)
        case Terms():
            return _terms(plan, view)
        case Any(()):
            return NO_LEAF
        case Any():
            return Leaf.of(*added(leaves_of(plan, view), view))
        case All():
            return common(plan, view)
        case Without(part, without):
            return scored(part, view).among(~mask_of(without, view))
        case Maybe(part, more):
            leaf = scored(part, view)
            return Leaf.of(leaf.docs, leaf.scores + scores_at(scored(more, view), leaf.docs, view))
        case Not():
            docs = documents(plan, view)
            return Leaf.of(docs, np.ones(len(docs)))
        case Scored(_, score) | Every(_, score) | Column(_, _, _, score):
            docs = documents(plan, view)
            return Leaf.of(docs, np.ones(len(docs)), score)


def documents(plan: Plan, view: View) -> Numbers:
    """The documents of a segment that match, in order, deleted ones included."""
    match plan:
        case Scored(part):
            return documents(part, view)
        case Term(name, text):
            field = view.segment.field(name)
            at = -1 if field is None else field.find(text)
            return nothing()[0] if field is None or at < 0 else view.leaf(field, at).docs
        case Terms(name, choice):
            field = view.segment.field(name)
            return nothing()[0] if field is None else union(field, expanded(choice, field), view.size)
        case Any((part,)):
            return documents(part, view)
        case Any():
            return np.flatnonzero(mask_of(plan, view))
        case All(parts) if parts:
            return _in_all([documents(part, view) for part in parts], view)
        case Not(part):
            return np.flatnonzero(~mask_of(part, view) if view.live is None else view.live & ~mask_of(part, view))
        case Without(part, without):
            docs = documents(part, view)
            return docs.compress(~mask_of(without, view).take(docs))
        case Maybe(part):
            return documents(part, view)
        case Every(None):
            return np.arange(view.size) if view.live is None else np.flatnonzero(view.live)
        case Every(name):
            field = view.segment.field(str(name))
            return nothing()[0] if field is None else union(field, range(len(field)), view.size)
        case Column(name, low, high):
            if name not in view.segment.columns:
                return nothing()[0]
            numbers = np.asarray(view.segment.column(name))
            return np.flatnonzero(
                ((-inf if low is None else low) <= numbers) & (numbers < (inf if high is None else high))
            )
        case _:
            return scored(plan, view).docs


def distinct(plan: Plan, view: View) -> Numbers:
    """The same documents in no order, which is faster for alternatives."""
    if not isinstance(plan, Any) or len(plan.parts) < 2:
        return documents(plan, view)
    mask = np.zeros(view.size, bool)
    found = [distinct(plan.parts[0], view)]
    for part in plan.parts[1:]:
        mask[found[-1]] = True
        docs = distinct(part, view)
        found.append(docs.compress(~mask.take(docs)))
    return np.concatenate(found)


def mask_of(plan: Plan, view: View) -> Numbers:
    mask = np.zeros(view.size, bool)
    for part in plan.parts if isinstance(plan, Any) else (plan,):
        mask[documents(part, view)] = True
    return mask


def _term(term: Term, view: View) -> Leaf:
    field = view.segment.field(term.field)
    at = -1 if field is None else field.find(term.text)
    return NO_LEAF if field is None or at < 0 else view.leaf(field, at).times(term.boost)


def _terms(terms: Terms, view: View) -> Leaf:
    field = view.segment.field(terms.field)
    numbers = [] if field is None else expanded(terms.choice, field)
    if field is None or not numbers:
        return NO_LEAF
    if len(numbers) == 1:
        return view.leaf(field, numbers[0]).times(terms.boost if terms.boosts_one else 1.0)
    summed = as_sum(len(numbers), view.size, always=terms.always)

    def found() -> Leaf:
        if summed:
            return Leaf(Row(*added([view.leaf(field, at) for at in numbers], view), view.size))
        docs = union(field, numbers, view.size)
        return Leaf(Row(docs, np.ones(len(docs)), view.size))

    leaf = view.kept.get((view.first, field.name, terms.choice, summed), found)
    return leaf.times(terms.boost) if summed else leaf


def leaves_of(plan: Plan, view: View, boost: float = 1.0) -> list[Leaf]:
    """What a sum is a sum of, so that scores are added once however the sum is nested; at least one."""
    if isinstance(plan, Term):
        return [_term(plan, view).times(boost)]
    if isinstance(plan, Any) and plan.parts:
        return [leaf for part in plan.parts for leaf in leaves_of(part, view, boost * plan.boost)]
    return [scored(plan, view).times(boost)]


def added(leaves: Sequence[Leaf], view: View) -> Matches:
    """What any leaf matches, with scores added in the order of the leaves, so that equal documents have equal ones."""
    leaves = [leaf for leaf in leaves if len(leaf.docs)]
    if len(leaves) < 2:
        return (leaves[0].docs, leaves[0].scores) if leaves else nothing()
    if 16 * sum(len(leaf.docs) for leaf in leaves) > view.size:
        mask = np.zeros(view.size, bool)
        for leaf in leaves:
            mask[leaf.docs] = True
        found = np.flatnonzero(mask)
        with view.summed(leaves) as total:
            return found, total[found]
    docs = np.concatenate([leaf.docs for leaf in leaves])
    order = np.argsort(docs, kind="stable")
    docs, scores = docs[order], np.concatenate([leaf.scores for leaf in leaves])[order]
    new = np.concatenate(([True], docs[1:] != docs[:-1]))
    total = np.zeros(np.count_nonzero(new))
    np.add.at(total, np.cumsum(new) - 1, scores)
    return docs.compress(new), total


def common(plan: All, view: View) -> Leaf:
    """What all parts match, with scores added in the order of the parts.

    Of the others only what the rarest part matches is looked up.
    """
    wanted = [leaves_of(part, view) for part in plan.parts if not isinstance(part, Not)]
    excluded = [mask_of(part.part, view) for part in plan.parts if isinstance(part, Not)]
    if not wanted:
        docs = documents(plan, view) if plan.parts else nothing()[0]
        return Leaf.of(docs, np.full(len(docs), float(len(plan.parts))), plan.boost)
    rarest, *others = sorted(wanted, key=_postings)
    docs = rarest[0].docs if len(rarest) == 1 else added(rarest, view)[0]
    for leaves in others:
        docs = docs.take(_held(docs, leaves, view).nonzero()[0])
    for bits in excluded:
        docs = docs.compress(~bits.take(docs))
    if not len(docs):
        return NO_LEAF
    found = [leaf.at(docs) if len(leaves) == 1 else scores_at(leaf, docs, view) for leaves in wanted for leaf in leaves]
    total = reduce(np.add, found)
    return Leaf.of(docs, total + float(len(excluded)) if excluded else total, plan.boost)


def _postings(leaves: Sequence[Leaf]) -> int:
    return sum([len(leaf.docs) for leaf in leaves])


def _held(docs: Numbers, leaves: Sequence[Leaf], view: View) -> Numbers:
    """Which of these documents any of the leaves matches."""
    held = leaves[0].row.holds(docs, view.size)
    for leaf in leaves[1:]:
        held = held | leaf.row.holds(docs, view.size)
    return held


def _in_all(found: Sequence[Numbers], view: View) -> Numbers:
    """The documents that are everywhere."""
    return reduce(lambda docs, row: docs.compress(Row(row, None).holds(docs, view.size)), sorted(found, key=len))


def scores_at(leaf: Leaf, docs: Numbers, view: View) -> Numbers:
    """The scores of these documents, 0 where they do not match."""
    scores, held = np.zeros(len(docs)), leaf.row.holds(docs, view.size).nonzero()[0]
    if len(held):
        scores[held] = leaf.at(docs.take(held))
    return scores
