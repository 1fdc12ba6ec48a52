"""How does text become the words that are searched?

``words`` finds them, ``folded`` gives only their folded forms, and ``stem`` brings the forms of a word
together (Snowball, https://snowballstem.org). ``index.marking`` marks the words a query means.

* Case, accents and width are folded: ``Café`` is ``cafe``. The Cyrillic ``й`` stays a letter of its own.
* An English contraction is one word, whatever its apostrophe (``don’t`` is ``don't``), a possessive
  ``'s`` is dropped, and any other apostrophe or hyphen parts two words: ``l'entreprise``, ``well-known``.
* ``100,000`` is one number; ``C++``, ``C#`` and ``F#`` are words; ``@`` and ``#`` before a word are nothing.
* Scripts written without spaces, and Korean, become overlapping pairs of characters; see ``is_lone``.
* Notes on sounds (``[Music]``, ``(upbeat music)``, ``[ __ ]``, ``♪``, ``>>``) hold no words.

No word is dropped for being frequent: "to be or not to be" is six words in a row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, islice, product
from typing import NamedTuple

import Stemmer


class Token(NamedTuple):
    """A word at [start, end) of a text, and the form it is compared by."""

    start: int
    end: int
    folded: str


# Regular expressions are compiled when they are first needed: those of dense scripts take some milliseconds.

# Hiragana, Katakana, Han, Hangul, Thai, Lao, Myanmar, Khmer: no spaces, or none where words end.
_DENSE = "\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u104f\u1780-\u17d3\u3005\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_DENSE += "\uac00-\ud7a3\uff66-\uff9f\U00020000-\U0003ffff"

# Vowel signs and accents, which Python's \w leaves out: combining marks, Hebrew, Arabic, and whole
# Indic blocks but for the danda (a full stop).
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0f71-\u0f84"

_SOUNDS = (
    "musi[ckq]|m[úu]sica|muziek|музык|音楽|音乐|音樂|음악|appla|aplauso|аплодисмент|拍手|掌声|掌聲|박수|laugh|"
    "chuckl|rires?\\b|risas|risate|gelächter|смех|笑|웃음|cheer|clapp|inaudible|unintellig|indistinct|crosstalk|"
    "foreign\\]|speaking (?:in|foreign)|speaks in|sighs?\\b|sighing|cough|gasp|sneez|whistl|bells?\\b|beep|"
    "footsteps|screams?\\b|screaming|singing|clears throat"
)
_NOISE = rf"(?i:[\[(](?:[\s_]*|(?=[^\[\]()]{{0,40}}?(?:{_SOUNDS}))(?:[^\[\]()\s]+\s*){{1,5}})[\])])"
_APOSTROPHES = "'\u2018\u2019\u02bc\u0060\u00b4\uff07"

# Signs around a word that are never part of it.
_AROUND = ".,:;?!\"'-"

# Accents, the points of Hebrew, the vowel signs of Arabic and the line that stretches its words.
_ACCENTS = (
    "[\u0300-\u0305\u0307-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]"
    "|(?<!и)\u0306"
)
_LOOKALIKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"} | dict.fromkeys(_APOSTROPHES, "'")
)
#: How many words are remembered, each with its form.
CACHED = 200_000


@lru_cache(maxsize=CACHED)
def fold(word: str) -> str:
    """The form of a single word that is compared: lower case, without accents, possessive and commas."""
    return _bare(word).lower().removesuffix("'s").replace(",", "")


def _bare(text: str) -> str:
    """``text`` without accents; in small letters, if it is not plain ASCII."""
    if text.isascii():
        return text
    bare = re.sub(_ACCENTS, "", unicodedata.normalize("NFKD", text.casefold())).translate(_LOOKALIKES)
    return unicodedata.normalize("NFC", bare)


def words(text: str) -> Iterator[Token]:
    """The words of ``text`` in order, lazily. An accent by itself is none."""
    for match in _pattern(dense=_may_be_dense(text)).finditer(silenced(text)):
        if match.lastindex:
            for at, pair in enumerate(_pairs(match[0]), match.start()):
                yield Token(at, at + len(pair), fold(pair))
        elif bare := fold(match[0]):
            yield Token(*match.span(), bare)


def folded(text: str) -> list[str]:
    """The folded words of ``text`` in order: what ``words`` gives, without places.

    Outside notes on sounds no word holds white space: runs without it can be folded one by one.
    """
    bare = text.strip(_AROUND)
    if bare.isascii() and bare.isalnum():
        return [bare.lower()]
    pieces = silenced(text).split()
    if len(pieces) > 1:
        return " ".join(folded_each(pieces)).split()
    if _may_be_dense(text):
        return [word.folded for word in words(text)]
    return list(filter(None, map(fold, _pattern(dense=False).findall(pieces[0])))) if pieces else []


@cache
def _pattern(*, dense: bool) -> re.Pattern[str]:
    """What finds words; with ``dense`` also the runs of dense scripts, as a group."""
    but = _DENSE if dense else ""
    letters = rf"(?:[^\W_{but}]+|[{_MARKS}]+)+"
    contracted = rf"{letters}(?:[{_APOSTROPHES}](?:t|s|d|m|re|ve|ll|T|S|D|M|RE|VE|LL)(?!\w))?"
    word = rf"[CcFf](?:\+\+|#)(?!\w)|\d{{1,3}}(?:,\d{{3}})+(?!\d)|{contracted}"
    return re.compile(rf"([{_DENSE}]+)|{word}" if dense else word)


def _may_be_dense(text: str) -> bool:
    """Whether there is a letter as high as those of dense scripts."""
    return not text.isascii() and not all(letter < "\u0e01" or "\u17d3" < letter < "\u3005" for letter in text)


def folded_each(pieces: Iterable[str]) -> list[str]:
    """The folded words of each piece, with spaces between them. Most pieces are a word with signs around it."""
    bare = [piece.strip(_AROUND) for piece in pieces]
    return [word.lower() if word.isascii() and word.isalnum() else " ".join(folded(word)) for word in bare]


def without_sounds(text: str) -> str:
    """``text`` without notes on sounds: its words are those of its runs without white space."""
    return re.sub(_NOISE, " ", text) if "[" in text or "(" in text else text


def silenced(text: str) -> str:
    """``text`` as long as it was, with its white space, but with dots for the letters of notes on sounds."""
    if "[" in text or "(" in text:
        return re.sub(_NOISE, lambda note: re.sub(r"\S", ".", note[0]), text)
    return text


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def is_lone(word: str) -> bool:
    """Whether a folded word is one character of those that texts hold in pairs: it is in all pairs that hold it."""
    if len(word) != 1 or not _may_be_dense(word):
        return False
    found = _pattern(dense=True).match(word)
    return found is not None and found[1] is not None


_HYPHENS = "(?<=\\w)[-\u00ad\u2010\u2011](?=\\w)"
_CONTRACTIONS = (
    "aren't can't couldn't didn't doesn't don't hadn't hasn't haven't i'm i've isn't shouldn't they're they've "
    "wasn't we've weren't won't wouldn't you're you've"
)
_HURRIED = {word.replace("'", ""): word for word in _CONTRACTIONS.split()}
#: A row of many words with hyphens has at most so many readings.
_READINGS = 8


def readings(typed: Sequence[str]) -> list[tuple[str, ...]]:
    """The rows of folded words that words typed in a row stand for: *e mail* and *email* for ``e-mail``."""
    rows = (sum(each, ()) for each in product(*map(_readings, typed)))
    return list(dict.fromkeys(islice(rows, _READINGS)))


@lru_cache(maxsize=1024)
def _readings(word: str) -> tuple[tuple[str, ...], ...]:
    """``e-mail`` is written ``email``, too; ``dont`` may be short for ``don't``."""
    plain = tuple(folded(word))
    joined = plain if word.isalnum() else tuple(folded(re.sub(_HYPHENS, "", word)))
    hurried = [(_HURRIED[part],) for part in plain if len(plain) == 1 and part in _HURRIED]
    return (plain, *([joined] if joined != plain else []), *hurried)


_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# What a stemmer looks for in endings and a folded word has lost. Chosen greedily by how many pairs of words with
# a stem in common keep it, on Snowball's own vocabularies (https://github.com/snowballstem/snowball-data).
_LOST = {
    "catalan": ("ció", "ò"), "czech": ("ý", "í", "é", "á", "ů", "š"), "french": ("é", "è", "â"),
    "hungarian": ("ő", "é", "á"), "irish": ("í", "á"), "italian": ("à", "ò"),
    "lithuanian": ("č", "ė", "š", "ž", "ų"), "polish": ("ą", "ł", "ó", "ś", "ć"),
    "portuguese": ("ção", "ções", "ão", "ável", "í"), "romanian": ("ț", "ă", "ș", "â"),
    "spanish": ("í", "á", "ó", "é"), "turkish": ("ı", "ü", "ğ", "ş"),
}  # fmt: skip


def primary(language: str) -> str:
    """The primary subtag of a BCP 47 tag: ``en`` of ``en-GB``."""
    return language.replace("_", "-").partition("-")[0].lower()


def stem(word: str, language: str) -> str:
    """The stem of a folded word; words with digits, and languages without a stemmer, stay as they are."""
    return stemmer(language)(word)


def stemmer(language: str) -> Callable[[str], str]:
    """A function from folded words of ``language`` (BCP 47) to stems, which remembers what it was asked."""
    return _stemmer(primary(language))


def stems_of(language: str) -> Callable[[str], list[str]]:
    """A function from text to the stems of its words, the same one for all tags of a language (BCP 47)."""
    return _stems_of(primary(language))


@cache
def _stems_of(code: str) -> Callable[[str], list[str]]:
    stem_of = _stemmer(code)

    def stems(text: str) -> list[str]:
        return list(map(stem_of, folded(text)))

    return stems


def stems_of_each(language: str) -> Callable[[Sequence[str]], list[str]]:
    """As ``stems_of``, but from pieces of text to the stems of each, with spaces between them."""
    return _stems_of_each(primary(language))


@cache
def _stems_of_each(code: str) -> Callable[[Sequence[str]], list[str]]:
    stems = _stems(code)

    def stems_each(pieces: Sequence[str]) -> list[str]:
        rows = folded_each(pieces)
        if stems is None:
            return rows
        stems.learn(filter(str.isalpha, rows))
        return [" ".join(map(stems.__getitem__, row.split(" "))) if " " in row else stems[row] for row in rows]

    return stems_each


@cache
def _stemmer(code: str) -> Callable[[str], str]:
    stems = _stems(code)
    return str if stems is None else stems.__getitem__


@cache
def _stems(code: str) -> _Stems | None:
    algorithm = _ALGORITHMS.get(code, "")
    return _Stems(algorithm) if algorithm in Stemmer.algorithms() else None


class _Stems(dict[str, str]):
    """Stems by word, worked out on first use.

    Where a stemmer needs accents, a word has the shortest of the stems it would have with one of them: so its
    forms meet, and it is found however it is typed.
    """

    def __init__(self, algorithm: str) -> None:
        super().__init__()
        self._snowball = Stemmer.Stemmer(algorithm, 0)
        self._lost = [(fold(letters), letters) for letters in _LOST.get(algorithm, ())]

    def __missing__(self, word: str) -> str:
        if any(map(str.isdigit, word)):
            self[word] = word
        else:
            self.learn([word])
        return self[word]

    def learn(self, words: Iterable[str]) -> None:
        """Work out the stems of words without digits, which is faster than one by one."""
        if len(self) >= CACHED:
            self.clear()
        unknown = [word for word in words if word not in self]
        if not self._lost:
            self.update(zip(unknown, self._snowball.stemWords(unknown), strict=True))
            return
        spelt = [list(_spellings(word, self._lost)) for word in unknown]
        stems = iter(_bare("\n".join(self._snowball.stemWords(list(chain.from_iterable(spelt))))).split("\n"))
        for word, spellings in zip(unknown, spelt, strict=True):
            self[word] = min(islice(stems, len(spellings)), key=_shortest)


def _shortest(stem: str) -> tuple[int, str]:
    return len(stem), stem


#: No word of speech has more letters.
_LONGEST = 64


def _spellings(word: str, lost: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A folded word as it is, and with one kind of letters put back: in each place alone, and in all."""
    yield word
    for bare, letters in lost if len(word) <= _LONGEST else ():
        if bare in word:
            yield word.replace(bare, letters)
            for place in re.finditer(bare, word):
                yield word[: place.start()] + letters + word[place.end() :]
