"""What do those who write the index and those who search it agree on?

``index.engine.fields`` has its fields, which need Whoosh; a search does not.
"""

from __future__ import annotations

from datetime import datetime

from index.arrays.plan import Scoring

#: The layout; an index of another one is built anew.
SCHEMA = "arrays-4"

#: The column value of a talk whose date is not known: before everything.
NEVER = -(2**62)

#: The language of talks whose language is not known (BCP 47, section 4.1).
UNKNOWN = "und"

#: Only what is said varies so in length that the mean tells something: the other fields are short, and empty in
#: most documents. Numbers as in Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3.5.
SCORING = Scoring(b=0.0, k1=1.2, exact=True, b_of=(("text", 0.75),))


def ms_since_epoch(moment: datetime) -> int:
    """The calendar as field ``published`` keeps it."""
    return round(moment.timestamp() * 1000)
