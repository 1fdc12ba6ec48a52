"""What must a schedule know of the machine it is written for, and how does it touch it?

Folders, names and the two ways to reach programs stand in one record, so that a test can put another
machine in its place.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_TIMEOUT_S = 60
_NOT_FOUND = 127
"""What a shell ends with where there is no such program."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended: its exit code, its output as it came, its complaints as text."""

    code: int
    out: bytes = b""
    err: str = ""

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "replace").strip()


class Run(Protocol):
    """Runs a program to its end. Never raises: a program that is not there ends with 127."""

    def __call__(self, argv: Sequence[str], stdin: bytes = b"") -> Ran: ...


@dataclass(frozen=True, slots=True)
class Machine:
    """One user on one machine. ``system`` is as in ``sys.platform``, ``config`` the folder of all configuration."""

    system: str
    user: str
    uid: int
    name: str
    home: Path
    config: Path
    run: Run
    which: Callable[[str], str | None]


def this_machine() -> Machine:
    """The user who runs this, here."""
    import getpass
    import platform

    windows = sys.platform == "win32"
    home = Path.home()
    given = os.environ.get("LOCALAPPDATA" if windows else "XDG_CONFIG_HOME", "")
    user = getpass.getuser()
    if windows and (domain := os.environ.get("USERDOMAIN")):
        user = f"{domain}\\{user}"
    return Machine(
        system=sys.platform,
        user=user,
        uid=0 if windows else os.getuid(),
        name=platform.node(),
        home=home,
        config=Path(given) if Path(given).is_absolute() else home / ("AppData/Local" if windows else ".config"),
        run=run,
        which=shutil.which,
    )


def run(argv: Sequence[str], stdin: bytes = b"") -> Ran:
    """Run a program of this machine, its messages in English, for a minute at most."""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(argv, input=stdin, capture_output=True, timeout=_TIMEOUT_S, check=False, env=environment)
    except FileNotFoundError:
        return Ran(_NOT_FOUND, err=f"{argv[0]}: no such program")
    except (OSError, subprocess.TimeoutExpired) as exc:
        return Ran(_NOT_FOUND - 1, err=f"{argv[0]}: {exc}")
    return Ran(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip())
