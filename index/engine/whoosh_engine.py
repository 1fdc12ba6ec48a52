"""How is Whoosh, on segments of arrays, an engine?

The folder holds the files of ``docs/index-format.md`` and ``seen.json``, written after each commit: a crash between the
two repeats work and loses nothing, since taking in a video again replaces it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import json, structs

from index.arrays.snapshot import Newest, Snapshot, open_snapshot
from index.engine import Filters, Hit, Hits, Seen, Sort, Talk
from index.engine.layout import SCHEMA, SCORING
from index.engine.reader import Reader
from index.engine.translating import Weights
from index.moments import WHOLE
from index.passages import Passage
from index.query import Query
from library.errors import IndexMissing, MentorError

if TYPE_CHECKING:
    from index.arrays.index import ArrayIndex
    from index.engine.writer import Writer


_SEEN = "seen.json"


class WhooshEngine:
    """An engine whose files are in ``folder``, which is made when something is first written.

    Files are opened as they are needed; a commit by another process is seen by the next search.
    """

    def __init__(self, folder: Path, weights: Weights | None = None) -> None:
        self._folder = folder
        self._weights = weights or Weights()
        self._committed = Newest(folder)
        self._reader: Reader | None = None
        self._writer: Writer | None = None

    def replace(self, talk: Talk, passages: Iterable[Passage]) -> None:
        """Take in a video's passages, in order of time, in place of those it had. Raises Busy."""
        self._writing().replace(talk, passages)

    def remove(self, video_id: str) -> None:
        """Forget a video. Raises Busy."""
        self._writing().remove(video_id)

    def commit(self, seen: Seen) -> None:
        """Make what was written visible at once, then note how far the library was read."""
        if self._writer or self._opened() is None:
            writer, self._writer = self._writing(), None
            writer.commit()
        _write_seen(self._folder, seen)

    def seen(self) -> Seen | None:
        """What the last commit noted. Raises SearchError for an index that cannot be read."""
        seen = _read_seen(self._folder)
        if seen is not None:
            self._opened()
            self._reading()
        return seen

    def search(self, query: Query, filters: Filters, limit: int, sort: Sort = "rank") -> Hits:
        """The best ``limit`` hits of all that match; ``total`` is exact.

        Raises IndexMissing before the first commit, SearchError for an index that cannot be read.
        """
        reader = self._reading()
        with _reading_files(self._folder):
            columns = reader.columns
            best, total = reader.matches(query, filters).best(limit, sort)
            hits = [
                Hit(
                    reader.video_id(document),
                    columns.starts[document],
                    max(0, columns.ends[document]),
                    -score,
                    about=columns.ends[document] == WHOLE,
                )
                for score, document in best
            ]
        return Hits(hits, total)

    def explained(self, hits: Sequence[Hit], query: Query) -> list[Hit]:
        """The hits with the reasons for their scores, heaviest first. Raises as ``search`` does."""
        reader = self._reading()
        with _reading_files(self._folder):
            found = reader.reasons(query, [(hit.video_id, hit.start_ms, hit.about) for hit in hits])
        return [structs.replace(hit, reasons=tuple(reasons)) for hit, reasons in zip(hits, found, strict=True)]

    def suggest(self, word: str, limit: int = 3) -> list[str]:
        """Words of the library spelt nearly like ``word``, likeliest first. Raises as ``search`` does."""
        reader = self._reading()
        with _reading_files(self._folder):
            return reader.suggest(word, limit)

    def sounding(self, word: str, limit: int) -> list[str]:
        """Other words of the library that sound like a folded one, likeliest first. Raises as ``search`` does."""
        reader = self._reading()
        with _reading_files(self._folder):
            return reader.sounding(word, limit)

    def said(self, word: str) -> int:
        """In how many talks a word is said as it is spelt. Raises as ``search`` does."""
        reader = self._reading()
        with _reading_files(self._folder):
            return reader.said(word)

    def verify(self) -> None:
        """Compare all checksums with what the files hold. Raises as ``search`` does."""
        try:
            self._compare()
        except IndexMissing:
            # A commit may have replaced a file after its name was read.
            self._compare()

    def close(self) -> None:
        """Let go of files. Nothing uncommitted is kept."""
        writer, self._writer = self._writer, None
        self._reader = None
        if writer:
            writer.cancel()

    def _compare(self) -> None:
        index = self._opened()
        if index is None:
            raise IndexMissing("there is no search index yet", hint="build it with: mentor index")
        with _reading_files(self._folder):
            index.verify()

    def _opened(self) -> ArrayIndex | None:
        """The index to Whoosh; None before the first commit. Its generation 0 is made empty by the first writer."""
        from index.engine.parts import EmptyIndexError, open_dir

        with _reading_files(self._folder):
            try:
                index = open_dir(str(self._folder))
            except EmptyIndexError:
                return None
            return index if index.latest_generation() else None

    def _reading(self) -> Reader:
        try:
            return self._newest()
        except IndexMissing:
            # A commit may have replaced a file after its name was read.
            return self._newest()

    def _newest(self) -> Reader:
        with _reading_files(self._folder):
            if self._reader is None or self._reader.generation != self._committed.generation():
                _of_this_version(self._folder)
                self._reader = Reader(self._snapshot(), self._weights)
        return self._reader

    def _snapshot(self) -> Snapshot:
        """What was last committed; through Whoosh only while the commit is not done with its list of segments."""
        found = open_snapshot(self._folder, SCORING)
        if found is None and (index := self._opened()):
            found = index.snapshot(SCORING)
        if found is None:
            raise IndexMissing("there is no search index yet", hint="build it with: mentor index")
        return found

    def _writing(self) -> Writer:
        from index.engine.fields import schema
        from index.engine.parts import create_in
        from index.engine.writer import Writer

        if self._writer is None:
            index = self._opened()
            if index is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                index = create_in(str(self._folder), schema())
            self._writer = Writer(index)
        return self._writer


@contextmanager
def _reading_files(folder: Path) -> Iterator[None]:
    """Damaged bytes may raise anything, and Whoosh unpickles what it reads."""
    try:
        yield
    except MentorError:
        raise
    except Exception as exc:
        raise IndexMissing(
            f"the search index in {folder} cannot be read: {exc}", hint="build it anew with: mentor index --rebuild"
        ) from exc


def _of_this_version(folder: Path) -> None:
    seen = _read_seen(folder)
    if seen is not None and seen.schema.partition(":")[0] != SCHEMA:
        raise IndexMissing(
            "the search index was built by another version of mentor", hint="build it anew with: mentor index"
        )


def _read_seen(folder: Path) -> Seen | None:
    try:
        return Seen(**json.decode((folder / _SEEN).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as exc:
        raise IndexMissing(
            f"{folder / _SEEN} cannot be read: {exc}", hint="build the index anew with: mentor index --rebuild"
        ) from exc


def _write_seen(folder: Path, seen: Seen) -> None:
    fresh = folder / f"{_SEEN}.tmp"
    with fresh.open("wb") as file:
        file.write(json.encode(seen))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / _SEEN)
