"""Where does a moment begin?

Not where its passage happens to be cut, nor with the first word found, but where the speaker comes to the matter: with
the sentence, or after the pause, around the beginning of the passage where

* more of the words looked for are said in the minute that follows than in the minute before, and
* the words change altogether, whatever was looked for; see ``index.turns``.

A word looked for must be said soon after it. One that is said again and again says less of where it all begins.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, islice, pairwise
from math import sqrt

from msgspec import Struct

from index.marking import Stemmed, marks, stemmed
from index.query import Query
from index.telling import common_stems, telling
from index.turns import sameness
from library.models import Snippet
from library.text import one_line

#: A silence this long ends a thought even where captions carry no punctuation.
PAUSE_MS = 600
#: A thought that goes on for so long without full stop or pause counts as a new one.
LONGEST_MS = 15_000
#: How far before its passage a moment may begin, and how late in it, as a share of its length.
EARLIEST_MS, LATEST = 60_000, 0.75
#: How soon after the beginning a word looked for must be said.
LEAD_MS = 20_000
#: The time before and after a beginning in which words looked for are counted, and in which all words are compared.
DENSITY_MS, BLOCK_MS = 60_000, 75_000
#: What it is worth that the words change entirely, if to say all words looked for is worth 1.
CHANGE = 3.0
#: What it costs to wait a second for the first word looked for.
WAIT = 0.01

_SENTENCE_END = re.compile(r"(?:[.?!…؟।][\"'”’»)\]]*(?=\s|$)|[。！？][\"”’」』）]*)")


def beginning_ms(
    snippets: Sequence[Snippet], query: Query, language: str, start_ms: int, end_ms: int, not_before_ms: int = 0
) -> int:
    """When the moment begins whose passage is [start_ms, end_ms): at ``not_before_ms`` or later, if that is possible.

    ``start_ms`` where no word looked for is said. Snippets are in order of their start, ``language`` is a BCP 47 tag.
    """
    earliest_ms = max(start_ms - EARLIEST_MS, min(not_before_ms, start_ms))
    latest_ms = start_ms + int(LATEST * (end_ms - start_ms))
    first = bisect_left(snippets, earliest_ms - BLOCK_MS, key=_start)
    beyond = bisect_left(snippets, max(end_ms, latest_ms + BLOCK_MS), key=_start)
    around = _Surroundings.of(snippets[first:beyond], telling(query, language), language)
    places = around.thoughts(earliest_ms, latest_ms) or around.thoughts(start_ms, end_ms)
    if len(places) < 2:
        return around.starts[places[0]] if places else start_ms
    alike = sameness(around.words(common_stems(language)), around.starts, places[0], places[-1], BLOCK_MS)
    return around.starts[max(reversed(places), key=lambda at: around.worth(at) - CHANGE * alike[at - places[0]])]


class _Surroundings(Struct, frozen=True):
    """What is said around a moment: snippets, when words looked for are said, and how much of it all before each."""

    snippets: Sequence[Snippet]
    starts: list[int]
    texts: list[str]
    offsets: list[int]
    stemmed: Stemmed
    said_at: list[int]
    told: list[float]

    @classmethod
    def of(cls, snippets: Sequence[Snippet], query: Query, language: str) -> _Surroundings:
        starts = [snippet.start_ms for snippet in snippets]
        texts = [one_line(snippet.text) for snippet in snippets]
        offsets = list(accumulate((len(text) + 1 for text in texts), initial=0))
        text = stemmed(" ".join(texts), language)
        found = [start for start, _ in marks(text, query, language)]
        forms = list(map(text.stem_at, found))
        times = Counter(forms)
        all_once = sum(1 / sqrt(count) for count in times.values())
        told = list(accumulate((1 / sqrt(times[form]) / all_once for form in forms), initial=0.0))
        said_at = [starts[bisect_right(offsets, start) - 1] for start in found]
        return cls(snippets, starts, texts, offsets, text, said_at, told)

    def thoughts(self, from_ms: int, until_ms: int) -> list[int]:
        """The snippets where a thought begins that is going on in this time and soon comes to a word looked for."""
        first, beyond = bisect_left(self.starts, from_ms), bisect_right(self.starts, until_ms)
        begun = islice(self._begun(), first, beyond)
        places = sorted({at for at in begun if self.starts[at] >= from_ms})
        return [at for at in places if self._said(self.starts[at], self.starts[at] + LEAD_MS + 1)]

    def worth(self, at: int) -> float:
        """How much more of what is looked for is said soon after than shortly before snippet ``at``, less the wait."""
        start = self.starts[at]
        wait_ms = self.said_at[bisect_left(self.said_at, start)] - start
        rise = self._said(start, start + DENSITY_MS) - self._said(start - DENSITY_MS, start)
        return rise - WAIT * wait_ms / 1000

    def words(self, without: Collection[str]) -> list[list[str]]:
        """The stems of each snippet but for some."""
        pieces = accumulate((text.count(" ") + 1 for text in self.texts), initial=0)
        borders = pairwise(map(self.stemmed.firsts.__getitem__, pieces))
        return [[stem for stem in self.stemmed.stems[begin:end] if stem not in without] for begin, end in borders]

    def _said(self, from_ms: int, until_ms: int) -> float:
        return self.told[bisect_left(self.said_at, until_ms)] - self.told[bisect_left(self.said_at, from_ms)]

    def _begun(self) -> Iterator[int]:
        """For each snippet the one in which the thought began that is going on when it begins."""
        begun, ended = 0, True
        for at, (snippet, text) in enumerate(zip(self.snippets, self.texts, strict=True)):
            pause_ms = snippet.start_ms - self.snippets[at - 1].end_ms if at else 0
            if ended or pause_ms >= PAUSE_MS or snippet.start_ms - self.starts[begun] >= LONGEST_MS:
                begun = at
            yield begun
            ends = [end.end() for end in _SENTENCE_END.finditer(text)]
            ended = bool(ends) and ends[-1] == len(text)
            if ends and not ended:
                begun = at


def _start(snippet: Snippet) -> int:
    return snippet.start_ms
