"""What may a person type into the search box, and what does it mean?

::

    query  = clause { clause }              any of them may match; more matching is better
    clause = either | "+" group | ("-" | "NOT") group
    either = both { "OR" both }
    both   = group { "AND" group }
    group  = word | word "*" | '"' words '"' | "(" query ")"

* A word stands for all its forms. ``negotia*`` stands for the words that begin so.
* ``"words in quotes"`` (of any shape) follow one another.
* ``+word`` must match, ``-word`` and ``NOT word`` must not; that holds for everything in the same
  brackets. ``AND NOT`` is the same as ``NOT``.
* Operators are in capitals: ``and``, ``or`` and ``not`` are words. AND binds closer than OR, and both
  bind closer than words merely standing side by side.
* Other punctuation means nothing: "how do I ask for a raise?" is seven words, ``well-known`` is found
  as two words in a row, ``C++`` is a word.

The tree below is the engine-free meaning of a query; every engine translates it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from library.errors import QuerySyntaxError


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


def parse(text: str) -> Query:
    """The meaning of what was typed. Raises QuerySyntaxError, which says where and what to do."""
    parser = _Parser(_signs(text))
    query = parser.query()
    sign = parser.next()
    if sign.kind == ")":
        raise QuerySyntaxError("a closing bracket has no opening one", sign.at, hint="remove it, or add the other")
    if query is None:
        raise QuerySyntaxError(
            "there is no word to look for in this query", 0, hint="type a word or a question, such as: negotiation"
        )
    return query


def positives(query: Query) -> Iterator[Word | Prefix | Phrase]:
    """The words, beginnings and phrases a query looks for, in order; not what it excludes."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from positives(part)
        case Not(base, _):
            yield from positives(base)
        case _:
            yield query


def terms(query: Query) -> tuple[str, ...]:
    """The words a query looks for as they were typed, each once."""
    found: dict[str, None] = {}
    for part in positives(query):
        found.update(dict.fromkeys(part.words if isinstance(part, Phrase) else (part.text,)))
    return tuple(found)


class _Sign(NamedTuple):
    """A piece of what was typed: an operator, a bracket, or something to look for."""

    kind: str
    at: int
    query: Query | None = None


_QUOTES = '"“”„‟«»＂'
_PIECE = re.compile(
    rf"(?P<quoted>[{_QUOTES}])(?P<inside>[^{_QUOTES}]*)(?P<closed>[{_QUOTES}]?)"
    r"|(?P<bracket>[()])"
    rf"|(?<![^\s(])(?P<sign>[-+])(?=[^\s)])"
    rf"|(?P<chunk>[^\s(){_QUOTES}]+)"
)
_OPERATORS = {"AND", "OR", "NOT"}
_BETWEEN = re.compile(r"[!?/|&…—–;]+|(?<!\d),|,(?!\d)")
_NAMED = re.compile(r"[A-Za-z](?:\+\+|#)")


def _signs(text: str) -> Iterator[_Sign]:
    for match in _PIECE.finditer(text):
        at = match.start()
        if match["quoted"]:
            if not match["closed"]:
                raise QuerySyntaxError(
                    "the quotes opened here are never closed", at, hint="close them, or leave them out"
                )
            yield _Sign("group", at, _phrase(match["inside"]))
        elif match["bracket"] or match["sign"] or match[0] in _OPERATORS:
            yield _Sign(match[0], at)
        else:
            yield from _words(match[0], at)
    yield _Sign("end", len(text))


def _words(chunk: str, at: int) -> Iterator[_Sign]:
    for piece in _BETWEEN.split(chunk):
        word = _core(piece)
        if "*" in word:
            raise QuerySyntaxError(
                f"in {piece} the * is not at the end", at, hint="write the beginning of a word and a *: negotia*"
            )
        if word:
            begins = piece.partition(word)[2].startswith("*")
            yield _Sign("group", at, _prefix(word) if begins else Word(word))


def _core(piece: str) -> str:
    """``piece`` without the punctuation around it."""
    places = [at for at, letter in enumerate(piece) if letter.isalnum()]
    if not places:
        return ""
    named = _NAMED.match(piece, places[0])
    end = named.end() if named and len(places) == 1 else places[-1] + 1
    while end < len(piece) and unicodedata.category(piece[end]).startswith("M"):
        end += 1
    return piece[places[0] : end]


def _prefix(word: str) -> Query:
    *before, last = re.split(r"[-‐‑.@#_]+", word)
    return _all([*map(Word, before), Prefix(last)])


def _phrase(inside: str) -> Query | None:
    words = tuple(filter(None, map(_core, inside.split())))
    if len(words) < 2:
        return Word(words[0]) if words else None
    return Phrase(words)


def _all(parts: Sequence[Query]) -> Query:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _any(parts: Sequence[Query]) -> Query:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


_DEEPEST = 40


@dataclass(slots=True)
class _Clauses:
    """What stands side by side, sorted by what it asks for."""

    any: list[Query] = field(default_factory=list)
    required: list[Query] = field(default_factory=list)
    excluded: list[Query] = field(default_factory=list)

    def query(self, at: int) -> Query | None:
        """One meaning for all of them; None where there is nothing."""
        if self.excluded and not (self.any or self.required):
            raise QuerySyntaxError("this only says what to leave out", at, hint="add a word to look for: raise -salary")
        if not (self.any or self.required):
            return None
        wanted = _any(self.required + self.any)
        if self.required and (self.any or len(self.required) > 1):
            wanted = _all([*self.required, wanted] if self.any else self.required)
        return Not(wanted, _any(self.excluded)) if self.excluded else wanted


class _Parser:
    """Reads signs from left to right, one function a rule of the grammar."""

    def __init__(self, signs: Iterator[_Sign]) -> None:
        self._rest = signs
        self._sign = next(signs)
        self._depth = 0

    def next(self) -> _Sign:
        return self._sign

    def query(self) -> Query | None:
        clauses = _Clauses()
        start = self._sign.at
        while self._sign.kind not in (")", "end"):
            self._clause(clauses)
        return clauses.query(start)

    def _clause(self, clauses: _Clauses) -> None:
        sign = self._sign
        if sign.kind in ("AND", "OR"):
            raise _lonely(sign, "left")
        if sign.kind in ("-", "NOT"):
            self._advance()
            self._keep(clauses.excluded, self._side(sign))
        elif sign.kind == "+":
            self._advance()
            self._keep(clauses.required, self._side(sign))
        else:
            self._keep(clauses.any, self._either(clauses))

    @staticmethod
    def _keep(parts: list[Query], part: Query | None) -> None:
        if part is not None:
            parts.append(part)

    def _either(self, clauses: _Clauses) -> Query | None:
        parts = [self._both(clauses)]
        while (sign := self._sign).kind == "OR":
            self._advance()
            if parts[-1] is None:
                raise _lonely(sign, "left")
            if self._sign.kind in ("-", "+", "NOT", "AND", "OR", ")", "end"):
                raise _lonely(sign, "right")
            parts.append(self._both(clauses))
            if parts[-1] is None:
                raise _lonely(sign, "right")
        found = [part for part in parts if part is not None]
        return _any(found) if found else None

    def _both(self, clauses: _Clauses) -> Query | None:
        parts = [self._group()]
        while (sign := self._sign).kind == "AND":
            self._advance()
            if parts[-1] is None:
                raise _lonely(sign, "left")
            if self._sign.kind in ("-", "NOT"):
                excluding = self._sign
                self._advance()
                self._keep(clauses.excluded, self._side(excluding))
                continue
            if self._sign.kind == "+":
                self._advance()
            parts.append(self._side(sign))
        found = [part for part in parts if part is not None]
        return _all(found) if found else None

    def _side(self, operator: _Sign) -> Query:
        """What an operator applies to."""
        if self._sign.kind in ("group", "("):
            found = self._group()
            if found is not None:
                return found
        raise _lonely(operator, "right")

    def _group(self) -> Query | None:
        sign = self._sign
        self._advance()
        if sign.kind == "group":
            return sign.query
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QuerySyntaxError("there are too many brackets within brackets", sign.at)
        inside = self.query()
        self._depth -= 1
        if self._sign.kind != ")":
            raise QuerySyntaxError("the bracket opened here is never closed", sign.at, hint="close it, or leave it out")
        self._advance()
        return inside

    def _advance(self) -> None:
        if self._sign.kind != "end":
            self._sign = next(self._rest)


def _lonely(operator: _Sign, side: str) -> QuerySyntaxError:
    hint = "add a word there"
    if operator.kind in _OPERATORS:
        hint += f", or write {operator.kind.lower()} in small letters to look for the word itself"
    return QuerySyntaxError(f"{operator.kind} has nothing to look for on its {side}", operator.at, hint=hint)
