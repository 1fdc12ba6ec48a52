"""What a terminal shows of a search and of a talk, at any width, with any text."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from index.clips import Clip
from index.coverage import Coverage
from index.exporters.layout import Style, Words, command, flowed
from index.exporters.terminal import nothing_found, render
from index.exporters.transcript import render_transcript
from index.query import parse
from library.cells import columns, wrap
from library.models import Chapter, Kind, Mentor, Origin, Snippet, State, Transcript, Video

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
TERMINAL, PIPE = Style(colour=True, links=True), Style()
COVERAGE = Coverage(345, 345, {}, 41.3, NOW - timedelta(hours=5))
OFFER = Clip(
    id="abc@901000-913000",
    video_id="abc",
    start_ms=901_000,
    end_ms=913_000,
    score=7.0,
    text="when you negotiate a salary never name the first number; ask for the range and wait",
    highlights=((9, 18), (21, 27)),
    title="Offers and saying no",
    mentor="Ada Invented",
    kind=Kind.CAREER,
    channel_id="UC1",
    published_at=datetime(2026, 11, 11, tzinfo=UTC),
    language="en",
    origin=Origin.MANUAL,
    url="https://www.youtube.com/watch?v=abc&t=901s",
)
RAISE = replace(OFFER, id="abc@131000-140000", start_ms=131_000, text="the salary of today", highlights=((4, 10),))
OTHER = replace(
    OFFER, id="xyz@61000-70000", video_id="xyz", start_ms=61_000, text="salary talk", highlights=((0, 6),),
    title="What I wish I had known", mentor="Jo Madeup", origin=Origin.GENERATED, published_at=None,
)  # fmt: skip
FOUND = [OFFER, OTHER, RAISE]


def shown(
    clips: list[Clip], width: int = 100, style: Style = PIPE, coverage: Coverage = COVERAGE, total: int = 3
) -> str:
    return render(clips, total, coverage, 38.2, query_text="negotiate salary", now=NOW, width=width, style=style)


def visible(text: str) -> str:
    """``text`` without the sequences the renderer is known to write."""
    return re.sub(r"\x1b\]8;;[\x21-\x7e]*\x1b\\|\x1b\[[0-9;]*m", "", text)


# --- a search --------------------------------------------------------------------------------------


def test_talks_are_numbered_and_their_moments_stand_in_order_of_time() -> None:
    assert visible(shown(FOUND, style=TERMINAL)) == (
        " 1  Offers and saying no      Ada Invented · 2026-11-11 · own captions\n"
        "     2:11  the salary of today\n"
        "    15:01  when you negotiate a salary never name the first number; ask for the range and wait\n"
        " 2  What I wish I had known   Jo Madeup · auto captions\n"
        "     1:01  salary talk\n"
        "\n"
        "3 moments in 2 talks · 41 h searched in 38 ms · newest harvest 5 hours ago\n"
        "next: mentor show abc@901000-913000 · mentor export --format markdown 'negotiate salary'\n"
    )


def test_a_talk_without_a_title_is_called_so() -> None:
    assert shown([replace(OFFER, title="")]).startswith(" 1  Untitled   Ada Invented")


def test_bylines_stand_below_titles_where_one_does_not_fit_beside() -> None:
    lines = visible(shown(FOUND, width=66, style=TERMINAL)).splitlines()
    assert lines[:2] == [" 1  Offers and saying no", "    Ada Invented · 2026-11-11 · own captions"]
    assert lines[3:6] == [
        "    15:01  when you negotiate a salary never name the first",
        "           number; ask for the range and wait",
        " 2  What I wish I had known",
    ]


def test_on_a_terminal_the_time_is_the_link_and_words_are_marked() -> None:
    line = shown([OFFER], style=TERMINAL).splitlines()[1]
    assert line.startswith(
        "    \x1b]8;;https://www.youtube.com/watch?v=abc&t=901s\x1b\\15:01\x1b]8;;\x1b\\"
        "  when you \x1b[7mnegotiate\x1b[0m a \x1b[7msalary\x1b[0m never"
    )


def test_in_a_pipe_a_moment_is_one_line_with_its_address_and_nothing_hidden() -> None:
    text = shown(FOUND, width=40)
    assert f"    15:01  {OFFER.url}  {OFFER.text}\n" in text
    assert "\x1b" not in text


def test_links_are_written_where_colour_is_not_wanted_and_the_other_way_round() -> None:
    assert "\x1b[" not in shown(FOUND, style=Style(links=True))
    assert "\x1b]" not in shown(FOUND, style=Style(colour=True))


def test_a_long_moment_is_cut_to_two_lines_around_its_words() -> None:
    text = "word " * 100 + "salary " + "word " * 100
    long = replace(OFFER, text=text, highlights=((500, 506),))
    lines = visible(shown([long], width=60, style=TERMINAL)).splitlines()
    assert "salary" in " ".join(lines[1:4])
    assert lines[2].endswith(" …") or lines[3].endswith(" …")
    moment = [line for line in lines if "word" in line]
    assert len(moment) == 2


def test_two_lines_hold_long_words_too() -> None:
    long = replace(OFFER, text="abcdefghijk " * 30, highlights=())
    assert visible(shown([long], width=31, style=TERMINAL)).count("abcdefghijk") == 2


def test_a_talk_found_by_its_description_says_so() -> None:
    about = replace(OFFER, about=True, start_ms=0, url="https://www.youtube.com/watch?v=abc")
    assert "    about  when you" in visible(shown([about], style=TERMINAL))


def test_only_a_part_of_all_moments_is_called_that() -> None:
    assert "3 of 1,057 moments in 2 talks" in shown(FOUND, total=1_057)
    assert "1 moment in 1 talk ·" in shown([OFFER], total=1)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=12), "12 minutes ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(hours=50), "2 days ago"),
    ],
)
def test_the_age_of_the_data_is_told(age: timedelta, words: str) -> None:
    assert f"newest harvest {words}\n" in shown(FOUND, coverage=replace(COVERAGE, newest_harvest_at=NOW - age))


def test_before_the_first_harvest_its_age_is_not_told() -> None:
    assert "harvest" not in shown(FOUND, coverage=replace(COVERAGE, newest_harvest_at=None))


@pytest.mark.parametrize(("hours", "words"), [(0.25, "15 min"), (1.0, "1 h"), (1234.4, "1,234 h")])
def test_how_much_was_searched_is_told(hours: float, words: str) -> None:
    assert f" {words} searched in 38 ms" in shown(FOUND, coverage=replace(COVERAGE, hours=hours))


def test_talks_without_text_are_told_with_the_reasons_commonest_first() -> None:
    coverage = replace(COVERAGE, without_text={State.NO_CAPTIONS: 5, State.WAITING: 7, State.PRIVATE: 0})
    gaps = "12 of 345 talks have no text yet: 7 waiting, 5 no captions yet — mentor status\n"
    assert gaps in shown(FOUND, coverage=coverage)
    assert "no text yet" not in shown(FOUND)


def test_a_command_to_copy_keeps_a_leading_hyphen_from_being_an_option() -> None:
    assert command("show", "-x@0-1") == "mentor show -- -x@0-1"
    assert command("search", "it's $HOME") == """mentor search 'it'"'"'s $HOME'"""


# --- nothing found ---------------------------------------------------------------------------------


def test_nothing_found_names_near_spellings_the_unharvested_and_the_next_command() -> None:
    coverage = replace(COVERAGE, with_text=333, without_text={State.WAITING: 12})
    text = nothing_found('"base salry"', ["salary"], coverage, ["Ada Invented"], width=100, style=PIPE)
    assert text == (
        'Nothing found for “"base salry"”.\n'
        "41 h searched, in 333 talks.\n"
        "Spelt nearly so: salary.\n"
        "Nothing harvested yet from Ada Invented.\n"
        "12 of 345 talks have no text yet: 12 waiting — mentor status\n"
        "next: mentor search salary · mentor search 'base salry' · mentor harvest\n"
    )


def test_nothing_found_in_an_empty_library_says_how_to_begin() -> None:
    text = nothing_found("x", [], Coverage(0, 0), [], width=80, style=PIPE)
    assert text == "Your library is empty.\nnext: mentor follow @handle · mentor harvest\n"


def test_a_search_narrowed_to_no_talk_is_not_taken_for_an_empty_library() -> None:
    text = nothing_found("", [], replace(COVERAGE, videos=0, with_text=0, hours=0.0), [], width=80, style=PIPE)
    assert text == ("Nothing found.\nNo talk is within what the search was narrowed to.\nnext: mentor status\n")


def test_a_list_of_talks_without_a_query_is_not_offered_for_export_by_one() -> None:
    assert "export" not in render(FOUND, 3, COVERAGE, 1.0, query_text="", now=NOW, width=100, style=PIPE)


def test_what_sounds_alike_is_told_with_the_search_that_may_be_meant() -> None:
    alike = [("Ada Bark", "Ada Park"), ("salery", "salary")]
    options = {"width": 100, "style": PIPE, "alike": alike}
    text = nothing_found('"ada bark" Salery', ["salary"], COVERAGE, [], **options)
    assert "Spelt nearly so: salary.\nSounds alike: Ada Park.\n" in text
    assert """next: mentor search '"Ada Park" salary' · mentor search 'ada bark Salery'""" in text
    text = render(FOUND, 3, COVERAGE, 1.0, query_text="Ada Bark", now=NOW, **options)
    assert "did you mean Ada Park for “Ada Bark”, salary for “salery”?\nnext: mentor search 'Ada Park' ·" in text
    assert "did you mean" not in render(FOUND, 3, COVERAGE, 1.0, query_text="x", now=NOW, width=100, style=PIPE)


def test_what_captions_say_instead_is_told_below_the_results() -> None:
    heard = [("a duh park", "Ada Park")]
    text = render(FOUND, 3, COVERAGE, 1.0, query_text="x", now=NOW, heard=heard, width=100, style=PIPE)
    assert "captions say “a duh park” for Ada Park — mentor correction list\n" in text


def test_quotes_are_left_out_with_how_near_their_words_were_to_be() -> None:
    text = nothing_found('"salary raise" WITHIN 5 tea', [], COVERAGE, [], width=80, style=PIPE)
    assert text.endswith("next: mentor search 'salary raise tea'\n")


def test_what_narrowed_a_search_narrows_what_is_to_be_typed_next() -> None:
    options = {"options": ("--mentor", "Ada Park", "--since", "2025-01-01"), "width": 100, "style": PIPE}
    text = render(FOUND, 3, COVERAGE, 1.0, query_text="raise", now=NOW, **options)
    assert "mentor export --format markdown --mentor 'Ada Park' --since 2025-01-01 raise\n" in text
    text = nothing_found('"x y"', ["z"], COVERAGE, [], **options)
    assert text.count("mentor search --mentor 'Ada Park' --since 2025-01-01 ") == 2


def test_a_query_of_a_page_is_not_told_as_a_page() -> None:
    text = nothing_found("x" * 5_000, [], COVERAGE, [], width=80, style=PIPE)
    assert len(text) < 400


def test_nothing_found_always_ends_with_something_to_type() -> None:
    assert nothing_found("x", [], COVERAGE, [], width=80, style=PIPE).endswith("next: mentor status\n")


# --- a talk ----------------------------------------------------------------------------------------

VIDEO = Video("abc", "UC1", "Offers", published_at=NOW, duration_ms=2_300_000)
MENTORS = (Mentor("ada", "Ada Invented"),)


def talk(*texts: str, every_ms: int = 10_000) -> Transcript:
    snippets = (Snippet(every_ms * number, every_ms, text) for number, text in enumerate(texts))
    return Transcript("abc", "en", Origin.GENERATED, tuple(snippets))


def test_a_talk_is_shown_in_paragraphs_under_its_chapters() -> None:
    transcript = talk("Hello.", "This is it.", "My salary", "and", "a raise.", "Bye.")
    chapters = (Chapter(10_000, "On raises"),)
    text = render_transcript(VIDEO, transcript, MENTORS, chapters, query=parse("salary"), width=80, style=TERMINAL)
    assert visible(text) == (
        "Offers\nAda Invented · 2026-11-22 · auto captions · 38 min · en\nhttps://www.youtube.com/watch?v=abc\n\n"
        "  0:00  Hello.\n\n"
        "On raises\n"
        "  0:10  This is it. My salary and\n"
        "  0:40  a raise. Bye.\n"
    )
    assert "\x1b]8;;https://www.youtube.com/watch?v=abc&t=10s\x1b\\0:10" in text
    assert "My \x1b[7msalary\x1b[0m and" in text


def test_the_surroundings_of_a_clip_are_shown_and_it_is_marked() -> None:
    transcript = talk(*(f"Part {number}." for number in range(30)))
    clip = replace(OFFER, start_ms=100_000, end_ms=120_000)
    text = render_transcript(VIDEO, transcript, (), (), clip, width=80, style=TERMINAL, around_ms=15_000)
    assert visible(text).splitlines()[4:] == [
        "  1:20  Part 8. Part 9.",
        "> 1:40  Part 10. Part 11.",
        "  2:00  Part 12. Part 13.",
        "",
        "the whole talk: mentor show abc",
    ]
    whole = render_transcript(VIDEO, transcript, (), (), clip, width=80, style=TERMINAL, around_ms=None)
    assert "> 1:40" in visible(whole)
    assert "Part 29." in whole
    assert "the whole talk" not in whole


def test_a_talk_in_a_pipe_has_an_address_on_every_line() -> None:
    text = render_transcript(VIDEO, talk("salary " * 30), (), (), query=parse("salary"), width=40, style=PIPE)
    assert text.splitlines()[-1] == "  0:00  https://www.youtube.com/watch?v=abc  " + "salary " * 29 + "salary"


def test_a_clip_about_the_whole_talk_marks_nothing() -> None:
    about = replace(OFFER, about=True, start_ms=0, end_ms=0)
    assert ">" not in visible(render_transcript(VIDEO, talk("One."), (), (), about, width=80, style=PIPE))


def test_a_talk_without_words_is_no_trouble() -> None:
    assert render_transcript(VIDEO, talk(), (), (), width=80, style=PIPE).endswith("watch?v=abc\n")


# --- columns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("谈判", 4), ("é", 1), ("e\u0301", 1), ("🎤", 2), ("ｆｕｌｌ", 8), ("a\u200bb", 2)]
)
def test_columns_are_those_of_a_terminal(text: str, width: int) -> None:
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 8, ["one two", "three"]),
        ("one two three", 7, ["one two", "three"]),
        ("extraordinary", 5, ["extra", "ordin", "ary"]),
        ("a extraordinary", 8, ["a", "extraord", "inary"]),
        ("今天我们谈判。", 4, ["今天", "我们", "谈", "判。"]),
        ("用 simple 原则谈判", 8, ["用", "simple", "原则谈判"]),
        ("ab谈判", 3, ["ab", "谈", "判"]),
    ],
)
def test_text_is_wrapped_between_words_and_beside_wide_characters(text: str, width: int, lines: list[str]) -> None:
    assert [text[start:end] for start, end in wrap(text, width)] == lines


_ANY = st.text(st.sampled_from("ab 谈判。é\u0301🎤-"), max_size=80)


@given(_ANY, st.integers(2, 30))
def test_wrapping_loses_nothing_but_spaces_and_keeps_the_width(text: str, width: int) -> None:
    lines = [text[start:end] for start, end in wrap(text, width)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(columns(line.rstrip(" ")) <= width for line in lines)


def test_parts_flow_onto_as_few_lines_as_hold_them() -> None:
    assert flowed(["one", "two", "three"], 9) == ["one · two", "three"]


def test_marks_that_do_not_fit_harmless_text_any_more_are_dropped() -> None:
    assert Words.of("a \x1b[31mb", ((2, 8),)) == Words("a b")
    assert Words.of("a\nb", ((2, 3),)) == Words("a b", ((2, 3),))


# --- hostile text, narrow places -------------------------------------------------------------------

_HOSTILE = st.text(
    st.one_of(st.sampled_from("\x1b]8;;\x07\\[31m\r\n\t\x9b\u202e\u2028"), st.characters(exclude_categories=["Cs"])),
    max_size=60,
)


def _assert_harmless(text: str) -> None:
    left = visible(text)
    controls = [char for char in left if unicodedata.category(char) in {"Cc", "Zl", "Zp"} and char != "\n"]
    assert not controls
    assert "\u202e" not in left


@given(_HOSTILE, st.booleans(), st.integers(20, 120))
def test_nothing_in_the_data_reaches_a_terminal_as_a_control(text: str, colour: bool, width: int) -> None:
    style = Style(colour=colour, links=True)
    clip = replace(OFFER, id=text, video_id=text, title=text, mentor=text, text=text, highlights=((1, 4),), url=text)
    told = {"query_text": text, "now": NOW, "heard": [(text, text)], "alike": [(text, f"{text}x")]}
    _assert_harmless(render([clip], 1, COVERAGE, 1, width=width, style=style, **told))
    _assert_harmless(nothing_found(text, [text], COVERAGE, [text], width=width, style=style, alike=told["alike"]))
    video = Video(text, "UC1", text, url=text)
    page = render_transcript(
        video, talk(text), (Mentor("m", text),), (Chapter(0, text),), query=parse("a"), width=width, style=style
    )
    _assert_harmless(page)


@given(
    st.lists(st.text(st.sampled_from("ab 谈判é"), min_size=1, max_size=150), min_size=1, max_size=3),
    st.integers(40, 120),
    st.booleans(),
)
def test_no_line_is_wider_than_the_terminal_but_a_command_to_copy(texts: list[str], width: int, colour: bool) -> None:
    plain = replace(OFFER, id="abc@1-2", highlights=())
    clips = [replace(plain, video_id=str(number), title=text, text=text) for number, text in enumerate(texts)]
    coverage = replace(COVERAGE, without_text={state: 1 for state in State if state is not State.TEXT})
    for line in visible(shown(clips, width, Style(colour, links=True), coverage)).splitlines():
        assert columns(line.rstrip()) <= width or "mentor export" in line
