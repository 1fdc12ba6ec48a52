"""Does a digest tell what is new, only that, and in forms that their readers read?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import feedparser
import pytest
from fakes import ANTON, MARTA, NOW, channel, channel_id, transcript, video
from msgspec import structs

from index.current import open_index
from index.digest import Digest, digest
from index.engine import Engine
from index.exporters import digest as write
from index.exporters.layout import Style
from index.sync import Cut, sync
from index.topics import Topic
from library.models import Origin, State
from library.store import Store

PAY = Topic("pay", "Pay & perks", ("salary", "bonus"))
REST = Topic("rest", "Rest", ("holiday",))
HOSTILE = '<script>alert("x")</script> & ]]> "quoted"'
LAST = NOW - timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        for mentor in (MARTA, ANTON):
            store.save_channel(channel(mentor.slug))
        store.set_follows([(mentor, [channel_id(mentor.slug)]) for mentor in (MARTA, ANTON)])
        add(store, "old", "marta", LAST - timedelta(days=9), "The salary and the bonus.")
        add(store, "new", "marta", NOW, f"The salary, then the bonus. {HOSTILE}", title=HOSTILE)
        add(store, "passing", "anton", NOW - timedelta(hours=1), "A salary once, and birds.", days_ago=3)
        yield store


def add(store: Store, video_id: str, whose: str, at: datetime, *lines: str, title: str = "", days_ago: int = 1) -> None:
    listed = video(video_id, whose, days_ago)
    listed = structs.replace(listed, title=title or listed.title, duration_ms=600_000)
    store.save_listing(channel_id(whose), [(listed, State.WAITING, "", at)], at)
    store.save_transcript(transcript(video_id, *lines), at)


@pytest.fixture
def engine(store: Store, tmp_path: Path) -> Iterator[Engine]:
    list(sync(store, tmp_path / "search", Cut(120_000, 60_000)))
    with closing(open_index(tmp_path / "search")) as engine:
        yield engine


@pytest.fixture
def found(store: Store, engine: Engine) -> Digest:
    found = digest(store, engine, [PAY, REST], LAST)
    assert found is not None
    return found


def test_a_topic_of_somebody_no_longer_followed_keeps_no_other_from_being_told(store: Store, engine: Engine) -> None:
    found = digest(store, engine, [replace(REST, mentors=("gone",)), PAY], LAST)
    assert found is not None
    assert [section.topic for section in found.sections] == [PAY]


def test_only_talks_that_got_text_since_are_told(found: Digest) -> None:
    assert [talk.video.id for talk in found.talks] == ["new", "passing"]
    assert found.upto == NOW


def test_a_topic_is_told_of_a_talk_that_is_about_it_not_of_a_word_in_passing(found: Digest) -> None:
    [section] = found.sections
    assert section.topic == PAY
    assert [(voice.mentor, [clip.video_id for clip in voice.clips]) for voice in section.voices] == [("Marta", ["new"])]
    assert [talk.topics for talk in found.talks] == [("Pay & perks",), ()]


def test_there_is_no_digest_when_nothing_is_new(store: Store, engine: Engine, found: Digest) -> None:
    assert digest(store, engine, [PAY], found.upto) is None


def test_better_captions_of_an_old_talk_are_no_news(store: Store, engine: Engine) -> None:
    store.save_transcript(transcript("old", "Better words.", origin=Origin.GENERATED), NOW + timedelta(hours=1))
    assert digest(store, engine, [PAY], NOW) is None


def test_a_talk_nobody_is_followed_for_any_more_is_no_news(store: Store, engine: Engine) -> None:
    store.set_follows([(ANTON, [channel_id("anton")])])
    again = digest(store, engine, [PAY], LAST)
    assert again is not None
    assert [talk.video.id for talk in again.talks] == ["passing"]


def test_the_place_reached_is_remembered(store: Store) -> None:
    assert store.digest_seen() is None
    store.save_digest_seen(NOW)
    assert store.digest_seen() == NOW


def test_a_lecturer_with_many_new_talks_does_not_flood_a_topic(store: Store, tmp_path: Path) -> None:
    for number in range(5):
        add(store, f"n{number}", "anton", NOW, f"Salary and bonus number {number}.")
    list(sync(store, tmp_path / "search", Cut(120_000, 60_000)))
    with closing(open_index(tmp_path / "search")) as engine:
        found = digest(store, engine, [PAY], LAST)
    assert found is not None
    anton = next(voice for voice in found.sections[0].voices if voice.mentor == "Anton")
    assert (len(anton.clips), anton.more) == (3, 2)
    assert "and in 2 more talks" in write.terminal(found, width=80, style=Style())


def test_the_terminal_shows_topics_then_talks(found: Digest) -> None:
    shown = write.terminal(found, width=80, style=Style())
    assert shown.index("Pay & perks") < shown.index("0:00  https://www.youtube.com/watch?v=new")
    assert shown.index("New talks") < shown.index("Talk passing")
    linked = write.terminal(found, width=80, style=Style(links=True))
    assert "\x1b]8;;https://www.youtube.com/watch?v=passing\x1b\\Talk passing" in linked


class Tags(HTMLParser):
    """Which elements a page has, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_for_mail_shows_hostile_text_as_text(found: Digest) -> None:
    page = Tags(write.html(found))
    assert "script" not in page.tags
    assert page.text.count(HOSTILE) >= 2
    assert "https://www.youtube.com/watch?v=new" in page.links


def test_an_address_that_is_no_web_address_or_file_is_no_link(found: Digest) -> None:
    talk = replace(found.talks[0], video=structs.replace(found.talks[0].video, url="javascript:alert(1)"))
    page = Tags(write.html(replace(found, talks=[talk])))
    assert not any(link.startswith("javascript") for link in page.links)


def test_a_feed_reader_reads_the_feed(found: Digest) -> None:
    feed = feedparser.parse(write.atom(found))
    assert not feed.bozo
    assert feed.feed.updated == "2026-03-02T04:00:00Z"
    assert [entry.link for entry in feed.entries] == [
        "https://www.youtube.com/watch?v=new",
        "https://www.youtube.com/watch?v=passing",
    ]
    assert feed.entries[0].title_detail.type == "text/plain"
    assert [tag.term for tag in feed.entries[0].tags] == ["Pay & perks"]
    assert "<script" not in feed.entries[0].content[0].value
    assert len({entry.id for entry in feed.entries}) == 2


def test_an_entry_has_the_same_id_in_every_feed(store: Store, engine: Engine, found: Digest) -> None:
    later = digest(store, engine, [], NOW - timedelta(hours=2))
    assert later is not None
    ids = [{entry.link: entry.id for entry in feedparser.parse(write.atom(each)).entries} for each in (found, later)]
    assert ids[0] == ids[1]


def test_the_markdown_digest_escapes_titles(found: Digest) -> None:
    text = write.markdown(found)
    assert "## Pay \\& perks" in text
    assert "<script>" not in text
    assert "- [0:00](https://www.youtube.com/watch?v=new) The salary" in text


def test_the_document_keeps_its_promise(found: Digest) -> None:
    told = json.loads(json.dumps(write.document(found)))
    assert told["schema"] == 1
    assert (told["since"], told["upto"]) == ("2026-03-01T04:00:00Z", "2026-03-02T04:00:00Z")
    assert told["topics"][0]["topic"] == "pay"
    assert told["topics"][0]["voices"][0]["clips"][0]["video_id"] == "new"
    assert set(told["talks"][0]) == {
        "video_id", "title", "mentors", "published_at", "came_at", "duration_ms", "origin", "topics", "url",
    }  # fmt: skip
