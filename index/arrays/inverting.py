"""How are the words of documents turned around, into the documents of words?

Pieces of text stand document after document. Each stands for some terms; each occurrence of a term becomes one
number made of term, document and place. Sorted, these stand in the order in which postings are written.
Everything is done for some documents or terms at a time, so that what is handled stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise, repeat
from typing import Any

import numpy as np

from .blocks import Block, chunked, gaps
from .format import Unsupported
from .streams import Numbers, ragged
from .texts import Cut

_KEY_BITS = 63
_AT_ONCE = 1 << 18
_ASKED_AT_ONCE = 1 << 12

#: What gives the terms of each piece, with white space between them.
Way = Callable[[Sequence[str]], Sequence[str]]


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
        so_far = np.concatenate(([0], np.cumsum(self.cut.ends[held + 1] - self.cut.ends[held])))
        ends = so_far[self.ends[first : beyond + 1] - self.ends[first]]
        borders = np.flatnonzero(np.diff(held.astype("i8"), prepend=-2, append=-1) != 1)
        starts, beyonds = self.cut.ends[held[borders[:-1]]].tolist(), self.cut.ends[held[borders[1:] - 1] + 1].tolist()
        neighbours = [self.cut.numbers[start:end] for start, end in zip(starts, beyonds, strict=True)]
        pieces = neighbours[0] if len(neighbours) == 1 else np.concatenate([self.cut.numbers[:0], *neighbours])
        if self.ways[first:beyond].any():
            pieces = pieces + np.repeat(self.ways[first:beyond] * np.uint32(len(self.cut.pieces)), np.diff(ends))
        return pieces, ends


@dataclass(frozen=True, slots=True)
class Meaning:
    """The terms of pieces, by rank: most have one, ``firsts[i]``.

    ``others`` tells which have not: theirs are ``counts[i]`` of ``ranks`` from ``starts[i]`` on.
    """

    names: list[str]
    firsts: Numbers
    others: Numbers
    ranks: Numbers
    starts: Numbers
    counts: Numbers

    def lengths(self, pieces: Numbers, ends: Numbers) -> Numbers:
        """How many terms documents have whose pieces end there, counted from 0 on."""
        others = np.flatnonzero(self.others.take(pieces))
        more = np.concatenate(([0], np.cumsum(self.counts[pieces[others]] - 1)))
        found: Numbers = np.diff(ends + more[np.searchsorted(others, ends)])
        return found

    def terms(self, pieces: Numbers) -> Numbers:
        """The terms of pieces, one piece after the other."""
        found: Numbers = self.firsts.take(pieces)
        others = np.flatnonzero(self.others.take(pieces))
        if not len(others):
            return found
        repeats = np.ones(len(pieces), "i8")
        repeats[others] = counts = self.counts[pieces[others]]
        found = np.repeat(found, repeats)
        starts = others + np.cumsum(counts - 1) - (counts - 1)
        found[ragged(starts, counts)] = self.ranks[ragged(self.starts[pieces[others]], counts)]
        return found


def meaning(spread: Spread, ways: Sequence[Way]) -> Meaning:
    """Ask for the terms of those pieces that occur."""
    known = spread.cut.pieces
    occurs = np.zeros((len(ways), len(known)), bool)
    for run in spread.runs:
        occurs.reshape(-1)[spread.pieces(*run)[0]] = True
    rows: list[str] = []
    for way, of_way in zip(ways, occurs, strict=True):
        which = np.flatnonzero(of_way).tolist()
        for start in range(0, len(which), _ASKED_AT_ONCE):
            rows += way([known[piece] for piece in which[start : start + _ASKED_AT_ONCE]])
    others = [at for at, row in enumerate(rows) if " " in row or not row]
    several = [rows[at].split() for at in others]
    names = sorted(set(rows).difference(rows[at] for at in others).union(*several))
    rank, asked = ranks(names), np.flatnonzero(occurs)
    firsts, starts, counts = np.zeros(occurs.size, "i8"), np.zeros(occurs.size, "i8"), np.ones(occurs.size, "i8")
    firsts[asked] = np.fromiter(map(rank.get, rows, repeat(0)), "i8", len(rows))
    counts[asked[others]] = sizes = np.fromiter(map(len, several), "i8", len(several))
    starts[asked[others]] = np.cumsum(sizes) - sizes
    of_several = np.fromiter(map(rank.__getitem__, chain.from_iterable(several)), "i8")
    return Meaning(names, firsts, counts != 1, of_several, starts, counts)


def ranks(names: Iterable[Any]) -> dict[Any, int]:
    """The place of each of the names, which are in order."""
    return {name: rank for rank, name in enumerate(names)}


def inverted(spread: Spread, ways: Sequence[Way], *, placed: bool, once: bool) -> tuple[Iterator[Block], Numbers]:
    """All postings, lazily, and how many terms each document has.

    Without ``placed`` places are not kept; with ``once`` a term counts once in a document. Raises Unsupported for
    more documents, places and terms than 63 bits tell apart.
    """
    meant = meaning(spread, ways)
    lengths = np.zeros(len(spread.ends) - 1, "i8")
    for first, beyond in spread.runs:
        lengths[first:beyond] = meant.lengths(*spread.pieces(first, beyond))
    place_bits = int(lengths.max(initial=0)).bit_length() if placed else 0
    term_at = place_bits + len(lengths).bit_length()
    if term_at + len(meant.names).bit_length() > _KEY_BITS:
        raise Unsupported("too many documents, places and terms at once")
    keys = np.empty(int(lengths.sum()), "i8")
    at = 0
    for first, beyond in spread.runs:
        counts = lengths[first:beyond]
        made = meant.terms(spread.pieces(first, beyond)[0])
        made <<= term_at
        made += np.repeat((np.arange(first, beyond) << place_bits) - placed * (np.cumsum(counts) - counts), counts)
        if placed:
            made += np.arange(len(made))
        keys[at : at + len(made)] = made
        at += len(made)
    keys.sort()
    if once:
        keys = keys[changes(keys)]
        lengths = np.bincount(keys & ((1 << term_at) - 1), minlength=len(lengths))
    return _blocks(keys, meant.names, term_at, place_bits), lengths


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
