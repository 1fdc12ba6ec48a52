"""Does the library keep what it is given, change only what differs, and tell what changed?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from fakes import ANTON, MARTA, NOW, channel, channel_id, transcript, video
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from library.errors import StoreError
from library.models import (
    Broadcast,
    Channel,
    ChannelForm,
    Chapter,
    Kind,
    Mentor,
    Origin,
    Snippet,
    State,
    Transcript,
    Video,
    VideoForm,
    Word,
)
from library.reading import Change, Due, Within
from library.store import Store

LATER = NOW + timedelta(days=1)
PLAYLIST = Channel("PL" + "x" * 16, ChannelForm.PLAYLIST, "Best talks")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
times = st.integers(0, 2**40)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        for place in (channel("marta"), channel("anton"), PLAYLIST):
            store.save_channel(place)
        store.set_follows([(MARTA, [channel_id("marta")]), (ANTON, [channel_id("anton")])])
        yield store


def listed(store: Store, *videos: Video, name: str = "marta", state: State = State.WAITING) -> list[str]:
    return store.save_listing(channel_id(name), [(one, state, "", NOW) for one in videos], NOW)


def ids(due: list[Due]) -> list[str]:
    return [one.video_id for one in due]


# --- videos and transcripts ----------------------------------------------------------------------


def test_a_video_comes_back_with_everything_it_had(store: Store) -> None:
    full = Video(
        "v1",
        channel_id("marta"),
        "Größe „zeigen“",
        description="two\nlines",
        published_at=NOW,
        duration_ms=3_600_000,
        language="pt-BR",
        form=VideoForm.LIVE,
        broadcast=Broadcast.UPCOMING,
        tags=("a", "b, c"),
        chapters=(Chapter(0, "Start"), Chapter(60_000, 'The "end"')),
        url="https://example.org/v1",
    )
    bare = Video("v2", channel_id("elsewhere"), "")
    listed(store, full, bare)
    assert store.video("v1") == full
    assert store.video("v2") == bare
    assert store.video("v3") is None


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A library with one video, for laws that are tried many times."""
    with Store.open(tmp_path_factory.mktemp("library") / "library.db") as store:
        store.save_channel(channel("marta"))
        listed(store, video("v"))
        yield store


@given(
    st.lists(st.builds(Snippet, times, times, texts)),
    st.lists(st.builds(Word, times, texts)),
    st.sampled_from(Origin),
)
@settings(deadline=None, max_examples=60)
def test_every_transcript_comes_back_as_it_was_saved(
    library: Store, snippets: list[Snippet], words: list[Word], origin: Origin
) -> None:
    kept = Transcript("v", "en", origin, tuple(snippets), tuple(words))
    library.save_transcript(kept, NOW)
    assert library.transcript("v") == kept


def test_a_video_without_text_has_no_transcript_and_an_unknown_one_no_state(store: Store) -> None:
    listed(store, video("v"))
    assert store.transcript("v") is None
    with pytest.raises(StoreError, match="holds no video nothere"):
        store.state_of("nothere")


def test_a_better_track_replaces_the_one_that_counts_and_the_old_one_stays_as_history(store: Store) -> None:
    listed(store, video("v"))
    generated = transcript("v", "so um hello", origin=Origin.GENERATED)
    manual = transcript("v", "Hello.")
    assert store.save_transcript(generated, NOW)
    assert store.save_transcript(manual, LATER)
    assert store.transcript("v") == manual
    kept = store._db.execute("SELECT origin, current FROM transcripts ORDER BY id").fetchall()
    assert kept == [("generated", 0), ("manual", 1)]


def test_the_same_track_saved_twice_is_no_change(store: Store) -> None:
    listed(store, video("v"))
    store.save_transcript(transcript("v"), NOW)
    seen = store.revision()
    assert not store.save_transcript(transcript("v"), LATER)
    assert list(store.changed_since(seen)) == []
    assert store._db.execute("SELECT COUNT(*) FROM transcripts").fetchone() == (1,)


def test_a_track_whose_times_were_put_right_counts_as_another(store: Store) -> None:
    listed(store, video("v"))
    early = transcript("v")
    late = replace(early, snippets=tuple(Snippet(s.start_ms + 800, s.duration_ms, s.text) for s in early.snippets))
    stamped = replace(late, words=(Word(800, "Words"),))
    assert [store.save_transcript(one, NOW) for one in (early, late, stamped, stamped)] == [True, True, True, False]
    assert store.transcript("v") == stamped


def test_a_transcript_of_an_unknown_video_is_refused(store: Store) -> None:
    with pytest.raises(StoreError):
        store.save_transcript(transcript("nobody"), NOW)
    assert store.transcript("nobody") is None


# --- listing -------------------------------------------------------------------------------------


def test_listing_the_same_videos_twice_adds_them_once(store: Store) -> None:
    assert listed(store, video("a"), video("b")) == ["a", "b"]
    seen = store.revision()
    assert listed(store, video("a"), video("b"), video("c")) == ["c"]
    assert store.known_ids(channel_id("marta")) == {"a", "b", "c"}
    assert store._db.execute("SELECT id FROM videos WHERE revision > ?", (seen,)).fetchall() == [("c",)]


def test_a_video_known_already_keeps_its_state_and_text_when_another_channel_lists_it(store: Store) -> None:
    listed(store, video("v"))
    store.save_transcript(transcript("v"), NOW)
    seen = store.revision()
    assert listed(store, replace(video("v"), title="Other"), name="anton") == []
    assert store.state_of("v") == (State.TEXT, "")
    assert store.transcript("v") == transcript("v")
    assert store.channels_of("v") == tuple(sorted((channel_id("anton"), channel_id("marta"))))
    assert [change.video_id for change in store.changed_since(seen)] == ["v"], "its channels can be searched"


def test_a_listing_is_saved_whole_or_not_at_all(store: Store) -> None:
    def breaking() -> Iterator[tuple[Video, State, str, None]]:
        yield video("a"), State.WAITING, "", None
        raise KeyboardInterrupt

    seen = store.revision()
    with pytest.raises(KeyboardInterrupt):
        store.save_listing(channel_id("marta"), breaking(), NOW)
    assert store.known_ids(channel_id("marta")) == set()
    assert store.video("a") is None
    assert store.revision() == seen
    assert listed(store, video("a")) == ["a"], "the store goes on working"


def test_a_listing_is_complete_only_when_it_went_through_everything(store: Store) -> None:
    here = channel_id("marta")
    assert store.completed_at(here) is None
    store.end_listing(here, NOW, complete=True, etag="x")
    store.end_listing(here, LATER, complete=False)
    assert store.completed_at(here) == NOW
    assert store.completed_at("nowhere") is None


# --- what is due ---------------------------------------------------------------------------------


def test_due_are_the_newest_first_and_those_without_a_date_last(store: Store) -> None:
    undated = replace(video("u"), published_at=None)
    listed(store, video("old", days_ago=9), undated, video("new", days_ago=1), video("twin", days_ago=1))
    assert ids(store.due(NOW, [channel_id("marta")])) == ["new", "twin", "old", "u"]


def test_a_video_is_due_from_its_next_try_on_and_never_without_one(store: Store) -> None:
    listed(store, video("v"), video("w"))
    store.save_attempt("v", State.NO_CAPTIONS, "none", LATER, NOW)
    store.save_attempt("w", State.DELETED, "gone", None, NOW)
    here = [channel_id("marta")]
    assert ids(store.due(LATER - timedelta(seconds=1), here)) == []
    assert [(one.video_id, one.state, one.tries) for one in store.due(LATER, here)] == [("v", State.NO_CAPTIONS, 1)]
    assert ids(store.due(LATER + timedelta(days=9_999), here)) == ["v"]


def test_neither_a_video_with_text_nor_one_left_out_nor_one_elsewhere_is_due(store: Store) -> None:
    listed(store, video("t"), video("x"))
    listed(store, video("e"), name="anton")
    store.save_transcript(transcript("t"), NOW)
    store.set_state([("x", State.EXCLUDED, "a short")])
    assert store.due(LATER, [channel_id("marta")]) == []
    assert store.due(LATER, []) == []


def test_a_video_of_two_mentors_is_due_once_under_the_first_of_those_asked_for(store: Store) -> None:
    store.set_follows(
        [(MARTA, [channel_id("marta"), PLAYLIST.id]), (ANTON, [PLAYLIST.id]), (Mentor("zoe", "Zoe"), [PLAYLIST.id])]
    )
    listed(store, video("v"))
    store.save_listing(PLAYLIST.id, [(video("v"), State.WAITING, "", NOW)], NOW)
    everywhere = [channel_id("marta"), PLAYLIST.id]
    assert [one.mentor for one in store.due(NOW, everywhere)] == ["anton"]
    assert [one.mentor for one in store.due(NOW, everywhere, {"marta", "zoe"})] == ["marta"]
    assert [one.mentor for one in store.due(NOW, [channel_id("marta")])] == ["marta"]
    assert store.due(NOW, everywhere, ()) == []


def test_nobody_is_due_who_is_not_followed_any_more(store: Store) -> None:
    listed(store, video("v"))
    store.set_follows([(ANTON, [channel_id("anton")])])
    assert store.due(LATER, [channel_id("marta")]) == []


def test_tries_are_counted_from_the_last_change_of_state(store: Store) -> None:
    listed(store, video("v"), state=State.UPCOMING)
    for _ in range(20):
        store.save_attempt("v", State.UPCOMING, "", NOW, NOW)
    store.save_attempt("v", State.NO_CAPTIONS, "none", NOW, NOW)
    store.save_attempt("v", State.NO_CAPTIONS, "none", NOW, NOW)
    assert [(one.state, one.tries) for one in store.due(NOW, [channel_id("marta")])] == [(State.NO_CAPTIONS, 2)]


# --- what changed --------------------------------------------------------------------------------


def test_an_index_is_told_of_exactly_what_changed_in_order(store: Store) -> None:
    listed(store, video("a"), video("b"), video("c"))
    store.save_transcript(transcript("b"), NOW)
    between = store.revision()
    store.save_attempt("c", State.DELETED, "gone", None, NOW)
    store.save_transcript(transcript("a"), NOW)
    everything = list(store.changed_since(0))
    assert [(change.video_id, change.removed) for change in everything] == [("b", False), ("a", False)]
    assert [change.revision for change in everything] == sorted(change.revision for change in everything)
    assert list(store.changed_since(between)) == [Change("a", False, store.revision())]
    assert list(store.changed_since(store.revision())) == []


def test_every_write_raises_the_revision_and_no_reading_does(store: Store) -> None:
    seen = store.revision()
    store.due(NOW, [channel_id("marta")])
    store.states()
    assert store.revision() == seen
    listed(store, video("a"))
    assert store.revision() == seen + 1


def test_the_name_of_a_library_stays_and_no_other_has_it(store: Store, tmp_path: Path) -> None:
    with Store.open(store.path) as again, Store.open(tmp_path / "other.db") as other:
        assert again.id == store.id
        assert other.id != store.id


# --- who is followed -----------------------------------------------------------------------------


def test_follows_are_written_only_where_they_differ(store: Store) -> None:
    follows = [
        (Mentor("marta", "Marta", Kind.INTEREST, ("salary", "größe")), ["@marta", channel_id("marta")]),
        (ANTON, ["@not-looked-up-yet"]),
    ]
    store.set_follows(follows)
    seen = store.revision()
    store.set_follows(follows)
    store.set_follows(list(reversed(follows)))
    assert store.revision() == seen
    assert store.mentors() == [ANTON, follows[0][0]]
    assert store.followed_channels() == {channel_id("marta")}


def test_a_reference_counts_from_the_moment_its_channel_is_known(store: Store) -> None:
    follows = [(MARTA, ["@marta"])]
    store.set_follows(follows)
    assert store.followed_channels() == frozenset()
    store.save_channel(channel("marta"), "@marta")
    store.set_follows(follows)
    assert store.followed_channels({"marta"}) == {channel_id("marta")}
    assert store.channel_for("@marta") == channel("marta")
    assert store.channel_for("@other") is None


def test_a_mentor_left_out_and_taken_back_finds_everything_again(store: Store) -> None:
    listed(store, video("v"))
    store.save_transcript(transcript("v"), NOW)
    store.set_follows([(ANTON, [channel_id("anton")])])
    assert store.mentors_of("v") == []
    assert not store.all_followed()
    assert store.states() == Counter()
    assert store.transcript("v") == transcript("v")
    store.set_follows([(MARTA, [channel_id("marta")]), (ANTON, [channel_id("anton")])])
    assert store.mentors_of("v") == [MARTA]
    assert store.all_followed()
    assert store.states() == Counter({State.TEXT: 1})


def test_a_video_in_playlists_of_two_mentors_belongs_to_both(store: Store) -> None:
    store.set_follows([(MARTA, [channel_id("marta"), PLAYLIST.id]), (ANTON, [PLAYLIST.id])])
    listed(store, video("v"))
    store.save_listing(PLAYLIST.id, [(video("v"), State.WAITING, "", NOW)], NOW)
    assert store.mentors_of("v") == [ANTON, MARTA]


def test_following_somebody_known_in_a_place_known_writes_nothing(store: Store) -> None:
    seen = store.revision()
    store.follow(MARTA, channel_id("marta"))
    assert store.revision() == seen
    store.follow(MARTA, PLAYLIST.id)
    assert store.followed_channels({"marta"}) == {channel_id("marta"), PLAYLIST.id}


# --- counting ------------------------------------------------------------------------------------


def test_a_video_is_counted_once_however_many_channels_list_it(store: Store) -> None:
    store.set_follows([(MARTA, [channel_id("marta"), PLAYLIST.id]), (ANTON, [PLAYLIST.id])])
    listed(store, video("t"), video("w"))
    store.save_listing(PLAYLIST.id, [(video("t"), State.WAITING, "", NOW)], NOW)
    store.save_transcript(transcript("t", "one", "two"), NOW)
    assert store.states() == Counter({State.TEXT: 1, State.WAITING: 1})
    assert store.extent(Within([PLAYLIST.id])) == (Counter({State.TEXT: 1}), 10_000)
    assert store.extent(Within([])) == (Counter(), 0)
    assert store.states_by_mentor() == {
        "marta": Counter({State.TEXT: 1, State.WAITING: 1}),
        "anton": Counter({State.TEXT: 1}),
    }


@pytest.mark.parametrize(
    ("within", "with_text", "waiting"),
    [
        (Within(), 1, 2),
        (Within(since=NOW - timedelta(days=5)), 1, 1),
        (Within(until=NOW - timedelta(days=5)), 0, 1),
        (Within(longer_ms=60_001), 0, 1),
        (Within(shorter_ms=60_000), 1, 0),
        (Within(language="de"), 0, 2),
        (Within(origin=Origin.FILE), 0, 2),
    ],
)
def test_what_has_no_text_yet_counts_unless_it_is_known_not_to_fit(
    store: Store, within: Within, with_text: int, waiting: int
) -> None:
    store.set_follows([(MARTA, [channel_id("marta")])])
    listed(store, video("t", days_ago=1, duration_ms=60_000), video("new", days_ago=2), video("old", days_ago=9))
    store.refresh([video("old", days_ago=9, duration_ms=90_000)])
    store.save_transcript(transcript("t", "one", "two"), NOW)
    states, speech_ms = store.extent(within)
    assert (states[State.TEXT], states[State.WAITING], speech_ms) == (with_text, waiting, 10_000 * with_text)


def test_a_mentor_without_videos_is_counted_too(store: Store) -> None:
    assert store.states_by_mentor() == {"anton": Counter(), "marta": Counter()}


def test_videos_in_a_state_come_with_everybody_they_are_followed_for(store: Store) -> None:
    listed(store, video("w"), video("x"), video("t"))
    listed(store, video("w"), name="anton")
    store.set_state([("x", State.EXCLUDED, "a short")])
    store.save_transcript(transcript("t"), NOW)
    found = [(one.id, state, mentors) for one, state, mentors in store.videos_in(State.WAITING, State.EXCLUDED)]
    assert found == [("w", State.WAITING, ["anton", "marta"]), ("x", State.EXCLUDED, ["marta"])]
    assert store.state_of("x") == (State.EXCLUDED, "a short")


def test_moments_are_kept_in_utc_whatever_zone_they_came_in(store: Store) -> None:
    from zoneinfo import ZoneInfo

    abroad = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    listed(store, replace(video("v"), published_at=abroad))
    found = store.video("v")
    assert found is not None
    assert found.published_at is not None
    assert (found.published_at, found.published_at.tzinfo) == (NOW, UTC)
