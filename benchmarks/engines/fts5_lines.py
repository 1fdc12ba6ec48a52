"""SQLite FTS5 with a row for each caption line of eight words, the way yt-fts keeps speech."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.engines import fts5
from benchmarks.talks import BenchTalk, Piece

_WORDS = 8


class Engine(fts5.Engine):
    """Words that are not in the same line are not found together."""

    def _pieces(self, talk: BenchTalk) -> Iterable[Piece]:
        for piece in talk.pieces:
            words = piece.text.split()
            word_ms = (piece.end_ms - piece.start_ms) / max(1, len(words))
            for at in range(0, len(words), _WORDS):
                start_ms, end_ms = (piece.start_ms + round(word_ms * place) for place in (at, at + _WORDS))
                yield Piece(start_ms, end_ms, " ".join(words[at : at + _WORDS]))
