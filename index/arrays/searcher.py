"""How are Whoosh's queries answered from whole arrays?

``ArraySearcher`` makes a plan of a query, and lets plain Python or numpy carry it out: the former while
numpy is not loaded and there is little to do. What it has no plan for is left to Whoosh, on the same files.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from whoosh import query as q
from whoosh.scoring import BM25F
from whoosh.searching import Results, Searcher

from . import plain
from .codec import ArrayTerms
from .plan import All, Not, Plan, Scoring
from .planning import Planner, Unplanned
from .snapshot import Found, Snapshot

#: Postings up to which plain Python is faster than importing numpy.
PLAIN_POSTINGS = 300_000


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


class ArraySearcher(Searcher):  # type: ignore[misc]
    """A searcher for an index of array segments; segments of other codecs make it an ordinary one."""

    def search(self, query: Any, **options: Any) -> Any:
        """As Whoosh's; ``filter`` and ``mask`` are cached where they are queries."""
        with self._watched():
            return self._search(query, options)

    def _search(self, query: Any, options: dict[str, Any]) -> Any:
        limit = options.get("limit", 10)
        try:
            if options.keys() - {"limit", "filter", "mask", "sortedby", "reverse"} or (limit is not None and limit < 1):
                raise Unplanned
            plan, keep = self._plans(query, options)
            if options.get("sortedby") is not None:
                return self._sorted(query, plan, keep, options["sortedby"], limit, bool(options.get("reverse")))
            if options.get("reverse"):
                raise Unplanned
        except Unplanned:
            return super().search(query, **options)
        if self._in_plain_python(plan):
            return self._results(query, plan, keep, plain.best(plan, self._snapshot, limit, _both(keep)))
        from . import vector

        return self._results(query, plan, keep, vector.best(plan, self._views, limit, keep))

    def matches(self, query: Any, filter: Any = None) -> tuple[Any, Any]:  # noqa: A002
        """All documents that match and their scores: two arrays of numpy, or lists while it is not loaded.

        Documents are in order. Raises Unplanned where only Whoosh can answer the query.
        """
        with self._watched():
            return self._matches(*self._plans(query, {"filter": filter}))

    def _matches(self, plan: Plan, keep: list[Plan]) -> tuple[Any, Any]:
        if self._in_plain_python(plan):
            found = plain.best(plan, self._snapshot, None, _both(keep))
            order = sorted(range(found.total), key=found.documents.__getitem__)
            return [found.documents[at] for at in order], [found.scores[at] for at in order]
        from . import vector

        return vector.matches(plan, self._views, keep)

    def counts(self, query: Any, fieldname: str, filter: Any = None) -> dict[str, int]:  # noqa: A002
        """How many of the documents that match hold each term of a field; terms that none holds are left out."""
        plan, keep = self._plans(query, {"filter": filter})
        from . import vector

        field = self.schema[fieldname]
        found: dict[str, int] = {}
        with self._watched():
            for view in self._views:
                for term, count in vector.held(plan, view, fieldname, keep):
                    text = field.from_bytes(term)
                    found[text] = found.get(text, 0) + count
        return found

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Damaged bytes may raise anything; then all checksums are compared. Raises Damaged."""
        try:
            yield
        except (ArithmeticError, AssertionError, LookupError, ValueError):
            for reader, _ in self.reader().leaf_readers():
                if isinstance(terms := getattr(reader, "_terms", None), ArrayTerms):
                    terms.segment.verify()
            raise

    def plan(self, query: Any) -> Plan:
        """What a query means for the segments. Raises Unplanned."""
        return Planner(self.reader(), self.schema).plan(query)

    def _plans(self, query: Any, options: dict[str, Any]) -> tuple[Plan, list[Plan]]:
        if self._snapshot_or_none is None:
            raise Unplanned("a segment is of another codec, or scoring is not BM25F")
        keep = []
        for name in ("filter", "mask"):
            chosen = options.get(name)
            if chosen is not None and not isinstance(chosen, q.Query):
                raise Unplanned(f"the {name} is not a query")
            if chosen is not None:
                keep.append(self.plan(chosen) if name == "filter" else Not(self.plan(chosen)))
        return self.plan(query), keep

    def _in_plain_python(self, plan: Plan) -> bool:
        return "numpy" not in sys.modules and plain.effort(plan, self._snapshot) <= PLAIN_POSTINGS

    def _results(self, query: Any, plan: Plan, keep: list[Plan], found: Found) -> Results:
        results = Results(self, query, list(zip(found.scores, found.documents, strict=True)))
        results.collector = _Counter(self, plan, keep)
        results._total = found.total if found.total >= 0 else None
        return results

    def _sorted(self, query: Any, plan: Plan, keep: list[Plan], by: Any, limit: int | None, reverse: bool) -> Results:
        name = getattr(by, "fieldname", by)
        if not isinstance(by, str) or not all(
            view.segment.columns.get(name, {}).get("numeric") for view in self._snapshot.slices
        ):
            raise Unplanned("only numeric columns are sorted by here")
        from . import vector

        found = vector.sorted_by(plan, self._views, keep, name, limit, reverse=reverse)
        results = Results(self, query, list(zip(found.scores, found.documents, strict=True)))
        results.collector = _Counter(self, plan, keep)
        results._total = found.total
        return results

    @cached_property
    def _snapshot_or_none(self) -> Snapshot | None:
        weighting = self.weighting
        if type(weighting) not in (BM25F, ExactBM25F):
            return None
        segments = []
        for reader, _ in self.reader().leaf_readers():
            terms = getattr(reader, "_terms", None)
            if terms is None and not reader.doc_count_all():
                continue
            if not isinstance(terms, ArrayTerms):
                return None
            segments.append((terms.segment, frozenset(reader.segment().deleted_docs())))
        bs = tuple(sorted(weighting._field_B.items()))
        return Snapshot(segments, Scoring(weighting.B, weighting.K1, isinstance(weighting, ExactBM25F), bs))

    @property
    def _snapshot(self) -> Snapshot:
        assert self._snapshot_or_none is not None
        return self._snapshot_or_none

    @cached_property
    def _views(self) -> list[Any]:
        from . import vector

        kept = vector.Kept()
        return [vector.View(part, self._snapshot, kept) for part in self._snapshot.slices]


def _both(keep: Iterable[Plan]) -> Plan | None:
    plans = tuple(keep)
    return All(plans) if plans else None


class _Counter:
    """Counts matches when somebody asks how many there are."""

    def __init__(self, searcher: ArraySearcher, plan: Plan, keep: list[Plan]) -> None:
        self._asked = searcher, plan, keep

    def computes_count(self) -> bool:
        return True

    def count(self) -> int:
        return len(self._documents())

    def all_ids(self) -> Iterator[int]:
        return iter(self._documents())

    def _documents(self) -> list[int]:
        from . import vector

        searcher, plan, keep = self._asked
        found: list[int] = vector.all_documents(plan, searcher._views, keep).tolist()
        return found
