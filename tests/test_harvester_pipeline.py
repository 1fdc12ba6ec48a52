"""Does a harvest list, decide, fetch and save as it should, whatever its sources do?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes import ANTON, MARTA, NOW, Clock, FakeSource, channel_id, transcript, video
from msgspec import structs

from harvester.decide import Rules
from harvester.pipeline import Followed, Plan, harvest
from harvester.report import Event, Found, Outcome, Report, Stopped
from library.errors import ChannelNotFound, ExitCode, KeyRefused, NoTranscript, RateLimited, SourceError
from library.models import Broadcast, Channel, ChannelForm, Origin, State, Video, VideoForm
from library.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        yield store


def followed(*names: str, rules: Rules | None = None) -> list[Followed]:
    mentors = {"marta": MARTA, "anton": ANTON}
    return [Followed(mentors[name], (channel_id(name),), rules or Rules()) for name in names]


def run(
    store: Store,
    source: FakeSource,
    *names: str,
    plan: Plan | None = None,
    clock: Clock | None = None,
    rules: Rules | None = None,
) -> tuple[Report, list[Event]]:
    clock, report = clock or Clock(), Report()
    chosen = followed(*(names or ("marta",)), rules=rules)
    events = list(
        harvest(
            store,
            chosen,
            source,
            plan or Plan(pause_s=0),
            report,
            now=clock.now,
            sleep=clock.sleep,
            chance=lambda: 0.5,
        )
    )
    return report, events


def test_a_new_video_is_listed_fetched_and_kept(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": transcript("a")})
    report, _ = run(store, source)
    assert store.transcript("a") == transcript("a")
    assert (report.new, report.transcripts, report.settled()) == (1, 1, ExitCode.DONE)


def test_a_second_harvest_fetches_nothing_twice(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": transcript("a")})
    run(store, source)
    report, _ = run(store, source, clock=Clock(NOW + timedelta(days=1)))
    assert source.fetched() == ["a"]
    assert report.new == 0


def test_a_video_without_captions_is_asked_for_again_later_and_later(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]})
    asked_on = []
    for day in range(40):
        before = len(source.fetched())
        run(store, source, clock=Clock(NOW + timedelta(days=day)))
        if len(source.fetched()) > before:
            asked_on.append(day)
    assert asked_on == [0, 1, 2, 4, 8, 16, 32]
    assert store.state_of("a") == (State.NO_CAPTIONS, "no captions")


def test_a_deleted_video_is_never_asked_for_again(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": NoTranscript(State.DELETED, "gone")})
    for day in range(0, 400, 40):
        run(store, source, clock=Clock(NOW + timedelta(days=day)))
    assert source.fetched() == ["a"]


def test_a_lost_channel_does_not_keep_the_others_from_being_harvested(store: Store) -> None:
    listed = {"anton": ChannelNotFound("gone"), "marta": [video("a")]}
    report, _ = run(store, FakeSource(listed, {"a": transcript("a")}), "anton", "marta")
    assert report.transcripts == 1
    assert report.settled() is ExitCode.DONE
    assert len(report.failed_listings) == 1


def test_when_nothing_can_be_reached_the_run_says_so(store: Store) -> None:
    report, _ = run(store, FakeSource({"marta": SourceError("no answer")}))
    assert report.settled() is ExitCode.UNREACHABLE


def test_a_run_whose_only_channels_are_not_there_says_that_and_not_that_nobody_answered(store: Store) -> None:
    gone = ChannelNotFound("the folder is not there")
    assert run(store, FakeSource({"marta": gone}))[0].settled() is ExitCode.BAD_INPUT
    both = FakeSource({"marta": gone, "anton": SourceError("no answer")})
    assert run(store, both, "marta", "anton")[0].settled() is ExitCode.UNREACHABLE


def test_a_refused_key_decides_the_exit_code(store: Store) -> None:
    listed = {"anton": KeyRefused("bad key"), "marta": [video("a")]}
    report, _ = run(store, FakeSource(listed, {"a": transcript("a")}), "anton", "marta")
    assert report.settled() is ExitCode.BAD_CONFIG


def test_the_first_sign_of_a_block_ends_fetching_for_all_and_is_remembered(store: Store) -> None:
    videos = [video("a", days_ago=1), video("b", days_ago=2), video("c", days_ago=3)]
    source = FakeSource({"marta": videos}, {"a": transcript("a"), "b": RateLimited("blocked")})
    report, events = run(store, source)
    assert source.fetched() == ["a", "b"]
    assert report.settled() is ExitCode.TRY_LATER
    assert isinstance(events[-1], Stopped)
    assert store.state_of("b")[0] is State.WAITING

    source.texts["b"] = transcript("b")
    _, events = run(store, source, clock=Clock(NOW + timedelta(hours=1)))
    assert source.fetched() == ["a", "b"], "the block is honoured by the next process"
    run(store, source, clock=Clock(NOW + timedelta(hours=13)))
    assert source.fetched()[2:4] == ["b", "c"]


def test_fetching_is_paced_and_the_pace_outlives_the_process(store: Store) -> None:
    source = FakeSource({"marta": [video("a"), video("b")]}, {"a": transcript("a"), "b": transcript("b")})
    clock = Clock()
    run(store, source, plan=Plan(pause_s=30, limit=1), clock=clock)
    run(store, source, plan=Plan(pause_s=30, limit=1), clock=clock)
    assert clock.slept == [30.0]


def test_a_limit_counts_files_and_videos_together(store: Store) -> None:
    store.save_channel(Channel(channel_id("anton"), ChannelForm.FOLDER, "Anton"))
    listed = {"anton": [video("x", "anton")], "marta": [video(name) for name in "abc"]}
    source = FakeSource(listed, {name: transcript(name) for name in "xabc"})
    report, _ = run(store, source, "anton", "marta", plan=Plan(pause_s=0, limit=2))
    assert source.fetched() == ["x", "a"]
    assert report.later == 2


def test_a_run_asks_for_no_more_than_its_budget(store: Store) -> None:
    videos = [video(name) for name in "abcde"]
    source = FakeSource({"marta": videos}, {name: transcript(name) for name in "abcde"})
    report, _ = run(store, source, plan=Plan(pause_s=0, max_transcripts=2))
    assert len(source.fetched()) == 2
    assert report.later == 3


def test_mentors_take_turns_newest_first(store: Store) -> None:
    old = [video(f"m{n}", "marta", days_ago=n) for n in range(1, 6)]
    new = [video("k1", "anton", days_ago=50)]
    source = FakeSource({"marta": old, "anton": new}, {v.id: transcript(v.id) for v in [*old, *new]})
    run(store, source, "marta", "anton", plan=Plan(pause_s=0, max_transcripts=3))
    assert source.fetched() == ["k1", "m1", "m2"] or source.fetched() == ["m1", "k1", "m2"]


def test_rules_leave_videos_out_until_they_change(store: Store) -> None:
    short = video("s", form=VideoForm.SHORT)
    source = FakeSource({"marta": [short]}, {"s": transcript("s")})
    run(store, source)
    assert store.state_of("s") == (State.EXCLUDED, "a short")
    run(store, source, rules=Rules(shorts=True), clock=Clock(NOW + timedelta(days=1)))
    assert store.state_of("s")[0] is State.TEXT


def test_a_dry_run_names_what_is_new_and_writes_nothing(store: Store) -> None:
    revision = store.revision()
    source = FakeSource({"marta": [video("a")]}, {"a": transcript("a")})
    _, events = run(store, source, plan=Plan(dry_run=True))
    assert [event.video.id for event in events if isinstance(event, Found)] == ["a"]
    assert store.revision() == revision
    assert source.fetched() == []


def test_an_interrupted_run_keeps_what_it_saved_and_says_how_it_ended(store: Store) -> None:
    source = FakeSource(
        {"marta": [video("a"), video("b", days_ago=2)]}, {"a": transcript("a"), "b": KeyboardInterrupt()}
    )
    with pytest.raises(KeyboardInterrupt):
        run(store, source)
    assert store.transcript("a") is not None
    last = store.journal.runs()[0]
    assert (last.result, last.summary["transcripts"]) == ("interrupted", 1)
    source.texts["b"] = transcript("b")
    run(store, source)
    assert store.transcript("b") is not None


def test_a_handle_in_the_configuration_is_looked_up_once(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": transcript("a")})
    by_handle = [replace(followed("marta")[0], references=("@marta",))]
    list(harvest(store, by_handle, source, Plan(pause_s=0), Report(), now=Clock().now))
    found = store.channel_for("@marta")
    assert found is not None
    assert found.id == channel_id("marta")
    assert store.mentors_of("a") == [MARTA]


def test_a_channel_that_two_follow_can_be_harvested_for_one_of_them(store: Store) -> None:
    both = [Followed(mentor, (channel_id("marta"),), Rules()) for mentor in (ANTON, MARTA)]
    source = FakeSource({"marta": [video("a")]}, {"a": transcript("a")})
    list(harvest(store, both, source, Plan(pause_s=0, limit=0), Report(), now=Clock().now))
    events = list(harvest(store, both[1:], source, Plan(pause_s=0), Report(), now=Clock().now))
    assert [event.mentor for event in events if isinstance(event, Outcome)] == [MARTA]


def test_a_video_that_two_follow_is_wanted_when_one_of_them_wants_it(store: Store) -> None:
    rules = {ANTON: Rules(), MARTA: Rules(shorts=True)}
    both = [Followed(mentor, (channel_id("marta"),), own) for mentor, own in rules.items()]
    source = FakeSource({"marta": [video("s", form=VideoForm.SHORT)]}, {"s": transcript("s")})
    list(harvest(store, both, source, Plan(pause_s=0), Report(), now=Clock().now))
    assert store.state_of("s")[0] is State.TEXT


def test_nights_before_a_premiere_do_not_count_against_its_captions(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": NoTranscript(State.UPCOMING, "soon")})
    for day in range(14):
        run(store, source, clock=Clock(NOW + timedelta(days=day)))
    source.texts["a"] = NoTranscript(State.NO_CAPTIONS, "none yet")
    run(store, source, clock=Clock(NOW + timedelta(days=14)))
    source.texts["a"] = transcript("a")
    run(store, source, clock=Clock(NOW + timedelta(days=15)))
    assert store.state_of("a")[0] is State.TEXT


def test_the_summary_line_tells_of_everything() -> None:
    report = Report(mentors=3, new=5, transcripts=4, without_text={State.NO_CAPTIONS: 1}, units=12)
    said = report.summary(192, 10_000, 212)
    assert said == "3 lecturers, 5 new, 4 transcripts, 1 no captions yet, quota 212/10000, 3m12s"


# --- what changes after the first night -----------------------------------------------------------


def nights(store: Store, source: FakeSource, *days: int, plan: Plan | None = None) -> list[Report]:
    return [run(store, source, plan=plan, clock=Clock(NOW + timedelta(days=day)))[0] for day in days]


def test_automatic_captions_give_way_to_better_ones_and_are_kept_as_history(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": transcript("a", "auto", origin=Origin.GENERATED)})
    nights(store, source, 0)
    source.texts["a"] = transcript("a", "By hand.")
    report = nights(store, source, 1, 2)[-1]
    assert (report.bettered, report.transcripts) == (1, 0)
    assert store.transcript("a") == transcript("a", "By hand.")


def test_a_text_is_looked_at_again_seldom_and_after_all_that_is_new(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": transcript("a", origin=Origin.GENERATED)})
    asked_on = []
    for day in range(200):
        before = len(source.fetched())
        nights(store, source, day)
        if len(source.fetched()) > before:
            asked_on.append(day)
    assert asked_on == [0, 2, 9, 39, 129]


def test_a_video_gone_from_youtube_keeps_its_text(store: Store) -> None:
    listed = [video("a"), video("b")]
    source = FakeSource({"marta": listed}, {"a": transcript("a"), "b": transcript("b")})
    nights(store, source, 0)
    source.listed["marta"] = [video("b")]
    source.texts["a"] = NoTranscript(State.DELETED, "gone")
    nights(store, source, 1, 31)
    assert store.transcript("a") == transcript("a")
    assert store.gone() == {"a"}
    source.listed["marta"], source.texts["a"] = listed, transcript("a")
    nights(store, source, 62)
    assert store.gone() == set()


def test_titles_and_dates_are_brought_up_to_date_by_a_full_listing(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": transcript("a")})
    nights(store, source, 0)
    seen = store.revision()
    source.listed["marta"] = [structs.replace(video("a"), title="A better title")]
    nights(store, source, 31)
    found = store.video("a")
    assert found is not None
    assert found.title == "A better title"
    assert [change.video_id for change in store.changed_since(seen)] == ["a"]


def test_an_upcoming_stream_is_not_asked_for_until_it_is_over(store: Store) -> None:
    stream = video("a", form=VideoForm.LIVE, broadcast=Broadcast.UPCOMING)
    source = FakeSource({"marta": [stream]}, {"a": transcript("a")})
    nights(store, source, 0, 1, 2)
    assert source.fetched() == []
    source.listed["marta"] = [structs.replace(stream, broadcast=Broadcast.NONE, duration_ms=60_000)]
    nights(store, source, 3)
    assert store.transcript("a") is not None
    found = store.video("a")
    assert found is not None
    assert (found.broadcast, found.duration_ms) == (Broadcast.NONE, 60_000)


def test_a_final_state_is_asked_for_again_on_request_only(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": NoTranscript(State.PRIVATE, "private")})
    nights(store, source, 0, 50, 300)
    assert source.fetched() == ["a"]
    source.texts["a"] = transcript("a")
    assert store.retry([State.PRIVATE], NOW + timedelta(days=301)) == 1
    nights(store, source, 302)
    assert store.transcript("a") is not None


def test_each_block_soon_after_another_is_waited_out_twice_as_long(store: Store) -> None:
    source = FakeSource({"marta": [video("a")]}, {"a": RateLimited("blocked")})
    rests, clock = [], Clock()
    for _ in range(6):
        *_, stopped = run(store, source, clock=clock)[1]
        assert isinstance(stopped, Stopped)
        assert stopped.until
        rests.append((stopped.until - clock.now()) / timedelta(hours=1))
        clock.at = stopped.until
    assert rests == [12, 24, 48, 96, 168, 168]


def test_a_night_without_a_network_ends_the_asking_and_is_no_block(store: Store) -> None:
    source = FakeSource({"marta": [video("a"), video("b")]}, {"a": SourceError("no network")})
    report, events = run(store, source)
    assert events[-1] == Stopped("no network", None)
    assert report.settled() is ExitCode.UNREACHABLE
    assert store.state_of("a")[0] is State.WAITING
    run(store, source, clock=Clock(NOW + timedelta(minutes=1)))
    assert source.fetched() == ["a", "a"]


def test_what_a_source_gave_before_it_failed_is_kept(store: Store) -> None:
    class Failing(FakeSource):
        def videos(self, channel: Channel, known: Collection[str], *, everything: bool = False) -> Iterator[Video]:
            yield from super().videos(channel, known, everything=everything)
            raise KeyRefused("no such key")

    nights(store, FakeSource({"marta": [video("a")]}, {"a": transcript("a")}), 0)
    news = Failing({"marta": [video("b"), video("a")]}, {"b": transcript("b")})
    report, _ = run(store, news, clock=Clock(NOW + timedelta(days=1)))
    assert store.transcript("b")
    assert (report.new, report.settled()) == (1, ExitCode.BAD_CONFIG)


def test_what_was_edited_is_read_again_and_what_it_said_before_is_kept_as_history(store: Store) -> None:
    source = FakeSource({"marta": [video("a"), video("b")]}, {"a": transcript("a"), "b": transcript("b")})
    nights(store, source, 0)
    source.changed = {"a", "elsewhere"}
    source.texts["a"] = transcript("a", "In other words.")
    report, _ = run(store, source, clock=Clock(NOW + timedelta(days=1)))
    assert source.fetched() == ["a", "b", "a"]
    assert store.transcript("a") == transcript("a", "In other words.")
    assert store._rows("SELECT COUNT(*), SUM(current) FROM transcripts WHERE video = 'a'") == [(2, 1)]
    assert (report.new, report.bettered) == (0, 1)
    source.texts["a"] = NoTranscript(State.UNREADABLE, "broken")
    run(store, source, clock=Clock(NOW + timedelta(days=2)))
    assert store.transcript("a") == transcript("a", "In other words."), "a text is kept whatever comes after it"
