"""Which names might be meant that sound like what was typed?

Names are heard before they are read. Two words that no clip found holds in a row are looked for, by their sounds, in
titles and among the people followed. Where they were typed like a name (Ada Bark), or nothing was found, they are
looked for in what is said, too: one of them is exchanged for a word of the library that sounds alike, if somebody says
the two in a row. A word that nobody says is exchanged alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, groupby, pairwise

from index.analysis import fold, stem
from index.arrays.edits import edits
from index.clips import Clip, clips
from index.engine import Engine, Filters
from index.marking import highlight
from index.query import And, Or, Phrase, Query, Word
from index.sounds import beginnings, has_sound, sound
from index.telling import is_common
from library.reading import Reading

#: How many words that sound alike are tried beside another, and in how many moments they are looked for.
TRIED, READ = 40, 8
#: More words with capitals than this are a title, no name; words of so few letters are not taken for names.
LONGEST, SHORTEST = 3, 2

_LETTER = r"[^\W\d_]"
_ASCII = frozenset(map(chr, range(128)))

Pair = tuple[str, str]


def misheard(
    store: Reading, engine: Engine, typed: str, query: Query, filters: Filters, found: Sequence[Clip]
) -> list[Pair]:
    """What was typed, and what may be meant: at most one for each word, none for what the clips found hold.

    ``typed`` is the text of the query, which may look for more than its words: for those of a topic, say.
    """
    rows = list(_rows(typed, query))
    named = sum(map(_like_a_name, chain(*rows))) <= LONGEST
    asked = _Asked(store, engine, filters, found)
    told: dict[str, str] = {}
    for row in rows:
        exchanged: set[str] = set()
        for pair in pairwise(row):
            name = named and all(map(_like_a_name, pair))
            alone = rows == [row] and len(row) == 2
            if (name or alone or not found) and (meant := asked.pair(pair, spoken=name or not found)):
                told[" ".join(pair)] = meant
                exchanged.update(pair)
        told |= {word: meant for word in row if word not in exchanged and (meant := asked.single(word))}
    return list(told.items())


class _Asked:
    """What has to be looked up to tell what is meant; titles only when they are needed."""

    def __init__(self, store: Reading, engine: Engine, filters: Filters, found: Sequence[Clip]) -> None:
        self._store, self._engine, self._filters, self._found = store, engine, filters, found

    def pair(self, pair: Pair, *, spoken: bool) -> str:
        """Two words that sound like these, written or ``spoken``; "" where there are none, or a clip holds these."""
        if self._holds(Phrase(pair)):
            return ""
        return self._written(pair) or (self._spoken(pair) if spoken else "")

    def single(self, word: str) -> str:
        """A word of the library for one that it does not hold; "" for one that it holds."""
        if self._engine.said(word) or self._holds(Word(word)):
            return ""
        folded = fold(word)
        heard, spelt = self._engine.sounding(folded, 1), self._engine.suggest(word, 1)
        # What sounds alike may be spelt a little worse.
        others = sorted([*heard, *spelt], key=lambda other: edits(folded, other) - (other in heard))
        return _typed_like(others[0], word) if others and _another(others[0], folded) else ""

    def _holds(self, what: Query) -> bool:
        return any(highlight(text, what, clip.language) for clip in self._found for text in (clip.text, clip.title))

    def _written(self, pair: Pair) -> str:
        """The name most like ``pair`` among those that sound alike, as it is written."""
        folded = _folded(pair)
        likely = dict.fromkeys(re.findall(_pattern(folded), self._names))
        names = [(_folded(name), name) for name in likely if all(map(_like_a_name, name))]
        alike = [(_mistakes(folded, other), name) for other, name in names if _sound_alike(folded, other)]
        return " ".join(min(alike)[1]) if alike else ""

    def _spoken(self, pair: Pair) -> str:
        """The two words of which one is exchanged that are said in a row most often."""
        first, second = _folded(pair)
        tried = [Phrase((other, second)) for other in self._engine.sounding(first, TRIED) if _another(other, first)]
        tried += [Phrase((first, other)) for other in self._engine.sounding(second, TRIED) if _another(other, second)]
        if not tried:
            return ""
        query = Or(tuple(tried))
        said = clips(self._engine.search(query, self._filters, READ).hits, query, self._store)
        counts = [sum(bool(highlight(clip.text, two, clip.language)) for clip in said) for two in tried]
        best = tried[counts.index(max(counts))].words
        return " ".join(map(_typed_like, best, pair)) if max(counts) else ""

    @cached_property
    def _names(self) -> str:
        """The names of mentors, and titles, with zeros between them."""
        return "\0".join([*(mentor.name for mentor in self._store.mentors()), self._store.titles()])


def _pattern(folded: Pair) -> str:
    """What finds two neighbouring words, each as a group, that begin as names may that sound like these."""
    first, second = (re.escape("".join(_ASCII - set("".join(beginnings(word)).upper()))) for word in folded)
    return rf"([^{first}](?<={_LETTER})(?<!{_LETTER}{_LETTER}){_LETTER}*)(?=(?:[^\w\0]|[\d_])+([^{second}]{_LETTER}*))"


def _rows(typed: str, query: Query) -> Iterator[Sequence[str]]:
    """The words typed that stand beside each other and say what the query is about."""

    def tells(word: str) -> bool:
        return word in typed and has_sound(fold(word)) and not is_common(word, "en")

    for words in _beside_each_other(query):
        yield from (tuple(row) for told, row in groupby(words, tells) if told)


def _beside_each_other(query: Query) -> Iterator[Sequence[str]]:
    row: list[str] = []
    for part in query.parts if isinstance(query, Or | And) else (query,):
        if isinstance(part, Word):
            row.append(part.text)
            continue
        yield row
        row = []
        if isinstance(part, Phrase):
            yield part.words
    yield row


def _like_a_name(word: str) -> bool:
    return word[:1].isupper() and not word.isupper()


def _another(other: str, word: str) -> bool:
    """Whether ``other`` is no form of a word, and not too short to be a name."""
    return len(other) > SHORTEST and stem(other, "en") != stem(word, "en")


def _typed_like(other: str, word: str) -> str:
    return other.capitalize() if word[:1].isupper() and other == other.lower() else other


def _folded(pair: Pair) -> Pair:
    return fold(pair[0]), fold(pair[1])


def _sound_alike(pair: Pair, other: Pair) -> bool:
    return pair != other and sound(pair[0]) == sound(other[0]) and sound(pair[1]) == sound(other[1])


def _mistakes(pair: Pair, other: Pair) -> int:
    return sum(edits(one, two, swaps=True) for one, two in zip(pair, other, strict=True))
