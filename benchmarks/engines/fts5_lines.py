"""SQLite FTS5 with a row for each caption line of eight words, the way yt-fts keeps speech."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.engines import fts5
from benchmarks.talks import BenchTalk, Piece, lines


class Engine(fts5.Engine):
    """Words that are not in the same line are not found together."""

    def _pieces(self, talk: BenchTalk) -> Iterable[Piece]:
        return lines(talk)
