"""What did a person mean by what they typed after ``mentor follow``?

Handles, ids and every form of address that YouTube writes or once wrote are understood, without
asking anybody. What a handle or a video leads to is found out later, by a source.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from library.errors import UsageError
from library.text import plain


class ReferenceKind(StrEnum):
    """What sort of thing a reference names."""

    HANDLE = "handle"
    CHANNEL_ID = "channel_id"
    PLAYLIST_ID = "playlist_id"
    CUSTOM = "custom"
    USER = "user"
    VIDEO = "video"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Reference:
    """A place to follow. A handle's value begins with ``@``; a folder's is an absolute path."""

    kind: ReferenceKind
    value: str

    @property
    def page(self) -> str:
        """The address of its page on YouTube; "" for a folder."""
        start = _PAGES.get(self.kind)
        return start + quote(self.value, safe="@") if start else ""


_SITE = "https://www.youtube.com/"
_PAGES = {
    ReferenceKind.HANDLE: _SITE,
    ReferenceKind.CHANNEL_ID: _SITE + "channel/",
    ReferenceKind.PLAYLIST_ID: _SITE + "playlist?list=",
    ReferenceKind.CUSTOM: _SITE + "c/",
    ReferenceKind.USER: _SITE + "user/",
    ReferenceKind.VIDEO: _SITE + "watch?v=",
}

_HOSTS = frozenset({"youtube.com", "youtu.be", "youtube-nocookie.com"})
_CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")
_UPLOADS_ID = re.compile(r"UU[A-Za-z0-9_-]{22}")
_PLAYLIST_ID = re.compile(r"(?:PL|UU|OL|FL)[A-Za-z0-9_-]{10,80}")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
# YouTube allows letters and digits of many scripts, "_", "-", "." and "·"; marks of Indic scripts
# are not \w, so a handle is told by what it cannot hold.
_NAME = re.compile(r"[^\s@/?#&=:%<>\"'\\]{1,100}")
_VIDEO_PATHS = frozenset({"shorts", "live", "embed", "v", "e"})
# First parts of a path that are YouTube's own and so nobody's custom name (youtube.com/NAME).
_RESERVED = re.compile(
    "about|account|api|attribution_link|c|channel|clip|e|embed|feeds?|gaming|hashtag|iframe_api|live|logout|oembed"
    "|playlist|post|premium|redirect|reporthistory|results|s|shorts|signin|t|user|v|watch|youtubei",
    re.IGNORECASE,
)
_HINT = (
    "Write a handle (@name), a channel's, playlist's or video's address (https://www.youtube.com/…), "
    "a channel id (UC…), a playlist id (PL…), or the path of a folder of caption files."
)


def parse(text: str) -> Reference:
    """The reference that ``text`` writes.

    Ids and handles win over a folder of the same name, which can be written ``./name``. The list of
    a channel's uploads (``UU…``) is the channel; a video seen in a playlist is the video.
    Raises UsageError.
    """
    text = plain(text).strip()
    found = _bare(text) or _from_address(text) or _folder(text)
    if found is None:
        shown = text if len(text) <= 80 else text[:77] + "…"
        if text.startswith((".", "/", "~")):
            raise UsageError(f"there is no folder {shown}", hint=_HINT)
        raise UsageError(f"{shown!r} is no channel, playlist, video or folder", hint=_HINT)
    return found


def _bare(text: str) -> Reference | None:
    if text.startswith("@") and _NAME.fullmatch(text[1:]):
        return Reference(ReferenceKind.HANDLE, text)
    return _channel(text) or _playlist(text)


def _channel(text: str) -> Reference | None:
    return Reference(ReferenceKind.CHANNEL_ID, text) if _CHANNEL_ID.fullmatch(text) else None


def _playlist(text: str) -> Reference | None:
    if _UPLOADS_ID.fullmatch(text):
        return Reference(ReferenceKind.CHANNEL_ID, "UC" + text[2:])
    return Reference(ReferenceKind.PLAYLIST_ID, text) if _PLAYLIST_ID.fullmatch(text) else None


def _video(text: str) -> Reference | None:
    return Reference(ReferenceKind.VIDEO, text) if _VIDEO_ID.fullmatch(text) else None


def _from_address(text: str) -> Reference | None:
    try:
        address = urlsplit(text if "://" in text else "https://" + text)
        host = (address.hostname or "").rstrip(".")
    except ValueError:
        return None
    for prefix in ("www.", "m.", "music.", "gaming."):
        host = host.removeprefix(prefix)
    if address.scheme not in ("http", "https") or host not in _HOSTS:
        return None
    parts = [unquote(part) for part in address.path.split("/") if part]
    if host == "youtu.be":
        return _video(parts[0]) if parts else None
    return _from_path(parts, address)


def _from_path(parts: list[str], address: SplitResult) -> Reference | None:
    first, second = (*parts, "", "")[:2]
    if first in ("watch", "playlist", "feeds") or second in ("videoseries", "live_stream"):
        return _from_query(address.query)
    if first == "channel":
        return _channel(second)
    if first in _VIDEO_PATHS:
        return _video(second)
    if first in ("c", "user"):
        return _named(ReferenceKind.CUSTOM if first == "c" else ReferenceKind.USER, second)
    if first.startswith("@"):
        return _bare(first)
    return None if _RESERVED.fullmatch(first) else _named(ReferenceKind.CUSTOM, first)


def _from_query(query: str) -> Reference | None:
    values = {name: found[0] for name, found in parse_qs(query).items()}
    if "v" in values:
        return _video(values["v"])
    if "user" in values:
        return _named(ReferenceKind.USER, values["user"])
    return (
        _playlist(values.get("list", ""))
        or _playlist(values.get("playlist_id", ""))
        or _channel(values.get("channel_id", ""))
        or _channel(values.get("channel", ""))
    )


def _named(kind: ReferenceKind, name: str) -> Reference | None:
    return Reference(kind, name) if _NAME.fullmatch(name) else None


def _folder(text: str) -> Reference | None:
    if text.startswith("dir:"):
        return Reference(ReferenceKind.FOLDER, str(Path(text[4:]).absolute())) if text[4:] else None
    path = os.path.expanduser(text)  # noqa: PTH111 - unlike Path.expanduser, never raises
    if text and os.path.isdir(path):  # noqa: PTH112 - unlike Path.is_dir, false for a name too long
        return Reference(ReferenceKind.FOLDER, str(Path(path).resolve()))
    return None
