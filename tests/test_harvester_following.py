"""Is a person who is followed written down as they were named, and nobody changed by the way?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeSource, channel_id, video

from harvester.following import Following, from_list, from_reference
from library.config import load
from library.models import Kind
from library.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        yield store


def follow(store: Store, what: str, kind: str | None = None, topics: tuple[str, ...] = (), **options: str) -> list[str]:
    path = store.path.with_name("config.toml")
    known = {slug: one.name for slug, one in load(path, {}).mentors.items()}
    source = FakeSource({"marta": [video("a")], "anton": []}, lists_everything=options.get("key") != "none")
    following = Following(path, store, kind, topics, known)
    return from_reference(following, what, options.get("name"), source, dry_run=False)


def mentors(store: Store) -> dict[str, tuple[Kind, tuple[str, ...], tuple[str, ...]]]:
    found = load(store.path.with_name("config.toml"), {}).mentors
    return {slug: (one.kind, one.topics, one.follow) for slug, one in found.items()}


def test_following_again_keeps_what_is_not_said_anew_and_adds_topics(store: Store) -> None:
    follow(store, "@marta", "interest", ("singing",))
    said = follow(store, "@marta", None, ("breathing",))[0]
    assert said.startswith("already following Marta")
    assert said.endswith("; now for breathing")
    assert mentors(store) == {"marta": (Kind.INTEREST, ("singing", "breathing"), (channel_id("marta"),))}
    assert follow(store, "@marta", "career")[0].endswith("; now as career")
    assert mentors(store)["marta"][0] is Kind.CAREER


def test_a_second_place_is_added_to_somebody_followed_by_name(store: Store) -> None:
    follow(store, "@marta")
    assert "now also following Marta" in follow(store, "@anton", name="Marta")[0]
    assert mentors(store)["marta"][2] == (channel_id("marta"), channel_id("anton"))


def test_of_a_list_each_channel_is_said_as_what_it_was_before_it_was_followed(store: Store, tmp_path: Path) -> None:
    listed, path = tmp_path / "subscriptions.csv", store.path.with_name("config.toml")
    ids = [f"UC{letter * 22}" for letter in "abc"]
    listed.write_text("".join(f"{one},,{name}\n" for one, name in zip(ids, ("Zoe", "Marta", "MARTA"), strict=True)))
    follow(store, "@anton", name="Zoe")
    said = from_list(Following(path, store, None, (), {"zoe": "Zoe"}), listed, dry_run=False)
    assert [line.split(":")[0].split(" at ")[0] for line in said] == [
        "now also following Zoe", "following Marta as career", "now also following MARTA"
    ]  # fmt: skip
    assert mentors(store)["marta"][2] == tuple(ids[1:])


def test_what_a_key_adds_is_said_only_without_one(store: Store) -> None:
    assert len(follow(store, "@marta")) == 1
    assert "API key" in follow(store, "@anton", key="none")[1]
