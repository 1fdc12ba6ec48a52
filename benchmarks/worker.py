"""What is done in a process of its own, so that its time and memory can be told apart?

    python -m benchmarks.worker VERB ENGINE FOLDER ...

Each verb prints a line of JSON; ``serve`` prints one for every line it reads. Engine ``nothing`` only reads its
talks: what that costs is in the figures of all others as well.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.asks import Ask
from benchmarks.engines import NotOffered, Yardstick, engine
from benchmarks.talks import BenchTalk, read

#: A question is asked up to so often in a row, and for at most so many seconds.
TIMES, SECONDS = 3, 0.5


class _Nothing:
    """Takes talks and forgets them."""

    def build(self, talks: Iterable[BenchTalk]) -> None:
        for _ in talks:
            pass


def main(arguments: list[str]) -> None:
    verb, *rest = arguments
    _VERBS[verb](*rest)


def version(name: str, folder: str) -> None:
    """The package's version; null where the package is missing."""
    try:
        _say(engine(name, Path(folder)).version())
    except ImportError:
        _say(None)


def build(name: str, folder: str, corpus: str) -> None:
    """Take in a corpus as it is read: CPU and wall seconds of the process from here on, and its peak memory."""
    taken: Any = _Nothing() if name == "nothing" else engine(name, Path(folder))
    _say(_timed(partial(taken.build, read(Path(corpus)))))


def add(name: str, folder: str, corpus: str, first: str, count: str) -> None:
    """Take in further talks in one commit, from opening the engine on."""
    talks = list(read(Path(corpus), int(first), int(count)))
    try:
        _say(_timed(lambda: engine(name, Path(folder)).add(talks)))
    except NotOffered:
        _say(None)


def nights(name: str, folder: str, corpus: str, first: str, count: str, each: str) -> None:
    """Commit ``count`` times ``each`` talks, one after the other: seconds of each commit."""
    taken = engine(name, Path(folder))
    found = []
    for night in range(int(count)):
        talks = list(read(Path(corpus), int(first) + night * int(each), int(each)))
        found.append(_timed(partial(taken.add, talks)))
    _say(found)


def once(name: str, folder: str, question: str) -> None:
    """Ask a single question, as a command would; the caller measures the process."""
    asked = Ask(**json.loads(question))
    taken = engine(name, Path(folder))
    taken.open()
    try:
        _say(len(taken.answer(asked)))
    except NotOffered:
        _say(None)


def serve(name: str, folder: str) -> None:
    """For every question read: milliseconds of CPU and of the clock, medians of a few tries, and where the hits are."""
    taken = engine(name, Path(folder))
    taken.open()
    for line in sys.stdin:
        try:
            _say(_asked(taken, Ask(**json.loads(line))))
        except NotOffered:
            _say(None)


def _asked(taken: Yardstick, ask: Ask) -> dict[str, Any]:
    rows = taken.answer(ask)
    cpu: list[float] = []
    wall: list[float] = []
    while len(cpu) < TIMES and sum(wall) < SECONDS:
        started, started_cpu = time.perf_counter(), time.process_time()
        taken.answer(ask)
        cpu.append(time.process_time() - started_cpu)
        wall.append(time.perf_counter() - started)
    return {
        "ms": statistics.median(cpu) * 1000,
        "wall_ms": statistics.median(wall) * 1000,
        "hits": [(row.video, row.start_ms) for row in rows],
        "memory_mb": _memory_mb(),
    }


def _timed(work: Callable[[], None]) -> dict[str, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_mb": _peak_mb(),
    }


def _peak_mb() -> float:
    """The most memory that this process ever held; Linux's getrusage counts that of its parent as well."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) / 1000 for line in status.open() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _memory_mb() -> float:
    """What the process holds now; 0 where the system does not tell."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * resource.getpagesize() / 1e6 if status.exists() else 0.0


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


_VERBS: dict[str, Callable[..., None]] = {
    "version": version,
    "build": build,
    "add": add,
    "nights": nights,
    "once": once,
    "serve": serve,
}


if __name__ == "__main__":
    main(sys.argv[1:])
