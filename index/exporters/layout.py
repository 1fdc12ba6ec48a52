"""How is text set in the columns of a terminal?

Nothing here prints or looks at the environment: width and style come in, text goes out. Text from
outside is made plain once more, so that only the sequences written here ever reach a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from msgspec import Struct

from index.excerpts import Highlights
from library.cells import columns, wrap
from library.text import one_line, plain

#: Wider lines than this are tiring to read, however wide the terminal is.
COMFORTABLE_COLUMNS = 100

_NARROWEST = 10
_URL_MARKS = "%/:?#[]@!$&'()*+,;=~"


class Style(Struct, frozen=True):
    """What a place of output can show. ``colour``: bold, dim and reverse; ``links``: OSC 8 hyperlinks.

    Without links, addresses are written out and nothing is wrapped: one moment, one line, for grep.
    """

    colour: bool = False
    links: bool = False

    def strong(self, text: str) -> str:
        return self._with("1", text)

    def faint(self, text: str) -> str:
        return self._with("2", text)

    def hit(self, text: str) -> str:
        """A word that was searched for."""
        return self._with("7", text)

    def link(self, text: str, url: str) -> str:
        """``text`` that leads to ``url`` where the terminal can do so."""
        if not self.links or not url:
            return text
        return f"\x1b]8;;{quote(url, safe=_URL_MARKS)}\x1b\\{text}\x1b]8;;\x1b\\"

    def _with(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text


class Words(Struct, frozen=True):
    """Harmless text on one line, and what to mark in it."""

    text: str
    highlights: Highlights = ()

    @classmethod
    def of(cls, text: str, highlights: Highlights = ()) -> Words:
        """``text`` made plain; where that moves characters, nothing is marked rather than the wrong words."""
        spaced = text.replace("\n", " ").replace("\t", " ")
        return cls(spaced, highlights) if plain(spaced) == spaced else cls(one_line(text))

    def painted(self, start: int, end: int, style: Style, base: Callable[[str], str] = str) -> str:
        """The characters [start, end): the marked ones as hits, the others through ``base``."""
        pieces, at = [], start
        for first, last in self.highlights:
            first, last = max(first, at), min(last, end)
            if first < last:
                pieces += [base(self.text[at:first]), style.hit(self.text[first:last])]
                at = last
        return "".join([*pieces, base(self.text[at:end])])


def hanging(
    label: str, indent: int, words: Words, width: int, style: Style, base: Callable[[str], str] = str
) -> list[str]:
    """``words`` wrapped at ``width`` columns beside a label of ``indent`` columns."""
    room = max(_NARROWEST, width - indent)
    lines = [words.painted(start, end, style, base) for start, end in wrap(words.text, room)]
    return [label + lines[0], *(" " * indent + line for line in lines[1:])]


def flowed(parts: Iterable[str], width: int, separator: str = " · ") -> list[str]:
    """``parts`` joined on as few lines as hold them unbroken."""
    lines: list[str] = []
    for part in parts:
        if lines and columns(lines[-1] + separator + part) <= width:
            lines[-1] += separator + part
        else:
            lines.append(part)
    return lines


def command(verb: str, argument: str, options: Sequence[str] = ()) -> str:
    """A command to copy into a shell; an argument that begins with a hyphen is kept from being an option."""
    import shlex

    argument = one_line(argument)
    words = [*map(one_line, options), *(["--"] if argument.startswith("-") else []), argument]
    return f"mentor {verb} {shlex.join(words)}"
