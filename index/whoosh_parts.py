"""Which parts of Whoosh are used?

Everything of it is imported here, once, and nothing a search does not need; ``whoosh.writing`` is left
to ``index.whoosh_writer``. Whoosh 2.7.4 was written for older Pythons: from 3.12 on its first import
warns of invalid escapes and of ``is`` with literals, which is hidden from people here.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from whoosh.columns import NumericColumn
    from whoosh.fields import COLUMN, ID, FieldType, Schema
    from whoosh.formats import Existence, Positions
    from whoosh.index import EmptyIndexError, FileIndex, LockError, create_in, open_dir
    from whoosh.query import And, Every, Not, NullQuery, Or, Phrase, Term
    from whoosh.scoring import BM25F, BaseScorer, WeightingModel

__all__ = [
    "BM25F",
    "COLUMN",
    "ID",
    "And",
    "BaseScorer",
    "EmptyIndexError",
    "Every",
    "Existence",
    "FieldType",
    "FileIndex",
    "LockError",
    "Not",
    "NullQuery",
    "NumericColumn",
    "Or",
    "Phrase",
    "Positions",
    "Schema",
    "Term",
    "WeightingModel",
    "create_in",
    "open_dir",
]
