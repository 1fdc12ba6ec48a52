"""What does a query mean, whatever engine answers it?

A tree of these nodes. ``index.query`` makes it of what is typed, engines translate it, ``index.marking``
marks what it looks for.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


class Word(Struct, frozen=True):
    """A word in any of its forms, as typed."""

    text: str


class Prefix(Struct, frozen=True):
    """Words that begin so: ``negotia*``."""

    text: str


class Fuzzy(Struct, frozen=True):
    """Words of the library spelt so or nearly so: ``negotation~``; see ``index.spelling.alike``."""

    text: str


class Phrase(Struct, frozen=True):
    """Words one after the other, each in any of its forms."""

    words: tuple[str, ...]


class Near(Struct, frozen=True):
    """Words in any order, each at most ``reach`` words from the next: ``"say no" within 5``."""

    words: tuple[str, ...]
    reach: int


class Everything(Struct, frozen=True):
    """Every talk as a whole: what a query of nothing but fields looks for."""


class And(Struct, frozen=True):
    parts: tuple[Query, ...]


class Or(Struct, frozen=True):
    parts: tuple[Query, ...]


class Not(Struct, frozen=True):
    """``base`` without what matches ``without``."""

    base: Query
    without: Query


#: What is looked for, as opposed to how it is joined.
Sought = Word | Prefix | Fuzzy | Phrase | Near

Query = Sought | Everything | And | Or | Not


def positives(query: Query) -> Iterator[Sought]:
    """The words, beginnings and phrases a query looks for, in order; not what it excludes."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from positives(part)
        case Not(base, _):
            yield from positives(base)
        case Everything():
            pass
        case _:
            yield query


def terms(query: Query) -> tuple[str, ...]:
    """The words a query looks for as they were typed, each once."""
    found: dict[str, None] = {}
    for part in positives(query):
        found.update(dict.fromkeys(part.words if isinstance(part, Phrase | Near) else (part.text,)))
    return tuple(found)


def all_of(parts: list[Query]) -> Query:
    """What all of at least one part match; Everything asks for nothing."""
    asking = [part for part in parts if part != Everything()] or parts[:1]
    return asking[0] if len(asking) == 1 else And(tuple(asking))


def any_of(parts: list[Query]) -> Query:
    """What any of at least one part matches; an Or within becomes part of this one."""
    if len(parts) == 1:
        return parts[0]
    return Or(tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))))
