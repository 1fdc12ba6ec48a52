"""Is the nightly job put in force only where it should be, and removed without a trace?"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schedulers import JOB, NOW, Programs, files, installed, job, machine_of, on

from library import schedule
from library.errors import ScheduleError, UsageError
from library.journal import Run
from library.places import Places
from library.schedule import recent
from library.schedule.machine import Machine, Ran, run


@pytest.fixture
def programs() -> Programs:
    return Programs()


@pytest.fixture
def machine(tmp_path: Path, programs: Programs) -> Machine:
    return machine_of(programs, tmp_path)


# --- every backend -----------------------------------------------------------------------------

everywhere = pytest.mark.parametrize("name", schedule.BACKENDS)


@everywhere
def test_a_dry_run_tells_what_the_real_run_does_and_does_nothing(name: str, machine: Machine, tmp_path: Path) -> None:
    machine = on(machine, name)
    chosen = schedule.choose("auto", machine)
    assert chosen.name == name
    told = list(schedule.install(chosen, job(tmp_path), machine, dry_run=True))
    assert files(tmp_path) == {}
    assert schedule.found(machine) == []
    done = installed(machine, job(tmp_path))
    past = {"made": "would make", "wrote": "would write", "ran": "would run"}
    acts = [line.partition(" ") for line in done if not line.startswith(" ")]
    assert [f"{past[verb]} {rest}" for verb, _, rest in acts] == [line for line in told if line.startswith("would")]


@everywhere
def test_installing_twice_changes_nothing(name: str, machine: Machine, programs: Programs, tmp_path: Path) -> None:
    machine = on(machine, name)
    installed(machine, job(tmp_path))
    (tmp_path / "data").mkdir(exist_ok=True)
    before, crontab = files(tmp_path), programs.crontab
    assert installed(machine, job(tmp_path)) == [f"scheduled by {name} like this already: nothing to change"]
    assert (files(tmp_path), programs.crontab) == (before, crontab)


@everywhere
def test_another_time_replaces_the_first(name: str, machine: Machine, programs: Programs, tmp_path: Path) -> None:
    machine = on(machine, name)
    installed(machine, job(tmp_path))
    first = files(tmp_path).keys(), (programs.crontab or b"").count(b"\n")
    shown = list(schedule.show(machine))
    installed(machine, job(tmp_path, time(14, 0)))
    assert (files(tmp_path).keys(), (programs.crontab or b"").count(b"\n")) == first
    assert list(schedule.show(machine)) != shown
    assert len(schedule.found(machine)) == 1


@everywhere
def test_uninstalling_leaves_nothing_and_touches_nothing_else(
    name: str, machine: Machine, programs: Programs, tmp_path: Path
) -> None:
    machine = on(machine, name)
    neighbour = tmp_path / ".config" / "systemd" / "user" / "backup.timer"
    neighbour.parent.mkdir(parents=True)
    neighbour.write_text("[Timer]\n")
    before = files(tmp_path)
    installed(machine, job(tmp_path))
    assert schedule.found(machine)
    list(schedule.uninstall(machine))
    assert files(tmp_path) == before
    assert programs.crontab is None
    assert not programs.in_force
    assert list(schedule.uninstall(machine)) == ["no harvest is scheduled: nothing to remove"]


@pytest.mark.parametrize("name", ["systemd", "launchd", "windows"])
def test_a_file_of_somebody_else_is_left_alone(name: str, machine: Machine, tmp_path: Path) -> None:
    machine = on(machine, name)
    installed(machine, job(tmp_path))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_text("mine\n")
    before = files(tmp_path)
    with pytest.raises(ScheduleError, match="was not written by mentor schedule and is left alone"):
        installed(machine, job(tmp_path))
    assert list(schedule.uninstall(machine)) == ["no harvest is scheduled: nothing to remove"]
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", ["systemd", "launchd", "windows"])
def test_a_schedule_switched_off_by_hand_is_told_and_put_in_force_again(
    name: str, machine: Machine, programs: Programs, tmp_path: Path
) -> None:
    machine = on(machine, name)
    installed(machine, job(tmp_path))
    programs.in_force = False
    assert "not in force" in schedule.state_line(schedule.state(machine, NOW))
    installed(machine, job(tmp_path))
    assert "next run 2026-03-0" in schedule.state_line(schedule.state(machine, NOW))


def test_what_is_installed_already_is_chosen_again(machine: Machine, tmp_path: Path) -> None:
    assert schedule.choose("auto", machine).name == "systemd"
    installed(machine, job(tmp_path), "cron")
    assert schedule.choose("auto", machine).name == "cron"
    with pytest.raises(ScheduleError, match="scheduled by cron already"):
        installed(machine, job(tmp_path), "systemd")


def test_without_any_scheduler_the_reasons_are_told(machine: Machine, programs: Programs) -> None:
    programs.failing["show-environment"] = Ran(1, err="Failed to connect to bus: No medium found")
    machine = dataclasses.replace(machine, which=lambda name: "/usr/bin/systemctl" if name == "systemctl" else None)
    with pytest.raises(UsageError, match=r"systemd: Failed to connect to bus.*cron: there is no crontab"):
        schedule.choose("auto", machine)
    with pytest.raises(UsageError, match="systemd cannot be used here: Failed to connect"):
        installed(machine, JOB, "systemd")
    assert any(
        "would write" in line
        for line in schedule.install(schedule.backend("systemd", machine), JOB, machine, dry_run=True)
    )


def test_a_program_that_fails_is_quoted(machine: Machine, programs: Programs, tmp_path: Path) -> None:
    programs.failing["daemon-reload"] = Ran(1, err="Access\x1b[31m denied")
    with pytest.raises(ScheduleError, match="systemctl --user daemon-reload failed: Access denied"):
        installed(machine, job(tmp_path))


def test_a_folder_that_cannot_be_made_is_named(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file")
    with pytest.raises(ScheduleError, match=r"\.config.* (cannot be|: Not)"):
        installed(machine, job(tmp_path))


def test_running_a_program_never_raises() -> None:
    assert run(("no-such-program-here",)).code == 127
    assert run(("cat",), b"\xff").out == b"\xff"


# --- the job -----------------------------------------------------------------------------------


def test_the_job_carries_where_the_library_is_and_never_the_key(tmp_path: Path) -> None:
    program = tmp_path / "mentor"
    program.touch()
    environment = {"MENTOR_HOME": "~/talks", "MENTOR_YOUTUBE_API_KEY": "AIzaSecret", "XDG_DATA_HOME": "/elsewhere"}
    made = schedule.job_here("3:15", Places(tmp_path / "c", tmp_path), str(program), environment)
    assert made.environment == (("MENTOR_HOME", str(Path.home() / "talks")),)
    assert made.command == (str(program), "harvest")
    assert made.at == time(3, 15)
    assert "AIza" not in repr(made)
    del environment["MENTOR_HOME"]
    assert schedule.job_here("03:15", Places(tmp_path, tmp_path), str(program), environment).environment == (
        ("XDG_DATA_HOME", "/elsewhere"),
    )


def test_a_link_to_the_program_is_kept_as_the_installer_made_it(tmp_path: Path) -> None:
    (tmp_path / "real").touch()
    (tmp_path / "mentor").symlink_to(tmp_path / "real")
    assert schedule.program_here(str(tmp_path / "mentor")) == (str(tmp_path / "mentor"),)
    assert schedule.program_here("/src/cli.py", "/usr/bin/python3") == ("/usr/bin/python3", "/src/cli.py")
    (tmp_path / "mentor.exe").touch()
    (tmp_path / "mentor").unlink()
    assert schedule.program_here(str(tmp_path / "mentor")) == (str(tmp_path / "mentor.exe"),)
    with pytest.raises(UsageError, match="cannot tell where mentor is installed"):
        schedule.program_here("-c")


@pytest.mark.parametrize("text", ["24:00", "3", "03:60", "03:15:00", "", " 3:15", "٣:١٥"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no time of day"):
        schedule.parse_at(text)


@pytest.mark.parametrize("path", ["/a\nb", "/a\0b", "/a\udc80b"])
def test_a_path_that_no_file_can_hold_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="characters that a schedule cannot"):
        schedule.Job(time(3), (path, "harvest"), Path("/data"))


def test_what_the_night_will_not_see_is_told_without_its_value() -> None:
    environment = {
        "MENTOR_YOUTUBE_API_KEY": "AIzaSecret", "MENTOR_HOME": "/h", "MENTOR_HARVEST_PAUSE_S": "5",
        "HTTPS_PROXY": "http://ada:secret@proxy", "HOME": "/h",
    }  # fmt: skip
    lines = schedule.unseen(environment, "")
    assert [line.split()[0] for line in lines] == ["MENTOR_YOUTUBE_API_KEY", "scheduled", "scheduled"]
    assert "MENTOR_HARVEST_PAUSE_S" in lines[1]
    assert "MENTOR_HOME" not in lines[1]
    assert "HTTPS_PROXY" in lines[2]
    assert "ecret" not in "".join(lines)
    assert schedule.unseen({"MENTOR_YOUTUBE_API_KEY": "AIzaSecret"}, "/etc/key") == []
    assert "full path" in schedule.unseen({}, "key.txt")[0]


def test_the_minute_is_spread_but_stays_the_same(machine: Machine) -> None:
    users = [dataclasses.replace(machine, user=f"user{number}") for number in range(300)]
    minutes = [schedule.spread(time(3, 15), user) for user in users]
    assert minutes == [schedule.spread(time(3, 15), user) for user in users]
    assert min(minutes) == time(3, 15)
    assert max(minutes) == time(4, 0)
    assert len(set(minutes)) == 46
    assert schedule.spread(time(23, 59), users[0]) < time(0, 45) or schedule.spread(time(23, 59), users[0]) == time(
        23, 59
    )


@given(st.times(), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_the_next_run_is_within_a_day_at_that_time(at: time, now: datetime) -> None:
    now = now.replace(tzinfo=UTC)
    following = schedule.next_daily(at.replace(second=0, microsecond=0), now)
    assert now < following <= now + timedelta(hours=25)
    assert following.utcoffset() is not None


# --- was there a harvest lately? ---------------------------------------------------------------


def ran(hours_ago: float, result: str = "done", **summary: object) -> Run:
    return Run(1, NOW - timedelta(hours=hours_ago), None, result, summary)


def test_a_harvest_counts_as_recent_only_where_it_got_through() -> None:
    span = recent.parse_span("20h")
    assert recent.lately([ran(19.9)], span, NOW)
    assert recent.lately([ran(20)], span, NOW) is None
    assert recent.lately([], span, NOW) is None
    for fruitless in (ran(1, "interrupted"), ran(1, "failed: no key"), ran(1, ""), ran(1, "incomplete", listed=0)):
        assert recent.lately([fruitless], span, NOW) is None
        assert recent.lately([fruitless, ran(2)], span, NOW) == ran(2)
    assert recent.lately([ran(1, "incomplete", listed=3)], span, NOW)
    assert recent.lately([ran(1, mentors=1), ran(2, mentors=3)], span, NOW, followed=2) == ran(2, mentors=3)
    assert recent.lately([ran(1, "incomplete", stopped="YouTube asked for patience")], span, NOW)


@pytest.mark.parametrize(("text", "hours"), [("90m", 1.5), ("20h", 20), ("2d", 48)])
def test_spans_are_read(text: str, hours: float) -> None:
    assert recent.parse_span(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "20", "0h", "-1h", "1.5h", "20 h", "999999d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no length of time"):
        recent.parse_span(text)
