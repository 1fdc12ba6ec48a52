"""What does every engine find, and what comes first?"""

from __future__ import annotations

import math
import random
from itertools import pairwise, permutations, product

import pytest
from engines import ANY, SEEN, ask, fill, said, talk, videos

from index.analysis import folded, stem
from index.engine import Engine
from index.query import And, Everything, Fuzzy, Near, Not, Or, Phrase, Prefix, Query, Word
from index.spelling import alike

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
