"""A question, with its fields and what was chosen beside it, becomes an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from index.corrections import Correction
from index.engine import Engine, Filters, Hit, Hits, Seen, Sort, Talk
from index.engine.layout import SCHEMA
from index.engine.whoosh_engine import WhooshEngine
from index.finder import Answer, Wanted, find
from index.passages import Passage
from index.query import Or, Phrase, Query, TopicQuery, Word
from library.errors import QuerySyntaxError, UsageError
from library.models import Channel, ChannelForm, Kind, Mentor, Origin, Snippet, State, Transcript, Video
from library.store import Store

INES = Mentor("ines-calder", "Ines Calder")
TOM = Mentor("tom-okafor", "Tom Okafor", Kind.INTEREST)
NOW = datetime(2026, 3, 2, tzinfo=UTC)

# id: mentor, day, minutes, language, origin, title, what is said; all of it invented
TALKS = {
    "a": (INES, "2026-02-01", 12, "en", Origin.MANUAL, "How to ask for a raise", "ask for more salary"),
    "b": (INES, "2025-07-01", 50, "en-GB", Origin.GENERATED, "Difficult clients", "clients who say no to a salary"),
    "c": (TOM, "2024-01-31", 5, "de", Origin.FILE, "Über Pausen", "salary und Pausen"),
    "d": (TOM, "2026-01-15", 90, "en", Origin.MANUAL, "Negotiating a raise", "the bonus beats a salary"),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Engine]]:
    folder: Path = tmp_path_factory.mktemp("library")
    engine = WhooshEngine(folder / "search")
    with Store.open(folder / "library.db") as store:
        for mentor in (INES, TOM):
            store.save_channel(Channel(f"UC-{mentor.slug}", ChannelForm.CHANNEL, mentor.name))
        store.set_follows([(mentor, [f"UC-{mentor.slug}"]) for mentor in (INES, TOM)])
        for video_id, (mentor, day, minutes, language, origin, title, said) in TALKS.items():
            channel = f"UC-{mentor.slug}"
            published = datetime.fromisoformat(day).replace(tzinfo=UTC)
            video = Video(video_id, channel, title, published_at=published, duration_ms=minutes * 60_000)
            store.save_listing(channel, [(video, State.WAITING, "", NOW)], NOW)
            store.save_transcript(Transcript(video_id, language, origin, (Snippet(0, 9_000, said),)), NOW)
            engine.replace(Talk(video, (channel,), language, origin), [Passage(0, 9_000, said)])
        engine.commit(Seen(store.id, store.revision(), SCHEMA))
        yield store, engine
    engine.close()


def topics(name: str) -> TopicQuery:
    pay = Or((Word("bonus"), Phrase(("ask", "for"))))
    known = {
        "odd": TopicQuery(Or((Word("salaray"), Phrase(("ines", "kalder"))))),
        "pay": TopicQuery(pay),
        "toms": TopicQuery(pay, ("Tom Okafor",)),
        "hers": TopicQuery(pay, ("ines",)),
    }
    if name not in known:
        raise UsageError(f"there is no topic {name!r}", hint="did you mean pay?")
    return known[name]


def answer(library: tuple[Store, Engine], wanted: str | Wanted) -> Answer:
    return find(*library, Wanted(wanted) if isinstance(wanted, str) else wanted, topics)


def found(library: tuple[Store, Engine], wanted: str | Wanted) -> str:
    return "".join(sorted(clip.video_id for clip in answer(library, wanted).clips))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("salary", "abcd"),
        ("salary mentor:ines", "ab"),
        ('mentor:"Ines Calder" salary mentor:tom', "abcd"),
        ("salary -mentor:ines", "cd"),
        ("salary as:interest", "cd"),
        ("salary -as:interest", "ab"),
        ("salary lang:en", "abd"),
        ("salary -lang:en", "c"),
        ("salary after:2026", "ad"),
        ("salary after:2025-07 before:2026-01", "bd"),
        ("salary before:2025-07-01", "bc"),
        ("salary before:2025-06", "c"),
        ("salary longer:12m", "abd"),
        ("salary shorter:50 longer:6", "ab"),
        ("salary captions:auto", "b"),
        ("salary -captions:manual -captions:auto", "c"),
        ("salary title:raise", "ad"),
        ('salary title:"for a raise"', "a"),
        ("salary -title:raise", "bc"),
        ("salary title:negotia*", "d"),
        ("(ask OR clients) AND salary AND mentor:ines AND longer:40m", "b"),
        ("salary topic:pay", "ad"),
        ("topic:pay mentor:tom", "d"),
        ("salary -topic:pay", "bc"),
        ("clients OR topic:pay", "abd"),
        ("salary topic:toms", "d"),
        ("salary topic:toms mentor:ines", ""),
        ("topic:pay topic:toms", "d"),
        ("topic:hers topic:toms", ""),
        ('"no say" within 3', "b"),
        ("salry~ lang:de", "c"),
    ],
)
def test_fields_narrow_what_is_found(library: tuple[Store, Engine], text: str, expected: str) -> None:
    assert found(library, text) == expected


SALARY = Wanted("salary")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (replace(SALARY, titles=("raise",)), "ad"),
        (replace(SALARY, titles=("raise", "ask")), "a"),
        (replace(SALARY, topics=("pay",)), "ad"),
        (replace(SALARY, longer_ms=50 * 60_000), "bd"),
        (replace(SALARY, shorter_ms=5 * 60_000), "c"),
        (replace(SALARY, origin=Origin.MANUAL), "ad"),
        (Wanted("", topics=("pay",), mentors=("ines",)), "a"),
        (Wanted("salary", topics=("hers",)), "a"),
        (Wanted("", topics=("hers",), kind=Kind.INTEREST), ""),
        (Wanted(" ", kind=Kind.INTEREST), "cd"),
        (Wanted("salary mentor:tom", mentors=("ines",)), "cd"),
        (Wanted("salary lang:de", language="en", mentors=("tom",)), "c"),
    ],
)
def test_options_say_the_same_and_what_is_typed_counts_over_them(
    library: tuple[Store, Engine], wanted: Wanted, expected: str
) -> None:
    assert found(library, wanted) == expected


def test_fields_alone_list_talks_newest_first(library: tuple[Store, Engine]) -> None:
    listed = answer(library, "after:2025")
    assert [clip.video_id for clip in listed.clips] == ["a", "d", "b"]
    assert all(clip.about and not clip.highlights for clip in listed.clips)
    assert listed.total == 3
    assert answer(library, Wanted("after:2025", limit=1)).total == 3


@pytest.mark.parametrize(
    ("text", "position", "message", "hint"),
    [
        ("salary mentor:zoe", 7, "nobody called 'zoe'", "you follow ines-calder"),
        ("mentor:caldr", 0, "nobody called 'caldr'", "did you mean ines-calder?"),
        ("salary -mentor:a", 8, "could be", "name one of them"),
        ("salary topic:tea", 7, "no topic 'tea'", "did you mean pay?"),
    ],
)
def test_an_unknown_name_in_a_field_is_told_with_its_place(
    library: tuple[Store, Engine], text: str, position: int, message: str, hint: str
) -> None:
    with pytest.raises(QuerySyntaxError, match=message) as caught:
        answer(library, text)
    assert caught.value.position == position
    assert hint in caught.value.hint


def test_an_unknown_name_in_an_option_is_an_error_of_use(library: tuple[Store, Engine]) -> None:
    for wanted in (Wanted("salary", mentors=("zoe",)), Wanted("salary", topics=("tea",))):
        with pytest.raises(UsageError):
            answer(library, wanted)
    with pytest.raises(UsageError, match="topics cannot"):
        find(*library, Wanted("salary", topics=("pay",)))
    with pytest.raises(QuerySyntaxError, match="lang: cannot be 'english'") as told:
        answer(library, Wanted("salary", language="english"))
    assert told.value.query == "english"
    with pytest.raises(QuerySyntaxError, match="title: cannot be"):
        answer(library, Wanted("salary", titles=("?",)))


@pytest.mark.parametrize(
    ("text", "talks"),
    [
        ("mentor:ines", 2),
        ("after:2025-07-01", 3),
        ("before:2025-07-01", 2),
        ("lang:en", 3),
        ("lang:EN-gb", 1),
        ("lang:en after:2026 longer:1h", 1),
        ("longer:50m shorter:90m", 2),
        ("captions:manual", 2),
        ("lang:fr", 0),
    ],
)
def test_what_is_said_to_be_searched_is_what_passes_the_filters(
    library: tuple[Store, Engine], text: str, talks: int
) -> None:
    told = answer(library, Wanted(text, limit=50))
    assert len(told.clips) == told.coverage.with_text == talks
    assert told.coverage.hours == talks * 9 / 3600


def test_what_captions_mishear_is_found_by_what_is_meant_and_told(library: tuple[Store, Engine]) -> None:
    corrections = (Correction("Gehalt", ("salary",)), Correction("Never Say", ("say no",)), Correction("Tea", ("x",)))

    def asked(text: str) -> Answer:
        return find(*library, Wanted(text), topics, corrections)

    assert "".join(sorted(clip.video_id for clip in asked("gehalt -never").clips)) == "acd"
    assert asked("never").heard == (("say no", "Never Say"),)
    assert {clip.text[a:b] for clip in asked("gehalt").clips for a, b in clip.highlights} == {"salary"}
    assert asked("bonus").heard == asked("tea").heard == ()
    assert asked("gehlat lang:de").suggestions == []
    assert [clip.video_id for clip in asked("gehalt topic:toms").clips] == ["d"]


def test_nothing_at_all_is_still_no_query(library: tuple[Store, Engine]) -> None:
    with pytest.raises(QuerySyntaxError, match="no word"):
        answer(library, Wanted("", limit=3, sort="date"))


def test_where_nothing_is_found_spellings_of_the_library_are_named(library: tuple[Store, Engine]) -> None:
    assert answer(library, "clinets lang:de").suggestions == ["clients"]


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("tom ocafor", [("tom ocafor", "Tom Okafor")]),
        ("Ines Kalder", [("Ines Kalder", "Ines Calder")]),
        ('"ines kalder"', [("ines kalder", "Ines Calder")]),
        ("Difficult Glients", [("Difficult Glients", "Difficult Clients")]),
        ("Beets Salary", [("Beets", "Beats")]),
        ("Pausen Salery", [("Salery", "Salary")]),
        ("salery", [("salery", "salary")]),
        ("clients salery bonus", [("salery", "salary")]),
        ("the bonus beads", [("beads", "beats")]),
        ("Bonus Salary", []),
        ("difficult clients", []),
        ("asking for salaries", []),
        ("zzzz", []),
        ('"to bonus"', []),
        ('"ask for mare salary"', [("mare salary", "more salary")]),
        ("机械 5", []),
        ('"机械 本"', []),
        ("topic:odd", []),
        ("topic:odd salery", [("salery", "salary")]),
    ],
)
def test_names_and_words_that_sound_alike_are_told(
    library: tuple[Store, Engine], text: str, alike: list[tuple[str, str]]
) -> None:
    assert answer(library, text).alike == alike


def test_what_sounds_alike_is_looked_for_within_the_same_filters(library: tuple[Store, Engine]) -> None:
    assert answer(library, "Bonus Beads mentor:tom").alike == [("Bonus Beads", "Bonus Beats")]
    assert answer(library, "Bonus Beads mentor:ines").alike == [("Beads", "Beats")]


class Flooded:
    """An engine that knows twelve moments of one talk and one of another."""

    def search(self, query: Query, filters: Filters, limit: int, sort: Sort = "rank") -> Hits:
        hits = [Hit("a", at * 400, at * 400 + 300, 9) for at in range(12)] + [Hit("b", 0, 9_000, 8)]
        return Hits(hits[:limit], len(hits))

    def said(self, word: str) -> int:
        return 1


def test_no_talk_fills_the_list_unless_rank_alone_shall_count(library: tuple[Store, Engine]) -> None:
    store, _ = library
    spread = find(store, cast(Engine, Flooded()), Wanted("salary", limit=5, spread=True))
    assert [clip.video_id for clip in spread.clips] == ["a", "a", "b", "a", "a"]
    assert spread.held_back == 1
    ranked = find(store, cast(Engine, Flooded()), Wanted("salary", limit=5))
    assert [clip.video_id for clip in ranked.clips] == ["a"] * 5
    assert ranked.held_back == 0
