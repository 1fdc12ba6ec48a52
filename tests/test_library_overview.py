"""Does the overview say how the library stands, to people and to machines?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import ANTON, MARTA, NOW, channel, channel_id, transcript, video

from library.cells import columns
from library.models import Kind, Mentor, State
from library.moments import to_text
from library.overview import overview, people_lines, status_lines, video_lines
from library.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        yield store


def filled(store: Store) -> dict[str, Any]:
    """The overview of a library with three videos of one mentor of two."""
    store.save_channel(channel("marta"))
    store.set_follows([(MARTA, [channel_id("marta")]), (Mentor("zoe", "Zoe", Kind.INTEREST, ("a", "b")), [])])
    listed = [(video(name), State.WAITING, "", NOW) for name in ("t", "w", "x")]
    store.save_listing(channel_id("marta"), listed, NOW)
    store.set_state([("x", State.EXCLUDED, "a short")])
    store.save_transcript(transcript("t", *["line"] * 1_440), NOW)
    run = store.journal.start_run(NOW - timedelta(hours=3))
    store.journal.end_run(run, NOW - timedelta(hours=2), "done", {"new": 3})
    store.journal.spend_within("units", 12, 100, NOW)
    return overview(store, NOW, 100, index_revision=4)


def test_the_overview_counts_videos_hours_runs_and_units(store: Store) -> None:
    found = filled(store)
    assert found["videos"] == {"waiting": 1, "text": 1, "excluded": 1}
    assert found["hours"] == 2.0
    assert found["quota"] == {"used": 12, "daily_units": 100, "renews_at": "2026-03-02T08:00:00Z"}
    assert found["mentors"][0] == {
        "slug": "marta",
        "name": "Marta",
        "kind": "career",
        "topics": [],
        "videos": {"waiting": 1, "text": 1, "excluded": 1},
        "new": 3,
        "gone": 0,
        "next_try_at": to_text(NOW),
    }
    assert found["mentors"][1]["videos"] == {}
    assert found["last_run"] == found["runs"][0]
    assert found["last_run"]["summary"] == {"new": 3}
    assert (found["library_revision"], found["index_revision"], found["resting_until"]) == (store.revision(), 4, None)
    assert json.loads(json.dumps(found)) == found


def test_people_are_told_the_same_in_words(store: Store) -> None:
    lines = status_lines(filled(store), NOW)
    assert lines[0] == "3 videos of 2 mentors, 2.0 hours with text"
    assert "       1  left out by your rules" in lines
    assert "harvest 3 hours ago: done" in lines
    assert "    3 new this week · 1 waiting · next try from 2026-03-02 04:00 UTC" in lines
    assert lines[-1] == "quota used today: 12 of 100 units, anew from 2026-03-02 08:00 UTC"


def test_one_of_a_kind_is_no_plural(store: Store) -> None:
    found = filled(store)
    found |= {"videos": {"text": 1}, "mentors": found["mentors"][:1]}
    found["runs"] = [found["runs"][0] | {"summary": {"new": 1, "transcripts": 1}}]
    lines = status_lines(found, NOW)
    assert lines[0] == "1 video of 1 mentor, 2.0 hours with text"
    assert "harvest 3 hours ago: done · 1 new, 1 transcript" in lines


def test_an_empty_library_says_how_to_begin(store: Store) -> None:
    lines = status_lines(overview(store, NOW, 100, None), NOW)
    assert lines[0] == "0 videos of 0 mentors, 0.0 hours with text"
    assert any("mentor follow" in line for line in lines)
    assert "never harvested yet: mentor harvest" in lines
    assert "no search index yet: mentor index" in lines


def test_a_killed_harvest_and_a_rest_are_told(store: Store) -> None:
    store.journal.start_run(NOW - timedelta(days=3))
    store.journal.start_run(NOW - timedelta(days=2))
    store.journal.note("rest_until", NOW + timedelta(hours=5, microseconds=7))
    found = overview(store, NOW, 100, None)
    lines = status_lines(found, NOW)
    assert "harvest 2 days ago: did not end (still running, or it was killed)" in lines
    assert "harvest 3 days ago: it was killed" in lines
    assert "YouTube asked for patience: transcripts go on after 2026-03-02 09:00 UTC" in lines
    assert not any("patience" in line for line in status_lines(found, NOW + timedelta(hours=6)))


def test_no_next_try_is_promised_while_youtube_is_left_alone(store: Store) -> None:
    filled(store)
    store.journal.note("rest_until", NOW + timedelta(hours=5))
    lines = status_lines(overview(store, NOW, 100, None), NOW)
    assert "    3 new this week · 1 waiting · next try from 2026-03-02 09:00 UTC" in lines


def test_people_stand_in_columns_without_counting_what_was_left_out(store: Store) -> None:
    filled(store)
    store.follow(ANTON, channel_id("marta"))
    lines = people_lines(overview(store, NOW, 100, None)["mentors"])
    assert lines == [
        "anton  Anton  career    1 of 2 with text",
        "marta  Marta  career    1 of 2 with text",
        "zoe    Zoe    interest  0 of 0 with text  a, b",
    ]


def test_names_in_wide_letters_stand_in_columns_too(store: Store) -> None:
    filled(store)
    store.follow(Mentor("yuki", "山田 ゆき", Kind.INTEREST), channel_id("marta"))
    lines = people_lines(overview(store, NOW, 100, None)["mentors"])
    assert lines[:2] == [
        "marta  Marta      career    1 of 2 with text",
        "yuki   山田 ゆき  interest  1 of 2 with text",
    ]
    assert (
        max(map(columns, lines)) > 40 >= max(map(columns, people_lines(overview(store, NOW, 100, None)["mentors"], 40)))
    )


def test_lines_keep_to_the_width_of_a_terminal_and_nothing_is_left_out(store: Store) -> None:
    long_name = "Marta with a Name of Many Words, Titles and an Affiliation"
    marta = Mentor(
        "marta", long_name, Kind.CAREER, ("negotiation", "difficult clients", "public speaking", "networking")
    )
    filled(store)
    store.set_follows([(marta, [channel_id("marta")])])
    failed = ["Marta: YouTube did not answer: the answer took longer than the time limit, and that more than once"]
    run = store.journal.start_run(NOW)
    store.journal.end_run(run, NOW, "incomplete", {"new": 1, "transcripts": 0, "failed_listings": failed})
    found = overview(store, NOW, 100, 4)
    wide, narrow = status_lines(found, NOW), status_lines(found, NOW, 60)
    assert max(map(len, narrow)) <= 60 < max(map(len, wide))
    assert sorted(" ".join(narrow).replace(":", "").split()) == sorted(" ".join(wide).replace(":", "").split())
    assert max(map(len, video_lines(store, 50))) <= 50
    assert people_lines(found["mentors"], 60)[0] == "marta  career  1 of 2 with text"


def test_the_newest_harvest_tells_what_it_could_not_list(store: Store) -> None:
    for days, name in ((1, "old"), (0, "new")):
        run = store.journal.start_run(NOW - timedelta(days=days))
        store.journal.end_run(run, NOW, "incomplete", {"failed_listings": [f"{name}: no answer"], "stopped": "blocked"})
    lines = status_lines(overview(store, NOW, 100, None), NOW)
    at = lines.index("harvest just now: incomplete · stopped: blocked")
    assert lines[at + 1 : at + 3] == ["    new: no answer", "harvest 24 hours ago: incomplete · stopped: blocked"]
