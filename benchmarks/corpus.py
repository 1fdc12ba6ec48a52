"""Where do thousands of talks to measure with come from?

    python -m benchmarks.corpus WORK [--records RECORDS.jsonl[.gz]] [--seed 7] [--length 45] [--overlap 0]

writes ``S.jsonl``, ``M.jsonl``, ``L.jsonl`` (400, 3,000 and 20,000 talks) and ``more.jsonl`` into the folder WORK,
those named by ``--sizes``. S holds the first 400 records, which have a video a line (``video_id, channel_title,
title, published_at, language, snippets [{text, start, duration}]``, times in seconds). Larger sizes hold S and
then made-up talks: each draws three talks of S and strings together runs of their lines, so that topics, syntax
and the frequency of words stay real. ``more.jsonl`` holds talks that no size holds, to be added later.

Without records the lines of S are invented: words by Zipf's law. Either way a made-up talk also holds words
never seen before, as many as Heaps' law promises (V = K n^b, H. S. Heaps, Information Retrieval, 1978, 7.5),
because in real talks the vocabulary never stops growing. The same seed gives the same files.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.talks import BenchTalk, Piece, write
from index.passages import passages
from library.models import Origin, Snippet, Transcript

SIZES = {"S": 400, "M": 3_000, "L": 20_000}
#: Talks to be added: 20 at once and 5 in each night of a year.
MORE = 20 + 365 * 5

_WORDS_A_SECOND = 2.6
_SYLLABLES = [c + v + end for c in "bcdfghjklmnprstvz" for v in "aeiou" for end in ("", "n", "r", "s", "l", "x")]


class Source(NamedTuple):
    """A talk as lines of captions, before it is cut."""

    video: str
    lecturer: str
    title: str
    date: str
    language: str
    lines: tuple[Snippet, ...]


class Heaps(NamedTuple):
    """How the number of different words grows with that of all words."""

    k: float
    b: float

    def words(self, said: int) -> float:
        return float(self.k * said**self.b)


def main() -> None:
    args = _arguments()
    args.work.mkdir(parents=True, exist_ok=True)
    real = list(islice(_records(args.records), SIZES["S"])) if args.records else list(_invented(SIZES["S"], args.seed))
    for name in args.sizes:
        made = made_up(real, SIZES[name] - len(real), args.seed, "made") if name != "S" else iter(())
        _write(args, name, chain(real, made))
    _write(args, "more", made_up(real, MORE, args.seed + 1, "more"))


def _write(args: argparse.Namespace, name: str, sources: Iterable[Source]) -> None:
    path = args.work / f"{name}.jsonl"
    write(path, (_cut(source, args.length * 1000, args.overlap * 1000) for source in sources))
    sys.stdout.write(f"{path} {path.stat().st_size / 1e6:.0f} MB\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the corpora that the benchmarks run on.")
    parser.add_argument("work", type=Path)
    parser.add_argument("--records", type=Path, help="JSON Lines of real talks; invented ones by default")
    parser.add_argument("--sizes", nargs="*", default=["S", "M"], choices=list(SIZES))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--length", type=int, default=45, help="of passages, in seconds")
    parser.add_argument("--overlap", type=int, default=0, help="of passages, in seconds")
    return parser.parse_args()


def _records(path: Path) -> Iterator[Source]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            lines = tuple(
                Snippet(round(s["start"] * 1000), round(s["duration"] * 1000), " ".join(s["text"].split()))
                for s in record["snippets"]
            )
            yield Source(
                record["video_id"],
                record.get("channel_title") or record["channel_id"],
                record["title"],
                record["published_at"] or "2020-06-15",
                record["language"] or "en",
                lines,
            )


def _cut(source: Source, length_ms: int, overlap_ms: int) -> BenchTalk:
    video, lecturer, title, day, language, lines = source
    transcript = Transcript(video, language, Origin.MANUAL, lines)
    cut = passages(transcript, (), length_ms, overlap_ms)
    pieces = tuple(Piece(passage.start_ms, passage.end_ms, passage.text) for passage in cut)
    return BenchTalk(video, lecturer, title, day, language, pieces)


def made_up(real: Sequence[Source], count: int, seed: int, prefix: str) -> Iterator[Source]:
    """Talks of 15 to 55 passages' length strung together from lines of real ones, lazily."""
    rng = random.Random(f"{seed} {prefix}")
    heaps = fitted(real)
    said = sum(len(line.text.split()) for source in real for line in source.lines)
    lecturers = _lecturers(rng, real, max(100, count // 10))
    first = date(2012, 1, 1)
    for number in range(count):
        length = rng.randint(15, 55) * 120
        new = round(heaps.words(said + length) - heaps.words(said))
        drawn = rng.sample(real, 3)
        lines = _strung(rng, drawn, length, _minted(rng, new))
        said += length
        yield Source(
            f"{prefix}{number:06}",
            lecturers[min(int(rng.paretovariate(0.9)) - 1, len(lecturers) - 1)],
            " ".join(word for source in drawn[:2] for word in source.title.split()[:5]),
            (first + timedelta(days=rng.randrange(5_000))).isoformat(),
            drawn[0].language,
            lines,
        )


def fitted(real: Sequence[Source]) -> Heaps:
    """Heaps' law by least squares over the logarithms, without the first quarter of the talks."""
    seen: set[str] = set()
    said, points = 0, []
    for source in real:
        for line in source.lines:
            words = line.text.lower().split()
            said += len(words)
            seen.update(word.strip(".,?!\"'") for word in words)
        points.append((math.log(said or 1), math.log(len(seen) or 1)))
    points = points[len(points) // 4 :]
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    b = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.5
    return Heaps(math.exp(mean_y - b * mean_x), b)


def _lecturers(rng: random.Random, real: Sequence[Source], count: int) -> list[str]:
    """Invented names, every 25th the one of a real lecturer, so that filters find real and made-up talks."""
    known = sorted({source.lecturer for source in real})
    return [
        rng.choice(known) if not number % 25 else f"{_word(rng, 2).title()} {_word(rng, 3).title()}"
        for number in range(count)
    ]


def _word(rng: random.Random, syllables: int) -> str:
    return "".join(rng.choices(_SYLLABLES, k=syllables))


def _minted(rng: random.Random, count: int) -> list[str]:
    """New words in any order, each as often as a talk uses its jargon: mostly once, at most a dozen times."""
    uses = [
        word for _ in range(count) for word in [_word(rng, rng.randint(3, 4))] * min(int(rng.paretovariate(0.8)), 12)
    ]
    rng.shuffle(uses)
    return uses


def _strung(rng: random.Random, drawn: Sequence[Source], length: int, new: list[str]) -> tuple[Snippet, ...]:
    """Lines of ``length`` words in all: runs of two to eight lines of a talk, with new words here and there."""
    lines, said = [], 0
    every = max(1, length // (len(new) + 1))
    while said < length:
        taken = rng.choice(drawn).lines
        at = rng.randrange(len(taken))
        for line in taken[at : at + rng.randint(2, 8)]:
            words = line.text.split(" ")
            if new and (said + len(words)) // every != said // every:
                words[rng.randrange(len(words))] = new.pop()
            start_ms = round(said / _WORDS_A_SECOND * 1000)
            said += len(words)
            lines.append(Snippet(start_ms, round(len(words) / _WORDS_A_SECOND * 1000), " ".join(words)))
    return tuple(lines)


def _invented(count: int, seed: int) -> Iterator[Source]:
    """Talks of invented words whose frequencies follow Zipf's law; each talk has a topic of its own."""
    rng = random.Random(f"{seed} invented")
    words = list(dict.fromkeys(_word(rng, 1 + rank.bit_length() // 5) for rank in range(1, 40_000)))
    usual = _drawer(rng, words)
    for number in range(count):
        topic = _drawer(rng, rng.sample(words[200:], 60))
        lines, at_ms = [], 0
        for _ in range(rng.randint(150, 1_200)):
            said = [topic() if rng.random() < 0.15 else usual() for _ in range(rng.randint(6, 14))]
            lasts_ms = round(len(said) / _WORDS_A_SECOND * 1000)
            lines.append(Snippet(at_ms, lasts_ms, " ".join(said).capitalize() + "."))
            at_ms += lasts_ms
        day = date(2016, 1, 1) + timedelta(days=rng.randrange(3_500))
        lecturer = f"Lecturer {min(int(rng.paretovariate(0.9)), 40)}"
        yield Source(f"invented{number:04}", lecturer, f"{topic()} {topic()}", day.isoformat(), "en", tuple(lines))


def _drawer(rng: random.Random, words: Sequence[str]) -> Callable[[], Any]:
    """Draws words, the n-th with a probability of 1/n."""
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    return lambda: rng.choices(words, cum_weights=weights)[0]


if __name__ == "__main__":
    main()
