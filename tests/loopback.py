"""How is the whole program tried against a YouTube of its own, night after night?

``MENTOR_LOOPBACK_YOUTUBE`` names a program that plays YouTube on the loopback of this machine. Told
``--print-env --format json`` it starts a server in the background and prints the variables that lead
a Python program there; by the ends of their names, ``_URL`` is where to control it (POST /__control)
and to ask what is true (/__truth) and what was asked (/__stats), ``_API_KEY`` a key it accepts, ``_NAMES``
the hosts that are looked for there, and ``_PID`` its process. Without the variable these tests are skipped.

The program under test runs as it is, in a process of its own, but for its clock: that is set to the
night, and sleeping moves it on instead of waiting.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from library.models import Origin, State, Transcript
from library.moments import from_text
from library.store import Store

VARIABLE = "MENTOR_LOOPBACK_YOUTUBE"
ROOT = Path(__file__).resolve().parent.parent
KEY_VARIABLE = "MENTOR_YOUTUBE_API_KEY"
# The form of every key of Google's, the one that YouTube's own pages hold included.
KEY_MARK = "AIza"

_WITH_A_CLOCK = """
import sys, time
from datetime import UTC, datetime, timedelta
from library import moments

ahead = datetime.fromisoformat(sys.argv.pop(1)) - datetime.now(UTC)

def sleep(seconds):
    global ahead
    ahead += timedelta(seconds=seconds)

moments.utc_now = lambda: datetime.now(UTC) + ahead
time.sleep = sleep
import cli
cli.main()
"""


def required() -> str:
    """The program that plays YouTube; skips the module that calls this where none is named."""
    program = os.environ.get(VARIABLE, "")
    if not program:
        pytest.skip(f"NOT RUN: {VARIABLE} names no program that plays YouTube", allow_module_level=True)
    return program


@dataclass(frozen=True)
class YouTube:
    """A running server. ``environment`` leads a program to it; None for a variable that must go."""

    environment: Mapping[str, str | None]

    def _ending(self, end: str) -> str:
        return next(value for name, value in self.environment.items() if name.endswith(end) and value)

    @property
    def key(self) -> str:
        return self._ending("_API_KEY")

    @property
    def pid(self) -> int:
        return int(self._ending("_PID"))

    @property
    def address(self) -> str:
        """Host and port; it is a proxy there as well."""
        return self._ending("_URL").removeprefix("http://").rstrip("/")

    def also(self, host: str) -> YouTube:
        """The same server, where programs look for one more host."""
        names = next(name for name in self.environment if name.endswith("_NAMES"))
        return YouTube({**self.environment, names: f"{self.environment[names]},{host}"})

    def ask(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self._ending("_URL") + path, data, timeout=60) as answer:
            return json.load(answer)

    def control(self, *commands: Mapping[str, Any]) -> None:
        self.ask("/__control", list(commands))

    def truth(self) -> dict[str, Any]:
        """What a perfect harvester would hold tonight."""
        return dict(self.ask("/__truth"))

    def stats(self, log: int = 0) -> dict[str, Any]:
        """Counts since they were last reset."""
        return dict(self.ask(f"/__stats?log={log}"))

    def night(self) -> datetime:
        """The moment it is there."""
        moment = from_text(self.stats()["clock"])
        assert moment
        return moment


@contextmanager
def playing(program: str, *options: str) -> Iterator[YouTube]:
    """A server of one's own, stopped at the end."""
    command = [program, "--print-env", "--format", "json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    youtube = YouTube(json.loads(done.stdout))
    try:
        yield youtube
    finally:
        os.kill(youtube.pid, signal.SIGTERM)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def summary(self) -> str:
        """The one line that sums up a harvest; fails where there is not exactly one."""
        [line] = [line for line in self.err.splitlines() if re.match(r"[0-9]+ lecturers?, [0-9]+ new, ", line)]
        return line


@dataclass
class Home:
    """One user's machine: a configuration, a library, and the command."""

    folder: Path
    youtube: YouTube
    settings: dict[str, str] = field(default_factory=dict)

    def follow(self, **channels: str) -> None:
        """Write the configuration: mentors by slug, each with one channel."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = "".join(f'[mentors.{slug}]\nfollow = ["{channel}"]\n' for slug, channel in channels.items())
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def __call__(self, *words: str, after: timedelta = timedelta()) -> Ran:
        """Run the command on the server's night. No traceback, no key: not shown, not kept."""
        at = self.youtube.night() + after
        command = [sys.executable, "-c", _WITH_A_CLOCK, at.isoformat(), *words]
        done = subprocess.run(command, capture_output=True, text=True, env=self._environment(), cwd=ROOT, timeout=600)
        shown = done.stdout + done.stderr
        assert "Traceback" not in shown, shown
        assert "unexpected error" not in shown, shown
        assert KEY_MARK not in shown, "a key is shown"
        assert not self.keys_kept(), "a key is kept"
        return Ran(done.returncode, done.stdout, done.stderr)

    def keys_kept(self) -> list[Path]:
        """The files that hold a key."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return [path for path in files if KEY_MARK.encode() in path.read_bytes()]

    def _environment(self) -> dict[str, str]:
        """What is set here counts over what leads to the server; "" stands for a variable that must go."""
        leading = {name: value or "" for name, value in self.youtube.environment.items()}
        own = {KEY_VARIABLE: self.youtube.key, "MENTOR_HOME": str(self.folder), "MENTOR_DEBUG": ""}
        given = {**os.environ, **leading, **own, **self.settings}
        return {name: value for name, value in given.items() if value}

    @contextmanager
    def library(self) -> Iterator[Store]:
        with Store.open(self.folder / "library.db", read_only=True) as store:
            yield store


# --- is the library true? --------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """What the library holds of one video."""

    state: State
    reason: str
    next_try_at: datetime | None
    title: str
    gone: bool
    text: Transcript | None

    @property
    def digest(self) -> str:
        return digest(snippet.text for snippet in self.text.snippets) if self.text else ""


def kept(home: Home) -> dict[str, Kept]:
    """All the library holds, by video id."""
    with home.library() as store:
        rows = store._rows("SELECT id, state, reason, next_try_at, title, gone_at FROM videos")
        return {
            video_id: Kept(State(state), reason, from_text(again), title, gone is not None, store.transcript(video_id))
            for video_id, state, reason, again, title, gone in rows
        }


@dataclass(frozen=True)
class Behind:
    """A video whose text is not yet what YouTube has, and when it will be asked for again."""

    video_id: str
    what: str
    next_try_at: datetime | None


def digest(lines: Iterable[str]) -> str:
    """Of a text's lines, as the server tells it of each of its tracks."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def behind(
    home: Home, truth: Mapping[str, Any], handles: Collection[str], kept_as: Mapping[str, str] = MappingProxyType({})
) -> list[Behind]:
    """In what the library differs from the truth: the texts of all that these channels list.

    ``kept_as`` has the digests of texts that are not kept letter by letter, with those of what is kept.
    """
    library, found = kept(home), []
    for channel in truth["channels"].values():
        if channel["handle"] in handles:
            for video_id in channel["uploads"]:
                what = _difference(library.get(video_id), truth, video_id, kept_as)
                if what:
                    known = library.get(video_id)
                    found.append(Behind(video_id, what, known.next_try_at if known else None))
    return found


def _difference(known: Kept | None, truth: Mapping[str, Any], video_id: str, kept_as: Mapping[str, str]) -> str:
    if known is None:
        return "not listed"
    tracks = truth["transcripts"].get(video_id, [])
    if video_id in truth["not_playable"]:
        # What was read before it went away stays.
        return "" if known.state not in (State.WAITING, State.FAILED) else f"{known.state}, but not playable"
    if not tracks:
        return "" if known.state in (State.NO_CAPTIONS, State.TEXT) else f"{known.state}, but without captions"
    if known.text is None:
        return f"{known.state}, but has captions"
    return "" if _is_best(known, tracks, kept_as) else "has other captions"


def _is_best(known: Kept, tracks: list[dict[str, Any]], kept_as: Mapping[str, str]) -> bool:
    """Whether the text is that of a track of its language, people's captions before automatic ones."""
    assert known.text
    there = [track for track in tracks if track["language"] == known.text.language]
    best = [track for track in there if track["kind"] == "manual"] or there
    origin = {"manual": Origin.MANUAL, "asr": Origin.GENERATED}
    return any(
        kept_as.get(track["sha256"], track["sha256"]) == known.digest and origin[track["kind"]] is known.text.origin
        for track in best
    )
