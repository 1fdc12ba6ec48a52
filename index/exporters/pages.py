"""How are clips written for people to keep: as Markdown, and as plain text?

Both group clips by talk and say who spoke, when, and whose captions the words come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from index.clips import Clip, by_talk
from library.models import Origin
from library.text import one_line
from library.timecode import clock

ORIGIN_WORDS = {
    Origin.MANUAL: "own captions",
    Origin.GENERATED: "auto captions",
    Origin.FILE: "from a file",
}

# Punctuation that means something inside a line in CommonMark 0.31, GitHub's dialect, or Obsidian (= $ #).
_MARKUP = r"([\\`*_{}\[\]()<>#|~&!^=$])"


def byline(mentor: str, published_at: datetime | None, origin: Origin) -> str:
    """``Ada Park · 2026-11-11 · own captions``, without what is not known."""
    date = f"{published_at:%Y-%m-%d}" if published_at else ""
    return " · ".join(filter(None, (one_line(mentor), date, ORIGIN_WORDS[origin])))


def clip_byline(clip: Clip) -> str:
    return byline(clip.mentor, clip.published_at, clip.origin)


def markdown(clips: Iterable[Clip]) -> Iterator[str]:
    """A heading for each talk, then its moments: a link that starts there and the words, hits in bold."""
    for number, talk in enumerate(by_talk(clips)):
        yield "\n" * bool(number) + f"## {escaped(talk[0].title) or 'Untitled'}\n\n"
        yield f"*{escaped(clip_byline(talk[0]))}*\n\n"
        for clip in talk:
            label = "about" if clip.about else clock(clip.start_ms)
            yield f"- [{label}]({destination(clip.url)}) {_emphasised(clip)}\n"


def text(clips: Iterable[Clip]) -> Iterator[str]:
    """The same for a mail or a letter: no markup, links written out, nothing wrapped."""
    for number, talk in enumerate(by_talk(clips)):
        yield "\n" * bool(number) + f"{one_line(talk[0].title) or 'Untitled'}\n{clip_byline(talk[0])}\n"
        for clip in talk:
            label = "about" if clip.about else clock(clip.start_ms)
            yield f"\n{label}  {one_line(clip.text)}\n{one_line(clip.url)}\n"


def escaped(text: str) -> str:
    """``text`` so that Markdown shows it as it is, on one line, not at the very start of one."""
    return re.sub(_MARKUP, r"\\\1", one_line(text))


def _emphasised(clip: Clip) -> str:
    pieces, at = [], 0
    for start, end in clip.highlights:
        pieces += [_piece(clip.text[at:start]), f"**{_piece(clip.text[start:end])}**"]
        at = end
    return "".join([*pieces, _piece(clip.text[at:])]).strip()


def _piece(text: str) -> str:
    """``escaped``, but a space at either end of the piece stays."""
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * before}{words}{' ' * after}" if (words := escaped(text)) else " " * before


def destination(url: str) -> str:
    """``url`` inside the parentheses of a Markdown link."""
    return one_line(url).replace("(", "%28").replace(")", "%29").replace(" ", "%20").replace("<", "%3C")
