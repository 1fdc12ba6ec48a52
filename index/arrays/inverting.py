"""How are the words of documents turned around, into the documents of words?

Pieces of text stand document after document. Each stands for some terms; each occurrence of a term becomes one
number made of term, document and place. Sorted, these stand in the order in which postings are written.
Everything is done for some documents or terms at a time, so that what is handled stays in the processor's cache.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any

import numpy as np

from .blocks import Block, chunked, gaps
from .format import Unsupported
from .streams import Numbers, ragged
from .texts import Cut, Numbered

_KEY_BITS = 63
_AT_ONCE = 1 << 18
_ASKED_AT_ONCE = 1 << 12

#: What gives the terms of a piece.
Way = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Spread:
    """The pieces of documents: those of the texts ``held[ends[i]:ends[i + 1]]`` for document i.

    A piece is numbered ``way * len(cut.pieces)`` higher in documents with another way to find terms.
    """

    cut: Cut
    held: Numbers
    ends: Numbers
    ways: Numbers

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """Documents [first, beyond) to be handled at once."""
        so_far = np.concatenate(([0], np.cumsum(np.diff(self.cut.ends)[self.held])))
        return list(pairwise(chunked(np.diff(so_far[self.ends]), _AT_ONCE)))

    def pieces(self, first: int, beyond: int) -> tuple[Numbers, Numbers]:
        """The pieces of the documents [first, beyond), one after the other, and where those of each end, from 0 on."""
        held = self.held[self.ends[first] : self.ends[beyond]]
        starts = self.cut.ends[held]
        counts = self.cut.ends[held + 1] - starts
        so_far = np.concatenate(([0], np.cumsum(counts)))
        ends = so_far[self.ends[first : beyond + 1] - self.ends[first]]
        if len(held) and (np.diff(held) == 1).all():
            pieces = self.cut.numbers[starts[0] : starts[0] + ends[-1]]
        else:
            pieces = self.cut.numbers[ragged(starts, counts)]
        if self.ways[first:beyond].any():
            pieces = pieces + np.repeat(self.ways[first:beyond] * np.uint32(len(self.cut.pieces)), np.diff(ends))
        return pieces, ends


@dataclass(frozen=True, slots=True)
class Meaning:
    """The terms of pieces: those of piece i are ``counts[i]`` numbers of ``names`` from ``ranks[starts[i]]`` on."""

    names: list[str]
    ranks: Numbers
    starts: Numbers
    counts: Numbers


def meaning(spread: Spread, ways: Sequence[Way]) -> Meaning:
    """Ask for the terms of those pieces that occur."""
    known = spread.cut.pieces
    occurs = np.zeros(len(ways) * len(known), bool)
    for run in spread.runs:
        occurs[spread.pieces(*run)[0]] = True
    counts = np.zeros(len(occurs), "i8")
    terms, found = Numbered(), array("I")
    for number, way in enumerate(ways):
        which = number * len(known) + np.flatnonzero(occurs[number * len(known) : (number + 1) * len(known)])
        for start in range(0, len(which), _ASKED_AT_ONCE):
            some = which[start : start + _ASKED_AT_ONCE]
            of_pieces = [way(known[piece]) for piece in (some - number * len(known)).tolist()]
            counts[some] = list(map(len, of_pieces))
            found.extend(map(terms.__getitem__, chain.from_iterable(of_pieces)))
    names = sorted(terms)
    return Meaning(names, ranks(terms, names)[np.frombuffer(found, "u4")], np.cumsum(counts) - counts, counts)


def ranks(numbers: dict[Any, int], names: Sequence[Any]) -> Numbers:
    """The place in order of each term, by its number."""
    found = np.empty(len(names), "i8")
    found[np.fromiter(map(numbers.__getitem__, names), "i8", len(names))] = np.arange(len(names))
    return found


def inverted(spread: Spread, ways: Sequence[Way], *, placed: bool, once: bool) -> tuple[Iterator[Block], Numbers]:
    """All postings, lazily, and how many terms each document has.

    Without ``placed`` places are not kept; with ``once`` a term counts once in a document. Raises Unsupported for
    more documents, places and terms than 63 bits tell apart.
    """
    meant = meaning(spread, ways)
    lengths = np.zeros(len(spread.ends) - 1, "i8")
    for first, beyond in spread.runs:
        pieces, ends = spread.pieces(first, beyond)
        lengths[first:beyond] = np.diff(np.concatenate(([0], np.cumsum(meant.counts[pieces])))[ends])
    place_bits = int(lengths.max(initial=0)).bit_length() if placed else 0
    term_at = place_bits + len(lengths).bit_length()
    if term_at + len(meant.names).bit_length() > _KEY_BITS:
        raise Unsupported("too many documents, places and terms at once")
    keys = np.empty(int(lengths.sum()), "i8")
    at = 0
    for first, beyond in spread.runs:
        firsts = (np.arange(first, beyond) << place_bits) - placed * (
            np.cumsum(lengths[first:beyond]) - lengths[first:beyond]
        )
        made = _terms(spread.pieces(first, beyond)[0], meant) << term_at
        made += np.repeat(firsts, lengths[first:beyond])
        if placed:
            made += np.arange(len(made))
        keys[at : at + len(made)] = made
        at += len(made)
    keys.sort()
    if once:
        keys = keys[changes(keys)]
        lengths = np.bincount(keys & ((1 << term_at) - 1), minlength=len(lengths))
    return _blocks(keys, meant.names, term_at, place_bits), lengths


def _terms(pieces: Numbers, meant: Meaning) -> Numbers:
    """The terms of pieces, by rank."""
    starts, counts = meant.starts[pieces], meant.counts[pieces]
    return meant.ranks[starts if (counts == 1).all() else ragged(starts, counts)]


def _blocks(keys: Numbers, names: Sequence[str], term_at: int, place_bits: int) -> Iterator[Block]:
    at = 0
    while at < len(keys):
        beyond = _beyond(keys, at, term_at)
        some = keys[at:beyond]
        postings = some >> place_bits
        starts = np.flatnonzero(changes(postings))
        postings = postings[starts]
        terms = postings >> (term_at - place_bits)
        first, last = int(terms[0]), int(terms[-1])
        yield Block(
            [name.encode("utf-8", "surrogatepass") for name in names[first : last + 1]],
            np.bincount(terms - first),
            (postings & ((1 << (term_at - place_bits)) - 1)).astype("u4"),
            np.diff(starts, append=len(some)).astype("u4"),
            gaps((some & ((1 << place_bits) - 1)).astype("u4"), starts) if place_bits else None,
        )
        at = beyond


def _beyond(keys: Numbers, at: int, term_at: int) -> int:
    """Where a block that begins at ``at`` ends: before the term that would make it too large, if it is another."""
    if at + _AT_ONCE >= len(keys):
        return len(keys)
    term = int(keys[at + _AT_ONCE]) >> term_at
    border = int(np.searchsorted(keys, term << term_at))
    return border if border > at else int(np.searchsorted(keys, (term + 1) << term_at))


def changes(numbers: Numbers) -> Numbers:
    """Which numbers differ from the one before."""
    changes = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=changes[1:])
    return changes
