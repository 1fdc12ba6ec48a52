"""How are the values of a field noted while documents are added?

Fields of text have ``Rows``, which keep texts until all are there; all others have ``Postings``.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from whoosh.formats import Characters, Existence, Frequency, PositionBoosts, Positions

from .blocks import Block
from .inverting import Spread, inverted, ranks
from .streams import Numbers, ragged
from .texts import Numbered, Texts
from .wording import Wording

Posting = tuple[bytes, int, float, bytes]


def kept(format_: Any) -> tuple[bool, bool]:
    """Whether postings of this format have places, and whether their encoded values are kept besides."""
    if isinstance(format_, Existence | Frequency):
        return False, False
    places = bool(format_.supports("positions"))
    plain = isinstance(format_, Positions) and not isinstance(format_, Characters | PositionBoosts)
    return places, not plain


class Rows:
    """Takes texts. The place of a term is how many come before it in its document."""

    def __init__(self, field: Any, texts: Texts) -> None:
        self._format = field.format
        self._texts = texts
        self._held = array("I")
        self._ends = array("I", [0])
        self._ways = Numbered()
        self._way_of = array("I")

    def add(self, document: int, wording: Wording) -> None:
        missing = document - len(self._way_of)
        if missing:
            self._ends.extend([self._ends[-1]] * missing)
            self._way_of.extend([0] * missing)
        self._held.extend(map(self._texts.__getitem__, wording.texts))
        self._ends.append(len(self._held))
        self._way_of.append(self._ways[wording.terms_of])

    def size(self) -> int:
        """How much memory this takes, in units of some 40 bytes."""
        return len(self._held) // 8

    def weighted(self) -> bool:
        """Whether any weight is not the frequency."""
        return False

    def written(self) -> tuple[Iterator[Block], Numbers]:
        """All postings, lazily, by terms and documents; and how many terms each document has, as far as noted."""
        spread = Spread(
            self._texts.cut(),
            np.frombuffer(self._held, "u4"),
            np.frombuffer(self._ends, "u4"),
            np.frombuffer(self._way_of, "u4"),
        )
        placed, _ = kept(self._format)
        return inverted(spread, list(self._ways), placed=placed, once=isinstance(self._format, Existence))


class Postings:
    """Takes postings as Whoosh's fields make them, in any order within a document.

    Those of one value are a *bag*; neighbouring documents with the same value share it.
    """

    def __init__(self, field: Any) -> None:
        self._format = field.format
        self.positions, self.values = kept(field.format)
        self._terms = Numbered()
        self._term_of, self._tfs, self._places = array("I"), array("I"), array("I")
        self._weights = array("f")
        self._values: list[bytes] = []
        self._ends = array("I", [0])
        self._documents, self._bags = array("I"), array("I")
        self._lengths = array("I")

    def add(self, document: int, items: Iterable[Posting], boost: float = 1.0) -> None:
        """The postings of a value: term, frequency, weight and value of each."""
        length = 0
        for term, frequency, weight, value in items:
            self._posting(term, frequency, weight * boost, value)
            length += frequency
        self._ends.append(len(self._term_of))
        self.put(document)
        self.lengthen(document, length)

    def repeat(self, document: int) -> None:
        """The same postings as those added last."""
        self.put(document)
        self.lengthen(document, self._lengths[-1])

    def one(self, document: int, posting: Posting) -> None:
        """A single posting; does not count for the document's length."""
        self._posting(*posting)
        self._ends.append(len(self._term_of))
        self.put(document)

    def put(self, document: int) -> None:
        self._documents.append(document)
        self._bags.append(len(self._ends) - 2)

    def lengthen(self, document: int, length: int) -> None:
        self._lengths.extend([0] * (document - len(self._lengths)))
        self._lengths.append(length)

    def _posting(self, term: bytes, frequency: int, weight: float, value: bytes) -> None:
        self._term_of.append(self._terms[term])
        self._weights.append(weight)
        if self.positions:
            places = sorted(self._format.decode_positions(value))
            self._places.extend(places)
            frequency = len(places)
        self._tfs.append(frequency)
        if self.values:
            self._values.append(value)

    def size(self) -> int:
        """As of ``Rows``. Counts a bag as often as it is used, since that is what is sorted."""
        noted = 2 * len(self._term_of) + len(self._places) + 6 * len(self._terms) + 3 * len(self._values)
        return noted + len(self._bags) * len(self._term_of) // max(1, len(self._ends) - 1)

    def weighted(self) -> bool:
        return bool((np.frombuffer(self._weights, "f4") != np.frombuffer(self._tfs, "u4")).any())

    def written(self) -> tuple[Iterator[Block], Numbers]:
        names = sorted(self._terms)
        ends, bags = np.frombuffer(self._ends, "u4").astype("i8"), np.frombuffer(self._bags, "u4")
        sizes = np.diff(ends)[bags]
        held = ragged(ends[bags], sizes)
        keys = ranks(self._terms, names)[np.frombuffer(self._term_of, "u4")[held]] << 32
        keys |= np.repeat(np.frombuffer(self._documents, "u4"), sizes)
        keys, order = np.unique(keys, return_index=True)
        tfs = np.frombuffer(self._tfs, "u4")
        noted = Block(
            names,
            np.zeros(0, "i8"),
            np.zeros(len(tfs), "u4"),
            tfs,
            np.frombuffer(self._places, "u4") if self.positions else None,
            np.frombuffer(self._weights, "f4") if self.weighted() else None,
            self._values if self.values else None,
        )
        block = noted.taken(held[order], names, np.bincount(keys >> 32, minlength=len(names)))
        block.docs = keys.astype("u4")
        return iter([block]), np.frombuffer(self._lengths, "u4")
