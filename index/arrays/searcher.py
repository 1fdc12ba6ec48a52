"""How are Whoosh's queries answered from whole arrays?

``ArraySearcher`` makes a plan of a query, which ``answering`` carries out. What it has no plan for is left to Whoosh,
on the same files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from whoosh import query as q
from whoosh.scoring import BM25F
from whoosh.searching import Results, Searcher

from .answering import Answers
from .codec import ArrayTerms, snapshot_of
from .grouping import collapsed, grouped
from .plan import Not, Plan, Scoring
from .planning import Planner, Unplanned
from .snapshot import Found


class ExactBM25F(BM25F):  # type: ignore[misc]
    """BM25F with the lengths of fields as they are; Whoosh rounds them to 256 values."""

    def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: int = 1) -> Any:
        scorer = super().scorer(searcher, fieldname, text, qf)
        terms = getattr(searcher.reader(), "_terms", None)
        if isinstance(terms, ArrayTerms) and searcher.schema[fieldname].scorable:
            field = terms.segment.field(fieldname)
            if field is not None and field.lengths is not None:
                scorer.dfl = field.lengths.__getitem__
        return scorer


#: Options of a search that need not be left to Whoosh.
_PLANNED = {"limit", "filter", "mask", "sortedby", "reverse", "groupedby", "maptype", "collapse", "collapse_limit"}


class ArraySearcher(Searcher):  # type: ignore[misc]
    """A searcher for an index of array segments; segments of other codecs make it an ordinary one."""

    def __init__(self, reader: Any, **options: Any) -> None:
        super().__init__(reader, **options)
        if self._answers_or_none is not None:
            self.stored_fields = self._stored_fields

    def search(self, query: Any, **options: Any) -> Any:
        """As Whoosh's; ``filter`` and ``mask`` are cached where they are queries."""
        limit = options.get("limit", 10)
        try:
            if not options.keys() <= _PLANNED or (limit is not None and limit < 1):
                raise Unplanned
            plan, keep = self._plans(query, options)
            if options.get("groupedby") or options.get("collapse"):
                return self._gathered(query, plan, keep, options)
            if options.get("sortedby") is not None:
                return self._sorted(query, plan, keep, options["sortedby"], limit, bool(options.get("reverse")))
            if options.get("reverse"):
                raise Unplanned
        except Unplanned:
            return super().search(query, **options)
        return self._results(query, plan, keep, self._answers.best(plan, limit, keep))

    def matches(self, query: Any, filter: Any = None) -> tuple[Any, Any]:  # noqa: A002
        """All documents that match and their scores: two arrays of numpy, or lists while it is not loaded.

        Documents are in order. Raises Unplanned where only Whoosh can answer the query.
        """
        return self._answers.matches(*self._plans(query, {"filter": filter}))

    def counts(self, query: Any, fieldname: str, filter: Any = None) -> Counter[str]:  # noqa: A002
        """How many of the documents that match hold each term of a field; terms that none holds are left out."""
        plan, keep = self._plans(query, {"filter": filter})
        from . import vector

        with self._answers.watched:
            return vector.counts(plan, self._answers.views, fieldname, self.schema[fieldname].from_bytes, keep)

    def column(self, fieldname: str) -> Any:
        """The numbers of a numeric column by document, for indexes of array segments only."""
        return self._answers.snapshot.column(fieldname)

    def plan(self, query: Any) -> Plan:
        """What a query means for the segments. Raises Unplanned."""
        return self._planner.plan(query)

    def _plans(self, query: Any, options: dict[str, Any]) -> tuple[Plan, list[Plan]]:
        if self._answers_or_none is None:
            raise Unplanned("a segment is of another codec, or scoring is not BM25F")
        keep = []
        for name in ("filter", "mask"):
            chosen = options.get(name)
            if chosen is not None and not isinstance(chosen, q.Query):
                raise Unplanned(f"the {name} is not a query")
            if chosen is not None:
                keep.append(self.plan(chosen) if name == "filter" else Not(self.plan(chosen)))
        return self.plan(query), keep

    def _results(self, query: Any, plan: Plan, keep: list[Plan], found: Found) -> Results:
        results = Results(self, query, list(zip(found.scores, found.documents, strict=True)))
        results.collector = _Counter(self._answers, plan, keep)
        results._total = found.total if found.total >= 0 else None
        return results

    def _sorted(self, query: Any, plan: Plan, keep: list[Plan], by: Any, limit: int | None, reverse: bool) -> Results:
        name = getattr(by, "fieldname", by)
        if not isinstance(by, str) or not all(
            part.segment.columns.get(name, {}).get("numeric") for part in self._answers.snapshot.slices
        ):
            raise Unplanned("only numeric columns are sorted by here")
        from . import vector

        with self._answers.watched:
            found = vector.sorted_by(plan, self._answers.views, keep, name, limit, reverse=reverse)
        return self._results(query, plan, keep, found)

    def _gathered(self, query: Any, plan: Plan, keep: list[Plan], options: dict[str, Any]) -> Results:
        """Groups are made of all matches, which all are among the results then, as with Whoosh."""
        groupedby, collapse, limit = options.get("groupedby"), options.get("collapse"), options.get("limit", 10)
        if options.get("sortedby") or options.get("reverse") or (groupedby and collapse):
            raise Unplanned
        found = self._answers.best(plan, None, keep)
        matches = list(zip(found.scores, found.documents, strict=True))
        with self._answers.watched:
            if groupedby:
                results = Results(
                    self, query, matches, facetmaps=grouped(self, matches, groupedby, options.get("maptype"))
                )
            else:
                matches, counts = collapsed(self, matches, collapse, options.get("collapse_limit", 1))
                results = Results(self, query, matches[:limit], {document for _, document in matches})
                results.collapsed_counts = counts
        results.collector = _Counter(self._answers, plan, keep)
        results._total = len(matches)
        return results

    @cached_property
    def _planner(self) -> Planner:
        return Planner(self.reader(), self.schema)

    @cached_property
    def _answers_or_none(self) -> Answers | None:
        weighting = self.weighting
        if type(weighting) not in (BM25F, ExactBM25F):
            return None
        bs = tuple(sorted(weighting._field_B.items()))
        scoring = Scoring(weighting.B, weighting.K1, isinstance(weighting, ExactBM25F), bs)
        found = snapshot_of(self.reader(), scoring)
        return Answers(found) if found else None

    def _stored_fields(self, docnum: int) -> dict[str, Any]:
        found = self._answers.snapshot.stored_fields(docnum)
        for name in self._removed:
            found.pop(name, None)
        return found

    @cached_property
    def _removed(self) -> list[str]:
        """Fields that the schema no longer has, and segments still do."""
        stored = {name for part in self._answers.snapshot.slices for name in part.segment.stored}
        return [name for name in stored if name not in self.schema]

    @property
    def _answers(self) -> Answers:
        assert self._answers_or_none is not None
        return self._answers_or_none


class _Counter:
    """Counts matches when somebody asks how many there are."""

    def __init__(self, answers: Answers, plan: Plan, keep: list[Plan]) -> None:
        self._asked = answers, plan, keep

    def computes_count(self) -> bool:
        return True

    def count(self) -> int:
        from . import vector

        answers, plan, keep = self._asked
        with answers.watched:
            return vector.count(plan, answers.views, keep)

    def all_ids(self) -> Iterator[int]:
        from . import vector

        answers, plan, keep = self._asked
        with answers.watched:
            return iter(vector.all_documents(plan, answers.views, keep).tolist())
