"""How are the figures told?

    python -m benchmarks.tables WORK [--into docs/performance.md]

writes tables of all sizes that were measured in WORK between the two markers of a Markdown file, or to standard
output.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.asks import KINDS
from benchmarks.engines import ENGINES

BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
OURS, OTHERS = ("ours", "arrays"), ("fts5", "tantivy")
ALL = "**all**"

Figures = dict[str, Any]
Rows = Iterable[Sequence[object]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the figures as Markdown.")
    parser.add_argument("work", type=Path)
    parser.add_argument("--into", type=Path, help="a file with the two markers")
    args = parser.parse_args()
    sizes = [(size, path) for size in "SML" if (path := args.work / f"figures-{size}.json").exists()]
    text = "\n".join(line for size, path in sizes for line in _told(size, json.loads(path.read_text("utf-8"))))
    if not args.into:
        sys.stdout.write(text)
        return
    page = args.into.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    args.into.write_text(f"{before}{BEGIN}{text}\n{END}{after}", encoding="utf-8")


def _told(size: str, figures: Figures) -> Iterator[str]:
    corpus = figures["corpus"]
    yield (
        f"## {size}: {corpus['talks']:,} talks, {corpus['passages']:,} passages, "
        f"{corpus['text_bytes'] / 1e6:.0f} MB of text\n"
    )
    yield f"{figures['machine']}. {_versions(figures)}\n"
    for title, step, tell in _TABLES:
        if step in figures:
            yield f"### {title}\n"
            yield from tell(figures)
            yield ""


def _versions(figures: Figures) -> str:
    told = [
        f"{name}: {version or 'its package is missing, not measured'}" for name, version in _listed(figures["versions"])
    ]
    return "; ".join(told) + "."


def _listed(by_engine: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Engines in their order, those that were measured."""
    return ((name, by_engine[name]) for name in ENGINES if name in by_engine)


def _table(head: Sequence[str], rows: Rows) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---|" + "---:|" * (len(head) - 1)
    yield from (f"| {' | '.join(map(str, row))} |" for row in rows)


def _building(figures: Figures) -> Iterator[str]:
    found, corpus = figures["build"], figures["corpus"]
    reading = _middle(found["nothing"]["rounds"], "peak_mb")
    fts5_s = _middle(found["fts5"]["rounds"], "cpu_s") if "fts5" in found else None

    def rows() -> Rows:
        for name, built in _listed(found):
            cpu_s, index = _middle(built["rounds"], "cpu_s"), built["bytes"] - built["texts_bytes"]
            yield (
                name,
                f"{cpu_s:.1f}",
                f"{_middle(built['rounds'], 'wall_s'):.1f}",
                f"{corpus['passages'] / cpu_s:,.0f}",
                f"{fts5_s / cpu_s:.2f}" if fts5_s else "",
                f"{_middle(built['rounds'], 'peak_mb') - reading:.0f}",
                f"{index / 1e6:.1f}" + ("" if built["texts_bytes"] else " with text"),
                f"{index / corpus['text_bytes']:.2f}" if built["texts_bytes"] else "",
                f"{built['bytes'] / 1e6:.1f}",
            )

    head = ["", "CPU s", "wall s", "passages / CPU s", "speed of FTS5", "peak MB", "index MB", "index / text", "all MB"]
    yield from _table(head, rows())
    yield ""
    read_s = _middle(found["nothing"]["rounds"], "cpu_s")
    yield f"Reading the corpus takes {read_s:.1f} s of each; peak memory is above that of reading ({reading:.0f} MB)."


def _middle(rounds: Iterable[dict[str, float]], key: str) -> float:
    return median(one[key] for one in rounds)


def _asking(figures: Figures) -> Iterator[str]:
    found = dict(_listed(figures["ask"]))
    yield "Milliseconds of CPU, p50 / p95; the text of ten hits is part of each answer.\n"
    rows = (
        (kind, *(_cell([median(rounds) for rounds in _times(figures, name, kind)]) for name in found))
        for kind in (*KINDS, ALL)
    )
    yield from _table(["", *found], rows)
    memory = {name: max(one["memory_mb"] for rounds in found[name] for one in rounds if one) for name in found}
    yield f"| memory, MB | {' | '.join(f'{memory[name]:.0f}' for name in found)} |"
    yield "\nHow many times faster ours are, p50 / p95, round by round and then the median; below 1 they are slower.\n"
    pairs = [(our, other) for our in OURS for other in OTHERS if our in found and other in found]
    ratios = (
        (kind, *(_ratio(_times(figures, our, kind, other), _times(figures, other, kind, our)) for our, other in pairs))
        for kind in (*KINDS, ALL)
    )
    yield from _table(["", *(f"{our} than {other}" for our, other in pairs)], ratios)
    yield from _agreement(found)


def _times(figures: Figures, name: str, kind: str, other: str = "") -> list[list[float]]:
    """The rounds of each question of a kind that the engine offers, and the other one too, in milliseconds."""
    questions = zip(figures["asks"], figures["ask"][name], figures["ask"][other or name], strict=True)
    return [
        [one["ms"] for one in rounds]
        for ask, rounds, others in questions
        if kind in (ask["kind"], ALL) and rounds[0] and others[0]
    ]


def _cell(values: list[float]) -> str:
    return f"{_short(percentile(values, 0.5))} / {_short(percentile(values, 0.95))}" if values else "not offered"


def _ratio(ours: list[list[float]], theirs: list[list[float]]) -> str:
    if not ours:
        return ""
    return " / ".join(
        _short(
            median(
                percentile(their, share) / percentile(our, share)
                for our, their in zip(zip(*ours, strict=True), zip(*theirs, strict=True), strict=True)
            )
        )
        for share in (0.5, 0.95)
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of values does not exceed, between neighbours in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _agreement(found: dict[str, Any]) -> Iterator[str]:
    if not {"arrays", "whoosh"} <= found.keys():
        return
    pairs = [
        (rounds[0]["hits"], others[0]["hits"])
        for rounds, others in zip(found["arrays"], found["whoosh"], strict=True)
        if rounds[0] and others[0]
    ]
    same = sum(one == other for one, other in pairs)
    yield f"\n{same} of {len(pairs)} answers of arrays are those of whoosh, hit for hit."


def _adding(figures: Figures) -> Iterator[str]:
    rows = (
        (name, "not offered", "")
        if rounds[0] is None
        else (name, f"{_middle(rounds, 'cpu_s'):.2f}", f"{_middle(rounds, 'wall_s'):.2f}")
        for name, rounds in _listed(figures["add"])
    )
    yield from _table(["", "CPU s", "wall s"], rows)


def _nightly(figures: Figures) -> Iterator[str]:
    def rows() -> Rows:
        for name, year in _listed(figures["nights"]):
            seconds = sorted(commit["wall_s"] for commit in year["commits"])
            cpu = sorted(commit["cpu_s"] for commit in year["commits"])
            grown, fresh = ([list(each) for each in zip(*year[key], strict=True)] for key in ("grown_ms", "fresh_ms"))
            slower = median(median(old) / median(new) for old, new in zip(grown, fresh, strict=True))
            yield (
                name,
                len(cpu),
                f"{median(cpu):.3f}",
                f"{cpu[-1]:.2f}",
                f"{seconds[-1]:.2f}",
                year["grown"]["segments"] or "",
                f"{year['grown']['bytes'] / year['fresh']['bytes']:.2f}",
                f"{slower:.2f}",
            )

    head = [
        "",
        "nights",
        "CPU s, p50",
        "CPU s, worst",
        "wall s, worst",
        "segments",
        "size / built at once",
        "p50 / built at once",
    ]
    yield from _table(head, rows())


def _once(figures: Figures) -> Iterator[str]:
    found = figures["once"]

    def row(name: str, kinds: dict[str, Any]) -> tuple[str, ...]:
        return name, *(f"{_middle(kinds[kind], 'cpu_ms'):.0f}" for kind in ("rare", "or"))

    every = [("the imports of the bench alone", found["nothing"]), *_listed(found)]
    yield from _table(["", "a rare word", "any of two words"], (row(name, kinds) for name, kinds in every))


def _whole(figures: Figures) -> Iterator[str]:
    found = figures["product"]
    text = figures["corpus"]["text_bytes"]
    if "library_bytes" in found:
        both = found["library_bytes"] + found["index_bytes"]
        yield (
            f"Library {found['library_bytes'] / 1e6:.1f} MB and index {found['index_bytes'] / 1e6:.1f} MB, "
            f"{both / text:.2f} times the text; {found['index_cpu_s']:.1f} s of CPU to index. "
            "Milliseconds of a process, CPU / wall:\n"
        )
    kinds = next(iter(found["processes"].values()))
    rows = ((name, *(_process(of[kind]) for kind in kinds)) for name, of in found["processes"].items())
    yield from _table(["", *kinds], rows)


def _process(rounds: list[dict[str, float]]) -> str:
    return f"{_middle(rounds, 'cpu_ms'):.0f} / {_middle(rounds, 'wall_ms'):.0f}" if rounds else "not offered"


_TABLES: tuple[tuple[str, str, Callable[[Figures], Iterator[str]]], ...] = (
    ("Building", "build", _building),
    ("Questions", "ask", _asking),
    ("Adding 20 talks", "add", _adding),
    ("Five talks a night", "nights", _nightly),
    ("One question a process, CPU milliseconds", "once", _once),
    ("The whole program", "product", _whole),
)


if __name__ == "__main__":
    main()
