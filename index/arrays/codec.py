"""How does Whoosh read array segments?

Everything Whoosh's own matchers, collectors, facets and highlighters ask of a segment is answered here, so
that queries the fast searcher does not know run as always. Needs no numpy.
"""

from __future__ import annotations

import warnings
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Whoosh 2.7.4 has invalid escapes and "is" with literals
    from whoosh.codec.base import Codec, FieldCursor, TermsReader
    from whoosh.codec.whoosh3 import W3Segment
    from whoosh.matching import LeafMatcher, ReadTooFar
    from whoosh.query.spans import Span
    from whoosh.reading import TermInfo, TermNotFound

from .documents import ArrayDocuments, rounded
from .format import EXTENSION, Field, Segment, Unsupported, opened
from .plan import Scoring
from .postings import docs_of, places_of, tfs_of
from .snapshot import Snapshot


class ArraySegment(W3Segment):  # type: ignore[misc]
    """What the TOC says about a segment: its id, how many documents it has, which are deleted."""

    def should_assemble(self) -> bool:
        return False

    def path(self, storage: Any) -> Path:
        """The file of the segment. Raises Unsupported for an index that is not in a folder."""
        folder = getattr(storage, "folder", None)
        if folder is None:
            raise Unsupported("array segments are kept in a folder, not in memory")
        name: str = self.make_filename(EXTENSION)
        return Path(folder) / name


class ArrayCodec(Codec):  # type: ignore[misc]
    """Reads array segments; ``writer.ArrayWriter`` writes them."""

    length_stats = False

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        return ArraySegment(self, indexname)

    def terms_reader(self, storage: Any, segment: ArraySegment) -> ArrayTerms:
        return ArrayTerms(opened(segment.path(storage)))

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> ArrayDocuments:
        return ArrayDocuments(opened(segment.path(storage)), segment)

    def per_document_writer(self, storage: Any, segment: ArraySegment) -> Closed:
        return Closed()

    def field_writer(self, storage: Any, segment: ArraySegment) -> Closed:
        return Closed()


class Closed:
    """Stands where Whoosh's writer keeps a part of a codec that ArrayWriter does not need."""

    is_closed = True

    def __getattr__(self, name: str) -> Any:
        raise Unsupported("array segments are written by index.arrays.writer.ArrayWriter only")


class ArrayTerms(TermsReader):  # type: ignore[misc]
    """The terms of all fields."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment

    def indexed_field_names(self) -> Any:
        return self.segment.fields.keys()

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        field = self.segment.field(term[0])
        return field is not None and field.find(term[1]) >= 0

    def cursor(self, fieldname: str, fieldobj: Any) -> ArrayCursor:
        return ArrayCursor(self.segment.field(fieldname), fieldobj)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for name in sorted(self.segment.fields):
            yield from self.terms_from(name, b"", onward=False)

    def terms_from(self, fieldname: str, prefix: bytes, onward: bool = True) -> Iterator[tuple[str, bytes]]:
        """The terms from ``prefix`` on, and those of the fields after this one."""
        field = self.segment.field(fieldname)
        if field is not None:
            for term in field.terms(field.lower(prefix)):
                yield fieldname, term
        if onward:
            for name in sorted(self.segment.fields):
                if name > fieldname:
                    yield from self.terms_from(name, b"", onward=False)

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        for name, term in self.terms():
            yield (name, term), self.term_info(name, term)

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        for name, term in self.terms_from(fieldname, prefix):
            yield (name, term), self.term_info(name, term)

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        return ArrayTermInfo(*self._found(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self.term_info(fieldname, text).weight()) if (fieldname, text) in self else 0.0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        field = self.segment.field(fieldname)
        at = -1 if field is None else field.find(text)
        return 0 if field is None or at < 0 else field.df(at)

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArrayMatcher:
        field, at = self._found(fieldname, text)
        return ArrayMatcher(field, at, format_, scorer, (fieldname, text))

    def _found(self, fieldname: str, text: bytes) -> tuple[Field, int]:
        field = self.segment.field(fieldname)
        at = -1 if field is None else field.find(text)
        if field is None or at < 0:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return field, at


class ArrayTermInfo(TermInfo):  # type: ignore[misc]
    """What Whoosh wants to know of a term, worked out when asked for: these are the attributes it reads."""

    def __init__(self, field: Field, at: int) -> None:
        self._field, self._at = field, at
        self._df = field.df(at)

    @cached_property
    def _weight(self) -> float:
        return float(sum(self._weights))

    @cached_property
    def _maxweight(self) -> float:
        return float(max(self._weights))

    @cached_property
    def _minlength(self) -> int:
        return rounded(min(self._lengths))

    @cached_property
    def _maxlength(self) -> int:
        return rounded(max(self._lengths))

    @cached_property
    def _minid(self) -> int:
        return self._docs[0]

    @cached_property
    def _maxid(self) -> int:
        return self._docs[-1]

    @cached_property
    def _docs(self) -> list[int]:
        return docs_of(self._field, self._at)

    @cached_property
    def _weights(self) -> Any:
        return weights_of(self._field, self._at)

    @cached_property
    def _lengths(self) -> list[int]:
        lengths = self._field.lengths
        return [0] if lengths is None else [lengths[document] for document in self._docs]


class ArrayCursor(FieldCursor):  # type: ignore[misc]
    """Walks over the terms of a field."""

    def __init__(self, field: Field | None, fieldobj: Any) -> None:
        self._field, self._type, self._at = field, fieldobj, 0
        self._end = 0 if field is None else len(field)

    def first(self) -> Any:
        self._at = 0
        return self.text()

    def find(self, string: Any) -> Any:
        term = string if isinstance(string, bytes) else self._type.to_bytes(string)
        self._at = 0 if self._field is None else self._field.lower(term)
        return self.text()

    def next(self) -> Any:
        self._at += 1
        return self.text()

    def text(self) -> Any:
        return self._type.from_bytes(self._field.term(self._at)) if self._field and self.is_valid() else None

    def term_info(self) -> TermInfo | None:
        return ArrayTermInfo(self._field, self._at) if self._field and self.is_valid() else None

    def is_valid(self) -> bool:
        return self._at < self._end


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """Walks over the postings of a term. Offers no block qualities: Whoosh's use of them loses documents."""

    def __init__(self, field: Field, at: int, format_: Any, scorer: Any, term: tuple[str, bytes]) -> None:
        self._field, self._term_at = field, at
        self.format, self.scorer, self._term = format_, scorer, term
        self._docs = docs_of(field, at)
        self._i = 0

    def is_active(self) -> bool:
        return self._i < len(self._docs)

    def id(self) -> int:
        return self._docs[self._i]

    def all_ids(self) -> Iterator[int]:
        return iter(self._docs[self._i :])

    def next(self) -> bool:
        if not self.is_active():
            raise ReadTooFar
        self._i += 1
        return True

    def skip_to(self, id: int) -> None:  # noqa: A002
        if not self.is_active():
            raise ReadTooFar
        self._i = bisect_left(self._docs, id, self._i)

    def reset(self) -> None:
        self._i = 0

    def copy(self) -> ArrayMatcher:
        found = ArrayMatcher(self._field, self._term_at, self.format, self.scorer, self._term)
        found._i = self._i
        return found

    def supports_block_quality(self) -> bool:
        return False

    def max_quality(self) -> float:
        return float(self.scorer.max_quality()) if self.scorer else float(max(self._weights))

    def weight(self) -> float:
        return float(self._weights[self._i])

    def supports(self, astype: str) -> bool:
        return bool(self.format.supports(astype))

    def value(self) -> bytes:
        field = self._field
        if field.values is not None:
            at = field.posting_ends[self._term_at] + self._i
            return bytes(field.values[field.value_ends[at] : field.value_ends[at + 1]])
        if field.positions:
            return bytes(self.format.encode(self._places()))
        return bytes(self.format.encode(self._tfs[self._i])) if self.format.supports("frequency") else b""

    def value_as(self, astype: str) -> Any:
        if astype == "positions" and self._field.positions:
            return self._places()
        return self.format.decoder(astype)(self.value())

    def spans(self) -> list[Span]:
        if self._field.values is None and self._field.positions:
            return [Span(place) for place in self._places()]
        return list(super().spans())

    def _places(self) -> list[int]:
        first, beyond = self._place_starts[self._i : self._i + 2]
        return list(accumulate(self._all_places[first:beyond]))

    @cached_property
    def _tfs(self) -> Any:
        return tfs_of(self._field, self._term_at)

    @cached_property
    def _weights(self) -> Any:
        return weights_of(self._field, self._term_at)

    @cached_property
    def _place_starts(self) -> list[int]:
        return list(accumulate(self._tfs, initial=0))

    @cached_property
    def _all_places(self) -> Any:
        return places_of(self._field, self._term_at)


def weights_of(field: Field, at: int) -> Any:
    """The weight of each posting of a term."""
    if field.weights is None:
        return tfs_of(field, at)
    return field.weights[field.posting_ends[at] : field.posting_ends[at + 1]]


def snapshot_of(reader: Any, scoring: Scoring) -> Snapshot | None:
    """What a reader of Whoosh's reads, for plans; None where a segment is of another codec."""
    segments = []
    for leaf, _ in reader.leaf_readers():
        terms = getattr(leaf, "_terms", None)
        if terms is None and not leaf.doc_count_all():
            continue
        if not isinstance(terms, ArrayTerms):
            return None
        segments.append((terms.segment, frozenset(leaf.segment().deleted_docs())))
    generation = reader.generation()
    return Snapshot(segments, scoring, -1 if generation is None else generation)
