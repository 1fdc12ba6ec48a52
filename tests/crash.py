"""How is the program killed, or halted, at a chosen point of its work?

Points are what a process does to the files of its home: statements of SQLite that write, files opened
for writing, flushed, renamed, removed. They come in the same order each time, so that the fifth of
one run is the fifth of the next. The program runs in a fork of this process, where nothing has to be
imported again once it has warmed up; there the points are counted, and at the chosen one the process
gets a signal.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import cli
from harvester.samples import LECTURERS, folder

_READS = ("SELECT", "PRAGMA QUICK_CHECK", "PRAGMA USER_VERSION")
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate"}
# Tables that tell when something happened rather than what there is.
_HISTORY = {"runs", "quota", "meta"}
# Talks that are there on the first of two nights.
FEW = ("The first number", "Feedback while it is warm", "Shaking hands, steady voice")


@dataclass
class Points:
    """Counts what this process does to files under ``home``, and does ``act`` at the ``at``-th (from 1)."""

    home: Path
    at: int = 0
    act: Callable[[], object] = lambda: None
    log: Path | None = None
    reads: bool = False
    """Whether opening a file for reading is a point, too."""
    seen: int = 0

    def watch(self) -> None:
        """Begin; it ends with the process."""
        sys.addaudithook(self._audit)
        connect, fsync = sqlite3.connect, os.fsync

        def connected(*words: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*words, **options)
            connection.set_trace_callback(self._statement)
            return connection

        def synced(file: int) -> None:
            self.reach("fsync")
            fsync(file)

        sqlite3.connect, os.fsync = connected, synced  # type: ignore[assignment]

    def _statement(self, text: str) -> None:
        if not text.upper().startswith(_READS):
            self.reach("sql " + " ".join(text.split())[:60])

    def _audit(self, event: str, words: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = words
            writes = set(mode or "") & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR)
            if (writes or self.reads) and self._inside(path):
                self.reach(f"open {path}")
        elif event in _CHANGES and self._inside(words[0]):
            self.reach(f"{event} {' '.join(map(str, words[:2]))}")

    def _inside(self, path: object) -> bool:
        return isinstance(path, str | os.PathLike) and str(path).startswith(f"{self.home}{os.sep}")

    def reach(self, what: str) -> None:
        """Note a point; act if it is the chosen one."""
        self.seen += 1
        if self.log:
            # Not by open(), which would be a point itself.
            file = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(file, (what.replace(str(self.home), "~") + "\n").encode())
            os.close(file)
        if self.seen == self.at:
            self.act()


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def halt() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def fill_the_disk() -> None:
    """From now on nothing can be written to any file (but to the pipe that output goes to)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def spread(points: Sequence[str], number: int) -> list[int]:
    """``number`` points (counted from 1) or a few more, spread over all, some of them in each phase of the work."""
    phases: dict[str, list[int]] = {}
    for at, what in enumerate(points, 1):
        phases.setdefault(phase(what), []).append(at)
    chosen = {at for found in phases.values() for at in _evenly(found, 2)}
    more = number - len(chosen)
    while len(chosen) < min(number, len(points)):
        chosen.update(_evenly(range(1, len(points) + 1), more))
        more += 1
    return sorted(chosen)


def phase(what: str) -> str:
    """The part of the work that a point belongs to."""
    if "CURRENT" in what:
        return "publish"
    if "/search/" in what:
        return "index"
    words = what.upper()
    return "schema" if "CREATE" in words or "USER_VERSION =" in words else "harvest"


def _evenly(found: Sequence[int], number: int) -> Iterator[int]:
    number = min(number, len(found))
    return (found[round(n * (len(found) - 1) / max(1, number - 1))] for n in range(number))


# --- running the program ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, or less than 0 the signal; and all it said."""

    code: int
    said: str
    seconds: float


@dataclass
class Running:
    """A process of the program, in a fork of this one."""

    pid: int
    output: int
    began: float

    def ended(self) -> Ended:
        """Wait for its end."""
        with os.fdopen(self.output, encoding="utf-8") as output:
            said = output.read()
        _, status = os.waitpid(self.pid, 0)
        return Ended(os.waitstatus_to_exitcode(status), said, time.monotonic() - self.began)

    def halted(self) -> bool:
        """Wait until it halts (True) or ends."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        return os.WIFSTOPPED(status)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


def start(home: Path, *words: str, before: Callable[[], object] = lambda: None) -> Running:
    """Start ``mentor`` with these words; ``before`` is called in its process first."""
    output, entrance = os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if pid:
        os.close(entrance)
        return Running(pid, output, began)
    code: object = 99
    try:
        os.dup2(entrance, 1)
        os.dup2(entrance, 2)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
        os.environ["MENTOR_HOME"] = str(home)
        before()
        cli.cli(list(words), prog_name="mentor")
    except SystemExit as end:
        code = end.code or 0
    except BaseException as error:
        os.write(2, f"Traceback: {error!r}".encode())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 99)


def run(home: Path, *words: str, before: Callable[[], object] = lambda: None) -> Ended:
    """Run ``mentor`` to its end."""
    return start(home, *words, before=before).ended()


def points_of(home: Path, *words: str, reads: bool = False) -> list[str]:
    """Run ``mentor`` undisturbed; what it did to its files, in order."""
    log = home.with_name(f"{home.name}.points")
    log.unlink(missing_ok=True)
    ended = run(home, *words, before=Points(home, log=log, reads=reads).watch)
    assert ended.code == 0, ended.said
    return log.read_text(encoding="utf-8").splitlines()


def killed_at(at: int, home: Path, *words: str) -> Ended:
    """Run ``mentor`` and kill it at a point."""
    return run(home, *words, before=Points(home, at, kill).watch)


@contextmanager
def halted_at(at: int, home: Path, *words: str, reads: bool = False) -> Iterator[Running]:
    """``mentor``, halted at a point; it goes on at the end of the block. Fails where it ended before."""
    process = start(home, *words, before=Points(home, at, halt, reads=reads).watch)
    assert process.halted(), process.ended()
    try:
        yield process
    finally:
        process.go_on()


# --- what it works on ------------------------------------------------------------------------------


class World:
    """Folders of talks, a home that follows them, and a note of every caption file read."""

    def __init__(self, root: Path) -> None:
        self.talks = root / "talks"
        self.reads = root / "reads"
        self.home = root / "home"
        self.home.mkdir(parents=True)
        config = ""
        for lecturer in LECTURERS:
            place = self.talks / lecturer.slug
            place.mkdir(parents=True)
            config += f'[mentors.{lecturer.slug}]\nname = "{lecturer.name}"\nfollow = ["{place}"]\n'
        (self.home / "config.toml").write_text(config, encoding="utf-8")

    def publish(self, *titles: str) -> None:
        """Put talks into the folders; all, where no title is named."""
        for lecturer in LECTURERS:
            for file in folder(lecturer.slug).iterdir():
                if not titles or file.name.startswith(titles):
                    shutil.copy(file, self.talks / lecturer.slug)

    def read(self) -> list[str]:
        """Ids of the talks whose text was read since the last call, in order."""
        found = self.reads.read_text(encoding="utf-8").split() if self.reads.exists() else []
        self.reads.unlink(missing_ok=True)
        return found

    def start_over(self, kept: Path) -> None:
        shutil.rmtree(self.home)
        shutil.copytree(kept, self.home)
        self.read()


@cache
def warm_up() -> None:
    """Have all imported that a fork would import: most of the time of a small harvest, and files opened on the way."""
    with tempfile.TemporaryDirectory() as root:
        world = World(Path(root))
        world.publish()
        copy = str(world.home / "copy.db")
        for words in ("harvest", "index --rebuild", "search negotiation", "export negotiation", "status"):
            in_this_process(world.home, *words.split())
        in_this_process(world.home, "backup", copy)


def in_this_process(home: Path, *words: str) -> str:
    """Run ``mentor`` without a fork; what it printed."""
    told = CliRunner().invoke(cli.cli, list(words), env={"MENTOR_HOME": str(home)}, prog_name="mentor")
    assert told.exit_code in (0, 1), told.output
    return told.stdout


def first_night(world: World) -> None:
    """Nothing is there yet: the library is made, and the index built and published."""
    world.publish()


def later_night(world: World) -> None:
    """Some talks are known: the others are added to the library and to the index in use."""
    world.publish(*FEW)
    assert run(world.home, "harvest").code == 0
    world.publish()


# --- what there is afterwards ----------------------------------------------------------------------


def contents(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """All the library holds, table by table, without when it came to be."""
    with sqlite3.connect(f"file:{home / 'library.db'}?mode=ro", uri=True) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {table: _rows(database, table) for table in tables if table not in _HISTORY}
    database.close()
    return found


def _rows(database: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    shown = [_what(column) for column in columns if not _is_when(table, column)]
    return sorted(database.execute(f"SELECT {', '.join(shown)} FROM {table}").fetchall(), key=repr)


def _is_when(table: str, column: str) -> bool:
    return column in ("at", "run", "revision") or (table, column) == ("transcripts", "id")


def _what(column: str) -> str:
    """Of a moment only whether there is one."""
    return f"{column} IS NULL" if column.endswith("_at") else column


def answers(home: Path, questions: Iterable[str]) -> dict[str, object]:
    """What searches find, best first.

    Scores may differ a little: talks taken in a second time count twice in them until they are merged.
    """
    found: dict[str, object] = {}
    for question in questions:
        told = in_this_process(home, "search", question, "--limit", "1000", "--json")
        found[question] = [(hit["clip_id"], hit["text"]) for hit in json.loads(told)["hits"]]
    return found


def litter(home: Path) -> list[str]:
    """Files of the index that nothing needs any more."""
    search = home / "search"
    current = (search / "CURRENT").read_text(encoding="utf-8").strip()
    return [path.name for path in search.iterdir() if path.name not in ("CURRENT", current)]
