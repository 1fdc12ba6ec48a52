"""Transcripts are cut into overlapping passages."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from index.passages import TOLERANCE, Passage, passages, spoken_end_ms
from library.models import Chapter, Origin, Snippet, Transcript
from library.models import Word as Timed


def transcript(snippets: list[Snippet], words: tuple[Timed, ...] = ()) -> Transcript:
    return Transcript("v", "en", Origin.GENERATED, tuple(snippets), words)


def every(seconds: int, texts: list[str]) -> list[Snippet]:
    """Snippets of this many seconds, one after the other."""
    return [Snippet(at * seconds * 1000, seconds * 1000, text) for at, text in enumerate(texts)]


def cut(snippets: list[Snippet], length_s: int, overlap_s: int, chapters: tuple[Chapter, ...] = ()) -> list[Passage]:
    return list(passages(transcript(snippets), chapters, length_s * 1000, overlap_s * 1000))


def test_windows_begin_every_step_and_overlap() -> None:
    found = cut(every(5, [f"w{n}" for n in range(60)]), 60, 30)
    assert [(p.start_ms // 1000, p.end_ms // 1000) for p in found[:3]] == [(0, 60), (30, 90), (60, 120)]
    assert found[1].text.split()[0] == "w6"


def test_overlapping_passages_have_the_same_parts() -> None:
    found = cut(every(5, [f"w{n}" for n in range(60)]), 60, 30)
    assert all(" ".join(passage.parts) == passage.text for passage in found)
    parts = [part for passage in found for part in passage.parts]
    assert len(set(parts)) < len(parts) < 3 * len(found)
    assert " ".join(dict.fromkeys(parts)) == " ".join(f"w{n}" for n in range(60))


def test_a_short_rest_joins_the_last_passage() -> None:
    found = cut(every(5, ["w"] * 14), 60, 30)
    assert [(p.start_ms, p.end_ms) for p in found] == [(0, 70_000)]


def test_a_passage_ends_where_a_sentence_does() -> None:
    texts = ["w"] * 30
    texts[9] = "and that is it."
    found = cut(every(5, texts), 60, 0)
    assert found[0].end_ms == 50_000
    assert found[1].start_ms == 50_000


def test_without_punctuation_a_passage_ends_at_the_longest_pause() -> None:
    snippets = every(5, ["w"] * 30)
    snippets[10] = replace(snippets[10], duration_ms=3_600)
    snippets[12] = replace(snippets[12], duration_ms=4_500)
    assert cut(snippets, 60, 0)[0].end_ms == 53_600


def test_word_times_tell_pauses_that_captions_on_screen_hide() -> None:
    snippets = [replace(snippet, duration_ms=8_000) for snippet in every(5, ["w"] * 30)]
    words = tuple(Timed(at * 5_000 + (1_000 if at == 10 else 4_500), "w") for at in range(30))
    found = list(passages(transcript(snippets, words), (), 60_000, 0))
    assert found[0].end_ms == 55_000


def test_passages_end_before_the_next_caption_even_if_captions_overlap() -> None:
    snippets = [Snippet(0, 9_000, "a"), Snippet(2_000, 9_000, "b"), Snippet(60_000, 9_000, "c")]
    assert [spoken_end_ms(snippets, at) for at in range(3)] == [2_000, 11_000, 69_000]


def test_a_chapter_border_is_the_best_border_and_passages_carry_their_chapter() -> None:
    texts = ["w."] * 30
    found = cut(every(5, texts), 60, 0, (Chapter(0, "Intro"), Chapter(55_400, "Pay")))
    assert [(p.start_ms, p.chapter) for p in found] == [(0, "Intro"), (55_000, "Pay")] + [
        (p.start_ms, "Pay") for p in found[2:]
    ]


def test_before_the_first_chapter_there_is_none() -> None:
    assert cut(every(5, ["w"] * 10), 30, 0, (Chapter(40_000, "Late"),))[0].chapter == ""


def test_a_long_silence_is_not_bridged() -> None:
    snippets = [*every(5, ["w"] * 8), Snippet(600_000, 5_000, "later")]
    found = cut(snippets, 60, 30)
    assert (found[0].start_ms, found[0].end_ms) == (0, 40_000)
    assert found[-1].text.endswith("later")


def test_no_snippets_give_no_passages() -> None:
    assert cut([], 60, 30) == []


@pytest.mark.parametrize(("length", "overlap"), [(60, 60), (60, 90), (60, -1), (0, 0)])
def test_an_impossible_overlap_is_refused(length: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        cut(every(5, ["w"]), length, overlap)


@st.composite
def speech(draw: st.DrawFn) -> list[Snippet]:
    lines = draw(
        st.lists(
            st.tuples(st.integers(0, 9_000), st.integers(0, 12_000), st.sampled_from(["so", "yes.", "why? ", "a b"])),
            min_size=1,
            max_size=80,
        )
    )
    starts = accumulate(gap for gap, _, _ in lines)
    return [
        Snippet(start, duration, f"{text} {at}")
        for at, (start, (_, duration, text)) in enumerate(zip(starts, lines, strict=True))
    ]


CUTS = st.sampled_from([(30, 0), (30, 15), (60, 30), (60, 20), (60, 50), (20, 5)])


@given(speech(), CUTS)
def test_every_snippet_is_in_a_passage_and_order_is_kept(snippets: list[Snippet], how: tuple[int, int]) -> None:
    found = cut(snippets, *how)
    whole = " ".join(snippet.text for snippet in snippets)
    assert all(passage.text in whole for passage in found)
    for snippet in snippets:
        assert any(f" {snippet.text} " in f" {passage.text} " for passage in found)


@given(speech(), CUTS)
def test_starts_and_ends_rise(snippets: list[Snippet], how: tuple[int, int]) -> None:
    found = cut(snippets, *how)
    assert all(a.start_ms <= b.start_ms and a.end_ms <= b.end_ms for a, b in pairwise(found))
    assert all(a.text != b.text for a, b in pairwise(found))
    assert found[0].start_ms == snippets[0].start_ms
    assert found[-1].end_ms == spoken_end_ms(snippets, len(snippets) - 1)


@given(speech(), CUTS)
def test_passages_are_about_as_long_as_asked(snippets: list[Snippet], how: tuple[int, int]) -> None:
    longest = max(spoken_end_ms(snippets, at) - snippets[at].start_ms for at in range(len(snippets)))
    gaps = max((b.start_ms - a.start_ms for a, b in pairwise(snippets)), default=0)
    most = how[0] * 1000 * (1 + TOLERANCE) + max(longest, gaps)
    assert all(passage.end_ms - passage.start_ms <= most for passage in cut(snippets, *how))


@given(speech(), CUTS)
def test_cutting_again_gives_the_same(snippets: list[Snippet], how: tuple[int, int]) -> None:
    assert cut(snippets, *how) == cut(snippets, *how)
