"""What is asked for in a question that is written without spaces?

Texts in such scripts are held as overlapping pairs of characters, so a short run is found as it stands; but nobody says
a whole question word for word. There is no dictionary here. In Japanese the scripts tell words from what joins them;
elsewhere any two characters may be a word, as CJK analyzers take them: those that are none are hardly ever said.
"""

from __future__ import annotations

import re

#: A run of so many characters may be one word; of more, a question.
LONGEST_WORD = 4

_HIRAGANA, _KATAKANA = "\u3041-\u309f", "\u30a0-\u30ff\uff66-\uff9f"
_HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_OTHER = "\uac00-\ud7a3\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u104f\u1780-\u17d3"  # Hangul, Thai, Lao, Myanmar, Khmer

# Compiled when a question of such letters is first asked.
_QUESTION = f"[{_HIRAGANA}{_KATAKANA}{_HAN}{_OTHER}]{{{LONGEST_WORD + 1},}}"
# A verb is one character and the first of its ending.
_WORD = f"([{_KATAKANA}]{{2,}})|[{_HAN}]{{2,}}|[{_HAN}][{_HIRAGANA}]|[{_OTHER}]{{2,}}"


def parts(word: str) -> list[str]:
    """What to look for, any of it, in place of ``word``: itself unless it is a question without spaces."""
    if word.isascii() or not re.fullmatch(_QUESTION, word):
        return [word]
    found = [part for match in re.finditer(_WORD, word) for part in ([match[0]] if match[1] else _words(match[0]))]
    return found or [word]


def _words(run: str) -> list[str]:
    return [run] if len(run) <= LONGEST_WORD else [run[at : at + 2] for at in range(len(run) - 1)]
