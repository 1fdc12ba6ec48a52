"""How is it made sure that a dry run tells exactly what the real one does?

Installing and uninstalling are lists of steps. They are either told or carried out; nothing else
touches the machine.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from library.errors import ScheduleError
from library.files import write_whole
from library.schedule.machine import Machine, Ran
from library.text import one_line, plain

MARK = "Written by: mentor schedule install"
"""Stands in the first lines of every file of ours; a file without it is somebody else's."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Make a folder and those above it."""

    path: Path


@dataclass(frozen=True, slots=True)
class Write:
    """Write a whole file, making its folder."""

    path: Path
    text: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a file or symbolic link; one that is gone already is fine."""

    path: Path


@dataclass(frozen=True, slots=True)
class Call:
    """Run a program. ``shown`` tells a person what ``stdin`` brings about; some calls may fail."""

    argv: tuple[str, ...]
    stdin: bytes = b""
    shown: str = ""
    may_fail: bool = False


Step = Folder | Write | Remove | Call


def making(folder: Path) -> list[Step]:
    """The step that makes a folder; none where it is there."""
    return [] if folder.is_dir() else [Folder(folder)]


def writing(path: Path, text: str, encoding: str = "utf-8") -> list[Step]:
    """The step that gives a file of ours this text; none where it has it. Raises ScheduleError for another's file."""
    return [] if ours(path, encoding) == text else [Write(path, text, encoding)]


def removing(path: Path, encoding: str = "utf-8") -> list[Step]:
    """The step that removes a file of ours; none where there is none. Raises ScheduleError for another's file."""
    return [] if ours(path, encoding) is None else [Remove(path)]


def ours(path: Path, encoding: str = "utf-8") -> str | None:
    """The text of a file that we wrote, None where there is none. Raises ScheduleError for another's file."""
    try:
        text = path.read_bytes().decode(encoding, "replace")
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ScheduleError(f"{path} cannot be read: {exc.strerror}", hint="check who may read there") from exc
    if MARK not in text:
        raise ScheduleError(
            f"{path} was not written by mentor schedule and is left alone",
            hint="move it away if you do not need it, then try again",
        )
    return text


def told(steps: Iterable[Step]) -> Iterator[str]:
    """What the steps would do, a line each, with the text of files indented below."""
    for step in steps:
        match step:
            case Folder(path):
                yield f"would make {path}"
            case Write(path, text):
                yield f"would write {path}"
                yield from _indented(text)
            case Remove(path):
                yield f"would remove {path}"
            case Call(argv, shown=shown):
                yield f"would run {shlex.join(argv)}"
                yield from _indented(shown)


def carried_out(steps: Iterable[Step], machine: Machine) -> Iterator[str]:
    """Carry the steps out in order, lazily, telling each when it is done.

    Raises ScheduleError at the first that fails; trying again is safe.
    """
    for step in steps:
        try:
            done = list(_carry_out(step, machine))
        except OSError as exc:
            raise ScheduleError(
                f"{exc.filename} cannot be written: {exc.strerror}", hint="check who may write there"
            ) from exc
        yield from done


def _carry_out(step: Step, machine: Machine) -> Iterator[str]:
    match step:
        case Folder(path):
            path.mkdir(parents=True, exist_ok=True)
            yield f"made {path}"
        case Write(path, text, encoding):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, [text], encoding)
            yield f"wrote {path}"
        case Remove(path):
            if path.is_symlink() or path.exists():
                path.unlink()
                yield f"removed {path}"
        case Call(argv, stdin, shown, may_fail):
            ran = machine.run(argv, stdin)
            if not ran.code:
                yield f"ran {shlex.join(argv)}"
                yield from _indented(shown)
                yield from _indented(plain(f"{ran.text}\n{ran.err}").strip())
            elif not may_fail:
                raise failure(argv, ran)


def failure(argv: Iterable[str], ran: Ran) -> ScheduleError:
    """That a program did not do what was asked of it, in its own words."""
    words = one_line(ran.err) or f"exit code {ran.code}"
    return ScheduleError(f"{shlex.join(argv)} failed: {words}", hint="see where it stands with: mentor schedule status")


def _indented(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"    {line}".rstrip()
