"""How are documents found and scored without numpy?

Importing numpy takes longer than scoring a few hundred thousand postings in plain Python: a command that
answers one query and ends is faster so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from heapq import nsmallest
from itertools import compress
from math import inf
from operator import itemgetter

from .expanding import as_sum, expanded
from .format import Field
from .plan import All, Any, Column, Every, Maybe, Not, Phrase, Plan, Scored, Term, Terms, Without
from .postings import PLACE_BITS, Row, docs_of
from .snapshot import Found, Slice, Snapshot


def with_any(name: str, snapshot: Snapshot) -> list[int]:
    """The documents with a term in a field, ascending, deleted ones included."""
    found: list[int] = []
    for part in snapshot.slices:
        field = part.segment.field(name)
        docs = set().union(*(docs_of(field, at) for at in range(len(field)))) if field is not None else ()
        found += [part.first + doc for doc in sorted(docs)]
    return found


def evaluate(plan: Plan, snapshot: Snapshot, part: Slice, among: Set[int] | None = None) -> dict[int, float]:
    """The documents of a segment that match, deleted ones included, and their scores.

    Others than those ``among`` which are looked for may be left out.
    """
    match plan:
        case Term():
            return _term(plan, snapshot, part, among)
        case Phrase():
            return _phrase(plan, snapshot, part)
        case Terms():
            return _terms(plan, snapshot, part)
        case Any(parts, boost):
            return _boosted(_sum([evaluate(each, snapshot, part, among) for each in parts]), boost)
        case All(parts, boost):
            return _boosted(_common(parts, snapshot, part), boost)
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
    docs, scores = matches(plan, snapshot, keep)
    ranked = [(-score, doc) for doc, score in zip(docs, scores, strict=True)]
    chosen = sorted(ranked) if limit is None else nsmallest(limit, ranked)
    return Found([document for _, document in chosen], [-score for score, _ in chosen], len(ranked))


def matches(plan: Plan, snapshot: Snapshot, keep: Plan | None = None) -> tuple[list[int], list[float]]:
    """All documents that match, and ``keep`` too, ascending, and their scores."""
    docs: list[int] = []
    scores: list[float] = []
    for part in snapshot.slices:
        found = evaluate(plan, snapshot, part)
        chosen = found.keys() if keep is None else found.keys() & evaluate(keep, snapshot, part).keys()
        order = _live(sorted(chosen), part)
        docs += _among_all(order, part)
        scores += map(found.__getitem__, order)
    return docs, scores


def documents(plan: Plan, snapshot: Snapshot) -> list[int]:
    """All documents that match, ascending."""
    found: list[int] = []
    for part in snapshot.slices:
        found += _among_all(_live(_documents(plan, snapshot, part), part), part)
    return found


def _live(docs: Sequence[int], part: Slice) -> Sequence[int]:
    return [doc for doc in docs if doc not in part.deleted] if part.deleted else docs


def _among_all(docs: Sequence[int], part: Slice) -> Sequence[int]:
    """The numbers of documents of a segment among those of all."""
    return [part.first + doc for doc in docs] if part.first else docs


def _documents(plan: Plan, snapshot: Snapshot, part: Slice) -> Sequence[int]:
    """The same in a segment, deleted ones included."""
    match plan:
        case Term(name, text):
            row = _row(snapshot, part, name, text)
            return row.docs if row else ()
        case Phrase():
            return list(_counts(plan, snapshot, part))
        case Any(parts):
            found = [docs for each in parts if (docs := _documents(each, snapshot, part))]
            return found[0] if len(found) == 1 else sorted(set().union(*found))
        case Scored(inner):
            return _documents(inner, snapshot, part)
        case _:
            return sorted(evaluate(plan, snapshot, part))


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


def _row(snapshot: Snapshot, part: Slice, name: str, text: bytes) -> Row | None:
    """The postings of a term in a segment, remembered: a question needs them more than once."""
    key = ("row", part.first, name, text)
    if key not in snapshot.kept:
        field = part.segment.field(name)
        at = -1 if field is None else field.find(text)
        snapshot.kept[key] = None if field is None or at < 0 else Row(field, at)
    found: Row | None = snapshot.kept[key]
    return found


def _term(term: Term, snapshot: Snapshot, part: Slice, among: Set[int] | None = None) -> dict[int, float]:
    row = _row(snapshot, part, term.field, term.text)
    if row is None:
        return {}
    if among is None:
        return _scored(term, row.docs, row.weights, snapshot, part)
    chosen = list(map(among.__contains__, row.docs))
    return _scored(term, list(compress(row.docs, chosen)), compress(row.weights, chosen), snapshot, part)


def _scored(
    term: Term, docs: Sequence[int], weights: Iterable[float], snapshot: Snapshot, part: Slice
) -> dict[int, float]:
    """The scores of documents that hold a term."""
    field = part.segment.field(term.field)
    if field is None or field.lengths is None:
        return {doc: weight * term.boost for doc, weight in zip(docs, weights, strict=True)}
    idf = snapshot.idf(term.field, term.text) * term.boost
    return dict(zip(docs, _bm25(snapshot, field, docs, weights, idf), strict=True))


def _bm25(snapshot: Snapshot, field: Field, docs: Sequence[int], weights: Iterable[float], idf: float) -> list[float]:
    most, lengths = idf * (snapshot.scoring.k1 + 1), field.lengths
    norms = _Norms.of(snapshot, field.name)
    assert lengths is not None
    of_docs = itemgetter(*docs)(lengths) if len(docs) > 1 else [lengths[doc] for doc in docs]
    return [
        most * weight / (weight + norm) for weight, norm in zip(weights, map(norms.__getitem__, of_docs), strict=True)
    ]


class _Norms(dict[int, float]):
    """Norms by length, worked out on first use."""

    def __init__(self, norm: Callable[[int], float]) -> None:
        super().__init__()
        self._norm = norm

    def __missing__(self, length: int) -> float:
        self[length] = norm = self._norm(length)
        return norm

    @classmethod
    def of(cls, snapshot: Snapshot, field: str) -> _Norms:
        found: _Norms = snapshot.kept.setdefault(("norms", field), cls(snapshot.norming(field)))
        return found


def _phrase(phrase: Phrase, snapshot: Snapshot, part: Slice) -> dict[int, float]:
    counts = _counts(phrase, snapshot, part)
    docs = list(counts)
    field = part.segment.field(phrase.field)
    if not docs or field is None:
        return {}
    if phrase.together:
        idf = phrase.boost * snapshot.idf_of(together_df(phrase, snapshot))
        return dict(zip(docs, _bm25(snapshot, field, docs, list(counts.values()), idf), strict=True))
    terms = []
    for word in phrase.words:
        row = _row(snapshot, part, phrase.field, word)
        assert row is not None
        terms.append(_scored(Term(phrase.field, word), docs, row.weights_in(docs), snapshot, part))
    return {doc: phrase.boost * sum(term[doc] for term in terms) for doc in docs}


def together_df(phrase: Phrase, snapshot: Snapshot) -> int:
    """How many documents hold the terms of a phrase together."""
    return sum(len(_counts(phrase, snapshot, part)) for part in snapshot.slices)


def _counts(phrase: Phrase, snapshot: Snapshot, part: Slice) -> dict[int, int]:
    """The documents of a segment that hold a phrase, ascending, and how often; remembered."""
    key = ("phrase", part.first, phrase.field, phrase.words, phrase.slop)
    if key not in snapshot.kept:
        rows = [_row(snapshot, part, phrase.field, word) for word in phrase.words]
        snapshot.kept[key] = _together([row for row in rows if row], phrase.slop) if all(rows) else {}
    found: dict[int, int] = snapshot.kept[key]
    return found


def _together(rows: Sequence[Row], slop: int) -> dict[int, int]:
    """The documents in which terms stand one after the other, and how often."""
    among = set(rows[0].docs).intersection(*(row.docs for row in rows[1:]))
    ends: Iterable[int] = rows[0].places(among)
    for row in rows[1:]:
        ends = {end + gap for end in ends for gap in range(1, slop + 1)}.intersection(row.places(among))
    return Counter(end >> PLACE_BITS for end in sorted(ends))


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
    for row in sorted(filter(None, rows), key=len, reverse=True):
        shared = total.keys() & row.keys()
        more = {document: total[document] + row[document] for document in shared}
        total = total | row | more if total else row
    return total


def _common(parts: Sequence[Plan], snapshot: Snapshot, part: Slice) -> dict[int, float]:
    """The documents that match all of these, and their scores; what terms add is worked out for those alone."""
    if not parts:
        return {}
    holding = [_holding(each, snapshot, part) for each in parts]
    rows = [{} if held else evaluate(each, snapshot, part) for each, held in zip(parts, holding, strict=True)]
    documents = set.intersection(*(held or set(row) for held, row in zip(holding, rows, strict=True)))
    for at, held in enumerate(holding):
        if held:
            rows[at] = evaluate(parts[at], snapshot, part, documents)
    scores = zip(*(map(row.__getitem__, documents) for row in rows), strict=True)
    return dict(zip(documents, map(sum, scores), strict=True))


def _holding(plan: Plan, snapshot: Snapshot, part: Slice) -> set[int] | None:
    """The documents that hold a term, or any of several; None for plans of other kinds."""
    match plan:
        case Term(name, text):
            row = _row(snapshot, part, name, text)
            return set(row.docs) if row else set()
        case Any(parts):
            held = [_holding(each, snapshot, part) for each in parts]
            return None if None in held else set().union(*filter(None, held))
        case _:
            return None


def _boosted(row: dict[int, float], boost: float) -> dict[int, float]:
    return row if boost == 1.0 else {document: score * boost for document, score in row.items()}
