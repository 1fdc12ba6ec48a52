"""What does a person see of a search?

Talks, best first, and under each its moments in time order; then what was searched, what could
not be, and what to type next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from index.clips import Clip, by_talk, excerpt
from index.coverage import Coverage
from index.exporters.layout import COMFORTABLE_COLUMNS, Style, Words, command, flowed, hanging
from index.exporters.pages import clip_byline
from library.cells import columns, wrap
from library.models import STATE_WORDS
from library.moments import ago
from library.text import one_line
from library.timecode import clock
from library.wording import counted

#: How much is shown of a moment: lines where text is wrapped, characters where it is not.
_LINES, _CHARACTERS = 2, 160

_NEAR = re.compile(r'"\s*within\s+[0-9]+', re.IGNORECASE)

#: Where the words of a reason stand, by the engine's name of the place.
_PLACES = {
    "text": "said",
    "chapter": "in the chapter's title",
    "about": "in the description",
    "title": "in the title",
    "talk": "in all of the talk",
    "": "for being there",
}


def render(
    clips: Sequence[Clip],
    total: int,
    coverage: Coverage,
    elapsed_ms: float,
    *,
    query_text: str,
    now: datetime,
    width: int,
    style: Style,
    held_back: int = 0,
    heard: Sequence[tuple[str, str]] = (),
    alike: Sequence[tuple[str, str]] = (),
    options: Sequence[str] = (),
) -> str:
    """The result of a search that found something.

    ``total`` counts all moments, not only those given; ``now`` tells how old the newest harvest is; ``held_back``
    counts moments that others of their talk or lecturer keep from being shown; ``heard`` is what captions say in place
    of what is meant, and that; ``alike`` what was typed, and what may be meant; ``options`` what narrowed the search,
    as typed.
    """
    width = min(width, COMFORTABLE_COLUMNS)
    talks = by_talk(clips)
    label_width = max((len(label(clip)) for clip in clips), default=0)
    title_width = _title_width(talks, width)
    lines: list[str] = []
    for number, talk in enumerate(talks, 1):
        lines += _heading(number, talk[0], title_width, width, style)
        for clip in talk:
            lines += _moment(clip, label_width, width, style)
    found = (
        _found(len(clips), total, len(talks)),
        _searched(coverage, elapsed_ms),
        _harvested(coverage, now),
    )
    lines += ["", *map(style.faint, flowed(filter(None, found), width))]
    lines += map(style.faint, _held_back(held_back, width))
    lines += map(style.faint, _heard(heard, width))
    lines += map(style.faint, _gaps(coverage, width))
    export = [command("export --format markdown", query_text, options)] if query_text else []
    lines += _meant(alike, width)
    lines += _next([*_instead(query_text, alike, options), command("show", clips[0].id), *export], width)
    return "\n".join(lines) + "\n"


def nothing_found(
    query_text: str,
    suggestions: Sequence[str],
    coverage: Coverage,
    unharvested: Sequence[str],
    *,
    width: int,
    style: Style,
    alike: Sequence[tuple[str, str]] = (),
    options: Sequence[str] = (),
) -> str:
    """What to say of a search without result.

    ``suggestions`` are near spellings, likeliest first; ``unharvested`` names mentors none of whose
    talks has text; ``alike`` is what was typed, and what may be meant; ``options`` are what narrowed the search.
    """
    width = min(width, COMFORTABLE_COLUMNS)
    if not coverage.videos and coverage.newest_harvest_at is None:
        lines = [
            style.strong("Your library is empty."),
            *_next(["mentor follow @handle", "mentor harvest"], width),
        ]
        return "\n".join(lines) + "\n"
    if coverage.videos:
        sentences = [f"{_searched(coverage)}, in {counted(coverage.with_text, 'talk')}."]
    else:
        sentences = ["No talk is within what the search was narrowed to."]
    if suggestions:
        sentences.append(f"Spelt nearly so: {', '.join(suggestions)}.")
    if sounding := [one_line(meant) for _, meant in alike if meant.lower() not in suggestions]:
        sentences.append(f"Sounds alike: {', '.join(sounding)}.")
    if unharvested:
        sentences.append(f"Nothing harvested yet from {', '.join(unharvested)}.")
    nothing = f"Nothing found for “{_shortened(query_text)}”." if query_text else "Nothing found."
    lines = hanging("", 0, Words.of(nothing), width, style, style.strong)
    for sentence in sentences:
        lines += hanging("", 0, Words.of(sentence), width, style)
    lines += map(style.faint, _gaps(coverage, width))
    lines += _next(_ways_on(query_text, suggestions, unharvested, alike, options), width)
    return "\n".join(lines) + "\n"


def label(clip: Clip) -> str:
    """What stands for a moment: its time, or "about" for a talk found by its title or description."""
    return "about" if clip.about else clock(clip.start_ms)


def _title_width(talks: Sequence[Sequence[Clip]], width: int) -> int:
    """Columns of the longest title, if every byline fits beside it; otherwise 0."""
    titles = max((columns(_title(talk[0]).text) for talk in talks), default=0)
    bylines = max((columns(clip_byline(talk[0])) for talk in talks), default=0)
    return titles if 4 + titles + 3 + bylines <= width else 0


def _heading(number: int, clip: Clip, title_width: int, width: int, style: Style) -> list[str]:
    title, byline = _title(clip), clip_byline(clip)
    if title_width:
        gap = " " * (title_width + 3 - columns(title.text))
        return [f"{number:2}  {style.strong(title.text)}{gap}{style.faint(byline)}"]
    lines = hanging(f"{number:2}  ", 4, title, width, style, style.strong)
    return lines + hanging("    ", 4, Words.of(byline), width, style, style.faint)


def _title(clip: Clip) -> Words:
    return Words.of(clip.title or "Untitled")


def _moment(clip: Clip, label_width: int, width: int, style: Style) -> list[str]:
    lines = _words(clip, label_width, width, style)
    indent = 4 + label_width + 2
    for other in clip.also:
        lines += _also(other, indent, width, style)
    return lines + (_why(clip, indent, width, style) if clip.reasons else [])


def _also(clip: Clip, indent: int, width: int, style: Style) -> list[str]:
    """A talk that says the same, under the moment it repeats."""
    words = Words.of(f"also in: {clip.title or 'Untitled'} · {clip_byline(clip)}")
    if not style.links:
        return [style.faint(f"{' ' * indent}{words.text}  {one_line(clip.url)}")]
    return hanging(" " * indent, indent, words, width, style, lambda text: style.link(style.faint(text), clip.url))


def _why(clip: Clip, indent: int, width: int, style: Style) -> list[str]:
    """``11.4 = 8.1 said negoti + 3.3 in all of the talk negoti``, heaviest first."""
    parts = [f"{reason.score:.2f} {_PLACES[reason.place]} {' '.join(reason.forms)}" for reason in clip.reasons]
    words = Words.of(f"{clip.score:.2f} = {' + '.join(parts)}")
    if not style.links:
        return [style.faint(f"{' ' * indent}{words.text}")]
    return hanging(" " * indent, indent, words, width, style, style.faint)


def _words(clip: Clip, label_width: int, width: int, style: Style) -> list[str]:
    place = f"{label(clip):>{label_width}}"
    if not style.links:
        words = Words.of(*excerpt(clip, _CHARACTERS))
        return [f"    {place}  {one_line(clip.url)}  {words.painted(0, len(words.text), style)}"]
    indent = 4 + label_width + 2
    linked = " " * (label_width - len(label(clip))) + style.link(label(clip), clip.url)
    return hanging(f"    {linked}  ", indent, _fitting(clip, width - indent), width, style)


def _fitting(clip: Clip, room: int) -> Words:
    """As much of a clip as stands on ``_LINES`` lines of ``room`` columns."""
    budget = _LINES * room * len(clip.text) // max(1, columns(clip.text))
    words = Words.of(*excerpt(clip, budget))
    while len(wrap(words.text, room)) > _LINES and budget > _LINES * 8:
        budget -= 4
        words = Words.of(*excerpt(clip, budget))
    return words


def _found(shown: int, total: int, talks: int) -> str:
    moments = counted(shown, "moment") if total <= shown else f"{shown} of {counted(total, 'moment')}"
    return f"{moments} in {counted(talks, 'talk')}"


def _searched(coverage: Coverage, elapsed_ms: float | None = None) -> str:
    hours = coverage.hours
    length = f"{round(hours * 60)} min" if hours < 1 else f"{hours:,.0f} h"
    if elapsed_ms is None:
        return f"{length} searched"
    took = f"{elapsed_ms:.0f} ms" if elapsed_ms < 1000 else f"{elapsed_ms / 1000:.1f} s"
    return f"{length} searched in {took}"


def _harvested(coverage: Coverage, now: datetime) -> str:
    if coverage.newest_harvest_at is None:
        return ""
    return f"newest harvest {ago(coverage.newest_harvest_at, now)}"


def _held_back(count: int, width: int) -> list[str]:
    if not count:
        return []
    text = f"{counted(count, 'better moment')} of the same talks and lecturers made room for others (--no-spread)"
    return [text[start:end] for start, end in wrap(text, width)]


def _heard(heard: Sequence[tuple[str, str]], width: int) -> list[str]:
    if not heard:
        return []
    said = ", ".join(f"“{one_line(said)}” for {one_line(meant)}" for said, meant in heard)
    text = f"captions say {said} — mentor correction list"
    return [text[start:end] for start, end in wrap(text, width)]


def _gaps(coverage: Coverage, width: int) -> list[str]:
    """Why some talks could not be searched, the commonest reason first."""
    missing = sum(coverage.without_text.values())
    if not missing:
        return []
    reasons = sorted(coverage.without_text.items(), key=lambda item: (-item[1], STATE_WORDS[item[0]]))
    why = ", ".join(f"{count} {STATE_WORDS[state]}" for state, count in reasons if count)
    verb = "has" if missing == 1 else "have"
    text = f"{missing:,} of {counted(coverage.videos, 'talk')} {verb} no text yet: {why} — mentor status"
    return [text[start:end] for start, end in wrap(text, width)]


def _meant(alike: Sequence[tuple[str, str]], width: int) -> list[str]:
    if not alike:
        return []
    text = "did you mean " + ", ".join(f"{one_line(meant)} for “{one_line(typed)}”" for typed, meant in alike) + "?"
    return [text[start:end] for start, end in wrap(text, width)]


def _instead(query_text: str, alike: Sequence[tuple[str, str]], options: Sequence[str]) -> list[str]:
    """The search that may be meant."""
    typed_text = one_line(query_text)
    meant = typed_text
    for typed, other in alike:
        at = meant.lower().find(typed.lower())
        meant = meant[:at] + other + meant[at + len(typed) :] if at >= 0 else meant
    return [command("search", one_line(meant), options)] if meant != typed_text else []


def _ways_on(
    query_text: str,
    suggestions: Sequence[str],
    unharvested: Sequence[str],
    alike: Sequence[tuple[str, str]],
    options: Sequence[str],
) -> list[str]:
    loose = " ".join(_NEAR.sub('"', one_line(query_text)).replace('"', " ").split())
    ways = _instead(query_text, alike, options)
    if suggestions and not ways:
        ways.append(command("search", suggestions[0], options))
    if loose != one_line(query_text):
        ways.append(command("search", loose, options))
    if unharvested:
        ways.append("mentor harvest")
    return ways or ["mentor status"]


def _next(commands: Sequence[str], width: int) -> list[str]:
    """Commands in the order to try them; each whole on a line, however narrow, so that it can be copied."""
    first, *others = flowed(commands, width - len("next: "))
    return [f"next: {first}", *(f"      {line}" for line in others)]


def _shortened(text: str) -> str:
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"
