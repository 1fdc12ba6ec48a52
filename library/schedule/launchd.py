"""What does launchd need to harvest every night?

A property list in the user's LaunchAgents, launchd.plist(5). launchd itself makes up for a time at which the Mac
slept, not for one at which it was off.
"""

from __future__ import annotations

import plistlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, ClassVar

from library.errors import ScheduleError
from library.schedule import NAME, Installed, Job, next_daily, spread
from library.schedule.machine import Machine
from library.schedule.steps import MARK, Call, Step, making, ours, removing, writing

LABEL = f"local.{NAME}"


@dataclass(frozen=True, slots=True)
class Launchd:
    """A launch agent ``local.passive-mentor``."""

    machine: Machine
    name: ClassVar[str] = "launchd"

    @property
    def path(self) -> Path:
        return self.machine.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"

    @property
    def _domain(self) -> str:
        return f"gui/{self.machine.uid}"

    def unfit(self) -> str:
        return "" if self.machine.which("launchctl") else "there is no launchctl"

    def install(self, job: Job) -> list[Step]:
        write = writing(self.path, agent(job, self.machine))
        if not write and self._loaded():
            return making(job.log)
        return [
            *making(job.log),
            *write,
            self._bootout(),
            Call(("launchctl", "enable", f"{self._domain}/{LABEL}")),
            Call(("launchctl", "bootstrap", self._domain, str(self.path))),
        ]

    def uninstall(self) -> list[Step]:
        remove = removing(self.path)
        return [self._bootout(), *remove] if remove else []

    def installed(self) -> Installed | None:
        text = self._text()
        return Installed(((str(self.path), text),), self._loaded()) if text else None

    def next_run(self, now: datetime, /) -> datetime | None:
        with suppress(plistlib.InvalidFileException, KeyError, ValueError):
            when = plistlib.loads((self._text() or "").encode())["StartCalendarInterval"]
            return next_daily(time(when["Hour"], when["Minute"]), now)
        return None

    def advice(self, job: Job, /) -> list[str]:
        return [
            f"what it says: {job.log / 'schedule.log'}",
            "it runs while you are logged in; a night on which the Mac was off is left to the next one",
        ]

    def _text(self) -> str | None:
        with suppress(ScheduleError):
            return ours(self.path)
        return None

    def _loaded(self) -> bool:
        return not self.machine.run(("launchctl", "print", f"{self._domain}/{LABEL}")).code

    def _bootout(self) -> Call:
        """Fails where the agent is not loaded, which is what is wanted."""
        return Call(("launchctl", "bootout", f"{self._domain}/{LABEL}"), may_fail=True)


def agent(job: Job, machine: Machine) -> str:
    """The property list."""
    at = spread(job.at, machine)
    output = str(job.log / "schedule.log")
    keys: dict[str, Any] = {
        "Label": LABEL,
        "ProgramArguments": list(job.command),
        "StartCalendarInterval": {"Hour": at.hour, "Minute": at.minute},
        "Nice": 10,
        "LowPriorityIO": True,
        "ProcessType": "Background",
        "StandardOutPath": output,
        "StandardErrorPath": output,
    }
    if job.environment:
        keys["EnvironmentVariables"] = dict(job.environment)
    text = plistlib.dumps(keys, sort_keys=False).decode()
    return text.replace("<plist ", f"<!-- {MARK}, which replaces this file -->\n<plist ", 1)
