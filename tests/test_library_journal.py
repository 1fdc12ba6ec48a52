"""Does the journal keep runs, units and notes beyond the end of a process?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import NOW

from library.errors import ExitCode, RateLimited
from library.journal import Run, renewal
from library.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        yield store


def test_a_run_has_no_result_until_it_ends(store: Store) -> None:
    run = store.journal.start_run(NOW)
    assert store.journal.runs() == [Run(run, NOW, None, "", {})]
    later = NOW + timedelta(minutes=3)
    store.journal.end_run(run, later, "done", {"new": 2})
    assert store.journal.runs() == [Run(run, NOW, later, "done", {"new": 2})]


def test_runs_come_newest_first_and_no_more_than_asked_for(store: Store) -> None:
    runs = [store.journal.start_run(NOW + timedelta(days=day)) for day in range(9)]
    assert [run.id for run in store.journal.runs(limit=3)] == runs[:-4:-1]
    assert len(store.journal.runs()) == 7


def test_units_add_up_by_bucket_and_outlive_the_process(store: Store) -> None:
    for units in (1, 2):
        store.journal.spend_within("units", units, 10, NOW)
    store.journal.spend_within("searches", 5, 10, NOW)
    with Store.open(store.path) as again:
        assert [again.journal.spent(bucket, NOW) for bucket in ("units", "searches", "none")] == [3, 5, 0]


def test_the_last_unit_of_the_day_can_be_spent_and_not_one_more(store: Store) -> None:
    store.journal.spend_within("units", 10, 10, NOW)
    with pytest.raises(RateLimited, match=r"the 10 units .* used up") as told:
        store.journal.spend_within("units", 1, 10, NOW)
    assert told.value.exit_code is ExitCode.TRY_LATER
    assert "daily_units" in told.value.hint
    assert store.journal.spent("units", NOW) == 10, "what was refused is not counted"


@pytest.mark.parametrize(
    ("spent_at", "asked_at", "counted"),
    [
        (datetime(2026, 3, 2, 7, 59, tzinfo=UTC), datetime(2026, 3, 2, 8, 0, tzinfo=UTC), 0),
        (datetime(2026, 3, 2, 8, 0, tzinfo=UTC), datetime(2026, 3, 3, 7, 59, tzinfo=UTC), 7),
        (datetime(2026, 7, 2, 6, 59, tzinfo=UTC), datetime(2026, 7, 2, 7, 0, tzinfo=UTC), 0),
    ],
    ids=["winter midnight", "one winter day", "summer midnight"],
)
def test_units_renew_at_midnight_pacific_time(
    store: Store, spent_at: datetime, asked_at: datetime, counted: int
) -> None:
    store.journal.spend_within("units", 7, 10, spent_at)
    assert store.journal.spent("units", asked_at) == counted


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02T04:00", "2026-03-02T08:00"),
        ("2026-03-02T08:00", "2026-03-03T08:00"),
        ("2026-03-08T12:00", "2026-03-09T07:00"),
        ("2026-11-01T12:00", "2026-11-02T08:00"),
    ],
    ids=["winter", "midnight", "into summer", "into winter"],
)
def test_the_next_midnight_there_is_told_in_utc(store: Store, now: str, expected: str) -> None:
    at, then = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, expected))
    assert renewal(at) == then
    store.journal.spend_within("units", 1, 1, then - timedelta(seconds=1))
    with pytest.raises(RateLimited) as told:
        store.journal.spend_within("units", 1, 1, max(at, then - timedelta(hours=1)))
    assert expected.replace("T", " ") in told.value.hint
    store.journal.spend_within("units", 1, 1, then)


def test_a_noted_moment_is_kept_replaced_and_forgotten(store: Store) -> None:
    exact = NOW + timedelta(microseconds=1)
    store.journal.note("rest_until", exact)
    assert store.journal.noted("rest_until") == exact
    store.journal.note("rest_until", NOW)
    assert store.journal.noted("rest_until") == NOW
    store.journal.note("rest_until", None)
    store.journal.note("never noted", None)
    assert store.journal.noted("rest_until") is None


def test_no_note_can_be_taken_for_the_librarys_own_marks(store: Store) -> None:
    name = store.id
    store.journal.note("store_id", NOW)
    assert store.id == name
