"""Which fields narrow a query, and what may stand behind their colons?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

from library.errors import QuerySyntaxError
from library.models import Kind, Origin
from library.moments import parse_day
from library.text import one_line


class FieldFilter(Struct, frozen=True, eq=False):
    """``mentor:ines``: only talks of which this holds; with ``excluded``, only others.

    ``value`` is as typed, and ``at`` where, in characters from 0; that makes no difference between two of them.
    """

    name: str
    value: str
    excluded: bool = False
    at: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldFilter) and self._narrowing() == other._narrowing()

    def __hash__(self) -> int:
        return hash(self._narrowing())

    def _narrowing(self) -> tuple[str, str, bool]:
        return self.name, self.value, self.excluded


#: What ``captions:`` calls the origins of captions.
CAPTIONS = {"manual": Origin.MANUAL, "auto": Origin.GENERATED, "file": Origin.FILE}

_MINUTE_MS = 60_000
_UNITS_MS = {"h": 60 * _MINUTE_MS, "m": _MINUTE_MS, "": _MINUTE_MS, "s": 1000}
_LENGTH = r"(?:[0-9]{1,6}[hms])+|[0-9]{1,6}"
_LANGUAGE = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*"


def length_ms(text: str) -> int:
    """The milliseconds of ``90`` (minutes), ``10m``, ``1h30m`` or ``45s``. Raises ValueError for anything else."""
    if not re.fullmatch(_LENGTH, text):
        raise ValueError(f"not a length: {text!r}")
    return sum(int(count) * _UNITS_MS[unit] for count, unit in re.findall(r"([0-9]+)([hms]?)", text))


def captions(text: str) -> Origin:
    """The origin that ``captions:`` names. Raises ValueError for an unknown one."""
    if text.lower() not in CAPTIONS:
        raise ValueError(f"not an origin: {text!r}")
    return CAPTIONS[text.lower()]


def kind(text: str) -> Kind:
    """The kind of mentor that ``as:`` names. Raises ValueError for an unknown one."""
    return Kind(text.lower())


class _Field(NamedTuple):
    """How a value is read, what may be written, and whether the field may stand more than once."""

    read: Callable[[str], object]
    allowed: str
    repeats: bool = False
    opposite: str = ""


def _language(text: str) -> str:
    if not re.fullmatch(_LANGUAGE, text):
        raise ValueError(f"not a language: {text!r}")
    return text


def _words(text: str) -> str:
    if not any(map(str.isalnum, text)):
        raise ValueError("no word")
    return text


_DAY = "a day: 2026, 2026-03, 2026-03-01, or 30d for 30 days ago"
_SPAN = "a length: 90 or 90m for minutes, 1h30m, 45s"

_FIELDS = {
    "title": _Field(_words, "a word of the title, or several in quotes", repeats=True),
    "mentor": _Field(_words, "a name or part of one, in quotes where it has spaces", repeats=True),
    "as": _Field(kind, "career or interest"),
    "lang": _Field(_language, "a language code: en, de, pt-BR"),
    "after": _Field(parse_day, _DAY, opposite="before"),
    "before": _Field(parse_day, _DAY, opposite="after"),
    "longer": _Field(length_ms, _SPAN, opposite="shorter"),
    "shorter": _Field(length_ms, _SPAN, opposite="longer"),
    "captions": _Field(captions, "manual, auto or file"),
    "topic": _Field(_words, "the name of a topic", repeats=True),
}

#: The names that may stand before a colon.
NAMES = tuple(_FIELDS)


def check(name: str, value: str, at: int) -> None:
    """Raises QuerySyntaxError for a value that the field ``name`` does not take; ``at`` is its place."""
    allowed = _FIELDS[name].allowed
    if not value:
        raise QuerySyntaxError(
            f"nothing stands behind {name}:",
            at,
            hint=f"write {allowed}, right behind the colon; leave out the colon to look for the word itself",
        )
    try:
        _FIELDS[name].read(value)
    except ValueError as exc:
        raise QuerySyntaxError(f"{name}: cannot be {one_line(value)!r}", at, hint=f"write {allowed}") from exc


def check_beside(added: FieldFilter, before: list[FieldFilter]) -> None:
    """Raises QuerySyntaxError where ``added`` cannot stand beside the fields before it."""
    known = _FIELDS[added.name]
    if added.excluded and known.opposite:
        raise QuerySyntaxError(
            f"{added.name}: cannot be left out with - or NOT", added.at, hint=f"use {known.opposite}: instead"
        )
    if not (added.excluded or known.repeats) and any(f.name == added.name and not f.excluded for f in before):
        raise QuerySyntaxError(f"{added.name}: stands here a second time", added.at, hint="keep one of the two")
