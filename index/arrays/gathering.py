"""How are the values of a field noted while documents are added?

Fields of text have ``Rows``, which keep texts until all are there; all others have ``Postings``.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from whoosh.formats import Characters, Existence, Frequency, PositionBoosts, Positions

from .blocks import Block, gaps
from .inverting import Spread, changes, inverted, ranks
from .streams import Numbers, ragged
from .texts import Numbered, Texts
from .wording import Wording

_TERM_BYTES = 120
_OCCURRENCE_BYTES = 9
_POSTING_BYTES = 40

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
        self._field = field
        self._texts = texts
        self._number_of = texts.__getitem__
        self._wording: Callable[[Any], Wording] = field.wording
        self._held = array("I")
        self._ends = array("I", [0])
        self._ways = Numbered()
        self._way_of = array("I")
        self._next = 0

    def take(self, document: int, value: Any) -> None:
        texts, terms_of = self._wording(value)
        if document > self._next:
            self._ends.extend([self._ends[-1]] * (document - self._next))
            self._way_of.extend([0] * (document - self._next))
        for text in texts:
            self._held.append(self._number_of(text))
        self._ends.append(len(self._held))
        self._way_of.append(self._ways[terms_of])
        self._next = document + 1

    def repeat(self, times: int) -> None:
        """Take the last value so many times again, for the documents after that."""
        held = self._held[self._ends[-2] :]
        for _ in range(times):
            self._held.extend(held)
            self._ends.append(len(self._held))
        self._way_of.extend(self._way_of[-1:] * times)
        self._next += times

    def size_bytes(self) -> int:
        """About how much memory this takes."""
        return 4 * len(self._held) + 8 * len(self._way_of)

    def sorting_bytes(self) -> int:
        """About how much it takes besides while it is written."""
        return round(_OCCURRENCE_BYTES * self._texts.mean() * len(self._held))

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
        placed, _ = kept(self._field.format)
        return inverted(spread, list(self._ways), placed=placed, once=isinstance(self._field.format, Existence))


class Postings:
    """Takes postings as Whoosh's fields make them, in any order within a document.

    Those of one value are a *bag*; neighbouring documents with the same value share it.
    """

    def __init__(self, field: Any) -> None:
        self._field = field
        self.positions, self.values = kept(field.format)
        self._terms = Numbered()
        self._term_of, self._tfs, self._places = array("I"), array("I"), array("I")
        self._weights = array("f")
        self._values: list[bytes] = []
        self._ends = array("I", [0])
        self._firsts, self._counts, self._lengths = array("I"), array("I"), array("I")
        self._known_lengths: dict[int, int] = {}
        self._documents = 0

    def take(self, document: int, value: Any) -> None:
        """The postings that the field makes of a value."""
        self.add(document, self._field.index(value))

    def repeat(self, times: int) -> None:
        """As of ``Rows``."""
        self._counts[-1] += times
        self._documents += times

    def add(self, document: int, items: Iterable[Posting], boost: float = 1.0) -> None:
        """Postings with their weights times ``boost``: term, frequency, weight and value of each."""
        length = 0
        for term, frequency, weight, value in list(items):
            length += frequency
            self._term_of.append(self._terms[term])
            self._weights.append(weight * boost)
            if self.positions:
                places = sorted(self._field.format.decode_positions(value))
                self._places.extend(places)
                frequency = len(places)
            self._tfs.append(frequency)
            if self.values:
                self._values.append(value)
        self._ends.append(len(self._term_of))
        self._firsts.append(document)
        self._counts.append(1)
        self._documents += 1
        self._lengths.append(length)

    def lengthen(self, document: int, length: int) -> None:
        """Have the field that long in a document, whatever its postings say."""
        self._known_lengths[document] = length

    def size_bytes(self) -> int:
        """As of ``Rows``."""
        noted = 12 * len(self._term_of) + 4 * len(self._places) + 16 * len(self._firsts)
        return noted + _TERM_BYTES * (len(self._terms) + len(self._values) + len(self._known_lengths))

    def sorting_bytes(self) -> int:
        """As of ``Rows``. Each document of several that share a bag has all of it."""
        return _POSTING_BYTES * self._documents * len(self._term_of) // max(1, len(self._firsts))

    def weighted(self) -> bool:
        return bool((np.frombuffer(self._weights, "f4") != np.frombuffer(self._tfs, "u4")).any())

    def written(self) -> tuple[Iterator[Block], Numbers]:
        names = sorted(self._terms)
        firsts, documents = (np.frombuffer(numbers, "u4").astype("i8") for numbers in (self._firsts, self._counts))
        bags = np.repeat(np.arange(len(firsts)), np.diff(np.frombuffer(self._ends, "u4")))
        of_terms = np.fromiter(map(ranks(names).__getitem__, self._terms), "i8", len(names))
        keys = of_terms[np.frombuffer(self._term_of, "u4")] << 32 | firsts[bags]
        order = np.argsort(keys)
        order = order[changes(keys[order])]
        used = bags[order]
        tfs = np.frombuffer(self._tfs, "u4")
        noted = Block(
            names,
            np.zeros(0, "i8"),
            np.zeros(len(tfs), "u4"),
            tfs,
            gaps(np.frombuffer(self._places, "u4"), np.cumsum(tfs) - tfs) if self.positions else None,
            np.frombuffer(self._weights, "f4") if self.weighted() else None,
            self._values if self.values else None,
        )
        counts = np.bincount(keys[order] >> 32, documents[used], minlength=len(names)).astype("i8")
        block = noted.taken(np.repeat(order, documents[used]), names, counts)
        block.docs = ragged(firsts[used], documents[used]).astype("u4")
        return iter([block]), self._all_lengths(ragged(firsts, documents), np.repeat(np.arange(len(firsts)), documents))

    def _all_lengths(self, documents: Numbers, bags: Numbers) -> Numbers:
        known = np.array(list(self._known_lengths.items()), "i8").reshape(-1, 2)
        lengths = np.zeros(1 + max(int(documents.max(initial=-1)), int(known[:, 0].max(initial=-1))), "i8")
        lengths[documents] = np.frombuffer(self._lengths, "u4")[bags]
        lengths[known[:, 0]] = known[:, 1]
        return lengths
