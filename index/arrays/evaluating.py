"""Which documents of a segment match a plan, and with which scores, by numpy?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import inf

import numpy as np

from .expanding import as_sum, expanded
from .phrases import phrase_matches
from .plan import All, Any, Column, Every, Maybe, Not, Phrase, Plan, Scored, Term, Terms, Without
from .rows import Matches, View, among, filtered, nothing, union
from .streams import Numbers


def scored(plan: Plan, view: View) -> Matches:
    """The documents of a segment that match, in order, deleted ones included, and their scores."""
    match plan:
        case Term():
            return _term(plan, view)
        case Phrase():
            return phrase_matches(plan, view)
        case Terms():
            return _terms(plan, view)
        case Any():
            return added(leaves_of(plan, view, 1.0), view)
        case All(parts, boost):
            return _common(parts, boost, view)
        case Without(part, without):
            return filtered(scored(part, view), ~mask_of(without, view))
        case Maybe(part, more):
            docs, scores = scored(part, view)
            return docs, scores + _at(scored(more, view), docs)
        case Not():
            docs = documents(plan, view)
            return docs, np.ones(len(docs))
        case Scored(_, score) | Every(_, score) | Column(_, _, _, score):
            docs = documents(plan, view)
            return docs, np.full(len(docs), score)


def documents(plan: Plan, view: View) -> Numbers:
    """The documents of a segment that match, in order, deleted ones included."""
    match plan:
        case Scored(part):
            return documents(part, view)
        case Term(name, text):
            field = view.segment.field(name)
            at = -1 if field is None else field.find(text)
            return nothing()[0] if field is None or at < 0 else view.row(field, at).docs
        case Terms(name, choice):
            field = view.segment.field(name)
            return nothing()[0] if field is None else union(field, expanded(choice, field), view.size)
        case Any(parts):
            mask = np.zeros(view.size, bool)
            for part in parts:
                mask[documents(part, view)] = True
            return np.flatnonzero(mask)
        case All(parts) if parts:
            return reduce(lambda a, b: a[among(a, b, view.size)], [documents(part, view) for part in parts])
        case Not(part):
            return np.flatnonzero(~mask_of(part, view) if view.live is None else view.live & ~mask_of(part, view))
        case Without(part, without):
            docs = documents(part, view)
            return docs[~mask_of(without, view)[docs]]
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
            return scored(plan, view)[0]


def mask_of(plan: Plan, view: View) -> Numbers:
    mask = np.zeros(view.size, bool)
    mask[documents(plan, view)] = True
    return mask


def _term(term: Term, view: View) -> Matches:
    field = view.segment.field(term.field)
    at = -1 if field is None else field.find(term.text)
    if field is None or at < 0:
        return nothing()
    row = view.row(field, at)
    weight = term.boost * (1.0 if field.lengths is None else view.snapshot.idf(term.field, term.text))
    return row.docs, row.factors * weight


def _terms(terms: Terms, view: View) -> Matches:
    field = view.segment.field(terms.field)
    numbers = [] if field is None else expanded(terms.choice, field)
    if field is None or not numbers:
        return nothing()
    if len(numbers) == 1:
        return _term(Term(terms.field, field.term(numbers[0]), terms.boost if terms.boosts_one else 1.0), view)
    if not as_sum(len(numbers), view.size, always=terms.always):
        docs = union(field, numbers, view.size)
        return docs, np.ones(len(docs))
    parts = [_term(Term(terms.field, field.term(at), terms.boost), view) for at in numbers]
    return added(parts, view)


def added(parts: Sequence[Matches], view: View) -> Matches:
    """What any part matches, with scores added."""
    parts = [part for part in parts if len(part[0])]
    if len(parts) < 2:
        return parts[0] if parts else nothing()
    if dense(parts, view):
        mask = np.zeros(view.size, bool)
        with view.zeros() as total:
            for docs, scores in parts:
                total[docs] += scores
                mask[docs] = True
            found = np.flatnonzero(mask)
            return found, total[found]
    docs, scores = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(docs, kind="stable")
    docs, scores = docs[order], scores[order]
    starts = np.flatnonzero(np.concatenate(([True], docs[1:] != docs[:-1])))
    return docs[starts], np.add.reduceat(scores, starts)


def _common(parts: Sequence[Plan], boost: float, view: View) -> Matches:
    """What all parts match, with scores added; parts that exclude come last."""
    wanted = [scored(part, view) for part in parts if not isinstance(part, Not)]
    excluded = [mask_of(part.part, view) for part in parts if isinstance(part, Not)]
    if not wanted:
        docs = documents(All(tuple(parts)), view) if parts else nothing()[0]
        return docs, np.full(len(docs), boost * len(parts))
    wanted.sort(key=lambda part: len(part[0]))
    docs = wanted[0][0]
    for other, _ in wanted[1:]:
        docs = docs[among(docs, other, view.size)]
    for mask in excluded:
        docs = docs[~mask[docs]]
    scores = np.full(len(docs), float(len(excluded)))
    for part in wanted:
        scores += part[1][np.searchsorted(part[0], docs)]
    return docs, scores * boost


def _at(found: Matches, docs: Numbers) -> Numbers:
    """The scores of these documents, 0 where they do not match."""
    if not len(found[0]):
        return np.zeros(len(docs))
    at = np.searchsorted(found[0], docs)
    at[at == len(found[0])] = 0
    return np.where(found[0][at] == docs, found[1][at], 0.0)


def leaves_of(plan: Plan, view: View, boost: float) -> list[Matches]:
    """What a sum is a sum of, so that scores are added once however the sum is nested."""
    if isinstance(plan, Any):
        return [leaf for part in plan.parts for leaf in leaves_of(part, view, boost * plan.boost)]
    docs, scores = scored(plan, view)
    if not len(docs):
        return []
    return [(docs, scores if boost == 1.0 else scores * boost)]


def dense(leaves: Sequence[Matches], view: View) -> bool:
    return 16 * sum(len(docs) for docs, _ in leaves) > view.size
