"""Does a list show several talks and lecturers, and what is said twice only once?"""

from __future__ import annotations

from collections.abc import Iterable

from fakes import NOW
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from index.clips import Clip
from index.engine import Hit
from index.variety import alike, runs, spread, unrepeated
from library.models import Kind, Origin

SPEECH = (
    "before you walk into the room write down the number you will not go below and the one you will open with because "
    "a number on paper is harder to give away than one in your head and then say it once and stay silent"
)


def hit(video_id: str, start_s: int, score: float) -> Hit:
    return Hit(video_id, start_s * 1000, start_s * 1000 + 60_000, score)


def lecturer(video_id: str) -> str:
    return video_id[0]


def names(hits: Iterable[Hit]) -> list[str]:
    return [hit.video_id for hit in hits]


def clip_of(hit: Hit, text: str) -> Clip:
    return Clip(
        f"{hit.video_id}@{hit.start_ms}-{hit.end_ms}", hit.video_id, hit.start_ms, hit.end_ms, hit.score, text, (),
        f"Talk {hit.video_id}", lecturer(hit.video_id), Kind.CAREER, "UC", NOW, "en", Origin.MANUAL, "https://v.test",
    )  # fmt: skip


def test_a_talk_takes_three_of_ten_places_where_others_are_nearly_as_good() -> None:
    hits = [hit("a1", at * 60, 10 - at / 10) for at in range(6)] + [hit(f"b{at}", 0, 9) for at in range(9)]
    shown = spread(hits, 10, lambda video_id: video_id)[:10]
    assert names(shown).count("a1") == 3
    assert shown[:3] == hits[:3]


def test_a_lecturer_takes_six_of_ten_places_where_others_are_nearly_as_good() -> None:
    hits = [hit(f"a{at}", 0, 10) for at in range(9)] + [hit(f"b{at}", 0, 9) for at in range(9)]
    assert names(spread(hits, 10, lecturer)[:10]) == [f"a{at}" for at in range(6)] + [f"b{at}" for at in range(4)]


def test_what_is_far_worse_takes_nobodys_place() -> None:
    hits = [hit("a1", at * 60, 10) for at in range(9)] + [hit(f"b{at}", 0, 5.9) for at in range(9)]
    assert names(spread(hits, 10, lecturer)[:9]) == ["a1"] * 9


def test_those_held_back_come_back_where_there_is_nobody_else() -> None:
    hits = [hit("a1", at * 60, 10 - at) for at in range(4)]
    assert spread(hits, 10, lecturer) == hits


@given(st.lists(st.tuples(st.sampled_from(["a1", "a2", "b1", "c1"]), st.floats(0, 9)), max_size=40), st.integers(1, 12))
def test_spreading_loses_and_invents_nothing_and_leaves_the_best_first(
    found: list[tuple[str, float]], limit: int
) -> None:
    hits = [hit(video_id, at * 60, score) for at, (video_id, score) in enumerate(found)]
    hits.sort(key=lambda hit: -hit.score)
    order = spread(hits, limit, lecturer)
    assert sorted(order, key=repr) == sorted(hits, key=repr)
    assert order[:1] == hits[:1]


def test_a_talk_uploaded_twice_is_one_moment_that_names_the_other() -> None:
    texts = {"a": SPEECH, "b": "nothing of the kind was ever said by anybody", "c": f"and so {SPEECH} thank you"}
    hits = [hit("a", 0, 3), hit("b", 0, 2), hit("c", 0, 1)]
    found = unrepeated(hits, 10, lambda some: [clip_of(hit, texts[hit.video_id]) for hit in some])
    assert [(clip.video_id, [other.video_id for other in clip.also]) for clip in found] == [("a", ["c"]), ("b", [])]


def test_the_place_of_a_folded_moment_goes_to_the_next_and_no_more_are_read() -> None:
    read: list[str] = []

    def clips_of(some: Iterable[Hit]) -> list[Clip]:
        hits = list(some)
        read.extend(names(hits))
        return [clip_of(hit, SPEECH if hit.video_id in "ab" else f"talk of {hit.video_id}") for hit in hits]

    hits = [hit(video_id, 0, 1) for video_id in "abcdef"]
    assert names_of(unrepeated(hits, 3, clips_of)) == ["a", "c", "d"]
    assert read == ["a", "b", "c", "d"]


def names_of(clips: Iterable[Clip]) -> list[str]:
    return [clip.video_id for clip in clips]


def test_a_talk_that_says_the_same_twice_and_one_found_by_its_title_are_not_folded() -> None:
    twice = [hit("a", 0, 2), hit("a", 600, 1)]
    assert len(unrepeated(twice, 10, lambda some: [clip_of(hit, SPEECH) for hit in some])) == 2
    other = [hit("a", 0, 2), hit("b", 0, 1)]
    about = unrepeated(other, 10, lambda some: [replace(clip_of(hit, SPEECH), about=True) for hit in some])
    assert len(about) == 2


def test_clips_of_a_talk_that_begin_at_the_same_place_are_one_moment() -> None:
    hits = [hit("a", 100, 3), hit("a", 110, 2), hit("a", 140, 1), hit("b", 110, 1)]
    found = unrepeated(hits, 10, lambda some: [clip_of(hit, f"at {hit.start_ms}") for hit in some])
    assert [(clip.video_id, clip.start_ms) for clip in found] == [("a", 100_000), ("a", 140_000), ("b", 110_000)]


def test_a_piece_and_another_captioning_of_a_speech_are_alike_but_not_a_speech_on_the_same_matter() -> None:
    words = SPEECH.split()
    piece = " ".join(words[8:40])
    misheard = " ".join("uh" if at % 9 == 4 else word for at, word in enumerate(words))
    other = (
        "write the number on paper before the room fills and say it once then stay silent because a number in your "
        "head is given away below the one you open with and nobody walks you back up"
    )
    assert alike(runs(SPEECH), runs(piece))
    assert alike(runs(SPEECH), runs(misheard))
    assert not alike(runs(SPEECH), runs(other))
    assert not alike(runs("thank you very much"), runs("thank you very much"))
