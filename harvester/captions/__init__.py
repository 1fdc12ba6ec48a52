"""How does a caption file become snippets and words, whatever its format?

``parse`` is the door. One module a format reads text; ``speech`` makes what they read lawful.
Everything here is pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath
from typing import NamedTuple

from harvester.captions import json_shapes, panel, subrip, timedtext, vtt
from harvester.captions.speech import Captions
from library.errors import InputError
from library.text import one_line

__all__ = [
    "EXTENSIONS",
    "FORMATS_IN_WORDS",
    "HEAD_CHARS",
    "SHARED_EXTENSIONS",
    "Captions",
    "parse",
    "recognised",
]

FORMATS_IN_WORDS = "WebVTT, SRT, SBV, YouTube's timed text (XML or json3), transcript JSON or a copied transcript"

#: How much of a file is looked at to tell its format.
HEAD_CHARS = 4096


class _Format(NamedTuple):
    title: str
    read: Callable[[str], Captions]


_VTT = _Format("WebVTT", vtt.read)
_SRT = _Format("SubRip (.srt)", subrip.read_srt)
_SBV = _Format("SBV", subrip.read_sbv)
_XML = _Format("YouTube timed text (XML)", timedtext.read)
_JSON = _Format("json3, transcript or word-timing JSON", json_shapes.read)
_PANEL = _Format("a copied transcript (0:01, then text)", panel.read)

_BY_EXTENSION = {
    ".vtt": _VTT,
    ".srt": _SRT,
    ".sbv": _SBV,
    ".srv1": _XML,
    ".srv3": _XML,
    ".xml": _XML,
    ".json3": _JSON,
    ".json": _JSON,
    ".txt": _PANEL,
}

#: File name endings that captions have, and those among them that other things have too.
EXTENSIONS = frozenset(_BY_EXTENSION)
SHARED_EXTENSIONS = frozenset({".json", ".txt", ".xml"})

_XML_HEAD = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:transcript|timedtext)\b")
_JSON_HEAD = re.compile(r'\s*(?:\[\s*\[\s*"|\[\s*\{[^}]*"start"|\{.*?"(?:events|snippets)"\s*:\s*\[)', re.DOTALL)


def parse(data: bytes | str, name: str) -> Captions:
    """What the captions in ``data`` say; ``name`` is the file's, for its ending and for messages.

    The content decides which format it is, the ending where that leaves doubt. Bytes may be UTF-8,
    UTF-16 or Windows' western code page. Raises InputError where there is nothing to read.
    """
    text = (data if isinstance(data, str) else decode(data)).removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    form = _recognise(text[:HEAD_CHARS]) or _BY_EXTENSION.get(PurePath(name).suffix.lower())
    if form is None:
        raise _unreadable(name, "captions", "its format is unknown")
    try:
        captions = form.read(text)
    except (ValueError, RecursionError) as exc:
        raise _unreadable(name, form.title, str(exc)) from exc
    if not captions.snippets:
        raise _unreadable(name, form.title, "it holds no text with a time")
    return captions


def recognised(head: bytes) -> bool:
    """Whether the first bytes of a file look like captions, whatever the file is called."""
    return _recognise(decode(head)[:HEAD_CHARS].replace("\r\n", "\n")) is not None


def decode(data: bytes) -> str:
    """Text of bytes in UTF-8 or UTF-16 (with or without a byte order mark), else Windows-1252.

    UTF-8 with a few broken bytes stays UTF-8.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:2]:
        return data.decode("utf-16-be" if data[:1] == b"\0" else "utf-16-le", errors="replace")
    text = data.decode("utf-8-sig", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(not char.isascii() for char in text) - broken if broken else 0
    return text if whole >= broken else data.decode("cp1252", errors="replace")


def _recognise(head: str) -> _Format | None:
    if head.lstrip("\ufeff \n").startswith("WEBVTT"):
        return _VTT
    if _XML_HEAD.match(head):
        return _XML
    if _JSON_HEAD.match(head):
        return _JSON
    lines = head.split("\n")
    if any(vtt.TIMING.match(line) for line in lines):
        return _SRT
    if any(subrip.SBV_TIMING.match(line) for line in lines):
        return _SBV
    return _PANEL if len(panel.STAMP.findall(head)) > 1 else None


def _unreadable(name: str, expected: str, reason: str) -> InputError:
    return InputError(
        f"{one_line(name)} cannot be read as {expected}: {one_line(reason)}",
        hint=f"Save it again as one of {FORMATS_IN_WORDS}, or leave it out.",
    )
