"""How are the snippets of a transcript packed into one value of a database row?

By columns, as JSON, through zlib: start times as differences, so that they are small and alike.
An hour of speech takes some 25 kB and a millisecond or two to read back.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import msgspec

from library.models import Snippet, Word


def pack_snippets(snippets: Sequence[Snippet]) -> bytes:
    """zlib-compressed JSON ``[[start differences], [durations], [texts]]``, times in ms."""
    return zlib.compress(_snippets_json(snippets), 6)


def unpack_snippets(packed: bytes) -> tuple[Snippet, ...]:
    """What ``pack_snippets`` packed. Raises ValueError for anything else."""
    starts, durations, texts = _unpack(packed)
    if not len(starts) == len(durations) == len(texts):
        raise ValueError("columns are of different length")
    return tuple(map(Snippet, accumulate(starts), durations, texts))


def pack_words(words: Sequence[Word]) -> bytes | None:
    """The same of ``[[start differences], [texts]]``; None for no words."""
    return zlib.compress(_words_json(words), 6) if words else None


def unpack_words(packed: bytes) -> tuple[Word, ...]:
    """What ``pack_words`` packed. Raises ValueError for anything else."""
    starts, texts = _unpack(packed)
    return tuple(map(Word, accumulate(starts), texts))


def digest(snippets: Sequence[Snippet], words: Sequence[Word] = ()) -> str:
    """SHA-256 (hex) of all there is to pack: times, texts and words."""
    import hashlib

    return hashlib.sha256(_snippets_json(snippets) + _words_json(words)).hexdigest()


def _snippets_json(snippets: Sequence[Snippet]) -> bytes:
    starts = _differences([snippet.start_ms for snippet in snippets])
    return _json((starts, [snippet.duration_ms for snippet in snippets], [snippet.text for snippet in snippets]))


def _words_json(words: Sequence[Word]) -> bytes:
    return _json((_differences([word.start_ms for word in words]), [word.text for word in words]))


def _differences(numbers: Sequence[int]) -> list[int]:
    return [after - before for before, after in zip((0, *numbers), numbers, strict=False)]


def _json(columns: object) -> bytes:
    return msgspec.json.encode(columns)


def _unpack(packed: bytes) -> Any:
    try:
        return msgspec.json.decode(zlib.decompress(packed))
    except zlib.error as exc:
        raise ValueError(str(exc)) from exc
