"""bm25s: single words and any of several; nothing can be added to what was built."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bm25s
import Stemmer

from benchmarks.asks import Ask
from benchmarks.engines import NotOffered
from benchmarks.engines.texts import Texts
from benchmarks.talks import BenchTalk, Row


class Engine:
    """The n-th document is passage n + 1 of the table of texts."""

    def __init__(self, folder: Path) -> None:
        self._texts = Texts(folder)
        self._folder = str(folder / "index")
        self._stemmer = Stemmer.Stemmer("english")
        self._found: Any = None

    def build(self, talks: Iterable[BenchTalk]) -> None:
        tokens = self._tokens([piece.text for _, talk in self._texts.kept(talks) for piece in talk.pieces])
        self._texts.commit()
        index = bm25s.BM25()
        index.index(tokens, show_progress=False)
        index.save(self._folder)

    def add(self, talks: Iterable[BenchTalk]) -> None:
        raise NotOffered

    def open(self) -> None:
        self._found = bm25s.BM25.load(self._folder, mmap=True)

    def answer(self, ask: Ask) -> list[Row]:
        if ask.kind not in ("rare", "common", "or"):
            raise NotOffered
        documents, _ = self._found.retrieve(self._tokens([" ".join(ask.words)]), k=10, show_progress=False)
        return self._texts.rows(int(document) + 1 for document in documents[0])

    def version(self) -> str:
        return str(bm25s.__version__)

    def _tokens(self, texts: list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords=None, stemmer=self._stemmer, show_progress=False)
