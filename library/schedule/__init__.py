"""How does the harvest come to run every night?

A backend knows one scheduler of an operating system: what to write for it, and how to ask it what is
there. All of them work in steps that are told (``--dry-run``) or carried out. A user has one schedule.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import ClassVar, Protocol

from library.errors import ScheduleError, UsageError
from library.places import Places
from library.schedule.machine import Machine
from library.schedule.steps import Step, carried_out, told

NAME = "passive-mentor"
BACKENDS = ("systemd", "cron", "launchd", "windows")

SPREAD_MIN = 45
"""Nobody's harvest begins on the minute that was asked for, but up to this many minutes later."""
LIMIT_H = 3
"""A harvest that takes longer than this many hours is asked to end; the next one goes on from there."""
CATCH_UP = ("--if-older-than", "20h")
"""For schedulers that forget a night on which the machine was off: harvest unless one ran lately."""
NOTHING = "no harvest is scheduled: mentor schedule install"
"""What to say where none is installed."""

_CARRIED = ("MENTOR_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""The variables that say where the library is: a scheduled run must look in the same place."""
_KEY = "MENTOR_YOUTUBE_API_KEY"
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_AT = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Job:
    """What to run every night: ``command`` begins with an absolute path, ``log`` is a folder for its output.

    Raises UsageError for words that no scheduler's file can hold.
    """

    at: time
    command: tuple[str, ...]
    log: Path
    environment: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for word in (*self.command, str(self.log), *(value for _, value in self.environment)):
            if not word.isprintable():
                raise UsageError(
                    f"{word!r} holds characters that a schedule cannot", hint="install or keep it under another name"
                )


@dataclass(frozen=True, slots=True)
class Installed:
    """A schedule found on this machine: each place with our text in it, and whether it is in force."""

    texts: tuple[tuple[str, str], ...]
    active: bool


class Backend(Protocol):
    """One scheduler. Only ``install`` and ``uninstall`` steps change anything, and only once carried out."""

    name: ClassVar[str]

    def unfit(self) -> str:
        """Why this scheduler cannot be used here; "" where it can."""
        ...

    def install(self, job: Job) -> list[Step]:
        """What has to be done so that the job is in force as given; nothing where it is.

        Raises ScheduleError where something stands in the way that we did not write.
        """
        ...

    def uninstall(self) -> list[Step]:
        """What has to be done so that nothing of ours is left. Raises ScheduleError as ``install`` does."""
        ...

    def installed(self) -> Installed | None:
        """What is there now; None where nothing of ours is."""
        ...

    def next_run(self, now: datetime, /) -> datetime | None:
        """When the job runs next, at the earliest; None where that is not known."""
        ...

    def advice(self, job: Job, /) -> list[str]:
        """What the user should know or do beside, a sentence each."""
        ...


# --- choosing ----------------------------------------------------------------------------------


def backend(name: str, machine: Machine) -> Backend:
    """The backend of that name."""
    match name:
        case "systemd":
            from library.schedule.systemd import Systemd

            return Systemd(machine)
        case "cron":
            from library.schedule.cron import Cron

            return Cron(machine)
        case "launchd":
            from library.schedule.launchd import Launchd

            return Launchd(machine)
        case "windows":
            from library.schedule.windows import Windows

            return Windows(machine)
    raise UsageError(f"there is no scheduler {name}", hint=f"one of: {', '.join(BACKENDS)}")


def here(machine: Machine) -> list[Backend]:
    """The backends of this operating system, the preferred one first."""
    names = {"darwin": ("launchd", "cron"), "win32": ("windows",)}.get(machine.system, ("systemd", "cron"))
    return [backend(name, machine) for name in names]


def found(machine: Machine) -> list[tuple[Backend, Installed]]:
    """Every schedule of ours that is installed: none or one, unless somebody copied files about."""
    return [(one, installed) for one in here(machine) if (installed := one.installed())]


def choose(name: str, machine: Machine) -> Backend:
    """The backend of that name; for "auto" the installed one, else the first that can be used here.

    Raises UsageError where none can.
    """
    if name != "auto":
        return backend(name, machine)
    if installed := found(machine):
        return installed[0][0]
    reasons = {one.name: one.unfit() for one in here(machine)}
    fit = [name for name, reason in reasons.items() if not reason]
    if not fit:
        told = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise UsageError(f"no scheduler can be used here ({told})", hint="run mentor harvest in a way of your own")
    return backend(fit[0], machine)


# --- the job -----------------------------------------------------------------------------------


def parse_at(text: str) -> time:
    """The time of day of ``03:15``. Raises UsageError."""
    if not (match := _AT.fullmatch(text)):
        raise UsageError(f"{text} is no time of day", hint="write it as 03:15")
    return time(int(match[1]), int(match[2]))


def job_here(at: str, places: Places, program: str = sys.argv[0], environment: Mapping[str, str] = os.environ) -> Job:
    """The nightly harvest of the library in use, by the program that is running. Raises UsageError."""
    carried = []
    for name in _CARRIED:
        if value := environment.get(name):
            carried.append((name, str(Path(value).expanduser().absolute())))
            if name == "MENTOR_HOME":
                break
    return Job(parse_at(at), (*program_here(program), "harvest"), places.data, tuple(carried))


def program_here(program: str, python: str = sys.executable) -> tuple[str, ...]:
    """How to start the running program from anywhere. Symbolic links are kept: installers renew what they name.

    ``program`` is ``sys.argv[0]``. Raises UsageError where it is not a file.
    """
    path = Path(program).absolute()
    if path.suffix == ".py":
        return python, str(path)
    for candidate in (path, path.with_name(path.name + ".exe")):
        if candidate.is_file():
            return (str(candidate),)
    raise UsageError(f"cannot tell where mentor is installed ({program})", hint="start it by its full path")


def unseen(environment: Mapping[str, str], key_file: str) -> list[str]:
    """What is set for this terminal and will be missed at night, a sentence each. Never tells a value."""
    lines = []
    if environment.get(_KEY) and not key_file:
        lines.append(
            f"{_KEY} is set here only, and is never written into a schedule: put the key into a file "
            "and name that with: mentor config set youtube.api_key_file FILE"
        )
    if key_file and not Path(key_file).expanduser().is_absolute():
        lines.append(f"youtube.api_key_file is {key_file}, which scheduled runs look for elsewhere: give its full path")
    others = [name for name in environment if name.startswith("MENTOR_")]
    settings = sorted(set(others) - {"MENTOR_HOME", "MENTOR_DEBUG", _KEY})
    if settings:
        lines.append(f"scheduled runs do not see {', '.join(settings)}: keep them with mentor config set")
    if proxies := [name for name in _PROXIES if environment.get(name)]:
        lines.append(f"scheduled runs do not see {', '.join(proxies)}: name the proxy in the configuration")
    return lines


# --- what the verbs do -------------------------------------------------------------------------


def install(chosen: Backend, job: Job, machine: Machine, *, dry_run: bool = False) -> Iterator[str]:
    """Put the job in force, lazily, telling what is touched. Installing the same twice changes nothing.

    Raises UsageError or ScheduleError where that cannot be.
    """
    reason = chosen.unfit()
    if reason and not dry_run:
        raise UsageError(f"{chosen.name} cannot be used here: {reason}", hint="choose another with --backend")
    for other, _ in found(machine):
        if other.name != chosen.name:
            raise ScheduleError(
                f"the harvest is scheduled by {other.name} already",
                hint="remove that first with: mentor schedule uninstall",
            )
    steps = chosen.install(job)
    yield from told(steps) if dry_run else carried_out(steps, machine)
    if not steps:
        yield f"scheduled by {chosen.name} like this already: nothing to change"


def uninstall(machine: Machine, *, dry_run: bool = False) -> Iterator[str]:
    """Remove what ``install`` wrote, lazily, telling what is touched; nothing else. Raises ScheduleError."""
    steps = [step for one, _ in found(machine) for step in one.uninstall()]
    yield from told(steps) if dry_run else carried_out(steps, machine)
    if not steps:
        yield "no harvest is scheduled: nothing to remove"


def show(machine: Machine) -> Iterator[str]:
    """What is installed, word for word."""
    for _, installed in found(machine):
        for place, text in installed.texts:
            yield f"# {place}"
            yield from text.rstrip("\n").splitlines()
            yield ""


def state(machine: Machine, now: datetime) -> dict[str, object]:
    """By what the harvest is scheduled, whether that is in force, when it runs next; for machines.

    ``backend`` is None where nothing is installed.
    """
    for one, installed in found(machine):
        following = one.next_run(now) if installed.active else None
        places = [place for place, _ in installed.texts]
        at = following.astimezone().isoformat(timespec="minutes") if following else None
        return {"backend": one.name, "active": installed.active, "next_run": at, "places": places}
    return {"backend": None, "active": False, "next_run": None, "places": []}


def state_line(found_state: Mapping[str, object]) -> str:
    """``state`` for people."""
    if found_state["backend"] is None:
        return NOTHING
    if not found_state["active"]:
        return f"scheduled by {found_state['backend']}, but not in force: mentor schedule install"
    at = found_state["next_run"]
    when = f"next run {str(at).replace('T', ' ')[:16]}" if at else "next run not known"
    return f"scheduled by {found_state['backend']}, {when}"


# --- what backends share -----------------------------------------------------------------------


def spread(at: time, machine: Machine) -> time:
    """``at`` and up to 45 minutes: always the same for one user on one machine, another for the next.

    For schedulers that cannot do this themselves.
    """
    seed = hashlib.sha256(f"{machine.user}@{machine.name}".encode()).digest()
    later = datetime.combine(datetime.min, at) + timedelta(minutes=int.from_bytes(seed[:4]) % (SPREAD_MIN + 1))
    return later.time()


def next_daily(at: time, now: datetime) -> datetime:
    """The next time the clock on the wall says ``at``, after ``now`` (aware)."""
    local = now.astimezone()
    for days in (0, 1):
        moment = datetime.combine(local.date() + timedelta(days=days), at).astimezone()
        if moment > local:
            return moment
    return moment
