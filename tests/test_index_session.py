"""Do the moments of a session fit, differ, alternate, and come in an order one can listen to?"""

from __future__ import annotations

from fakes import NOW
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from index.clips import Clip
from index.exporters.layout import Style
from index.exporters.topic import render_session
from index.query import Word
from index.session import SHORTEST_MS, length_ms, listenable, session
from library.models import Kind, Mentor, Origin, Snippet, Transcript, Video


def clip(video: str, start_s: int, length_s: int, score: float, mentor: str = "", text: str = "") -> Clip:
    start_ms, end_ms = start_s * 1000, (start_s + length_s) * 1000
    return Clip(
        f"{video}@{start_ms}-{end_ms}", video, start_ms, end_ms, score, text or f"{video} {start_s}", (),
        f"Talk {video}", mentor or video, Kind.CAREER, "UC", NOW, "en", Origin.MANUAL, f"https://v.test/{video}",
    )  # fmt: skip


def test_the_best_moments_that_fit_are_chosen() -> None:
    found = [clip("a", 0, 60, 9), clip("b", 0, 60, 8), clip("c", 0, 60, 7)]
    assert [c.video_id for c in session(found, 120_000)] == ["a", "b"]


def test_a_shorter_one_is_taken_where_the_next_best_does_not_fit() -> None:
    found = [clip("a", 0, 60, 9), clip("b", 0, 90, 8), clip("c", 0, 50, 7)]
    assert [c.video_id for c in session(found, 120_000)] == ["a", "c"]


def test_nothing_is_chosen_where_nothing_fits() -> None:
    assert session([clip("a", 0, 60, 9)], 59_999) == []
    assert session([], 60_000) == []


def test_another_lecturer_comes_before_a_slightly_better_moment_of_the_same() -> None:
    found = [clip("a", 0, 60, 10, "ada"), clip("a2", 0, 60, 9, "ada"), clip("b", 0, 60, 8, "ben")]
    assert {c.mentor for c in session(found, 120_000)} == {"ada", "ben"}


def test_a_far_better_moment_of_the_same_lecturer_comes_first_all_the_same() -> None:
    found = [clip("a", 0, 60, 10, "ada"), clip("a2", 0, 60, 9.9, "ada"), clip("b", 0, 60, 4, "ben")]
    assert {c.mentor for c in session(found, 120_000)} == {"ada"}


def test_moments_that_overlap_or_say_the_same_are_heard_once() -> None:
    said = "never name the first number in a salary negotiation unless you know the range and even then wait a little "
    said += "because whoever speaks first has told the other side where to begin"
    found = [clip("a", 0, 60, 9, text=said), clip("a", 30, 60, 8), clip("copy", 5, 60, 7, text=f"{said} again")]
    assert [c.id for c in session(found, 600_000)] == ["a@0-60000"]


def test_what_only_a_title_says_and_what_is_far_worse_is_left_out() -> None:
    found = [clip("a", 0, 60, 9), replace(clip("b", 0, 60, 8), about=True), clip("c", 0, 60, 1)]
    assert [c.video_id for c in session(found, 600_000)] == ["a"]


def test_lecturers_come_by_their_best_moment_and_each_in_order_of_time() -> None:
    found = [
        clip("b", 50, 60, 9, "ben", "one"),
        clip("a", 0, 60, 8.9, "ada", "two"),
        clip("b", 300, 60, 8, "ben", "three"),
        clip("b", 120, 60, 7, "ben", "four"),
    ]
    assert [(c.mentor, c.start_ms) for c in session(found, 600_000)] == [
        ("ben", 50_000), ("ben", 120_000), ("ben", 300_000), ("ada", 0),
    ]  # fmt: skip


@given(
    st.lists(
        st.builds(
            clip, st.sampled_from("abc"), st.integers(0, 300), st.integers(1, 200), st.floats(0, 50), st.just("")
        ),
        max_size=12,
    ),
    st.integers(0, 900_000),
)
def test_a_session_always_fits_and_never_overlaps(found: list[Clip], budget_ms: int) -> None:
    chosen = session(found, budget_ms)
    assert length_ms(chosen) <= budget_ms
    for one in chosen:
        for other in chosen:
            if one is not other and one.video_id == other.video_id:
                assert one.end_ms <= other.start_ms or other.end_ms <= one.start_ms


class OneTalk:
    """A library of one talk of a hundred seconds."""

    def video(self, video_id: str) -> Video:
        return Video(video_id, "UC", "Talk")

    def transcript(self, video_id: str) -> Transcript:
        lines = tuple(Snippet(5000 * n, 5000, f"salary {n}.") for n in range(20))
        return Transcript(video_id, "en", Origin.MANUAL, lines)

    def mentors_of(self, video_id: str) -> list[Mentor]:
        return [Mentor("ada", "Ada")]


def test_a_moment_too_short_to_listen_to_is_lengthened_within_its_talk() -> None:
    found = [clip("a", 20, 5, 9), clip("a", 80, 5, 8), clip("a", 0, 60, 7)]
    longer = listenable(found, Word("salary"), OneTalk())
    assert [(c.start_ms, c.end_ms, c.score) for c in longer] == [
        (20_000, 20_000 + SHORTEST_MS, 9), (80_000, 100_000, 8), (0, 60_000, 7),
    ]  # fmt: skip


def test_a_session_is_shown_with_lengths_and_ids() -> None:
    shown = render_session("salary", [clip("a", 61, 75, 9, "Ada")], width=80, style=Style())
    assert "1 moment of 1 lecturer, 1:15" in shown
    assert "a@61000-136000" in shown
    assert "1:01  https://v.test/a  a 61" in shown
