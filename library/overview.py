"""How does the library stand? What `mentor status` and `mentor people` tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from library.cells import columns, padded, wrap
from library.journal import Run, renewal
from library.models import STATE_WORDS, State
from library.moments import ago, to_text
from library.reading import Outlook
from library.store import Store
from library.wording import counted


def overview(store: Store, now: datetime, daily_units: int, index_revision: int | None) -> dict[str, Any]:
    """Counts for machines; docs/output.md describes the shape (schema 1).

    ``index_revision`` is None where there is no index, or one of another library.
    """
    by_mentor, outlooks = store.states_by_mentor(), store.outlook(now - timedelta(days=7))
    nothing, (states, speech_ms) = Outlook(0, 0, None), store.extent()
    runs = store.journal.runs()
    return {
        "schema": 1,
        "videos": _counted(states),
        "hours": round(speech_ms / 3_600_000, 1),
        "mentors": [
            {
                "slug": mentor.slug,
                "name": mentor.name,
                "kind": mentor.kind.value,
                "topics": list(mentor.topics),
                "videos": _counted(by_mentor[mentor.slug]),
                "new": (outlook := outlooks.get(mentor.slug, nothing)).new,
                "gone": outlook.gone,
                "next_try_at": to_text(outlook.next_try_at),
            }
            for mentor in store.mentors()
        ],
        "last_run": _run(runs[0]) if runs else None,
        "runs": [_run(run) for run in runs],
        "quota": {
            "used": store.journal.spent("units", now),
            "daily_units": daily_units,
            "renews_at": to_text(renewal(now)),
        },
        "resting_until": to_text(store.journal.noted("rest_until")),
        "library_revision": store.revision(),
        "index_revision": index_revision,
    }


def status_lines(status: Mapping[str, Any], now: datetime, width: int | None = None) -> list[str]:
    """The overview for people; lines are wrapped at ``width`` columns, where one is given."""
    videos = status["videos"]
    counts = counted(sum(videos.values()), "video"), counted(len(status["mentors"]), "mentor")
    lines = [f"{' of '.join(counts)}, {status['hours']} hours with text"]
    lines += [f"  {count:>6}  {STATE_WORDS[State(state)]}" for state, count in videos.items()]
    lines.append("")
    for person, mentor in zip(_people(status["mentors"], width), status["mentors"], strict=True):
        lines += [*person, *_waiting(mentor, status["resting_until"] or "", width)]
    lines += people_lines([]) if not status["mentors"] else []
    lines.append("")
    for number, run in enumerate(status["runs"]):
        lines += _run_lines(run, now, width, newest=number == 0)
    lines += [] if status["runs"] else ["never harvested yet: mentor harvest"]
    quota = status["quota"]
    renews = f", anew from {datetime.fromisoformat(quota['renews_at']):%Y-%m-%d %H:%M} UTC" if quota["used"] else ""
    lines += _wrapped("", f"quota used today: {quota['used']} of {quota['daily_units']} units{renews}", 4, width)
    resting = status["resting_until"]
    if resting and datetime.fromisoformat(resting) > now:
        until = datetime.fromisoformat(resting)
        lines += _wrapped(
            "", f"YouTube asked for patience: transcripts go on after {until:%Y-%m-%d %H:%M} UTC", 4, width
        )
    if status["index_revision"] is None:
        lines.append("no search index yet: mentor index")
    return lines


def _waiting(mentor: Mapping[str, Any], resting_until: str, width: int | None) -> list[str]:
    """What is new, what has no text and why, and when that is looked into; no line where there is nothing."""
    left = {s: n for s, n in mentor["videos"].items() if s not in (State.TEXT.value, State.EXCLUDED.value)}
    told = [f"{mentor['new']} new this week"] if mentor["new"] else []
    told += [f"{count} {STATE_WORDS[State(state)]}" for state, count in left.items()]
    told += [f"{mentor['gone']} gone from YouTube"] if mentor["gone"] else []
    if left and mentor["next_try_at"]:
        at = datetime.fromisoformat(max(mentor["next_try_at"], resting_until))
        told.append(f"next try from {at:%Y-%m-%d %H:%M} UTC")
    return _wrapped("    ", " · ".join(told), 4, width) if told else []


def _run_lines(run: Mapping[str, Any], now: datetime, width: int | None, *, newest: bool) -> list[str]:
    """How a harvest ended; of the newest, too, what could not be listed and why."""
    how = run["result"] or ("did not end (still running, or it was killed)" if newest else "it was killed")
    done = run["summary"]
    counts = f" · {done['new']} new, {counted(done['transcripts'], 'transcript')}" if "transcripts" in done else ""
    stopped = f" · stopped: {done['stopped']}" if done.get("stopped") else ""
    lines = _wrapped(
        "", f"harvest {ago(datetime.fromisoformat(run['started_at']), now)}: {how}{counts}{stopped}", 4, width
    )
    for failed in done.get("failed_listings", ()) if newest else ():
        lines += _wrapped("    ", failed, 4, width)
    return lines


def people_lines(mentors: Sequence[Mapping[str, Any]], width: int | None = None) -> list[str]:
    """A line a mentor: slug, name, kind, how many videos have text, topics; two or more where ``width`` is short."""
    if not mentors:
        return ["nobody is followed yet: mentor follow @handle, or try mentor demo"]
    return [line for person in _people(mentors, width) for line in person]


def _people(mentors: Sequence[Mapping[str, Any]], width: int | None) -> list[list[str]]:
    rows = []
    for mentor in mentors:
        videos = mentor["videos"]
        wanted = sum(videos.values()) - videos.get(State.EXCLUDED.value, 0)
        share = f"{videos.get(State.TEXT.value, 0)} of {wanted} with text"
        rows.append((mentor["slug"], mentor["name"], mentor["kind"], share, ", ".join(mentor["topics"])))
    lines = _in_columns(rows)
    if width is None or max(map(columns, lines), default=0) <= width:
        return [[line] for line in lines]
    heads = _in_columns([(slug, kind, share) for slug, _, kind, share, _ in rows])
    rest = [name + (f": {topics}" if topics else "") for _, name, _, _, topics in rows]
    return [[head, *_wrapped("    ", more, 4, width)] for head, more in zip(heads, rest, strict=True)]


def _in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(padded, row, widths)).rstrip() for row in rows]


def _wrapped(head: str, text: str, indent: int, width: int | None) -> list[str]:
    """``head`` and ``text`` in lines of ``width`` columns at most, all but the first indented by ``indent``.

    The head is no wider than that.
    """
    if width is None:
        return [head + text]
    lines = [text[start:end] for start, end in wrap(text, width - indent)]
    return [head + lines[0], *(" " * indent + line for line in lines[1:])]


def video_lines(store: Store, width: int | None = None) -> list[str]:
    """For each video without text: id, when it is asked for next, title and why; wrapped at ``width``, if given."""
    lines = []
    for video, state, reason, next_try_at in store.without_text():
        again = f"{next_try_at:%Y-%m-%d %H:%M}" if next_try_at and state is not State.EXCLUDED else "not by itself"
        head = f"{video.id}  {again:16}  "
        lines += _wrapped(head, f"{video.title}: {reason or STATE_WORDS[state]}", len(head), width)
    return lines or ["every video has text"]


def _counted(states: Counter[State]) -> dict[str, int]:
    return {state.value: states[state] for state in State if states[state]}


def _run(run: Run) -> dict[str, Any]:
    return {
        "started_at": to_text(run.started_at),
        "ended_at": to_text(run.ended_at),
        "result": run.result,
        "summary": run.summary,
    }
