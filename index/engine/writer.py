"""How do talks get into the index?"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from index.engine import Talk
from index.engine import fields as fields
from index.engine.parts import ArrayIndex, Damaged, LockError
from index.passages import Passage
from library.errors import Busy, IndexMissing


class Writer:
    """One set of changes, made visible together. Raises Busy while another process writes."""

    def __init__(self, index: ArrayIndex) -> None:
        try:
            self._writer = index.writer()
        except LockError as exc:
            raise Busy("another run is writing the search index", hint="try again when it is done") from exc
        self._before = self._writer.reader()
        self._added: dict[str, range] = {}

    def replace(self, talk: Talk, passages: Iterable[Passage]) -> None:
        self.remove(talk.video.id)
        first = self._writer.docnum
        common, each, about = fields.documents(talk, passages)
        with self._writer.group():
            self._writer.add_documents(common, each)
            self._writer.add_document(**about)
        self._added[talk.video.id] = range(first, self._writer.docnum)

    def remove(self, video_id: str) -> None:
        self._writer.delete_added(self._added.pop(video_id, range(0)))
        for reader, offset in self._before.leaf_readers():
            if ("video", video_id) in reader:
                for document in reader.postings("video", video_id).all_ids():
                    self._writer.delete_document(document + offset)

    def commit(self) -> None:
        """Raises IndexMissing where a file to be merged is damaged."""
        self._end(self._writer.commit)

    def cancel(self) -> None:
        self._end(self._writer.cancel)

    def _end(self, how: Callable[[], None]) -> None:
        """Whoosh keeps its lock where the end fails, for want of space, say."""
        self._before.close()
        try:
            how()
        except BaseException as exc:
            self._writer.writelock.release()
            if isinstance(exc, Damaged):
                raise IndexMissing(str(exc), hint="build the index anew with: mentor index --rebuild") from exc
            raise
