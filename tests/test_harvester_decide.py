"""Are the rules of a harvest right: what is wanted, when to ask again, in which order?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from fakes import NOW, video
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from harvester.decide import Rules, excluded, fair_order, first_state, has_gap, next_try
from library.models import Broadcast, State, VideoForm
from library.reading import Due

MINUTE = 60_000


# --- what is wanted ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "rules", "reason"),
    [
        ({}, Rules(), ""),
        ({"form": VideoForm.SHORT}, Rules(), "a short"),
        ({"form": VideoForm.SHORT}, Rules(shorts=True), ""),
        ({"form": VideoForm.LIVE}, Rules(), ""),
        ({"form": VideoForm.LIVE}, Rules(live=False), "a live stream"),
        ({"duration_ms": 5 * MINUTE - 1}, Rules(min_length_ms=5 * MINUTE), "shorter than 5 min"),
        ({"duration_ms": 5 * MINUTE}, Rules(min_length_ms=5 * MINUTE, max_length_ms=5 * MINUTE), ""),
        ({"duration_ms": 5 * MINUTE + 1}, Rules(max_length_ms=5 * MINUTE), "longer than 5 min"),
        ({"duration_ms": None}, Rules(min_length_ms=5 * MINUTE, max_length_ms=6 * MINUTE), ""),
        ({"duration_ms": 0}, Rules(max_length_ms=0), ""),
        ({}, Rules(title_include=("LECTURE", "TALK")), ""),
        ({}, Rules(title_include=("lecture", "panel")), "title without lecture or panel"),
        ({}, Rules(title_exclude=("trailer", "tALk a")), "title with tALk a"),
        ({}, Rules(title_include=("talk",), title_exclude=("talk",)), "title with talk"),
    ],
)
def test_what_the_rules_leave_out_and_why(fields: dict[str, Any], rules: Rules, reason: str) -> None:
    one = video("a", **fields)
    assert excluded(one, rules) == reason
    assert first_state(one, rules) == ((State.EXCLUDED, reason) if reason else (State.WAITING, ""))


def test_upper_and_lower_case_are_alike_in_every_script() -> None:
    one = replace(video("a"), title="GROSSE Frage")
    assert excluded(one, Rules(title_include=("große",))) == ""


@pytest.mark.parametrize(
    ("broadcast", "state"),
    [(Broadcast.UPCOMING, State.UPCOMING), (Broadcast.LIVE, State.LIVE), (Broadcast.NONE, State.WAITING)],
)
def test_a_stream_to_come_waits_for_its_end_unless_left_out(broadcast: Broadcast, state: State) -> None:
    one = video("a", form=VideoForm.LIVE, broadcast=broadcast)
    assert first_state(one, Rules()) == (state, "")
    assert first_state(one, Rules(live=False)) == (State.EXCLUDED, "a live stream")


# --- when to ask again ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "days"),
    [
        (State.NO_CAPTIONS, [1, 1, 2, 4, 8, 16, 32, 64, None]),
        (State.FAILED, [1, 1, 2, 4, 8, 16, 32, None]),
        (State.OTHER_LANGUAGE, [30, 90, None]),
        (State.REGION, [30, 90, None]),
    ],
)
def test_gaps_grow_and_come_to_an_end(state: State, days: list[int | None]) -> None:
    found = [next_try(state, tries, NOW) for tries in range(len(days))]
    assert found == [None if day is None else NOW + timedelta(days=day, hours=-6) for day in days]


@pytest.mark.parametrize("state", [State.UPCOMING, State.LIVE, State.BLOCKED, State.UNREADABLE, State.WAITING])
def test_what_can_change_any_day_is_asked_for_every_night_for_ever(state: State) -> None:
    for tries in (0, 1, 500):
        found = next_try(state, tries, NOW)
        assert found is not None
        assert NOW < found < NOW + timedelta(hours=23)


@pytest.mark.parametrize(
    "state", [State.TEXT, State.PRIVATE, State.DELETED, State.MEMBERS_ONLY, State.AGE_RESTRICTED, State.EXCLUDED]
)
def test_what_will_not_change_by_itself_is_left_alone(state: State) -> None:
    assert next_try(state, 0, NOW) is None


@given(st.sampled_from(State), st.integers(0, 1_000))
def test_the_next_try_is_never_in_the_past_and_a_nightly_job_never_a_night_too_late(state: State, tries: int) -> None:
    found = next_try(state, tries, NOW)
    if found is not None:
        assert found > NOW
        late_tonight = (found - NOW) % timedelta(days=1)
        assert timedelta(0) < late_tonight <= timedelta(hours=18), "a run that starts somewhat early finds it due"


def test_every_state_is_decided_about() -> None:
    assert {state for state in State if next_try(state, 0, NOW) is None} == {
        State.TEXT,
        State.PRIVATE,
        State.DELETED,
        State.MEMBERS_ONLY,
        State.AGE_RESTRICTED,
        State.EXCLUDED,
    }


# --- in which order ------------------------------------------------------------------------------

dues = st.lists(st.sampled_from("abc")).map(
    lambda mentors: [Due(str(n), mentor, State.WAITING, 0) for n, mentor in enumerate(mentors)]
)


@given(dues)
def test_everybody_has_a_turn_before_anybody_has_two(due: list[Due]) -> None:
    order = fair_order(due)
    assert Counter(one.video_id for one in order) == Counter(one.video_id for one in due)
    for mentor in "abc":
        assert [one for one in order if one.mentor == mentor] == [one for one in due if one.mentor == mentor]
    total = Counter(one.mentor for one in due)
    for length in range(1, len(order) + 1):
        had = Counter(one.mentor for one in order[:length])
        assert all(had[mentor] + 1 >= max(had.values()) for mentor in total if had[mentor] < total[mentor])


# --- gaps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("newest", "known", "gap"),
    [
        (range(15), set(), True),
        (range(15), {99}, True),
        (range(15), {14}, False),
        (range(14), set(), False),
        ((), {1}, False),
        (range(20), {3, 99}, False),
    ],
)
def test_a_full_feed_of_strangers_is_a_gap(newest: range, known: set[int], gap: bool) -> None:
    assert has_gap([str(one) for one in newest], {str(one) for one in known}) is gap
