"""How are SubRip (.srt) and YouTube's SBV read?

Neither has a written standard. Real files miss counters, use either decimal mark, and have empty
lines inside a caption: so only a timing line ends the caption before it. SBV writes a line break
within a caption as ``[br]``.
"""

from __future__ import annotations

import re

from harvester.captions import cues
from harvester.captions.speech import Captions
from harvester.captions.vtt import TIMING

SBV_TIMING = re.compile(rf"[ \t]*({cues.CLOCK}),[ \t]*({cues.CLOCK})[ \t]*$")

_ASS_OVERRIDE = re.compile(r"\{\\[^{}\n]*\}")


def read_srt(text: str) -> Captions:
    """Captions of a SubRip file; some hold YouTube's rolling captions, as converters write them."""
    return cues.read(cues.cut(_ASS_OVERRIDE.sub("", text), TIMING))


def read_sbv(text: str) -> Captions:
    """Captions of an SBV file."""
    return cues.read(cues.cut(text.replace("[br]", "\n"), SBV_TIMING))
