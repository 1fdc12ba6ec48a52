"""Which words of a question say what it is about?

The engine weighs words by how rare they are. Here there is no index to ask, and nobody wants to see
every "to" of "how to ask for a raise" marked, so the commonest words of a few languages are listed.
"""

from __future__ import annotations

from functools import lru_cache

from index.analysis import primary, stems_of
from index.marking import highlight
from index.query import Or, Query, Word, positives

_COMMON = {
    "en": (
        "a about an and any are as at be because been but by can could did do does for from get had has have he "
        "her his how i if in into is it its just like make me more my no not of on one or our should so some "
        "than that the their them then there these they this to up us was we were what when where which who "
        "why will with would you your"
    ),
    "de": (
        "aber als am an auch auf aus bei bin das dass dem den der des die ein eine einem einen einer er es für "
        "hat ich im in ist kann man mein mich mir mit nach nicht oder sich sie sind so über um und von vor was "
        "wenn wer wie wir wird zu zum zur"
    ),
    "fr": (
        "à au aux avec ce ces cette comment dans de des du elle en est et il ils je la le les leur ma mais mes "
        "mon ne nous on ou où par pas plus pour pourquoi qu que quel quelle qui sa se ses son sont sur un une "
        "vous"
    ),
    "es": (
        "a al como cómo con cuál cuando cuándo de del donde dónde el ella en es esta este ha la las le lo los "
        "mas más me mi mis no nos o para pero por porque que qué quien quién se si sí sin son su sus un una "
        "y yo"
    ),
}


def telling_marks(text: str, query: Query | None, language: str) -> tuple[tuple[int, int], ...]:
    """What a person wants to see marked in ``text``: [from, to) offsets, see ``index.marking.highlight``."""
    return highlight(text, telling(query, language), language) if query else ()


def telling(query: Query, language: str) -> Query:
    """What of ``query`` is worth marking in a text of ``language`` (BCP 47): all of it if only common words are.

    Phrases stay whole, and so do words typed in capitals (IT, US, WHO).
    """
    kept = tuple(part for part in positives(query) if not (isinstance(part, Word) and is_common(part.text, language)))
    return Or(kept) if kept else query


def is_common(word: str, language: str) -> bool:
    """Whether a word as typed is one of the commonest of a language (BCP 47), and not in capitals (IT, US, WHO)."""
    return word.lower() in _common(primary(language)) and (len(word) == 1 or not word.isupper())


@lru_cache
def common_stems(language: str) -> frozenset[str]:
    """The stems of the commonest words of a language (BCP 47); none where they are not listed."""
    return frozenset(stems_of(language)(" ".join(_common(primary(language)))))


@lru_cache
def _common(language: str) -> frozenset[str]:
    return frozenset(_COMMON.get(language, "").split())
