"""Does a person hear of what a harvest brought, by notice and in a file, only when there is something?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import feedparser
import pytest
from click.testing import CliRunner, Result

import cli
from harvester import notices
from harvester.notices import Notice
from harvester.samples import LECTURERS, folder

INES = next(lecturer for lecturer in LECTURERS if lecturer.slug == "ines-calder")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Notice]:
    """The notices that would have been sent."""
    sent: list[Notice] = []
    monkeypatch.setenv("MENTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MENTOR_NOTIFY_URLS", "json://nowhere")
    monkeypatch.setattr(notices, "send", lambda notice, to: sent.append(notice) or "")
    return sent


@pytest.fixture
def talks(told: list[Notice], tmp_path: Path) -> Path:
    """A followed folder with all of a lecturer's talks but one."""
    place = tmp_path / "Ines Calder"
    shutil.copytree(folder(INES.slug), place)
    for path in place.glob("The first number.*"):
        path.rename(tmp_path / path.name)
    run("follow", str(place), "--name", "Ines Calder")
    run("harvest")
    told.clear()
    return place


def run(*words: str) -> Result:
    result = CliRunner().invoke(cli.cli, words, prog_name="mentor")
    assert result.exit_code == 0, result.output
    return result


def new_talk(talks: Path) -> None:
    for path in talks.parent.glob("The first number.*"):
        path.rename(talks / path.name)


def test_a_new_talk_on_a_topic_is_told_with_lecturer_title_and_moment(told: list[Notice], talks: Path) -> None:
    new_talk(talks)
    run("harvest")
    [notice] = told
    assert notice.title == "Passive Mentor: something new on your topics"
    lines = notice.body.splitlines()
    assert any(line.startswith("Negotiation: Ines Calder, The first number, ") and "file://" in line for line in lines)
    assert all("The first number" in line for line in lines[:-1]), "what was there before is no news"
    assert "1 new" in lines[-1]


@pytest.mark.usefixtures("talks")
def test_a_harvest_without_new_talks_is_not_told(told: list[Notice]) -> None:
    run("harvest")
    assert told == []


def test_a_new_talk_on_none_of_the_topics_is_not_told(told: list[Notice], talks: Path) -> None:
    (talks / "weather.en.srt").write_text("1\n00:00:01,000 --> 00:00:05,000\nIt rains, and it rains.\n")
    run("harvest")
    assert told == []


def test_whoever_is_never_told_anything_is_not_told_of_topics(
    told: list[Notice], talks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTOR_NOTIFY_WHEN", "never")
    new_talk(talks)
    run("harvest")
    assert told == []


def test_a_broken_file_of_topics_fails_no_harvest(told: list[Notice], talks: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "topics.toml").write_text("[negotiation\n")
    new_talk(talks)
    said = run("harvest").output
    assert "topics.toml is not valid TOML" in said
    assert told == []


@pytest.mark.parametrize("ending", ["txt", "md", "html", "atom", "json"])
def test_the_digest_of_the_week_is_written_where_one_is_wanted(talks: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"digest.{ending}"
    run("config", "set", "notify.digest_file", str(file))
    run("harvest")
    assert not file.exists(), "nothing new: nothing written"
    new_talk(talks)
    run("harvest")
    text = file.read_text(encoding="utf-8")
    assert "The first number" in text
    assert "A no that keeps the door open" in text, "the whole week is in it"
    if ending == "json":
        assert json.loads(text)["schema"] == 1
    if ending == "atom":
        assert not feedparser.parse(text).bozo
    assert "The first number" in run("digest").stdout, "what mentor digest tells next is not moved"


def test_a_digest_that_cannot_be_written_fails_no_harvest(talks: Path, tmp_path: Path) -> None:
    run("config", "set", "notify.digest_file", str(tmp_path / "not there" / "digest.html"))
    new_talk(talks)
    assert "the digest cannot be written to" in run("harvest").output


@pytest.mark.usefixtures("told")
def test_a_digest_in_an_unknown_form_is_refused_with_those_there_are() -> None:
    refused = CliRunner().invoke(cli.cli, ["config", "set", "notify.digest_file", "digest.pdf"])
    assert refused.exit_code == 78
    assert ".html" in refused.output
