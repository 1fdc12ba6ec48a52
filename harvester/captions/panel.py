"""How is text read that was copied from the transcript panel of YouTube's watch page?

A time on a line of its own, below it what is said from then on; or both on one line. Chapter
headings stand between: a line too many in a copy whose captions otherwise have one line each.
"""

from __future__ import annotations

import re
from itertools import pairwise

from harvester.captions.speech import Captions, written
from library.timecode import parse_clock

STAMP = re.compile(r"(?m)^[ \t]*[\[(]?((?:\d{1,3}:)?\d{1,3}:\d{2})[\])]?(?:[ \t]+([^\n]*))?$")

#: How long the last caption is taken to last, since a copy gives starts only.
_LAST_MS = 4_000


def read(text: str) -> Captions:
    """Captions of a copied transcript. Raises ValueError where the times do not rise."""
    _, *parts = STAMP.split(text)
    starts = [parse_clock(at) for at in parts[::3]]
    if any(late > soon for late, soon in pairwise(starts)):
        raise ValueError("its times do not rise")
    texts = _without_headings(
        [[same_line or "", *below.split("\n")] for same_line, below in zip(parts[1::3], parts[2::3], strict=True)]
    )
    ends = [*starts[1:], starts[-1] + _LAST_MS] if starts else []
    return Captions(written(zip(starts, ends, texts, strict=True)))


def _without_headings(captions: list[list[str]]) -> list[str]:
    """The text of each caption, without chapter headings where it is plain which lines they are."""
    rows = [[line for line in lines if line.strip()] for lines in captions]
    single = sum(len(lines) <= 1 for lines in rows)
    kept = 1 if 2 * single > len(rows) else None
    return ["\n".join(lines[:kept]) for lines in rows]
