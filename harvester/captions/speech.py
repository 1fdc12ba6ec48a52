"""How do timed lines of text become snippets and words?

Every format's reader ends here, so that the laws hold for all of them: snippets rise by start, last
zero milliseconds or more, and have a text that is plain, trimmed and never empty.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from library.models import Snippet, Word
from library.text import one_line, plain

#: No talk is longer; anything beyond is a damaged file.
LONGEST_MS = 1_000 * 3_600_000

# The tags of WebVTT (section 4.2.2 of the W3C text) and of SubRip. Other things between angle
# brackets, such as "<laughs>", are words.
_TAG = re.compile(r"</?(?:c|i|b|u|s|v|rt|ruby|lang|font)\b[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&#?\w{1,32};")
_VISIBLE = re.compile(r"[^\s\u200b-\u200f\u2060]")
# Thai, Lao, Burmese, Khmer, kana and Han are written without spaces between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Captions:
    """What a caption file says. ``language`` is a BCP 47 tag where the file names one, else "".

    ``generated`` is true where the shape is that of speech recognition; false means only that
    nothing in the file tells. ``words`` is empty unless the file gives times within lines.
    """

    snippets: tuple[Snippet, ...]
    words: tuple[Word, ...] = ()
    language: str = ""
    generated: bool = False


class Piece(NamedTuple):
    """A stretch of a line and when it begins to be said."""

    start_ms: int
    text: str


class Line(NamedTuple):
    """A spoken line with times inside."""

    start_ms: int
    end_ms: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join([piece.text for piece in self.pieces])


def milliseconds(value: float) -> int:
    """A time as a file gives it, made a whole number of milliseconds; a time before 0 counts as 0.

    Raises ValueError for what cannot be a time in a talk.
    """
    if not value < LONGEST_MS:
        raise ValueError(f"{value} ms is no time in a talk")
    return max(0, round(value))


def untag(text: str) -> str:
    """``text`` without caption tags; WebVTT's time stamps stay."""
    return _TAG.sub("", text) if "<" in text else text


def unescape(text: str) -> str:
    """``text`` with its character references read once."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def tidy(text: str) -> str:
    """Plain lines without white space around them, and without empty ones; "" if nothing is to be seen."""
    lines = [line for line in map(one_line, text.split("\n")) if _VISIBLE.search(line)]
    return "\n".join(lines)


def written(rows: Iterable[tuple[int, int, str]]) -> tuple[Snippet, ...]:
    """Snippets of (start_ms, end_ms, text) as published: they may overlap and hold line breaks."""
    snippets = [
        Snippet(start_ms, max(0, end_ms - start_ms), text) for start_ms, end_ms, raw in rows if (text := tidy(raw))
    ]
    return tuple(sorted(snippets, key=lambda snippet: snippet.start_ms))


def spoken(lines: Iterable[Line]) -> tuple[tuple[Snippet, ...], tuple[Word, ...]]:
    """Snippets and words of lines said one after the other.

    A line ends where the next begins, at the latest. The words are those of the snippets, each once
    and in their order, and their times never fall.
    """
    texts = ((line, tidy(line.text.replace("\n", " "))) for line in map(_plain, lines))
    said = sorted(((line, text) for line, text in texts if text), key=lambda entry: entry[0].start_ms)
    limits = [*(line.start_ms for line, _ in said[1:]), LONGEST_MS]
    snippets = tuple(
        Snippet(line.start_ms, max(0, min(line.end_ms, limit) - line.start_ms), text)
        for (line, text), limit in zip(said, limits, strict=True)
    )
    words = (word for (line, _), limit in zip(said, limits, strict=True) for word in _words(line, limit))
    return snippets, tuple(words)


def _plain(line: Line) -> Line:
    if plain(line.text) == line.text:
        return line
    return line._replace(pieces=tuple(Piece(start_ms, plain(text)) for start_ms, text in line.pieces))


def _words(line: Line, limit_ms: int) -> list[Word]:
    """The words of a line: a piece that begins without a space goes on with the word before it."""
    words: list[Word] = []
    at, begun = line.start_ms, False
    for start_ms, text in line.pieces:
        at = min(max(start_ms, at), limit_ms)
        tokens = text.split()
        if tokens and begun and not text[0].isspace() and not _UNSPACED.match(text):
            words[-1] = Word(words[-1].start_ms, words[-1].text + tokens.pop(0))
        words += [Word(at, token) for token in tokens]
        if text:
            begun = not text[-1].isspace()
    return words
