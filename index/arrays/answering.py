"""Who carries out a plan: plain Python, or numpy?

The former while numpy is not loaded and plain Python has read fewer postings than importing numpy is worth: one
question is answered at once, and of many only the first ones wait. Either way all segments of a snapshot are asked.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from typing import Any

from . import plain
from .expanding import expanded
from .plan import All, Choice, Plan
from .snapshot import Found, Snapshot

#: Postings that plain Python reads in the time that importing numpy takes.
PLAIN_POSTINGS = 300_000


#: What damaged bytes have been seen to raise.
_SUSPECT = (ArithmeticError, AssertionError, LookupError, MemoryError, TypeError, ValueError)


class Watched:
    """Damaged bytes may raise anything; then all checksums are compared. Raises Damaged."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def __enter__(self) -> None:
        """There is nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, _SUSPECT):
            for part in self._snapshot.slices:
                part.segment.verify()


class Answers:
    """Answers plans from a snapshot. Raises Damaged where a segment is not what was written."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.watched = Watched(snapshot)
        self._read = 0

    def best(self, plan: Plan, limit: int | None, keep: Sequence[Plan] = ()) -> Found:
        """The best ``limit`` matches that all of ``keep`` match too, best first; ``total`` is -1 where not counted."""
        with self.watched:
            if self._in_plain_python(plan):
                return plain.best(plan, self.snapshot, limit, All(tuple(keep)) if keep else None)
            found: Found = self._vector.best(plan, self.views, limit, keep)
            return found

    def matches(self, plan: Plan, keep: Sequence[Plan] = ()) -> tuple[Any, Any]:
        """All documents that match, in order, and their scores: arrays of numpy, or lists while it is not loaded."""
        with self.watched:
            if self._in_plain_python(plan):
                return plain.matches(plan, self.snapshot, All(tuple(keep)) if keep else None)
            from . import vector

            return vector.matches(plan, self.views, keep)

    def terms(self, field: str, choice: Choice) -> set[bytes]:
        """The terms of a field that are chosen."""
        with self.watched:
            return {each.term(at) for each in self.snapshot.fields(field) for at in expanded(choice, each)}

    def documents(self, plan: Plan) -> Any:
        """All documents that match: an array of numpy in no order, or a list in order while it is not loaded."""
        with self.watched:
            if "numpy" not in sys.modules:
                return plain.documents(plan, self.snapshot)
            from . import vector

            return vector.all_documents(plan, self.views)

    @cached_property
    def _vector(self) -> Any:
        """The module that needs numpy."""
        return import_module(".vector", __package__)

    @cached_property
    def views(self) -> list[Any]:
        """The segments as numpy reads them."""
        from . import vector

        kept = vector.Kept()
        return [vector.View(part, self.snapshot, kept) for part in self.snapshot.slices]

    def _in_plain_python(self, plan: Plan) -> bool:
        if "numpy" in sys.modules:
            return False
        self._read += plain.effort(plan, self.snapshot)
        return self._read <= PLAIN_POSTINGS
