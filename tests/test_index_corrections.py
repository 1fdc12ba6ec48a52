"""What captions mishear is found by what was meant, and no text is changed for it. All names here are invented."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.corrections import Correction, applied, expanded, load, read
from index.marking import highlight
from index.query import Near, Phrase, Prefix, Query, Word, parse, positives, show
from library.corrections_file import with_correction, without_correction
from library.errors import ConfigError, QuerySyntaxError

PATH = Path("corrections.toml")
ADA = Correction("Ada Park", ("a duh park", "ada bark"))
TOOL = Correction("Kuberno", ("q burn oh",))
BOTH = (ADA, TOOL)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("raise", "raise"),
        ("kuberno", 'kuberno OR "q burn oh"'),
        ("Kuberno's", 'Kuberno\'s OR "q burn oh"'),
        ("ask kuberno raise", 'ask OR kuberno OR raise OR "q burn oh"'),
        ("raise AND kuberno", 'raise AND (kuberno OR "q burn oh")'),
        ("raise -kuberno", 'raise -(kuberno OR "q burn oh")'),
        ("ada", 'ada OR "a duh park"'),
        ("park", 'park OR "ada bark"'),
        ('"ada park"', '"ada park" OR "a duh park" OR "ada bark"'),
        ('"park says"', '"park says" OR "ada bark says"'),
        ('"met ada park today"', '"met ada park today" OR "met a duh park today" OR "met ada bark today"'),
        ('"met ada"', '"met ada" OR "met a duh park"'),
        ("kuber*", 'kuber* OR "q burn oh"'),
        ("kuberno~", 'kuberno~ OR "q burn oh"'),
        ('"ada park" within 3', '"ada park" within 3 OR "a duh park" OR "ada bark"'),
        ('"park says" within 3', '"park says" within 3 OR "ada bark says" within 3'),
        ("lang:en", ""),
    ],
)
def test_what_is_meant_stands_for_what_is_heard_as_well(text: str, found: str) -> None:
    assert show(expanded(parse(text), BOTH)) == found


def test_what_is_heard_rightly_adds_nothing() -> None:
    same = Correction("New Ardley Post", ("new hardly post",))
    for text in ("new", "post", '"new car"', "new*"):
        assert expanded(parse(text), (same,)) == parse(text)
    assert applied(parse("new ardley"), (same, TOOL)) == [same]
    assert expanded(parse("ardley"), ()) == Word("ardley")


_QUERIES = st.lists(
    st.sampled_from(["ada", "park", "kuberno", "kub*", "ada~", '"met ada park"', '"ada met" within 4', "AND", "-", "("])
).map(" ".join)


@given(_QUERIES)
def test_corrections_only_ever_add_and_are_the_same_done_twice(text: str) -> None:
    try:
        query = parse(text)
    except QuerySyntaxError:
        return
    found = expanded(query, BOTH)
    assert set(positives(query)) <= set(positives(found))
    assert expanded(found, BOTH) == found


def test_what_was_heard_is_marked_and_left_as_it_is() -> None:
    text = "and a duh park says kuberno or q burn oh"
    query = expanded(parse('"ada park" kuberno'), BOTH)
    assert [text[a:b] for a, b in highlight(text, query, "en")] == ["a duh park", "kuberno", "q burn oh"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "not valid TOML"),
        ("Node.js = ['no chase']", 'write it in quotes, "Node.…"'),
        ("Ada = 'a duh'", "must be a list"),
        ("Ada = [1]", "must be a list"),
        ("Ada = ['?']", "without a word"),
        ("'?' = ['a']", "has no word"),
        ("Ada = ['ADA']", "the same to a search"),
        ("[Ada]\nheard = ['a duh']", "in quotes"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"corrections\.toml") as caught:
        read(text, PATH)
    assert said in caught.value.message


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read("A = 1\nB = ['?']", PATH)
    assert "A must be" in caught.value.message
    assert "B has an entry" in caught.value.message


def test_no_file_means_no_corrections(tmp_path: Path) -> None:
    assert load(tmp_path / "corrections.toml") == ()
    (tmp_path / "corrections.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "corrections.toml")


def test_changes_keep_every_comment(tmp_path: Path) -> None:
    path = tmp_path / "corrections.toml"
    path.write_text(with_correction(path, "Ada Park", "a duh park"), "utf-8")
    assert path.read_text("utf-8").startswith("# What captions mishear")
    path.write_text(path.read_text("utf-8") + '# a tool\nKuberno = ["q burn oh"] # sic\n', "utf-8")
    for heard in ("ada bark", "Ada  BARK"):
        path.write_text(with_correction(path, "ada park", heard), "utf-8")
    assert load(path) == (ADA, TOOL)
    path.write_text(without_correction(path, "A DUH park"), "utf-8")
    assert load(path) == (Correction("Ada Park", ("ada bark",)), TOOL)
    path.write_text(without_correction(path, "ada bark"), "utf-8")
    assert load(path) == (TOOL,)
    assert "# a tool" in path.read_text("utf-8")
    assert "# sic" in path.read_text("utf-8")
    assert without_correction(path, "nothing like it") == path.read_text("utf-8")
    assert tomllib.loads(without_correction(path, "kuberno")) == {}


def test_a_row_that_grows_too_long_to_be_near_is_left_out() -> None:
    found: Query = expanded(Near(("ada", "met", "today"), 5), (ADA,))
    assert found == Near(("ada", "met", "today"), 5)
    assert expanded(Prefix("ad"), (ADA,)) != Prefix("ad")
    assert Phrase(("a", "duh", "park")) in positives(expanded(Prefix("ad"), (ADA,)))
