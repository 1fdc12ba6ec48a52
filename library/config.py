"""What has the user chosen?

Settings come from, in rising order, the defaults below, the configuration file, and ``MENTOR_…``
variables (``harvest.pause_s`` is ``MENTOR_HARVEST_PAUSE_S``). Only the entry point reads this
module; everything below it takes plain values.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from library.errors import ConfigError
from library.models import Kind, Mentor
from library.toml_reading import keep, parsed, recalled, text_of

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Language = Annotated[str, Meta(pattern=r"^(original|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)\Z")]
DigestFile = Annotated[str, Meta(pattern=r"^(.*\.(txt|md|html|atom|json))?\Z")]
When = Literal["never", "failing", "always"]
Words = tuple[Annotated[str, Meta(min_length=1)], ...]

#: What a setting that is one of a few words may be.
_CHOICES: dict[str, tuple[str, ...]] = {"kind": tuple(Kind), "when": get_args(When)}

#: What a setting that must have a form may be.
_FORMS = {
    "languages": 'expected language codes such as "en" or "pt-BR", or "original"',
    "digest_file": "expected a file that ends in .txt, .md, .html, .atom or .json",
}

_TYPES = {
    "array": "a list",
    "object": "a table",
    "str": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
}


class YouTube(Struct, frozen=True, forbid_unknown_fields=True):
    """How to reach YouTube."""

    api_key_file: str = ""
    proxy_file: str = ""
    timeout_s: Annotated[float, Meta(ge=1, le=600)] = 30.0
    max_answer_mb: Annotated[int, Meta(ge=1, le=1000)] = 30


class Harvest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a harvest fetches, and how patiently."""

    languages: Annotated[tuple[Language, ...], Meta(min_length=1)] = ("original", "en")
    pause_s: Seconds = 30.0
    max_transcripts_per_run: Annotated[int, Meta(ge=0)] = 60
    full_listing_days: Annotated[int, Meta(ge=0, le=3650)] = 30
    daily_units: Annotated[int, Meta(ge=0)] = 10_000


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """Which videos of a mentor are wanted. Lengths in seconds, 0 for no limit."""

    shorts: bool = False
    live: bool = True
    min_length_s: Annotated[int, Meta(ge=0)] = 0
    max_length_s: Annotated[int, Meta(ge=0)] = 0
    title_include: Words = ()
    title_exclude: Words = ()


class Passages(Struct, frozen=True, forbid_unknown_fields=True):
    """How transcripts are cut for the index."""

    length_s: Annotated[int, Meta(ge=10, le=600)] = 120
    overlap_s: Annotated[int, Meta(ge=0, le=590)] = 60


class Search(Struct, frozen=True, forbid_unknown_fields=True):
    """How much a search shows."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 10


class Notify(Struct, frozen=True, forbid_unknown_fields=True):
    """Who hears how the nightly harvest went."""

    ping_url: str = ""
    urls_file: str = ""
    when: When = "failing"
    digest_file: DigestFile = ""


class FollowedMentor(Struct, frozen=True, forbid_unknown_fields=True):
    """One person followed: what to follow, and rules that differ from ``[rules]``."""

    follow: Annotated[Words, Meta(min_length=1)]
    name: str = ""
    kind: Kind = Kind.CAREER
    topics: tuple[str, ...] = ()
    shorts: bool | None = None
    live: bool | None = None
    min_length_s: Annotated[int, Meta(ge=0)] | None = None
    max_length_s: Annotated[int, Meta(ge=0)] | None = None
    title_include: Words | None = None
    title_exclude: Words | None = None

    def mentor(self, slug: str) -> Mentor:
        return Mentor(slug, self.name or slug, self.kind, self.topics)

    def rules(self, common: Rules) -> Rules:
        """The common rules with this mentor's own laid over them."""
        own = {name: getattr(self, name) for name in Rules.__struct_fields__}
        return msgspec.structs.replace(common, **{name: value for name, value in own.items() if value is not None})


SECTIONS: dict[str, type[Struct]] = {
    "youtube": YouTube,
    "harvest": Harvest,
    "rules": Rules,
    "passages": Passages,
    "search": Search,
    "notify": Notify,
}


#: Variables of ours that set no setting.
OTHER_VARIABLES = frozenset(
    {"MENTOR_HOME", "MENTOR_DEBUG", "MENTOR_YOUTUBE_API_KEY", "MENTOR_YOUTUBE_PROXY", "MENTOR_NOTIFY_URLS"}
)


class Config(Struct, frozen=True):
    """All settings, checked. ``origins`` tells of each dotted key whether the default, the file or a variable won."""

    path: Path
    youtube: YouTube
    harvest: Harvest
    rules: Rules
    passages: Passages
    search: Search
    notify: Notify
    mentors: dict[str, FollowedMentor]
    origins: dict[str, str]


def settings() -> Iterator[tuple[str, type[Struct], str]]:
    """Every setting but the mentors': dotted key, section, field."""
    for name, section in SECTIONS.items():
        for field in section.__struct_fields__:
            yield f"{name}.{field}", section, field


def variable(key: str) -> str:
    """The environment variable of a dotted key."""
    return "MENTOR_" + key.upper().replace(".", "_").replace("-", "_")


def load(path: Path, environment: Mapping[str, str] = os.environ, kept: Path | None = None) -> Config:
    """The configuration in effect; a file that does not exist counts as empty.

    What a file in order says is kept in ``kept``, where that is given, and not parsed again while its text is the
    same: a search would spend a twentieth of its time on the TOML of a hundred mentors. Raises ConfigError naming
    every problem: file, dotted key or variable, what is allowed.
    """
    text = text_of(path) or ""
    known = recalled(text, kept) if kept else None
    says = parsed(text, path) if known is None else known
    config = _checked(path, says, environment)
    if kept and text and known is None:
        keep(text, says, kept)
    return config


def _checked(path: Path, raw: Mapping[str, Any], environment: Mapping[str, str]) -> Config:
    problems, of_variables = list(_unknown(raw)), list(_misspelt(environment))
    values: dict[str, dict[str, object]] = {name: {} for name in SECTIONS}
    origins = {}
    for key, section, field in settings():
        name = key.partition(".")[0]
        table = raw.get(name)
        origin, value = _choose(key, field, table if isinstance(table, dict) else {}, environment)
        origins[key] = origin
        if origin == "default":
            continue
        try:
            values[name][field] = _converted(section, field, value, from_text=origin != "file")
        except msgspec.ValidationError as exc:
            place, wrong = (key, problems) if origin == "file" else (origin, of_variables)
            wrong.append(f"{place} is {shown(value)}: {_said(exc, field)}")
    mentors = {}
    theirs = {name: value for name, value in environment.items() if name.startswith(variable("mentors."))}
    tables = raw.get("mentors", {})
    for slug, table in tables.items() if isinstance(tables, dict) else ():
        try:
            mentors[slug] = msgspec.convert(table, FollowedMentor)
        except msgspec.ValidationError:
            problems += _mentor_problems(slug, table)
            continue
        if theirs:
            rules = _rules_of_variables(slug, theirs, of_variables)
            mentors[slug] = msgspec.structs.replace(mentors[slug], **rules)
    if problems or of_variables:
        told = [f"{path}: " + "; ".join(problems)] if problems else []
        hint = "correct it there; what is left out has its default" if problems else "set it otherwise, or unset it"
        raise ConfigError("; ".join(told + of_variables), hint=hint)
    sections: dict[str, Any] = {name: section(**values[name]) for name, section in SECTIONS.items()}
    _check_together(path, sections["passages"])
    return Config(path, mentors=mentors, origins=origins, **sections)


def fits(path: Path, key: str, value: object) -> None:
    """Whether the file would be in order with ``value`` for a dotted key. Raises ConfigError where not."""
    raw = parsed(text_of(path) or "", path)
    section, _, rest = key.partition(".")
    slug, _, field = rest.rpartition(".")
    table = raw.setdefault(section, {})
    (table.setdefault(slug, {}) if slug else table)[field] = msgspec.to_builtins(value)
    _checked(path, raw, {})


def converted(key: str, text: str) -> object:
    """The value a user typed for a dotted key, checked. Lists are typed with commas.

    Raises ConfigError for an unknown key or a value that is not allowed.
    """
    places = {known: (section, field) for known, section, field in settings()}
    head, _, rest = key.partition(".")
    slug = rest.rpartition(".")[0]
    if head == "mentors" and slug:
        places = {f"mentors.{slug}.{field}": (FollowedMentor, field) for field in FollowedMentor.__struct_fields__}
    if key not in places:
        raise ConfigError(f"there is no setting {key}{_nearest(key, list(places))}")
    try:
        value = _converted(*places[key], text, from_text=True)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{key}: {_said(exc, key.rpartition('.')[2])}") from exc
    if value is None:
        raise ConfigError(f"{key}: {text} is no value")
    return value


def _unknown(raw: Mapping[str, object]) -> Iterator[str]:
    """A complaint for each table or key nobody reads."""
    keys = [key for key, _, _ in settings()]
    for name, table in raw.items():
        if name == "mentors" and isinstance(table, dict):
            continue
        if name not in SECTIONS and name != "mentors":
            yield f"unknown setting {name}{_nearest(name, [*SECTIONS, 'mentors'])}"
            continue
        if not isinstance(table, dict):
            yield f"{name} must be a table, written [{name}]"
            continue
        for field in table:
            if field not in SECTIONS[name].__struct_fields__:
                yield f"unknown setting {name}.{field}{_nearest(f'{name}.{field}', keys)}"


def _misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """A complaint for each variable that looks like one of ours; others may be somebody else's."""
    known = [variable(key) for key, _, _ in settings()]
    for name in environment:
        if name.startswith("MENTOR_") and name not in known and name not in OTHER_VARIABLES:
            close = _close(name, known, 0.85)
            if close:
                yield f"unknown variable {name} (did you mean {close[0]}?)"


def _nearest(word: str, known: list[str]) -> str:
    close = _close(word, known, 0.6)
    return f" (did you mean {close[0]}?)" if close else ""


def _close(word: str, known: list[str], likeness: float) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(word, known, 1, likeness)


def _choose(key: str, field: str, table: Mapping[str, object], environment: Mapping[str, str]) -> tuple[str, object]:
    if variable(key) in environment:
        return variable(key), environment[variable(key)]
    return ("file", table[field]) if field in table else ("default", None)


def _converted(section: type[Struct], field: str, value: object, *, from_text: bool) -> object:
    wanted = get_type_hints(section, include_extras=True)[field]
    if from_text and isinstance(value, str) and _is_list(wanted):
        value = [part.strip() for part in value.split(",") if part.strip()]
    return msgspec.convert(value, wanted, strict=not from_text)


def _is_list(wanted: Any) -> bool:
    """Whether a type is a list, annotated or left out at will."""
    if get_origin(wanted) is tuple:
        return True
    return get_origin(wanted) in (Annotated, Union, UnionType) and any(map(_is_list, get_args(wanted)))


def _rules_of_variables(slug: str, environment: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """A mentor's rules as variables give them (``MENTOR_MENTORS_<SLUG>_SHORTS``); what is wrong joins ``problems``."""
    rules = {}
    for field in Rules.__struct_fields__:
        name = variable(f"mentors.{slug}.{field}")
        if name in environment:
            try:
                rules[field] = _converted(FollowedMentor, field, environment[name], from_text=True)
            except msgspec.ValidationError as exc:
                problems.append(f"{name} is {shown(environment[name])}: {_said(exc, field)}")
    return rules


def _mentor_problems(slug: str, table: object) -> Iterator[str]:
    """Everything wrong with ``[mentors.<slug>]``, of which msgspec tells the first only."""
    if not isinstance(table, dict):
        yield f"mentors.{slug} must be a table, written [mentors.{slug}]"
        return
    fields = FollowedMentor.__struct_fields__
    for field, value in table.items():
        if field not in fields:
            yield f"unknown setting mentors.{slug}.{field}{_nearest(field, list(fields))}"
            continue
        try:
            _converted(FollowedMentor, field, value, from_text=False)
        except msgspec.ValidationError as exc:
            yield f"mentors.{slug}.{field} is {shown(value)}: {_said(exc, field)}"
    if "follow" not in table:
        yield f"mentors.{slug}.follow is missing"


def _said(exc: msgspec.ValidationError, field: str) -> str:
    """msgspec's complaint in our words: what is allowed."""
    text = str(exc)
    if "matching regex" in text:
        return _FORMS[field]
    if "enum" in text:
        return f"expected {' or '.join(_CHOICES[field])}"
    text = re.sub(r" - at `.*", "", text)
    text = re.sub("`(.*?)`", lambda match: _TYPES.get(match[1].removesuffix(" | null"), match[1]), text)
    return text[:1].lower() + text[1:]


def _check_together(path: Path, passages: Passages) -> None:
    if passages.overlap_s >= passages.length_s:
        raise ConfigError(
            f"{path}: passages.overlap_s ({passages.overlap_s}) must be less than passages.length_s "
            f"({passages.length_s})",
            hint="half of the length is a good overlap",
        )


def shown(value: object) -> str:
    """A value as TOML writes it, for people."""
    return msgspec.json.encode(value).decode()
