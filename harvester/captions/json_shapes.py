"""How are captions read that come as JSON?

Three shapes: YouTube's ``json3`` (undocumented; events of segments, milliseconds, word offsets within
an event), the list that youtube-transcript-api gives, bare or in an object as its ``snippets``, and
lists of ``[word, start, end]`` in seconds as speech recognizers and aligners write them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from harvester.captions.speech import Captions, Line, Piece, milliseconds, spoken, written

# Two lines of 42 letters are the custom in subtitling.
_LINE_LETTERS = 84
_SENTENCE_LETTERS = 30
_PAUSE_MS = 1_000

TimedWord = tuple[str, float, float]


class _Segment(msgspec.Struct, rename="camel"):
    utf8: str = ""
    t_offset_ms: float | None = None


class _Event(msgspec.Struct, rename="camel"):
    t_start_ms: float = 0
    d_duration_ms: float = 0
    segs: list[_Segment] = []


class _Json3(msgspec.Struct):
    events: list[_Event]


class _Snippet(msgspec.Struct):
    text: str
    start: float
    duration: float = 0


class _Fetched(msgspec.Struct):
    snippets: list[_Snippet]
    language_code: str = ""
    is_generated: bool = False


def read(text: str) -> Captions:
    """Captions of a JSON document in any of the three shapes. Raises ValueError for any other."""
    document = msgspec.json.decode(text)
    if isinstance(document, list):
        if any(isinstance(entry, list) for entry in document[:1]):
            return _from_words(msgspec.convert(document, list[TimedWord], strict=False))
        return _from_snippets(msgspec.convert({"snippets": document}, _Fetched, strict=False))
    if isinstance(document, dict) and "events" in document:
        return _from_events(msgspec.convert(document, _Json3, strict=False).events)
    return _from_snippets(msgspec.convert(document, _Fetched, strict=False))


def _from_snippets(fetched: _Fetched) -> Captions:
    rows = (
        (milliseconds(1000 * row.start), milliseconds(1000 * (row.start + row.duration)), row.text)
        for row in fetched.snippets
    )
    return Captions(written(rows), (), fetched.language_code, fetched.is_generated)


def _from_events(events: Sequence[_Event]) -> Captions:
    """Events without text open windows or append a line break: they say nothing and fall out."""
    if any(segment.t_offset_ms is not None for event in events for segment in event.segs):
        return Captions(*spoken(_line(event) for event in events), generated=True)
    return Captions(
        written((*_times(event), "".join(segment.utf8 for segment in event.segs)) for event in events if event.segs)
    )


def _times(event: _Event) -> tuple[int, int]:
    return milliseconds(event.t_start_ms), milliseconds(event.t_start_ms + event.d_duration_ms)


def _line(event: _Event) -> Line:
    pieces = (
        Piece(milliseconds(event.t_start_ms + (segment.t_offset_ms or 0)), segment.utf8) for segment in event.segs
    )
    return Line(*_times(event), tuple(pieces))


def _from_words(words: list[TimedWord]) -> Captions:
    """Lines of natural length. Where words come with their space, one without goes on with the last."""
    if not any(text.startswith(" ") for text, _, _ in words):
        words = [(f" {text}", start, end) for text, start, end in words]
    return Captions(*spoken(_line_of(group) for group in _grouped(words)))


def _line_of(words: Sequence[TimedWord]) -> Line:
    pieces = tuple(Piece(milliseconds(1000 * start), text) for text, start, _ in words)
    return Line(pieces[0].start_ms, milliseconds(1000 * words[-1][2]), pieces)


def _grouped(words: list[TimedWord]) -> Iterator[list[TimedWord]]:
    """Words cut at sentence ends and pauses, and where a line would be longer than a caption."""
    line, letters = words[:1], len(words[0][0]) if words else 0
    for before, word in pairwise(words):
        sentence = letters >= _SENTENCE_LETTERS and before[0].rstrip().endswith((".", "?", "!", "…"))
        pause = 1000 * (word[1] - before[2]) >= _PAUSE_MS
        full = letters + len(word[0]) > _LINE_LETTERS
        if word[0].startswith(" ") and (sentence or pause or full):
            yield line
            line, letters = [], 0
        line.append(word)
        letters += len(word[0])
    if line:
        yield line
