"""How are documents written, deleted and merged?

``ArrayWriter`` is Whoosh's writer with another way to keep what is added: lock, schema, TOC, deletions and
merge policies are Whoosh's. When enough is gathered, it is written as a segment; a commit merges these with
each other and with what the merge policy folds in, waits until all is on the disk, and renames the TOC.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from whoosh.index import TOC, clean_files
from whoosh.reading import SegmentReader
from whoosh.writing import OPTIMIZE, IndexingError, SegmentWriter

from .building import Builder
from .codec import ArrayCodec, ArraySegment
from .format import Segment
from .merging import merge
from .snapshot import manifest_name

#: How much memory may be needed to write what is gathered: then it is written.
GATHERED_BYTES = 260_000_000

#: Segments of more documents than this are not merged further; of those written by one commit, not those of more
#: than ENOUGH.
LARGEST = 300_000
ENOUGH = 50_000

#: A commit that adds little writes at most so many documents anew, which takes a third of a second. The largest of
#: the segments that it merges is copied, which takes a seventh of that time or less for as many documents.
AT_ONCE = 20_000

#: A segment is folded in while it has at most this many times the documents of all smaller ones, which bounds how much
#: is written for what is added, and always up to SMALL documents. So what some nights bring waits beside a large one.
RATIO = 100
SMALL = 10_000

_LOOKED_AFTER = 32

Policy = Callable[["ArrayWriter", list[Any]], list[Any]]


def tiered(writer: ArrayWriter, segments: list[Any]) -> list[Any]:
    """Merge policy: fold in small segments, so that their number grows with the logarithm of the documents.

    A segment with more than half of its documents deleted is folded in as well.
    """
    kept, folded, documents = [], [], writer.docnum
    at_once = max(AT_ONCE, 2 * documents)
    for segment in sorted(segments, key=lambda segment: segment.doc_count()):
        alive = segment.doc_count()
        near = alive <= max(RATIO * documents, SMALL)
        if (near and documents <= at_once and documents + alive <= LARGEST) or _is_stale(segment):
            folded.append(segment)
            documents += alive
        else:
            kept.append(segment)
    if len(folded) == 1 and not writer.docnum and not folded[0].has_deletions():
        return segments
    for segment in folded:
        writer.add_reader(SegmentReader(writer.storage, writer.schema, segment))
    return kept


def _is_stale(segment: ArraySegment) -> bool:
    return bool(2 * segment.doc_count() < segment.doc_count_all())


class ArrayWriter(SegmentWriter):  # type: ignore[misc]
    """Takes documents and deletions, visible together after ``commit``. Raises LockError while another writes.

    A field type may have a method ``wording(value)`` that gives a ``Wording``: the fast way in for text. Terms of
    other fields come from their ``index`` method.
    """

    def __init__(self, ix: Any, *, gathered_bytes: int = GATHERED_BYTES, **options: Any) -> None:
        super().__init__(ix, codec=ArrayCodec(), compound=False, **options)
        self._limit_bytes = gathered_bytes
        self._builder = Builder(self.schema)
        self._known: set[str] = set()
        self._special: set[str] = set()
        self._parts: list[tuple[ArraySegment, int]] = []
        self._merging: list[ArraySegment] = []
        self._dropped: set[int] = set()
        self._committed = sum(segment.doc_count_all() for segment in self.segments)
        self._groups = 0
        self._looked_at = 0

    def add_document(self, **fields: Any) -> None:
        self._check_names(fields)
        boosted = None if self._special.isdisjoint(fields) else self._boosted(fields)
        try:
            if boosted is None:
                self._builder.add(fields)
            else:
                self._builder.add_boosted(boosted)
        except BaseException:
            self._dropped.add(self.docnum)
            raise
        finally:
            self.docnum += 1
        self._look_after()

    def add_documents(self, common: Mapping[str, Any], each: Mapping[str, Sequence[Any]]) -> None:
        """Add several documents, such as the parts of a text, in less time than one by one.

        They all have the ``common`` values; document i has value i of ``each`` field; None is no value. Where one
        fails, none is added. Raises ValueError where fields have not equally many values, come twice or begin with "_".
        """
        self._check_names(common)
        self._check_names(each)
        counts = set(map(len, each.values()))
        if len(counts) != 1 or common.keys() & each or not self._special.isdisjoint([*common, *each]):
            raise ValueError("documents added together have one value each of every field, and no boosts")
        (count,) = counts
        try:
            self._builder.add_each(common, each, count)
        except BaseException:
            self._dropped.update(range(self.docnum, self.docnum + count))
            raise
        finally:
            self.docnum += count
        self._look_after()

    def start_group(self) -> None:
        """What is added until ``end_group`` stands together in one segment, in the order in which it is added."""
        self._groups += 1

    def end_group(self) -> None:
        self._groups -= 1
        self._look_after()

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a committed document, or one added here: those are numbered after the committed ones."""
        if docnum < self._committed:
            super().delete_document(docnum, delete)
        elif docnum >= self._committed + self.docnum:
            raise IndexingError(f"there is no document {docnum}")
        elif delete:
            self._dropped.add(docnum - self._committed)
        else:
            self._dropped.discard(docnum - self._committed)

    def delete_added(self, documents: range) -> None:
        """Delete documents added here, by how many were added before each (``docnum`` tells)."""
        self._dropped.update(documents)

    def add_reader(self, reader: Any) -> None:
        """Take in all documents of a reader. Those of array segments are merged when committing."""
        self._check_state()
        for leaf, _ in reader.leaf_readers():
            if isinstance(leaf.segment(), ArraySegment) and leaf.storage() is self.storage:
                self._merging.append(leaf.segment())
            else:
                self._import(leaf)
        self._added = True

    def commit(self, mergetype: Policy | None = None, optimize: bool | None = None, merge: bool | None = None) -> None:
        """Make everything visible at once. Options as for Whoosh's writer; the policy is ``tiered``."""
        self._check_state()
        if not mergetype and not self.mergetype and not (optimize if optimize is not None else self.optimize):
            mergetype = tiered if (merge if merge is not None else self.merge) else None
        kept = list(self._merge_segments(mergetype, optimize, merge))
        added = self._finalized(single=optimize is True or mergetype is OPTIMIZE)
        self._close_segment()
        self._commit_toc(kept + added)
        self._finish()

    def cancel(self) -> None:
        for segment, _ in self._parts:
            segment.path(self.storage).unlink(missing_ok=True)
        super().cancel()

    def _check_names(self, fields: Mapping[str, Any]) -> None:
        self._check_state()
        if not self._known.issuperset(fields):
            self._get_to_know(fields.keys() - self._known)
        self._added = True

    def _look_after(self) -> None:
        """Write what is gathered if that is too much; how much it is is asked now and then."""
        if self._groups or self._builder.documents < self._looked_at + _LOOKED_AFTER:
            return
        self._looked_at = self._builder.documents
        if self._builder.size_bytes() > self._limit_bytes:
            self._flush()

    def _get_to_know(self, names: set[str]) -> None:
        """Check names of fields that come for the first time. Raises UnknownFieldError, Unsupported."""
        special = {name for name in names if name.startswith("_")}
        self._check_fields(self.schema, names - special)
        for name in names - special:
            self._builder.intake(name)
        self._special |= special
        self._known |= names

    def _boosted(self, fields: dict[str, Any]) -> list[tuple[str, Any, Any, float]]:
        """What the builder takes of a document with special fields. Raises ValueError for boosts that are no numbers.

        Text that counts otherwise than once begins a new segment, where it is kept as postings.
        """
        whole = self._doc_boost(fields)
        boosts = {name: self._field_boost(fields, name, whole) for name in fields.keys() - self._special}
        if any(boost != 1.0 and self._builder.intake(name).has_rows() for name, boost in boosts.items()):
            self._flush()
        return [
            (name, fields[name], fields.get(f"_stored_{name}", fields[name]), boost) for name, boost in boosts.items()
        ]

    def _import(self, reader: Any) -> None:
        """Add the documents of a segment that is not made of arrays."""
        self._flush()
        numbers: dict[int, int] = {}
        for docnum in reader.all_doc_ids():
            numbers[docnum] = self._builder.documents
            for name, value in reader.stored_fields(docnum).items():
                if name in self.schema and (stored := self._builder.intake(name).stored) is not None:
                    stored.take(self._builder.documents, value)
            self._builder.documents += 1
            self.docnum += 1
        for name in self.schema.names():
            column = self._builder.intake(name).column
            if column is not None and reader.has_column(name):
                values = reader.column_reader(name, translate=False)
                for docnum, number in numbers.items():
                    column.add(number, values[docnum])
        for name in reader.indexed_field_names():
            if name in self.schema:
                self._import_field(name, reader, numbers)

    def _import_field(self, name: str, reader: Any, numbers: dict[int, int]) -> None:
        postings = self._builder.intake(name).postings()
        if self.schema[name].scorable:
            for docnum, number in numbers.items():
                postings.lengthen(number, reader.doc_field_length(docnum, name) or 0)
        for term in reader.lexicon(name):
            matcher = reader.postings(name, term)
            while matcher.is_active():
                weight, value = matcher.weight(), matcher.value()
                postings.add(numbers[matcher.id()], [(term, max(1, round(weight)), weight, value or b"")])
                matcher.next()

    def _flush(self) -> None:
        """Write what is gathered as a segment."""
        builder, self._builder = self._builder, Builder(self.schema)
        self._looked_at = 0
        if not builder.documents:
            return
        segment = self.codec.new_segment(self.storage, self.indexname)
        segment.set_doc_count(builder.documents)
        builder.write(segment.path(self.storage))
        first = self._parts[-1][1] + self._parts[-1][0].doc_count_all() if self._parts else 0
        self._parts.append((segment, first))

    def _finalized(self, *, single: bool) -> list[ArraySegment]:
        """The segments of what was added and of what is to be merged."""
        self._flush()
        for segment, first in self._parts:
            for document in self._dropped.intersection(range(first, first + segment.doc_count_all())):
                segment.delete_document(document - first)
        own = [segment for segment, _ in self._parts]
        done = [part for part in own if not single and part.doc_count() > ENOUGH and not part.has_deletions()]
        rest = [part for part in own + self._merging if part not in done]
        rest.sort(key=lambda segment: segment.doc_count(), reverse=True)
        for group in _groups(rest, None if single else LARGEST):
            if len(group) > 1 or group[0].has_deletions():
                merged = self._merged(group, purged=single or _is_stale(group[0]) or group[0].doc_count() <= AT_ONCE)
                for segment in group:
                    if segment in own:
                        segment.path(self.storage).unlink(missing_ok=True)
                done += [merged] if merged.doc_count_all() else []
            else:
                done += group
        return done

    def _merged(self, group: Sequence[ArraySegment], *, purged: bool) -> ArraySegment:
        """One segment of several, whose checksums are compared first. Where no document is left, it has no file.

        Unless it is to be purged, the first keeps its deleted documents, for then it is copied.
        """
        merged: ArraySegment = self.codec.new_segment(self.storage, self.indexname)
        path = merged.path(self.storage)
        sources = [(Segment(segment.path(self.storage)), set(segment.deleted_docs())) for segment in group]
        staying = set() if purged else sources[0][1].copy()
        sources[0][1].difference_update(staying)
        try:
            for source, _ in sources:
                source.verify()
            merged.set_doc_count(merge(path, self.schema, sources))
        finally:
            for source, _ in sources:
                source.close()
        for document in staying:
            merged.delete_document(document)
        if not merged.doc_count_all():
            path.unlink()
        return merged

    def _commit_toc(self, segments: Sequence[Any]) -> None:
        """Write the TOC so that it is the new one or the old one after a crash, then delete what is unused."""
        TOC(self.schema, list(segments), self.generation).write(_Durable(self.storage), self.indexname)
        self._write_manifest(segments)
        clean_files(self.storage, self.indexname, self.generation, segments)
        for unnamed in Path(self.storage.folder).glob(f"_{self.indexname}_*.toc.*"):
            unnamed.unlink(missing_ok=True)

    def _write_manifest(self, segments: Sequence[Any]) -> None:
        """Say the same in JSON, for readers without Whoosh."""
        name = manifest_name(self.indexname)
        if not all(isinstance(segment, ArraySegment) for segment in segments):
            (Path(self.storage.folder) / name).unlink(missing_ok=True)
            return
        held = [(segment.segment_id(), sorted(segment.deleted_docs())) for segment in segments]
        manifest = Path(self.storage.folder) / f"{name}.new"
        manifest.write_text(json.dumps({"generation": self.generation, "segments": held}), encoding="utf-8")
        manifest.replace(manifest.with_name(name))


def _groups(segments: Sequence[ArraySegment], largest: int | None) -> list[list[ArraySegment]]:
    """Segments in order, joined to groups of at most ``largest`` documents."""
    groups: list[list[ArraySegment]] = []
    documents = 0
    for segment in segments:
        documents += segment.doc_count()
        if not groups or (largest is not None and documents > largest):
            groups.append([])
            documents = segment.doc_count()
        groups[-1].append(segment)
    return groups


class _Durable:
    """A storage whose files are on the disk before they get their name."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage

    def create_file(self, name: str, **options: Any) -> Any:
        return self._storage.create_file(name, **options)

    def rename_file(self, name: str, newname: str, safe: bool = False) -> None:
        folder = Path(self._storage.folder)
        _sync(folder / name)
        (folder / name).replace(folder / newname)
        if os.name == "posix":
            _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
