"""How is a Whoosh index made as fast as an index in C or Rust?

Postings are arrays, read in place and scored as a whole. It remains a Whoosh index: schema, query language,
query classes, lock, TOC, segments, merge policies, results and highlights are Whoosh's own. ::

    ix = arrays.create_in(folder, schema)          # or open_dir(folder)
    with ix.writer() as writer:
        writer.add_document(...)               # or add_documents, for several at once
    with ix.searcher() as searcher:
        results = searcher.search(query, limit=10)

Names are imported when they are used: a program that makes plans itself (``plan``) opens the index by
``open_snapshot`` and asks ``answering.Answers``, which needs no Whoosh, and numpy only where that pays.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# numpy starts a thread for each core for products of matrices. There are none here, and starting takes as long as
# the rest of numpy's import.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# It asks for huge pages, too: to get those for arrays that are written once takes longer than they save.
os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")

if TYPE_CHECKING:
    from .codec import ArrayCodec, ArraySegment
    from .format import ArraysError, Damaged, Unsupported
    from .index import ArrayIndex, create_in, open_dir
    from .planning import Together, Unplanned
    from .searcher import ArraySearcher, ExactBM25F
    from .snapshot import open_snapshot
    from .writer import ArrayWriter, tiered

__all__ = [
    "ArrayCodec",
    "ArrayIndex",
    "ArraySearcher",
    "ArraySegment",
    "ArrayWriter",
    "ArraysError",
    "Damaged",
    "ExactBM25F",
    "Together",
    "Unplanned",
    "Unsupported",
    "create_in",
    "open_dir",
    "open_snapshot",
    "tiered",
]

_HOMES = {
    "codec": ("ArrayCodec", "ArraySegment"),
    "format": ("ArraysError", "Damaged", "Unsupported"),
    "index": ("ArrayIndex", "create_in", "open_dir"),
    "planning": ("Together", "Unplanned"),
    "searcher": ("ArraySearcher", "ExactBM25F"),
    "snapshot": ("open_snapshot",),
    "writer": ("ArrayWriter", "tiered"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
