"""How does the library stand? What `mentor status` and `mentor people` tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from library.journal import Run
from library.models import STATE_WORDS, State
from library.moments import to_text
from library.store import Store


def overview(store: Store, now: datetime, daily_units: int, index_revision: int | None) -> dict[str, Any]:
    """Counts for machines; docs/output.md describes the shape (schema 1).

    ``index_revision`` is None where there is no index, or one of another library.
    """
    by_mentor = store.states_by_mentor()
    runs = store.journal.runs()
    return {
        "schema": 1,
        "videos": _counted(store.states()),
        "hours": round(store.speech_ms() / 3_600_000, 1),
        "mentors": [
            {
                "slug": mentor.slug,
                "name": mentor.name,
                "kind": mentor.kind.value,
                "topics": list(mentor.topics),
                "videos": _counted(by_mentor[mentor.slug]),
            }
            for mentor in store.mentors()
        ],
        "last_run": _run(runs[0]) if runs else None,
        "runs": [_run(run) for run in runs],
        "quota": {"used": store.journal.spent("units", now), "daily_units": daily_units},
        "resting_until": to_text(store.journal.noted("rest_until")),
        "library_revision": store.revision(),
        "index_revision": index_revision,
    }


def status_lines(status: Mapping[str, Any], now: datetime) -> list[str]:
    """The overview for people."""
    videos = status["videos"]
    lines = [f"{sum(videos.values())} videos of {len(status['mentors'])} mentors, {status['hours']} hours with text"]
    lines += [f"  {count:>6}  {STATE_WORDS[State(state)]}" for state, count in videos.items()]
    lines += ["", *people_lines(status["mentors"])]
    last = status["last_run"]
    if last:
        how = last["result"] or "did not end (still running, or it was killed)"
        lines += ["", f"last harvest {ago(last['started_at'], now)}: {how}"]
    else:
        lines += ["", "never harvested yet: mentor harvest"]
    quota = status["quota"]
    lines.append(f"quota used today: {quota['used']} of {quota['daily_units']} units")
    resting = status["resting_until"]
    if resting and datetime.fromisoformat(resting) > now:
        until = datetime.fromisoformat(resting)
        lines.append(f"YouTube asked for patience: transcripts go on after {until:%Y-%m-%d %H:%M} UTC")
    if status["index_revision"] is None:
        lines.append("no search index yet: mentor index")
    return lines


def people_lines(mentors: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line a mentor: slug, kind, how many videos have text, topics."""
    if not mentors:
        return ["nobody is followed yet: mentor follow @handle, or try mentor demo"]
    rows = []
    for mentor in mentors:
        videos = mentor["videos"]
        wanted = sum(videos.values()) - videos.get(State.EXCLUDED.value, 0)
        share = f"{videos.get(State.TEXT.value, 0)} of {wanted} with text"
        rows.append((mentor["slug"], mentor["name"], mentor["kind"], share, ", ".join(mentor["topics"])))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join(map(str.ljust, row, [*widths, 0])).rstrip() for row in rows]


def ago(moment: str, now: datetime) -> str:
    """How long ago an ISO 8601 moment was, in words."""
    seconds = (now - datetime.fromisoformat(moment)).total_seconds()
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def _counted(states: Counter[State]) -> dict[str, int]:
    return {state.value: states[state] for state in State if states[state]}


def _run(run: Run) -> dict[str, Any]:
    return {
        "started_at": to_text(run.started_at),
        "ended_at": to_text(run.ended_at),
        "result": run.result,
        "summary": run.summary,
    }
