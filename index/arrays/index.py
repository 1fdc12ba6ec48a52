"""How is an index of array segments opened, written and searched?"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Whoosh 2.7.4 has invalid escapes and "is" with literals
    from whoosh.filedb.filestore import FileStorage
    from whoosh.index import EmptyIndexError, FileIndex, IndexVersionError

from .codec import ArraySegment, snapshot_of
from .format import Damaged, Segment

if TYPE_CHECKING:
    from .plan import Scoring
    from .searcher import ArraySearcher
    from .snapshot import Snapshot
    from .writer import ArrayWriter


class ArrayIndex(FileIndex):  # type: ignore[misc]
    """A Whoosh index in a folder whose new segments are arrays."""

    def reader(self, reuse: Any = None) -> Any:
        """Of what was last committed. Raises Damaged for files that are missing or not what was written.

        ``reuse`` is not needed, since segments in use are shared anyway; whoosh3 3.54 would search those of
        the old reader besides.
        """
        try:
            return super().reader()
        except FileNotFoundError as exc:
            raise Damaged(f"a file of the index is missing: {exc.filename}") from exc

    def _read_toc(self) -> Any:
        with _reading_toc():
            return super()._read_toc()

    def writer(self, procs: int = 1, **options: Any) -> ArrayWriter:
        """Options as for Whoosh's writer, and those of ArrayWriter. Raises whoosh.index.LockError."""
        from .writer import ArrayWriter

        return ArrayWriter(self, **options)

    def searcher(self, **options: Any) -> ArraySearcher:
        """Options as for Whoosh's searcher. Raises Damaged for a segment that is not what was written."""
        from .searcher import ArraySearcher

        return ArraySearcher(self.reader(), fromindex=self, **options)

    def snapshot(self, scoring: Scoring) -> Snapshot | None:
        """What was last committed, for plans; None where a segment is of another codec. Raises Damaged."""
        with closing(self.reader()) as reader:
            return snapshot_of(reader, scoring)

    def verify(self) -> None:
        """Read all segments and compare their checksums. Raises Damaged."""
        for segment in self._segments():
            if isinstance(segment, ArraySegment):
                Segment(segment.path(self.storage)).verify()


@contextmanager
def _reading_toc() -> Iterator[None]:
    """Broken pickles may raise anything."""
    try:
        yield
    except (OSError, EmptyIndexError, IndexVersionError):
        raise
    except Exception as exc:
        raise Damaged(f"the table of contents of the index cannot be read: {exc}") from exc


def create_in(folder: Any, schema: Any, indexname: str = "MAIN") -> ArrayIndex:
    """Make an empty index in a folder that is there."""
    index: ArrayIndex = ArrayIndex.create(FileStorage(str(folder)), schema, indexname)
    return index


def open_dir(folder: Any, indexname: str = "MAIN") -> ArrayIndex:
    """Open the index in a folder. Raises Damaged, and whoosh.index.EmptyIndexError where there is none.

    Whoosh's TOC is a pickle: never open an index that somebody else made.
    """
    with _reading_toc():
        return ArrayIndex(FileStorage(str(folder)), indexname=indexname)
