"""Is text from strangers harmless, and is every time read and written as people mean it?"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fakes import NOW
from hypothesis import example, given
from hypothesis import strategies as st

from library.moments import ago, from_text, parse_day, to_text, utc_now
from library.text import one_line, plain, slug
from library.timecode import clock, link_seconds, parse_clock, span

hostile = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=5),
        st.sampled_from(["\x1b", "\x1b[", "\x1b]8;;", "[31m", "m", "\x07", "\x1b\\", "\x9b", "\r", "\n", "\t", "\x85"]),
        st.sampled_from(["\u202e", "\u2066", "\u2029", "\ufeff", "\ud800", "\x00", "\x7f"]),
    )
).map("".join)


# --- text ----------------------------------------------------------------------------------------


@given(hostile)
@example("\x1b\x1b[0m[0m")
@example("\x1b\r[0m")
def test_plain_text_holds_nothing_that_moves_a_terminal_or_turns_a_line(text: str) -> None:
    found = plain(text)
    assert {unicodedata.category(char) for char in found} & {"Cc", "Cs"} <= {"Cc"}
    assert {char for char in found if unicodedata.category(char) == "Cc"} <= {"\n", "\t"}
    assert not set(found) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")


@given(hostile)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert one_line(one_line(text)) == one_line(text)


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"])))
def test_harmless_text_is_not_touched(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://example.org\x07link\x1b]8;;\x1b\\!", "link!"),
        ("a\r\nb\rc\u2028d\x0be\x85f", "a\nb\nc\nd\ne\nf"),
        ("abc\u202etxt.exe", "abctxt.exe"),
        ("tab\tstays", "tab\tstays"),
        ("no\ufffeXML\uffff", "noXML"),
    ],
)
def test_what_becomes_of_escapes_and_line_ends(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_one_line_is_one_line_and_words_stay_apart() -> None:
    assert one_line("  a\u00a0b\n\n c\u2029d\t") == "a b c d"


@given(st.text())
def test_a_slug_is_safe_as_file_name_and_key(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(text))
    assert len(slug(text)) <= 60
    assert slug(slug(text)) == slug(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Inés  Calder!", "ines-calder"), ("x" * 59 + " yy", "x" * 59), ("Марта", "unnamed"), ("../../etc", "etc")],
)
def test_slugs_of_names(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_a_name_without_latin_letters_takes_the_fallback() -> None:
    assert slug("Марта", "uc123") == "uc123"


# --- times in speech -----------------------------------------------------------------------------

lengths = st.integers(0, 400 * 3_600_000)


@given(lengths)
def test_a_time_written_is_read_back(ms: int) -> None:
    assert parse_clock(clock(ms)) == ms // 1000 * 1000 == link_seconds(ms) * 1000


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1:02:03.5", 3_723_500),
        ("62:03", 3_723_000),
        ("00:01:02,500", 62_500),
        ("75.2", 75_200),
        ("0:00:00.0019", 1),
        (" 5 ", 5_000),
        ("120:00:00", 432_000_000),
    ],
)
def test_times_as_people_and_files_write_them(text: str, ms: int) -> None:
    assert parse_clock(text) == ms


@pytest.mark.parametrize(
    "text", ["", ":", "1:", ":1", "-1", "1:2:3:4", "1.", "a", "1:0x", "1 2", "9" * 5_000, "9" * 7 + ":0:0"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        parse_clock(text)


@pytest.mark.parametrize(
    ("ms", "expected"),
    [(0, "0:00"), (59_999, "0:59"), (61_000, "1:01"), (3_723_999, "1:02:03"), (360_000_000, "100:00:00")],
)
def test_a_clock_rounds_down_and_shows_hours_where_there_are_any(ms: int, expected: str) -> None:
    assert clock(ms) == expected


def test_a_link_never_starts_before_the_talk() -> None:
    assert link_seconds(-500) == 0


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (0, "0 s"),
        (45_000, "45 s"),
        (59_600, "1 min"),
        (60_000, "1 min"),
        (2_280_000, "38 min"),
        (3_599_999, "1 h 00 min"),
        (7_500_000, "2 h 05 min"),
    ],
)
def test_a_length_in_words(ms: int, expected: str) -> None:
    assert span(ms) == expected


# --- moments -------------------------------------------------------------------------------------

moments = st.datetimes(
    timezones=st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    min_value=datetime(2, 1, 1),
    max_value=datetime(9998, 1, 1),
)


@given(moments)
def test_a_moment_written_is_read_back_in_utc(moment: datetime) -> None:
    found = from_text(to_text(moment))
    assert found == moment
    assert found.tzinfo is UTC


@given(moments, moments)
def test_texts_of_different_seconds_sort_as_moments_do(a: datetime, b: datetime) -> None:
    if a.replace(microsecond=0) != b.replace(microsecond=0):
        assert (to_text(a) < to_text(b)) == (a < b)


def test_no_moment_is_no_text() -> None:
    assert to_text(None) is None
    assert from_text(None) is None
    assert from_text("") is None
    assert from_text("2026-03-01T10:00:00") == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert utc_now().tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-03", "2026-03-01", "2026-03-31"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("2028-02-29", "2028-02-29", "2028-02-29"),
        ("2026-3-1", "2026-03-01", "2026-03-01"),
        ("0d", "2026-03-02", "2026-03-02"),
        ("30d", "2026-01-31", "2026-01-31"),
    ],
)
def test_a_day_or_the_first_or_last_of_a_month_or_year(text: str, first: str, last: str) -> None:
    assert parse_day(text, now=NOW) == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert parse_day(text, last=True, now=NOW) == datetime.fromisoformat(last).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "2026-13",
        "2026-00",
        "2026-02-30",
        "2026-01-01-01",
        "20260301",
        "26",
        "2_026",
        " 2026",
        "2026-",
        "d",
        "-3d",
        "3.5d",
        "9999999999d",
        "30D",
        "yesterday",
        "2026-03-01T10:00",
        "٢٠٢٦",
        "9" * 5_000 + "d",
        "2027-02-29",
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_what_is_no_day_is_a_value_error(text: str, last: bool) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_day(text, last=last, now=NOW)


@given(st.text(max_size=12), st.booleans())
def test_whatever_is_typed_for_a_day_is_a_day_or_a_value_error(text: str, last: bool) -> None:
    try:
        found = parse_day(text, last=last)
    except ValueError:
        return
    assert found == found.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(seconds=-90), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=119), "1 hour ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(hours=48), "2 days ago"),
        (timedelta(days=400), "400 days ago"),
    ],
)
def test_how_long_ago_in_words(passed: timedelta, expected: str) -> None:
    assert ago(NOW - passed, NOW) == expected
