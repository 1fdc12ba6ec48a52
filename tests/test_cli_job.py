"""Does each verb do what it says, from the first follow to the export?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import Mentor

from harvester.samples import LECTURERS, folder
from index.engine.layout import SCHEMA
from library.moments import utc_now
from library.store import Store


def test_the_demo_asks_nothing_of_settings_made_for_another_library(mentor: Mentor) -> None:
    mentor.set("MENTOR_RULES_MIN_LENGTH_S", "6000")
    mentor.set("MENTOR_NOTIFY_URLS", "json://127.0.0.1:9/never")
    said = mentor("demo")
    assert ("The first number" in said.stdout, "notice" in said.stderr) == (True, False)


def test_the_demo_finds_negotiation_without_key_or_network(mentor: Mentor) -> None:
    said = mentor("demo")
    assert said.exit_code == 0
    assert "The first number" in said.output
    assert "Orla Finch" in said.output
    assert "mentor follow @handle" in said.output


def test_search_puts_the_talk_on_the_subject_first(full: Mentor) -> None:
    for query, title in [
        ("negotiation", "The first number"),
        ("how to say no", "A no that keeps the door open"),
        ("difficult client", "The client who shouts"),
        ("stage fright", "Shaking hands, steady voice"),
        ("delegate", "Give away the whole job"),
        ("how do I give feedback?", "Feedback while it is warm"),
    ]:
        assert full.json("search", query, "--json")["hits"][0]["title"] == title, query


def test_the_search_document_keeps_its_promise(full: Mentor) -> None:
    found = full.json("search", "negotiation", "--json")
    assert set(found) >= {"schema", "query", "hits", "total", "coverage"}
    assert found["schema"] == 1
    assert found["coverage"] == {**found["coverage"], "videos": 8, "with_text": 8, "without_text": {}}
    hit = found["hits"][0]
    for begin, end in hit["highlights"]:
        assert hit["text"][begin:end].casefold().startswith("negotiat")
    assert hit["clip_id"] == f"{hit['video_id']}@{hit['start_ms']}-{hit['end_ms']}"
    assert (hit["mentor"], hit["kind"], hit["language"]) == ("Ines Calder", "career", "en")


def test_filters_narrow_a_search(full: Mentor) -> None:
    def mentors(*options: str) -> set[str]:
        return {hit["mentor"] for hit in full.json("search", "negotiation", "--json", *options)["hits"]}

    assert mentors("--as", "interest") == {"Orla Finch"}
    assert mentors("--mentor", "brandt") == {"Tomas Brandt"}
    assert "Orla Finch" not in mentors("--until", "2025")
    dates = [h["published_at"] for h in full.json("search", "negotiation", "--json", "--sort", "date")["hits"]]
    assert dates == sorted(dates, reverse=True)
    assert len(full.json("search", "negotiation", "--json", "--limit", "2")["hits"]) == 2
    assert mentors("--title", "first number") == {"Ines Calder"}
    assert mentors("--longer", "5m") == {"Ines Calder", "Orla Finch", "Tomas Brandt"}
    assert mentors("--captions", "auto") == {"Ines Calder"}
    assert full.json("search", "topic:negotiation mentor:orla", "--json")["hits"][0]["mentor"] == "Orla Finch"
    assert full("search", "x", "--longer", "soon").exit_code == 2


def test_a_search_without_words_lists_a_lecturers_talks_newest_first(full: Mentor) -> None:
    hits = full.json("search", "--mentor", "ines", "--json")["hits"]
    assert [hit["title"] for hit in hits] == [
        "The raise is decided before you ask",
        "A no that keeps the door open",
        "The first number",
    ]


def test_what_a_topic_looks_for_is_highlighted_in_a_talk(full: Mentor) -> None:
    clip = full.json("search", "negotiation", "--json")["hits"][0]["clip_id"]
    assert "\x1b[7mnegotiation\x1b[0m" in full.ok("show", clip, "--query", "topic:negotiation", "--color", "always")
    assert full("show", clip, "--query", "topic:nego").exit_code == 65


def test_nothing_found_says_what_might_have_been_meant(full: Mentor) -> None:
    result = full("search", "negotation")
    assert result.exit_code == 1
    assert "negotiation" in result.stderr
    assert result.stdout == ""


def test_a_name_that_was_misheard_is_told_as_it_is_written(full: Mentor) -> None:
    assert "did you mean Ines Calder for “ines kalder”?" in full.ok("search", "ines kalder")
    told = full("search", '"ines kalder"').stderr
    assert "Sounds alike: Ines Calder." in told
    assert "next: mentor search '\"Ines Calder\"'" in told
    found = full.ok("search", "negotiation Tomas Brand")
    assert "did you mean Tomas Brandt for “Tomas Brand”?" in found
    assert "next: mentor search 'negotiation Tomas Brandt' · mentor show" in found
    assert "did you mean" not in full.ok("search", "negotiation", "salary")
    alike = full.json("search", "Ines Kalder", "--json")["alike"]
    assert alike == [{"typed": "Ines Kalder", "meant": "Ines Calder"}]


def test_a_clip_found_can_be_read_and_exported_again(full: Mentor, tmp_path: Path) -> None:
    hit = full.json("search", "negotiation", "--json")["hits"][0]
    assert "The first number" in full.ok("show", hit["clip_id"])
    assert "The first number" in full.ok("show", hit["video_id"])
    exported = json.loads(full.ok("export", hit["clip_id"], "--format", "jsonl"))
    assert (exported["start_ms"], exported["text"]) == (hit["start_ms"], hit["text"])

    plain = full.ok("search", "negotiation", "--plain")
    piped = full.ok("export", "-", "--format", "links", stdin=plain)
    assert piped.splitlines() == [h["url"] for h in full.json("search", "negotiation", "--json")["hits"]]

    twice = []
    for name in ("one.md", "two.md"):
        full.ok("export", "negotiation", "-o", str(tmp_path / name))
        twice.append((tmp_path / name).read_bytes())
    assert twice[0] == twice[1]


def test_a_second_harvest_has_nothing_to_do(full: Mentor) -> None:
    result = full("harvest")
    assert result.exit_code == 0
    assert "0 new, 0 transcripts" in result.stderr


def test_status_and_people_count_what_there_is(full: Mentor) -> None:
    status = full.json("status", "--json")
    assert status["videos"] == {"text": 8}
    assert status["index_revision"] is not None
    assert [m["slug"] for m in status["mentors"]] == ["ines-calder", "orla-finch", "tomas-brandt"]
    assert "3 of 3 with text" in full.ok("people")
    assert "harvest just now: done" in full.ok("status")


def test_unfollowing_keeps_the_library_but_not_in_searches(mentor: Mentor) -> None:
    for lecturer in LECTURERS:
        mentor.ok("follow", str(folder(lecturer.slug)))
    mentor.ok("harvest")
    mentor.ok("unfollow", "orla")
    found = mentor.json("search", "negotiation", "--json")
    assert {hit["mentor"] for hit in found["hits"]} == {"Ines Calder", "Tomas Brandt"}
    mentor.ok("follow", str(folder("orla-finch")))
    again = mentor("harvest")
    assert "0 transcripts" in again.stderr, "what was harvested before is still there"
    assert len(mentor.json("search", "negotiation", "--json")["hits"]) > len(found["hits"])


def test_what_is_forgotten_is_gone_from_library_and_index(mentor: Mentor) -> None:
    for lecturer in LECTURERS:
        mentor.ok("follow", str(folder(lecturer.slug)))
    mentor.ok("harvest")
    assert mentor("unfollow", "orla", "--forget", stdin="n\n").exit_code == 1
    assert mentor.json("status", "--json")["videos"] == {"text": 8}
    assert "2 of their videos deleted" in mentor.ok("unfollow", "orla", "--forget", "--yes")
    assert mentor.json("status", "--json")["videos"] == {"text": 6}
    assert "Orla Finch" not in mentor.ok("search", "negotiation", "--jsonl")
    mentor.ok("follow", str(folder("orla-finch")))
    assert "2 new, 2 transcripts" in mentor("harvest").stderr


def test_a_rebuilt_index_answers_the_same(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("harvest")
    before = mentor.ok("search", "negotiation", "--jsonl")
    assert "built anew" in mentor.ok("index", "--rebuild")
    assert mentor.ok("search", "negotiation", "--jsonl") == before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves a bad file open
def test_a_damaged_or_missing_index_heals_itself(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("harvest")
    before = mentor.ok("search", "negotiation", "--jsonl")
    for path in (mentor.home / "search").rglob("*"):
        if path.is_file() and path.name != "CURRENT":
            path.write_bytes(b"damaged")
    healed = mentor("search", "negotiation", "--jsonl")
    assert healed.exit_code == 0
    assert healed.stdout == before
    assert "building it" in healed.stderr


def test_an_index_of_another_version_is_built_anew_by_the_next_search(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("harvest")
    before = mentor.ok("search", "negotiation", "--jsonl")
    (seen,) = (mentor.home / "search").glob("*/seen.json")
    seen.write_text(seen.read_text().replace(SCHEMA, "arrays-1"))
    assert mentor.json("status", "--json")["index_revision"] is None
    healed = mentor("search", "negotiation", "--jsonl")
    assert (healed.exit_code, healed.stdout) == (0, before)
    assert healed.stderr.startswith("the search index was built by another version of mentor: building it\n")
    assert mentor("search", "negotiation", "--jsonl").stderr == ""


def test_an_index_with_a_changed_byte_is_built_anew_by_the_next_harvest(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    mentor.ok("harvest")
    (path,) = (mentor.home / "search").rglob("*.arr")
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    mentor.ok("follow", str(folder("orla-finch")))
    assert "has changed since it was written" in mentor("harvest").stderr
    healed = mentor.ok("search", "negotiation", "--jsonl")
    mentor.ok("index", "--rebuild")
    assert mentor.ok("search", "negotiation", "--jsonl") == healed
    assert "Orla Finch" in healed


def test_a_dry_run_tells_what_was_spent_today(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    with Store.open(mentor.home / "library.db") as store:
        store.journal.spend_within("units", 7, 10_000, utc_now())
    assert "quota 7/10000" in mentor("harvest", "--dry-run").stderr


def test_a_dry_run_lists_and_writes_nothing(mentor: Mentor) -> None:
    mentor.ok("follow", str(folder("ines-calder")))
    assert "The first number" in mentor.ok("harvest", "--dry-run")
    assert mentor.json("status", "--json")["videos"] == {}


def test_a_take_out_list_is_followed_and_a_dry_run_follows_nobody(mentor: Mentor, tmp_path: Path) -> None:
    listed = tmp_path / "subscriptions.csv"
    listed.write_text(
        "Kanal-ID,Kanal-URL,Kanaltitel\nUCaaaaaaaaaaaaaaaaaaaaaa,http://www.youtube.com/channel/"
        "UCaaaaaaaaaaaaaaaaaaaaaa,Erfundene Rednerin\n",
        encoding="utf-8",
    )
    assert "would follow Erfundene Rednerin" in mentor.ok("follow", "--import", str(listed), "--dry-run")
    assert mentor.json("people", "--json")["mentors"] == []
    mentor.ok("follow", "--import", str(listed), "--as", "interest")
    assert mentor.json("people", "--json")["mentors"][0]["slug"] == "erfundene-rednerin"
