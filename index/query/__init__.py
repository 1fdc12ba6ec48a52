"""What may a person type into the search box, and what does it mean?

::

    query  = clause { clause }              any of them may match; more matching is better
    clause = either | "+" group | ("-" | "NOT") group
    either = both { "OR" both }
    both   = group { "AND" group }
    group  = word | word "*" | word "~" | '"' words '"' [ "within" number ] | field | "(" query ")"
    field  = name ":" value | name ":" '"' value '"'
    name   = "title" | "mentor" | "as" | "lang" | "after" | "before"
           | "longer" | "shorter" | "captions" | "topic"

* A word stands for all its forms. ``negotia*`` stands for the words that begin so, ``negotation~`` for
  the library's words spelt so or nearly so.
* ``"words in quotes"`` (of any shape) follow one another; ``"say no" within 5`` finds two to four words
  in any order, each at most so many words from the next.
* ``+word`` must match, ``-word`` and ``NOT word`` must not; that holds for everything in the same
  brackets. ``AND NOT`` is the same as ``NOT``.
* Operators are in capitals: ``and``, ``or`` and ``not`` are words. AND binds closer than OR, and both
  bind closer than words merely standing side by side.
* A field narrows the whole query: it stands beside the rest, not in brackets nor beside OR. With ``-``
  it leaves out what it says. ``topic:`` may stand anywhere; beside words it narrows them.
* Other punctuation means nothing: "how do I ask for a raise?" is seven words, ``well-known`` and ``R&D`` are
  found as two words in a row, ``C++`` is a word, ``9:30`` is no field.

``index.query.signs`` finds the pieces, ``index.query.fields`` knows the fields, and ``index.query.tree``
has the nodes of the meaning.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from index.query.fields import FieldFilter, check_beside
from index.query.signs import OPERATORS, Sign, TopicQuery, Topics, quoted, signs, title_query, typed
from index.query.tree import (
    And,
    Everything,
    Fuzzy,
    Near,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Word,
    all_of,
    any_of,
    positives,
    terms,
)
from library.errors import QuerySyntaxError

__all__ = [
    "And",
    "Asked",
    "Everything",
    "FieldFilter",
    "Fuzzy",
    "Near",
    "Not",
    "Or",
    "Phrase",
    "Prefix",
    "Query",
    "TopicQuery",
    "Topics",
    "Word",
    "all_of",
    "parse",
    "positives",
    "read",
    "show",
    "terms",
    "title_query",
]


class Asked(Struct, frozen=True):
    """What is looked for, and the fields that narrow it; Everything where there are only fields.

    ``kept`` are groups of mentors, of each of which one must have said it: those of topics that are kept to some.
    """

    query: Query
    fields: tuple[FieldFilter, ...] = ()
    kept: tuple[tuple[str, ...], ...] = ()


def parse(text: str) -> Query:
    """What ``text`` looks for, leaving its fields aside. Raises QuerySyntaxError as ``read`` does."""
    return read(text).query


def read(text: str, topics: Topics | None = None) -> Asked:
    """The meaning of what was typed; ``topics`` says what ``topic:`` looks for.

    Raises QuerySyntaxError, which says where and what to do.
    """
    try:
        return _read(text, topics)
    except QuerySyntaxError as error:
        error.query = text
        raise


def _read(text: str, topics: Topics | None) -> Asked:
    parser = _Parser(signs(text, topics))
    query = parser.query()
    sign = parser.next()
    if sign.kind == ")":
        raise QuerySyntaxError("a closing bracket has no opening one", sign.at, hint="remove it, or add the other")
    if query is None and not parser.fields:
        raise QuerySyntaxError(
            "there is no word to look for in this query", 0, hint="type a word or a question, such as: negotiation"
        )
    return Asked(query or Everything(), tuple(parser.fields), tuple(topic.mentors for topic in parser.topics))


def show(asked: Query | Asked) -> str:
    """A text that ``parse`` or ``read`` gives this same meaning."""
    if isinstance(asked, Asked):
        fields = ["-" * f.excluded + f"{f.name}:{quoted(f.value)}" for f in asked.fields]
        query = [] if asked.query == Everything() else [_inner(asked.query)]
        return " ".join(query + fields)
    match asked:
        case Word(text):
            return typed(text)
        case Prefix(text):
            return f"{text}*"
        case Fuzzy(text):
            return f"{text}~"
        case Phrase(words):
            return f'"{" ".join(words)}"'
        case Near(words, reach):
            return f'"{" ".join(words)}" within {reach}'
        case And(parts):
            return " AND ".join(map(_inner, parts))
        case Or(parts):
            return " OR ".join(map(_inner, parts))
        case Not(base, without):
            return f"{_inner(base)} -{_inner(without)}"
        case Everything():
            return ""


def _inner(query: Query) -> str:
    shown = show(query)
    return f"({shown})" if isinstance(query, And | Or | Not) else shown


_DEEPEST = 40


class _Clauses(Struct):
    """What stands side by side, sorted by what it asks for."""

    any: list[Query] = []
    required: list[Query] = []
    narrowing: list[Query] = []
    excluded: list[Query] = []
    excluding_at: int = 0

    def query(self) -> Query | None:
        """One meaning for all of them; None where there is nothing."""
        wanted = self._ranked()
        if wanted is None and self.excluded:
            raise QuerySyntaxError(
                "this only says what to leave out", self.excluding_at, hint="add a word to look for: raise -salary"
            )
        return Not(wanted, any_of(self.excluded)) if wanted and self.excluded else wanted

    def _ranked(self) -> Query | None:
        must = self.narrowing + self.required
        if self.any:
            must.append(any_of(self.required + self.any))
        return all_of(must) if must else None


class _Parser:
    """Reads signs from left to right, one function a rule of the grammar; gathers the fields.

    ``topics`` are those kept to some mentors, which narrow the whole query as fields do.
    """

    def __init__(self, signs: Iterator[Sign]) -> None:
        self.fields: list[FieldFilter] = []
        self.topics: list[Sign] = []
        self._rest = signs
        self._sign = next(signs)
        self._depth = 0

    def next(self) -> Sign:
        return self._sign

    def query(self) -> Query | None:
        clauses = _Clauses()
        while self._sign.kind not in (")", "end"):
            self._clause(clauses)
        return clauses.query()

    def _clause(self, clauses: _Clauses) -> None:
        sign = self._sign
        if sign.kind in ("AND", "OR"):
            raise _lonely(sign, "left")
        if sign.kind in ("-", "NOT"):
            self._exclude(clauses)
            return
        if sign.kind == "+":
            self._advance()
            topic = self._sign.kind == "topic"
            self._keep(clauses.narrowing if topic else clauses.required, self._side(sign))
            return
        found = self._either(clauses)
        topic = sign.kind == "topic" and found is sign.query
        self._keep(clauses.narrowing if topic else clauses.any, found)

    @staticmethod
    def _keep(parts: list[Query], part: Query | None) -> None:
        if part is not None and part != Everything():
            parts.append(part)

    def _exclude(self, clauses: _Clauses) -> None:
        operator = self._sign
        self._advance()
        if self._sign.kind == "field":
            self._narrow(excluded=True)
        elif self._sign.mentors:
            raise _kept(self._sign, f"be left out with {operator.kind}")
        else:
            if not clauses.excluded:
                clauses.excluding_at = operator.at
            self._keep(clauses.excluded, self._side(operator))

    def _either(self, clauses: _Clauses) -> Query | None:
        fields, topics = len(self.fields), len(self.topics)
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
        if len(parts) > 1 and len(self.fields) > fields:
            raise _misplaced(self.fields[fields], "beside OR")
        if len(parts) > 1 and len(self.topics) > topics:
            raise _kept(self.topics[topics], "stand beside OR")
        found = [part for part in parts if part is not None]
        return any_of(found) if found else None

    def _both(self, clauses: _Clauses) -> Query | None:
        parts = [self._group()]
        while (sign := self._sign).kind == "AND":
            self._advance()
            if parts[-1] is None:
                raise _lonely(sign, "left")
            if self._sign.kind in ("-", "NOT"):
                self._exclude(clauses)
                continue
            if self._sign.kind == "+":
                self._advance()
            parts.append(self._side(sign))
        found = [part for part in parts if part is not None]
        return all_of(found) if found else None

    def _side(self, operator: Sign) -> Query:
        """What an operator applies to."""
        if self._sign.kind in ("group", "topic", "field", "("):
            found = self._group()
            if found is not None:
                return found
        raise _lonely(operator, "right")

    def _group(self) -> Query | None:
        sign = self._sign
        if sign.kind == "field":
            return self._narrow()
        self._advance()
        if sign.mentors and self._depth:
            raise _kept(sign, "stand in brackets")
        if sign.mentors:
            self.topics.append(sign)
        if sign.kind in ("group", "topic"):
            return sign.query
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QuerySyntaxError("there are too many brackets within brackets", sign.at, hint="leave out some")
        inside = self.query()
        self._depth -= 1
        if self._sign.kind != ")":
            raise QuerySyntaxError("the bracket opened here is never closed", sign.at, hint="close it, or leave it out")
        self._advance()
        return inside

    def _narrow(self, *, excluded: bool = False) -> Query:
        """Take note of a field; in its place nothing is asked for."""
        found = self._sign.field
        assert found is not None
        found = replace(found, excluded=excluded)
        if self._depth:
            raise _misplaced(found, "in brackets")
        check_beside(found, self.fields)
        self.fields.append(found)
        self._advance()
        return Everything()

    def _advance(self) -> None:
        if self._sign.kind != "end":
            self._sign = next(self._rest)


def _misplaced(field: FieldFilter, where: str) -> QuerySyntaxError:
    return QuerySyntaxError(
        f"{field.name}: narrows the whole query and cannot stand {where}",
        field.at,
        hint=f"put it before or after the rest: {field.name}:{quoted(field.value)} (raise OR salary)",
    )


def _kept(topic: Sign, what: str) -> QuerySyntaxError:
    return QuerySyntaxError(
        f"this topic is kept to some mentors: it narrows the whole query to them and cannot {what}",
        topic.at,
        hint="put it before or after the rest, or take the mentors out of the topic: mentor topic edit",
    )


def _lonely(operator: Sign, side: str) -> QuerySyntaxError:
    hint = "add a word there"
    if operator.kind in OPERATORS:
        hint += f", or write {operator.kind.lower()} in small letters to look for the word itself"
    return QuerySyntaxError(f"{operator.kind} has nothing to look for on its {side}", operator.at, hint=hint)
