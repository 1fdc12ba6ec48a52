"""Caption formats, their traps, and the laws that hold for all of them."""

from __future__ import annotations

import html
import io
import json
import re
import time
from itertools import pairwise

import pysubs2
import pytest
import webvtt
from hypothesis import assume, given
from hypothesis import strategies as st

from harvester.captions import EXTENSIONS, Captions, parse, recognised
from library.errors import InputError
from library.models import Snippet, Word
from library.text import plain

MANUAL_VTT = """WEBVTT - a talk on asking
Kind: captions
Language: en-GB

STYLE
::cue(v) { color: --> }

NOTE written by hand
00:00:00.000 --> 00:00:01.000
never said

REGION
id:left

first
00:00:01.000 --> 00:00:03.500 align:start position:10%
<v Ada>Never name the <i>first</i> number &amp; never
apologise for <c.loud>yours</c>.

second
00:00:03.000 --> 00:00:05.250
[Applause]

00:04.000 --> 00:06.000
&gt;&gt; It is 3 &lt; 4, they say.
"""

# "~" stands for the row of one space that YouTube writes where nothing is shown.
AUTO_VTT = """WEBVTT
Kind: captions
Language: en

00:00:00.320 --> 00:00:02.310 align:start position:0%
~
ask<00:00:00.560><c> for</c><00:00:00.800><c> twice</c><00:00:01.200><c> that</c>

00:00:02.310 --> 00:00:02.320 align:start position:0%
ask for twice that
~

00:00:02.320 --> 00:00:04.000 align:start position:0%
ask for twice that
and<00:00:02.560><c> wait</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
~
~

00:00:04.010 --> 00:00:06.000 align:start position:0%
~
[Music]

00:00:06.000 --> 00:00:06.010 align:start position:0%
[Music]
~

00:00:06.010 --> 00:00:08.000 align:start position:0%
[Music]
wait<00:00:06.500><c> [&nbsp;__&nbsp;]</c><00:00:07.000><c> wait</c>

00:00:08.000 --> 00:00:08.010 align:start position:0%
wait [&nbsp;__&nbsp;] wait
~

00:00:08.010 --> 00:00:09.500 align:start position:0%
wait [&nbsp;__&nbsp;] wait
silence
""".replace("~", " ")

MANUAL_SRT = """\ufeff1
00:00:01,000 --> 00:00:03,500
Never name the first number
and never apologise.

2
00:00:03,500 --> 00:00:05,000
<i>Forty</i> <font color="#fff">two</font>{\\an8} &gt; one

00:00:05.000 --> 00:00:07,000
1984

4
00:00:07,000 --> 00:00:08,000
before the gap

after the gap

5
00:00:08,000 --> 00:00:09,000

"""

SRV1 = (
    '<?xml version="1.0" encoding="utf-8" ?><transcript>'
    '<text start="0.08" dur="2.5">Q&amp;amp;A: don&amp;#39;t say &amp;lt;sorry&amp;gt;</text>'
    '<text start="2.58">&lt;font color="#fff"&gt;loud&lt;/font&gt;\nand clear</text>'
    '<text start="9" dur="1"> </text></transcript>'
)

SRV3_AUTO = """<?xml version="1.0" encoding="utf-8" ?><timedtext format="3"><head><ws id="0"/></head><body>
<w t="0" id="1" wp="1" ws="1"/>
<p t="80" d="4000" w="1"><s ac="248">ask</s><s t="320" ac="240"> for</s><s t="500" ac="9"> twice</s></p>
<p t="2000" d="2080" w="1" a="1">
</p>
<p t="2010" d="3000" w="1"><s>and</s><s t="200"> wait</s></p>
</body></timedtext>"""

JSON3_AUTO = {
    "wireMagic": "pb3",
    "events": [
        {"tStartMs": 0, "dDurationMs": 60000, "id": 1, "wpWinPosId": 1},
        {
            "tStartMs": 80,
            "dDurationMs": 4000,
            "wWinId": 1,
            "segs": [{"utf8": "ask"}, {"utf8": " for", "tOffsetMs": 320}, {"utf8": " twice", "tOffsetMs": 500}],
        },
        {"tStartMs": 2000, "dDurationMs": 2080, "wWinId": 1, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {"tStartMs": 2010, "dDurationMs": 3000, "segs": [{"utf8": "and"}, {"utf8": " wait", "tOffsetMs": 200}]},
    ],
}

SPOKEN_WORDS = (Word(80, "ask"), Word(400, "for"), Word(580, "twice"), Word(2010, "and"), Word(2210, "wait"))


def vtt(ms: int) -> str:
    """As WebVTT writes a time: ``01:02:03.500``."""
    seconds, millis = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{millis:03}"


def srt(ms: int) -> str:
    """As SubRip writes a time: ``01:02:03,500``."""
    return vtt(ms).replace(".", ",")


def texts(captions: Captions) -> list[str]:
    return [snippet.text for snippet in captions.snippets]


def assert_lawful(captions: Captions) -> None:
    assert captions.snippets
    assert all(one.start_ms <= other.start_ms for one, other in pairwise(captions.snippets))
    assert all(one.start_ms <= other.start_ms for one, other in pairwise(captions.words))
    for snippet in captions.snippets:
        assert snippet.start_ms >= 0
        assert snippet.duration_ms >= 0
        assert snippet.text == plain(snippet.text).strip() != ""
    if captions.words:
        assert "".join(word.text for word in captions.words) == "".join("".join(texts(captions)).split())


# --- WebVTT --------------------------------------------------------------------------------------


def test_hand_written_webvtt_is_kept_as_published() -> None:
    captions = parse(MANUAL_VTT, "talk.vtt")
    assert captions.snippets == (
        Snippet(1000, 2500, "Never name the first number & never\napologise for yours."),
        Snippet(3000, 2250, "[Applause]"),
        Snippet(4000, 2000, ">> It is 3 < 4, they say."),
    )
    assert (captions.language, captions.generated, captions.words) == ("en-GB", False, ())


def test_a_rolling_repeat_is_said_once() -> None:
    captions = parse(AUTO_VTT, "talk.en.vtt")
    assert captions.snippets == (
        Snippet(320, 1990, "ask for twice that"),
        Snippet(2320, 1680, "and wait"),
        Snippet(4010, 1990, "[Music]"),
        Snippet(6010, 1990, "wait [ __ ] wait"),
        Snippet(8010, 1490, "silence"),
    )
    assert (captions.language, captions.generated) == ("en", True)
    assert captions.words[:6] == (
        Word(320, "ask"),
        Word(560, "for"),
        Word(800, "twice"),
        Word(1200, "that"),
        Word(2320, "and"),
        Word(2560, "wait"),
    )
    assert_lawful(captions)


def test_a_word_said_again_is_no_repeat() -> None:
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n \nno<00:01.200><c> no</c>\n\n"
        "00:02.000 --> 00:02.010\nno no\n \n\n00:02.010 --> 00:03.000\nno no\nno<00:02.500><c> no</c>\n\n"
        "00:03.000 --> 00:03.010\nno no\n \n\n00:03.010 --> 00:04.000\nno no\nno no\n"
    )
    assert texts(parse(text, "no.vtt")) == ["no no", "no no", "no no"]


def test_the_same_caption_by_hand_several_times_is_no_repeat() -> None:
    cues = [f"00:0{second}.000 --> 00:0{second + 1}.000\nNo.\n" for second in range(4)]
    assert texts(parse("\n".join(["WEBVTT\n", *cues]), "no.vtt")) == ["No."] * 4


def test_a_stamped_line_is_new_even_where_it_stands_on_top() -> None:
    cues = [
        f"00:0{second}.000 --> 00:0{second}.990\nno<00:0{second}.500><c> no</c>\n\n"
        f"00:0{second}.990 --> 00:0{second + 1}.000\nno no\n"
        for second in range(3)
    ]
    assert texts(parse("\n".join(["WEBVTT\n", *cues]), "no.vtt")) == ["no no"] * 3


def test_rolling_captions_that_a_converter_made_srt_are_unrolled() -> None:
    text = (
        "1\n00:00:00,320 --> 00:00:02,310\n \nask for twice that\n\n"
        "2\n00:00:02,310 --> 00:00:02,320\nask for twice that\n \n\n"
        "3\n00:00:02,320 --> 00:00:04,000\nask for twice that\nand wait\n\n"
        "4\n00:00:04,000 --> 00:00:04,010\nand wait\n \n\n"
    )
    captions = parse(text, "talk.srt")
    assert captions.snippets == (Snippet(320, 1990, "ask for twice that"), Snippet(2320, 1680, "and wait"))
    assert (captions.generated, captions.words) == (True, ())


def test_whisper_leaves_out_the_hours() -> None:
    text = "WEBVTT\n\n00:00.000 --> 00:04.480\n Ask for more.\n\n1:12:26.320 --> 1:12:42.320\n time.\n\n"
    assert parse(text, "w.vtt").snippets == (Snippet(0, 4480, "Ask for more."), Snippet(4_346_320, 16_000, "time."))


def test_webvtt_without_its_first_line_is_read() -> None:
    assert texts(parse("\n00:01.000 --> 00:02.000\nhello\n", "talk.vtt")) == ["hello"]


def test_captions_out_of_order_are_sorted_and_an_end_before_the_start_is_no_time() -> None:
    text = "WEBVTT\n\n00:05.000 --> 00:04.000\nlater\n\n00:01.000 --> 00:02.000\nsooner\n"
    assert parse(text, "talk.vtt").snippets == (Snippet(1000, 1000, "sooner"), Snippet(5000, 0, "later"))


def test_a_word_never_leaves_its_line() -> None:
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\none<00:09.000><c> two</c><00:00.100><c> three</c>\n\n"
        "00:02.000 --> 00:03.000\nfour\n"
    )
    captions = parse(text, "talk.vtt")
    assert [word.start_ms for word in captions.words] == [1000, 2000, 2000, 2000]


# --- SubRip and SBV ------------------------------------------------------------------------------


def test_real_world_srt_is_read() -> None:
    assert parse(MANUAL_SRT, "talk.srt").snippets == (
        Snippet(1000, 2500, "Never name the first number\nand never apologise."),
        Snippet(3500, 1500, "Forty two > one"),
        Snippet(5000, 2000, "1984"),
        Snippet(7000, 1000, "before the gap\nafter the gap"),
    )


def test_sbv_is_read() -> None:
    text = "0:00:00.319,0:00:07.080\nlet's get started\n\n1:22:44.910,1:22:48.900\nbye[br]bye\n"
    assert parse(text, "talk.sbv").snippets == (
        Snippet(319, 6761, "let's get started"),
        Snippet(4_964_910, 3990, "bye\nbye"),
    )


# --- YouTube's XML -------------------------------------------------------------------------------


def test_srv1_texts_are_unescaped_twice() -> None:
    captions = parse(SRV1, "talk.srv1")
    assert captions.snippets == (
        Snippet(80, 2500, "Q&A: don't say <sorry>"),
        Snippet(2580, 0, "loud\nand clear"),
    )


def test_srv3_gives_words_their_times() -> None:
    captions = parse(SRV3_AUTO, "talk.srv3")
    assert captions.snippets == (Snippet(80, 1930, "ask for twice"), Snippet(2010, 3000, "and wait"))
    assert captions.words == SPOKEN_WORDS
    assert captions.generated


def test_hand_written_srv3_keeps_its_lines() -> None:
    text = '<timedtext format="3"><body><p t="1000" d="2000">one &amp;\n<s p="1">two</s> three</p></body></timedtext>'
    captions = parse(text, "talk.xml")
    assert captions.snippets == (Snippet(1000, 2000, "one &\ntwo three"),)
    assert not captions.generated


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE timedtext [<!ENTITY a "b">]><timedtext><body><p t="0" d="1">&a;</p></body></timedtext>',
        '<!DOCTYPE timedtext><timedtext><body><p t="0" d="1">a</p></body></timedtext>',
        '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><transcript/>',
        "<transcript><text start='0'>cut off",
        "<transcript><text dur='1'>no start</text></transcript>",
        "<transcript><text start='nan'>no number</text></transcript>",
        "<transcript><text start='1e300'>no talk is so long</text></transcript>",
        "<timedtext><body></body></timedtext>",
        "<html><body>Sign in</body></html>",
    ],
)
def test_xml_that_is_no_captions_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^talk\.xml cannot be read as YouTube timed text \(XML\): "):
        parse(text, "talk.xml")


# --- JSON ----------------------------------------------------------------------------------------


def test_json3_gives_words_their_times_and_drops_added_line_breaks() -> None:
    captions = parse(json.dumps(JSON3_AUTO), "talk.json3")
    assert captions.snippets == (Snippet(80, 1930, "ask for twice"), Snippet(2010, 3000, "and wait"))
    assert captions.words == SPOKEN_WORDS
    assert captions.generated


def test_json3_of_hand_written_captions_keeps_its_lines() -> None:
    captions = parse('{"events": [{"tStartMs": 5, "dDurationMs": 9, "segs": [{"utf8": "a\\nb"}]}]}', "x.json")
    assert captions == Captions((Snippet(5, 9, "a\nb"),))


def test_what_youtube_transcript_api_gives_is_read() -> None:
    rows = [{"text": "one", "start": 0.08, "duration": 1.2}, {"text": "two", "start": "1.5"}]
    expected = (Snippet(80, 1200, "one"), Snippet(1500, 0, "two"))
    assert parse(json.dumps(rows), "talk.json").snippets == expected
    fetched = {"video_id": "x", "language": "English", "language_code": "en", "is_generated": True, "snippets": rows}
    assert parse(json.dumps(fetched), "talk.json") == Captions(expected, (), "en", True)


def test_word_timings_become_lines_of_natural_length() -> None:
    sentence = re.findall(r" \S+", " Asking is free, so ask for the number before anyone else does.")
    pieces = sentence * 12
    words = [[piece, 1 + 0.3 * at, 1.2 + 0.3 * at] for at, piece in enumerate(pieces)]
    words[5:6] = [[" root", 2.5, 2.6], ["-of", 2.6, 2.7], ["-all", 2.7, 2.8]]
    captions = parse(json.dumps(words), "talk.json")
    assert_lawful(captions)
    assert Word(2500, "root-of-all") in captions.words
    assert len(captions.words) == len(pieces)
    assert max(map(len, texts(captions))) <= 84
    assert captions.snippets[0].text.endswith("does.")


def test_a_pause_ends_a_line_of_words() -> None:
    captions = parse('[["ask", 0, 0.4], ["now", 0.5, 0.9], ["wait", 3, 3.2]]', "talk.json")
    assert captions.snippets == (Snippet(0, 900, "ask now"), Snippet(3000, 200, "wait"))


def test_a_word_in_pieces_is_never_cut() -> None:
    words = [[f" {'long' * 20}", 0, 1], ["-winded.", 1, 2], ["-ish", 4, 5]]
    assert texts(parse(json.dumps(words), "talk.json")) == ["long" * 20 + "-winded.-ish"]


def test_words_of_scripts_without_spaces_keep_their_times() -> None:
    segments = [{"utf8": "谈判"}, {"utf8": "技巧", "tOffsetMs": 300}]
    captions = parse(json.dumps({"events": [{"tStartMs": 0, "dDurationMs": 900, "segs": segments}]}), "x.json3")
    assert texts(captions) == ["谈判技巧"]
    assert captions.words == (Word(0, "谈判"), Word(300, "技巧"))


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "7", '"events"', "[1]", "[[1, 2]]", '[{"text": "x"}]', '{"events": 3}', '[["a", 1, 2', "[" * 99_999],
)
def test_json_that_is_no_captions_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^talk\.json cannot be read as json3, transcript or word-timing JSON: "):
        parse(text, "talk.json")


# --- copies of the transcript panel --------------------------------------------------------------


def test_a_copy_of_the_transcript_panel_is_read_without_its_headings() -> None:
    text = "My talk\n\nIntroduction\n0:01\nask for twice that  \n0:06\nand wait\nWhy waiting helps\n1:02:03\nbye\n"
    assert parse(text, "talk.txt").snippets == (
        Snippet(1000, 5000, "ask for twice that"),
        Snippet(6000, 3_717_000, "and wait"),
        Snippet(3_723_000, 4000, "bye"),
    )
    assert texts(parse("0:01 ask\n[0:03] and wait", "talk.txt")) == ["ask", "and wait"]


def test_captions_of_two_lines_in_a_copy_are_kept_whole() -> None:
    assert texts(parse("0:01\na\nb\n0:03\nc\nd\n", "talk.txt")) == ["a\nb", "c\nd"]


def test_times_that_fall_are_no_transcript() -> None:
    with pytest.raises(InputError, match="its times do not rise"):
        parse("10:00 Lunch\n9:00 Breakfast\n", "day.txt")


# --- the front door ------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    text = "1\r\n00:00:01,000 --> 00:00:02,000\r\n«Où?» – it’s café\r\n"
    assert texts(parse(text.encode(encoding), "talk.srt")) == ["«Où?» – it’s café"]


def test_a_byte_order_mark_in_text_is_passed_over() -> None:
    assert parse("\ufeff" + json.dumps(JSON3_AUTO), "talk.json3").words == SPOKEN_WORDS


def test_a_broken_byte_does_not_spoil_the_rest() -> None:
    data = "1\n00:00:01,000 --> 00:00:02,000\nà é è\n".encode() + b"\xff"
    assert texts(parse(data, "talk.srt"))[0].startswith("à é è")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (MANUAL_VTT, "talk.srt"),
        (MANUAL_SRT, "talk.txt"),
        (SRV1, "talk.vtt"),
        (json.dumps(JSON3_AUTO), "talk"),
        ("0:00:00.319,0:00:07.080\nhello\n", "talk.txt"),
        ("0:01\nhello\n0:02\nthere\n", "talk"),
    ],
)
def test_the_content_counts_more_than_the_ending(text: str, name: str) -> None:
    assert_lawful(parse(text, name))
    assert recognised(text.encode())


@pytest.mark.parametrize("text", ["", "Dear diary", "[Music]", '{"name": "a package"}', '{"id": 1, "title": "x"}'])
def test_other_files_are_not_taken_for_captions(text: str) -> None:
    assert not recognised(text.encode())
    with pytest.raises(InputError, match=r"^notes cannot be read as captions: its format is unknown$") as caught:
        parse(text, "notes")
    assert "WebVTT, SRT" in caught.value.hint


def test_an_error_is_one_line_whatever_the_file_is_called() -> None:
    with pytest.raises(InputError, match=r"^talk\.vtt cannot be read as WebVTT: it holds no text with a time$"):
        parse("WEBVTT\n\nnothing", "\x1b[31mtalk.vtt\n")


def test_captions_are_made_harmless() -> None:
    said = "\x1b[2Jred \u202e&#x202e;&#7;flag&#x200b;"
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{said}\n\n00:03.000 --> 00:04.000\n&#x200b;\n"
    assert texts(parse(text, "talk.vtt")) == ["red flag\u200b"]


# --- independent readers and laws ----------------------------------------------------------------


def test_other_readers_of_webvtt_see_the_same() -> None:
    before, _, rest = MANUAL_VTT.partition("NOTE ")
    plain_vtt = before + rest.partition("\n\n")[2]
    ours = parse(plain_vtt, "talk.vtt").snippets
    theirs = webvtt.from_buffer(io.BytesIO(plain_vtt.encode()))
    seen = [(cue.start, cue.end, html.unescape(cue.text)) for cue in theirs.captions]
    assert seen == [(vtt(snippet.start_ms), vtt(snippet.end_ms), snippet.text) for snippet in ours]


def test_other_readers_of_srt_see_the_same() -> None:
    text = "".join(MANUAL_SRT.removeprefix("\ufeff").partition("00:00:05.000")[:1])
    theirs = [(event.start, event.end, event.plaintext) for event in pysubs2.SSAFile.from_string(text, "srt")]
    ours = [(snippet.start_ms, snippet.end_ms, snippet.text) for snippet in parse(text, "talk.srt").snippets]
    assert ours == [(start, end, html.unescape(said)) for start, end, said in theirs]


LINE = st.text(st.characters(categories=["L", "N", "P"], exclude_characters="&<>{}[]"), min_size=1, max_size=12)
SNIPPETS = st.lists(
    st.builds(
        Snippet,
        st.integers(0, 20_000_000),
        st.integers(50, 60_000),
        st.lists(LINE, min_size=1, max_size=3).map("\n".join),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda snippet: snippet.start_ms,
).map(lambda snippets: tuple(sorted(snippets, key=lambda snippet: snippet.start_ms)))


def repeats(snippets: tuple[Snippet, ...]) -> bool:
    rows = [snippet.text.split("\n") for snippet in snippets]
    return any(set(one) & set(other) for one, other in pairwise(rows))


@given(SNIPPETS)
def test_webvtt_written_is_read_back(snippets: tuple[Snippet, ...]) -> None:
    assume(not repeats(snippets))
    cues = [f"{vtt(one.start_ms)} --> {vtt(one.end_ms)}\n{one.text}\n" for one in snippets]
    assert parse("\n".join(["WEBVTT\n", *cues]), "x.vtt").snippets == snippets


@given(SNIPPETS, st.booleans())
def test_srt_written_is_read_back(snippets: tuple[Snippet, ...], counted: bool) -> None:
    assume(not repeats(snippets))
    cues = [
        f"{number}\n" * counted + f"{srt(one.start_ms)} --> {srt(one.end_ms)}\n{one.text}\n"
        for number, one in enumerate(snippets, 1)
    ]
    assert parse("\n".join(cues).replace("\n", "\r\n").encode(), "x.srt").snippets == snippets


@given(SNIPPETS)
def test_sbv_written_is_read_back(snippets: tuple[Snippet, ...]) -> None:
    assume(not repeats(snippets))
    cues = [f"{vtt(one.start_ms)},{vtt(one.end_ms)}\n{one.text}\n" for one in snippets]
    assert parse("\n".join(cues), "x.sbv").snippets == snippets


def rolled(lines: list[list[Word]]) -> str:
    """Lines as YouTube's automatic captions show them: each three times, the new one stamped."""
    cues, shown = ["WEBVTT\nKind: captions\nLanguage: en\n"], " "
    for number, line in enumerate(lines):
        start_ms = line[0].start_ms
        end_ms = lines[number + 1][0].start_ms - 10 if number + 1 < len(lines) else line[-1].start_ms + 500
        stamped = "".join(f"<{vtt(word.start_ms)}><c> {word.text}</c>" for word in line[1:])
        text = " ".join(word.text for word in line)
        cues.append(f"{vtt(start_ms)} --> {vtt(end_ms)} align:start position:0%\n{shown}\n{line[0].text}{stamped}\n")
        cues.append(f"{vtt(end_ms)} --> {vtt(end_ms + 10)} align:start position:0%\n{text}\n \n")
        shown = text
    return "\n".join(cues)


@given(
    st.lists(
        st.lists(st.tuples(st.integers(20, 900), st.sampled_from(["no", "ask", "wait", "[Music]"])), min_size=1),
        min_size=1,
        max_size=20,
    )
)
def test_rolling_captions_give_back_each_word_once_at_its_time(drawn: list[list[tuple[int, str]]]) -> None:
    at_ms, lines = 0, []
    for line in drawn:
        words = []
        for gap_ms, text in line:
            at_ms += gap_ms
            words.append(Word(at_ms, text))
        lines.append(words)
    assume(len(lines) > 1 or len(lines[0]) > 1)
    captions = parse(rolled(lines), "x.en.vtt")
    assert_lawful(captions)
    assert texts(captions) == [" ".join(word.text for word in line) for line in lines]
    if any(len(line) > 1 for line in lines):
        assert captions.words == tuple(word for line in lines for word in line)


def outcome(data: bytes | str, name: str) -> Captions | InputError:
    try:
        return parse(data, name)
    except InputError as error:
        return error


SEEDS = [MANUAL_VTT, AUTO_VTT, MANUAL_SRT, SRV1, SRV3_AUTO, json.dumps(JSON3_AUTO), "0:01\na\n0:02\nb", ""]


@given(
    st.sampled_from(SEEDS).map(str.encode),
    st.binary(max_size=40),
    st.integers(0, 1500),
    st.integers(0, 40),
    st.sampled_from([*sorted(EXTENSIONS), ""]),
)
def test_any_bytes_are_captions_or_one_clear_error(
    seed: bytes, noise: bytes, where: int, cut: int, ending: str
) -> None:
    found = outcome(seed[:where] + noise + seed[where + cut :], "file" + ending)
    if isinstance(found, InputError):
        assert found.message.startswith("file" + ending)
        assert "\n" not in found.message
    else:
        assert_lawful(found)


def test_two_hours_are_parsed_in_a_moment() -> None:
    words = [[Word(2000 * line + 200 * at + 20, "negotiation") for at in range(8)] for line in range(3600)]
    text = rolled(words)
    began = time.process_time()
    assert len(parse(text, "long.vtt").words) == 8 * 3600
    assert time.process_time() - began < 1


@pytest.mark.parametrize("ending", sorted(EXTENSIONS))
@pytest.mark.parametrize("unit", ["<", "&", "{\\", "\n", "\n\nNOTE", "0:", "1\n", " ", "[", '{"', "<c", "-->", "é"])
def test_hostile_repetition_takes_no_time(unit: str, ending: str) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n" * (ending == ".vtt") + unit * 100_000
    began = time.process_time()
    outcome(text, "hostile" + ending)
    assert time.process_time() - began < 2
