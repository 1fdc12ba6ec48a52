"""What did the program do at night, when nobody watched?

A file of JSON lines, one an event, each with its moment, level and process. It never grows beyond
its limit times the number of files kept, holds no secret, and a log that cannot be written never
ends the work it tells of.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from traceback import format_exception
from urllib.parse import quote

from library.errors import MentorError
from library.models import Channel, Mentor, Video
from library.moments import to_text
from library.text import plain

LEVELS = ("debug", "info", "warning", "error")

_LOGGER = logging.getLogger("mentor")
_LOGGER.addHandler(logging.NullHandler())  # without a log, events go nowhere

# Parts of an address from this length on are taken for tokens.
_LONG = 12

# Google's keys; values of an address or a form that are named as secrets; headers; users in an address.
_SECRETS = (
    (re.compile(r"AIza[\w-]{10,}"), "[secret]"),
    (re.compile(r"(?i)\b(key|api_?key|token|secret|passw(?:or)?d|sig(?:nature)?)(=|%3d)[^\s&\"'<>]+"), r"\1\2[secret]"),
    (re.compile(r"(?i)\b(authorization: \w+|x-goog-api-key:|cookie:) [^\s=]+[^\r\n]*"), r"\1 [secret]"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@\"']+@"), r"\1[secret]@"),
)


@contextmanager
def writing_to(
    path: Path, level: str = "info", *, secrets: Iterable[str] = (), max_bytes: int = 2_000_000, keep: int = 5
) -> Iterator[None]:
    """Let events of this process from ``level`` (of LEVELS) up go to the file at ``path``.

    So do warnings of the packages it uses; what else they say would hold addresses. ``secrets``
    (keys, passwords, addresses that hold one) are blotted out, whole and in parts, wherever they
    appear. A file of more than ``max_bytes`` becomes ``.1``, that one ``.2`` and so on up to ``keep``.
    """
    root, own = logging.getLogger(), getattr(logging, level.upper())
    before = (root.level, _LOGGER.level)
    handler = _Appending(path, max_bytes, keep)
    handler.setFormatter(_Lines(secrets))
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, own))
    _LOGGER.setLevel(own)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        _LOGGER.setLevel(before[1])


def note(event: str, level: str = "info", /, **told: object) -> None:
    """Log an event by name, with what is to be told of it. Models become their ids, errors their sentence."""
    _LOGGER.log(
        getattr(logging, level.upper()), event, extra={"told": {key: _simple(one) for key, one in told.items()}}
    )


def note_event(event: object, level: str = "info") -> None:
    """Log a dataclass: its name in small letters ("listing_failed") and its fields."""
    if not is_dataclass(event):
        raise TypeError(f"{event!r} is no dataclass")
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
    note(name, level, **{one.name: getattr(event, one.name) for one in fields(event)})


@contextmanager
def summed_up(work: str, summary: Callable[[], Mapping[str, object]]) -> Iterator[None]:
    """Log that work begins, and always how it ended, with its summary: also after an interruption or a crash."""
    note(f"{work}_started")
    how: dict[str, object] = {"result": "ended"}
    level = "info"
    try:
        yield
    except MentorError as error:
        how, level = {"result": "failed", "error": error}, "error"
        raise
    except Exception as error:
        how, level = {"result": "crashed", "error": "".join(format_exception(error))}, "error"
        raise
    except BaseException:
        how, level = {"result": "interrupted"}, "warning"
        raise
    finally:
        note(f"{work}_ended", level, **how, **_asked(summary))


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` with ``secrets`` blotted out, and what looks like one: keys, passwords, users in addresses."""
    for spelled in sorted(set().union(*map(_spellings, secrets)), key=len, reverse=True):
        text = text.replace(spelled, "[secret]")
    for pattern, blotted in _SECRETS:
        text = pattern.sub(blotted, text)
    return text


def _spellings(secret: str) -> set[str]:
    """A secret as it is and as an address spells it; of a secret address also its long parts and its password."""
    found = {secret, quote(secret, safe="")}
    if "://" in secret:
        found |= {part for part in re.split(r"[/?&=:@#]+", secret) if len(part) >= _LONG}
        found |= set(re.findall(r"://[^/@:]*:([^/@]+)@", secret))
    return found - {""}


def _asked(summary: Callable[[], Mapping[str, object]]) -> dict[str, object]:
    """The summary, even where the work broke it."""
    try:
        return {"summary": dict(summary())}
    except Exception as error:
        return {"summary": f"none: {error}"}


def _simple(value: object) -> object:
    """What JSON can hold of a value."""
    match value:
        case None | bool() | int() | float():
            return value
        case Mentor():
            return value.slug
        case Video() | Channel():
            return {"id": value.id, "title": value.title}
        case MentorError():
            return value.message
        case datetime():
            return to_text(value)
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): _simple(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_simple(one) for one in value]
        case _:
            return plain(str(value))


class _Lines(logging.Formatter):
    """Turns a record into a line of JSON: one line whatever it holds, and no secret in it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": to_text(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "process": record.process,
            "event": _message(record),
        }
        if record.name != _LOGGER.name:
            line["from"] = record.name
        line = line | getattr(record, "told", {}) | line
        if record.exc_info and record.exc_info[1]:
            line["error"] = "".join(format_exception(record.exc_info[1]))
        return plain(json.dumps(self._blotted(line), ensure_ascii=False)).replace("\n", " ")

    def _blotted(self, value: object) -> object:
        match value:
            case str():
                return without_secrets(value, self._secrets)
            case dict():
                return {self._blotted(key): self._blotted(one) for key, one in value.items()}
            case list():
                return [self._blotted(one) for one in value]
            case _:
                return value


def _message(record: logging.LogRecord) -> str:
    try:
        return plain(record.getMessage())
    except Exception:  # a package whose message does not fit its arguments
        return plain(str(record.msg))


class _Appending(logging.Handler):
    """Appends a line to a file that may be written by several processes, and renames it when it is full.

    The file is opened for each line, under a lock: whoever comes second finds the new one.
    """

    def __init__(self, path: Path, max_bytes: int, keep: int) -> None:
        super().__init__()
        from filelock import FileLock

        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._file_lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=5)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line; where that is not possible, the work goes on without."""
        line = f"{self.format(record)}\n".encode()
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._file_lock:
                with suppress(OSError):
                    self._make_room(len(line))
                with self._path.open("ab") as file:
                    file.write(line)

    def _make_room(self, size: int) -> None:
        if not self._path.exists() or self._path.stat().st_size + size <= self._max_bytes:
            return
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, self._keep + 1))]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)
