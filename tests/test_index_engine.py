"""What every engine does: one suite for all of them, today Whoosh alone."""

from __future__ import annotations

import gc
import json
import math
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations, product
from pathlib import Path
from typing import Any

import pytest

from index.analysis import folded, stem
from index.engine import Engine, Filters, Hit, Seen, Talk
from index.engine.layout import SCHEMA
from index.passages import Passage
from index.query import And, Everything, Fuzzy, Near, Not, Or, Phrase, Prefix, Query, Word, parse
from index.spelling import alike
from library.errors import Busy, IndexMissing, SearchError
from library.models import Origin, Video

Open = Callable[[], Engine]
ANY = Filters()
SEEN = Seen("library", 7, SCHEMA)


def whoosh(folder: Path) -> Engine:
    from index.engine.whoosh_engine import WhooshEngine

    return WhooshEngine(folder)


@pytest.fixture(params=[whoosh], ids=lambda engine: engine.__name__)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the engine under test, always on the same folder."""
    engines: list[Engine] = []

    def open_one() -> Engine:
        engines.append(request.param(tmp_path / "engine"))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.close()


@pytest.fixture
def engine(opened: Open) -> Engine:
    return opened()


def talk(video_id: str, *, day: int | None = 1, channels: tuple[str, ...] = ("ch",), language: str = "en",
         title: str = "", description: str = "", tags: tuple[str, ...] = (),
         minutes: int | None = None, origin: Origin = Origin.MANUAL) -> Talk:  # fmt: skip
    published_at = datetime(2024, 5, 1, tzinfo=UTC) + timedelta(days=day) if day is not None else None
    duration_ms = minutes * 60_000 if minutes is not None else None
    video = Video(video_id, "ch", title, description, published_at, duration_ms, tags=tags)
    return Talk(video, channels, language, origin)


def said(*texts: str, chapter: str = "") -> list[Passage]:
    """Passages of ten seconds, one after the other."""
    return [Passage(at * 10_000, at * 10_000 + 10_000, text, chapter) for at, text in enumerate(texts)]


def fill(engine: Engine, **texts: str | Sequence[str]) -> None:
    """A talk for each keyword, with these passages."""
    for video_id, passages in texts.items():
        engine.replace(talk(video_id), said(*([passages] if isinstance(passages, str) else passages)))
    engine.commit(SEEN)


def ask(engine: Engine, text: str, filters: Filters = ANY, limit: int = 100) -> list[Hit]:
    return engine.search(parse(text), filters, limit).hits


def videos(engine: Engine, text: str, filters: Filters = ANY) -> list[str]:
    return sorted({hit.video_id for hit in ask(engine, text, filters)})


# Writing and opening


def test_what_was_committed_is_found_and_noted(engine: Engine) -> None:
    fill(engine, v="ask for a raise")
    assert ask(engine, "raise")[0] == Hit("v", 0, 10_000, pytest.approx(ask(engine, "raise")[0].score))
    assert engine.seen() == SEEN


def test_before_the_first_commit_there_is_no_index(engine: Engine) -> None:
    assert engine.seen() is None
    with pytest.raises(IndexMissing) as caught:
        ask(engine, "raise")
    assert "mentor index" in caught.value.hint
    engine.replace(talk("v"), said("raise"))
    with pytest.raises(IndexMissing):
        ask(engine, "raise")


def test_an_empty_library_has_an_index_that_finds_nothing(engine: Engine) -> None:
    engine.commit(SEEN)
    assert engine.search(Word("raise"), ANY, 10).total == 0
    assert engine.suggest("raise") == []
    assert engine.seen() == SEEN


def test_what_is_not_committed_is_not_seen(opened: Open) -> None:
    writer, reader = opened(), opened()
    fill(writer, a="raise")
    writer.replace(talk("b"), said("raise"))
    writer.remove("a")
    assert videos(writer, "raise") == videos(reader, "raise") == ["a"]
    writer.close()
    assert videos(opened(), "raise") == ["a"]


def test_another_engine_sees_a_commit_without_being_opened_again(opened: Open) -> None:
    writer, reader = opened(), opened()
    fill(writer, a="raise")
    assert videos(reader, "raise") == ["a"]
    fill(writer, b="raise")
    assert videos(reader, "raise") == ["a", "b"]


def test_an_engine_can_be_opened_again(opened: Open) -> None:
    first = opened()
    fill(first, a="raise", b="bonus")
    first.close()
    again = opened()
    assert (videos(again, "raise"), again.seen()) == (["a"], SEEN)


def test_an_index_of_several_segments_is_searched_as_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.arrays.writer.RATIO", 0)
    for video_id in "abc":
        fill(engine, **{video_id: [f"raise {video_id}", "bonus"]})
    assert videos(engine, "raise") == ["a", "b", "c"]
    assert videos(engine, "bonus", Filters(since=datetime(2024, 5, 2, tzinfo=UTC))) == ["a", "b", "c"]
    assert {(hit.video_id, hit.start_ms) for hit in ask(engine, "bonus")} == {(video, 10_000) for video in "abc"}


def test_replacing_a_video_leaves_nothing_of_it(engine: Engine) -> None:
    fill(engine, a=["old raise", "old bonus"], b="old bonus")
    engine.replace(talk("a", title="fresh"), said("new raise"))
    engine.commit(SEEN)
    assert videos(engine, "old") == ["b"]
    assert [hit.video_id for hit in ask(engine, "raise")] == ["a"]


def test_the_last_replacement_before_a_commit_counts(engine: Engine) -> None:
    engine.replace(talk("a"), said("first", "first"))
    engine.replace(talk("a"), said("second"))
    engine.replace(talk("b"), said("first"))
    engine.remove("b")
    engine.commit(SEEN)
    assert videos(engine, "first") == []
    assert videos(engine, "second") == ["a"]


def test_a_removed_video_is_gone_and_an_unknown_one_may_be_removed(engine: Engine) -> None:
    fill(engine, a="raise", b="raise")
    engine.remove("a")
    engine.remove("never")
    engine.commit(SEEN)
    assert videos(engine, "raise") == ["b"]
    assert engine.search(Word("raise"), ANY, 10).total == 1


def test_work_repeated_after_a_crash_changes_nothing(opened: Open, tmp_path: Path) -> None:
    engine = opened()
    fill(engine, a="raise")
    before = {path.name: path.read_bytes() for path in (tmp_path / "engine").glob("seen*")}
    engine.replace(talk("a"), said("raise", "bonus"))
    engine.replace(talk("b"), said("raise"))
    engine.commit(Seen("library", 9, SCHEMA))
    expected = engine.search(Word("raise"), ANY, 10)
    for name, content in before.items():
        (tmp_path / "engine" / name).write_bytes(content)
    engine.close()
    again = opened()
    assert again.seen() == SEEN
    again.replace(talk("a"), said("raise", "bonus"))
    again.replace(talk("b"), said("raise"))
    again.commit(Seen("library", 9, SCHEMA))
    assert [hit.video_id for hit in again.search(Word("raise"), ANY, 10).hits] == [h.video_id for h in expected.hits]
    assert again.search(Word("raise"), ANY, 10).total == expected.total == 2


def test_only_one_may_write_at_a_time(opened: Open) -> None:
    first, second = opened(), opened()
    first.replace(talk("a"), said("raise"))
    with pytest.raises(Busy):
        second.replace(talk("b"), said("raise"))
    first.commit(SEEN)
    fill(second, b="raise")
    assert videos(first, "raise") == ["a", "b"]


@pytest.mark.parametrize("tenth", range(10))
def test_a_single_changed_byte_is_found_by_reading_all(opened: Open, tmp_path: Path, tenth: int) -> None:
    engine = opened()
    fill(engine, v=["ask for a raise", "say no to a client"], w="negotiation is a skill")
    engine.verify()
    (path,) = (tmp_path / "engine").glob("*.arr")
    data = bytearray(path.read_bytes())
    place = len(data) * tenth // 10
    # Zeros may be nothing but the space between sections.
    data[next(at for at in range(place, len(data)) if data[at])] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexMissing) as caught:
        opened().verify()
    assert "mentor index --rebuild" in caught.value.hint


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves the file open
@pytest.mark.parametrize("pattern", ["*.toc", "*.arr", "seen.json"])
def test_a_damaged_index_says_how_to_build_it_anew(opened: Open, tmp_path: Path, pattern: str) -> None:
    engine = opened()
    fill(engine, a="raise")
    engine.close()
    for path in (tmp_path / "engine").glob(pattern):
        path.write_bytes(b"\x80garbage")
    with pytest.raises(SearchError) as caught:
        opened().seen()
    assert "mentor index --rebuild" in caught.value.hint
    del caught
    gc.collect()


# Words, phrases, operators


def test_a_word_is_found_in_all_its_forms(engine: Engine) -> None:
    fill(engine, a="we negotiated", b="negotiation works", c="nothing")
    assert videos(engine, "negotiating") == ["a", "b"]


def test_phrases_run_across_captions_and_hold_common_words(engine: Engine) -> None:
    fill(engine, a="to be or not to be", b="not to be or to be", c="how to say\nno", d="say how to no")
    assert videos(engine, '"to be or not to be"') == ["a"]
    assert videos(engine, '"how to say no"') == ["c"]
    assert videos(engine, "well-known OR “say how”") == ["d"]


def test_hyphens_apostrophes_and_accents_do_not_matter(engine: Engine) -> None:
    fill(engine, a="a well known café, don’t", b="well I have known")
    for typed in ("well-known", '"well known"', "cafe", "CAFÉ", "don't"):
        assert videos(engine, typed) == ["a"], typed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("e-mail", ["apart", "hyphen", "joined"]),
        ("email", ["joined"]),
        ('"write an e-mail"', ["joined"]),
        ("e\u00admail", ["apart", "hyphen", "joined"]),
        ("dont", ["said"]),
        ("R&D", ["lab"]),
        ("r & d", ["lab", "letters"]),
    ],
)
def test_one_word_however_it_is_written(engine: Engine, text: str, found: list[str]) -> None:
    fill(engine, apart="e mail", hyphen="an E-Mail", joined="write an email", said="I don't", lab="R&D", letters="d r")
    assert videos(engine, text) == found


def test_a_prefix_stands_for_the_words_that_begin_so(engine: Engine) -> None:
    fill(engine, a="negotiating", b="negotiations", c="negative")
    assert videos(engine, "negotiat*") == ["a", "b"]
    assert videos(engine, "neg*") == ["a", "b", "c"]
    assert videos(engine, "xyz*") == []


def test_words_are_near_in_any_order_and_counted_from_one_to_the_next(engine: Engine) -> None:
    fill(engine, a="say it or no", b="no I say", c="say one two three no", d="say\nno one", e="no no")
    assert videos(engine, '"say no" within 3') == ["a", "b", "d"]
    assert videos(engine, '"say no" within 4') == ["a", "b", "c", "d"]
    assert videos(engine, '"saying no" within 1') == ["d"]
    assert videos(engine, '"no no" within 1') == ["e"]
    assert videos(engine, '"one say no" within 2') == ["d"]
    assert engine.search(Near(("no", "[Music]"), 3), ANY, 10).total == 5


def test_a_misspelt_word_finds_what_is_spelt_nearly_so_the_exact_word_first(engine: Engine) -> None:
    fill(engine, a="negotiation", b="the negotiations", c="boss", d="bass", e="negative", f="boss")
    assert videos(engine, "negotation~") == ["a", "b"]
    assert [hit.video_id for hit in ask(engine, "boss~")] == ["c", "f", "d"]  # rarer words weigh more
    assert videos(engine, "xyzzy~") == []
    assert videos(engine, "boss~ -boss") == ["d"]


def test_more_matching_words_rank_higher_and_neighbours_higher_still(engine: Engine) -> None:
    fill(engine, a="salary and some other things", b="negotiate of the salary here", c="negotiate salary of the here")
    assert [hit.video_id for hit in ask(engine, "negotiate salary")] == ["c", "b", "a"]


def test_scores_are_those_of_bm25(engine: Engine) -> None:
    texts = ["raise a a", "raise raise bonus a a a", "bonus", "a a"]
    fill(engine, v=texts)
    lengths = [len(text.split()) for text in texts]
    documents, mean = len(texts) + 1, sum(lengths) / (len(texts) + 1)  # the talk itself is one of them
    idf = math.log(1 + (documents - 2 + 0.5) / (2 + 0.5))
    for hit in ask(engine, "raise"):
        text = texts[hit.start_ms // 10_000].split()
        count = text.count("raise")
        expected = idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(text) / mean))
        assert hit.score == pytest.approx(expected)


_VOCABULARY = ["ask", "asked", "raise", "raises", "boss", "bonus", "salary", "a"]


def _holds(query: Query, text: str) -> bool:
    """Whether a passage matches, by looking at each of its words."""
    raw = folded(text)
    stems = [stem(word, "en") for word in raw]
    match query:
        case Word(word):
            return stem(folded(word)[0], "en") in stems
        case Prefix(beginning):
            return any(word.startswith(beginning) for word in raw)
        case Phrase(words):
            row = [stem(word, "en") for word in words]
            return any(stems[at : at + len(row)] == row for at in range(len(stems)))
        case Fuzzy(word):
            like = {word, *(other for other, _ in alike(word, _VOCABULARY))}
            return any(stem(other, "en") in stems for other in like.intersection(_VOCABULARY))
        case Near(words, reach):
            places = [[at for at, found in enumerate(stems) if found == stem(word, "en")] for word in words]
            chains = (chain for order in permutations(places) for chain in product(*order))
            return any(all(0 < b - a <= reach for a, b in pairwise(chain)) for chain in chains)
        case Everything():
            return False
        case And(parts):
            return all(_holds(part, text) for part in parts)
        case Or(parts):
            return any(_holds(part, text) for part in parts)
        case Not(base, without):
            return _holds(base, text) and not _holds(without, text)


def _random_query(chance: random.Random, depth: int = 3) -> Query:
    kind = chance.choice("wwfgpab" if depth else "wwfgp") if depth < 3 else chance.choice("wpaabbfgn")
    if kind == "f":
        return Fuzzy(chance.choice([*_VOCABULARY, "rasie", "salry", "bos"]))
    if kind == "g":
        return Near(tuple(chance.choices(_VOCABULARY, k=chance.randint(2, 4))), chance.randint(1, 3))
    if kind == "w":
        return Word(chance.choice(_VOCABULARY))
    if kind == "p":
        return Phrase(tuple(chance.choices(_VOCABULARY, k=chance.randint(2, 3))))
    if kind == "n" or (kind == "b" and chance.random() < 0.3):
        return Not(_random_query(chance, depth - 1), _random_query(chance, depth - 1))
    parts = tuple(_random_query(chance, depth - 1) for _ in range(chance.randint(2, 3)))
    return And(parts) if kind == "a" else Or(parts)


@pytest.mark.parametrize("seed", range(5))
def test_any_query_finds_what_reading_everything_finds(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    library: dict[str, list[str]] = {}
    for _ in range(3):  # three commits: several segments, some of them with deletions
        for _ in range(12):
            video_id = f"v{chance.randrange(25)}"
            library[video_id] = [
                " ".join(chance.choices(_VOCABULARY, k=chance.randint(1, 5))) for _ in range(chance.randint(1, 4))
            ]
            engine.replace(talk(video_id), said(*library[video_id]))
        engine.commit(SEEN)
    for _ in range(60):
        query = _random_query(chance)
        expected = {
            (video_id, at * 10_000)
            for video_id, texts in library.items()
            for at, text in enumerate(texts)
            if _holds(query, text)
        }
        answer = engine.search(query, ANY, 1_000)
        assert {(hit.video_id, hit.start_ms) for hit in answer.hits} == expected, query
        assert answer.total == len(answer.hits) == len(expected)
        best = engine.search(query, ANY, 3).hits
        assert best == answer.hits[:3]
        assert [hit.score for hit in answer.hits] == sorted((hit.score for hit in answer.hits), reverse=True)


def test_nothing_to_search_for_finds_nothing(engine: Engine) -> None:
    fill(engine, a="raise music")
    assert engine.search(Word("[Music]"), ANY, 10).hits == []
    assert engine.search(And((Word("raise"), Word("♪"))), ANY, 10).hits == []


# Languages


def test_a_word_is_stemmed_in_every_language_of_the_library(engine: Engine) -> None:
    engine.replace(talk("en", language="en-GB"), said("two enterprises"))
    engine.replace(talk("fr", language="fr"), said("nos entreprises négociantes"))
    engine.replace(talk("xx", language=""), said("entreprises"))
    engine.commit(SEEN)
    assert videos(engine, "entreprise") == ["fr"]
    assert videos(engine, "entreprises") == ["fr", "xx"]
    assert videos(engine, '"entreprise négociante"') == ["fr"]
    assert videos(engine, "entrepr*") == ["fr", "xx"]


def test_scripts_without_spaces_are_searched(engine: Engine) -> None:
    engine.replace(talk("zh", language="zh"), said("今天我们谈判工资"))
    engine.commit(SEEN)
    assert videos(engine, "谈判") == ["zh"]
    assert videos(engine, "判谈") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("本", ["alone", "begins", "ends", "pc", "within"]),
        ("本*", ["alone", "begins", "ends", "pc", "within"]),
        ("本 -絵", ["alone", "begins", "pc", "within"]),
        ("PC本", ["pc"]),
        ('"PC 本"', ["pc"]),
        ('"本 PC" within 5', ["pc"]),
        ("猫", []),
    ],
)
def test_one_character_is_found_wherever_it_stands(engine: Engine, text: str, found: list[str]) -> None:
    fill(engine, begins="本屋", ends="絵本", alone="a 本 b", within="日本語", other="水曜日 PC", pc="PC本体")
    assert videos(engine, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("給料の交渉をどうすればいい", ["bargain", "both"]),
        ("如何谈判薪水", ["pay"]),
        ('"给我讲讲薪水"', []),
        ("本当 -給料の交渉術", ["both"]),
    ],
)
def test_a_question_without_spaces_is_looked_for_by_its_parts(engine: Engine, text: str, found: list[str]) -> None:
    fill(engine, bargain="交渉術", both="本当の給料と交渉", pay="谈判你的薪水", other="映画の話")
    assert videos(engine, text) == found


# Filters and order


def test_filters_keep_channels_languages_and_dates(engine: Engine) -> None:
    engine.replace(talk("a", day=1, channels=("x", "y"), language="en-GB"), said("raise"))
    engine.replace(talk("b", day=2, channels=("y",), language="en"), said("raise"))
    engine.replace(talk("c", day=None, channels=("z",), language="fr"), said("raise"))
    engine.commit(SEEN)
    first, second = (datetime(2024, 5, day, tzinfo=UTC) for day in (2, 3))
    cases = [
        (ANY, "abc"),
        (Filters(channels=frozenset("x")), "a"),
        (Filters(channels=frozenset("xz")), "ac"),
        (Filters(channels=frozenset("w")), ""),
        (Filters(channels=frozenset()), ""),
        (Filters(language="en"), "ab"),
        (Filters(language="EN-gb"), "a"),
        (Filters(language="de"), ""),
        (Filters(since=second), "b"),
        (Filters(since=first), "ab"),
        (Filters(until=second), "a"),
        (Filters(until=first), ""),
        (Filters(since=first, until=second + timedelta(seconds=1)), "ab"),
        (Filters(channels=frozenset("y"), language="en", since=second), "b"),
    ]
    for filters, expected in cases:
        answer = engine.search(Word("raise"), filters, 10)
        assert (sorted(hit.video_id for hit in answer.hits), answer.total) == (list(expected), len(expected)), filters


def test_filters_keep_lengths_origins_and_titles(engine: Engine) -> None:
    engine.replace(talk("a", minutes=10, title="How to ask for a raise"), said("salary"))
    engine.replace(talk("b", minutes=60, title="A raise to ask for", origin=Origin.GENERATED), said("salary"))
    engine.replace(talk("c", title="Négociations", origin=Origin.FILE), said("salary", "salary"))  # 20 seconds
    engine.commit(SEEN)
    engine.replace(talk("d", minutes=10, title="Gone"), said("salary"))
    engine.commit(SEEN)
    engine.remove("d")
    engine.commit(SEEN)
    minute = 60_000
    raises = Filters(titles=(Word("raises"),))
    cases = [
        (Filters(longer_ms=10 * minute), "ab"),
        (Filters(shorter_ms=10 * minute), "ac"),
        (Filters(longer_ms=10 * minute + 1, shorter_ms=60 * minute), "b"),
        (Filters(shorter_ms=20_000), "c"),
        (Filters(shorter_ms=19_999), ""),
        (Filters(origin=Origin.MANUAL), "a"),
        (Filters(origin=Origin.FILE), "c"),
        (raises, "ab"),
        (Filters(titles=(Phrase(("ask", "for", "a", "raise")),)), "a"),
        (Filters(titles=(Prefix("nego"),)), "c"),
        (Filters(titles=(Fuzzy("riase"), Word("ask"))), "ab"),
        (Filters(titles=(Word("salary"),)), ""),
        (Filters(without=(raises,)), "c"),
        (Filters(without=(Filters(origin=Origin.FILE), Filters(shorter_ms=10 * minute))), "b"),
        (Filters(without=(Filters(origin=Origin.FILE, longer_ms=minute),)), "abc"),
        (Filters(longer_ms=minute, without=(raises,)), ""),
    ]
    for filters, expected in cases:
        assert videos(engine, "salary", filters) == list(expected), filters
        listed = engine.search(Everything(), filters, 10)
        assert (sorted(hit.video_id for hit in listed.hits), listed.total) == (list(expected), len(expected)), filters


def test_everything_is_each_talk_as_a_whole(engine: Engine) -> None:
    for video_id, day in {"old": 1, "new": 9}.items():
        engine.replace(talk(video_id, day=day, language=""), said("raise", "raise"))
    engine.commit(SEEN)
    answer = engine.search(Everything(), ANY, 10, "date")
    assert [(hit.video_id, hit.start_ms, hit.end_ms, hit.about) for hit in answer.hits] == [
        ("new", 0, 0, True),
        ("old", 0, 0, True),
    ]
    assert answer.total == 2


def test_newest_first_with_undated_talks_last(engine: Engine) -> None:
    for video_id, day in {"old": 1, "new": 9, "never": None, "mid": 5}.items():
        engine.replace(talk(video_id, day=day), said("raise " * (10 if video_id == "old" else 1)))
    engine.commit(SEEN)
    answer = engine.search(Word("raise"), ANY, 10, "date")
    assert [hit.video_id for hit in answer.hits] == ["new", "mid", "old", "never"]
    assert ask(engine, "raise")[0].video_id == "old"
    assert engine.search(Word("raise"), ANY, 2, "date").total == 4


# Moments


def test_overlapping_passages_are_one_moment_the_best(engine: Engine) -> None:
    spans = [(0, 120), (60, 180), (120, 240), (170, 300), (400, 500)]
    texts = ["raise a b c", "raise raise raise", "raise a b", "raise raise a", "raise"]
    passages = [Passage(a * 1000, b * 1000, text) for (a, b), text in zip(spans, texts, strict=True)]
    engine.replace(talk("v"), passages)
    engine.replace(talk("w"), passages[:1])
    engine.commit(SEEN)
    answer = engine.search(Word("raise"), ANY, 10)
    found = sorted((hit.video_id, hit.start_ms // 1000) for hit in answer.hits)
    assert found == [("v", 60), ("v", 170), ("v", 400), ("w", 0)]
    assert answer.total == 4


# Talks found by what is said about them


def test_a_talk_is_found_by_title_description_and_tags(engine: Engine) -> None:
    description = "On salaries. https://example.com/linked\n0:00 Introduction\n(12:30) Haggling"
    engine.replace(talk("v", title="Negotiation", description=description, tags=("work life",)), said("hello"))
    engine.commit(SEEN)
    for typed in ("negotiations", "salary", '"work life"', "negot*"):
        (hit,) = ask(engine, typed)
        assert (hit.video_id, hit.start_ms, hit.end_ms, hit.about) == ("v", 0, 0, True), typed
    for typed in ("linked", "haggling", "introduction"):
        assert ask(engine, typed) == [], typed


def test_a_talk_whose_passage_is_shown_is_not_shown_again(engine: Engine) -> None:
    engine.replace(talk("both", title="raise"), said("raise"))
    engine.replace(talk("about", title="raise"), said("bonus"))
    engine.commit(SEEN)
    answer = engine.search(Word("raise"), ANY, 10)
    assert [(hit.video_id, hit.about) for hit in answer.hits] == [("both", False), ("about", True)]
    assert answer.total == 2
    assert len(engine.search(Word("raise"), ANY, 1).hits) == 1


def test_a_title_lifts_the_passages_of_its_talk(engine: Engine) -> None:
    engine.replace(talk("plain", title="Other things"), said("ask for a raise"))
    engine.replace(talk("titled", title="How to get a raise"), said("ask for a raise"))
    engine.commit(SEEN)
    assert [hit.video_id for hit in ask(engine, "raise")] == ["titled", "plain"]


def test_a_passage_is_found_by_its_chapter_but_words_said_count_more(engine: Engine) -> None:
    engine.replace(talk("a"), said("when money is short", chapter="Asking for a raise"))
    engine.replace(talk("b"), said("raise it then"))
    engine.commit(SEEN)
    assert [(hit.video_id, hit.about) for hit in ask(engine, "raise")] == [("b", False), ("a", False)]


# Suggestions


def test_near_spellings_of_the_library_are_suggested(engine: Engine) -> None:
    fill(engine, a="negotiation boss", b="negotiation boat", c="negotiations boss")
    assert engine.suggest("negotation") == ["negotiation", "negotiations"]
    assert engine.suggest("negotaition", 1) == ["negotiation"]
    assert engine.suggest("bosd") == engine.suggest("bsos") == ["boss"]
    assert engine.suggest("bxxs") == []
    assert engine.suggest("negotiation") == []
    assert engine.suggest("?!") == []


def test_words_of_the_library_that_sound_alike_are_told_the_likeliest_first(engine: Engine) -> None:
    fill(engine, a="Ms Voss and the bus", b="the bass, the bus", c="Karnemann", d="a box of vases")
    assert engine.sounding("boss", 5) == ["bass", "voss", "bus"]
    assert engine.sounding("boss", 1) == ["bass"]
    assert engine.sounding("voss", 5) == ["bass"]
    assert engine.sounding("carnemen", 5) == ["karnemann"]
    assert engine.sounding("本", 5) == engine.sounding("", 5) == []
    assert [engine.said(word) for word in ("the", "Voss", "bass-bus", "boss", "")] == [2, 1, 1, 0, 0]


# What holds for the Whoosh engine alone


_ASKED = [
    "raise", '"ask for a raise"', "neg*", "bonis~", "raise -bonus", "ask raise", '"raise ask" within 3', "+salary raise"
]  # fmt: skip
_NARROWED = [
    ANY,
    Filters(channels=frozenset("x"), since=datetime(2024, 5, 3, tzinfo=UTC)),
    Filters(language="en", longer_ms=60_000, without=(Filters(titles=(Word("gone"),)),)),
]


def _answers(engine: Engine) -> list[list[object]]:
    return [
        [[hit.video_id, hit.start_ms, round(hit.score, 9)] for hit in engine.search(parse(text), filters, 10).hits]
        for text in _ASKED
        for filters in _NARROWED
    ]


def filled_by_chance(folder: Path) -> Engine:
    chance = random.Random(3)
    engine = whoosh(folder)
    words = ["ask", "for", "a", "raise", "negotiate", "bonus", "salary"]
    for at in range(30):
        texts = [" ".join(chance.choices(words, k=8)) for _ in range(4)]
        about = talk(f"v{at}", day=at, channels=(chance.choice("xy"),), minutes=at % 3, title=chance.choice(words))
        engine.replace(about, said(*texts))
        if at % 10 == 9:
            engine.commit(SEEN)
    return engine


def test_searching_needs_no_whoosh_and_finds_the_same_through_whoosh(tmp_path: Path) -> None:
    engine = filled_by_chance(tmp_path)
    code = (
        "import sys, json; from pathlib import Path; sys.path.insert(0, 'tests');"
        "from test_index_engine import _answers, whoosh;"
        f"print(json.dumps([_answers(whoosh(Path({str(tmp_path)!r}))), [*sys.modules]]))"
    )

    def found() -> tuple[Any, set[str]]:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
        answers, loaded = json.loads(done.stdout)
        return answers, {"whoosh", "whoosh.writing", "whoosh.qparser", "numpy"} & set(loaded)

    assert found() == (_answers(engine), set())
    (tmp_path / "_MAIN_segments.json").unlink()
    assert found() == (_answers(engine), {"whoosh"})
    engine.close()


def test_numpy_is_imported_once_plain_python_has_read_enough_and_finds_the_same(tmp_path: Path) -> None:
    engine = filled_by_chance(tmp_path)
    code = (
        "import sys, json; from pathlib import Path; sys.path.insert(0, 'tests');"
        "from test_index_engine import _answers, whoosh; from index.arrays import answering;"
        "answering.PLAIN_POSTINGS = 1000;"
        f"engine = whoosh(Path({str(tmp_path)!r}));"
        "engine.suggest('raise'); before = 'numpy' in sys.modules;"
        "print(json.dumps([_answers(engine), before, 'numpy' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert json.loads(done.stdout) == [_answers(engine), False, True]
    engine.close()


# Ranking


def test_a_talk_that_speaks_of_it_all_along_lifts_its_passages(engine: Engine) -> None:
    rest = ["rain and more rain"] * 8
    fill(engine, passing=["the raise", *rest], about=["the raise", *["a raise"] * 2, *rest[2:]], other=rest)
    hits = {(hit.video_id, hit.start_ms): hit.score for hit in ask(engine, "raise")}
    assert hits["about", 0] > hits["passing", 0]


def test_what_every_passage_holds_tells_nothing_of_a_talk(engine: Engine) -> None:
    fill(engine, once=["a raise", "b"], often=["a raise", "a raise"])
    hits = {(hit.video_id, hit.start_ms): hit.score for hit in ask(engine, "raise")}
    assert hits["often", 0] == pytest.approx(hits["once", 0])


def test_a_form_that_is_rare_because_its_language_is_tells_no_more_than_the_word(engine: Engine) -> None:
    engine.replace(talk("fr", language="fr"), said("la date du jour", "rien"))
    for number in range(6):
        engine.replace(talk(f"en{number}"), said("the data of today", "nothing"))
    engine.commit(SEEN)
    scores = {hit.video_id: hit.score for hit in ask(engine, "data")}
    assert scores["fr"] == pytest.approx(scores["en0"], rel=0.2)
