"""What is there to search at one moment, and what do all segments say together?"""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate, chain
from math import log
from pathlib import Path
from typing import Any

from msgspec import Struct, json

from .format import EXTENSION, Field, Segment, opened
from .plan import Scoring

#: So many terms and phrases are remembered with how telling they are.
REMEMBERED = 50_000


class Slice(Struct):
    """A segment, the number of its first document among all, and its deleted documents."""

    segment: Segment
    first: int
    deleted: frozenset[int]


class Snapshot:
    """The segments of one generation, and statistics over them. Deleted documents count until merged away."""

    def __init__(
        self, segments: Sequence[tuple[Segment, frozenset[int]]], scoring: Scoring, generation: int = -1
    ) -> None:
        self.generation = generation
        firsts = accumulate((segment.documents for segment, _ in segments), initial=0)
        self.slices = [
            Slice(segment, first, deleted) for (segment, deleted), first in zip(segments, firsts, strict=False)
        ]
        self._firsts = [part.first for part in self.slices]
        self.documents = sum(segment.documents for segment, _ in segments)
        self.scoring = scoring
        self.kept: dict[tuple[object, ...], Any] = {}
        self._idf: dict[tuple[str, bytes], float] = {}
        self._average: dict[str, float] = {}
        self._fields: dict[str, list[Field]] = {}

    def fields(self, name: str) -> list[Field]:
        """A field of each segment that has it."""
        if name not in self._fields:
            found = (part.segment.field(name) for part in self.slices)
            self._fields[name] = [field for field in found if field is not None]
        return self._fields[name]

    def df(self, field: str, text: bytes) -> int:
        """How many documents hold a term."""
        return sum(found.df(at) for found in self.fields(field) if (at := found.find(text)) >= 0)

    def holds(self, field: str, text: bytes) -> bool:
        """Whether any document holds a term."""
        return any(found.find(text) >= 0 for found in self.fields(field))

    def terms(self, field: str, prefix: bytes = b"") -> list[bytes]:
        """The different terms of a field that begin so, in order."""
        chosen = [(each, each.beginning(prefix)) for each in self.fields(field)]
        return list(dict.fromkeys(sorted(chain.from_iterable(each.terms(at.start, at.stop) for each, at in chosen))))

    def frequencies(self, field: str, prefix: bytes) -> dict[bytes, int]:
        """In how many documents the terms are that begin so."""
        counts: dict[bytes, int] = {}
        for found in self.fields(field):
            at = found.beginning(prefix)
            ends = found.posting_ends[at.start : at.stop + 1].tolist()
            for term, start, end in zip(found.terms(at.start, at.stop), ends, ends[1:], strict=False):
                counts[term] = counts.get(term, 0) + end - start
        return counts

    def stored(self, name: str, document: int) -> Any:
        """What is stored of a field of a document; None where nothing is."""
        part = self._slice(document)
        return part.segment.stored_value(name, document - part.first)

    def stored_fields(self, document: int) -> dict[str, Any]:
        """What is stored of a document, field by field."""
        part = self._slice(document)
        return part.segment.stored_fields(document - part.first)

    def _slice(self, document: int) -> Slice:
        return self.slices[bisect_right(self._firsts, document) - 1]

    def column(self, name: str) -> Any:
        """A numeric column: a number for each document. That of a single segment is read in place."""
        columns = [part.segment.column(name) for part in self.slices]
        if len(columns) == 1:
            return columns[0]
        return memoryview(b"".join(columns)).cast(columns[0].format if columns else "q")

    def idf(self, field: str, text: bytes) -> float:
        """How telling a term is, as Whoosh's weighting models have it."""
        key = (field, text)
        if key not in self._idf:
            if len(self._idf) >= REMEMBERED:
                self._idf.clear()
            self._idf[key] = self.idf_of(self.df(field, text))
        return self._idf[key]

    def idf_of(self, documents: int) -> float:
        return log(self.documents / (documents + 1)) + 1

    def average(self, field: str) -> float:
        """The mean length of a field over all documents."""
        if field not in self._average:
            total = sum(found.total for found in self.fields(field))
            self._average[field] = total / self.documents or 1.0
        return self._average[field]

    def norming(self, field: str) -> Callable[[int], float]:
        """What is added to a frequency under the line of BM25F, for a field of a length."""
        k1, b, average, rounded = self.scoring.k1, self.scoring.b_for(field), self.average(field), self.rounded
        return lambda length: k1 * ((1 - b) + b * rounded(length) / average)

    def rounded(self, length: int) -> int:
        """A length as it is scored."""
        if self.scoring.exact:
            return length
        steps = self._steps
        return steps[min(bisect_left(steps, length), len(steps) - 1)]

    @cached_property
    def _steps(self) -> tuple[int, ...]:
        """Lengths that Whoosh distinguishes: round(27 (1.033^n - 1)) of its module util.numeric."""
        from whoosh.util.numeric import byte_to_length

        return tuple(byte_to_length(code) for code in range(256))


def manifest_name(indexname: str) -> str:
    """The file that says in JSON what the TOC says in a pickle: generation, segments, deleted documents."""
    return f"_{indexname}_segments.json"


def latest_generation(folder: Path, indexname: str = "MAIN") -> int:
    """The number of the last commit, as the name of its TOC tells it; -1 where there is no index."""
    start, end = f"_{indexname}_", ".toc"
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return -1
    numbers = (name[len(start) : -len(end)] for name in names if name.startswith(start) and name.endswith(end))
    return max(map(int, filter(str.isdigit, numbers)), default=-1)


class Newest:
    """Tells the number of the last commit again and again, for as little as looking at one file."""

    def __init__(self, folder: Path, indexname: str = "MAIN") -> None:
        self._folder, self._indexname = folder, indexname
        self._manifest = folder / manifest_name(indexname)
        self._seen: tuple[int, ...] = ()
        self._generation = -1

    def generation(self) -> int:
        """As ``latest_generation``, which is asked when the list of segments is another file than before."""
        try:
            found = self._manifest.stat()
        except OSError:
            return latest_generation(self._folder, self._indexname)
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen != self._seen:
            self._generation = latest_generation(self._folder, self._indexname)
            self._seen = seen
        return self._generation


def open_snapshot(folder: Path, scoring: Scoring, indexname: str = "MAIN") -> Snapshot | None:
    """What was last committed, read without Whoosh.

    None where that needs Whoosh: segments of another codec, or a commit that is just being made. Raises Damaged.
    """
    try:
        manifest = json.decode((folder / manifest_name(indexname)).read_bytes())
        if manifest["generation"] != latest_generation(folder, indexname):
            return None
        segments = [
            (opened(folder / f"{name}{EXTENSION}"), frozenset(deleted)) for name, deleted in manifest["segments"]
        ]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return Snapshot(segments, scoring, manifest["generation"])


class Found(Struct):
    """Matches of a search: documents among all segments, and their scores; how many match in all."""

    documents: list[int] = []
    scores: list[float] = []
    total: int = 0
