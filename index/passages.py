"""How is a transcript cut into passages that can be scored?

A passage is a window of neighbouring snippets: one caption holds some ten words, too few to say
what it is about. Windows overlap, so that what is said at the end of one is in the middle of the
next. A window of about ``length_ms`` begins about every ``length_ms - overlap_ms``, and within a
quarter of that it moves to the best border between two snippets: where a chapter begins, else
where a sentence ends, else at the longest pause.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from library.models import Chapter, Snippet, Transcript

#: How far a border may lie from where a window should begin or end, as a share of that distance.
TOLERANCE = 0.25


class Passage(Struct, frozen=True):
    """Neighbouring snippets of one video; passages overlap. What an engine scores.

    ``parts`` are its text in pieces, of which overlapping passages have the same; () for one piece.
    """

    start_ms: int
    end_ms: int
    text: str
    chapter: str = ""
    parts: tuple[str, ...] = ()


def passages(transcript: Transcript, chapters: Sequence[Chapter], length_ms: int, overlap_ms: int) -> Iterator[Passage]:
    """Windows over the transcript in order; every snippet is in at least one of them.

    ``chapters`` are in order of time. A passage carries the title of the chapter its middle is in.
    A rest shorter than the tolerance joins the last window. Raises ValueError unless
    ``0 <= overlap_ms < length_ms``.
    """
    if not 0 <= overlap_ms < length_ms:
        raise ValueError(f"an overlap of {overlap_ms} ms does not fit passages of {length_ms} ms")
    snippets = transcript.snippets
    borders = _Borders(transcript, chapters)
    starts_of_chapters = [chapter.start_ms for chapter in chapters]
    windows = list(_windows(borders, length_ms, length_ms - overlap_ms))
    parts = _parts(snippets, windows)
    for first, beyond in windows:
        start_ms, end_ms = borders.starts[first], borders.untils[beyond]
        held_by = bisect_right(starts_of_chapters, (start_ms + end_ms) // 2) - 1
        held = tuple(parts[at] for at in range(first, beyond) if at in parts)
        yield Passage(start_ms, end_ms, " ".join(held), chapters[held_by].title if held_by >= 0 else "", held)


def _parts(snippets: Sequence[Snippet], windows: Iterable[tuple[int, int]]) -> dict[int, str]:
    """What is said between two neighbouring borders of windows, by the number of its first snippet."""
    borders = sorted({border for window in windows for border in window})
    return {first: " ".join(snippet.text for snippet in snippets[first:beyond]) for first, beyond in pairwise(borders)}


def spoken_end_ms(snippets: Sequence[Snippet], at: int) -> int:
    """When snippet ``at`` ends: with its time on screen, or earlier where the next one begins."""
    end_ms = max(snippets[at].end_ms, snippets[at].start_ms)
    return min(end_ms, snippets[at + 1].start_ms) if at + 1 < len(snippets) else end_ms


def _start(snippet: Snippet) -> int:
    return snippet.start_ms


_SENTENCE_ENDS = frozenset(".?!…。！？؟।")
_CLOSING = "\"'”’»)]"
_CHAPTER, _SENTENCE = 3.0, 2.0
_LONGEST_PAUSE_MS = 2_000
_WORD_MS = 400
_CHAPTER_EARLY_MS = 1_000


class _Borders:
    """Where windows may begin and end: border ``i`` is the one before snippet ``i``.

    ``starts[i]`` is when a window begins there, ``untils[i]`` when one ends there, ``strengths[i]`` how
    good a place it is. There are as many starts as snippets, and one border more.
    """

    def __init__(self, transcript: Transcript, chapters: Sequence[Chapter]) -> None:
        snippets = transcript.snippets
        self.starts = [snippet.start_ms for snippet in snippets]
        ends = [snippet.start_ms + max(0, snippet.duration_ms) for snippet in snippets]
        self.untils = [0, *map(min, ends, self.starts[1:]), *ends[-1:]]
        self.strengths = [0.0, *self._between(transcript)]
        for chapter in chapters:
            at = bisect_left(self.starts, chapter.start_ms - _CHAPTER_EARLY_MS)
            if at < len(snippets):
                self.strengths[at] = _CHAPTER

    def _between(self, transcript: Transcript) -> Iterator[float]:
        words = [word.start_ms for word in transcript.words]
        for snippet, start_ms, silent_from in zip(transcript.snippets, self.starts[1:], self.untils[1:], strict=False):
            if snippet.text.rstrip().rstrip(_CLOSING)[-1:] in _SENTENCE_ENDS:
                yield _SENTENCE
                continue
            if words and (last := bisect_left(words, start_ms)):
                silent_from = min(silent_from, words[last - 1] + _WORD_MS)
            yield min(start_ms - silent_from, _LONGEST_PAUSE_MS) / _LONGEST_PAUSE_MS

    def best(self, times: Sequence[int], wanted_ms: int, within_ms: int, low: int, high: int) -> int:
        """The best of the borders [low, high) whose time is ``within_ms`` of ``wanted_ms``, else the nearest.

        ``times`` are ``starts`` for where a window may begin, ``untils`` for where it may end.
        """
        near_low = bisect_left(times, wanted_ms - within_ms, low, high)
        near_high = bisect_right(times, wanted_ms + within_ms, low, high)
        if near_low < near_high:
            within = range(near_low, near_high)
            return max(within, key=lambda at: (self.strengths[at], -abs(times[at] - wanted_ms)))
        around = range(max(low, near_low - 1), min(high, near_low + 1))
        return min(around, key=lambda at: abs(times[at] - wanted_ms))


def _windows(borders: _Borders, length_ms: int, step_ms: int) -> Iterator[tuple[int, int]]:
    """[first, beyond) of the snippets in each window."""
    count = len(borders.starts)
    length_slack, step_slack = int(length_ms * TOLERANCE), int(step_ms * TOLERANCE)
    first = 0
    while first < count:
        start_ms = borders.starts[first]
        if borders.untils[-1] <= start_ms + length_ms + length_slack or first + 1 == count:
            yield first, count
            return
        beyond = borders.best(borders.untils, start_ms + length_ms, length_slack, first + 1, count)
        yield first, beyond
        if step_ms == length_ms:
            first = beyond
        else:
            first = borders.best(borders.starts, start_ms + step_ms, step_slack, first + 1, beyond + 1)
