"""How are channels taken over from another program?

Three files are understood, told apart by their first character: OPML as feed readers write it
(https://opml.org/spec2.opml), ``subscriptions.csv`` of Google Takeout in whatever language its header
is, and the JSON that NewPipe exports.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from harvester import references
from harvester.references import ReferenceKind
from library.errors import InputError, UsageError
from library.text import one_line

MAX_FILE_BYTES = 20_000_000
_CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")
_MARKS = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_FORMS = "An OPML file of a feed reader, subscriptions.csv of Google Takeout, or NewPipe's JSON is wanted."


@dataclass(frozen=True, slots=True)
class ListedChannel:
    """A channel (``UC…``) or playlist (``PL…``) of a list; ``title`` is "" where the list has none."""

    channel_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that cannot be followed: what it says, and why not."""

    entry: str
    reason: str


@dataclass(frozen=True, slots=True)
class FollowList:
    """What a file lists, in its order, each channel once."""

    channels: tuple[ListedChannel, ...]
    skipped: tuple[Skipped, ...]


def read_follow_list(path: Path) -> FollowList:
    """The YouTube channels and playlists that a file lists.

    Raises InputError for a file that cannot be read, or that lists nothing at all.
    """
    data = _bytes_of(path)
    start = data.lstrip(_MARKS)[:1]
    try:
        read = {b"<": _opml, b"{": _newpipe}.get(start, _takeout)
        entries = list(read(data))
    except (ElementTree.ParseError, UnicodeError, ValueError, csv.Error, RecursionError) as exc:
        raise InputError(f"{path} cannot be read: {one_line(str(exc))}", hint=_FORMS) from exc
    if not entries:
        raise InputError(f"{path} lists no channels", hint=_FORMS)
    channels: dict[str, ListedChannel] = {}
    for entry in entries:
        if isinstance(entry, ListedChannel):
            channels.setdefault(entry.channel_id, entry)
    return FollowList(tuple(channels.values()), tuple(entry for entry in entries if isinstance(entry, Skipped)))


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as exc:
        raise InputError(f"{path} cannot be opened: {exc.strerror}") from exc
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{path} is larger than {MAX_FILE_BYTES // 1_000_000} MB", hint=_FORMS)
    return data


def _entry(address: str, title: str) -> ListedChannel | Skipped:
    """One line of a list, by the address of its feed or page."""
    shown = one_line(title or address)
    try:
        reference = references.parse(address)
    except UsageError:
        return Skipped(shown, "not a YouTube channel")
    if reference.kind not in (ReferenceKind.CHANNEL_ID, ReferenceKind.PLAYLIST_ID):
        return Skipped(shown, f"no channel id in its address: follow {reference.value} by hand")
    return ListedChannel(reference.value, one_line(title))


class _NoDoctype(ElementTree.TreeBuilder):
    """Builds a tree, but stops at a document type: only there can entities be declared."""

    def doctype(self, name: str, *_: str | None) -> None:
        raise ValueError(f"it declares a document type ({name}), which no list of channels needs")


def _opml(data: bytes) -> Iterator[ListedChannel | Skipped]:
    root = ElementTree.fromstring(data, parser=ElementTree.XMLParser(target=_NoDoctype()))
    if root.tag.lower() != "opml":
        raise ValueError(f"it is XML, but not OPML (<{one_line(root.tag)[:40]}>)")
    for outline in root.iter("outline"):
        attributes = {name.lower(): value for name, value in outline.attrib.items()}
        if "xmlurl" in attributes:
            yield _entry(attributes["xmlurl"], attributes.get("title") or attributes.get("text", ""))


def _newpipe(data: bytes) -> Iterator[ListedChannel | Skipped]:
    subscriptions = json.loads(data.decode("utf-8-sig")).get("subscriptions")
    if not isinstance(subscriptions, list):
        raise ValueError('it has no list of "subscriptions"')
    for number, found in enumerate(subscriptions, 1):
        if isinstance(found, dict):
            yield _entry(str(found.get("url", "")), str(found.get("name", "")))
        else:
            yield Skipped(f"entry {number}", "not a YouTube channel")


def _takeout(data: bytes) -> Iterator[ListedChannel | Skipped]:
    """Three columns: id, address, title; the header is in the user's language, so values decide."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    rows = [row for row in csv.reader(data.decode(encoding).splitlines()) if any(row)]
    column = _id_column(rows)
    for number, row in enumerate(rows, 1):
        value = row[column].strip() if column < len(row) else ""
        if _CHANNEL_ID.fullmatch(value):
            yield ListedChannel(value, one_line(_title(row, column)))
        elif number > 1:
            yield Skipped(f"line {number}: {one_line(', '.join(row))[:80]}", "no channel id")


def _id_column(rows: list[list[str]]) -> int:
    """The column that holds most channel ids. Raises ValueError where none holds any."""
    found = [index for row in rows for index, value in enumerate(row) if _CHANNEL_ID.fullmatch(value.strip())]
    if not found:
        raise ValueError("no column holds channel ids (UC…)")
    return max(set(found), key=found.count)


def _title(row: Iterable[str], id_column: int) -> str:
    """The first value of a row that is neither the id nor an address."""
    others = (value for index, value in enumerate(row) if index != id_column)
    return next((value for value in others if value and "://" not in value), "")
