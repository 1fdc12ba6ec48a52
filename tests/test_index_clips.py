"""Hits become clips that begin where the thought begins, and ids become the same clips again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from index.beginnings import EARLIEST_MS
from index.clips import by_talk, clip_from_id, clips, excerpt, is_clip_id, link, within
from index.engine import Hit
from index.excerpts import excerpt_of
from index.query import parse
from index.telling import telling_marks
from library.errors import UsageError
from library.models import Kind, Mentor, Origin, Snippet, Transcript, Video

ADA, JO = Mentor("ada", "Ada Invented"), Mentor("jo", "Jo Madeup", Kind.INTEREST)
SALARY = parse("salary")


@dataclass
class FakeLibrary:
    """Holds what it was given, and counts how often each transcript is read."""

    videos: dict[str, Video] = field(default_factory=dict)
    transcripts: dict[str, Transcript] = field(default_factory=dict)
    mentors: dict[str, Sequence[Mentor]] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)

    def video(self, video_id: str) -> Video | None:
        return self.videos.get(video_id)

    def transcript(self, video_id: str) -> Transcript | None:
        self.read[video_id] += 1
        return self.transcripts.get(video_id)

    def mentors_of(self, video_id: str) -> Sequence[Mentor]:
        return self.mentors.get(video_id, ())

    def add(self, video: Video, *snippets: Snippet, mentors: Sequence[Mentor] = (ADA,), language: str = "en") -> None:
        self.videos[video.id] = video
        self.transcripts[video.id] = Transcript(video.id, language, Origin.MANUAL, snippets)
        self.mentors[video.id] = mentors


def said(*texts: str, every_ms: int = 5_000) -> list[Snippet]:
    return [Snippet(every_ms * number, every_ms, text) for number, text in enumerate(texts)]


def library_of(*snippets: Snippet, **fields: object) -> FakeLibrary:
    library = FakeLibrary()
    video = Video("v1", "UC1", "A talk", published_at=datetime(2026, 3, 1, tzinfo=UTC))
    library.add(structs.replace(video, **fields), *snippets)
    return library


def only(library: FakeLibrary, hit: Hit, query: str = "salary"):  # type: ignore[no-untyped-def]
    (clip,) = clips([hit], parse(query), library)
    return clip


def marked(clip) -> list[str]:  # type: ignore[no-untyped-def]
    return [clip.text[start:end] for start, end in clip.highlights]


TALK = said(
    "Welcome everybody.",
    "It is lovely here.",
    "When you ask them",
    "about the salary, wait.",
    "Then wait more.",
    "Goodbye.",
)


def test_a_clip_begins_with_the_sentence_that_holds_the_word_and_is_as_long_as_the_hit() -> None:
    clip = only(library_of(*TALK), Hit("v1", 0, 15_000, 2.5))
    assert clip.text == "When you ask them about the salary, wait. Then wait more."
    assert (clip.id, clip.start_ms, clip.end_ms, clip.score) == ("v1@10000-25000", 10_000, 25_000, 2.5)
    assert marked(clip) == ["salary"]
    assert clip.url == "https://www.youtube.com/watch?v=v1&t=10s"


def test_a_clip_may_begin_before_its_hit_and_ends_with_it_then() -> None:
    clip = only(library_of(*TALK), Hit("v1", 15_000, 25_000, 1))
    assert (clip.start_ms, clip.end_ms) == (10_000, 25_000)


def test_a_clip_begins_no_earlier_than_in_the_middle_of_what_was_found_before() -> None:
    library = library_of(*said("Well.", "When you ask", "them about", "the salary,", "wait.", "Goodbye."))
    hits = [Hit("v1", 15_000, 25_000, 2), Hit("v1", 0, 15_000, 1)]
    assert [clip.start_ms for clip in clips(hits[:1], SALARY, library)] == [5_000]
    assert [clip.start_ms for clip in clips(hits, SALARY, library)] == [15_000, 5_000]


def test_common_words_of_a_question_neither_move_a_clip_nor_are_marked() -> None:
    library = library_of(*said("This is how it is to be.", "Something else.", "You ask for a raise."))
    clip = only(library, Hit("v1", 0, 15_000, 1), "how to ask for a raise")
    assert clip.start_ms == 10_000
    assert marked(clip) == ["ask", "raise"]


def test_a_question_of_common_words_only_is_marked_as_it_is() -> None:
    assert len(telling_marks("to be or not", parse("to be or not"), "en")) == 4


def test_words_in_capitals_are_no_common_words() -> None:
    assert telling_marks("our IT people", parse("IT people"), "en") == ((4, 6), (7, 13))
    assert telling_marks("it was people", parse("it people"), "en") == ((7, 13),)


def test_a_hit_without_any_word_found_is_shown_whole() -> None:
    clip = only(library_of(*TALK), Hit("v1", 5_000, 25_000, 1), "unheard")
    assert (clip.start_ms, clip.end_ms, clip.highlights) == (5_000, 25_000, ())


def test_newlines_inside_snippets_become_spaces_and_escapes_are_dropped() -> None:
    clip = only(library_of(Snippet(0, 9_000, "the\nsalary \x1b[31mred\x1b[0m")), Hit("v1", 0, 9_000, 1))
    assert clip.text == "the salary red"
    assert marked(clip) == ["salary"]


def test_clips_keep_the_order_of_hits_though_each_transcript_is_read_once() -> None:
    library = library_of(*TALK)
    library.add(Video("v2", "UC1", "Other"), *said("Salary one.", "Salary two."))
    hits = [Hit("v1", 0, 25_000, 3), Hit("v2", 0, 5_000, 2), Hit("v1", 25_000, 30_000, 1), Hit("v2", 5_000, 10_000, 0)]
    assert [(clip.video_id, clip.score) for clip in clips(hits, SALARY, library)] == [
        (hit.video_id, hit.score) for hit in hits
    ]
    assert library.read == {"v1": 1, "v2": 1}


def test_hits_of_videos_no_longer_in_the_library_are_dropped() -> None:
    library = library_of(*TALK)
    library.videos["bare"] = Video("bare", "UC1", "No text")
    hits = [Hit("gone", 0, 1_000, 2), Hit("bare", 0, 1_000, 2), Hit("v1", 0, 25_000, 1)]
    assert [clip.video_id for clip in clips(hits, SALARY, library)] == ["v1"]


@pytest.mark.parametrize(
    ("mentors", "name", "kind"),
    [((), "", None), ((ADA,), "Ada Invented", Kind.CAREER), ((JO, ADA), "Jo Madeup, Ada Invented", Kind.INTEREST)],
)
def test_a_clip_names_everyone_the_talk_is_followed_for(
    mentors: tuple[Mentor, ...], name: str, kind: Kind | None
) -> None:
    library = FakeLibrary()
    library.add(Video("v1", "UC1", "T"), *TALK, mentors=mentors)
    clip = only(library, Hit("v1", 0, 25_000, 1))
    assert (clip.mentor, clip.kind) == (name, kind)


@pytest.mark.parametrize(
    ("description", "title", "text"),
    [
        ("All about the\nsalary.", "A talk", "All about the salary."),
        ("Nothing here.", "On salaries", "On salaries"),
        ("", "On salaries", "On salaries"),
        ("Nothing here.", "Nor there", "Nothing here."),
    ],
)
def test_a_talk_found_by_what_is_written_about_it_shows_that(description: str, title: str, text: str) -> None:
    library = library_of(*TALK, description=description, title=title)
    clip = only(library, Hit("v1", 7, 8, 1, about=True))
    assert (clip.text, clip.id, clip.about) == (text, "v1@0-0", True)
    assert clip.url == "https://www.youtube.com/watch?v=v1"


def test_of_a_long_description_the_part_with_the_word_is_shown() -> None:
    library = library_of(*TALK, description="word " * 300 + "the salary. " + "word " * 300)
    clip = only(library, Hit("v1", 0, 0, 1, about=True))
    assert marked(clip) == ["salary"]
    assert len(clip.text) <= 200


# --- ids ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("video_id", ["abc-_123", "-dashed-_", "f-0123456789abcdef", "a@b"])
def test_an_id_gives_its_clip_back(video_id: str) -> None:
    library = FakeLibrary()
    library.add(Video(video_id, "UC1", "T"), *TALK)
    clip = only(library, Hit(video_id, 0, 25_000, 0))
    assert is_clip_id(clip.id)
    assert clip_from_id(clip.id, library, SALARY) == clip
    assert clip_from_id(clip.id, library) == structs.replace(clip, highlights=())


def test_the_id_of_a_talk_as_a_whole_gives_what_is_written_about_it() -> None:
    library = library_of(*TALK, description="On salary.")
    about = only(library, Hit("v1", 0, 0, 0, about=True))
    assert clip_from_id(about.id, library, SALARY) == about


@pytest.mark.parametrize(
    ("clip_id", "message"),
    [
        ("v1", "'v1' is not a clip"),
        ("v1@1-", "'v1@1-' is not a clip"),
        ("v1@٣-4", "'v1@٣-4' is not a clip"),
        ("v1@3-٤", "'v1@3-٤' is not a clip"),
        ("v1@0-" + "9" * 5_000, "is not a clip"),
        ("v1@" + "9" * 5_000 + "-0", "is not a clip"),
        ("\x1b[31mv1", "'v1' is not a clip"),
        ("gone@0-1000", "no text of a video 'gone' is in the library"),
        ("v1@5000-5000", "v1@5000-5000 is not a part of “A talk”"),
        ("v1@9000-5000", "v1@9000-5000 is not a part of “A talk”"),
        ("v1@5000-30001", "v1@5000-30001 is not a part of “A talk”"),
    ],
)
def test_an_id_that_names_nothing_is_explained(clip_id: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        clip_from_id(clip_id, library_of(*TALK))
    assert message in caught.value.message
    assert caught.value.hint
    assert "\x1b" not in caught.value.message


# Starts in order, some of them equal; times on screen that overlap or leave pauses.
_TEXTS = st.sampled_from(["salary", "One.", "and then", "salaries? Yes. So", "he said “no.” but", "谈判。薪水", ""])
_SNIPPETS = st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 9_000), _TEXTS), min_size=1, max_size=20)


@given(_SNIPPETS, st.integers(0, 19), st.integers(0, 19))
def test_the_words_of_a_clip_follow_from_its_id(rows: list[tuple[int, int, str]], one: int, other: int) -> None:
    snippets, start_ms = [], 0
    for gap_ms, duration_ms, text in rows:
        start_ms += gap_ms
        snippets.append(Snippet(start_ms, duration_ms, text))
    first, last = sorted((one % len(snippets), other % len(snippets)))
    hit = Hit("v1", snippets[first].start_ms, max(snippets[last].end_ms, snippets[first].start_ms + 1), 0)
    length_ms = max(hit.end_ms, snippets[-1].end_ms)
    library = library_of(*snippets, duration_ms=length_ms)
    clip = only(library, hit, "salary 薪水")
    assert clip_from_id(clip.id, library, parse("salary 薪水")) == clip
    assert max(0, hit.start_ms - EARLIEST_MS) <= clip.start_ms < clip.end_ms <= length_ms
    assert clip.end_ms - clip.start_ms >= hit.end_ms - hit.start_ms or clip.end_ms == length_ms


def test_snippets_of_a_span_are_those_whose_middle_it_holds() -> None:
    snippets = said("a", "b", "c", "d")
    assert [snippet.text for snippet in within(snippets, 4_500, 10_400)] == ["b"]
    assert [snippet.text for snippet in within(snippets, 4_500, 15_400)] == ["b", "c"]
    assert [snippet.text for snippet in within(snippets, 8_000, 9_000)] == ["c"]
    assert [snippet.text for snippet in within(snippets, 99_000, 99_500)] == ["d"]
    assert list(within([], 0, 1_000)) == []


# --- links and groups --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("video_id", "url", "start_ms", "expected"),
    [
        ("abc", "", 0, "https://www.youtube.com/watch?v=abc"),
        ("abc", "", 999, "https://www.youtube.com/watch?v=abc"),
        ("abc", "", 61_999, "https://www.youtube.com/watch?v=abc&t=61s"),
        ("a&b", "", 0, "https://www.youtube.com/watch?v=a%26b"),
        ("f-1", "file:///talks/A%20b.webm", 61_200, "file:///talks/A%20b.webm#t=61"),
        ("f-1", "file:///talks/a.webm", 0, "file:///talks/a.webm"),
        ("f-1", "https://example.org/t?x=1#old", 2_000, "https://example.org/t?x=1#t=2"),
        ("f-1", "https://example.org/\x1b]8;;x y", 0, "https://example.org/%1B]8%3B%3Bx%20y"),
    ],
)
def test_links_start_at_the_whole_second(video_id: str, url: str, start_ms: int, expected: str) -> None:
    assert link(Video(video_id, "UC1", "T", url=url), start_ms).replace(";", "%3B") == expected


def test_talks_stand_in_order_of_their_best_moment_and_moments_in_order_of_time() -> None:
    later = Snippet(225_000, 5_000, "Salary again.")
    library = library_of(*TALK)
    library.add(Video("v2", "UC1", "Other"), *TALK, later)
    hits = [Hit("v2", 225_000, 230_000, 3), Hit("v1", 0, 15_000, 2), Hit("v2", 0, 15_000, 1)]
    talks = by_talk(clips(hits, SALARY, library))
    first, second = ([clip.id for clip in talk] for talk in talks)
    assert (first, second) == (["v2@10000-25000", "v2@225000-230000"], ["v1@10000-25000"])


# --- excerpts ----------------------------------------------------------------------------------


def test_a_short_text_is_its_own_excerpt() -> None:
    assert excerpt_of("a few words", ((2, 5),), 11) == ("a few words", ((2, 5),))


def test_an_excerpt_is_cut_between_words_around_the_densest_hits() -> None:
    text = "one two three four five six seven eight nine ten hit bit eleven twelve thirteen fourteen"
    marks = ((0, 3), (text.index("hit"), text.index("hit") + 3), (text.index("bit"), text.index("bit") + 3))
    shown, kept = excerpt_of(text, marks, 40)
    assert shown == "… nine ten hit bit eleven twelve …"
    assert [shown[start:end] for start, end in kept] == ["hit", "bit"]


def test_an_excerpt_begins_with_a_sentence_where_one_is_near() -> None:
    text = "x" * 60 + " and so on. We see the hit here, and so on and so on for a while " + "y" * 60
    shown, _ = excerpt_of(text, ((text.index("hit"), text.index("hit") + 3),), 60)
    assert shown.startswith("… We see the hit here, and so on")


def test_an_excerpt_of_a_script_without_spaces_is_cut_anywhere() -> None:
    shown, kept = excerpt_of("今天我们谈" * 20 + "薪水" + "在工作中进" * 20, ((100, 102),), 30)
    assert 25 <= len(shown) <= 30
    assert [shown[start:end] for start, end in kept] == ["薪水"]


@given(
    st.lists(st.sampled_from(["to", "salary.", "negotiate", "的", "x" * 50]), min_size=1, max_size=60),
    st.integers(0, 120),
    st.sets(st.integers(0, 59)),
)
def test_an_excerpt_is_a_piece_of_the_text_with_its_own_words_marked(
    words: list[str], width: int, places: set[int]
) -> None:
    text = " ".join(words)
    starts = [len(" ".join(words[:place])) + bool(place) for place in range(len(words))]
    marks = tuple((starts[place], starts[place] + len(words[place])) for place in sorted(places) if place < len(words))
    shown, kept = excerpt_of(text, marks, width)
    assert len(shown) <= max(width, 8)
    assert shown.removeprefix("… ").removesuffix(" …") in text
    assert all(shown[start:end] in text and start < end for start, end in kept)
    if marks and width >= 72:
        assert kept


def test_the_excerpt_of_a_clip_is_that_of_its_text() -> None:
    clip = only(library_of(*TALK), Hit("v1", 0, 25_000, 1))
    assert excerpt(clip, 24) == excerpt_of(clip.text, clip.highlights, 24)
