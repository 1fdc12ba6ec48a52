"""Which parts of Whoosh, and of the array index that stands on it, are used?

Everything of them is imported here, when the index is written or looked after: a search needs nothing of it.
Whoosh 2.7.4 was written for older Pythons: from 3.12 on its first import warns of
invalid escapes and of ``is`` with literals, which is hidden from people here.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from whoosh.columns import NumericColumn
    from whoosh.fields import COLUMN, ID, FieldType, Schema
    from whoosh.formats import Existence, Positions
    from whoosh.index import EmptyIndexError, LockError

    from index.arrays.format import Damaged
    from index.arrays.index import ArrayIndex, create_in, open_dir

__all__ = [
    "COLUMN",
    "ID",
    "ArrayIndex",
    "Damaged",
    "EmptyIndexError",
    "Existence",
    "FieldType",
    "LockError",
    "NumericColumn",
    "Positions",
    "Schema",
    "create_in",
    "open_dir",
]
