"""Which words sound alike?

A word's sound is the classes of its consonants, as in Soundex (R. C. Russell, US patent 1,261,167, 1918; the classes
that spell names alike in the census), with two differences: the first letter is put into its class, too, since ears and
captions take Voss for Boss, and what is spelt by several letters is one sound (``ph``, ``sch``, the ``kn`` of Knuth).
English is meant; in other languages it still helps where consonants are spelt as in English.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: Letters with one of which words may begin that sound alike.
_BEGINNINGS = ("bfpvw", "ckgqx", "cgjpstxz", "dt", "gkmnp", "rw", "aehiouy", "l")

# Where several letters are one sound, or a letter sounds otherwise before others: what is spelt for what is heard.
# Compiled, as is _DOUBLED, when a sound is first asked for: most searches ask for none.
_SPELLING = "^(?:kn|gn|pn|mn|wr|ps|x|wh)|ph|mb$|gh(?=t|$)|tch|sch|sh|dg|ch(?![lr])|ti(?=on|a)|[cg](?=[eiy])|x|(?<=.)w|h"
_HEARD = {
    "kn": "n", "gn": "n", "pn": "n", "mn": "n", "wr": "r", "ps": "s", "ph": "f", "mb": "m", "x": "ks", "wh": "v",
    "tch": "s", "sch": "s", "sh": "s", "dg": "s", "ch": "s", "ti": "s", "c": "s", "g": "s", "gh": "", "h": "", "w": "",
}  # fmt: skip
_CLASSES = str.maketrans("bfpvwckgqszjdtlrmn", "111112222333445677")
_DOUBLED = r"(.)\1+"
_VOWELS = str.maketrans("", "", "aeiouy")


@lru_cache(maxsize=10_000)
def sound(word: str) -> str:
    """The sound of a folded word; "" for words that hold anything but Latin letters."""
    if not has_sound(word):
        return ""
    heard = re.sub(_SPELLING, lambda spelt: _HEARD.get(spelt[0], spelt[0]), re.sub(_DOUBLED, r"\1", word))
    classes = re.sub(_DOUBLED, r"\1", heard.translate(_CLASSES))
    return "0" * (classes[:1] > "9") + classes.translate(_VOWELS)


def has_sound(word: str) -> bool:
    """Whether a folded word is of Latin letters alone."""
    return word.isascii() and word.isalpha()


def beginnings(word: str) -> set[str]:
    """The letters with which a word may begin that sounds like ``word``."""
    return {letter for group in _BEGINNINGS if word[:1] in group for letter in group}
