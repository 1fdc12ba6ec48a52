"""What does cron need to harvest every night?

A block of our own in the user's crontab, crontab(5). It stands before all else, where no variable that the
rest sets (SHELL, PATH, MAILTO) can bear on it; the rest is kept byte for byte.

Cron forgets what it missed while the machine was off or asleep, so the block has a second line that
harvests later in the day unless one ran lately.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import ClassVar

from library.errors import ScheduleError
from library.schedule import CATCH_UP, LIMIT_H, NAME, Installed, Job, next_daily, spread
from library.schedule.machine import Machine, Ran
from library.schedule.steps import MARK, Call, Step, failure, making

BEGIN = f"# BEGIN {NAME}"
END = f"# END {NAME}"

_LONGEST_LINE = 998
"""Debian's cron refuses longer commands."""
_MARKS = rb"^%b(?: [^\n]*)?$|^%b$" % (BEGIN.encode(), END.encode())
_BLOCK = re.compile(rb"^%b(?: [^\n]*)?\n.*?^%b\n" % (BEGIN.encode(), END.encode()), re.DOTALL | re.MULTILINE)
_NIGHTLY = re.compile(r"^(\d+) (\d+) \* \* \* ", re.MULTILINE)
_LIST = ("crontab", "-l")
_REPLACE = ("crontab", "-")


@dataclass(frozen=True, slots=True)
class Cron:
    """A marked block in the user's crontab."""

    machine: Machine
    name: ClassVar[str] = "cron"

    def unfit(self) -> str:
        if not self.machine.which("crontab"):
            return "there is no crontab"
        try:
            self._crontab()
        except ScheduleError as error:
            return error.message
        return ""

    def install(self, job: Job) -> list[Step]:
        crontab = self._crontab()
        wanted = block(job, self.machine)
        changed = replaced(crontab, wanted.encode())
        call = [Call(_REPLACE, changed, shown=wanted)] if changed != crontab else []
        return [*making(job.log), *call]

    def uninstall(self) -> list[Step]:
        crontab = self._crontab()
        rest = replaced(crontab, b"")
        if rest == crontab:
            return []
        return (
            [Call(_REPLACE, rest, shown=f"without the block {BEGIN}, all else as it was")]
            if rest
            else [Call(("crontab", "-r"))]
        )

    def installed(self) -> Installed | None:
        with suppress(ScheduleError):
            if match := _BLOCK.search(self._crontab()):
                return Installed(((f"crontab of {self.machine.user}", match[0].decode("utf-8", "replace")),), True)
        return None

    def next_run(self, now: datetime, /) -> datetime | None:
        installed = self.installed()
        match = _NIGHTLY.search(installed.texts[0][1]) if installed else None
        return next_daily(time(int(match[2]), int(match[1])), now) if match else None

    def advice(self, job: Job, /) -> list[str]:
        return [
            f"what the last run said: {log(job)}",
            "cron makes up for a missed night within six hours of the machine being up",
        ]

    def _crontab(self) -> bytes:
        """What is there, b"" where there is none. Raises ScheduleError where that cannot be told."""
        if not self.machine.which("crontab"):
            return b""
        ran = self.machine.run(_LIST)
        if ran.code and not _says_none(ran):
            raise failure(_LIST, ran)
        return b"" if ran.code else ran.out


def _says_none(ran: Ran) -> bool:
    """Whether ``crontab -l`` failed for want of a crontab: Debian, cronie, macOS and the BSDs; BusyBox."""
    return "no crontab for" in ran.err or ("can't open" in ran.err and "No such file" in ran.err)


def replaced(crontab: bytes, block: bytes) -> bytes:
    """The crontab with this block in place of ours, or before all else where it has none.

    Raises ScheduleError where our marks are there, but not once each and in order.
    """
    blocks = _BLOCK.findall(crontab)
    if len(re.findall(_MARKS, crontab, re.MULTILINE)) != 2 * len(blocks) or len(blocks) > 1:
        raise ScheduleError(
            f"the crontab does not hold one {BEGIN} and one {END} after it",
            hint="remove what is left of that block with: crontab -e",
        )
    return _BLOCK.sub(lambda _: block, crontab) if blocks else block + crontab


def block(job: Job, machine: Machine) -> str:
    """Our lines of the crontab. Raises ScheduleError where they get too long for cron."""
    at = spread(job.at, machine)
    later = ",".join(str(hour) for hour in sorted((at.hour + hours) % 24 for hours in (6, 12, 18)))
    lines = [
        f"{BEGIN} ({MARK}, which replaces this block)",
        f"{at.minute} {at.hour} * * * {_command(job, machine, (), log(job))}",
        f"{at.minute} {later} * * * {_command(job, machine, CATCH_UP, job.log / 'catch-up.log')}",
        END,
    ]
    if max(map(len, map(str.encode, lines))) > _LONGEST_LINE:
        raise ScheduleError("the paths are too long for a line of the crontab", hint="choose a shorter MENTOR_HOME")
    return "\n".join(lines) + "\n"


def log(job: Job) -> Path:
    """The output of the last nightly run; cron would mail it."""
    return job.log / "schedule.log"


def _command(job: Job, machine: Machine, options: Sequence[str], output: Path) -> str:
    words = [f"{name}={_quoted(value)}" for name, value in job.environment]
    helpers = [
        ("flock", "-n", str(job.log / "schedule.lock")),
        ("timeout", f"{LIMIT_H}h"),
        ("nice", "-n", "10"),
        ("ionice", "-c", "3"),
    ]
    for program, *options_of in helpers:
        if path := machine.which(program):
            words += [_quoted(word) for word in (path, *options_of)]
    words += [_quoted(word) for word in (*job.command, *options)]
    return f"{' '.join(words)} >{_quoted(str(output))} 2>&1"


def _quoted(word: str) -> str:
    """A word for the shell, in which cron sees no bare % (it would end the command there).

    The escaped % stands outside of the shell's quotes, so that never a backslash of the word stands before it.
    """
    return r"\%".join(shlex.quote(part) if part else "" for part in word.split("%")) or "''"
