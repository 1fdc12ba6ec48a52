"""Where do words stand in a row, or near each other?

A place in a segment is a number, the document's above and the place in it below: see ``View.places``. So words in a
row are neighbours among such numbers, and no document is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from .format import Field
from .leaf import NO_LEAF, Leaf, Postings, Row
from .plan import Phrase
from .postings import PLACE_BITS
from .rows import View
from .snapshot import REMEMBERED
from .streams import Numbers

#: So many terms have a bit each in a number.
_MOST_TERMS = 62


@dataclass(slots=True)
class Gathered:
    """Places of some terms, one term after the other, and where those of each end."""

    ends: Numbers
    places: Numbers

    @property
    def nbytes(self) -> int:
        return int(self.ends.nbytes + self.places.nbytes)


def phrase_matches(phrase: Phrase, view: View) -> Leaf:
    field = view.segment.field(phrase.field)
    numbers = [-1] if field is None else [field.find(word) for word in phrase.words]
    if field is None or min(numbers) < 0:
        return NO_LEAF
    key = (view.first, field.name, tuple(numbers), phrase.slop, phrase.together)
    return view.kept.get(key, lambda: _leaf(phrase, field, numbers, view)).times(phrase.boost)


def _leaf(phrase: Phrase, field: Field, numbers: Sequence[int], view: View) -> Leaf:
    counted = _standing(phrase.slop, field, numbers, view)
    docs = counted.docs
    if phrase.together:
        row = Postings(docs, counted.factors, view.norms(field), view.snapshot.scoring.k1, view.size)
        return Leaf(row, view.snapshot.idf_of(_together_df(phrase, view)))
    scores = np.zeros(len(docs))
    for at in numbers:
        scores += view.leaf(field, at).at(docs)
    return Leaf(Row(docs, scores, view.size))


def _standing(slop: int, field: Field, numbers: Sequence[int], view: View) -> Row:
    """Documents in which terms stand in order, and how often they do."""
    return view.kept.get(
        (view.first, field.name, tuple(numbers), slop), lambda: _counted(_ends(slop, field, numbers, view))
    )


def _counted(ends: Numbers) -> Row:
    docs = ends >> PLACE_BITS
    starts = np.flatnonzero(np.diff(docs, prepend=-1))
    return Row(docs[starts], np.diff(starts, append=len(docs)))


def _ends(slop: int, field: Field, numbers: Sequence[int], view: View) -> Numbers:
    """The places of the last of terms that stand in order, each at most ``slop`` after the one before."""
    if slop == 1:
        return _in_a_row([view.places(field, at) for at in numbers])
    near = _near(slop, field, numbers, view)
    ends = near[numbers[0]]
    for at in numbers[1:]:
        if not len(ends):
            break
        places = near[at]
        before = np.searchsorted(ends, places)
        ends = places[(before > 0) & (places - ends[before - 1] <= slop)]
    return ends


def _in_a_row(places: Sequence[Numbers]) -> Numbers:
    """The rarest term says where the row may be, the others are looked up there."""
    rarest, *others = sorted(range(len(places)), key=lambda number: len(places[number]))
    starts = places[rarest] - rarest
    for number in others:
        wanted = starts + number
        at = np.searchsorted(places[number], wanted)
        starts = starts.compress(places[number].take(at, mode="clip") == wanted)
    return starts + (len(places) - 1)


def _near(slop: int, field: Field, numbers: Sequence[int], view: View) -> dict[int, Numbers]:
    """For each of these terms the places at which it is near enough to the others, in whatever order they come."""
    terms = sorted(set(numbers))

    def gathered() -> Gathered:
        holding = reduce(np.logical_and, [view.leaf(field, at).row.marks(view.size) for at in terms])
        every = [view.places(field, at) for at in terms]
        return _together([places.compress(holding.take(places >> PLACE_BITS)) for places in every], slop)

    found = view.kept.get((view.first, field.name, tuple(terms), slop, "near"), gathered)
    return dict(zip(terms, np.split(found.places, found.ends[:-1]), strict=True))


def _together(of_terms: Sequence[Numbers], slop: int) -> Gathered:
    """Only those places of which some, each at most ``slop`` from the next, hold all of the terms."""
    places, counts = np.concatenate(of_terms), [len(own) for own in of_terms]
    if 1 < len(of_terms) <= _MOST_TERMS:
        order = np.argsort(places, kind="stable")
        terms = np.repeat(1 << np.arange(len(counts)), counts)[order]
        starts = np.flatnonzero(np.diff(places[order], prepend=-slop - 1) > slop)
        held = np.bitwise_or.reduceat(terms, starts) if len(starts) else terms
        chosen = order[np.repeat(held == (1 << len(counts)) - 1, np.diff(starts, append=len(order)))]
        chosen.sort()
        return Gathered(np.searchsorted(chosen, np.cumsum(counts)), places[chosen])
    return Gathered(np.cumsum(counts), places)


def _together_df(phrase: Phrase, view: View) -> int:
    """How many documents of all segments hold the words of a phrase together."""
    key = ("together", phrase.field, phrase.words, phrase.slop)
    if key not in view.snapshot.kept:
        total = 0
        for part in view.snapshot.slices:
            other = view if part is view.part else View(part, view.snapshot, view.kept)
            field = part.segment.field(phrase.field)
            numbers = [-1] if field is None else [field.find(word) for word in phrase.words]
            if field is not None and min(numbers) >= 0:
                total += len(_standing(phrase.slop, field, numbers, other).docs)
        if len(view.snapshot.kept) >= REMEMBERED:
            view.snapshot.kept.clear()
        view.snapshot.kept[key] = total
    found: int = view.snapshot.kept[key]
    return found
