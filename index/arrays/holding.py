"""Which terms of a field does each document hold? Postings the other way round, for counting."""

from __future__ import annotations

import numpy as np

from .format import Field
from .streams import Numbers, ragged, summed, unpack


class Holding:
    """The terms of each document of a segment, by their numbers; ``terms`` has them by number."""

    def __init__(self, field: Field) -> None:
        self.terms = list(field.terms())
        counts = np.diff(np.asarray(field.posting_ends).astype("i8"))
        classes = np.frombuffer(field.classes, "u1") & 3
        docs = summed(unpack(field.docs, np.asarray(field.doc_ends), classes, counts), counts)
        held = np.bincount(docs, minlength=field.documents)
        self._ends = np.cumsum(held)
        self._counts = held
        self._held = np.repeat(np.arange(len(self.terms)), counts)[np.argsort(docs, kind="stable")]
        self._single = bool(len(held)) and int(held.min()) == int(held.max()) == 1

    @property
    def nbytes(self) -> int:
        return int(self._ends.nbytes + self._counts.nbytes + self._held.nbytes) + sum(map(len, self.terms))

    def counts(self, docs: Numbers) -> Numbers:
        """How many of these documents hold each term."""
        if self._single:
            return np.bincount(self._held[docs], minlength=len(self.terms))
        counts = self._counts[docs]
        return np.bincount(self._held[ragged(self._ends[docs] - counts, counts)], minlength=len(self.terms))
