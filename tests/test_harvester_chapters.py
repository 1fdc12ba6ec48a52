"""Lists of chapters in descriptions."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.chapters import chapters
from library.models import Chapter
from library.timecode import clock

LIST = [Chapter(0, "Welcome"), Chapter(95_000, "Say the number"), Chapter(3_725_000, "Questions")]


@pytest.mark.parametrize(
    "text",
    [
        "0:00 Welcome\n1:35 Say the number\n1:02:05 Questions",
        "(00:00) Welcome\n(01:35) Say the number\n(01:02:05) Questions",
        "00:00:00 - Welcome\n00:01:35 - Say the number\n01:02:05 - Questions",
        "[0:00] Welcome\n[1:35] Say the number\n[1:02:05] Questions",
        "• 0:00 Welcome\n- 1:35 — Say the number\n* 1:02:05: Questions",
        "1. 0:00 Welcome\n2. 1:35 Say the number\n3) 1:02:05 Questions",
        "0:00 - 1:35 Welcome\n1:35–1:02:05 Say the number\n1:02:05 | Questions",
        "A talk about asking.\r\n\r\n⏱ 0:00 Welcome\r\n⏱ 1:35 Say the number\r\n⏱ 1:02:05 Questions\r\nThanks!",
    ],
)
def test_a_list_is_read_in_each_of_the_usual_ways(text: str) -> None:
    assert list(chapters(text, None)) == LIST


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Watch from 12:30 on, it is worth it.",
        "0:00 the only one",
        "0:00\n1:35\n2:00 --",
        "10:00 Doors open\n11:00 Keynote\n12:30 Lunch",
        "5:00 late\n0:00 early",
        "0:75 no such second\n1:99 nor this",
    ],
)
def test_other_times_are_no_chapters(text: str) -> None:
    assert chapters(text, None) == ()


def test_times_beyond_the_end_are_left_out() -> None:
    assert chapters("0:00 One\n1:00 Two\n2:00 Three", 120_000) == (Chapter(0, "One"), Chapter(60_000, "Two"))
    assert chapters("0:00 One\n1:00 Two", 60_000) == ()


def test_of_two_lists_the_longer_counts() -> None:
    text = "0:00 One\n1:00 Two\n2:00 Three\n\nIn French:\n0:00 Un\n1:00 Deux"
    assert [chapter.title for chapter in chapters(text, None)] == ["One", "Two", "Three"]


def test_titles_are_plain() -> None:
    assert chapters("0:00 \x1b[31mRed\x1b[0m  \u202ehot\n1:00 Two", None)[0].title == "Red hot"


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=20),
    st.lists(st.text("abc XYZ", min_size=1, max_size=9).filter(str.strip), min_size=21, max_size=21),
)
def test_a_list_written_is_the_list_read(gaps_s: list[int], titles: list[str]) -> None:
    starts = [1000 * sum(gaps_s[:number]) for number in range(len(gaps_s) + 1)]
    entries = [Chapter(start, " ".join(title.split())) for start, title in zip(starts, titles, strict=False)]
    text = "\n".join(f"{clock(entry.start_ms)} {entry.title}" for entry in entries)
    assert list(chapters(text, None)) == entries


def test_a_hostile_description_takes_no_time() -> None:
    began = time.perf_counter()
    chapters("0:00 " + "-" * 100_000 + "\n" + "(" * 100_000 + "\n" + "1" * 100_000 + ":" * 100_000, None)
    assert time.perf_counter() - began < 1
