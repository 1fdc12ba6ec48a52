"""Do the reasons for a score add up to it?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing

import pytest

from index.engine import Filters, Reason, Seen, Talk
from index.engine.layout import SCHEMA
from index.engine.whoosh_engine import WhooshEngine
from index.passages import Passage
from index.query import parse
from library.models import Origin, Video

WORDS = [
    "ask",
    "for",
    "a",
    "raise",
    "salary",
    "negotiate",
    "offer",
    "well-known",
    "anchor",
    "wait",
    "never",
    "number",
    "first",
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhooshEngine]:
    """Forty invented talks of random words, in two segments."""
    chance = random.Random(7)
    with closing(WhooshEngine(tmp_path_factory.mktemp("reasons"))) as engine:
        for number in range(40):
            title, description = (" ".join(chance.choices(WORDS, k=3)) for _ in range(2))
            video = Video(f"v{number}", "ch", title, description)
            lines = [" ".join(chance.choices([*WORDS, *map(str, range(90))], k=12)) for _ in range(6)]
            lines.append("salary negotiate the anchor wait")
            passages = [Passage(at * 60_000, at * 60_000 + 90_000, line, title) for at, line in enumerate(lines)]
            engine.replace(Talk(video, ("ch",), "en", Origin.MANUAL), passages)
            if number in (29, 39):
                engine.commit(Seen("library", number, SCHEMA))
        yield engine


@pytest.mark.parametrize(
    "text",
    [
        "salary",
        "how do I ask for a raise",
        "negotiate AND salary",
        '"first number" OR anchor',
        "negot* -never",
        "negotate~ well-known",
        "salary offer within 4",
        "(raise OR offer) AND (salary OR anchor)",
    ],
)
def test_the_reasons_add_up_to_the_score_heaviest_first(engine: WhooshEngine, text: str) -> None:
    query = parse(text)
    hits = engine.search(query, Filters(), 60).hits
    assert hits
    for hit in engine.explained(hits, query):
        scores = [reason.score for reason in hit.reasons]
        assert sum(scores) == pytest.approx(hit.score)
        assert scores == sorted(scores, reverse=True)


def test_reasons_name_the_place_and_the_forms(engine: WhooshEngine) -> None:
    query = parse("salary negotiate")
    reasons = [
        reason for hit in engine.explained(engine.search(query, Filters(), 60).hits, query) for reason in hit.reasons
    ]
    assert {reason.place for reason in reasons} == {"text", "chapter", "title", "talk"}
    assert {reason.forms for reason in reasons} == {
        ("salari",),
        ("negoti",),
        ("salari", "negoti"),
        ("salary",),
        ("negotiate",),
    }
    assert all(reason.place == "text" for reason in reasons if len(reason.forms) > 1)


def test_a_hit_is_the_same_but_for_its_reasons(engine: WhooshEngine) -> None:
    query = parse("salary")
    (hit,) = engine.search(query, Filters(), 1).hits
    (explained,) = engine.explained([hit], query)
    assert explained.reasons != () == hit.reasons
    assert all(isinstance(reason, Reason) for reason in explained.reasons)
    assert (explained.video_id, explained.start_ms, explained.score) == (hit.video_id, hit.start_ms, hit.score)
