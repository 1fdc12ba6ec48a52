"""Which terms of a field does each document hold? Postings the other way round, for counting."""

from __future__ import annotations

from collections.abc import Callable
from itertools import compress

import numpy as np

from .format import Field
from .rows import dfs
from .streams import Numbers, ragged, summed, unpack


class Holding:
    """The terms of each document of a segment, told as ``told`` makes them of their bytes."""

    def __init__(self, field: Field, told: Callable[[bytes], str]) -> None:
        self._terms = list(map(told, field.terms()))
        counts = dfs(field, 0, len(field))
        classes = np.frombuffer(field.classes, "u1") & 3
        docs = summed(unpack(field.docs, np.asarray(field.doc_ends), classes, counts), counts)
        held: Numbers = np.bincount(docs, minlength=field.documents)
        self._ends = np.cumsum(held)
        self._counts = held
        numbers = np.arange(len(counts), dtype=np.min_scalar_type(len(counts)))
        self._held = np.repeat(numbers, counts)[np.argsort(docs, kind="stable")]
        self._single = bool(len(held)) and int(held.min()) == int(held.max()) == 1

    @property
    def nbytes(self) -> int:
        return int(self._ends.nbytes + self._counts.nbytes + self._held.nbytes) + sum(map(len, self._terms))

    def counts(self, docs: Numbers) -> dict[str, int]:
        """How many of these documents hold each term, but for those that none holds."""
        if not self._single:
            counts = self._counts[docs]
            docs = ragged(self._ends[docs] - counts, counts)
        found = np.bincount(self._held.take(docs), minlength=len(self._terms)).tolist()
        return dict(zip(compress(self._terms, found), filter(None, found), strict=True))
