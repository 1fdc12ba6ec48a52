"""Do the real schedulers accept what is written for them?

Each test asks a program of the operating system and is skipped where that is not installed.
"""

from __future__ import annotations

import dataclasses
import os
import plistlib
import shlex
import shutil
import subprocess
import time as clock
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from schedulers import Programs, machine_of

from library import schedule
from library.schedule import cron, launchd, systemd
from library.schedule.machine import Machine, this_machine


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """An invented user with the helpers of this machine."""
    return dataclasses.replace(machine_of(Programs(), tmp_path), which=shutil.which)


@pytest.fixture
def awkward(tmp_path: Path) -> schedule.Job:
    """A job whose program and folders have every character that somebody's syntax gives a meaning.

    The program writes down what it was started with.
    """
    folder = tmp_path / "50% of it's $HOME"
    folder.mkdir()
    program = folder / "men\\%tor"
    program.write_text(f'#!/bin/sh\necho "$0 $* $MENTOR_HOME" >{shlex.quote(str(tmp_path / "started"))}\necho done\n')
    program.chmod(0o755)
    home = tmp_path / 'my "own" %i talks'
    home.mkdir()
    return schedule.Job(time(3, 15), (str(program), "harvest"), home, (("MENTOR_HOME", str(home)),))


# --- systemd -----------------------------------------------------------------------------------


def analyze(folder: Path, *words: str, level: str = "info") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "LC_ALL": "C.UTF-8"}
    environment["SYSTEMD_LOG_LEVEL"] = level
    return subprocess.run(("systemd-analyze", *words), capture_output=True, text=True, check=False, env=environment)


def written(machine: Machine, job: schedule.Job) -> list[str]:
    list(schedule.install(schedule.backend("systemd", machine), job, machine))
    folder = machine.config / "systemd" / "user"
    return [str(folder / name) for name in (systemd.SERVICE, systemd.TIMER)]


@needs("systemd-analyze")
def test_systemd_accepts_the_units_without_a_word(machine: Machine, awkward: schedule.Job, tmp_path: Path) -> None:
    done = analyze(tmp_path, "verify", "--user", *written(machine, awkward))
    assert done.returncode == 0, done.stderr
    assert "passive-mentor" not in done.stdout + done.stderr


@needs("systemd-analyze")
def test_systemd_reads_paths_as_they_are(machine: Machine, awkward: schedule.Job, tmp_path: Path) -> None:
    said = analyze(tmp_path, "verify", "--user", *written(machine, awkward), level="debug").stdout
    read = {name: value for name, _, value in (line.strip().partition(": ") for line in said.splitlines())}
    words = shlex.split(read["Command Line"].replace("\\$", "$"))
    assert [word.replace("$$", "$") for word in words] == ["/usr/bin/env", *awkward.command]
    assert read["Environment"] == f"MENTOR_HOME={awkward.log}"


@needs("systemd-analyze")
def test_systemd_itself_starts_a_program_without_quotes(machine: Machine, tmp_path: Path) -> None:
    program = tmp_path / "50% of $HOME" / "mentor"
    program.parent.mkdir()
    program.touch(0o755)
    units = written(machine, schedule.Job(time(3, 15), (str(program), "harvest"), tmp_path))
    assert (done := analyze(tmp_path, "verify", "--user", *units)).returncode == 0, done.stderr
    assert "/usr/bin/env" not in Path(units[0]).read_text()
    program.unlink()
    assert analyze(tmp_path, "verify", "--user", *units).returncode


@needs("systemd-analyze")
@pytest.mark.parametrize(
    ("right", "wrong"), [("03:15:00", "25:15:00"), ("Type=oneshot", "Type=one"), ("ExecStart=", "ExecStart=/no")]
)
def test_systemd_would_notice_a_mistake(
    right: str, wrong: str, machine: Machine, awkward: schedule.Job, tmp_path: Path
) -> None:
    units = written(machine, awkward)
    for unit in units:
        Path(unit).write_text(Path(unit).read_text().replace(right, wrong))
    done = analyze(tmp_path, "verify", "--user", *units)
    assert done.returncode or done.stderr


@needs("systemd-analyze")
def test_systemd_understands_the_time_of_day(awkward: schedule.Job, tmp_path: Path) -> None:
    when = next(line for line in systemd.timer(awkward).splitlines() if line.startswith("OnCalendar="))
    done = analyze(tmp_path, "calendar", "--iterations=3", when.removeprefix("OnCalendar="))
    assert done.returncode == 0
    assert done.stdout.count(" 03:15:00 ") == 3


# --- cron --------------------------------------------------------------------------------------


def checked(crontab: Path) -> subprocess.CompletedProcess[str]:
    """Debian's cron checks a file with -n, cronie with -T."""
    version = subprocess.run(("crontab", "-V"), capture_output=True, text=True, check=False)
    option = "-T" if "cronie" in version.stdout + version.stderr else "-n"
    done = subprocess.run(("crontab", option, str(crontab)), capture_output=True, text=True, check=False)
    if "option" in done.stderr:
        pytest.skip("this crontab cannot check a file")
    return done


@needs("crontab")
def test_cron_accepts_the_block(machine: Machine, awkward: schedule.Job, tmp_path: Path) -> None:
    crontab = tmp_path / "crontab"
    crontab.write_text(cron.block(awkward, machine) + "MAILTO=ada\n0 5 * * 1 backup\n")
    done = checked(crontab)
    assert done.returncode == 0, done.stderr
    crontab.write_text(cron.block(awkward, machine).replace(" 3 * * *", " 33 * * *", 1))
    assert checked(crontab).returncode


@needs("sh")
def test_the_shell_runs_the_lines_as_meant(machine: Machine, awkward: schedule.Job, tmp_path: Path) -> None:
    for line, options in zip(cron.block(awkward, machine).splitlines()[1:3], ([], schedule.CATCH_UP), strict=True):
        command = line.split(" ", 5)[5].replace("\\%", "%")
        subprocess.run(("sh", "-c", command), check=True, env={"PATH": os.environ["PATH"]})
        assert_started(awkward, tmp_path, *options)
    assert cron.log(awkward).read_text() == "done\n"


def assert_started(job: schedule.Job, folder: Path, *options: str) -> None:
    assert (folder / "started").read_text() == f"{' '.join([*job.command, *options])} {job.log}\n"


_ASKED = "MENTOR_TEST_CRON"


@needs("cron")
@needs("unshare")
@pytest.mark.skipif(_ASKED not in os.environ, reason=f"takes a minute and needs root: set {_ASKED}=1")
def test_a_real_cron_daemon_runs_the_line(awkward: schedule.Job, tmp_path: Path) -> None:
    """In a mount namespace of its own, so that neither the crontabs nor the daemon of this machine are touched."""
    machine = this_machine()
    due = datetime.now().replace(second=0) + timedelta(minutes=2 if datetime.now().second > 50 else 1)
    at = (due - timedelta(minutes=schedule.spread(time(0), machine).minute)).time()
    block = tmp_path / "block"
    block.write_text(cron.block(dataclasses.replace(awkward, at=at), machine))
    script = (
        "mount -t tmpfs tmpfs /var/spool/cron && mkdir -m 1730 /var/spool/cron/crontabs && "
        "mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /etc/cron.d && mount --bind /dev/null /etc/crontab && "
        f"crontab {shlex.quote(str(block))} && exec cron -f"
    )
    daemon = subprocess.Popen(("unshare", "--mount", "sh", "-c", script))
    try:
        deadline = clock.monotonic() + 130
        while not cron.log(awkward).exists() and clock.monotonic() < deadline and daemon.poll() is None:
            clock.sleep(0.5)
        clock.sleep(1)
    finally:
        daemon.terminate()
        daemon.wait()
    assert_started(awkward, tmp_path)
    assert cron.log(awkward).read_text() == "done\n"


# --- launchd -----------------------------------------------------------------------------------


@needs("plistutil")
def test_another_reader_of_property_lists_reads_the_same(
    machine: Machine, awkward: schedule.Job, tmp_path: Path
) -> None:
    text = launchd.agent(awkward, machine)
    (tmp_path / "agent.plist").write_text(text)
    subprocess.run(("plistutil", "-i", "agent.plist", "-o", "agent.bin", "-f", "bin"), check=True, cwd=tmp_path)
    raw = (tmp_path / "agent.bin").read_bytes()
    assert raw.startswith(b"bplist00")
    assert plistlib.loads(raw) == plistlib.loads(text.encode())
