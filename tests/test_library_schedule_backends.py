"""Is what each scheduler gets written as its manual wants it?"""

from __future__ import annotations

import dataclasses
import plistlib
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from schedulers import JOB, NOW, Programs, installed, job, machine_of, on

from library import schedule
from library.errors import ScheduleError, UsageError
from library.schedule import cron, launchd, systemd
from library.schedule.machine import Machine, Ran
from library.schedule.steps import MARK

AWKWARD = schedule.Job(
    time(3, 15), ("/opt/50% of it's $HOME/men\\tor", "harvest"), Path("/da ta"), (("MENTOR_HOME", '/my "own" %i'),)
)


@pytest.fixture
def programs() -> Programs:
    return Programs()


@pytest.fixture
def machine(tmp_path: Path, programs: Programs) -> Machine:
    return machine_of(programs, tmp_path)


# --- systemd -----------------------------------------------------------------------------------


def test_the_units_read_as_written_here() -> None:
    assert (systemd.service(AWKWARD) + systemd.timer(AWKWARD)).splitlines() == [
        f"# {MARK}. It replaces this file: make changes of your own with",
        "# systemctl --user edit passive-mentor.service",
        "[Unit]",
        "Description=Passive Mentor: harvest what is new",
        "",
        "[Service]",
        "Type=oneshot",
        r'Environment="MENTOR_HOME=/my \"own\" %%i"',
        r"""ExecStart=/usr/bin/env "/opt/50%% of it's $$HOME/men\\tor" harvest""",
        "Nice=10",
        "IOSchedulingClass=idle",
        "TimeoutStartSec=3h",
        "TimeoutStopSec=5min",
        "SuccessExitStatus=75",
        "NoNewPrivileges=true",
        f"# {MARK}. It replaces this file: make changes of your own with",
        "# systemctl --user edit passive-mentor.timer",
        "[Unit]",
        "Description=Passive Mentor: harvest every night",
        "",
        "[Timer]",
        "OnCalendar=*-*-* 03:15:00",
        "RandomizedDelaySec=45min",
        "FixedRandomDelay=true",
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]


def test_a_plain_program_is_started_by_systemd_itself() -> None:
    spaced = dataclasses.replace(JOB, command=("/opt/$my talks/mentor", "harvest"))
    assert "\nExecStart=/opt/mentor harvest\n" in systemd.service(JOB)
    assert '\nExecStart="/opt/$my talks/mentor" harvest\n' in systemd.service(spaced)


def test_systemd_is_told_and_asked(machine: Machine, programs: Programs, tmp_path: Path) -> None:
    installed(machine, job(tmp_path))
    changes = [call for call in programs.calls if "--user" in call and "is-" not in call and "show" not in call]
    assert changes == [
        "systemctl --user daemon-reload",
        "systemctl --user enable passive-mentor.timer",
        "systemctl --user restart passive-mentor.timer",
    ]
    chosen = schedule.choose("auto", machine)
    assert chosen.next_run(NOW) == datetime(2026, 3, 3, 3, 41, 12, tzinfo=UTC)
    assert "loginctl enable-linger ada" in chosen.advice(JOB)[-1]
    programs.failing["loginctl"] = Ran(0, b"yes\n")
    assert not any("linger" in line for line in chosen.advice(JOB))
    programs.failing["NextElapse"] = Ran(0, b"\n")
    assert chosen.next_run(NOW) is None


def test_a_link_left_behind_for_want_of_a_manager_is_removed(
    machine: Machine, programs: Programs, tmp_path: Path
) -> None:
    installed(machine, job(tmp_path))
    wants = tmp_path / ".config/systemd/user/timers.target.wants/passive-mentor.timer"
    wants.parent.mkdir()
    wants.symlink_to(wants.parent.parent / "passive-mentor.timer")
    programs.failing["systemctl"] = Ran(1, err="Failed to connect to bus")
    done = list(schedule.uninstall(machine))
    assert [line.split()[0] for line in done] == ["removed"] * 3
    assert not wants.is_symlink()


# --- cron --------------------------------------------------------------------------------------


def test_the_block_reads_as_written_here(machine: Machine) -> None:
    helpers = "/usr/bin/flock -n '/da ta/schedule.lock' /usr/bin/timeout 3h /usr/bin/nice -n 10 /usr/bin/ionice -c 3"
    start = rf"""MENTOR_HOME='/my "own" '\%i {helpers} /opt/50\%' of it'"'"'s $HOME/men\tor' harvest"""
    assert schedule.spread(time(3, 15), machine) == time(3, 44)
    assert cron.block(AWKWARD, machine).splitlines() == [
        f"# BEGIN passive-mentor ({MARK}, which replaces this block)",
        f"44 3 * * * {start} >'/da ta/schedule.log' 2>&1",
        f"44 9,15,21 * * * {start} --if-older-than 20h >'/da ta/catch-up.log' 2>&1",
        "# END passive-mentor",
    ]


def test_helpers_that_are_missing_are_left_out(machine: Machine) -> None:
    bare = dataclasses.replace(machine, which=lambda _: None)
    assert cron.block(JOB, bare).splitlines()[1] == "44 3 * * * /opt/mentor harvest >/data/schedule.log 2>&1"


@given(st.binary(max_size=200) | st.text(alphabet="#*% BEGINpassive-mentor0\n\r", max_size=200).map(str.encode))
def test_whatever_the_rest_of_the_crontab_is_it_comes_back_byte_for_byte(rest: bytes) -> None:
    assume(cron.BEGIN.encode() not in rest)
    assume(cron.END.encode() not in rest)
    assert_comes_back(rest)


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b"\n",
        b"no end of line",
        b"MAILTO=x\r\n",
        b"\n\n# BEGIN passive-mentors\n",
        b"  # END passive-mentor\n",
        b"\xff",
    ],
)
def test_odd_crontabs_come_back_byte_for_byte(rest: bytes) -> None:
    assert_comes_back(rest)


def assert_comes_back(rest: bytes) -> None:
    first, second = (b"%b (x)\n%b\n%b\n" % (cron.BEGIN.encode(), line, cron.END.encode()) for line in (b"1", b"2"))
    with_first = cron.replaced(rest, first)
    assert with_first != rest
    assert cron.replaced(with_first, first) == with_first
    with_second = cron.replaced(with_first, second)
    assert second in with_second
    assert first not in with_second
    assert cron.replaced(with_second, b"") == rest


def test_a_block_keeps_its_place_between_other_lines(machine: Machine, programs: Programs, tmp_path: Path) -> None:
    programs.crontab = b"above\n# BEGIN passive-mentor\nold\n# END passive-mentor\nbelow"
    installed(machine, job(tmp_path), "cron")
    assert programs.crontab.startswith(b"above\n# BEGIN")
    assert programs.crontab.endswith(b"# END passive-mentor\nbelow")
    assert b"\nold\n" not in programs.crontab
    list(schedule.uninstall(machine))
    assert programs.crontab == b"above\nbelow"


@pytest.mark.parametrize(
    "crontab",
    [
        b"# BEGIN passive-mentor\nold\n",
        b"# END passive-mentor\n",
        b"# BEGIN passive-mentor\n# BEGIN passive-mentor\n# END passive-mentor\n",
        b"# BEGIN passive-mentor\n# END passive-mentor\n" * 2,
        b"# END passive-mentor\n# BEGIN passive-mentor\n",
    ],
)
def test_a_block_without_its_end_is_not_guessed_at(machine: Machine, programs: Programs, crontab: bytes) -> None:
    programs.crontab = crontab
    with pytest.raises(ScheduleError, match="does not hold one # BEGIN"):
        installed(machine, JOB, "cron")
    assert programs.crontab == crontab


def test_a_crontab_that_cannot_be_read_is_not_taken_for_an_empty_one(machine: Machine, programs: Programs) -> None:
    programs.failing["-l"] = Ran(1, err="You (ada) are not allowed to use this program (crontab)")
    with pytest.raises(UsageError, match="not allowed"):
        installed(machine, JOB, "cron")
    assert not any(call.startswith("crontab -") and call != "crontab -l" for call in programs.calls)


def test_cron_runs_next_at_its_own_minute(machine: Machine, tmp_path: Path) -> None:
    installed(machine, job(tmp_path), "cron")
    local = schedule.choose("auto", machine).next_run(NOW).astimezone()
    assert (local.hour, local.minute) == (3, 44)


def test_lines_too_long_for_cron_are_refused(machine: Machine) -> None:
    with pytest.raises(ScheduleError, match="too long"):
        cron.block(schedule.Job(time(3), ("/" + "a" * 900, "harvest"), Path("/data")), machine)


# --- launchd and Windows -----------------------------------------------------------------------


def test_the_agent_reads_back_as_meant(machine: Machine) -> None:
    text = launchd.agent(AWKWARD, machine)
    assert MARK in text
    assert plistlib.loads(text.encode()) == {
        "Label": "local.passive-mentor",
        "ProgramArguments": list(AWKWARD.command),
        "StartCalendarInterval": {"Hour": 3, "Minute": 44},
        "Nice": 10,
        "LowPriorityIO": True,
        "ProcessType": "Background",
        "StandardOutPath": "/da ta/schedule.log",
        "StandardErrorPath": "/da ta/schedule.log",
        "EnvironmentVariables": {"MENTOR_HOME": '/my "own" %i'},
    }


def test_launchd_is_told(machine: Machine, programs: Programs, tmp_path: Path) -> None:
    machine = on(machine, "launchd")
    installed(machine, job(tmp_path))
    path = tmp_path / "Library/LaunchAgents/local.passive-mentor.plist"
    assert [call for call in programs.calls if call.startswith("launchctl") and "print" not in call] == [
        "launchctl bootout gui/1000/local.passive-mentor",
        "launchctl enable gui/1000/local.passive-mentor",
        f"launchctl bootstrap gui/1000 {path}",
    ]


def test_the_windows_task_is_well_formed_and_in_the_order_of_its_schema(machine: Machine, tmp_path: Path) -> None:
    machine = on(machine, "windows")
    mine = schedule.Job(
        time(3, 15), (r"C:\Program Files\mentor.exe", "harvest"), tmp_path, (("MENTOR_HOME", r"C:\my & talks"),)
    )
    installed(machine, mine)
    raw = (tmp_path / ".config/passive-mentor/schedule.xml").read_bytes()
    assert raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    root = ET.fromstring(raw)
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert [child.tag.removeprefix(space) for child in root] == [
        "RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"
    ]  # fmt: skip
    trigger = root.find(f".//{space}CalendarTrigger")
    assert [child.tag.removeprefix(space) for child in trigger] == ["StartBoundary", "RandomDelay", "ScheduleByDay"]
    said = {element.tag.removeprefix(space): element.text for element in root.iter()}
    assert said["StartBoundary"] == "2026-01-01T03:15:00"
    assert said["RandomDelay"] == "PT45M"
    assert said["StartWhenAvailable"] == "true"
    assert said["ExecutionTimeLimit"] == "PT3H"
    assert said["Priority"] == "8"
    assert said["Command"] == "cmd.exe"
    assert said["Arguments"] == r'/d /s /c "set "MENTOR_HOME=C:\my & talks" & "C:\Program Files\mentor.exe" harvest"'
    local = schedule.choose("auto", machine).next_run(NOW).astimezone()
    assert (local.hour, local.minute) == (3, 15)


def test_paths_that_windows_would_read_otherwise_are_refused(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="which a task cannot"):
        installed(on(machine, "windows"), schedule.Job(time(3), (r"C:\%x%\m.exe", "harvest"), tmp_path))
