"""A scheduler of each kind that only remembers what it was told, and an invented machine that has them."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path

from library import schedule
from library.schedule.machine import Machine, Ran

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
JOB = schedule.Job(time(3, 15), ("/opt/mentor", "harvest"), Path("/data"))


class Programs:
    """Stands for crontab, systemctl, launchctl and schtasks: remembers what they were told."""

    def __init__(self) -> None:
        self.crontab: bytes | None = None
        self.in_force = False
        self.calls: list[str] = []
        self.failing: dict[str, Ran] = {}

    def __call__(self, argv: Sequence[str], stdin: bytes = b"") -> Ran:
        line = shlex.join(argv)
        self.calls.append(line)
        for part, ran in self.failing.items():
            if part in line:
                return ran
        match [word for word in argv if word not in ("--user", "--quiet")]:
            case ["crontab", "-l"]:
                return Ran(1, err="no crontab for ada") if self.crontab is None else Ran(0, self.crontab)
            case ["crontab", "-"]:
                self.crontab = stdin
            case ["crontab", "-r"]:
                self.crontab = None
            case [_, "is-enabled" | "is-active" | "print" | "/Query", *_]:
                return Ran(0 if self.in_force else 1)
            case [_, "restart" | "bootstrap" | "/Create", *_]:
                self.in_force = True
            case [_, "disable" | "bootout" | "/Delete", *_]:
                self.in_force = False
            case ["env", *_]:
                return Ran(0, b"Tue 2026-03-03 03:41:12 UTC\n")
            case ["loginctl", *_]:
                return Ran(0, b"no\n")
        return Ran(0)


def machine_of(programs: Programs, home: Path) -> Machine:
    """A Linux with systemd, cron and all helpers; the user is invented."""
    return Machine("linux", "ada", 1000, "desk", home, home / ".config", programs, lambda name: f"/usr/bin/{name}")


def on(machine: Machine, backend: str) -> Machine:
    """The machine as the system that this backend belongs to; for cron, one without systemd."""
    which = (lambda name: None if name == "systemctl" else f"/usr/bin/{name}") if backend == "cron" else machine.which
    system = {"launchd": "darwin", "windows": "win32"}.get(backend, "linux")
    return dataclasses.replace(machine, system=system, which=which)


def job(folder: Path, at: time = time(3, 15)) -> schedule.Job:
    return schedule.Job(at, ("/opt/mentor", "harvest"), folder / "data")


def installed(machine: Machine, job: schedule.Job, name: str = "auto") -> list[str]:
    return list(schedule.install(schedule.choose(name, machine), job, machine))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
