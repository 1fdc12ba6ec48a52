"""Which parts of Whoosh, and of the array index that stands on it, are used?

Everything of them is imported here, once, and nothing a search does not need: what writes is imported by the
index when it is asked to. Whoosh 2.7.4 was written for older Pythons: from 3.12 on its first import warns of
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
    from whoosh.query import And, AndNot, Every, NullQuery, Or, Phrase, Term

    from index.arrays.format import Damaged
    from index.arrays.index import ArrayIndex, create_in, open_dir
    from index.arrays.planning import Together
    from index.arrays.searcher import ExactBM25F

__all__ = [
    "COLUMN",
    "ID",
    "And",
    "AndNot",
    "ArrayIndex",
    "Damaged",
    "EmptyIndexError",
    "Every",
    "ExactBM25F",
    "Existence",
    "FieldType",
    "LockError",
    "NullQuery",
    "NumericColumn",
    "Or",
    "Phrase",
    "Positions",
    "Schema",
    "Term",
    "Together",
    "create_in",
    "open_dir",
]
