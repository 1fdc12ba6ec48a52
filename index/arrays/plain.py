"""How are postings read, and documents scored, without numpy?

Importing numpy takes longer than scoring a few hundred thousand postings in plain Python: a command that
answers one query and ends is faster so.
"""

from __future__ import annotations

import typing
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import accumulate
from math import inf

from .expanding import as_sum, expanded
from .format import Field
from .plan import All, Any, Column, Every, Maybe, Not, Phrase, Plan, Scored, Term, Terms, Without
from .snapshot import Found, Slice, Snapshot

_CODES = "BBHI"
_WIDTHS = (1, 1, 2, 4)
_ESCAPES = (None, 0xFF, 0xFFFF, None)


def docs_of(field: Field, at: int) -> list[int]:
    """The documents that hold a term, ascending."""
    return _sums(field.docs, field.doc_ends, at, field.classes[at] & 3, field.df(at))


def tfs_of(field: Field, at: int) -> list[int]:
    """How often each of them holds it."""
    kind = field.classes[at] >> 2 & 3
    if not kind:
        return [1] * field.df(at)
    return [number + 1 for number in _values(field.tfs, field.tf_ends, at, kind, field.df(at))]


def places_of(field: Field, at: int) -> list[int]:
    """Where a term stands: for each document the first place, then gaps to the next."""
    kind = field.classes[at] >> 4 & 3
    count = sum(tfs_of(field, at))
    return [0] * count if not kind else _values(field.places, field.place_ends, at, kind, count)


def _row(data: typing.Any, ends: typing.Any, at: int, kind: int) -> typing.Any:
    return data[ends[at] : ends[at + 1]].cast(_CODES[kind])


def _sums(data: typing.Any, ends: typing.Any, at: int, kind: int, count: int) -> list[int]:
    if not kind:
        return [0] * count
    raw = _row(data, ends, at, kind)
    sums = accumulate(raw)
    if len(raw) == count:
        return list(sums)
    escape = _ESCAPES[kind]
    return [total for total, number in zip(sums, raw, strict=True) if number != escape]


def _values(data: typing.Any, ends: typing.Any, at: int, kind: int, count: int) -> list[int]:
    raw = _row(data, ends, at, kind)
    if len(raw) == count:
        return list(raw)
    sums = _sums(data, ends, at, kind, count)
    return [after - before for before, after in zip([0, *sums], sums, strict=False)]


def with_any(name: str, snapshot: Snapshot) -> list[int]:
    """The documents with a term in a field, ascending, deleted ones included."""
    found: list[int] = []
    for part in snapshot.slices:
        field = part.segment.field(name)
        docs = {doc for at in range(len(field)) for doc in docs_of(field, at)} if field is not None else ()
        found += [part.first + doc for doc in sorted(docs)]
    return found


def evaluate(plan: Plan, snapshot: Snapshot, part: Slice) -> dict[int, float]:
    """The documents of a segment that match, deleted ones included, and their scores."""
    match plan:
        case Term():
            return _term(plan, snapshot, part)
        case Phrase():
            return _phrase(plan, snapshot, part)
        case Terms():
            return _terms(plan, snapshot, part)
        case Any(parts, boost):
            return _boosted(_sum([evaluate(each, snapshot, part) for each in parts]), boost)
        case All(parts, boost):
            return _boosted(_common([evaluate(each, snapshot, part) for each in parts]), boost)
        case Not(inner):
            gone = evaluate(inner, snapshot, part).keys() | part.deleted
            return {document: 1.0 for document in range(part.segment.documents) if document not in gone}
        case Without(inner, without):
            less = evaluate(without, snapshot, part)
            return {doc: score for doc, score in evaluate(inner, snapshot, part).items() if doc not in less}
        case Maybe(inner, more):
            added = evaluate(more, snapshot, part)
            return {doc: score + added.get(doc, 0.0) for doc, score in evaluate(inner, snapshot, part).items()}
        case Scored(inner, score):
            return dict.fromkeys(evaluate(inner, snapshot, part), score)
        case Every(None, score):
            return dict.fromkeys((doc for doc in range(part.segment.documents) if doc not in part.deleted), score)
        case Every(name, score):
            field = part.segment.field(str(name))
            return {} if field is None else {doc: score for at in range(len(field)) for doc in docs_of(field, at)}
        case Column(name, low, high, score):
            low, high = (-inf if low is None else low), (inf if high is None else high)
            numbers = part.segment.column(name) if name in part.segment.columns else ()
            return {doc: score for doc, number in enumerate(numbers) if low <= number < high}


def best(plan: Plan, snapshot: Snapshot, limit: int | None, keep: Plan | None = None) -> Found:
    """The best ``limit`` matches that ``keep`` matches too, best first; equal scores in order of documents."""
    ranked: list[tuple[float, int]] = []
    for part in snapshot.slices:
        found = evaluate(plan, snapshot, part)
        wanted = None if keep is None else evaluate(keep, snapshot, part)
        ranked += [
            (-score, part.first + doc)
            for doc, score in found.items()
            if doc not in part.deleted and (wanted is None or doc in wanted)
        ]
    chosen = sorted(ranked) if limit is None else nsmallest(limit, ranked)
    return Found([document for _, document in chosen], [-score for score, _ in chosen], len(ranked))


def effort(plan: Plan, snapshot: Snapshot) -> int:
    """About how many postings have to be read."""
    match plan:
        case Term(field, text):
            return snapshot.df(field, text)
        case Phrase(field, words):
            return 4 * sum(snapshot.df(field, word) for word in words)
        case Any(parts) | All(parts):
            return sum(effort(part, snapshot) for part in parts)
        case Without(part, other) | Maybe(part, other):
            return effort(part, snapshot) + effort(other, snapshot)
        case Scored(part):
            return effort(part, snapshot)
        case Not(part):
            return snapshot.documents + effort(part, snapshot)
        case Terms(name, choice):
            fields = [found for part in snapshot.slices if (found := part.segment.field(name)) is not None]
            return sum(field.df(at) for field in fields for at in expanded(choice, field))
        case _:
            return snapshot.documents


def _term(term: Term, snapshot: Snapshot, part: Slice) -> dict[int, float]:
    field = part.segment.field(term.field)
    at = -1 if field is None else field.find(term.text)
    if field is None or at < 0:
        return {}
    docs = docs_of(field, at)
    weights = tfs_of(field, at) if field.weights is None else field.weights[field.posting_ends[at] :]
    if field.lengths is None:
        return {doc: weight * term.boost for doc, weight in zip(docs, weights, strict=False)}
    idf = snapshot.idf(term.field, term.text) * term.boost
    return dict(zip(docs, _bm25(snapshot, field, docs, weights, idf), strict=True))


def _bm25(snapshot: Snapshot, field: Field, docs: Iterable[int], weights: Iterable[float], idf: float) -> list[float]:
    most, lengths = idf * (snapshot.scoring.k1 + 1), field.lengths
    norms = _Norms.of(snapshot, field.name)
    assert lengths is not None
    return [
        most * weight / (weight + norm)
        for weight, norm in zip(weights, map(norms.__getitem__, map(lengths.__getitem__, docs)), strict=False)
    ]


class _Norms(dict[int, float]):
    """Norms by length, worked out on first use."""

    def __init__(self, snapshot: Snapshot, field: str) -> None:
        super().__init__()
        self._snapshot, self._field = snapshot, field

    def __missing__(self, length: int) -> float:
        self[length] = norm = self._snapshot.norm(self._field, length)
        return norm

    @classmethod
    def of(cls, snapshot: Snapshot, field: str) -> _Norms:
        found: _Norms = snapshot.kept.setdefault(("norms", field), cls(snapshot, field))
        return found


def _phrase(phrase: Phrase, snapshot: Snapshot, part: Slice) -> dict[int, float]:
    field = part.segment.field(phrase.field)
    numbers = [-1] if field is None else [field.find(word) for word in phrase.words]
    if field is None or min(numbers) < 0:
        return {}
    rows = {at: _Row(field, at) for at in set(numbers)}
    common = set.intersection(*({*row.docs} for row in rows.values()))
    counts = {doc: len(_ends([rows[at].places(doc) for at in numbers], phrase.slop)) for doc in common}
    docs = sorted(doc for doc, count in counts.items() if count)
    if phrase.together:
        idf = phrase.boost * snapshot.idf_of(together_df(phrase, snapshot))
        return dict(zip(docs, _bm25(snapshot, field, docs, [counts[doc] for doc in docs], idf), strict=True))
    terms = [_term(Term(phrase.field, word), snapshot, part) for word in phrase.words]
    return {doc: phrase.boost * sum(term[doc] for term in terms) for doc in docs}


def together_df(phrase: Phrase, snapshot: Snapshot) -> int:
    """How many documents hold the terms of a phrase together."""
    key = ("together", phrase.field, phrase.words, phrase.slop)
    if key not in snapshot.kept:
        plain = Phrase(phrase.field, phrase.words, phrase.slop)
        snapshot.kept[key] = sum(len(_phrase(plain, snapshot, part)) for part in snapshot.slices)
    found: int = snapshot.kept[key]
    return found


class _Row:
    """Documents and places of a term."""

    def __init__(self, field: Field, at: int) -> None:
        self.docs = docs_of(field, at)
        self._starts = list(accumulate(tfs_of(field, at), initial=0))
        self._gaps = places_of(field, at)

    def places(self, document: int) -> list[int]:
        at = bisect_left(self.docs, document)
        return list(accumulate(self._gaps[self._starts[at] : self._starts[at + 1]]))


def _ends(rows: Sequence[Sequence[int]], slop: int) -> set[int]:
    """Where the last word of a phrase stands."""
    ends = set(rows[0])
    for row in rows[1:]:
        ends = {place for place in row if any(place - gap in ends for gap in range(1, slop + 1))}
    return ends


def _terms(terms: Terms, snapshot: Snapshot, part: Slice) -> dict[int, float]:
    field = part.segment.field(terms.field)
    numbers = [] if field is None else expanded(terms.choice, field)
    if field is None or not numbers:
        return {}
    if len(numbers) == 1:
        return _term(
            Term(terms.field, field.term(numbers[0]), terms.boost if terms.boosts_one else 1.0), snapshot, part
        )
    if not as_sum(len(numbers), part.segment.documents, always=terms.always):
        return {doc: 1.0 for at in numbers for doc in docs_of(field, at)}
    rows = [_term(Term(terms.field, field.term(at)), snapshot, part) for at in numbers]
    return _boosted(_sum(rows), terms.boost)


def _sum(rows: Sequence[dict[int, float]]) -> dict[int, float]:
    total: dict[int, float] = {}
    for row in sorted(rows, key=len, reverse=True):
        if not total:
            total = dict(row)
            continue
        for document, score in row.items():
            total[document] = total.get(document, 0.0) + score
    return total


def _common(rows: Sequence[dict[int, float]]) -> dict[int, float]:
    if not rows:
        return {}
    documents = set(rows[0]).intersection(*rows[1:])
    return {document: sum(row[document] for row in rows) for document in documents}


def _boosted(row: dict[int, float], boost: float) -> dict[int, float]:
    return row if boost == 1.0 else {document: score * boost for document, score in row.items()}
