"""Do topic, digest and session do what they say over a library of sample lectures?"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import click
import feedparser
import pytest
from command import Mentor, follow_and_harvest_samples

import cli
from index.topic_page import TopicPage, topic_page
from library.errors import Busy, IndexMissing
from library.store import Store
from verbs import topics as verbs


@pytest.fixture
def full(mentor: Mentor) -> Mentor:
    """The command over the samples, to be changed."""
    follow_and_harvest_samples(mentor)
    return mentor


# --- correction ----------------------------------------------------------------------------------


def test_a_correction_works_at_once_wherever_one_searches(full: Mentor) -> None:
    missed = full("search", "Wei Ting")
    assert missed.exit_code == 1
    assert full.ok("correction", "add", "walk away price", "Wei Ting").startswith("Wei Ting is found where")
    assert full.ok("correction", "list").startswith("Wei Ting  heard as walk away price")
    found = full.ok("search", "Wei Ting")
    assert "the walk away price and the fences" in found
    assert "captions say “walk away price” for Wei Ting" in found
    assert "**walk away price**" in full.ok("export", "wei ting")
    assert "walk away price" in full.ok("session", '"Wei Ting"', "--minutes", "5")
    full.ok("topic", "add", "wei-ting", "--phrase", "Wei Ting")
    page = json.loads(full.ok("topic", "show", "wei-ting", "--json"))
    assert "walk away price" in page["voices"][0]["best"]["text"]
    assert page["topic"]["phrases"] == ["Wei Ting"]
    full.ok("topic", "edit", "wei-ting", "--phrase", "the fences")
    told = json.loads(full.ok("digest", "--since", "2020", "--format", "json"))
    assert "wei-ting" in {topic["topic"] for topic in told["topics"]}
    clip = page["voices"][0]["best"]["clip_id"]
    assert "\x1b[7mwalk away price\x1b[0m" in full.ok("show", clip, "--query", "wei", "--color", "always")


def test_a_correction_is_taken_back(mentor: Mentor) -> None:
    assert "none yet" in mentor("correction", "list").stderr
    mentor.ok("correction", "add", "a duh park", "Ada Park")
    mentor.ok("correction", "add", "ada bark", "ADA park")
    listed = json.loads(mentor.ok("correction", "list", "--json"))
    assert listed == {"schema": 1, "corrections": [{"meant": "Ada Park", "heard": ["a duh park", "ada bark"]}]}
    mentor.ok("correction", "remove", "ada bark")
    mentor.ok("correction", "remove", "ada park")
    assert json.loads(mentor.ok("correction", "list", "--json"))["corrections"] == []
    assert mentor("correction", "remove", "ada park").exit_code == 2
    refused = mentor("correction", "add", "ada", "Ada")
    assert (refused.exit_code, refused.stderr) == (2, "mentor: Ada and 'ada' are the same to a search\n")


def test_a_file_of_corrections_that_was_wrong_before_is_told_by_its_place(mentor: Mentor) -> None:
    mentor.ok("correction", "add", "a duh park", "Ada Park")
    path = mentor.home / "corrections.toml"
    path.write_text("Ada = 1", encoding="utf-8")
    refused = mentor("correction", "add", "eta park", "Ada Park")
    assert (refused.exit_code, str(path) in refused.stderr) == (78, True)
    assert path.read_text(encoding="utf-8") == "Ada = 1"


# --- topic ---------------------------------------------------------------------------------------


def test_a_topic_of_one_person_keeps_their_name_as_the_configuration_has_it(full: Mentor) -> None:
    full.ok("topic", "add", "fees", "--mentor", "Ines")
    assert 'mentors = ["ines-calder"]' in full.topics.read_text(encoding="utf-8")


def test_the_first_topic_verb_puts_the_starter_set_beside_the_configuration(mentor: Mentor) -> None:
    said = mentor("topic", "list")
    assert said.exit_code == 0
    assert "negotiation" in said.stdout
    assert "yours to edit" in said.stderr
    assert mentor.topics.exists()
    assert "yours to edit" not in mentor("topic", "list").stderr


def test_topics_are_added_changed_and_removed_without_losing_a_comment(mentor: Mentor) -> None:
    mentor.ok("topic", "add", "Stage fright", "--word", "jitters", "--phrase", "shaking hands")
    mentor.ok("topic", "edit", "stage-fright", "--form", "trembl*", "--drop", "jitters")
    listed = {one["slug"]: one for one in json.loads(mentor.ok("topic", "list", "--json"))["topics"]}
    assert listed["stage-fright"] == {
        "slug": "stage-fright", "title": "Stage fright", "words": [], "phrases": ["shaking hands"],
        "forms": ["trembl*"], "exclude": [], "mentors": [],
    }  # fmt: skip
    mentor.ok("topic", "remove", "stage-fright", "--yes")
    text = mentor.topics.read_text(encoding="utf-8")
    assert "stage-fright" not in text
    assert "# This file is yours." in text


def test_a_topic_without_options_looks_for_its_name(mentor: Mentor) -> None:
    mentor.ok("topic", "add", "stock options")
    assert '[stock-options]\nphrases = ["stock options"]' in mentor.topics.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("add", "negotiation"), 2, "there is a topic negotiation already"),
        (("add", "?!"), 2, "no letter"),
        (("show", "negotation"), 2, "did you mean negotiation?"),
        (("remove", "nothing-like-it", "--yes"), 2, "there is no topic"),
        (("edit", "--word", "x"), 2, "say which topic"),
        (("edit", "negotiation", "--form", "a*b"), 2, "not at the end"),
        (("edit", "negotiation", "--drop", "nothing like it"), 2, "has no 'nothing like it'"),
        (("add", "x", "--mentor", "nobody"), 2, "nobody called 'nobody' is followed"),
        (("suggest",), 2, "name a topic, or a mentor"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_way_out(
    mentor: Mentor, words: tuple[str, ...], code: int, complaint: str
) -> None:
    said = mentor("topic", *words)
    assert said.exit_code == code, said.output
    assert complaint in said.stderr


def test_a_change_that_would_spoil_the_file_leaves_it_as_it_was(mentor: Mentor) -> None:
    mentor.ok("topic", "list")
    before = mentor.topics.read_bytes()
    assert mentor("topic", "edit", "grit", "--drop", "x").exit_code == 2
    assert mentor("topic", "add", "empty", "--word", "!").exit_code == 2
    assert mentor.topics.read_bytes() == before


def test_removing_asks_first(mentor: Mentor) -> None:
    assert mentor("topic", "remove", "negotiation", stdin="n\n").exit_code == 1
    assert "[negotiation]" in mentor.topics.read_text(encoding="utf-8")


def test_editing_without_options_opens_the_file_and_checks_it(mentor: Mentor, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(filename: str) -> None:
        Path(filename).write_text("[x]\nword = []\n", encoding="utf-8")

    monkeypatch.setattr(click, "edit", spoil)
    said = mentor("topic", "edit")
    assert said.exit_code == 78
    assert "did you mean words?" in said.stderr


def test_the_page_of_a_topic_shows_who_says_what(full: Mentor) -> None:
    shown = full.ok("topic", "show", "negotiation")
    assert "Topic: Negotiation" in shown
    assert "Ines Calder" in shown
    found = json.loads(full.ok("topic", "show", "negotiation", "--json"))
    assert found["voices"][0]["mentor"] == "ines-calder"
    assert found["voices"][0]["best"]["clip_id"].startswith(found["voices"][0]["best"]["video_id"])


def test_a_topic_nobody_speaks_of_ends_as_a_search_without_result(full: Mentor) -> None:
    full.ok("topic", "add", "zymurgy")
    said = full("topic", "show", "zymurgy")
    assert (said.exit_code, said.stdout) == (1, "")
    assert "nobody you follow has spoken of Zymurgy yet" in said.stderr


def test_a_topic_added_works_at_once_on_what_was_harvested(full: Mentor) -> None:
    full.ok("topic", "add", "stage nerves", "--phrase", "stage fright", "--word", "nerves")
    found = json.loads(full.ok("topic", "show", "stage-nerves", "--json"))
    assert "orla-finch" in {voice["mentor"] for voice in found["voices"]}


def test_suggestions_are_told_or_their_absence_is(full: Mentor) -> None:
    for words in (("negotiation",), ("--mentor", "ines")):
        said = full("topic", "suggest", *words, "--json")
        assert json.loads(said.stdout)["schema"] == 1
        assert said.exit_code == (0 if json.loads(said.stdout)["suggestions"] else 1)


# --- digest --------------------------------------------------------------------------------------


def test_a_digest_tells_once_and_is_silent_then(full: Mentor) -> None:
    first = full.ok("digest")
    assert "Ines Calder" in first
    assert first.count("from a file") >= 8
    again = full("digest")
    assert (again.exit_code, again.output) == (0, "")


def test_a_digest_since_a_day_moves_nothing(full: Mentor) -> None:
    for form in ("terminal", "markdown", "html", "json"):
        assert full.ok("digest", "--since", "2d", "--format", form)
    assert not feedparser.parse(full.ok("digest", "--since", "2026", "--format", "atom")).bozo
    assert full.ok("digest")


def test_a_digest_that_could_not_be_printed_is_told_again(full: Mentor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise BrokenPipeError

    with monkeypatch.context() as patched:
        patched.setattr(verbs, "_print_digest", broken)
        patched.setattr(cli, "_hush", lambda: None)
        full("digest")
    assert full.ok("digest")


def test_while_a_harvest_writes_a_topic_is_shown_without_the_newest_and_a_digest_waits(
    full: Mentor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> str:
        raise Busy("another mentor is writing here")

    with Store.open(full.home / "library.db") as store:
        store.forget("orla-finch")
    monkeypatch.setattr(verbs.common, "catch_up", busy)
    shown = full("topic", "show", "negotiation")
    assert (shown.exit_code, "the newest may be missing" in shown.stderr) == (0, True)
    assert full("digest").exit_code == 75
    assert full("digest", "--since", "2020").exit_code == 0


def test_an_index_whose_damage_shows_while_it_is_read_is_built_anew(
    full: Mentor, monkeypatch: pytest.MonkeyPatch
) -> None:
    damages = iter([IndexMissing("a part of the index cannot be read")])

    def read(*told: Any) -> TopicPage:
        for damage in damages:
            raise damage
        return topic_page(*told)

    monkeypatch.setattr("index.topic_page.topic_page", read)
    shown = full("topic", "show", "negotiation")
    assert (shown.exit_code, shown.stderr.splitlines()[-1]) == (0, "a part of the index cannot be read: building it")
    assert "Ines Calder" in shown.stdout


def test_a_first_digest_looks_back_a_week(full: Mentor) -> None:
    with sqlite3.connect(full.home / "library.db") as database:
        database.execute("UPDATE transcripts SET fetched_at = '2020-01-01T00:00:00Z'")
    database.close()
    assert full("digest").output == ""
    assert full.ok("digest", "--since", "2019")


def test_a_day_that_is_none_is_a_usage_error(mentor: Mentor) -> None:
    said = mentor("digest", "--since", "yesterday")
    assert said.exit_code == 2
    assert "is no day" in said.stderr


# --- session -------------------------------------------------------------------------------------


def test_a_session_fits_the_time_and_names_its_clips(full: Mentor) -> None:
    shown = full.ok("session", "negotiation", "--minutes", "5")
    lines = full.ok("session", "negotiation", "--minutes", "5", "--format", "plain").splitlines()
    ids = [line.split("\t")[0] for line in lines]
    assert ids
    assert all(clip_id in shown for clip_id in ids)
    spans = [clip_id.rpartition("@")[2].split("-") for clip_id in ids]
    assert sum(int(end) - int(start) for start, end in spans) <= 5 * 60_000
    assert "## " in full.ok("export", *ids)


def test_a_session_may_be_of_any_search(full: Mentor) -> None:
    assert full.ok("session", "difficult", "client", "--format", "links").startswith("file:")


@pytest.mark.parametrize(("words", "code"), [(("zymurgy",), 1), (("negotiation", "--format", "tape"), 2)])
def test_a_session_that_cannot_be_had_says_so(full: Mentor, words: tuple[str, ...], code: int) -> None:
    said = full("session", *words)
    assert (said.exit_code, said.stdout) == (code, "")
    assert said.stderr
