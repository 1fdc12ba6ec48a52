"""How is YouTube's timed text XML read?

Undocumented by YouTube; two shapes are met. ``srv1``: ``<transcript><text start dur>`` in seconds,
with texts escaped once as HTML and once more as XML. ``srv3``: ``<timedtext format="3"><body><p t d>``
in milliseconds, where automatic captions hold a ``<s t>`` for each word, t counted from the line's
start, and between the lines a ``<p a="1">`` with nothing but a line break.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from harvester.captions.speech import Captions, Line, Piece, milliseconds, spoken, unescape, untag, written


def read(text: str) -> Captions:
    """Captions of a timed text document. Raises ValueError for any other.

    Documents that declare a type or entities are refused unread: captions never do, and entities
    can be made to grow without end.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("it declares a document type, as captions never do")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as exc:
        raise ValueError(f"broken XML, {exc}") from exc
    if root.tag == "transcript":
        return Captions(written(_srv1(root)))
    if root.tag == "timedtext":
        return _srv3(root)
    raise ValueError(f"it is a document of another sort, <{root.tag}>")


def _srv1(root: ElementTree.Element) -> Iterator[tuple[int, int, str]]:
    for element in root.iter("text"):
        start_ms = milliseconds(1000 * _number(element, "start"))
        duration_ms = milliseconds(1000 * _number(element, "dur", "0"))
        yield start_ms, start_ms + duration_ms, unescape(untag("".join(element.itertext())))


def _srv3(root: ElementTree.Element) -> Captions:
    lines = [_line(paragraph) for paragraph in root.iter("p")]
    if any("t" in word.attrib for word in root.iter("s")):
        return Captions(*spoken(lines), generated=True)
    return Captions(
        written((line.start_ms, line.end_ms, "".join(piece.text for piece in line.pieces)) for line in lines)
    )


def _line(paragraph: ElementTree.Element) -> Line:
    start_ms = milliseconds(_number(paragraph, "t"))
    pieces = [Piece(start_ms, paragraph.text or "")]
    for word in paragraph.iter("s"):
        at_ms = milliseconds(start_ms + _number(word, "t", "0"))
        pieces.append(Piece(at_ms, "".join(word.itertext()) + (word.tail or "")))
    return Line(start_ms, start_ms + milliseconds(_number(paragraph, "d", "0")), tuple(pieces))


def _number(element: ElementTree.Element, name: str, default: str = "") -> float:
    value = element.get(name, default)
    try:
        return float(value)
    except ValueError as exc:
        raise ValueError(f"<{element.tag}> has no number as its {name!r}") from exc
