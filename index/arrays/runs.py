"""Which documents have which value, where neighbours often have the same?"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from .streams import Numbers, ragged


class Runs:
    """Neighbouring documents with the same value, run after run."""

    def __init__(self) -> None:
        self._firsts, self._counts = array("I"), array("I")

    def begin(self, document: int) -> None:
        """A run of one document."""
        self._firsts.append(document)
        self._counts.append(1)

    def lengthen(self, count: int) -> None:
        """Have ``count`` documents in the last run."""
        self._counts[-1] = count

    def __len__(self) -> int:
        return len(self._firsts)

    def documents(self) -> int:
        """About how many documents there are, if they come in order."""
        return self._firsts[-1] + 1 if self._firsts else 0

    @property
    def firsts(self) -> Numbers:
        return np.frombuffer(self._firsts, "u4").astype("i8")

    @property
    def counts(self) -> Numbers:
        return np.frombuffer(self._counts, "u4").astype("i8")

    def spread(self, values: Numbers, documents: int, default: Any) -> Numbers:
        """The value of each document, given that of each run."""
        found = np.full(documents, default, values.dtype)
        found[ragged(self.firsts, self.counts)] = np.repeat(values, self.counts)
        return found
