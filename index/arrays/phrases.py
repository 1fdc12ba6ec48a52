"""Where do words stand in a row?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from .format import Field
from .plan import Phrase
from .rows import NO_LEAF, Leaf, Matches, Places, Row, View, among, bm25, nothing
from .streams import Numbers, ragged

#: Places are numbers of 32 bits; the bit above keeps documents further apart than any slop.
_PLACE_BITS = 33


def phrase_matches(phrase: Phrase, view: View) -> Leaf:
    field = view.segment.field(phrase.field)
    numbers = [-1] if field is None else [field.find(word) for word in phrase.words]
    if field is None or min(numbers) < 0:
        return NO_LEAF
    docs, counts = _standing(phrase, field, numbers, view)
    if phrase.together:
        factors = bm25(counts, view.norms(field)[docs], view.snapshot)
        return Leaf(docs, factors, phrase.boost * view.snapshot.idf_of(_together_df(phrase, view)))
    scores = np.zeros(len(docs))
    for word, at in zip(phrase.words, numbers, strict=True):
        row = view.row(field, at)
        scores += row.factors[np.searchsorted(row.docs, docs)] * view.snapshot.idf(phrase.field, word)
    return Leaf(docs, scores, phrase.boost)


def _standing(phrase: Phrase, field: Field, numbers: Sequence[int], view: View) -> Matches:
    """Documents in which the words of a phrase stand in order, and how often they do."""
    row = view.kept.get(
        (view.first, field.name, tuple(numbers), phrase.slop), lambda: _stood(phrase.slop, field, numbers, view)
    )
    return row.docs, row.factors


def _stood(slop: int, field: Field, numbers: Sequence[int], view: View) -> Row:
    rows = {at: view.row(field, at).docs for at in set(numbers)}
    docs = reduce(lambda a, b: a[among(a, b, view.size)], sorted(rows.values(), key=len))
    if not len(docs):
        return Row(*nothing())
    ends: Numbers | None = None
    for at in numbers:
        keys = _keys(view.places(field, at), rows[at], docs, view)
        if ends is None:
            ends = keys
        elif not len(ends):
            break
        else:
            before = np.searchsorted(ends, keys)
            ends = keys[(before > 0) & (keys - ends[before - 1] <= slop)]
    assert ends is not None
    found = np.bincount(ends >> _PLACE_BITS, minlength=len(docs))
    return Row(docs[found > 0], found[found > 0])


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
                total += len(_standing(phrase, field, numbers, other)[0])
        view.snapshot.kept[key] = total
    found: int = view.snapshot.kept[key]
    return found
