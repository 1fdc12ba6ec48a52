"""How does a field say what its text consists of, so that it is taken in fast?

A field type with a method ``wording(value)`` is asked for a ``Wording`` instead of for postings. While documents
are added, their texts are only noted. When they are written, all texts are cut at white space at once, and the terms
(``well``) of all different *pieces* of them (``Well,``) are asked for, however often these stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Wording(NamedTuple):
    """Texts in order, and the function that gives the terms of many pieces of them.

    For each piece it gives its terms in order, with white space between them; "" for none. Place i is the i-th term of
    all texts. A text that stands in several documents is cut once. What ``terms_of`` says of a piece is remembered, so
    use few such functions, one a language, say.
    """

    texts: Sequence[str]
    terms_of: Callable[[Sequence[str]], Sequence[str]]
