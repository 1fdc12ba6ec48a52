"""Does the library follow YouTube, night after night?

The program harvests ten nights in which videos are published, captioned late, corrected, renamed,
broadcast, made private and deleted. After each night it holds what YouTube has; where politeness asks
for patience (no captions yet; captions that may have been bettered), it has written down when it will
look, and it has caught up when those days have come. What each night cost is logged (--log-level=INFO).

MENTOR_LOOPBACK_CATALOGUE names a folder with a catalogue to live the same ten nights on, besides the
server's own.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import loopback
import pytest
from loopback import Home, Kept, YouTube, behind, digest, kept

from library.errors import ExitCode
from library.models import Origin, State
from library.text import plain

PROGRAM = loopback.required()
CATALOGUE = os.environ.get("MENTOR_LOOPBACK_CATALOGUE", "")
LOG = logging.getLogger(__name__)

SETTINGS = {"MENTOR_RULES_SHORTS": "true", "MENTOR_HARVEST_MAX_TRANSCRIPTS_PER_RUN": "1000"}
# Requests that lead to a transcript.
READING = ("watch", "player", "timedtext")


@pytest.fixture(scope="module")
def other_youtube() -> Iterator[YouTube]:
    if not CATALOGUE:
        pytest.skip("MENTOR_LOOPBACK_CATALOGUE names no catalogue")
    with loopback.playing(PROGRAM, "--catalogue", CATALOGUE) as running:
        yield running


class Nights:
    """A home that follows channels (every one there is, where none are named), and what it held the night before."""

    def __init__(self, folder: Path, youtube: YouTube, *handles: str) -> None:
        self.youtube = youtube
        self.home = Home(folder, youtube, dict(SETTINGS))
        self.handles = handles or [channel["handle"] for channel in youtube.truth()["channels"].values()]
        self.home.follow(**{f"mentor{number}": handle for number, handle in enumerate(self.handles)})
        self.kept_as: dict[str, str] = {}
        self._before: dict[str, Kept] = {}

    def harvest(self) -> dict[str, Kept]:
        """Harvest tonight, and see that nothing is lost and every difference from the truth has its date."""
        self.youtube.control({"do": "reset_stats"})
        units = self.units()
        ran = self.home("harvest")
        assert ran.code == ExitCode.DONE, ran.err
        now, library, late = self.youtube.night(), kept(self.home), self.behind()
        self._tell(ran.summary, self.units() - units, len(late))
        for difference in late:
            assert difference.next_try_at, f"{difference} is not to be looked at again"
            assert difference.next_try_at > now, f"{difference} was due"
        for video_id, before in self._before.items():
            assert library[video_id].text or not before.text, f"the text of {video_id} is lost"
        self._before = library
        return library

    def behind(self) -> list[loopback.Behind]:
        return behind(self.home, self.youtube.truth(), set(self.handles), self.kept_as)

    def units(self) -> int:
        return int(self.youtube.stats()["quota"]["used"]["units"])

    def _tell(self, summary: str, units: int, late: int) -> None:
        stats = self.youtube.stats()
        assert not stats["internal_errors"]
        requests = ", ".join(f"{count} {kind}" for kind, count in stats["requests"].items())
        LOG.info("night %s: %s units; %s; %s behind | %s", stats["night"], units, requests or "none", late, summary)

    def go_to(self, number: int) -> None:
        self.youtube.control({"do": "night", "number": number})


@pytest.fixture
def nights(youtube: YouTube, tmp_path: Path) -> Nights:
    youtube.control({"do": "restart"})
    return Nights(tmp_path / "home", youtube)


# --- the server's own story ------------------------------------------------------------------------

LATE_CAPTIONS = "AErci55K_fU"
CORRECTED = "Nqry2r5EhSk"
STREAM, PREMIERE = "L7gVcHBj1N0", "EcZ9LtQuwG4"
GOES_PRIVATE, IS_DELETED = "lDZwfAzY1jY", "CMBejMUjCb0"
CAPTIONS_OFF = "d6hc64WL-Vg"


def test_ten_nights_of_three_lecturers(nights: Nights) -> None:
    library: dict[int, dict[str, Kept]] = {}
    for night in range(11):
        nights.go_to(night)
        library[night] = nights.harvest()
    assert library[0][LATE_CAPTIONS].state is State.NO_CAPTIONS
    assert library[1][LATE_CAPTIONS].text
    assert _origin(library[1][CORRECTED]) is Origin.GENERATED
    assert _origin(library[2][CORRECTED]) is Origin.MANUAL
    assert (library[3][STREAM].state, library[4][PREMIERE].state) == (State.UPCOMING, State.UPCOMING)
    assert library[4][STREAM].text
    assert library[5][PREMIERE].text
    for gone in (GOES_PRIVATE, IS_DELETED):
        assert library[10][gone].text
    assert library[10][CAPTIONS_OFF].state is State.NO_CAPTIONS
    with nights.home.library() as store:
        history = store._rows("SELECT origin, current FROM transcripts WHERE video = ? ORDER BY id", (CORRECTED,))
    assert history == [("generated", 0), ("manual", 1)]
    for night in (12, 19, 40):
        nights.go_to(night)
        last = nights.harvest()
    assert nights.behind() == []
    assert last[GOES_PRIVATE].gone
    assert last[IS_DELETED].gone


def _origin(known: Kept) -> Origin | None:
    return known.text.origin if known.text else None


# --- a story of our own, on any catalogue ----------------------------------------------------------


def test_ten_nights_with_everything_that_can_happen(nights: Nights) -> None:
    _live_ten_nights(nights)


def test_ten_nights_on_another_catalogue(other_youtube: YouTube, tmp_path: Path) -> None:
    nights = Nights(tmp_path / "home", other_youtube)
    nights.kept_as = _made_harmless(Path(CATALOGUE) / "transcripts.jsonl")
    _live_ten_nights(nights)


def _made_harmless(transcripts: Path) -> dict[str, str]:
    """By the digests of texts that hold control characters or overrides, those of what is kept of them."""
    found = {}
    with transcripts.open(encoding="utf-8") as lines:
        for track in map(json.loads, lines):
            told = [snippet["text"] for snippet in track["snippets"]]
            harmless = [text for text in map(plain, told) if text.strip()]
            if harmless != told:
                found[digest(told)] = digest(harmless)
    return found


def _live_ten_nights(nights: Nights) -> None:
    story = Story(nights.youtube)
    for night in range(11):
        nights.go_to(night)
        nights.youtube.control(*story.on(night))
        library = nights.harvest()
        story.check(night, library)
    for night in (12, 14, 18, 26, 42, 45):
        nights.go_to(night)
        library = nights.harvest()
    assert nights.behind() == []
    assert library[story.renamed].title == "A new name"
    for gone in (story.deleted, story.private):
        assert library[gone].gone
        assert library[gone].text


class Story:
    """What happens on which night, to which of the videos there are."""

    def __init__(self, youtube: YouTube) -> None:
        truth = youtube.truth()
        self.channel_id = sorted(truth["channels"])[0]
        self.channel = truth["channels"][self.channel_id]
        plain = sorted(
            video_id
            for channel in truth["channels"].values()
            for video_id in channel["long_form"]
            if len(truth["transcripts"].get(video_id, [])) == 1
            and truth["transcripts"][video_id][0]["language"] == "en"
        )
        by_kind = {kind: [v for v in plain if truth["transcripts"][v][0]["kind"] == kind] for kind in ("asr", "manual")}
        # Late in the alphabet, out of the way of the server's own story.
        self.corrected, self.deleted = (by_kind["asr"] or by_kind["manual"])[-1], plain[0]
        self.renamed, self.private, self.edited = (v for v in plain[1:4] if v != self.corrected)

    def on(self, night: int) -> list[dict[str, Any]]:
        """Commands for the server."""
        match night:
            case 1:
                return [self._published("new-caption", captioned=True), self._published("late-captio", captioned=False)]
            case 2:
                return [
                    {"do": "video", "video_id": self.deleted, "deleted": True},
                    {"do": "video", "video_id": self.private, "privacy": "private"},
                    {"do": "video", "video_id": self.renamed, "changes": {"snippet": {"title": "A new name"}}},
                ]
            case 3:
                return [
                    {"do": "set_transcript", "video_id": "late-captio", "kind": "asr", "snippets": _lines("late")},
                    {
                        "do": "set_transcript",
                        "video_id": self.corrected,
                        "kind": "manual",
                        "snippets": _lines("by hand"),
                    },
                ]
            case 4:
                return [
                    self._published("premiere-01", captioned=True, form="premiere", live=_scheduled(6)),
                    self._published("stream-0001", captioned=False, form="live", live=_scheduled(6)),
                ]
            case 6:
                return [
                    _over("premiere-01", 6),
                    _over("stream-0001", 6),
                    {"do": "set_transcript", "video_id": "stream-0001", "kind": "asr", "snippets": _lines("live")},
                ]
            case 7:
                return [
                    {"do": "set_transcript", "video_id": self.edited, "kind": "manual", "snippets": _lines("edited")}
                ]
        return []

    def check(self, night: int, library: dict[str, Kept]) -> None:
        match night:
            case 1:
                assert library["new-caption"].text
                assert library["late-captio"].state is State.NO_CAPTIONS
            case 4:
                assert library["late-captio"].text, "asked for on nights 1, 2, 3"
                assert library["premiere-01"].state is State.UPCOMING
                assert library["stream-0001"].state is State.UPCOMING
            case 6:
                assert library["premiere-01"].text
                assert library["stream-0001"].text

    def _published(self, video_id: str, *, captioned: bool, **fields: Any) -> dict[str, Any]:
        record = {
            "video_id": video_id,
            "channel_id": self.channel_id,
            "channel_title": self.channel["title"],
            "channel_handle": self.channel["handle"],
            "title": f"Talk {video_id}",
            "duration_s": 900,
            "kind": "manual",
            **fields,
        }
        if captioned:
            record["snippets"] = _lines(video_id)
        return {"do": "add_video", "record": record}


def _lines(what: str) -> list[dict[str, Any]]:
    return [{"text": f"Line {n}, {what}.", "start": 4.0 * n, "duration": 3.5} for n in range(5)]


def _scheduled(night: int) -> dict[str, str]:
    return {"scheduledStartTime": f"2026-03-{2 + night:02}T03:00:00Z"}


def _over(video_id: str, night: int) -> dict[str, Any]:
    day = f"2026-03-{2 + night:02}"
    times = {"actualStartTime": f"{day}T03:00:00Z", "actualEndTime": f"{day}T03:30:00Z"}
    return {"do": "video", "video_id": video_id, "changes": {"liveStreamingDetails": times}}


# --- a night without news --------------------------------------------------------------------------


def test_a_night_without_news_over_a_hundred_channels_costs_a_hundred_requests(
    youtube: YouTube, tmp_path: Path
) -> None:
    youtube.control({"do": "restart"}, *(_talk(channel, n) for channel in range(100) for n in range(2)))
    nights = Nights(tmp_path / "home", youtube, *(f"@quiet{channel}" for channel in range(100)))
    nights.harvest()
    for night in (1, 2):
        nights.go_to(night)
        nights.harvest()
        stats = youtube.stats()
        assert stats["quota"]["used_today"]["units"] == 0
        assert stats["requests"] == {"feed": 100}
    youtube.control({"do": "night"}, _talk(7, 2))
    nights.harvest()
    stats = youtube.stats()
    assert stats["quota"]["used_today"]["units"] == 1
    assert {kind: stats["requests"][kind] for kind in READING} == dict.fromkeys(READING, 1)


def _talk(channel: int, number: int) -> dict[str, Any]:
    record = {
        "video_id": f"quiet{channel:03}-{number:02}",
        "channel_id": f"UCquiet{channel:03}".ljust(23, "x") + "A",
        "channel_title": f"Quiet {channel}",
        "channel_handle": f"@quiet{channel}",
        "title": f"Talk {number}",
        "published_at": f"2026-02-{10 + number}T10:00:00Z",
        "duration_s": 600,
        "kind": "manual",
        "snippets": _lines(f"{channel} {number}"),
    }
    return {"do": "add_video", "record": record}
