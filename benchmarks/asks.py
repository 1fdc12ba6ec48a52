"""Which questions are the engines asked?

Sixty in twelve kinds. Words are drawn from a corpus by how many passages hold them, so that they mean the same in
corpora of every size and kind. They are lower-case ASCII words of the commonest language; its most frequent words
are left out, because some engines drop them.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.talks import BenchTalk

#: The kinds, in the order of the tables.
KINDS = (
    "rare",
    "common",
    "or",
    "and",
    "phrase",
    "prefix",
    "fuzzy",
    "lecturer",
    "dates",
    "highlight",
    "facet",
    "newest",
)

_WORD = re.compile(r"[a-z]+")
_SHORTEST = 4
_STOPPED = 150


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: ``words`` all, any or one of which must be held, depending on ``kind``.

    * ``rare``, ``common``: one word; ``or``, ``and``, ``phrase``; ``prefix``: the beginning of words; ``fuzzy``: a
      misspelt word, two edits from a right one at most
    * ``lecturer``: any of the words, said by ``lecturer``; ``dates``: from ``since`` to ``until``, both included
    * ``highlight``: any of the words, marked in an excerpt of each hit
    * ``facet``: the best hits and how many passages each lecturer has, the ten with most
    * ``newest``: hits by date, newest first
    """

    kind: str
    words: tuple[str, ...]
    lecturer: str = ""
    since: str = ""
    until: str = ""


@dataclass(slots=True)
class _Census:
    """What is counted over a corpus."""

    passages: int = 0
    frequency: Counter[str] = field(default_factory=Counter)
    neighbours: Counter[tuple[str, str]] = field(default_factory=Counter)
    lecturers: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    samples: list[list[str]] = field(default_factory=list)


def asks(talks: Iterable[BenchTalk], seed: int = 11) -> list[Ask]:
    """The questions for a corpus; the same ones for the same corpus and seed. Raises ValueError for a tiny one."""
    rng = random.Random(seed)
    census = _census(talks, rng)
    stopped = {word for word, _ in census.frequency.most_common(_STOPPED)}
    usable = sorted(word for word in census.frequency if len(word) >= _SHORTEST and word not in stopped)
    return list(_asks(rng, census, usable))


def _census(talks: Iterable[BenchTalk], rng: random.Random) -> _Census:
    """Count over the talks of the commonest language, which is the first one's."""
    census = _Census()
    language = ""
    for talk in talks:
        language = language or talk.language
        if talk.language != language:
            continue
        for piece in talk.pieces:
            words = _WORD.findall(piece.text.lower())
            census.frequency.update(set(words))
            census.neighbours.update(pairwise(words))
            if rng.random() < 0.02:
                census.samples.append(words)
        census.passages += len(talk.pieces)
        census.lecturers[talk.lecturer] += len(talk.pieces)
        census.years[int(talk.date[:4])] += len(talk.pieces)
    return census


def _asks(rng: random.Random, census: _Census, usable: Sequence[str]) -> Iterator[Ask]:
    share = {word: census.frequency[word] / census.passages for word in usable}

    def between(low: float, high: float, count: int) -> list[str]:
        return rng.sample([word for word in usable if low <= share[word] <= high], count)

    def together(count: int, low: float, high: float) -> tuple[str, ...]:
        for _ in range(10_000):
            words = sorted({word for word in rng.choice(census.samples) if low <= share.get(word, 0) <= high})
            if len(words) >= count:
                return tuple(rng.sample(words, count))
        raise ValueError("the corpus is too small to draw questions from")

    few = 5 / census.passages
    yield from (Ask("rare", (word,)) for word in between(few, 6 * few, 6))
    yield from (Ask("common", (word,)) for word in between(0.03, 0.25, 6))
    yield from (Ask("or", together(count, 0.002, 0.10)) for count in (2, 2, 3, 3, 3, 4, 4, 4))
    yield from (Ask("and", together(count, 0.005, 0.12)) for count in (2, 2, 2, 3, 3, 3))
    pairs = [pair for pair, _ in census.neighbours.most_common(20_000) if pair[0] in share and pair[1] in share]
    yield from (Ask("phrase", pair) for pair in rng.sample(pairs[:120], 6))
    yield from (Ask("prefix", (word[:5],)) for word in between(0.003, 0.02, 5))
    long = [word for word in between(0.002, 0.02, 60) if len(word) > 6][:5]
    yield from (Ask("fuzzy", (_misspelt(rng, word),)) for word in long)
    lecturers = [name for name, _ in census.lecturers.most_common(40)]
    yield from (Ask("lecturer", together(2, 0.01, 0.12), lecturer=rng.choice(lecturers)) for _ in range(4))
    years = sorted(year for year, _ in census.years.most_common(4))
    yield from (
        Ask("dates", together(2, 0.01, 0.12), since=f"{year}-01-01", until=f"{year + 1}-12-31") for year in years
    )
    yield from (Ask("highlight", together(count, 0.005, 0.10)) for count in (2, 3, 3, 4))
    yield from (Ask("facet", together(count, 0.02, 0.15)) for count in (1, 2, 2))
    yield from (Ask("newest", together(count, 0.02, 0.15)) for count in (1, 2, 2))


def _misspelt(rng: random.Random, word: str) -> str:
    """Two letters swapped, or one left out, behind the first letter."""
    at = rng.randrange(1, len(word) - 2)
    return word[:at] + (word[at + 1] + word[at] if rng.random() < 0.5 else word[at + 1]) + word[at + 2 :]
