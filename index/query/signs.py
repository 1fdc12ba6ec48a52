"""Of which pieces is a typed query made?

Operators, brackets, fields, and things to look for; ``index.query`` puts them together. Whatever is none
of the others is words, so that questions, addresses and times of day mean what they say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from index.query.fields import NAMES, FieldFilter, check
from index.query.tree import Everything, Fuzzy, Near, Phrase, Prefix, Query, Word, all_of, any_of
from index.query.unspaced import parts
from library.errors import QuerySyntaxError, UsageError
from library.text import one_line

#: How far apart words may be that are near each other, in words.
FURTHEST = 100
#: How many words may be near each other; each order of them is looked for.
MOST_NEAR = 4

OPERATORS = ("AND", "OR", "NOT")


class TopicQuery(NamedTuple):
    """What a topic looks for, and by whom: slugs or names; () for everyone."""

    query: Query
    mentors: tuple[str, ...] = ()


#: Gives what a topic looks for, by its name. Raises UsageError for one that is not known.
Topics = Callable[[str], TopicQuery]


class Sign(NamedTuple):
    """A piece of what was typed: an operator, a bracket, a field, or something to look for.

    ``kind`` is ``group`` or ``topic`` for what has a ``query``, ``field`` for what has a ``field``,
    ``end`` behind the last one, else what was typed.
    """

    kind: str
    at: int
    query: Query = Everything()
    field: FieldFilter | None = None
    mentors: tuple[str, ...] = ()


_QUOTES = '"“”„‟«»＂'
_STRAIGHT = str.maketrans(dict.fromkeys(_QUOTES, '"'))
_PIECE = re.compile(
    r'(?P<quoted>")(?P<inside>[^"]*)(?P<closed>"?)'
    r"(?:(?P<slop>~[0-9]+)|\s+(?i:within)\s+(?P<reach>[0-9]{1,9})(?!\S*\w))?"
    r"|(?P<bracket>[()])"
    r"""|(?<![^\s(])(?P<sign>[-+])(?=[@#'‘’$€£]?[^\W_]|["(])"""
    rf"|(?P<name>(?i:{'|'.join(NAMES)})):"
    r"""(?:(?P<open>")(?P<exact>[^"]*)(?P<shut>"?)|(?P<value>[^\s()"]*))"""
    r'|(?P<chunk>[^\s()"]+)'
)
# Not between the parts of 80/20, A/B, R&D and AT&T, which are one word as they are typed.
_BETWEEN = (
    r"[!?|…—–;]+|(?<!\d),|,(?!\d)|(?<!\w)&|&(?!\w)"
    r"|(?<!\d)(?<!\b[A-Za-z])/|/(?!\d|[A-Za-z]\b)"
)
_NAMED = r"[A-Za-z](?:\+\+|#)"
_NEAR = r"NEAR/[0-9]+"
_EDITS = r"[^\W\d_]~[0-9]+$"
_JOINTS = r"[-‐‑.:@#_]+"


def signs(text: str, topics: Topics | None = None) -> Iterator[Sign]:
    """The pieces of ``text`` from left to right, lazily. Raises QuerySyntaxError."""
    before = ""
    for match in _PIECE.finditer(text.translate(_STRAIGHT)):
        at = match.start()
        if match["quoted"]:
            _closed(match["closed"], at)
            yield from _quoted(match)
        elif match["name"]:
            yield _field(match, topics)
        elif match["bracket"] or match["sign"] or match[0] in OPERATORS:
            yield Sign(match[0], at)
        elif re.fullmatch(_NEAR, match[0]):
            raise QuerySyntaxError(f"{match[0]} is not known here", at, hint='write "say no" within 5')
        elif before in ("-", "NOT"):
            yield from _words(match[0], at)
        else:
            yield from map(_apart, _words(match[0], at))
        before = match[0]
    yield Sign("end", len(text))


def typed(word: str) -> str:
    """``word`` as it must be typed to be read as one word."""
    try:
        alone = [sign.query for sign in signs(word)] == [Word(word), Everything()]
    except QuerySyntaxError:
        alone = False
    return word if alone else f'"{word}"'


def quoted(value: str) -> str:
    """The value of a field as it must be typed behind the colon."""
    return value if re.fullmatch(rf"[^\s(){_QUOTES}]*\w", value) else f'"{value}"'


def title_query(value: str) -> Query:
    """What ``title:`` looks for: a word, or words in a row; with a star or tilde what that means elsewhere."""
    pieces = value.split()
    if len(pieces) == 1 and pieces[0][-1] in "*~":
        return _marked(_core(pieces[0]), pieces[0][-1])
    return _phrase(_words_of(value))


def _closed(mark: str, at: int) -> None:
    if not mark:
        raise QuerySyntaxError("the quotes opened here are never closed", at, hint="close them, or leave them out")


def _quoted(match: re.Match[str]) -> Iterator[Sign]:
    words = _words_of(match["inside"])
    if match["slop"]:
        raise QuerySyntaxError(
            f"{match['slop']} means nothing behind quotes",
            match.start("slop"),
            hint=f'to find words near each other, write "say no" within {match["slop"][1:]}',
        )
    if match["reach"] and len(words) > 1:
        yield Sign("group", match.start(), _near(words, int(match["reach"]), match.start("reach"), match.start()))
        return
    if words:
        yield Sign("group", match.start(), _phrase(words))
    if match["reach"]:
        yield from _words(match.string[match.end("closed") : match.end()].split()[0], match.end("closed"))
        yield from _words(match["reach"], match.start("reach"))


def _near(words: tuple[str, ...], reach: int, reach_at: int, at: int) -> Near:
    if not 0 < reach <= FURTHEST:
        raise QuerySyntaxError(
            f"words can be within 1 to {FURTHEST} of each other, not {reach}",
            reach_at,
            hint='write a number such as 5, or "within" in quotes to look for the word',
        )
    if len(words) > MOST_NEAR:
        raise QuerySyntaxError(
            f"these are {len(words)} words; at most {MOST_NEAR} can be near each other", at, hint="leave out some"
        )
    return Near(words, reach)


def _field(match: re.Match[str], topics: Topics | None) -> Sign:
    at, name = match.start(), match["name"].lower()
    if match["open"]:
        _closed(match["shut"], match.start("open"))
        value = " ".join(match["exact"].split())
    else:
        value = match["value"].rstrip(".,;:!?…")
    check(name, value, at)
    if name == "topic":
        found = _topic(value, at, topics)
        return Sign("topic", at, found.query, mentors=found.mentors)
    return Sign("field", at, field=FieldFilter(name, value, at=at))


def _topic(name: str, at: int, topics: Topics | None) -> TopicQuery:
    if topics is None:
        raise QuerySyntaxError("topic: cannot be used here", at, hint="leave it out, or search with: mentor search")
    try:
        return topics(name)
    except UsageError as exc:
        raise QuerySyntaxError(exc.message, at, hint=exc.hint) from exc


def _words(chunk: str, at: int) -> Iterator[Sign]:
    for piece in [chunk] if chunk.isalnum() else re.split(_BETWEEN, chunk):
        word = _core(piece)
        if "*" in word:
            raise QuerySyntaxError(
                f"in {one_line(piece)} the * is not at the end",
                at,
                hint="write the beginning of a word and a *: negotia*",
            )
        if "~" in word and re.search(_EDITS, word):
            raise QuerySyntaxError(
                f"in {one_line(piece)} the ~ is not at the end", at, hint="write the word and a ~ alone: negotation~"
            )
        if word:
            yield Sign("group", at, _marked(word, piece.partition(word)[2][:1]))


def _apart(sign: Sign) -> Sign:
    """What is looked for in place of a question that is written without spaces."""
    if isinstance(sign.query, Word):
        return sign._replace(query=any_of([*map(Word, parts(sign.query.text))]))
    return sign


def _core(piece: str) -> str:
    """``piece`` without the punctuation around it."""
    places = [at for at, letter in enumerate(piece) if letter.isalnum()]
    if not places:
        return ""
    named = re.match(_NAMED, piece[places[0] :])
    end = places[0] + named.end() if named and len(places) == 1 else places[-1] + 1
    while end < len(piece) and unicodedata.category(piece[end]).startswith("M"):
        end += 1
    return piece[places[0] : end]


def _marked(word: str, mark: str) -> Query:
    """A word with the mark behind it, which belongs to the last part of ``well-known*``."""
    if mark not in ("*", "~"):
        return Word(word)
    *before, last = filter(None, map(_core, re.split(_JOINTS, word)))
    return all_of([*map(Word, before), Prefix(last) if mark == "*" else Fuzzy(last)])


def _words_of(inside: str) -> tuple[str, ...]:
    return tuple(filter(None, map(_core, inside.split())))


def _phrase(words: tuple[str, ...]) -> Query:
    return Phrase(words) if len(words) > 1 else Word(words[0])
