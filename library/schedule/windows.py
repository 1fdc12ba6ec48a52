"""What does the Task Scheduler of Windows need to harvest every night?

A task in XML, registered by ``schtasks``: schema and order of elements as in [MS-TSCH] 2.5. Checked for its
form only; it was not run on Windows.
"""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from library.errors import ScheduleError, UsageError
from library.schedule import LIMIT_H, NAME, SPREAD_MIN, Installed, Job, next_daily
from library.schedule.machine import Machine
from library.schedule.steps import MARK, Call, Step, ours, removing, writing

_ENCODING = "utf-16"
_SPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_FIRST_DAY = "2026-01-01"
"""Any day of the past: the task repeats daily from there."""

_Tree = Mapping[str, "str | _Tree"]


@dataclass(frozen=True, slots=True)
class Windows:
    """A task ``passive-mentor`` of the user."""

    machine: Machine
    name: ClassVar[str] = "windows"

    @property
    def path(self) -> Path:
        return self.machine.config / NAME / "schedule.xml"

    def unfit(self) -> str:
        return "" if self.machine.which("schtasks") else "there is no schtasks"

    def install(self, job: Job) -> list[Step]:
        write = writing(self.path, task(job, self.machine.user), _ENCODING)
        if not write and self._registered():
            return []
        return [*write, Call(("schtasks", "/Create", "/TN", NAME, "/XML", str(self.path), "/F"))]

    def uninstall(self) -> list[Step]:
        remove = removing(self.path, _ENCODING)
        return [Call(("schtasks", "/Delete", "/TN", NAME, "/F"), may_fail=True), *remove] if remove else []

    def installed(self) -> Installed | None:
        text = self._text()
        return Installed(((str(self.path), text),), self._registered()) if text else None

    def next_run(self, now: datetime, /) -> datetime | None:
        with suppress(ET.ParseError, ValueError):
            start = ET.fromstring((self._text() or "").encode(_ENCODING)).findtext(f".//{{{_SPACE}}}StartBoundary", "")
            return next_daily(datetime.fromisoformat(start).time(), now)
        return None

    def advice(self, _: Job, /) -> list[str]:
        return ["it runs while you are logged on, and makes up for a missed night"]

    def _text(self) -> str | None:
        with suppress(ScheduleError):
            return ours(self.path, _ENCODING)
        return None

    def _registered(self) -> bool:
        return not self.machine.run(("schtasks", "/Query", "/TN", NAME)).code


def task(job: Job, user: str) -> str:
    """The task in XML. Raises UsageError for paths that Windows would read as something else."""
    program, arguments = _command(job)
    tree: _Tree = {
        "RegistrationInfo": {"Description": f"Passive Mentor: harvest every night. {MARK}."},
        "Triggers": {
            "CalendarTrigger": {
                "StartBoundary": f"{_FIRST_DAY}T{job.at:%H:%M:%S}",
                "RandomDelay": f"PT{SPREAD_MIN}M",
                "ScheduleByDay": {"DaysInterval": "1"},
            }
        },
        "Principals": {
            "Principal": {"UserId": user, "LogonType": "InteractiveToken", "RunLevel": "LeastPrivilege"},
        },
        "Settings": {
            "MultipleInstancesPolicy": "IgnoreNew",
            "DisallowStartIfOnBatteries": "true",
            "StopIfGoingOnBatteries": "false",
            "StartWhenAvailable": "true",
            "RunOnlyIfNetworkAvailable": "true",
            "ExecutionTimeLimit": f"PT{LIMIT_H}H",
            "Priority": "8",
        },
        "Actions": {"Exec": {"Command": program, "Arguments": arguments}},
    }
    root = ET.Element("Task", {"version": "1.2", "xmlns": _SPACE})
    _grow(root, tree)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-16"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _grow(parent: ET.Element, tree: _Tree) -> None:
    for name, content in tree.items():
        child = ET.SubElement(parent, name)
        if isinstance(content, str):
            child.text = content
        else:
            _grow(child, content)


def _command(job: Job) -> tuple[str, str]:
    """Program and arguments. A task has no variables of its own, so that cmd sets them where there are any."""
    for word in (*job.command, *(value for _, value in job.environment)):
        if set(word) & set('%"'):
            raise UsageError(f"{word} holds % or a quote, which a task cannot", hint="keep it under another name")
    if not job.environment:
        return job.command[0], subprocess.list2cmdline(job.command[1:])
    settings = "".join(f'set "{name}={value}" & ' for name, value in job.environment)
    return "cmd.exe", f'/d /s /c "{settings}{_cmd_line(job.command)}"'


def _cmd_line(command: tuple[str, ...]) -> str:
    """Every word in quotes, between which cmd takes all characters but % as they are."""
    return " ".join([f'"{command[0]}"', *(subprocess.list2cmdline([word]) for word in command[1:])])
