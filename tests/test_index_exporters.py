"""Clips leave in every format so that a reader of that format gets back what went in."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from index.clips import Clip
from index.coverage import Coverage
from index.exporters import EXPORTERS, exporter
from index.exporters.documents import document, dumps
from index.exporters.pages import escaped
from index.exporters.tables import COLUMNS
from library.errors import UsageError
from library.models import Kind, Origin, State

CLIP = Clip(
    id="abc@61000-75200",
    video_id="abc",
    start_ms=61_000,
    end_ms=75_200,
    score=7.123456,
    text="never name a salary first; negotiate it",
    highlights=((13, 19), (27, 36)),
    title="Saying no",
    mentor="Ada Invented",
    kind=Kind.CAREER,
    channel_id="UC1",
    published_at=datetime(2026, 11, 11, 9, tzinfo=UTC),
    language="en",
    origin=Origin.MANUAL,
    url="https://www.youtube.com/watch?v=abc&t=61s",
)
LATER = replace(CLIP, id="abc@90000-95000", start_ms=90_000, end_ms=95_000, text="wait", highlights=())
BARE = replace(
    CLIP, id="-x_@0-0", video_id="-x_", start_ms=0, end_ms=0, title="", mentor="", kind=None, published_at=None,
    origin=Origin.GENERATED, about=True, score=-0.00004, url="https://www.youtube.com/watch?v=-x_",
)  # fmt: skip
CLIPS = [LATER, BARE, CLIP]

HOSTILE = [
    "=1+1", "+SUM(A1)", "-2+3", "@cmd", "\tx", "\rx", "＝1+1", '"quoted", with comma', "a\nb",
    "[x](javascript:alert(1))",
    "*bold* _it_ `code` <b>tag</b> &amp; #tag ~~no~~ | ==x== $m$ ![i](u) \\", "# heading", "- item", "1. item", "> q",
    "a  b", "https://evil.example/", "谈判 🎤 é", "***", "<!-- -->", "a\u2028b",
]  # fmt: skip


def exported(name: str, *clips: Clip) -> str:
    return "".join(exporter(name)(clips))


def rows(*clips: Clip) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported("csv", *clips), newline=""), strict=True))


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_same_clips_give_the_same_bytes_and_end_in_a_line_end(name: str) -> None:
    once = exported(name, *CLIPS)
    assert once.encode() == "".join(exporter(name)(iter(CLIPS))).encode()
    assert once.endswith("\n")


@pytest.mark.parametrize("name", set(EXPORTERS) - {"csv", "json"})
def test_no_clips_are_no_text(name: str) -> None:
    assert exported(name) == ""


def test_an_unknown_format_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no export format 'pdf'") as caught:
        exporter("pdf")
    assert all(name in caught.value.hint for name in EXPORTERS)


@pytest.mark.parametrize("name", EXPORTERS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_neither_break_a_format_nor_its_lines(name: str, text: str) -> None:
    clip = replace(CLIP, title=text, mentor=text, text=text, highlights=())
    assert exported(name, clip).count("\n") == exported(name, replace(CLIP, highlights=())).count("\n") or (
        name == "csv" and len(rows(clip)) == 1
    )


# --- CSV -----------------------------------------------------------------------------------------


def test_csv_is_read_back_by_a_strict_reader() -> None:
    first, *_ = rows(CLIP)
    assert tuple(first) == COLUMNS
    assert first["text"] == CLIP.text
    assert (first["start"], first["end"], first["start_ms"], first["end_ms"]) == ("1:01", "1:15", "61000", "75200")
    assert (first["score"], first["kind"], first["origin"], first["about"]) == ("7.1235", "career", "manual", "")
    assert first["published_at"] == "2026-11-11T09:00:00Z"


def test_csv_says_nothing_where_nothing_is_known() -> None:
    (row,) = rows(BARE)
    assert (row["mentor"], row["kind"], row["published_at"], row["about"]) == ("", "", "", "yes")


def test_csv_lines_end_as_the_standard_says() -> None:
    assert exported("csv", *CLIPS).count("\r\n") == 4


@pytest.mark.parametrize("text", HOSTILE)
def test_a_spreadsheet_never_takes_text_for_a_formula(text: str) -> None:
    (row,) = rows(replace(CLIP, title=text))
    dangerous = text[0] in "=+-@\t\r\n＝＋－＠"
    assert row["title"] == ("'" if dangerous else "") + text


def test_numbers_stay_numbers_for_a_spreadsheet() -> None:
    assert rows(replace(CLIP, score=-1.5))[0]["score"] == "-1.5"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_text_comes_back_from_csv(text: str) -> None:
    (row,) = rows(replace(CLIP, text=text))
    assert row["text"].removeprefix("'") == text.removeprefix("'")


# --- lines of text -------------------------------------------------------------------------------


def test_plain_lines_have_a_fixed_number_of_columns_whatever_is_in_them() -> None:
    lines = exported("plain", CLIP, replace(CLIP, title="a\tb\nc")).splitlines()
    assert lines[0].split("\t") == [
        "abc@61000-75200", "1:01", "1:15", "Ada Invented", "Saying no", "2026-11-11", CLIP.url, CLIP.text,
    ]  # fmt: skip
    assert lines[1].split("\t")[4] == "a b c"


def test_links_are_one_a_line() -> None:
    assert exported("links", CLIP, LATER).splitlines() == [CLIP.url, LATER.url]


def test_text_groups_moments_by_talk_in_order_of_time() -> None:
    assert exported("text", LATER, CLIP, BARE) == (
        "Saying no\nAda Invented · 2026-11-11 · own captions\n\n"
        f"1:01  {CLIP.text}\n{CLIP.url}\n\n1:30  wait\n{LATER.url}\n\n"
        f"Untitled\nauto captions\n\nabout  {CLIP.text}\n{BARE.url}\n"
    )


# --- JSON ----------------------------------------------------------------------------------------

FIELDS = {
    "clip_id": "abc@61000-75200",
    "video_id": "abc",
    "start_ms": 61_000,
    "end_ms": 75_200,
    "score": 7.1235,
    "text": CLIP.text,
    "highlights": [[13, 19], [27, 36]],
    "title": "Saying no",
    "mentor": "Ada Invented",
    "kind": "career",
    "channel_id": "UC1",
    "published_at": "2026-11-11T09:00:00Z",
    "language": "en",
    "origin": "manual",
    "url": CLIP.url,
    "about": False,
    "also": [],
    "reasons": [],
}


def test_the_search_document_has_the_promised_shape() -> None:
    coverage = Coverage(345, 333, {State.WAITING: 7, State.NO_CAPTIONS: 5}, 41.26, datetime(2026, 11, 22, tzinfo=UTC))
    alike, heard = [("ada bark", "Ada Park")], [("a duh", "Ada")]
    told = document("no", [CLIP], 57, coverage, 2, suggestions=["not"], alike=alike, heard=heard)
    assert json.loads(dumps(told)) == {
        "schema": 1,
        "query": "no",
        "hits": [FIELDS],
        "total": 57,
        "coverage": {
            "videos": 345,
            "with_text": 333,
            "without_text": {"waiting": 7, "no_captions": 5},
            "hours": 41.3,
            "newest_harvest_at": "2026-11-22T00:00:00Z",
        },
        "held_back": 2,
        "suggestions": ["not"],
        "alike": [{"typed": "ada bark", "meant": "Ada Park"}],
        "heard": [{"heard": "a duh", "meant": "Ada"}],
    }


def test_a_clip_names_the_talks_that_say_the_same() -> None:
    twice = replace(CLIP, also=(BARE,))
    assert json.loads(exported("jsonl", twice))["also"] == [
        {"clip_id": BARE.id, "title": BARE.title, "mentor": BARE.mentor, "url": BARE.url}
    ]


def test_clips_exported_without_their_search_are_the_same_document() -> None:
    assert json.loads(exported("json", CLIP)) == {
        "schema": 1, "query": "", "hits": [FIELDS], "total": 1, "coverage": None, "held_back": 0,
        "suggestions": [], "alike": [], "heard": [],
    }  # fmt: skip


def test_json_lines_are_one_object_a_clip() -> None:
    first, second = map(json.loads, exported("jsonl", CLIP, BARE).splitlines())
    assert first == {"schema": 1, **FIELDS}
    assert (second["kind"], second["published_at"], second["about"], second["score"]) == (None, None, True, 0)


def test_moments_are_told_in_utc_and_letters_stay_readable() -> None:
    there = timezone(timedelta(hours=2))
    line = exported("jsonl", replace(CLIP, text="谈判", published_at=datetime(2026, 1, 1, 1, tzinfo=there)))
    assert '"published_at": "2025-12-31T23:00:00Z"' in line
    assert "谈判" in line


# --- Markdown ------------------------------------------------------------------------------------


def words_of(markdown: str) -> str:
    """What a reader of Markdown shows, without any markup; fails on HTML passed through."""
    shown = []
    for block in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        assert block.type != "html_block"
        for part in block.children or []:
            assert part.type in {"text", "text_special", "link_open", "link_close", "strong_open", "strong_close",
                                 "em_open", "em_close"}, part.type  # fmt: skip
            shown.append(part.content)
        shown.append("\n" if block.type == "inline" else "")
    return "".join(shown)


def test_markdown_has_a_heading_a_talk_and_a_link_a_moment() -> None:
    assert exported("markdown", LATER, CLIP, BARE) == (
        "## Saying no\n\n*Ada Invented · 2026-11-11 · own captions*\n\n"
        "- [1:01](https://www.youtube.com/watch?v=abc&t=61s) never name a **salary** first; **negotiate** it\n"
        "- [1:30](https://www.youtube.com/watch?v=abc&t=61s) wait\n\n"
        "## Untitled\n\n*auto captions*\n\n"
        "- [about](https://www.youtube.com/watch?v=-x_) never name a **salary** first; **negotiate** it\n"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_literal_in_markdown(text: str) -> None:
    clip = replace(CLIP, title=text, mentor=text, text=text, highlights=())
    said = " ".join(text.split())
    title, byline, moment = words_of(exported("markdown", clip)).splitlines()
    assert title == said
    assert byline == f"{said} · 2026-11-11 · own captions"
    assert moment == f"1:01 {said}"


@given(st.text(st.sampled_from("ab *_`[]()<>#!|~&;=$\\-+.1:/"), min_size=1))
def test_any_punctuation_stays_literal_in_markdown(text: str) -> None:
    said = " ".join(text.split())
    assert words_of(f"## {escaped(text)}\n") == f"{said}\n"


def test_the_address_of_a_link_cannot_end_it() -> None:
    url = "https://example.org/a) b(<c>).webm#t=61"
    (block,) = [b for b in MarkdownIt().parse(exported("markdown", replace(CLIP, url=url))) if b.content[:1] == "["]
    opening = (block.children or [])[0]
    assert opening.attrs["href"] == "https://example.org/a%29%20b%28%3Cc%3E%29.webm#t=61"


def test_searching_does_not_load_the_formats() -> None:
    import subprocess

    code = "import sys, index.exporters.terminal; print(sorted({'csv', 'html', 'xml', 'rich'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
