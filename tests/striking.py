"""How is the whole program struck by a fault of YouTube, and what is looked at afterwards?

A lecturer has published six talks. On a first night none of them is known; on a later one two are read
already and four are new. The fixtures that make such homes are in ``conftest.py``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from loopback import Home, behind, kept

from library.errors import ExitCode
from library.models import State

TALKS = [f"fault00000{number}" for number in range(1, 7)]
HANDLE = "@faults"
DONE, UNREACHABLE, NOT_THERE, LATER, REFUSED = (
    ExitCode.DONE,
    ExitCode.UNREACHABLE,
    ExitCode.BAD_INPUT,
    ExitCode.TRY_LATER,
    ExitCode.BAD_CONFIG,
)
# All that a harvest ever asks YouTube for: a fault of anything else cannot strike it.
ASKED = {
    *("channels.list", "playlists.list", "playlistItems.list", "videos.list"),
    *("feed", "channel_page", "watch", "consent", "player", "timedtext"),
}


@dataclass(frozen=True)
class After:
    """How a night ends: the exit code, how many videos are in which state, and a part of each reason that is kept."""

    code: ExitCode
    states: dict[State, int]
    why: str = ""


NOTHING: dict[State, int] = {}
ALL = {State.TEXT: 6}
# One answer told nothing of the video; three in a row are taken for a block.
ONE_FAILED = {State.TEXT: 5, State.FAILED: 1}
THREE_IN_A_ROW = {State.TEXT: 2, State.FAILED: 2, State.WAITING: 2}
STOPPED = {State.TEXT: 2, State.WAITING: 4}


def talk(number: int, **fields: Any) -> dict[str, Any]:
    """A command that publishes a talk."""
    lines = [{"text": f"Line {n} of talk {number}.", "start": 3.0 * n, "duration": 2.5} for n in range(4)]
    record = {
        "video_id": f"fault{number:06}",
        "channel_id": "UCfaultsfaultsfaultsfaAQ",
        "channel_title": "Faults",
        "channel_handle": HANDLE,
        "title": f"Talk {number}",
        "published_at": f"2026-02-{10 + number % 18}T10:00:00Z",
        "duration_s": 600,
        "kind": "manual",
        "snippets": lines,
        **fields,
    }
    return {"do": "add_video", "record": record}


# --- faults ----------------------------------------------------------------------------------------

# Not quite, so that the third night is past them.
TWO_DAYS = 170_000
STATUS: dict[str, dict[str, Any]] = {
    **{str(status): {"action": "status", "status": status} for status in (400, 401, 403, 404, 429, 500, 503)},
    "429 for two days": {"action": "status", "status": 429, "retry_after": TWO_DAYS},
    "503 for two days": {"action": "status", "status": 503, "retry_after": TWO_DAYS},
}
# What goes wrong on the way, and how it is told.
_LATE, _LOST = "longer than the time limit", "the connection failed"
WAY: dict[str, tuple[dict[str, Any], str]] = {
    "delay": ({"action": "delay", "seconds": 1.5}, _LATE),
    "drip": ({"action": "drip", "seconds": 2.5}, _LATE),
    "reset": ({"action": "reset"}, _LOST),
    "close": ({"action": "close"}, _LOST),
    "truncate": ({"action": "truncate"}, "the answer broke off"),
    "too large": ({"action": "status", "status": 200, "body": "x" * 1_500_000}, "larger than anything"),
}
SPOILT = {name: {"action": name} for name in ("garble", "empty", "html", "json")}
FAULTS = {**STATUS, **{name: rule for name, (rule, _) in WAY.items()}, **SPOILT}
# So that a talk of theirs is soon too late or too large.
NARROW = {"MENTOR_YOUTUBE_TIMEOUT_S": "1", "MENTOR_YOUTUBE_MAX_ANSWER_MB": "1"}


def on_the_way(name: str) -> str:
    """How a fault is told that says nothing of what was asked for; "" for the others."""
    return WAY[name][1] if name in WAY else f"(status {name[:3]})" if name in STATUS else ""


def fault(on: str, action: str, count: str, **options: Any) -> dict[str, Any]:
    """A command that adds a fault."""
    return {"do": "fault", "on": on, "action": action, "count": 1 if count == "once" else "all", **options}


# --- two nights ------------------------------------------------------------------------------------


def states(home: Home) -> dict[State, int]:
    return dict(Counter(known.state for known in kept(home).values()))


def strike(home: Home, expected: After, *commands: dict[str, Any]) -> None:
    """Harvest a night on which something goes wrong."""
    before = read(home)
    home.youtube.control(*commands)
    ran = home("harvest")
    assert (ran.code, states(home)) == (expected.code, expected.states), ran.err
    assert ran.summary
    assert read(home) >= before
    why = reasons(home)
    assert why or ran.code == DONE, "it is not kept why"
    assert all(expected.why in reason for reason in why), why
    stats = home.youtube.stats()
    assert not stats["internal_errors"]
    assert set(stats["requests"]) <= ASKED
    for rule in stats["faults"]:
        assert rule["hits"], "the fault was never met"


def read(home: Home) -> set[str]:
    """Ids of the videos that have text."""
    if not (home.folder / "library.db").exists():
        return set()
    return {video_id for video_id, known in kept(home).items() if known.text}


def reasons(home: Home) -> list[str]:
    """Why the last run did not do all it should have: what the library says of videos, and of the run."""
    found = [known.reason for known in kept(home).values() if known.state not in (State.TEXT, State.WAITING)]
    assert all(found), "a video without text and without a reason"
    with home.library() as store:
        run = store.journal.runs()[0]
    told = [*run.summary["failed_listings"], *filter(None, [run.summary["stopped"]])]
    assert run.result == ("incomplete" if told else "done")
    return [*found, *told]


def over(home: Home, code: ExitCode = DONE) -> None:
    """The fault is over: the next night. What has been read is not asked for again."""
    home.youtube.control({"do": "clear_faults"}, {"do": "consent", "mode": "off"}, {"do": "night"})
    home.youtube.control({"do": "keys", "valid": [], "blocked": []}, {"do": "reset_stats"})
    now = home.youtube.night()
    done = {v for v, known in kept(home).items() if known.text and not (known.next_try_at and known.next_try_at <= now)}
    ran = home("harvest")
    assert ran.code == code, ran.err
    asked = home.youtube.stats()["by_video"]
    assert not [video_id for video_id in done if f"watch {video_id}" in asked]


def heals(home: Home) -> None:
    """The next night makes good all that was missed."""
    over(home)
    assert behind(home, home.youtube.truth(), {HANDLE}) == []
