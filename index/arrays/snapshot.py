"""What is there to search at one moment, and what do all segments say together?"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from math import log
from pathlib import Path
from typing import Any

from .format import EXTENSION, Segment
from .plan import Scoring


@dataclass(slots=True)
class Slice:
    """A segment, the number of its first document among all, and its deleted documents."""

    segment: Segment
    first: int
    deleted: frozenset[int]


class Snapshot:
    """The segments of one generation, and statistics over them. Deleted documents count until merged away."""

    def __init__(self, segments: Sequence[tuple[Segment, frozenset[int]]], scoring: Scoring) -> None:
        firsts = accumulate((segment.documents for segment, _ in segments), initial=0)
        self.slices = [
            Slice(segment, first, deleted) for (segment, deleted), first in zip(segments, firsts, strict=False)
        ]
        self.documents = sum(segment.documents for segment, _ in segments)
        self.scoring = scoring
        self.kept: dict[tuple[object, ...], Any] = {}
        self._idf: dict[tuple[str, bytes], float] = {}
        self._average: dict[str, float] = {}

    def df(self, field: str, text: bytes) -> int:
        """How many documents hold a term."""
        return sum(
            found.df(at)
            for part in self.slices
            if (found := part.segment.field(field)) is not None and (at := found.find(text)) >= 0
        )

    def idf(self, field: str, text: bytes) -> float:
        """How telling a term is, as Whoosh's weighting models have it."""
        key = (field, text)
        if key not in self._idf:
            self._idf[key] = self.idf_of(self.df(field, text))
        return self._idf[key]

    def idf_of(self, documents: int) -> float:
        return log(self.documents / (documents + 1)) + 1

    def average(self, field: str) -> float:
        """The mean length of a field over all documents."""
        if field not in self._average:
            total = sum(found.total for part in self.slices if (found := part.segment.field(field)) is not None)
            self._average[field] = total / self.documents or 1.0
        return self._average[field]

    def norm(self, field: str, length: int) -> float:
        """What is added to a frequency under the line of BM25F, for a field of this length."""
        scoring = self.scoring
        b = scoring.b_for(field)
        return scoring.k1 * ((1 - b) + b * self.rounded(length) / self.average(field))

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


def open_snapshot(folder: Path, scoring: Scoring, indexname: str = "MAIN") -> Snapshot | None:
    """What was last committed, read without Whoosh.

    None where that needs Whoosh: segments of another codec, or a commit that is just being made. Raises Damaged.
    """
    toc = re.compile(rf"_{re.escape(indexname)}_(\d+)\.toc")
    try:
        manifest = json.loads((folder / manifest_name(indexname)).read_bytes())
        generations = [int(found[1]) for path in folder.iterdir() if (found := toc.fullmatch(path.name))]
        if manifest["generation"] != max(generations, default=-1):
            return None
        segments = [
            (Segment(folder / f"{name}{EXTENSION}"), frozenset(deleted)) for name, deleted in manifest["segments"]
        ]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return Snapshot(segments, scoring)


@dataclass(slots=True)
class Found:
    """Matches of a search: documents among all segments, and their scores; how many match in all."""

    documents: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    total: int = 0
