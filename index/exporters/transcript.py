"""How is a whole talk, or the surroundings of a clip, read in a terminal?

Chapters are headings, the words stand in paragraphs of 20 to 30 seconds, and a clip is marked with
``>`` in the margin.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from msgspec import Struct

from index.beginnings import PAUSE_MS
from index.clips import Clip, joined, link, within
from index.exporters.layout import COMFORTABLE_COLUMNS, Style, Words, command, hanging
from index.exporters.pages import byline
from index.query import Query
from index.telling import telling_marks
from library.models import Chapter, Mentor, Snippet, Transcript, Video
from library.text import one_line
from library.timecode import clock, span

#: A paragraph ends with the first sentence or pause after the one, and in any case after the other.
_ENOUGH_MS, _MOST_MS = 20_000, 30_000
_SENTENCE_MARKS = tuple(".?!…。？！")

_Paragraph = Sequence[Snippet]


def render_transcript(
    video: Video,
    transcript: Transcript,
    mentors: Sequence[Mentor],
    chapters: Sequence[Chapter],
    clip: Clip | None = None,
    query: Query | None = None,
    *,
    width: int,
    style: Style,
    around_ms: int | None = 60_000,
) -> str:
    """The text of a talk, with what ``query`` looks for marked.

    Given a ``clip``, only ``around_ms`` before and after it is shown (None: everything).
    """
    inside = _inside(transcript, clip)
    page = _Page(video, transcript, chapters, query, inside, min(width, COMFORTABLE_COLUMNS), style)
    borders = [*page.chapter_starts, *(inside or ())]
    everything = list(_paragraphs(transcript.snippets, borders))
    shown = [each for each in everything if around_ms is None or _near(each, inside, around_ms)]
    lines = [*page.header(mentors), *page.body(shown)]
    if len(shown) < len(everything):
        lines += ["", f"the whole talk: {command('show', video.id)}"]
    return "\n".join(lines) + "\n"


class _Page(Struct, frozen=True):
    """What is shown of a talk, and how. ``inside`` is where the clip's snippets begin, see ``_inside``."""

    video: Video
    transcript: Transcript
    chapters: Sequence[Chapter]
    query: Query | None
    inside: tuple[int, int] | None
    width: int
    style: Style

    @property
    def chapter_starts(self) -> list[int]:
        return [chapter.start_ms for chapter in self.chapters]

    def header(self, mentors: Sequence[Mentor]) -> list[str]:
        video, style = self.video, self.style
        who = byline(", ".join(mentor.name for mentor in mentors), video.published_at, self.transcript.origin)
        length = span(video.duration_ms) if video.duration_ms else ""
        about = " · ".join(filter(None, (who, length, one_line(self.transcript.language))))
        url = one_line(link(video, 0))
        return [
            *hanging("", 0, Words.of(video.title or "Untitled"), self.width, style, style.strong),
            *hanging("", 0, Words.of(about), self.width, style, style.faint),
            style.link(url, url),
        ]

    def body(self, paragraphs: Sequence[_Paragraph]) -> Iterator[str]:
        """Paragraphs, each chapter's title before its first one."""
        label_width = max((len(clock(each[0].start_ms)) for each in paragraphs), default=0)
        last_chapter = None
        for paragraph in paragraphs:
            chapter = bisect_right(self.chapter_starts, paragraph[0].start_ms) - 1
            if chapter != last_chapter:
                yield from ("", *self._heading(chapter))
                last_chapter = chapter
            yield from self._paragraph(paragraph, label_width)

    def _heading(self, chapter: int) -> list[str]:
        """The title of a chapter; nothing for what comes before the first one."""
        if chapter < 0:
            return []
        title = Words.of(self.chapters[chapter].title or "Untitled")
        return hanging("", 0, title, self.width, self.style, self.style.strong)

    def _paragraph(self, paragraph: _Paragraph, label_width: int) -> list[str]:
        """One paragraph; without links it is one line, with its address on it."""
        text, start_ms = joined(paragraph), paragraph[0].start_ms
        words = Words.of(text, telling_marks(text, self.query, self.transcript.language))
        marked = self.inside is not None and self.inside[0] <= start_ms < self.inside[1]
        margin = self.style.strong(">") + " " if marked else "  "
        time, url = clock(start_ms), one_line(link(self.video, start_ms))
        blank = " " * (label_width - len(time))
        if not self.style.links:
            return [f"{margin}{blank}{time}  {url}  {words.painted(0, len(words.text), self.style)}"]
        label = f"{blank}{self.style.link(time, url)}  "
        return [margin + line for line in hanging(label, label_width + 2, words, self.width - 2, self.style)]


def _inside(transcript: Transcript, clip: Clip | None) -> tuple[int, int] | None:
    """From where to where the clip's snippets begin: [first, behind the last); None without one."""
    if clip is None or clip.about or not transcript.snippets:
        return None
    snippets = within(transcript.snippets, clip.start_ms, clip.end_ms)
    return snippets[0].start_ms, snippets[-1].start_ms + 1


def _near(paragraph: _Paragraph, inside: tuple[int, int] | None, around_ms: int) -> bool:
    if not inside:
        return True
    return paragraph[-1].end_ms > inside[0] - around_ms and paragraph[0].start_ms < inside[1] + around_ms


def _paragraphs(snippets: Sequence[Snippet], borders: Sequence[int]) -> Iterator[_Paragraph]:
    """Snippets in groups that read well; one that starts at or after a border (ms) begins a new group."""
    borders = sorted(borders)
    begin = 0
    for index in range(1, len(snippets)):
        before, snippet = snippets[index - 1], snippets[index]
        length = snippet.start_ms - snippets[begin].start_ms
        crossed = bisect_right(borders, before.start_ms) != bisect_right(borders, snippet.start_ms)
        if crossed or length >= _MOST_MS or (length >= _ENOUGH_MS and _rests(before, snippet)):
            yield snippets[begin:index]
            begin = index
    if snippets:
        yield snippets[begin:]


def _rests(before: Snippet, snippet: Snippet) -> bool:
    """Whether a sentence ends or a pause lies between two snippets."""
    ended = before.text.rstrip("\"'”’»)] \n").endswith(_SENTENCE_MARKS)
    return ended or snippet.start_ms - before.end_ms >= PAUSE_MS
