"""How does text become words for Whoosh's plain schema, and how are they marked in an excerpt?

Runs of letters and digits in small letters, stemmed for English (Snowball). No word is left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import Stemmer
from whoosh import analysis, columns, fields

from index.arrays.wording import Wording


class _Spaces(dict[int, int]):
    """For str.translate: whatever is neither letter nor digit becomes a space."""

    def __missing__(self, code: int) -> int:
        self[code] = found = code if chr(code).isalnum() else 32
        return found


#: Stems remembered: in many talks most words are rare.
_REMEMBERED = 100_000


class _Stems(dict[str, str]):
    """Word -> stem, found once in a while."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[word] = _STEMMER.stemWord(word)
        return self[word]


_SPACES, _STEMMER, _STEMS = _Spaces(), Stemmer.Stemmer("english", 0), _Stems()


def terms(text: str) -> list[str]:
    """The stems of a text in order."""
    return list(map(_STEMS.__getitem__, text.lower().translate(_SPACES).split()))


def _terms_of(pieces: Sequence[str]) -> list[str]:
    """The same of runs without white space, most of which are a word with signs around it."""
    bare = [piece.strip(".,:;?!\"'-").lower() for piece in pieces]
    stems = _STEMMER.stemWords(bare)
    return [stem if word.isalnum() else " ".join(terms(word)) for word, stem in zip(bare, stems, strict=True)]


class _Words(analysis.Tokenizer):  # type: ignore[misc]
    """The same terms as tokens, the way Whoosh's own writer takes them."""

    def __call__(self, value: str, positions: bool = False, start_pos: int = 0, **options: Any) -> Iterator[Any]:
        token = analysis.Token(positions, **options)
        for place, term in enumerate(terms(value), start_pos):
            token.text, token.boost, token.stopped = term, 1.0, False
            token.pos = place
            yield token


class Words(fields.TEXT):  # type: ignore[misc]
    """A text field; index.arrays takes all terms of a value at once."""

    def __init__(self) -> None:
        super().__init__(analyzer=_Words())

    def wording(self, value: str) -> Wording:
        return Wording([value], _terms_of)


def schema() -> Any:
    """The plain schema: what is said, by whom and when, and the passage's number."""
    return fields.Schema(
        text=Words(),
        lecturer=fields.ID(),
        video=fields.ID(),
        date=fields.NUMERIC(sortable=True),
        number=fields.COLUMN(columns.NumericColumn("I")),
    )


def marked(text: str, wanted: Iterable[str], width: int = 200) -> str:
    """An excerpt with the words in angle brackets: the window that holds most of them."""
    stems, lower = frozenset(wanted), text.lower()
    if len(lower) != len(text):
        lower = text
    spans = [
        word.span()
        for word in _beginning(stems).finditer(lower)
        if _STEMS[word[0]] in stems and not lower[max(word.start() - 1, 0) : word.start()].isalnum()
    ]
    if not spans:
        return text[:width]
    starts = [start for start, _ in spans]
    best = max(starts, key=lambda start: bisect_left(starts, start + width) - bisect_left(starts, start))
    shown = [span for span in spans if best <= span[0] and span[1] <= best + width]
    parts, at = [], best
    for start, end in shown:
        parts += [text[at:start], "<", text[start:end], ">"]
        at = end
    return "".join([*parts, text[at : best + width]])


@lru_cache
def _beginning(stems: frozenset[str]) -> re.Pattern[str]:
    """What finds, in small letters, words that may have these stems: they begin so, but for the last letter."""
    heads = "|".join(re.escape(stem[:-1]) for stem in sorted(stems))
    return re.compile(rf"(?:{heads})[^\W_]*")
