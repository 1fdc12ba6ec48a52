"""What can be asked of array segments, apart from Whoosh?

A tree of these nodes says what matches and how it is scored. ``searcher`` makes it of Whoosh's queries; a
program that wants to spare Whoosh's import makes it itself. Nodes are hashable: filters are cached by them.
Boosts and scores are 0 or more; with others matches and scores are right, but not which of them are the best.
"""

from __future__ import annotations

from msgspec import Struct


class Term(Struct, frozen=True):
    """A term, scored by BM25F; by its weight alone in a field without lengths."""

    field: str
    text: bytes
    boost: float = 1.0


class Phrase(Struct, frozen=True):
    """Terms in order, each at most ``slop`` places after the one before; scored as all of its terms.

    With ``together`` it is scored as if it were one term, by how often and in how many documents its
    terms stand so.
    """

    field: str
    words: tuple[bytes, ...]
    slop: int = 1
    boost: float = 1.0
    together: bool = False


class Terms(Struct, frozen=True):
    """All terms of a field that ``choice`` chooses, as Whoosh scores them.

    One term is scored as such, without the boost unless ``boosts_one``; two and, in larger segments, up to
    1,023 as a sum; more count 1, unless ``always`` asks for the sum.
    """

    field: str
    choice: Choice
    boost: float = 1.0
    always: bool = False
    boosts_one: bool = True


class Beginning(Struct, frozen=True):
    """Terms that begin with ``prefix`` and match ``pattern``, a regular expression, if there is one."""

    prefix: bytes
    pattern: str = ""


class Near(Struct, frozen=True):
    """Terms at most ``edits`` letters added, lost or changed from ``word``, with the same first letters.

    With ``swaps`` two letters that have changed places are one edit.
    """

    word: str
    edits: int
    same: int = 0
    swaps: bool = False


class Between(Struct, frozen=True):
    """Terms in these ranges, borders included; None is no border. ``without`` are left out."""

    ranges: tuple[tuple[bytes, bytes | None], ...]
    without: frozenset[bytes] = frozenset()


Choice = Beginning | Near | Between


class Any(Struct, frozen=True):
    """What one part matches at least; scores are added."""

    parts: tuple[Plan, ...]
    boost: float = 1.0


class All(Struct, frozen=True):
    """What every part matches; scores are added."""

    parts: tuple[Plan, ...]
    boost: float = 1.0


class Not(Struct, frozen=True):
    """What ``part`` does not match, each with score 1."""

    part: Plan


class Without(Struct, frozen=True):
    """``part`` but for what ``without`` matches."""

    part: Plan
    without: Plan


class Maybe(Struct, frozen=True):
    """``part``, with the scores of ``more`` added where that matches too."""

    part: Plan
    more: Plan


class Scored(Struct, frozen=True):
    """``part``, each match with the same score."""

    part: Plan
    score: float = 1.0


class Every(Struct, frozen=True):
    """Every document, or every one with a term in a field."""

    field: str | None = None
    score: float = 1.0


class Column(Struct, frozen=True):
    """Documents whose number in a column is at least ``low`` and below ``high``."""

    name: str
    low: float | None = None
    high: float | None = None
    score: float = 1.0


Plan = Term | Phrase | Terms | Any | All | Not | Without | Maybe | Scored | Every | Column

NOTHING = Any(())


class Scoring(Struct, frozen=True):
    """BM25F (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3.5).

    ``b_of`` are values of B for single fields. With ``exact`` a length is how many terms a field has;
    otherwise it is rounded up to one of 256 values, as Whoosh does.
    """

    b: float = 0.75
    k1: float = 1.2
    exact: bool = False
    b_of: tuple[tuple[str, float], ...] = ()

    def b_for(self, name: str) -> float:
        return dict(self.b_of).get(name, self.b)
