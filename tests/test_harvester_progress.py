"""Is what happens in a harvest told in a log and on a terminal, summed up, and paced?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import timedelta
from pathlib import Path

import pytest
from fakes import ANTON, MARTA, NOW, channel, video
from msgspec.structs import replace

from harvester.pace import Pace
from harvester.progress import in_bars, in_lines, line
from harvester.report import (
    Event,
    Fetching,
    Found,
    Listed,
    ListingFailed,
    Looking,
    Outcome,
    Queued,
    Report,
    Stopped,
    Waiting,
    duration,
)
from library.errors import ChannelNotFound, ExitCode, KeyRefused, MentorError, RateLimited, SourceError
from library.models import Channel, ChannelForm, State
from library.store import Store

TALKS = Channel("PL1", ChannelForm.PLAYLIST, "Best talks")
FAILED = ListingFailed(ANTON, "@anton", ChannelNotFound("no channel @anton"))
STOPPED = Stopped("YouTube asks for patience", NOW + timedelta(hours=12))
OUT_OF_REACH = Stopped("the connection failed", None)
RUN: list[Event] = [
    Looking(MARTA, "@marta"),
    Found(MARTA, video("a"), State.WAITING, ""),
    Listed(MARTA, channel("marta"), 2, False),
    Looking(ANTON, "@anton"),
    FAILED,
    Queued(2, 0),
    Fetching(MARTA, video("a")),
    Outcome(MARTA, video("a"), State.TEXT, ""),
    Waiting(31.5),
    Fetching(MARTA, video("b")),
    Outcome(MARTA, video("b"), State.NO_CAPTIONS, "captions are off"),
    STOPPED,
]


# --- lines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Looking(MARTA, "@marta"), ""),
        (Listed(MARTA, channel("marta"), 2, False), "Marta: 2 new"),
        (Listed(MARTA, TALKS, 0, True), "Marta: 0 new at Best talks (the newest only)"),
        (FAILED, "Anton: @anton could not be listed: no channel @anton"),
        (
            ListingFailed(ANTON, "Anton", RateLimited("no units left"), 2),
            "Anton: 2 new, but could not be listed in full: no units left",
        ),
        (Found(MARTA, video("a"), State.WAITING, ""), ""),
        (Queued(0, 0), ""),
        (Queued(1, 0), "1 transcript to fetch"),
        (Queued(60, 40), "60 transcripts to fetch in this run, 40 more in the next ones"),
        (Waiting(30), ""),
        (Fetching(MARTA, video("a")), ""),
        (Outcome(MARTA, video("a"), State.TEXT, ""), "Marta: Talk a"),
        (Outcome(MARTA, video("a"), State.NO_CAPTIONS, ""), "Marta: Talk a: no captions yet"),
        (Outcome(MARTA, video("a"), State.PRIVATE, "taken back"), "Marta: Talk a: taken back"),
        (STOPPED, "stopped asking YouTube: YouTube asks for patience; goes on after 2026-03-02 16:00 UTC"),
        (OUT_OF_REACH, "stopped asking YouTube: the connection failed; goes on with the next harvest"),
    ],
)
def test_every_event_in_words(event: Event, said: str) -> None:
    assert line(event) == said


def test_a_dry_run_names_each_video_and_what_would_become_of_it() -> None:
    assert line(Found(MARTA, video("a"), State.WAITING, ""), every_video=True) == "  a  Talk a  [waiting]"
    assert line(Found(MARTA, video("a"), State.EXCLUDED, "a short"), every_video=True) == "  a  Talk a  [a short]"


def test_a_log_holds_the_lines_worth_reading_in_order() -> None:
    written: list[str] = []
    in_lines(RUN, written.append)
    assert written == [text for event in RUN if (text := line(event))]
    assert len(written) == 6


# --- bars ----------------------------------------------------------------------------------------


def shown_in_bars(events: list[Event], channels: int = 2) -> str:
    screen = io.StringIO()
    with redirect_stderr(screen):
        in_bars(events, channels)
    return screen.getvalue()


def test_bars_keep_only_what_did_not_go_well() -> None:
    screen = shown_in_bars(RUN)
    for said in ("no channel @anton", "captions are off", "stopped asking YouTube"):
        assert screen.count(said) == 1
    for unsaid in ("2 new", "2 transcripts to fetch", "Marta: Talk a\n"):
        assert unsaid not in screen


def test_bars_show_titles_as_they_are() -> None:
    odd = replace(video("a"), title="[bold]50% [/] \\[x]")
    assert "[bold]50% [/] \\[x]: private" in shown_in_bars([Queued(1, 0), Outcome(MARTA, odd, State.PRIVATE, "")])


@pytest.mark.parametrize("events", [[], [Queued(0, 0)], [Waiting(3), Fetching(MARTA, video("a"))], RUN[-2:]])
def test_bars_stand_whatever_comes(events: list[Event]) -> None:
    shown_in_bars(events, channels=0)


def test_bars_are_put_away_when_a_run_breaks_off() -> None:
    def breaking() -> Iterator[Event]:
        yield RUN[0]
        raise KeyboardInterrupt

    for _ in range(2):
        with redirect_stderr(io.StringIO()), pytest.raises(KeyboardInterrupt):
            in_bars(breaking(), 1)


# --- the sum -------------------------------------------------------------------------------------


def summed(*events: Event) -> Report:
    report = Report(mentors=2)
    for event in events:
        report.add(event)
    return report


def test_a_report_adds_up_what_happened() -> None:
    report = summed(*RUN)
    assert report.as_dict() == {
        "mentors": 2,
        "listed": 1,
        "failed_listings": ["@anton: no channel @anton"],
        "new": 2,
        "transcripts": 1,
        "bettered": 0,
        "without_text": {"no_captions": 1},
        "later": 0,
        "stopped": "YouTube asks for patience",
        "units": 0,
    }
    assert report.summary(61, 100, 0) == (
        "2 lecturers, 2 new, 1 transcript, 1 no captions yet, stopped: YouTube asks for patience, "
        "1 listing failed, 1m01s"
    )


def failed(error: MentorError) -> ListingFailed:
    return ListingFailed(ANTON, "@anton", error)


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([], ExitCode.DONE),
        ([RUN[2], failed(SourceError("down"))], ExitCode.DONE),
        ([failed(SourceError("down"))], ExitCode.UNREACHABLE),
        ([failed(ChannelNotFound("gone"))], ExitCode.BAD_INPUT),
        ([failed(RateLimited("slow")), RUN[2]], ExitCode.TRY_LATER),
        ([RUN[2], STOPPED], ExitCode.TRY_LATER),
        ([RUN[2], OUT_OF_REACH], ExitCode.UNREACHABLE),
        ([failed(KeyRefused("bad")), RUN[2]], ExitCode.BAD_CONFIG),
        ([failed(KeyRefused("bad")), failed(RateLimited("slow")), RUN[2], STOPPED], ExitCode.BAD_CONFIG),
        ([RUN[2], RUN[-2]], ExitCode.DONE),
    ],
)
def test_the_exit_code_of_a_run_is_that_of_the_worst_that_concerns_all(events: list[Event], code: ExitCode) -> None:
    assert summed(*events).settled() is code


def test_the_summary_tells_of_units_and_of_what_is_left_only_where_there_are_any() -> None:
    report = summed(Queued(0, 7))
    report.units = 3
    assert report.summary(0, 100, 5) == "2 lecturers, 0 new, 0 transcripts, 7 left for another run, quota 5/100, 0s"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (59.4, "59s"),
        (59.6, "1m00s"),
        (192, "3m12s"),
        (3599.9, "1h00m"),
        (3_720, "1h02m"),
        (90_000, "25h00m"),
    ],
)
def test_how_long_a_run_took(seconds: float, said: str) -> None:
    assert duration(seconds) == said


# --- the pace ------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        yield store


@pytest.mark.parametrize(("chance", "pause"), [(0.0, 20.0), (0.5, 30.0), (1.0, 40.0)])
def test_the_pause_between_two_transcripts_varies_by_a_third(store: Store, chance: float, pause: float) -> None:
    pace = Pace(store.journal, 30, lambda: chance)
    assert pace.wait_s(NOW) == 0, "nothing was asked for yet"
    pace.asked(NOW)
    assert pace.wait_s(NOW) == pytest.approx(pause)
    assert pace.wait_s(NOW + timedelta(seconds=15)) == pytest.approx(pause - 15)
    assert pace.wait_s(NOW + timedelta(seconds=41)) == 0


def test_a_clock_put_back_makes_nobody_wait_longer_than_a_pause(store: Store) -> None:
    pace = Pace(store.journal, 30, lambda: 0.5)
    pace.asked(NOW + timedelta(days=3))
    assert pace.wait_s(NOW) == 30


def test_without_a_pause_nothing_is_noted(store: Store) -> None:
    pace = Pace(store.journal, 0, lambda: 0.5)
    pace.asked(NOW)
    assert pace.wait_s(NOW) == 0
    assert store.revision() == 0


@pytest.mark.parametrize(
    ("asked_s", "rest"),
    [
        (None, timedelta(hours=12)),
        (60.0, timedelta(hours=12)),
        (86_400.0, timedelta(days=1)),
        (999_999_999.0, timedelta(days=7)),
        (1e300, timedelta(days=7)),
        (float("inf"), timedelta(days=7)),
    ],
)
def test_a_rest_is_half_a_day_at_least_and_a_week_at_most(store: Store, asked_s: float | None, rest: timedelta) -> None:
    assert Pace(store.journal, 30, lambda: 0.5).rest(NOW, asked_s) == NOW + rest
    again = Pace(store.journal, 30, lambda: 0.5)
    assert again.resting_until(NOW) == NOW + rest, "the next process knows"
    assert again.resting_until(NOW + rest) is None
