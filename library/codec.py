"""How are the snippets of a transcript packed into one value of a database row?

By columns, as JSON, through zlib: start times as differences, so that they are small and alike.
An hour of speech takes some 25 kB and a millisecond or two to read back.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from itertools import accumulate

from library.models import Snippet, Word


def pack_snippets(snippets: Sequence[Snippet]) -> bytes:
    """zlib-compressed JSON ``[[start differences], [durations], [texts]]``, times in ms."""
    columns = (
        _differences([snippet.start_ms for snippet in snippets]),
        [snippet.duration_ms for snippet in snippets],
        [snippet.text for snippet in snippets],
    )
    return _pack(columns)


def unpack_snippets(packed: bytes) -> tuple[Snippet, ...]:
    starts, durations, texts = json.loads(zlib.decompress(packed))
    return tuple(map(Snippet, accumulate(starts), durations, texts))


def pack_words(words: Sequence[Word]) -> bytes | None:
    """The same of ``[[start differences], [texts]]``; None for no words."""
    if not words:
        return None
    return _pack((_differences([word.start_ms for word in words]), [word.text for word in words]))


def unpack_words(packed: bytes) -> tuple[Word, ...]:
    starts, texts = json.loads(zlib.decompress(packed))
    return tuple(map(Word, accumulate(starts), texts))


def digest(snippets: Iterable[Snippet]) -> str:
    """SHA-256 (hex) of the texts joined by line feeds."""
    return hashlib.sha256("\n".join(snippet.text for snippet in snippets).encode()).hexdigest()


def _differences(numbers: Sequence[int]) -> list[int]:
    return [after - before for before, after in zip((0, *numbers), numbers, strict=False)]


def _pack(columns: object) -> bytes:
    return zlib.compress(json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode(), 6)
