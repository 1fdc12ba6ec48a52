"""What may a person type into the search box, and what does it mean?

::

    query   = clause { clause }                 any of them may match; more matching is better
    clause  = group { ("AND" | "OR" | "NOT") group } | "-" group
    group   = word | word "*" | '"' words '"' | "(" query ")"

The tree below is the engine-free meaning of a query; every engine translates it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any of its forms, as typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin so: ``negotia*``."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after the other, each in any of its forms."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``base`` without what matches ``without``."""

    base: Query
    without: Query


Query = Word | Prefix | Phrase | And | Or | Not
