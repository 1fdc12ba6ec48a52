"""What narrows a search, in what order is it, and what else does every engine tell?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engines import ANY, SEEN, ask, fill, said, talk, videos

from index.engine import Engine, Filters
from index.passages import Passage
from index.query import Everything, Fuzzy, Phrase, Prefix, Word
from library.models import Origin

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
