"""How well are the right moments found?

    python benchmarks/quality.py CORPUS.jsonl[.gz] QUERIES.json OUT.json [--length 120 --overlap 60 ...]

CORPUS has a video a line: ``video_id, channel_id, language, title, description, tags, published_at,
snippets [{text, start, duration}], chapters [{start, title}]``, times in seconds. QUERIES holds
``{"queries": [{"id", "kind", "text"}]}``. OUT becomes ``{"name", "results": {query id: [{"video_id",
"start", "end", "score"}]}}``, best first: up to 100 a query, 1,000 for those of kind "topic", whose
answer is a list of videos. Titles, descriptions and chapters are left out unless asked for, since
queries may have been made of them. The first 10 answers to a query are clips as people are shown them, further
ones passages. Times and sizes go to standard output.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from index.clips import Clip, clips
from index.engine import Filters, Hit, Seen, Talk
from index.engine.layout import SCHEMA
from index.engine.translating import Weights
from index.engine.whoosh_engine import WhooshEngine
from index.passages import passages
from index.query import Or, Query, Word, parse
from library.errors import QuerySyntaxError
from library.models import Chapter, Mentor, Origin, Snippet, Transcript, Video

#: So many answers are shown on a page.
SHOWN = 10


def main() -> None:
    args = _arguments()
    records = list(_records(args.corpus))
    weights = Weights(args.pairs, args.chapter, args.about, args.title, args.talk)
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshEngine(args.index or Path(folder), weights)
        if not (args.index and engine.seen()):
            _build(engine, records, args)
        size = sum(file.stat().st_size for file in (args.index or Path(folder)).iterdir())
        _say(f"index {size / 1e6:.0f} MB")
        results = _answers(engine, records, json.loads(args.queries.read_text(encoding="utf-8")))
        engine.close()
    args.out.write_text(json.dumps({"name": args.name or args.out.stem, "results": results}), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write a run file of the engine's answers.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", default="")
    parser.add_argument("--length", type=int, default=120, help="of passages, in seconds")
    parser.add_argument("--overlap", type=int, default=60, help="of passages, in seconds")
    parser.add_argument("--titles", action="store_true", help="index titles, descriptions and tags, too")
    parser.add_argument("--chapters", action="store_true", help="index chapter titles and cut there, too")
    parser.add_argument("--index", type=Path, help="keep the index in this folder, or use the one there")
    for name in ("pairs", "chapter", "about", "title", "talk"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Weights(), name), help="weight")
    return parser.parse_args()


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _build(engine: WhooshEngine, records: list[dict[str, Any]], args: argparse.Namespace) -> None:
    started = time.perf_counter()
    for record in records:
        talk = _talk(record, titles=args.titles)
        chapters = [Chapter(_ms(c["start"]), c["title"]) for c in record["chapters"]] if args.chapters else []
        windows = passages(_transcript(record), chapters, args.length * 1000, args.overlap * 1000)
        engine.replace(talk, windows)
    engine.commit(Seen("benchmark", 1, SCHEMA))
    _say(f"built in {time.perf_counter() - started:.0f} s from {len(records)} videos")


def _talk(record: dict[str, Any], *, titles: bool) -> Talk:
    published_at = datetime.fromisoformat(record["published_at"] + "T00:00Z") if record["published_at"] else None
    video = Video(
        record["video_id"],
        record["channel_id"],
        record["title"] if titles else "",
        record["description"] if titles else "",
        published_at,
        tags=tuple(record.get("tags") or ()) if titles else (),
    )
    return Talk(video, (video.channel_id,), record["language"] or "", Origin.MANUAL)


def _transcript(record: dict[str, Any]) -> Transcript:
    snippets = tuple(Snippet(_ms(s["start"]), _ms(s["duration"]), s["text"]) for s in record["snippets"])
    return Transcript(record["video_id"], record["language"] or "", Origin.MANUAL, snippets)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _answers(
    engine: WhooshEngine, records: list[dict[str, Any]], queries: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    library = _Library({record["video_id"]: record for record in records})
    results, times = {}, []
    engine.search(Word("warm"), Filters(), 10)
    for wanted in queries["queries"]:
        query = _typed(wanted["text"])
        started = time.perf_counter()
        engine.search(query, Filters(), 10)
        times.append(time.perf_counter() - started)
        hits = engine.search(query, Filters(), 1000 if wanted["kind"] == "topic" else 100).hits
        found: list[Clip | Hit] = [*clips(hits[:SHOWN], query, library), *hits[SHOWN:]]
        results[wanted["id"]] = [_result(each) for each in found]
    cuts = statistics.quantiles(times, n=20)
    _say(f"{len(times)} queries: p50 {1000 * statistics.median(times):.1f} ms, p95 {1000 * cuts[18]:.1f} ms")
    return results


@dataclass(frozen=True, slots=True)
class _Library:
    """The records as clips are made from them."""

    records: dict[str, dict[str, Any]]

    def video(self, video_id: str) -> Video:
        return _talk(self.records[video_id], titles=True).video

    def transcript(self, video_id: str) -> Transcript:
        return _transcript(self.records[video_id])

    def mentors_of(self, video_id: str) -> Sequence[Mentor]:
        return ()


def _typed(text: str) -> Query:
    """What a person would get: the query as typed, or its words where that is no query."""
    try:
        return parse(text)
    except QuerySyntaxError:
        return Or(tuple(map(Word, text.split())))


def _result(found: Clip | Hit) -> dict[str, Any]:
    return {
        "video_id": found.video_id,
        "start": found.start_ms / 1000,
        "end": found.end_ms / 1000,
        "score": found.score,
    }


if __name__ == "__main__":
    main()
