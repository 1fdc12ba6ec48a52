"""Which engines are measured, and what must each be able to do?

One module an engine, with a class ``Engine``. Modules are imported in the process that measures, which may be
that of another interpreter; one whose package is missing is reported as missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Protocol

from benchmarks.asks import Ask
from benchmarks.talks import BenchTalk, Row

#: Name -> what it is. The first two are ours.
ENGINES = {
    "ours": "the program's own engine, through its Engine protocol",
    "arrays": "index.arrays with a plain Whoosh schema",
    "whoosh": "Whoosh as it comes, with the same schema",
    "fts5": "SQLite FTS5, a row a passage",
    "fts5_lines": "SQLite FTS5, a row a caption line of eight words",
    "tantivy": "tantivy, Lucene's sibling in Rust",
    "xapian": "Xapian",
    "bm25s": "bm25s, numpy and scipy's sparse matrices",
}


class NotOffered(Exception):
    """The engine has no such kind of question."""


class Yardstick(Protocol):
    """An engine whose files are in the folder it is made with, which is there."""

    def __init__(self, folder: Path) -> None: ...

    def build(self, talks: Iterable[BenchTalk]) -> None:
        """Take in talks as they are read; all is on the disk in the end."""
        ...

    def add(self, talks: Iterable[BenchTalk]) -> None:
        """Take in talks in one commit, into an engine that was built; opened ones may not see them."""
        ...

    def open(self) -> None:
        """Get ready to answer; may be called again to see what was added."""
        ...

    def answer(self, ask: Ask) -> list[Row]:
        """Ten passages with their words, best first. Raises NotOffered."""
        ...

    def version(self) -> str:
        """Of the package."""
        ...


def engine(name: str, folder: Path) -> Yardstick:
    """The engine of that name. Raises ImportError where its package is missing."""
    found: Yardstick = import_module(f"benchmarks.engines.{name}").Engine(folder)
    found.version()
    return found
