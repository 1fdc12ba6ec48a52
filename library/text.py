"""How is text from strangers made harmless?

Titles and captions come from YouTube and from files. They may hold terminal escapes, bidirectional
overrides that turn a line around, or anything else. ``plain`` runs once, where text enters; what
a place of output needs beyond that (HTML, spreadsheets, file names) is done there.
"""

from __future__ import annotations

import re
import unicodedata

# Compiled, as are the others, when first needed: most text is plain.
_LINE_END = "\r\n?|[\x0b\x0c\x85\u2028\u2029]"
# C0 and C1 controls but tab and newline; the bidirectional overrides, embeddings and isolates of
# Unicode TR 9; the byte order mark and what no XML may hold (XML 1.0, 2.2); lone surrogates.
_HARMFUL = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
_ESCAPE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])"


def plain(text: str) -> str:
    """``text`` without terminal escapes, control characters and direction overrides.

    Newlines and tabs stay; every other way of ending a line becomes a newline.
    """
    if text.isprintable():
        return text
    return re.sub(_HARMFUL, "", re.sub(_LINE_END, "\n", re.sub(_ESCAPE, "", text)))


def one_line(text: str) -> str:
    """``text`` made plain, with every run of white space as one space."""
    return " ".join(plain(text).split())


def slug(text: str, fallback: str = "unnamed") -> str:
    """A name of lower-case ASCII letters, digits and hyphens, safe as a file name and a TOML key."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded.lower()).strip("-")[:60].rstrip("-") or fallback
