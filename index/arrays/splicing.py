"""How is much put into a section that is written already, without touching the rest of it?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import chain, zip_longest
from typing import Any

import numpy as np

from .streams import Numbers

_SPOOLED_BYTES = 4 << 20

#: What is edited in so many bytes of the base is handed on at once.
_JOINED_BYTES = 1 << 20


class Spliced:
    """The bytes of a base, with others put between them or in their stead. These wait in a temporary file."""

    def __init__(self, base: Any = b"") -> None:
        self._base = memoryview(base)
        self._file = tempfile.SpooledTemporaryFile(_SPOOLED_BYTES)  # noqa: SIM115  (closed by close)
        self._edits: list[Numbers] = []

    def put(self, data: Any, sizes: Numbers, at: Numbers, skipped: Numbers) -> None:
        """Put in pieces of ``data``, of so many bytes each, before the bytes ``at`` of the base, ascending.

        So many bytes of the base as ``skipped`` says are left out there.
        """
        self._file.write(data)
        some = np.flatnonzero((sizes > 0) | (skipped > 0))
        if len(some):
            sizes, at, skipped = sizes[some], at[some], skipped[some]
            apart = np.flatnonzero(np.concatenate(([True], at[1:] != at[:-1] + skipped[:-1])))
            edits = np.add.reduceat(sizes, apart), at[apart], np.add.reduceat(skipped, apart)
            self._edits.append(np.stack(edits))

    def append(self, data: Any) -> None:
        """Put all of it behind the base."""
        size, end = len(memoryview(data).cast("B")), len(self._base)
        self.put(data, np.array([size]), np.array([end]), np.array([0]))

    def chunks(self) -> Iterator[Any]:
        """All of it, lazily."""
        self._file.seek(0)
        done = 0
        for edits in self._edits:
            for sizes, at, skipped in np.split(edits, np.flatnonzero(np.diff(edits[1] // _JOINED_BYTES)) + 1, axis=1):
                yield self._base[done : at[0]]
                yield self._edited(sizes, at, at + skipped)
                done = at[-1] + skipped[-1]
        yield self._base[done:]

    def close(self) -> None:
        self._file.close()

    def _edited(self, sizes: Numbers, at: Numbers, beyond: Numbers) -> bytes:
        """The next pieces, and what is left of the base between them."""
        data = memoryview(self._file.read(int(sizes.sum())))
        ends = np.cumsum(sizes)
        pieces = [data[start:end] for start, end in zip((ends - sizes).tolist(), ends.tolist(), strict=True)]
        left = [self._base[start:end] for start, end in zip(beyond.tolist(), at[1:].tolist(), strict=False)]
        return b"".join(chain.from_iterable(zip_longest(pieces, left, fillvalue=b"")))
