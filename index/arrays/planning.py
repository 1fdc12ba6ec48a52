"""What do Whoosh's queries mean for array segments?

As Whoosh's matchers behave when every document is looked at, but for what is wrong in Whoosh 2.7.4: AndNot
lets the first excluded document through, and Require excludes where it should require.
"""

from __future__ import annotations

import fnmatch
from typing import Any

import whoosh
from whoosh import query as q

from .plan import (
    NOTHING,
    All,
    Beginning,
    Between,
    Choice,
    Every,
    Maybe,
    Near,
    Not,
    Phrase,
    Plan,
    Scored,
    Term,
    Terms,
    Without,
)
from .plan import Any as AnyOf


class Unplanned(Exception):
    """Whoosh has to answer this query."""


class Planner:
    """Makes plans of queries, one method a kind of query."""

    def __init__(self, reader: Any, schema: Any) -> None:
        self._reader, self._schema = reader, schema

    def plan(self, query: Any) -> Plan:
        """Raises Unplanned."""
        kind = type(query)
        if kind not in _PLANNERS:
            raise Unplanned(f"no plan for {kind}")
        found: Plan = _PLANNERS[kind](self, query)
        return found

    def _bytes(self, fieldname: str, text: Any) -> bytes | None:
        """The term as the field keeps it; None where there is no such field, or no such term in it."""
        try:
            found: bytes = self._schema[fieldname].to_bytes(text)
        except (KeyError, ValueError):
            return None
        return found

    def _term(self, query: Any) -> Plan:
        if query.minquality or query.boost <= 0:
            raise Unplanned
        text = self._bytes(query.fieldname, query.text)
        return NOTHING if text is None else Term(query.fieldname, text, query.boost)

    def _or(self, query: Any) -> Plan:
        if query.scale or query.minmatch or query.matcher_type != q.Or.AUTO_MATCHER:
            raise Unplanned
        return self._compound(AnyOf, query)

    def _and(self, query: Any) -> Plan:
        return self._compound(All, query)

    def _compound(self, kind: type[AnyOf] | type[All], query: Any) -> Plan:
        if query.boost <= 0:
            raise Unplanned
        parts = tuple([self.plan(part) for part in query.subqueries])
        if len(parts) == 1:
            return parts[0]
        return kind(parts, query.boost) if parts else NOTHING

    def _phrase(self, query: Any) -> Plan:
        if query.fieldname not in self._schema:
            return NOTHING
        field = self._schema[query.fieldname]
        if not field.format or not field.format.supports("positions") or query.boost <= 0 or len(query.words) < 2:
            raise Unplanned
        words = [self._bytes(query.fieldname, word) for word in query.words]
        if None in words or query.slop < 1:
            return NOTHING
        found = tuple(word for word in words if word is not None)
        return Phrase(query.fieldname, found, query.slop, query.boost, together=isinstance(query, Together))

    def _pattern(self, query: Any) -> Plan:
        if self._numeric(query.fieldname) or query.boost <= 0:
            raise Unplanned
        kind, text = type(query), query.text
        if text == {q.Prefix: "", q.Wildcard: "*", q.Regex: ".*"}[kind]:
            return self._every(q.Every(query.fieldname, boost=query.boost))
        if kind is q.Prefix:
            choice = Beginning(text.encode())
        else:
            pattern = fnmatch.translate(text) if kind is q.Wildcard else text
            choice = Beginning(query._find_prefix(text).encode(), pattern)
        return _expanding(query, choice)

    def _fuzzy(self, query: Any) -> Plan:
        if self._numeric(query.fieldname) or query.boost <= 0:
            raise Unplanned
        choice = Near(query.text, int(query.maxdist), query.prefixlength)
        return _expanding(query, choice)

    def _range(self, query: Any) -> Plan:
        if query.fieldname not in self._schema or query.boost <= 0:
            raise Unplanned
        start = b"" if query.start is None else self._bytes(query.fieldname, query.start)
        end = b"\xff\xff\xff\xff" if query.end is None else self._bytes(query.fieldname, query.end)
        if start is None or end is None:
            return NOTHING
        without = {start} if query.startexcl else set()
        without |= {end} if query.endexcl else set()
        choice = Between(((start, end),), frozenset(without))
        return _expanding(query, choice)

    def _numbers(self, query: Any) -> Plan:
        if query.boost <= 0:
            raise Unplanned
        return self.plan(query._compile_query(self._reader))

    def _constant(self, query: Any) -> Plan:
        return Scored(self.plan(query.child), query.score)

    def _every(self, query: Any) -> Plan:
        if query.fieldname is not None and query.fieldname not in self._schema:
            raise Unplanned
        return Every(query.fieldname, query.boost)

    def _not(self, query: Any) -> Plan:
        return Not(self.plan(query.query))

    def _and_not(self, query: Any) -> Plan:
        return Without(self.plan(query.a), self.plan(query.b))

    def _require(self, query: Any) -> Plan:
        return Without(self.plan(query.a), Not(self.plan(query.b)))

    def _maybe(self, query: Any) -> Plan:
        return Maybe(self.plan(query.a), self.plan(query.b))

    def _nothing(self, query: Any) -> Plan:
        return NOTHING

    def _numeric(self, fieldname: str) -> bool:
        from whoosh.fields import NUMERIC

        return fieldname not in self._schema or isinstance(self._schema[fieldname], NUMERIC)


class Together(q.Phrase):  # type: ignore[misc]
    """A phrase that is scored like a single term: by how often, and in how many documents, it is said."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        from whoosh.matching import ListMatcher, NullMatcher

        top = searcher.get_parent()
        offset = top._offset_for_subsearcher(searcher) if top is not searcher else 0
        docs, scores = top.matches(self)
        chosen = [
            (int(document) - offset, float(score))
            for document, score in zip(docs, scores, strict=True)
            if offset <= document < offset + searcher.doc_count_all()
        ]
        if not chosen:
            return NullMatcher()
        return ListMatcher([document for document, _ in chosen], [score for _, score in chosen])


def _expanding(query: Any, choice: Choice) -> Terms:
    """Whoosh 2 forgets the boost of a query that stands for one term."""
    always, boosts_one = not query.constantscore, whoosh.__version__ >= (3,)
    return Terms(query.fieldname, choice, query.boost, always=always, boosts_one=boosts_one)


_PLANNERS: dict[type, Any] = {
    q.Term: Planner._term,
    q.Or: Planner._or,
    q.And: Planner._and,
    q.Phrase: Planner._phrase,
    Together: Planner._phrase,
    q.Prefix: Planner._pattern,
    q.Wildcard: Planner._pattern,
    q.Regex: Planner._pattern,
    q.FuzzyTerm: Planner._fuzzy,
    q.TermRange: Planner._range,
    q.NumericRange: Planner._numbers,
    q.DateRange: Planner._numbers,
    q.ConstantScoreQuery: Planner._constant,
    q.Every: Planner._every,
    q.Not: Planner._not,
    q.AndNot: Planner._and_not,
    q.Require: Planner._require,
    q.AndMaybe: Planner._maybe,
    type(q.NullQuery): Planner._nothing,
}
