"""How are the documents that match a Whoosh query scored, all of them?

By BM25F (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3.5), every
field of its own. Whoosh looks up the length of a document for each posting, in Python; for what is
said it is taken from an array here, which makes scoring twice as fast.

Or, And and Not are worked out here rather than by Whoosh's matchers: faster by half, and right, where
Whoosh 2.7.4 lets the first document of ``a ANDNOT b`` through and with a limit leaves out better
documents of ``(a OR b) AND c``. Anything else (terms, phrases) is matched by Whoosh.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from index.whoosh_parts import BM25F, And, BaseScorer, Not, Or, WeightingModel

B, K1 = 0.75, 1.2

Scores = dict[int, float]


def scores(query: Any, searcher: Any) -> Scores:
    """The score of each document of one segment that matches, by its number there."""
    if isinstance(query, Or):
        return _sum([scores(part, searcher) for part in query.subqueries])
    if isinstance(query, And):
        return _intersection(query.subqueries, searcher)
    found: Scores = {}
    matcher = query.matcher(searcher)
    while matcher.is_active():
        found[matcher.id()] = matcher.score()
        matcher.next()
    return found


def _sum(parts: Sequence[Scores]) -> Scores:
    total: Scores = {}
    for part in sorted(parts, key=len, reverse=True):
        if not total:
            total = part
            continue
        for document, score in part.items():
            total[document] = total.get(document, 0.0) + score
    return total


def _intersection(parts: Sequence[Any], searcher: Any) -> Scores:
    wanted = [scores(part, searcher) for part in parts if not isinstance(part, Not)]
    excluded = [scores(part.query, searcher).keys() for part in parts if isinstance(part, Not)]
    common = set(wanted[0]).intersection(*wanted[1:]).difference(*excluded)
    return {document: sum(part[document] for part in wanted) for document in common}


class Scoring(WeightingModel):  # type: ignore[misc]
    """BM25F that reads the lengths of a segment's documents once.

    The other fields are short, and empty in most documents, so that a mean length says nothing.
    """

    def __init__(self) -> None:
        self._plain = BM25F(B=0.0, K1=K1)
        self._norms: dict[Any, list[float]] = {}

    def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: int = 1) -> Any:
        """What scores the postings of one term in the segment of ``searcher``."""
        if fieldname not in ("text", "pairs"):
            return self._plain.scorer(searcher, fieldname, text, qf)
        if searcher not in self._norms:
            lengths = searcher.reader().column_reader("length", translate=False)
            mean = searcher.get_parent().avg_field_length("text")
            self._norms[searcher] = [K1 * (1 - B + B * length / mean) for length in lengths]
        return _Scorer(self.idf(searcher, fieldname, text), self._norms[searcher])


class _Scorer(BaseScorer):  # type: ignore[misc]
    def __init__(self, idf: float, norms: list[float]) -> None:
        self._most: float = idf * (K1 + 1)
        self._norms = norms

    def score(self, matcher: Any) -> float:
        frequency: float = matcher.weight()
        norm: float = self._norms[matcher.id()]
        return self._most * frequency / (frequency + norm)
