"""How is a digest written: for a terminal, as Markdown, as a page for mail, as an Atom feed, for programs?

Atom is RFC 4287: an entry a new talk, with an id that never changes, so that a reader shows none twice.
Text is escaped for each place; only http, https and file addresses become links.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC
from html import escape
from typing import Any
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

from index.clips import Clip, excerpt, link
from index.digest import Digest, Heard, NewTalk, Section
from index.exporters.documents import fields
from index.exporters.layout import COMFORTABLE_COLUMNS, Style, Words, hanging
from index.exporters.pages import byline, destination, escaped
from index.exporters.terminal import label
from index.exporters.topic import quote
from library.moments import to_text
from library.text import one_line
from library.timecode import span
from library.wording import counted

SCHEMA = 1

#: How many characters of a moment are quoted.
_QUOTED = 240
_SAFE = ("http://", "https://", "file:")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44em;margin:2em auto;padding:0 1em;color:#222}"
    "h2{margin:1.6em 0 .2em}h3{margin:1em 0 .2em;font-size:1em}p,li{margin:.3em 0}small{color:#666}"
)


def terminal(digest: Digest, *, width: int, style: Style) -> str:
    """For people at a terminal: topics, under each the lecturers, then every new talk."""
    width = min(width, COMFORTABLE_COLUMNS)
    lines = [f"{style.strong(_title(digest))}  {style.faint(_counts(digest))}"]
    for section in digest.sections:
        lines += ["", style.strong(section.topic.title)]
        for voice in section.voices:
            lines += _voice(voice, width, style)
    lines += ["", style.strong("New talks")]
    for talk in digest.talks:
        lines += _new_talk(talk, width, style)
    return "\n".join(lines) + "\n"


def markdown(digest: Digest) -> str:
    """For notes."""
    lines = [f"# {_title(digest)}", "", f"*{_counts(digest)}*"]
    for section in digest.sections:
        lines += ["", f"## {escaped(section.topic.title)}"]
        for voice in section.voices:
            lines += ["", f"**{escaped(voice.mentor)}**", ""]
            for clip in voice.clips:
                lines.append(f"- [{label(clip)}]({destination(clip.url)}) {escaped(_quoted(clip))}  ")
                lines.append(f"  *{escaped(_from(clip))}*")
            lines += [f"- {_more(voice)}"] if voice.more else []
    lines += ["", "## New talks", ""]
    lines += [
        f"- [{escaped(_name(talk))}]({destination(_address(talk))}) {escaped(_about(talk))}" for talk in digest.talks
    ]
    return "\n".join(lines) + "\n"


def html(digest: Digest) -> str:
    """A page of its own, for mail or a browser: no script, nothing fetched from elsewhere."""
    title = escape(_title(digest))
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width,initial-scale=1">\n',
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
            f"<h1>{title}</h1>\n<p><small>{escape(_counts(digest))}</small></p>\n",
            *(piece for section in digest.sections for piece in _html_section(section)),
            "<h2>New talks</h2>\n<ul>\n",
            *(
                f"<li>{_html_link(_name(t), _address(t))} <small>{escape(_about(t))}</small></li>\n"
                for t in digest.talks
            ),
            "</ul>\n</body>\n</html>\n",
        ]
    )


def atom(digest: Digest) -> str:
    """A feed of the new talks; the moments on each topic are its content, the topics its categories."""
    return "".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
            f"<id>{_urn('digest')}</id>\n<title>{xml_escape(_title(digest))}</title>\n",
            f"<updated>{to_text(digest.upto)}</updated>\n<author><name>Passive Mentor</name></author>\n",
            *(_entry(digest, talk) for talk in digest.talks),
            "</feed>\n",
        ]
    )


def document(digest: Digest) -> dict[str, Any]:
    """For programs; docs/topics.md promises the shape."""
    return {
        "schema": SCHEMA,
        "since": to_text(digest.since),
        "upto": to_text(digest.upto),
        "topics": [_section_fields(section) for section in digest.sections],
        "talks": [_talk_fields(talk) for talk in digest.talks],
    }


def _new_talk(talk: NewTalk, width: int, style: Style) -> list[str]:
    if not style.links:
        return [f"  {_address(talk)}  {_name(talk)}  {style.faint(_about(talk))}"]
    wrapped = hanging("", 0, Words.of(_name(talk)), width - 2, style)
    title = [f"  {style.link(line, _address(talk))}" for line in wrapped]
    return title + hanging(" " * 6, 6, Words.of(_about(talk)), width, style, style.faint)


def _voice(voice: Heard, width: int, style: Style) -> Iterator[str]:
    yield f"  {style.strong(one_line(voice.mentor))}"
    for clip in voice.clips:
        yield from quote(clip, "    ", 4, 0, width, style)
        yield from hanging(" " * 6, 6, Words.of(_from(clip)), width, style, style.faint)
    if voice.more:
        yield f"    {style.faint(_more(voice))}"


def _html_section(section: Section) -> Iterator[str]:
    yield f"<h2>{escape(section.topic.title)}</h2>\n"
    for voice in section.voices:
        yield f"<h3>{escape(one_line(voice.mentor))}</h3>\n"
        yield from map(_html_quote, voice.clips)
        if voice.more:
            yield f"<p><small>{escape(_more(voice))}</small></p>\n"


def _html_quote(clip: Clip) -> str:
    return (
        f"<p>{_html_link(label(clip), clip.url)} {escape(_quoted(clip))}<br><small>{escape(_from(clip))}</small></p>\n"
    )


def _html_link(text: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(text)}</a>' if url.startswith(_SAFE) else escape(text)


def _entry(digest: Digest, talk: NewTalk) -> str:
    said = [
        _html_quote(clip)
        for section in digest.sections
        for voice in section.voices
        for clip in voice.clips
        if clip.video_id == talk.video.id
    ]
    content = f"<p>{escape(_about(talk))}</p>\n" + "".join(dict.fromkeys(said))
    categories = "".join(f"<category term={quoteattr(one_line(topic))}/>" for topic in talk.topics)
    published = talk.video.published_at
    return (
        f"<entry>\n<id>{_urn(talk.video.id)}</id>\n<title>{xml_escape(_name(talk))}</title>\n"
        f'<link rel="alternate" href={quoteattr(_address(talk))}/>\n<updated>{to_text(talk.came_at)}</updated>\n'
        + (f"<published>{to_text(published)}</published>\n" if published else "")
        + f"<author><name>{xml_escape(one_line(talk.by))}</name></author>\n{categories}\n"
        f'<content type="html">{xml_escape(content)}</content>\n</entry>\n'
    )


def _section_fields(section: Section) -> dict[str, Any]:
    return {
        "topic": section.topic.slug,
        "title": section.topic.title,
        "voices": [
            {"name": voice.mentor, "clips": [fields(clip) for clip in voice.clips], "more": voice.more}
            for voice in section.voices
        ],
    }


def _talk_fields(talk: NewTalk) -> dict[str, Any]:
    return {
        "video_id": talk.video.id,
        "title": one_line(talk.video.title),
        "mentors": [mentor.slug for mentor in talk.mentors],
        "published_at": to_text(talk.video.published_at),
        "came_at": to_text(talk.came_at),
        "duration_ms": talk.video.duration_ms,
        "origin": talk.origin.value,
        "topics": list(talk.topics),
        "url": _address(talk),
    }


def _title(digest: Digest) -> str:
    return f"New since {digest.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _counts(digest: Digest) -> str:
    length_ms = sum(talk.video.duration_ms or 0 for talk in digest.talks)
    people = {mentor.slug for talk in digest.talks for mentor in talk.mentors}
    return f"{counted(len(digest.talks), 'talk')} of {counted(len(people), 'lecturer')}, {span(length_ms)}"


def _name(talk: NewTalk) -> str:
    return one_line(talk.video.title) or "Untitled"


def _about(talk: NewTalk) -> str:
    """Who, when, whose captions, how long, which topics."""
    length = span(talk.video.duration_ms) if talk.video.duration_ms else ""
    topics = f"on {', '.join(talk.topics)}" if talk.topics else ""
    return " · ".join(filter(None, (byline(talk.by, talk.video.published_at, talk.origin), length, topics)))


def _from(clip: Clip) -> str:
    return f"{clip.title or 'Untitled'} · {byline('', clip.published_at, clip.origin)}"


def _quoted(clip: Clip) -> str:
    return one_line(excerpt(clip, _QUOTED)[0])


def _more(voice: Heard) -> str:
    return f"and in {counted(voice.more, 'more talk')}"


def _address(talk: NewTalk) -> str:
    return link(talk.video, 0)


def _urn(name: str) -> str:
    """An id that is the same in every feed (RFC 4122, version 5)."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"passive-mentor:{name}").urn
