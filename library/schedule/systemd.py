"""What does systemd need to harvest every night?

A service and a timer of the user's own manager: systemd.service(5), systemd.timer(5), and for what
must be quoted systemd.syntax(7) and "COMMAND LINES" of systemd.service(5).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from library.errors import ScheduleError
from library.schedule import LIMIT_H, NAME, SPREAD_MIN, Installed, Job
from library.schedule.machine import Machine
from library.schedule.steps import MARK, Call, Remove, Step, ours, removing, writing
from library.text import one_line

TIMER = f"{NAME}.timer"
SERVICE = f"{NAME}.service"

_PLAIN_WORD = re.compile(r"[\w@:,./+=-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Systemd:
    """User units ``passive-mentor.service`` and ``.timer``."""

    machine: Machine
    name: ClassVar[str] = "systemd"

    @property
    def folder(self) -> Path:
        return self.machine.config / "systemd" / "user"

    def unfit(self) -> str:
        if not self.machine.which("systemctl"):
            return "there is no systemctl"
        ran = self.machine.run(("systemctl", "--user", "show-environment"))
        return one_line(ran.err) or "it does not serve this user" if ran.code else ""

    def install(self, job: Job) -> list[Step]:
        writes = writing(self.folder / SERVICE, service(job)) + writing(self.folder / TIMER, timer(job))
        if not writes and self._active():
            return []
        calls = (("daemon-reload",), ("enable", TIMER), ("restart", TIMER))
        return [*writes, *(Call(("systemctl", "--user", *words)) for words in calls)]

    def uninstall(self) -> list[Step]:
        removes = removing(self.folder / TIMER) + removing(self.folder / SERVICE)
        if not removes:
            return []
        link = self.folder / "timers.target.wants" / TIMER
        return [
            Call(("systemctl", "--user", "disable", "--now", TIMER), may_fail=True),
            *([Remove(link)] if link.is_symlink() else []),
            *removes,
            Call(("systemctl", "--user", "daemon-reload"), may_fail=True),
        ]

    def installed(self) -> Installed | None:
        texts = []
        for path in (self.folder / SERVICE, self.folder / TIMER):
            with suppress(ScheduleError):
                if text := ours(path):
                    texts.append((str(path), text))
        return Installed(tuple(texts), len(texts) == 2 and self._active()) if texts else None

    def next_run(self, _: datetime, /) -> datetime | None:
        argv = ("env", "TZ=UTC", "systemctl", "--user", "show", TIMER, "--value", "--property=NextElapseUSecRealtime")
        with suppress(ValueError):
            return datetime.strptime(self.machine.run(argv).text[4:], "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
        return None

    def advice(self, _: Job, /) -> list[str]:
        lines = [f"what it says: journalctl --user --unit {NAME}"]
        if not self._lingers():
            lines.append(
                "while you are logged out it does not run, and catches up when you log in; "
                f"to let it run always: loginctl enable-linger {self.machine.user}"
            )
        return lines

    def _active(self) -> bool:
        questions = ("is-enabled", "is-active")
        return all(not self.machine.run(("systemctl", "--user", ask, "--quiet", TIMER)).code for ask in questions)

    def _lingers(self) -> bool:
        ran = self.machine.run(("loginctl", "show-user", self.machine.user, "--value", "--property=Linger"))
        return ran.text == "yes"


def service(job: Job) -> str:
    """The unit that harvests once. Patience (exit code 75) is no failure of it."""
    lines = [
        *_head(SERVICE, "harvest what is new"),
        "[Service]",
        "Type=oneshot",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in job.environment),
        f"ExecStart={_command_line(job.command)}",
        "Nice=10",
        "IOSchedulingClass=idle",
        f"TimeoutStartSec={LIMIT_H}h",
        "TimeoutStopSec=5min",
        "SuccessExitStatus=75",
        "NoNewPrivileges=true",
    ]
    return "\n".join(lines) + "\n"


def timer(job: Job) -> str:
    """The unit that starts the other one: a missed night is made up for as soon as the machine is up."""
    lines = [
        *_head(TIMER, "harvest every night"),
        "[Timer]",
        f"OnCalendar=*-*-* {job.at:%H:%M:%S}",
        f"RandomizedDelaySec={SPREAD_MIN}min",
        "FixedRandomDelay=true",
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def _head(unit: str, purpose: str) -> list[str]:
    return [
        f"# {MARK}. It replaces this file: make changes of your own with",
        f"# systemctl --user edit {unit}",
        "[Unit]",
        f"Description=Passive Mentor: {purpose}",
        "",
    ]


def _command_line(command: tuple[str, ...]) -> str:
    """Program and arguments; in the latter only, $ begins a variable.

    systemd starts no program with a quote or a backslash in its path, but ``env`` does.
    """
    if set(command[0]) & set("\\\"'"):
        command = ("/usr/bin/env", *command)
    program, *arguments = command
    return " ".join([_quoted(program), *(_quoted(word.replace("$", "$$")) for word in arguments)])


def _quoted(word: str) -> str:
    """A word in which % begins a specifier, and the backslash an escape."""
    if _PLAIN_WORD.fullmatch(word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'
