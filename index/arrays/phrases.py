"""Where do words stand in a row?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from .format import Field
from .plan import Phrase
from .rows import NO_LEAF, Leaf, Places, Row, View, among, bm25
from .streams import Numbers, ragged

#: Places are numbers of 32 bits; the bit above keeps documents further apart than any slop.
_PLACE_BITS = 33

#: So many terms have a bit each in a number.
_MOST_TERMS = 62


@dataclass(slots=True)
class Gathered:
    """Documents that hold some terms near each other, and where.

    ``keys`` has for each term a rising number for each place it may matter at: of which document, and the place.
    ``scores`` are sums over the terms.
    """

    docs: Numbers
    keys: dict[int, Numbers]
    scores: Numbers

    @property
    def nbytes(self) -> int:
        return int(self.docs.nbytes + self.scores.nbytes + sum(keys.nbytes for keys in self.keys.values()))


def phrase_matches(phrase: Phrase, view: View) -> Leaf:
    field = view.segment.field(phrase.field)
    numbers = [-1] if field is None else [field.find(word) for word in phrase.words]
    if field is None or min(numbers) < 0:
        return NO_LEAF
    row = _standing(phrase.slop, field, numbers, view)
    if phrase.together:
        factors = bm25(row.factors, view.norms(field)[row.docs], view.snapshot)
        return Leaf(row.docs, factors, phrase.boost * view.snapshot.idf_of(_together_df(phrase, view)))
    gathered = _gathered(phrase.slop, field, numbers, view)
    return Leaf(row.docs, gathered.scores[np.searchsorted(gathered.docs, row.docs)], phrase.boost)


def _standing(slop: int, field: Field, numbers: Sequence[int], view: View) -> Row:
    """Documents in which terms stand in order, and how often they do."""
    key = (view.first, field.name, tuple(numbers), slop)
    return view.kept.get(key, lambda: _stood(slop, numbers, _gathered(slop, field, numbers, view)))


def _stood(slop: int, numbers: Sequence[int], gathered: Gathered) -> Row:
    ends = gathered.keys[numbers[0]]
    for at in numbers[1:]:
        if not len(ends):
            break
        keys = gathered.keys[at]
        before = np.searchsorted(ends, keys)
        ends = keys[(before > 0) & (keys - ends[before - 1] <= slop)]
    found = np.bincount(ends >> _PLACE_BITS, minlength=len(gathered.docs))
    return Row(gathered.docs[found > 0], found[found > 0])


def _gathered(slop: int, field: Field, numbers: Sequence[int], view: View) -> Gathered:
    """The same for all orders of these terms."""
    same = sorted(numbers)
    return view.kept.get((view.first, field.name, tuple(same), slop, "near"), lambda: _gather(slop, field, same, view))


def _gather(slop: int, field: Field, numbers: Sequence[int], view: View) -> Gathered:
    rows = {at: view.row(field, at) for at in numbers}
    docs = reduce(lambda a, b: a.compress(among(a, b, view.size)), sorted((row.docs for row in rows.values()), key=len))
    keys = {at: _keys(view.places(field, at), row.docs, docs, view) for at, row in rows.items()}
    if slop > 1 and 1 < len(keys) < _MOST_TERMS:
        docs, keys = _together(docs, keys, slop)
    scores = np.zeros(len(docs))
    for at in numbers:
        idf = view.snapshot.idf(field.name, field.term(at))
        scores += rows[at].factors[np.searchsorted(rows[at].docs, docs)] * idf
    return Gathered(docs, keys, scores)


def _together(docs: Numbers, keys: dict[int, Numbers], slop: int) -> tuple[Numbers, dict[int, Numbers]]:
    """Only those places of which some, each at most ``slop`` from the next, hold all of the terms."""
    places = np.concatenate(list(keys.values()))
    terms = np.repeat(1 << np.arange(len(keys)), [len(own) for own in keys.values()])
    order = np.argsort(places, kind="stable")
    places, terms = places[order], terms[order]
    starts = np.flatnonzero(np.diff(places, prepend=-slop - 1) > slop)
    held = np.bitwise_or.reduceat(terms, starts) if len(starts) else terms
    chosen = np.repeat(held == (1 << len(keys)) - 1, np.diff(starts, append=len(places)))
    places, terms = places[chosen], terms[chosen]
    of_docs = places >> _PLACE_BITS
    holding = np.zeros(len(docs), bool)
    holding[of_docs] = True
    places -= (of_docs - (np.cumsum(holding) - 1)[of_docs]) << _PLACE_BITS
    return docs[holding], {at: places[terms == 1 << number] for number, at in enumerate(keys)}


def _keys(places: Places, own: Numbers, docs: Numbers, view: View) -> Numbers:
    """A number for each place of a term in some of its documents: which of these, and the place."""
    if len(docs) == len(own):
        counts, found = np.diff(places.starts), places.places
    else:
        few = 8 * len(docs) < len(own)
        of_docs = np.searchsorted(own, docs) if few else np.flatnonzero(_in(own, docs, view))
        counts = places.starts[of_docs + 1] - places.starts[of_docs]
        found = places.places[ragged(places.starts[of_docs], counts)]
    return np.repeat(np.arange(len(docs)) << _PLACE_BITS, counts) + found


def _in(docs: Numbers, some: Numbers, view: View) -> Numbers:
    mask = np.zeros(view.size, bool)
    mask[some] = True
    return mask[docs]


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
        view.snapshot.kept[key] = total
    found: int = view.snapshot.kept[key]
    return found
