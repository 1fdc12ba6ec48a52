"""How does the page of a topic look, and a session, in the terminal and to a program?

``docs/topics.md`` promises the JSON. Fields are only ever added; anything else raises ``SCHEMA``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from index.clips import Clip, excerpt
from index.exporters.documents import fields
from index.exporters.layout import COMFORTABLE_COLUMNS, Style, Words, command, flowed, hanging
from index.exporters.pages import byline, clip_byline
from index.exporters.terminal import label
from index.session import in_words, length_ms
from index.suggest import Standout
from index.topic_page import TopicPage, Voice, Year
from index.topics import Topic
from library.cells import columns, wrap
from library.models import Mentor
from library.moments import to_text
from library.text import one_line
from library.timecode import clock
from library.wording import counted

SCHEMA = 1

#: How much is shown of a moment: lines where text is wrapped, characters where it is not.
_LINES, _CHARACTERS = 2, 160
_WIDEST_NAME = 22
_BARS = "▁▂▃▄▅▆▇█"


def render_topic(page: TopicPage, *, width: int, style: Style) -> str:
    """The page of a topic for people."""
    width = min(width, COMFORTABLE_COLUMNS)
    talks = f"{counted(page.talks, 'talk')}, {page.about} about it"
    counts = [counted(len(page.voices), "lecturer"), talks, counted(page.moments, "moment")]
    lines = [f"{style.strong('Topic: ' + page.topic.title)}  {style.faint(' · '.join(counts))}"]
    lines += [
        f"  {line}" for line in flowed(map(_bar, page.years, [_highest(page.years)] * len(page.years)), width - 2, "  ")
    ]
    if page.undated:
        undated = f"and {counted(page.undated, 'moment')} in talks without a date"
        lines.append(f"  {style.faint(undated)}")
    shown = [voice.best for voice in page.voices] + page.newest
    columns_of_time = max((len(label(clip)) for clip in shown), default=0)
    for voice in page.voices:
        lines += ["", *moment(voice.best, voice.mentor.name, columns_of_time, width, style, _often(voice))]
    if page.newest:
        lines += ["", style.strong("Newest")]
        for clip in page.newest:
            lines += moment(clip, clip.mentor, columns_of_time, width, style)
    lines += _notes(page, width, style)
    return "\n".join(lines) + "\n"


def render_session(title: str, clips: Sequence[Clip], *, width: int, style: Style) -> str:
    """A session for people: numbered, with lengths and ids, in the order in which one listens."""
    width = min(width, COMFORTABLE_COLUMNS)
    lines = [f"{style.strong(one_line(title))}  {style.faint(in_words(clips))}"]
    for number, clip in enumerate(clips, 1):
        long = f"{clock(length_ms([clip]))} long"
        lines += ["", *hanging(f"{number:2}  ", 4, Words.of(clip.title or "Untitled"), width, style, style.strong)]
        lines += hanging("    ", 4, Words.of(f"{clip_byline(clip)} · {long}"), width, style, style.faint)
        lines += quote(clip, "    ", 4, 0, width, style)
        lines += [f"    {style.faint(one_line(clip.id))}"]
    return "\n".join(lines) + "\n"


def render_standouts(title: str, found: Sequence[Standout], style: Style) -> str:
    """What stands out, for people: how often, how much more often than elsewhere, how surprising."""
    widest = max((columns(one.text) for one in found), default=0)
    lines = [style.strong(title)]
    for one in found:
        gap = " " * (widest - columns(one.text))
        often = f"in {one.moments} of {one.out_of}, {one.times:.0f} times as often as elsewhere"
        lines.append(f"  {one_line(one.text)}{gap}  {style.faint(f'{often} (G² {one.surprise:.0f})')}")
    return "\n".join(lines) + "\n"


def topic_document(page: TopicPage) -> dict[str, Any]:
    """The page of a topic for programs."""
    return {
        "schema": SCHEMA,
        "topic": topic_fields(page.topic),
        "moments": page.moments,
        "talks": page.talks,
        "about": page.about,
        "voices": [
            {
                "mentor": voice.mentor.slug,
                "name": voice.mentor.name,
                "moments": voice.moments,
                "talks": voice.talks,
                "about": voice.about,
                "latest_at": to_text(voice.latest_at),
                "best": fields(voice.best),
            }
            for voice in page.voices
        ],
        "years": [{"year": year.year, "quarters": list(year.quarters)} for year in page.years],
        "undated": page.undated,
        "newest": [fields(clip) for clip in page.newest],
        "silent": [mentor.slug for mentor in page.silent],
        "unharvested": [mentor.slug for mentor in page.unharvested],
        "suggestions": standout_fields(page.suggestions),
    }


def topic_fields(topic: Topic) -> dict[str, Any]:
    """A topic as JSON says it."""
    return {
        "slug": topic.slug,
        "title": topic.title,
        "words": list(topic.words),
        "phrases": list(topic.phrases),
        "forms": list(topic.forms),
        "exclude": list(topic.exclude),
        "mentors": list(topic.mentors),
    }


def standout_fields(found: Iterable[Standout]) -> list[dict[str, Any]]:
    """What stands out as JSON says it."""
    return [
        {
            "text": one.text,
            "moments": one.moments,
            "out_of": one.out_of,
            "times": round(one.times, 1),
            "surprise": round(one.surprise, 1),
        }
        for one in found
    ]


def moment(clip: Clip, name: str, time_columns: int, width: int, style: Style, more: str = "") -> list[str]:
    """A quote beside its lecturer, and under it which talk it is from, and what ``more`` there is."""
    name, indent = _name(name), min(_WIDEST_NAME, width // 4) + 3
    before = f" {style.strong(name)}" + " " * max(1, indent - 1 - columns(name))
    indent = max(indent, columns(name) + 2)
    source = filter(None, (clip.title or "Untitled", byline("", clip.published_at, clip.origin), more))
    return [
        *quote(clip, before, indent, time_columns, width, style),
        *hanging(" " * indent, indent, Words.of(" · ".join(source)), width, style, style.faint),
    ]


def quote(clip: Clip, before: str, indent: int, time_columns: int, width: int, style: Style) -> list[str]:
    """The time of a clip, a link where there can be one, and its best words.

    ``before`` takes ``indent`` columns, the time ``time_columns`` or more.
    """
    place = label(clip)
    gap = " " * (time_columns - len(place))
    if not style.links:
        words = Words.of(*excerpt(clip, _CHARACTERS))
        return [f"{before}{gap}{place}  {one_line(clip.url)}  {words.painted(0, len(words.text), style)}"]
    room = indent + len(gap) + len(place) + 2
    linked = gap + style.link(place, clip.url)
    return hanging(f"{before}{linked}  ", room, _fitting(clip, width - room), width, style)


def _often(voice: Voice) -> str:
    return f"{counted(voice.moments, 'moment')} in {counted(voice.talks, 'talk')}, {voice.about} about it"


def _name(name: str) -> str:
    name = one_line(name) or "no longer followed"
    end = next((end for start, end in wrap(name, _WIDEST_NAME)), len(name))
    return name if end == len(name) else f"{name[: end - 1].rstrip()}…"


def _fitting(clip: Clip, room: int) -> Words:
    """As much of a clip as stands on a few lines of ``room`` columns."""
    budget = _LINES * max(room, 10) * len(clip.text) // max(1, columns(clip.text))
    words = Words.of(*excerpt(clip, budget))
    while len(wrap(words.text, room)) > _LINES and budget > _LINES * 8:
        budget -= 4
        words = Words.of(*excerpt(clip, budget))
    return words


def _highest(years: Sequence[Year]) -> int:
    return max((number for year in years for number in year.quarters), default=0)


def _bar(year: Year, highest: int) -> str:
    """``2026 ▂·█▅ 31``: a block a quarter, as high as there were moments; a dot for none."""
    blocks = [_BARS[(number * len(_BARS) - 1) // highest] if number else "·" for number in year.quarters]
    return f"{year.year} {''.join(blocks)} {sum(year.quarters)}"


def _notes(page: TopicPage, width: int, style: Style) -> list[str]:
    notes = []
    if page.silent:
        notes.append(f"not heard on it: {_names(page.silent)}")
    if page.unharvested:
        notes.append(f"nothing harvested yet: {_names(page.unharvested)}")
    if page.suggestions:
        notes.append(f"comes up with it: {', '.join(one.text for one in page.suggestions)}")
    wrapped = [line for note in notes for line in hanging("", 2, Words.of(note), width, style)]
    ways = [command("session", page.topic.slug), command("topic suggest", page.topic.slug)]
    return [*([""] if notes else []), *wrapped, f"next: {' · '.join(ways)}"]


def _names(mentors: Iterable[Mentor]) -> str:
    return ", ".join(one_line(mentor.name) for mentor in mentors)
