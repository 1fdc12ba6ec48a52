"""How does a query become a plan for the index?

A word may be in any language of the library, so it stands for all its stems, which are as telling as the word:
what is rare only because few talks are in a language tells nothing. It is looked for in what is said, in the title
of the chapter, and in what the uploader says about the talk. Neighbouring words add to the score of passages that
hold them in a row.

Plans are made without Whoosh's query classes: a search needs no Whoosh, whose import takes longer than answering.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise, permutations

from msgspec import Struct

from index.analysis import folded, is_lone, readings, stemmer
from index.arrays.plan import NOTHING, All, Any, Every, Plan, Term, Without
from index.arrays.plan import Phrase as Row
from index.query import And, Everything, Fuzzy, Near, Not, Or, Phrase, Prefix, Query, Word, positives

#: Words a prefix may stand for at most, the most frequent ones.
EXPANSIONS = 500

#: Queries whose plans are remembered.
REMEMBERED = 256


class Weights(Struct, frozen=True):
    """How much a match counts, against 1 for a word that is said; each is more than 0."""

    pairs: float = 0.3
    chapter: float = 0.1
    about: float = 0.2
    title: float = 0.2
    talk: float = 0.15


class Vocabulary(Struct, frozen=True):
    """What a translator asks about the words of the library.

    ``holds`` says whether a field holds a stem, ``tells`` how telling any of several stems is, as a multiple of
    how telling each alone is. Of words folded but not stemmed, ``begins`` gives those with a beginning, ``holding``
    those pairs of characters that hold one, ``like`` those spelt so or nearly so, with their mistakes.
    """

    languages: Collection[str]
    holds: Callable[[str, bytes], bool]
    tells: Callable[[str, Sequence[bytes]], Sequence[float]]
    begins: Callable[[str], Sequence[str]]
    holding: Callable[[str], Sequence[str]]
    like: Callable[[str], Mapping[str, int]]


class Translator:
    """Translates queries for a library with these words; ``places`` are the fields to look in.

    Plans are remembered: words stay the same while the library does, and are asked about again with other filters.
    """

    def __init__(
        self, vocabulary: Vocabulary, weights: Weights, places: Sequence[tuple[str, float]] | None = None
    ) -> None:
        self._stemmers = [stemmer(language) for language in sorted(vocabulary.languages)]
        self._vocabulary = vocabulary
        self._places = places or (("text", 1.0), ("chapter", weights.chapter), ("about", weights.about))
        self._weights = weights
        self._known: dict[tuple[str, Query], Plan] = {}

    def query(self, query: Query) -> Plan:
        """What finds the documents, passages and talks, and scores them."""
        return self._remembered("all", self._query, query)

    def titles(self, query: Query) -> Plan:
        """What scores talks by their titles."""
        return self._remembered("title", self._titles, query)

    def _remembered(self, place: str, plan_of: Callable[[Query], Plan], query: Query) -> Plan:
        plan = self._known.get((place, query))
        if plan is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[place, query] = plan = plan_of(query)
        return plan

    def _query(self, query: Query) -> Plan:
        match query:
            case Word(text):
                return _any(map(self._row, readings([text])))
            case Phrase(words):
                return _any(map(self._row, readings(words)))
            case Prefix(text):
                return self._prefix(folded(text))
            case Fuzzy(text):
                return self._fuzzy(folded(text))
            case Near(words, reach):
                return self._near(list(map(folded, words)), reach)
            case Everything():
                return Every("language")
            case And(parts):
                return All(tuple(map(self.query, parts)))
            case Or(parts):
                return _any([*map(self.query, parts), *self._pairs(parts)])
            case Not(base, without):
                return Without(self.query(base), self.query(without))

    def _titles(self, query: Query) -> Plan:
        words = [part.text for part in positives(query) if isinstance(part, Word)]
        words += [word for part in positives(query) if isinstance(part, Phrase | Near) for word in part.words]
        single = dict.fromkeys(word for typed in words for reading in readings([typed]) for word in reading)
        return _any(self._in_places(self._rows([word]), places=[("title", self._weights.title)]) for word in single)

    def _rows(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """The different rows of stems that these words have in the languages of the library."""
        return list(dict.fromkeys(tuple(map(stem, words)) for stem in self._stemmers))

    def _row(self, words: Sequence[str]) -> Plan:
        """Words one after the other."""
        return self._beside(words, lambda rest: self._in_places(self._rows(rest)))

    def _near(self, parts: Sequence[Sequence[str]], reach: int) -> Plan:
        """Words in any order, each at most ``reach`` places from the next: as many rows as there are orders."""

        def rows(words: Sequence[str]) -> Plan:
            kept = [[word for word in part if word in words] for part in parts]
            orders = permutations(filter(None, kept))
            rows = [row for order in orders for row in self._rows([word for part in order for word in part])]
            return self._in_places(dict.fromkeys(rows), reach)

        return self._beside([word for part in parts for word in part], rows)

    def _beside(self, words: Sequence[str], found: Callable[[Sequence[str]], Plan]) -> Plan:
        """What is found of the words texts hold as they are, and with it each lone character, wherever it stands."""
        rest = [word for word in words if not is_lone(word)]
        parts = [found(rest)] if rest else []
        parts += [self._words(self._vocabulary.holding(word)) for word in dict.fromkeys(filter(is_lone, words))]
        return All(tuple(parts)) if len(parts) > 1 else parts[0] if parts else NOTHING

    def _in_places(
        self, rows: Iterable[tuple[str, ...]], reach: int = 1, places: Sequence[tuple[str, float]] = ()
    ) -> Plan:
        """Any of these rows of stems, each at most ``reach`` places from the one before, in any of the fields."""
        encoded = [tuple(map(str.encode, row)) for row in rows]
        held = [
            (place, weight, [row for row in encoded if self._held(place, row)])
            for place, weight in places or self._places
        ]
        return _any(plan for place, weight, rows in held for plan in self._alternatives(place, weight, rows, reach))

    def _alternatives(self, place: str, weight: float, rows: Sequence[Sequence[bytes]], reach: int) -> Iterable[Plan]:
        """What finds any of these rows; single stems are forms of one word."""
        forms = [row[0] for row in rows if len(row) == 1]
        for form, as_telling in zip(forms, self._vocabulary.tells(place, forms), strict=True):
            yield Term(place, form, weight * as_telling)
        for row in rows:
            if len(row) > 1:
                yield Row(place, tuple(row), reach, weight)

    def _held(self, place: str, row: Iterable[bytes]) -> bool:
        return all(self._vocabulary.holds(place, stem) for stem in row)

    def _prefix(self, beginning: Sequence[str]) -> Plan:
        begins, holding = self._vocabulary.begins, self._vocabulary.holding
        return self._words([w for begin in beginning[-1:] for w in (holding if is_lone(begin) else begins)(begin)])

    def _words(self, words: Iterable[str]) -> Plan:
        stems = dict.fromkeys(row[0] for word in words for row in self._rows([word]))
        return self._in_places([(stem,) for stem in stems])

    def _fuzzy(self, words: Sequence[str]) -> Plan:
        """Words like the last one; each mistake makes one count less."""
        like = [item for word in words[-1:] for item in self._vocabulary.like(word).items()]
        weights: dict[str, float] = {}
        for word, mistakes in sorted(like, key=lambda item: item[1]):
            for (stem,) in self._rows([word]):
                weights.setdefault(stem, 1 / (1 + mistakes))
        return _any(
            Term(place, stem.encode(), weight * of_place)
            for stem, weight in weights.items()
            for place, of_place in self._places
            if self._vocabulary.holds(place, stem.encode())
        )

    def _pairs(self, parts: Iterable[Query]) -> list[Plan]:
        """Neighbouring words said one after the other, each pair scored like a word of its own."""
        words = [folded(part.text) if isinstance(part, Word) else [] for part in parts]
        rows = dict.fromkeys(
            tuple(map(str.encode, row))
            for before, after in pairwise(words)
            if len(before) == len(after) == 1
            for row in self._rows(before + after)
        )
        weight = self._weights.pairs
        return [Row("text", row, 1, weight, together=True) for row in rows if self._held("text", row)]


def _any(plans: Iterable[Plan]) -> Plan:
    parts = tuple(plans)
    return parts[0] if len(parts) == 1 else Any(parts)
