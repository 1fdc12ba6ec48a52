"""Which few words of a text show best why it was found?"""

from __future__ import annotations

import re
from collections.abc import Sequence

Highlights = tuple[tuple[int, int], ...]

#: What ends a sentence, with the space behind it.
SENTENCE_END = re.compile(r"""[.?!…]["'”’»)\]]*\s+|[。？！]["”’」』）]*\s*""")

#: How far a cut may move to fall between words, in characters; longer words are cut through.
_WORD = 24
#: From here on Unicode holds scripts written without spaces, which may be cut anywhere.
_DENSE = "\u2e80"
#: At most so many characters are shown before the first word found, where no sentence begins.
_LEAD = 40


def excerpt_of(text: str, highlights: Highlights, width: int) -> tuple[str, Highlights]:
    """At most ``width`` characters of ``text`` around its densest highlights, and the highlights in them.

    Cut between words, with "…" on each side where something was left out. ``highlights`` are [from, to)
    offsets in order; those returned are offsets into the excerpt. A width below 8 counts as 8.
    """
    width = max(width, 8)
    if len(text) <= width:
        return text, highlights
    room = width - 4
    begin, end = _window(text, highlights, room)
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    shift = len(before) - begin
    kept = tuple(
        (max(start, begin) + shift, min(stop, end) + shift)
        for start, stop in highlights
        if start < end and stop > begin
    )
    return before + text[begin:end] + after, kept


def _window(text: str, highlights: Highlights, room: int) -> tuple[int, int]:
    """From where to where: from the beginning if it can be, else a little before the best highlights."""
    first, last = _densest(text, highlights, room * 3 // 4)
    if last <= room:
        return 0, _word_end(text, room, last)
    begin = _beginning(text, last - room, first, min(_LEAD, room // 3))
    begin = min(begin, _next_word(text, len(text) - room, first))
    end = min(len(text), begin + room)
    return begin, end if end == len(text) else _word_end(text, end, last)


def _beginning(text: str, earliest: int, first: int, lead: int) -> int:
    """Where to begin before ``first``: with a sentence, else about ``lead`` before, never before ``earliest``."""
    sentences = [end.end() for end in SENTENCE_END.finditer(text, earliest, first)]
    return sentences[-1] if sentences else _next_word(text, max(earliest, first - lead), first)


def _densest(text: str, highlights: Highlights, room: int) -> tuple[int, int]:
    """The first stretch of ``room`` characters whose different words found have most letters in all.

    Counting letters lets "negotiate" outweigh "how" and "to" without a list of such words.
    """

    def group(index: int) -> Sequence[tuple[int, int]]:
        return [mark for mark in highlights[index:] if mark[1] <= highlights[index][0] + room]

    def worth(marks: Sequence[tuple[int, int]]) -> tuple[int, int]:
        different = {text[start:stop].casefold() for start, stop in marks}
        return sum(map(len, different)), len(marks)

    best = max((group(index) for index in range(len(highlights))), key=worth, default=[])
    return (best[0][0], best[-1][1]) if best else (0, 0)


def _next_word(text: str, begin: int, limit: int) -> int:
    """The start of the first word at or after ``begin``, not after ``limit``."""
    if text[begin - 1] == " " or text[begin] >= _DENSE:
        return begin
    space = text.find(" ", begin, min(limit, begin + _WORD))
    return begin if space < 0 else space + 1


def _word_end(text: str, end: int, limit: int) -> int:
    """The end of the last whole word at or before ``end``, not before ``limit``."""
    if text[end] >= _DENSE:
        return end
    space = text.rfind(" ", max(limit, end - _WORD), end + 1)
    return end if space < 0 else space
