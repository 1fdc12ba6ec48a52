"""What do captions mishear, and what was said?

A small file of the user's, ``corrections.toml``, read anew each time, so that a correction works at once on everything
harvested: what is meant, and what captions say instead::

    "Ada Park" = ["a duh park", "eta park"]

Who looks for Ada Park, or for *park* within a phrase, also finds where captions say "a duh park". The text itself is
never changed: it is what the captions say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from index.analysis import folded
from index.query import And, Fuzzy, Near, Not, Or, Phrase, Prefix, Query, Word
from index.query.signs import MOST_NEAR
from index.query.tree import Sought, any_of
from library.text import one_line
from library.toml_reading import parsed, refuse, text_of


class Correction(Struct, frozen=True):
    """What is ``meant`` where captions say any of ``heard``."""

    meant: str
    heard: tuple[str, ...]


def load(path: Path) -> tuple[Correction, ...]:
    """The corrections of the file at ``path``, in its order; none where there is no file.

    Raises ConfigError naming every problem: file, entry, what is allowed.
    """
    return read(text_of(path) or "", path)


def read(text: str, path: Path) -> tuple[Correction, ...]:
    """The corrections of a file's text; ``path`` is for complaints only. Raises ConfigError as ``load`` does."""
    table = parsed(text, path)
    refuse(path, [problem for meant, heard in table.items() for problem in _problems(meant, heard)], "correct it there")
    return tuple(Correction(one_line(meant), tuple(map(one_line, heard))) for meant, heard in table.items())


def expanded(query: Query, corrections: Sequence[Correction]) -> Query:
    """What finds the same, and what captions say instead of what is meant; done twice it is the same again."""
    if not corrections:
        return query
    match query:
        case Or(parts):
            # Words stay beside each other: pairs of neighbours count more.
            inner = [part if isinstance(part, Sought) else expanded(part, corrections) for part in parts]
            return _with(inner, [other for part in parts for other in _instead(part, corrections)])
        case And(parts):
            return And(tuple(expanded(part, corrections) for part in parts))
        case Not(base, without):
            return Not(expanded(base, corrections), expanded(without, corrections))
        case _:
            return _with([query], _instead(query, corrections))


def _with(parts: list[Query], others: Iterable[Query]) -> Query:
    """Any of these, nothing twice that was not asked for twice."""
    known = any_of(parts)
    had = known.parts if isinstance(known, Or) else (known,)
    return any_of([known, *(other for other in dict.fromkeys(others) if other not in had)])


def applied(query: Query, corrections: Iterable[Correction]) -> list[Correction]:
    """The corrections that add something to what ``query`` finds."""
    return [correction for correction in corrections if expanded(query, (correction,)) != query]


def _instead(query: Query, corrections: Iterable[Correction]) -> Iterator[Query]:
    """What captions say in place of a word, a beginning, a phrase or words near each other."""
    for correction in corrections:
        meant = folded(correction.meant)
        for heard in map(folded, correction.heard):
            match query:
                case Word(text) | Fuzzy(text):
                    yield from map(_row, _replaced(folded(text), meant, heard))
                case Phrase(words):
                    yield from map(_row, _replaced(folded(" ".join(words)), meant, heard))
                case Prefix(text):
                    begin = "".join(folded(text)[-1:])
                    if begin and any(word.startswith(begin) for word in meant if word not in heard):
                        yield _row(heard)
                case Near(words, reach):
                    yield from _nearby(folded(" ".join(words)), meant, heard, reach)


def _replaced(words: Sequence[str], meant: Sequence[str], heard: Sequence[str]) -> Iterator[list[str]]:
    """``words`` with what was heard wherever they overlap with what is meant, be it at an end.

    Not where all that overlaps is heard rightly: then they are found as they are.
    """
    for at in range(1 - len(meant), len(words)):
        begin, end = max(at, 0), min(at + len(meant), len(words))
        shared = words[begin:end]
        if shared == meant[begin - at : end - at] and not set(shared) <= set(heard):
            yield [*words[:begin], *heard, *words[end:]]


def _nearby(words: Sequence[str], meant: Sequence[str], heard: Sequence[str], reach: int) -> Iterator[Query]:
    rest = [word for word in words if word not in meant]
    if len(rest) == len(words) or {*words} - {*rest} <= {*heard}:
        return
    if not rest:
        yield _row(heard)
    elif len(heard) + len(rest) <= MOST_NEAR:
        yield Near((*heard, *rest), reach)


def _row(words: Sequence[str]) -> Query:
    return Phrase(tuple(words)) if len(words) > 1 else Word(words[0])


def _problems(meant: str, heard: Any) -> Iterator[str]:
    name = one_line(meant)
    if isinstance(heard, dict):
        yield f'{name} has a dot or is a table: write it in quotes, "{name}.…" = ["…"]'
    elif not isinstance(heard, list) or not all(isinstance(text, str) for text in heard):
        yield f'{name} must be a list of what captions say instead, written ["…", "…"]'
    elif not folded(meant):
        yield f"{name!r} has no word in it"
    else:
        for text in heard:
            if not folded(text):
                yield f"{name} has an entry without a word: {text!r}"
            elif folded(text) == folded(meant):
                yield f"{name} and {text!r} are the same to a search"
