"""What of a text does a query look for?

Texts are cut at white space into pieces, and each different piece is folded and stemmed once: speech repeats itself.
Where a word stands is worked out for those only that are looked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate, chain
from typing import NamedTuple

from index.analysis import CACHED, fold, folded, is_lone, primary, readings, silenced, stemmer, stems_of_each, words
from index.query import Fuzzy, Near, Phrase, Prefix, Query, Word, positives
from index.spelling import alike


class Stemmed(NamedTuple):
    """A text, the pieces between its spaces, the number of the first word of each, and the stems of all words."""

    text: str
    pieces: list[str]
    firsts: list[int]
    stems: list[str]

    def folded(self) -> list[str]:
        """The words."""
        return list(chain.from_iterable(map(_folded, self.pieces)))

    def spans(self, runs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Where runs of words stand, given their first and last words: [from, to) offsets."""
        before = list(accumulate(map(len, self.pieces), initial=0))
        for first, last in runs:
            yield self._place(first, before)[0], self._place(last, before)[1]

    def stem_at(self, start: int) -> str:
        """The stem of the word that begins at this place of the text; "" where none does."""
        number = self.text.count(" ", 0, start)
        begin = self.text.rfind(" ", 0, start) + 1
        stems = self.stems[self.firsts[number] : self.firsts[number + 1]]
        found = zip(words(self.pieces[number]), stems, strict=True)
        return next((stem for word, stem in found if begin + word.start == start), "")

    def _place(self, number: int, before: Sequence[int]) -> tuple[int, int]:
        """Where a word stands; ``before`` tells how many letters all pieces before each one have."""
        piece = bisect_right(self.firsts, number) - 1
        word = tuple(words(self.pieces[piece]))[number - self.firsts[piece]]
        begin = before[piece] + piece
        return begin + word.start, begin + word.end


def stemmed(text: str, language: str) -> Stemmed:
    """The words of ``text`` with their stems in ``language`` (BCP 47)."""
    pieces = silenced(text).split(" ")
    stems = _pieces(primary(language)).stems(pieces)
    return Stemmed(text, pieces, list(accumulate(map(len, stems), initial=0)), list(chain.from_iterable(stems)))


class _Pieces:
    """Remembers the stems of pieces of text."""

    def __init__(self, stems_of_each: Callable[[Sequence[str]], list[str]]) -> None:
        self._stems_of_each = stems_of_each
        self._known: dict[str, list[str]] = {}

    def stems(self, pieces: Sequence[str]) -> list[list[str]]:
        """The stems of the words of each piece."""
        if len(self._known) >= CACHED:
            self._known.clear()
        if new := list(set(pieces).difference(self._known)):
            self._known.update(zip(new, map(str.split, self._stems_of_each(new)), strict=True))
        return list(map(self._known.__getitem__, pieces))


@lru_cache(maxsize=CACHED)
def _folded(piece: str) -> list[str]:
    return folded(piece)


@cache
def _pieces(language: str) -> _Pieces:
    return _Pieces(stems_of_each(language))


def highlight(text: str, query: Query, language: str) -> tuple[tuple[int, int], ...]:
    """``marks`` of a text that has yet to be stemmed."""
    return marks(stemmed(text, language), query, language)


def marks(text: Stemmed, query: Query, language: str) -> tuple[tuple[int, int], ...]:
    """[from, to) offsets of what ``query`` looks for in ``text``: sorted, never overlapping.

    Forms of a word are compared by their stems in ``language`` (BCP 47). A phrase counts where its
    words stand in a row, and is one span; words near each other count where all of them are. What a
    query excludes is not marked.
    """
    wanted = _wanted(query, primary(language))
    runs = [(at, at) for at in _single(text, wanted)]
    runs += [(at, at + len(row) - 1) for at, row in _in_a_row(text.stems, wanted.rows)]
    runs += [(at, at) for together, reach in wanted.near for at in _together(text.stems, together, reach)]
    return _merged([*text.spans(runs), *_alone(text, wanted.alone)])


def _single(text: Stemmed, wanted: _Wanted) -> list[int]:
    """The numbers of the words that are looked for by themselves."""
    stems = wanted.stems
    found = [at for at, stem in enumerate(text.stems) if stem in stems]
    if wanted.prefixes or wanted.fuzzy:
        said = text.folded()
        like = set().union(*(_spelt_like(word).among(said) for word in wanted.fuzzy))
        found += [at for at, word in enumerate(said) if word in like or word.startswith(wanted.prefixes)]
    return found


def _in_a_row(stems: Sequence[str], rows: dict[str, list[tuple[str, ...]]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for at in [at for at, stem in enumerate(stems) if stem in rows] if rows else ():
        for row in rows[stems[at]]:
            if tuple(stems[at : at + len(row)]) == row:
                yield at, row


def _alone(text: Stemmed, characters: Collection[str]) -> Iterator[tuple[int, int]]:
    """The places of some characters, whatever words they are in."""
    everything = ((at, at) for at in range(len(text.stems))) if characters else ()
    for start, end in text.spans(everything):
        yield from ((at, at + 1) for at in range(start, end) if fold(text.text[at]) in characters)


class _Spelt:
    """Remembers which words are spelt like one."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._compared: set[str] = set()
        self._like = {word}

    def among(self, said: Iterable[str]) -> set[str]:
        """The word, and those spelt like it of all that were ever asked for."""
        new = set(said) - self._compared
        self._compared |= new
        self._like.update(other for other, _ in alike(self._word, new))
        return self._like


@lru_cache(maxsize=64)
def _spelt_like(word: str) -> _Spelt:
    return _Spelt(word)


def _together(stems: Sequence[str], together: Counter[str], reach: int) -> Iterator[int]:
    """The places of runs of these stems, each within ``reach`` of the next, that hold all of them."""
    run: list[int] = []
    for at in [at for at, found in enumerate(stems) if found in together] + [len(stems) + reach]:
        if run and at - run[-1] > reach:
            if Counter(stems[place] for place in run) >= together:
                yield from run
            run = []
        run.append(at)


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


class _Wanted(NamedTuple):
    """What to look for: stems, beginnings, misspelt words, rows of stems by their first one, stems near each other.

    ``alone`` are characters that are marked wherever they stand.
    """

    stems: frozenset[str]
    alone: frozenset[str]
    prefixes: tuple[str, ...]
    fuzzy: tuple[str, ...]
    rows: dict[str, list[tuple[str, ...]]]
    near: list[tuple[Counter[str], int]]


def _rows(part: Word | Phrase | Near) -> list[tuple[str, ...]]:
    match part:
        case Word(text):
            return readings([text])
        case Phrase(words):
            return readings(words)
        case Near(words, _):
            return [tuple(folded(" ".join(words)))]


@lru_cache(maxsize=64)
def _wanted(query: Query, language: str) -> _Wanted:
    stems_of = stemmer(language)
    stems: set[str] = set()
    alone: set[str] = set()
    prefixes: set[str] = set()
    fuzzy: set[str] = set()
    rows: dict[str, list[tuple[str, ...]]] = {}
    near: list[tuple[Counter[str], int]] = []
    for part in positives(query):
        if isinstance(part, Prefix):
            prefixes.update(folded(part.text)[-1:])
            continue
        if isinstance(part, Fuzzy):
            fuzzy.update(folded(part.text)[-1:])
            continue
        for typed in _rows(part):
            alone.update(filter(is_lone, typed))
            row = tuple(stems_of(word) for word in typed if not is_lone(word))
            if len(row) == 1:
                stems.update(row)
            elif isinstance(part, Near):
                near.append((Counter(row), part.reach))
            elif row:
                rows.setdefault(row[0], []).append(row)
    return _Wanted(frozenset(stems), frozenset(alone), tuple(prefixes), tuple(fuzzy), rows, near)
