"""How are the words of documents turned around, into the documents of words?

Pieces of text stand document after document. Each stands for some terms; each occurrence of a term becomes one
number made of term, document and place. Sorted, these stand in the order in which postings are written.
Everything is done for some documents or terms at a time, so that what is handled stays in the processor's cache.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .blocks import Block, chunked
from .format import Unsupported
from .streams import Numbers, ragged
from .texts import Numbered

_KEY_BITS = 63
_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True)
class Meaning:
    """The terms of pieces: those of piece i are ``counts[i]`` numbers of ``names`` from ``ranks[starts[i]]`` on."""

    names: list[str]
    ranks: Numbers
    starts: Numbers
    counts: Numbers

    @classmethod
    def of(cls, pieces: Numbers, known: Sequence[str], ways: Sequence[Callable[[str], Sequence[str]]]) -> Meaning:
        """Ask for the terms of those pieces that occur; the w-th way numbers begin at ``w * len(known)``."""
        occurs = np.zeros(len(known) * len(ways), bool)
        occurs[pieces] = True
        terms, found = Numbered(), array("I")
        counts = np.zeros(len(occurs), "i8")
        for piece in np.flatnonzero(occurs).tolist():
            way, at = divmod(piece, len(known))
            before = len(found)
            found.extend(map(terms.__getitem__, ways[way](known[at])))
            counts[piece] = len(found) - before
        names = sorted(terms)
        return cls(names, ranks(terms, names)[np.frombuffer(found, "u4")], np.cumsum(counts) - counts, counts)


def ranks(numbers: dict[Any, int], names: Sequence[Any]) -> Numbers:
    """The place in order of each term, by its number."""
    found = np.empty(len(names), "i8")
    found[np.fromiter(map(numbers.__getitem__, names), "i8", len(names))] = np.arange(len(names))
    return found


def inverted(
    pieces: Numbers, ends: Numbers, meaning: Meaning, *, placed: bool, once: bool
) -> tuple[Iterator[Block], Numbers]:
    """All postings, lazily, and how many terms each document has.

    Document i consists of ``pieces[ends[i]:ends[i + 1]]``. Without ``placed`` places are not kept; with ``once``
    a term counts once in a document. Raises Unsupported for more than 64-bit numbers tell apart.
    """
    runs = list(pairwise(chunked(np.diff(ends), _AT_ONCE)))
    lengths = np.zeros(len(ends) - 1, "i8")
    for first, beyond in runs:
        counts = meaning.counts[pieces[ends[first] : ends[beyond]]]
        so_far = np.concatenate(([0], np.cumsum(counts)))
        lengths[first:beyond] = np.diff(so_far[ends[first : beyond + 1] - ends[first]])
    place_bits = int(lengths.max(initial=0)).bit_length() if placed else 0
    term_at = place_bits + len(lengths).bit_length()
    if term_at + len(meaning.names).bit_length() > _KEY_BITS:
        raise Unsupported("too many documents, places and terms at once")
    keys = np.empty(int(lengths.sum()), "i8")
    at = 0
    for first, beyond in runs:
        made = _keys(pieces[ends[first] : ends[beyond]], meaning, lengths[first:beyond], term_at, place_bits)
        made += np.repeat(np.arange(first, beyond) << place_bits, lengths[first:beyond])
        keys[at : at + len(made)] = made
        at += len(made)
    keys.sort()
    if once:
        keys = keys[_changes(keys)]
        lengths = np.bincount(keys & ((1 << term_at) - 1), minlength=len(lengths))
    return _blocks(keys, meaning.names, term_at, place_bits), lengths


def _keys(pieces: Numbers, meaning: Meaning, lengths: Numbers, term_at: int, place_bits: int) -> Numbers:
    """Terms and places, without documents."""
    keys = meaning.ranks[ragged(meaning.starts[pieces], meaning.counts[pieces])] << term_at
    if place_bits:
        keys += np.arange(len(keys))
        keys -= np.repeat(np.cumsum(lengths) - lengths, lengths)
    return keys


def _blocks(keys: Numbers, names: Sequence[str], term_at: int, place_bits: int) -> Iterator[Block]:
    at = 0
    while at < len(keys):
        beyond = _beyond(keys, at, term_at)
        some = keys[at:beyond]
        postings = some >> place_bits
        starts = np.flatnonzero(_changes(postings))
        postings = postings[starts]
        terms = postings >> (term_at - place_bits)
        first, last = int(terms[0]), int(terms[-1])
        yield Block(
            [name.encode("utf-8", "surrogatepass") for name in names[first : last + 1]],
            np.bincount(terms - first),
            (postings & ((1 << (term_at - place_bits)) - 1)).astype("u4"),
            np.diff(starts, append=len(some)).astype("u4"),
            (some & ((1 << place_bits) - 1)).astype("u4") if place_bits else None,
        )
        at = beyond


def _beyond(keys: Numbers, at: int, term_at: int) -> int:
    """Where a block that begins at ``at`` ends: before the term that would make it too large, if it is another."""
    if at + _AT_ONCE >= len(keys):
        return len(keys)
    term = int(keys[at + _AT_ONCE]) >> term_at
    border = int(np.searchsorted(keys, term << term_at))
    return border if border > at else int(np.searchsorted(keys, (term + 1) << term_at))


def _changes(numbers: Numbers) -> Numbers:
    """Which numbers differ from the one before."""
    changes = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=changes[1:])
    return changes
