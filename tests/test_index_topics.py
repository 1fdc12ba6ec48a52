"""What does a topic look for, what does its file allow, and what stands on its page?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import ANTON, MARTA, NOW, channel, channel_id, transcript, video
from hypothesis import given
from hypothesis import strategies as st

from index.current import open_index
from index.engine import Engine, Hit
from index.exporters.layout import Style
from index.exporters.topic import render_topic, topic_document
from index.heard import heard
from index.query import Not, Or, Phrase, Prefix, Word
from index.suggest import Stretch, log_likelihood, near_topic, standing_out, themes
from index.sync import Cut, sync
from index.topic_page import Year, about_it, topic_page
from index.topics import Topic, load, named, query_of, read, starter_text, topics_in
from library.errors import ConfigError, UsageError
from library.models import Kind, Mentor, State
from library.store import Store
from library.topics_file import start, with_changes, with_topic, without_topic

PATH = Path("topics.toml")
RAISES = Topic("raises", "Raises", ("salary",), ("ask for more",), ("negotiat*",), ("bank robbery",))
SILENT = Mentor("zoe", "Zoe", Kind.INTEREST)
LATE = Mentor("yan", "Yan")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        yield store


def fill(store: Store, talks: dict[str, tuple[str, int, tuple[str, ...]]]) -> None:
    """A library of talks: id, whose, days ago, what is said. Zoe is followed too, and so is Yan, without text."""
    people = [MARTA, ANTON, SILENT, LATE]
    for mentor in people:
        store.save_channel(channel(mentor.slug))
    store.set_follows([(mentor, [channel_id(mentor.slug)]) for mentor in people])
    for video_id, (whose, days_ago, lines) in talks.items():
        listed = video(video_id, whose, days_ago)
        store.save_listing(channel_id(whose), [(listed, State.WAITING, "", NOW)], NOW)
        if lines:
            store.save_transcript(transcript(video_id, *lines), NOW)


@pytest.fixture
def engine(store: Store, tmp_path: Path) -> Iterator[Engine]:
    fill(
        store,
        {
            "a1": ("marta", 1, ("Today is about your salary.", "Negotiate the salary.", *["Good weather."] * 40)),
            "a2": ("marta", 240, ("A word on salary.", *["More rain."] * 40)),
            "b1": ("anton", 30, ("You ask for more.", "And then you wait.")),
            "b2": ("anton", 30, ("How to negotiate after a bank robbery.",)),
            "z1": ("zoe", 5, ("Birds sing in the morning.",)),
            "y1": ("yan", 5, ()),
        },
    )
    list(sync(store, tmp_path / "search", Cut(120_000, 60_000)))
    with closing(open_index(tmp_path / "search")) as engine:
        yield engine


# --- what is looked for ------------------------------------------------------------------------


def test_a_topic_looks_for_any_of_its_expressions_but_not_for_what_it_excludes() -> None:
    assert query_of(RAISES) == Not(
        Or((Word("salary"), Phrase(("ask", "for", "more")), Prefix("negotiat"))), Phrase(("bank", "robbery"))
    )


def test_a_topic_of_one_word_is_that_word() -> None:
    assert query_of(Topic("grit", "Grit", ("grit",))) == Word("grit")


def test_a_topic_is_heard_wherever_one_of_its_expressions_is(store: Store, engine: Engine) -> None:
    assert {hit.video_id for hit in heard(store, engine, RAISES).hits} == {"a1", "a2", "b1"}


def test_a_topic_kept_to_a_mentor_is_heard_from_nobody_else(store: Store, engine: Engine) -> None:
    kept = Topic("raises", "Raises", RAISES.words, RAISES.phrases, mentors=("anton",))
    assert {hit.video_id for hit in heard(store, engine, kept).hits} == {"b1"}


def test_a_topic_kept_to_somebody_unknown_is_an_error(store: Store, engine: Engine) -> None:
    with pytest.raises(UsageError, match="nobody called 'ghost'"):
        heard(store, engine, Topic("x", "X", ("salary",), mentors=("ghost",)))


# --- the file ----------------------------------------------------------------------------------


def test_the_starter_set_holds_the_subjects_of_the_essay() -> None:
    found = read(starter_text(), PATH)
    assert list(found) == [
        "negotiation", "difficult-clients", "corporate-politics", "communication", "teamwork", "ambition",
        "work-life-balance", "public-speaking", "motivation", "mentoring", "staying-out-of-trouble",
    ]  # fmt: skip
    assert found["corporate-politics"].title == "Corporate politics and networking"
    for topic in found.values():
        assert len(set(topic.expressions)) == len(topic.expressions) >= 10


def test_without_a_file_the_starter_set_counts(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == read(starter_text(), PATH)
    assert not (tmp_path / "none.toml").exists()


def test_an_emptied_file_means_no_topics(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text("# none\n", encoding="utf-8")
    assert load(tmp_path / "topics.toml") == {}


def test_a_form_may_be_written_with_or_without_its_star() -> None:
    found = read('[x]\nforms = ["negotiat", "haggl*"]', PATH)
    assert found["x"].forms == ("negotiat*", "haggl*")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1", "x must be a table"),
        ("[x]\nword = ['a']", r"unknown field x.word \(did you mean words\?\)"),
        ("[x]\nwords = 'salary'", "x.words must be a list of texts"),
        ("[x]\nwords = [1]", "x.words must be a list of texts"),
        ("[x]\nwords = ['?!']", "without a word"),
        ("[x]\nwords = ['neg*']", "not at the end of one word in forms"),
        ("[x]\nforms = ['n*g']", "not at the end"),
        ("[x]\nforms = ['ne']", "too short"),
        ("[x]\nforms = ['ask for']", "one word"),
        ("[x]\nexclude = ['a']", "nothing to look for"),
        ("[x]\ntitle = 3\nwords = ['a']", "x.title must be text"),
        ("['A b']\nwords = ['a']", "a-b instead of 'A b'"),
        ("[x", "not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_meant_so_is_refused_with_a_reason(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read(text, PATH)


def test_every_problem_of_a_file_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read("[a]\nwords = 'x'\n[b]\nforms = ['q']", PATH)
    assert "a.words" in caught.value.message
    assert "b.forms" in caught.value.message


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4))
def test_whatever_a_list_holds_it_is_refused_or_can_be_asked(words: list[str]) -> None:
    import tomlkit

    try:
        found = read(tomlkit.dumps({"x": {"phrases": words}}), PATH)
    except ConfigError:
        return
    query_of(found["x"])


def test_a_topic_is_named_by_its_slug_or_its_title_and_a_near_miss_is_told() -> None:
    topics = read(starter_text(), PATH)
    assert named(topics, "Difficult Clients") is topics["difficult-clients"]
    with pytest.raises(UsageError) as caught:
        named(topics, "negotation")
    assert caught.value.hint == "did you mean negotiation?"


def test_topics_are_read_from_the_file_when_a_query_names_one(tmp_path: Path) -> None:
    ask = topics_in(tmp_path / "topics.toml")
    (tmp_path / "topics.toml").write_text("[grit]\nwords = ['grit']\nmentors = ['ada', 'zoe']\n", encoding="utf-8")
    assert ask("grit") == (Word("grit"), ("ada", "zoe"))
    with pytest.raises(UsageError):
        ask("negotiation")


def test_changes_keep_every_comment(tmp_path: Path) -> None:
    path = tmp_path / "topics.toml"
    path.write_text("# mine\n[grit] # why not\nwords = ['grit', 'pluck'] # two\n# the end\n", encoding="utf-8")
    path.write_text(with_changes(path, "grit", {"words": ["Grit", "nerve"], "title": "Grit!"}, ["PLUCK"]), "utf-8")
    path.write_text(with_topic(path, "equity", {"words": ["equity"]}), "utf-8")
    text = path.read_text(encoding="utf-8")
    assert all(comment in text for comment in ("# mine", "# why not", "# two", "# the end"))
    assert load(path) == {
        "grit": Topic("grit", "Grit!", ("grit", "nerve")),
        "equity": Topic("equity", "Equity", ("equity",)),
    }
    path.write_text(without_topic(path, "equity"), "utf-8")
    assert list(load(path)) == ["grit"]


def test_the_starter_set_survives_an_edit_with_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "topics.toml"
    assert start(path, starter_text())
    assert not start(path, "")
    text = with_changes(path, "negotiation", {"phrases": ["signing bonus"]}, ["haggle"])
    assert '# "network" alone would find every talk on neural networks.' in text
    changed = read(text, path)["negotiation"]
    assert "signing bonus" in changed.phrases
    assert "haggle" not in changed.words


def test_changing_or_removing_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "topics.toml"
    for change in (lambda: with_changes(path, "x", {}, []), lambda: without_topic(path, "x")):
        with pytest.raises(ConfigError, match="has no topic x"):
            change()


# --- the page ----------------------------------------------------------------------------------


def test_the_page_sets_the_best_moment_of_each_lecturer_side_by_side(store: Store, engine: Engine) -> None:
    page = topic_page(store, engine, RAISES)
    assert {(v.mentor.slug, v.best.video_id, v.moments, v.talks) for v in page.voices} == {
        ("marta", "a1", 2, 2),
        ("anton", "b1", 1, 1),
    }
    assert page.voices[0].best.score >= page.voices[1].best.score
    assert {v.mentor.slug: v.latest_at for v in page.voices}["marta"] == NOW - timedelta(days=1)


def test_the_page_tells_talks_about_a_topic_from_those_that_mention_it(store: Store, engine: Engine) -> None:
    said = [Hit("a", 0, 9, 10.0), Hit("b", 0, 9, 4.0), Hit("b", 20, 29, 1.0), Hit("c", 0, 9, 3.9)]
    assert about_it([*said, Hit("d", 0, 0, 0.1, about=True)]) == {"a", "b", "d"}
    page = topic_page(store, engine, RAISES)
    assert {(v.mentor.slug, v.talks, v.about) for v in page.voices} == {("marta", 2, 0), ("anton", 1, 1)}
    shown = render_topic(page, width=100, style=Style())
    assert "2 lecturers · 3 talks, 1 about it · 3 moments" in shown
    assert "2 moments in 2 talks, 0 about it" in shown


def test_the_page_tells_who_is_silent_and_of_whom_nothing_is_harvested(store: Store, engine: Engine) -> None:
    page = topic_page(store, engine, RAISES)
    assert [mentor.slug for mentor in page.silent] == ["zoe"]
    assert [mentor.slug for mentor in page.unharvested] == ["yan"]


def test_the_page_counts_moments_by_quarter_with_the_years_between(store: Store, engine: Engine) -> None:
    page = topic_page(store, engine, RAISES)
    assert page.years == [Year(2025, (0, 0, 1, 0)), Year(2026, (2, 0, 0, 0))]
    assert [clip.video_id for clip in page.newest] == ["a1", "b1", "a2"]
    assert page.undated == 0


def test_the_page_of_a_topic_kept_to_a_mentor_looks_at_nobody_else(store: Store, engine: Engine) -> None:
    page = topic_page(store, engine, Topic("x", "X", ("salary",), mentors=("Anton",)))
    assert page.voices == []
    assert [mentor.slug for mentor in page.silent] == ["anton"]


def test_the_page_is_drawn_with_bars_links_and_names(store: Store, engine: Engine) -> None:
    page = topic_page(store, engine, RAISES)
    shown = render_topic(page, width=80, style=Style(links=True))
    assert "2025 ··▄· 1" in shown
    assert "2026 █··· 2" in shown
    assert "\x1b]8;;https://www.youtube.com/watch?v=a1\x1b\\0:00\x1b]8;;" in shown
    assert "not heard on it: Zoe" in shown
    assert "nothing harvested yet: Yan" in shown
    plain = render_topic(page, width=80, style=Style())
    assert "0:00  https://www.youtube.com/watch?v=a1  Today is about your salary." in plain


def test_the_document_of_a_page_keeps_its_promise(store: Store, engine: Engine) -> None:
    found = topic_document(topic_page(store, engine, RAISES))
    assert set(found) == {
        "schema", "topic", "moments", "talks", "about", "voices", "years", "undated", "newest", "silent", "unharvested",
        "suggestions",
    }  # fmt: skip
    assert found["schema"] == 1
    assert found["topic"]["forms"] == ["negotiat*"]
    assert set(found["voices"][0]) == {"mentor", "name", "moments", "talks", "about", "latest_at", "best"}
    assert found["years"][1] == {"year": 2026, "quarters": [2, 0, 0, 0]}


# --- what stands out ---------------------------------------------------------------------------


def said(mentor: str, talk: str, text: str) -> Stretch:
    return Stretch(mentor, talk, "en", tuple(text.split()))


def test_the_log_likelihood_is_dunnings() -> None:
    def likelihood(share: float, count: int, total: int) -> float:
        return count * math.log(share) + (total - count) * math.log(1 - share)

    apart = likelihood(10 / 30, 10, 30) + likelihood(5 / 105, 5, 105)
    together = likelihood(15 / 135, 10, 30) + likelihood(15 / 135, 5, 105)
    assert log_likelihood(10, 30, 5, 105) == pytest.approx(2 * (apart - together))
    assert log_likelihood(5, 50, 10, 100) == 0.0
    assert log_likelihood(1, 50, 10, 100) == 0.0


@given(st.integers(0, 50), st.integers(0, 500))
def test_the_log_likelihood_is_never_negative(count: int, other: int) -> None:
    assert log_likelihood(count, 50, other, 500) >= -1e-9


def test_a_phrase_that_many_say_near_a_topic_stands_out_as_a_phrase() -> None:
    near = [said(f"m{n % 4}", f"t{n}", f"then comes signing bonus of {n} again") for n in range(12)]
    elsewhere = [said("o", f"o{n}", "then comes rain of many sorts again") for n in range(100)]
    found = standing_out(near, elsewhere, 5)
    assert [one.text for one in found] == ["signing bonus"]
    assert (found[0].moments, found[0].out_of) == (12, 12)


def test_what_one_lecturer_alone_says_does_not_stand_out_for_a_topic() -> None:
    near = [said("m0", f"t{n}", "signing bonus") for n in range(9)] + [said(f"m{n}", "x", "rain") for n in range(9)]
    assert standing_out(near, [said("o", f"o{n}", "rain") for n in range(100)], 5) == []


def test_a_sponsor_read_does_not_stand_out() -> None:
    read = "this show comes to you from acme vpn use code mentor"
    near = [said(f"m{n % 3}", f"t{n}", f"word{n} {read} end{n} equity{' grant' * (n % 2)}") for n in range(12)]
    elsewhere = [said("o", f"o{n}", f"other{n} words here") for n in range(100)]
    assert [one.text for one in standing_out(near, elsewhere, 5)] == ["equity"]


def test_nothing_to_compare_with_means_nothing_stands_out() -> None:
    assert standing_out([said("a", "b", "salary")], [], 5) == []


def big_library(store: Store, folder: Path) -> None:
    """Talks in which equity is spoken of near salary, and gardens elsewhere."""
    filler = [f"Rain number {n} falls on the hills of thought {n}." for n in range(200)]
    talks: dict[str, tuple[str, int, tuple[str, ...]]] = {}
    for n in range(24):
        whose = ("marta", "anton", "zoe")[n % 3]
        talks[f"t{n}"] = (whose, n + 1, (f"Salary and equity of sort {n} matter.", *filler))
    for n in range(12):
        talks[f"g{n}"] = ("zoe", n + 1, tuple(f"A garden of plant {n} and {k}." for k in range(100)))
    fill(store, talks)
    list(sync(store, folder, Cut(120_000, 60_000)))


def test_what_comes_up_with_a_topic_is_suggested_without_its_own_words(store: Store, tmp_path: Path) -> None:
    big_library(store, tmp_path / "search")
    with closing(open_index(tmp_path / "search")) as engine:
        found = near_topic(store, engine, Topic("salary", "Salary", ("salary",)), 10)
    assert "equity" in found[0].text
    assert not any("salary" in one.text for one in found)


def test_the_themes_of_a_lecturer_are_what_no_topic_finds(store: Store, tmp_path: Path) -> None:
    big_library(store, tmp_path / "search")
    zoe = next(mentor for mentor in store.mentors() if mentor.slug == "zoe")
    assert any("garden" in one.text for one in themes(store, zoe, [], 10))
    known = [Topic("plants", "Plants", ("garden",))]
    assert not any("garden" in one.text for one in themes(store, zoe, known, 10))


def test_a_moment_without_a_date_is_counted_apart(store: Store, tmp_path: Path) -> None:
    fill(store, {"u1": ("marta", 1, ("Your salary.",))})
    undated = video("n1", "marta")
    listed = type(undated)("n1", undated.channel_id, "No date")
    store.save_listing(channel_id("marta"), [(listed, State.WAITING, "", NOW)], NOW)
    store.save_transcript(transcript("n1", "Your salary again."), datetime(2026, 1, 1, tzinfo=UTC))
    list(sync(store, tmp_path / "search", Cut(120_000, 60_000)))
    with closing(open_index(tmp_path / "search")) as engine:
        page = topic_page(store, engine, RAISES)
    assert page.undated == 1
    assert "and 1 moment in talks without a date" in render_topic(page, width=80, style=Style())
