"""How is WebVTT read? (W3C, WebVTT: The Web Video Text Tracks Format)

YouTube adds ``Kind:`` and ``Language:`` lines to the header, and to automatic captions a stamp
before every word but the first. Whisper leaves out the hours.
"""

from __future__ import annotations

import re

from harvester.captions import cues
from harvester.captions.speech import Captions

TIMING = re.compile(rf"[ \t]*({cues.CLOCK})[ \t]*-->[ \t]*({cues.CLOCK})(?!\S)")

_HEADER_CHARS = 4096
_HEADER_FIELD = re.compile(r"(?m)^(Kind|Language):[ \t]*([\w-]+)")
_ASIDE = re.compile(r"\n\n(?:NOTE|STYLE|REGION)(?:[ \t][^\n]*)?(?:\n[^\n]+)*")


def read(text: str) -> Captions:
    """Captions of a WebVTT file. Comments, styles and regions are passed over.

    An empty line ends a cue; one with a space, as YouTube writes, does not.
    """
    header = dict(_HEADER_FIELD.findall(text[:_HEADER_CHARS].split("\n\n", 1)[0]))
    found = cues.cut(_ASIDE.sub("\n", text), TIMING, to_empty_line=True)
    return cues.read(found, header.get("Language", ""), header.get("Kind") == "asr")
