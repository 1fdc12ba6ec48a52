"""How fast are our engines, side by side with others, on this machine?

    python -m benchmarks.run WORK [--size S] [--rounds 3] [--engines ours arrays fts5 …] [--steps build ask …]

WORK holds the corpora that ``python -m benchmarks.corpus`` made, and gets an index of each engine and the figures,
``figures-S.json``: steps can be run one by one, and of few engines. ``python -m benchmarks.tables WORK`` writes the
tables into docs/performance.md.

Engines take turns (A B C A B C …), so that what else the machine does befalls all of them. Each runs in a
process of its own; figures are medians of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.asks import Ask, asks
from benchmarks.engines import ENGINES
from benchmarks.engines.texts import FILE as TEXTS
from benchmarks.talks import read

#: An engine that took longer than this to build is not built again for the further rounds, in seconds.
LONG_S = 20
#: Talks added at once; nights of a year and talks a night.
ADDED, NIGHTS, EACH_NIGHT = 20, 365, 5

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured, where, and what was found so far, which is kept after each step."""

    work: Path
    size: str
    rounds: int
    engines: tuple[str, ...]
    pythons: dict[str, str]
    nights: int
    figures: dict[str, Any]

    @property
    def corpus(self) -> Path:
        return self.work / f"{self.size}.jsonl"

    def folder(self, name: str) -> Path:
        return self.work / self.size / name

    def found(self, step: str) -> dict[str, Any]:
        """The figures of a step by engine."""
        step_figures: dict[str, Any] = self.figures.setdefault(step, {})
        return step_figures

    def keep(self) -> None:
        path = self.work / f"figures-{self.size}.json"
        path.write_text(json.dumps(self.figures, indent=1), encoding="utf-8")

    def command(self, verb: str, name: str, *more: object, folder: Path | None = None) -> list[str]:
        python = self.pythons.get(name, sys.executable)
        return [python, "-m", "benchmarks.worker", verb, name, str(folder or self.folder(name)), *map(str, more)]

    def run(self, verb: str, name: str, *more: object, folder: Path | None = None) -> Any:
        """What a worker says. Raises SystemExit where it fails."""
        command = self.command(verb, name, *more, folder=folder)
        done = subprocess.run(
            command, cwd=_ROOT, env=environment(self.work), stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{name}: {verb} failed")
        return json.loads(done.stdout)


def main() -> None:
    args = _arguments()
    path = args.work / f"figures-{args.size}.json"
    figures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    pythons = dict(pair.split("=", 1) for pair in args.python)
    bench = Bench(args.work.absolute(), args.size, args.rounds, tuple(args.engines), pythons, args.nights, figures)
    figures["machine"] = _machine()
    present = tuple(_present(bench))
    bench.keep()
    for step in args.steps:
        STEPS[step](bench, present)
        bench.keep()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the search engines side by side.")
    parser.add_argument("work", type=Path)
    parser.add_argument("--size", default="S", choices=["S", "M", "L"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--steps", nargs="*", default=list(STEPS), choices=list(STEPS))
    parser.add_argument("--nights", type=int, default=NIGHTS, help="how many nights a year has")
    parser.add_argument("--python", nargs="*", default=[], metavar="ENGINE=PATH", help="another interpreter for one")
    return parser.parse_args()


def environment(work: Path, **more: str) -> dict[str, str]:
    """For processes that are timed: modules are compiled once, into WORK, whatever is set outside."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(work.absolute() / "bytecode"), "PYTHONWARNINGS": "ignore"} | more


def _machine() -> str:
    """What the figures were measured on, as far as the system tells."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    load = f", load {os.getloadavg()[0]:.1f} when begun" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores, {model}, {platform.system()}, Python {platform.python_version()}{load}"


def _present(bench: Bench) -> Iterator[str]:
    """The engines whose package is there; the others are noted as missing, and said."""
    for name in bench.engines:
        bench.folder(name).mkdir(parents=True, exist_ok=True)
        version = bench.run("version", name)
        bench.found("versions")[name] = version
        if version is None:
            _say(f"{name}: its package is missing")
        else:
            yield name


def build(bench: Bench, present: tuple[str, ...]) -> None:
    """Each engine anew from the corpus, and how large its files became."""
    found = bench.found("build")
    fresh: dict[str, list[Any]] = {name: [] for name in ("nothing", *present)}
    for _ in range(bench.rounds):
        for name, rounds in fresh.items():
            if rounds and rounds[-1]["wall_s"] > LONG_S:
                continue
            _empty(bench.folder(name))
            rounds.append(bench.run("build", name, bench.corpus))
            _say(f"{name}: built in {rounds[-1]['cpu_s']:.1f} s of CPU")
    for name, rounds in fresh.items():
        found[name] = {"rounds": rounds, **_sizes(bench.folder(name))}
    counts = [(len(talk.pieces), sum(len(piece.text.encode()) for piece in talk.pieces)) for talk in read(bench.corpus)]
    bench.figures["corpus"] = {
        "talks": len(counts),
        "passages": sum(count for count, _ in counts),
        "text_bytes": sum(size for _, size in counts),
    }


def ask(bench: Bench, present: tuple[str, ...]) -> None:
    """Every question to every engine in turn, all of them held open; the round before the first does not count."""
    asked = questions(bench.work)
    bench.figures["asks"] = list(map(asdict, asked))
    found = bench.found("ask")
    found.update({name: [[] for _ in asked] for name in present})
    with ExitStack() as stack:
        serving = {name: stack.enter_context(_serving(bench, name)) for name in present}
        for round_ in range(bench.rounds + 1):
            for number, question in enumerate(asked):
                for name, answer in serving.items():
                    answered = answer(question)
                    if round_:
                        found[name][number].append(answered)
            _say(f"round {round_} of questions done")


@contextmanager
def _serving(bench: Bench, name: str, folder: Path | None = None) -> Iterator[Callable[[Ask], Any]]:
    """A worker that answers questions until the block ends."""
    command = bench.command("serve", name, folder=folder)
    with subprocess.Popen(
        command, cwd=_ROOT, env=environment(bench.work), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        asked, answers = process.stdin, process.stdout

        def answer(question: Ask) -> Any:
            asked.write(json.dumps(asdict(question)) + "\n")
            asked.flush()
            line = answers.readline()
            if not line:
                raise SystemExit(f"{name}: cannot answer {question}")
            return json.loads(line)

        yield answer
        asked.close()


def questions(work: Path) -> list[Ask]:
    """Drawn from S, whatever the size, and kept in a file."""
    path = work / "asks.json"
    if not path.exists():
        path.write_text(json.dumps(list(map(asdict, asks(read(work / "S.jsonl"))))), encoding="utf-8")
    return [Ask(**{**one, "words": tuple(one["words"])}) for one in json.loads(path.read_text(encoding="utf-8"))]


def add(bench: Bench, present: tuple[str, ...]) -> None:
    """Twenty talks more, onto a copy of what was built."""
    found = bench.found("add")
    found.update({name: [] for name in present})
    for _ in range(bench.rounds):
        for name in present:
            with _copy(bench, name) as folder:
                found[name].append(bench.run("add", name, bench.work / "more.jsonl", 0, ADDED, folder=folder))
    _say("talks added")


def nights(bench: Bench, present: tuple[str, ...]) -> None:
    """A year of nightly commits onto a copy, and questions before and after, side by side with one built at once."""
    found = bench.found("nights")
    for name in present:
        if bench.found("add").get(name, [None])[0] is None:
            continue
        with _copy(bench, name) as grown, _copy(bench, name, "fresh") as fresh:
            commits = bench.run(
                "nights", name, bench.work / "more.jsonl", ADDED, bench.nights, EACH_NIGHT, folder=grown
            )
            whole = bench.work / "year.jsonl"
            _joined(bench, whole)
            _empty(fresh)
            bench.run("build", name, whole, folder=fresh)
            found[name] = {"commits": commits, "grown": _sizes(grown), "fresh": _sizes(fresh)}
            found[name].update(_compared(bench, name, grown, fresh))
        _say(f"{name}: {bench.nights} nights, the worst of {max(commit['wall_s'] for commit in commits):.2f} s")


def _joined(bench: Bench, path: Path) -> None:
    """The corpus and all that the nights add, as one file."""
    with path.open("wb") as whole:
        with bench.corpus.open("rb") as corpus:
            shutil.copyfileobj(corpus, whole)
        with (bench.work / "more.jsonl").open("rb") as more:
            lines = more.readlines()[ADDED : ADDED + bench.nights * EACH_NIGHT]
        whole.writelines(lines)


def _compared(bench: Bench, name: str, grown: Path, fresh: Path) -> dict[str, list[list[float]]]:
    """Milliseconds of each question to two indexes in turn, each asked for several rounds."""
    found: dict[str, list[list[float]]] = {"grown_ms": [], "fresh_ms": []}
    with _serving(bench, name, grown) as old, _serving(bench, name, fresh) as new:
        for question in questions(bench.work):
            answers = [(old(question), new(question)) for _ in range(bench.rounds)]
            if answers[0][0] is not None:
                for key, which in (("grown_ms", 0), ("fresh_ms", 1)):
                    found[key].append([answer[which]["ms"] for answer in answers])
    return found


def once(bench: Bench, present: tuple[str, ...]) -> None:
    """One question a process: its CPU from start to end."""
    asked = questions(bench.work)
    chosen = {kind: next(question for question in asked if question.kind == kind) for kind in ("rare", "or")}
    found = bench.found("once")
    found.update({name: {kind: [] for kind in chosen} for name in ("nothing", *present)})
    bare = [sys.executable, "-c", "import json, pathlib, benchmarks.asks, benchmarks.engines, benchmarks.talks"]
    for _ in range(bench.rounds):
        for kind, question in chosen.items():
            text = json.dumps(asdict(question))
            found["nothing"][kind].append(process(bare, environment(bench.work)))
            for name in present:
                found[name][kind].append(process(bench.command("once", name, text), environment(bench.work)))
    _say("processes of one question done")


def process(command: list[str], surroundings: dict[str, str], allowed: Container[int] = (0,)) -> dict[str, float]:
    """Milliseconds of a whole process, of CPU and of the clock. Raises SystemExit where it fails."""
    started = time.perf_counter()
    running = subprocess.Popen(command, cwd=_ROOT, env=surroundings, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(running.pid, 0)
    wall_s = time.perf_counter() - started
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode not in allowed:
        raise SystemExit(f"this failed: {shlex.join(command)}")
    return {"cpu_ms": (usage.ru_utime + usage.ru_stime) * 1000, "wall_ms": wall_s * 1000}


@contextmanager
def _copy(bench: Bench, name: str, suffix: str = "copy") -> Iterator[Path]:
    """A copy of an engine's files for as long as the block lasts."""
    copy = bench.folder(f"{name}.{suffix}")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(bench.folder(name), copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes of all files and of the table of texts among them; how many segments their names tell of."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        "bytes": sum(path.stat().st_size for path in files),
        "texts_bytes": sum(path.stat().st_size for path in files if path.name == TEXTS),
        "segments": len({path.name.split(".")[0] for path in files if path.name.startswith("MAIN_") and path.suffix}),
    }


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


STEPS: dict[str, Callable[[Bench, tuple[str, ...]], None]] = {
    "build": build,
    "ask": ask,
    "add": add,
    "nights": nights,
    "once": once,
}


if __name__ == "__main__":
    main()
