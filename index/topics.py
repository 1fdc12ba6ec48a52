"""What is a topic, and what does it look for?

A topic is a named question that its owner keeps: an entry of their own ``topics.toml``, read anew each
time, so that a change works at once on everything harvested::

    [negotiation]
    words = ["negotiate", "salary"]        # in any of their forms
    phrases = ["ask for a raise"]          # in a row
    forms = ["negotiat*"]                  # beginnings
    exclude = ["content negotiation"]      # passages that are left out
    mentors = ["ada-park"]                 # only these; everyone where left out

Any of the expressions may match; a passage with more of them ranks higher.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from index.analysis import folded
from index.corrections import Correction, expanded
from index.corrections import load as load_corrections
from index.query import Not, Or, Phrase, Prefix, Query, TopicQuery, Word
from library.errors import UsageError
from library.places import CORRECTIONS
from library.text import one_line, slug
from library.toml_reading import parsed, refuse, text_of

#: The fields of an entry that say what to look for, in the order in which they are shown.
EXPRESSIONS = ("words", "phrases", "forms")
#: All fields that are lists.
LISTS = (*EXPRESSIONS, "exclude", "mentors")

#: Beginnings shorter than this stand for too many words to mean anything.
_SHORTEST_FORM = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """A named question. ``forms`` are beginnings of words, with their ``*``; the fields hold what was typed.

    ``corrections`` are what captions mishear.
    """

    slug: str
    title: str
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    mentors: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def expressions(self) -> tuple[str, ...]:
        """Everything it looks for, as typed."""
        return self.words + self.phrases + self.forms


def starter_text() -> str:
    """The file a new user starts with."""
    return files("index").joinpath("starter_topics.toml").read_text(encoding="utf-8")


def load(path: Path) -> dict[str, Topic]:
    """The topics of the file at ``path`` by slug, in its order; the starter set where there is no file.

    They also find what captions say instead, by the file of corrections beside. Raises ConfigError naming every
    problem: file, topic, field, what is allowed.
    """
    text = text_of(path)
    known = read(starter_text() if text is None else text, path)
    corrections = load_corrections(path.with_name(CORRECTIONS))
    return {name: replace(topic, corrections=corrections) for name, topic in known.items()}


def read(text: str, path: Path) -> dict[str, Topic]:
    """The topics of a file's text; ``path`` is for complaints only. Raises ConfigError as ``load`` does."""
    tables = parsed(text, path)
    problems = [problem for name, table in tables.items() for problem in _problems(name, table)]
    refuse(path, problems, "correct it there, or with: mentor topic edit")
    return {name: _topic(name, table) for name, table in tables.items()}


def named(topics: Mapping[str, Topic], name: str) -> Topic:
    """The topic of that name or title. Raises UsageError, which names the nearest one."""
    found = lookup(topics, name)
    if found:
        return found
    near = difflib.get_close_matches(slug(name), topics, 1, 0.5) or [key for key in topics if slug(name) in key][:1]
    hint = f"did you mean {near[0]}?" if near else "see what there is with: mentor topic list"
    raise UsageError(f"there is no topic {one_line(name)!r}", hint=hint)


def lookup(topics: Mapping[str, Topic], name: str) -> Topic | None:
    """The topic whose name or title this is, in any case; None where it is none."""
    wanted = slug(name)
    return topics.get(wanted) or next((topic for topic in topics.values() if slug(topic.title) == wanted), None)


def query_of(topic: Topic) -> Query:
    """What finds the passages of a topic: any of its expressions, without what it excludes."""
    wanted = _any(topic.expressions)
    return expanded(Not(wanted, _any(topic.exclude)) if topic.exclude else wanted, topic.corrections)


def topics_in(path: Path) -> Callable[[str], TopicQuery]:
    """What the topics of the file at ``path`` look for, and by whom, by name; it is read when first asked.

    The function raises UsageError for an unknown topic, ConfigError as ``load`` does.
    """
    known: dict[str, Topic] = {}

    def query(name: str) -> TopicQuery:
        if not known:
            known.update(load(path))
        topic = named(known, name)
        return TopicQuery(query_of(topic), topic.mentors)

    return query


def _any(expressions: Sequence[str]) -> Query:
    parts = tuple(map(_expression, expressions))
    return parts[0] if len(parts) == 1 else Or(parts)


def _expression(text: str) -> Query:
    """``negotiat*`` is a beginning, several words are a phrase."""
    pieces = text.split()
    if len(pieces) > 1:
        return Phrase(tuple(pieces))
    return Prefix(pieces[0].rstrip("*")) if pieces[0].endswith("*") else Word(pieces[0])


def _topic(name: str, table: Mapping[str, Any]) -> Topic:
    lists: dict[str, Any] = {field: tuple(map(one_line, table.get(field, ()))) for field in LISTS}
    lists["forms"] = tuple(form.rstrip("*") + "*" for form in lists["forms"])
    title = one_line(table.get("title", "")) or name.replace("-", " ").capitalize()
    return Topic(name, title, **lists)


def _problems(name: str, table: object) -> Iterator[str]:
    """Everything wrong with an entry."""
    if slug(name) != name:
        yield f"a topic is named in lower-case letters, digits and hyphens: {slug(name)} instead of {one_line(name)!r}"
    if not isinstance(table, dict):
        yield f"{name} must be a table, written [{name}]"
        return
    for field, value in table.items():
        if field == "title":
            if not isinstance(value, str):
                yield f"{name}.title must be text"
        elif field in LISTS:
            yield from _list_problems(f"{name}.{field}", field, value)
        else:
            near = difflib.get_close_matches(field, ("title", *LISTS), 1, 0.6)
            yield f"unknown field {name}.{field}" + (f" (did you mean {near[0]}?)" if near else "")
    if not any(table.get(field) for field in EXPRESSIONS):
        yield f"{name} has nothing to look for: give it words, phrases or forms"


def _list_problems(key: str, field: str, value: object) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        yield f'{key} must be a list of texts, written ["…", "…"]'
        return
    for text in value:
        if not folded(text):
            yield f"{key} has an entry without a word: {text!r}"
        elif "*" in text.rstrip("*") or ("*" in text and (len(text.split()) > 1 or field in ("words", "phrases"))):
            yield f"{key}: {text!r} has a * that is not at the end of one word in forms or exclude"
        elif (field == "forms" or "*" in text) and len(text.rstrip("*").strip()) < _SHORTEST_FORM:
            yield f"{key}: {text!r} is too short a beginning; it needs {_SHORTEST_FORM} letters"
        elif field == "forms" and len(text.split()) > 1:
            yield f"{key}: {text!r} must be the beginning of one word"
