"""How is the user's file of corrections changed without losing a comment of theirs?

Only the TOML is known here; what an entry means, and whether it is in order, ``index.corrections`` says.
"""

from __future__ import annotations

from pathlib import Path

import tomlkit

from library.toml_file import alike, document

_HEAD = """\
# What captions mishear: what is meant, and what they say instead. Searching for the one finds the other, too.
# Each line is yours to change:  "Ada Park" = ["a duh park", "eta park"]

"""


def with_correction(path: Path, meant: str, heard: str) -> str:
    """The text of the file in which ``heard`` stands for ``meant``, with a head where it is new. Raises ConfigError."""
    found = document(path)
    known = next((name for name in found if alike(name) == alike(meant)), meant)
    values = found.setdefault(known, tomlkit.array())
    if isinstance(values, list) and alike(heard) not in map(alike, map(str, values)):
        values.append(heard)
    return ("" if path.exists() else _HEAD) + tomlkit.dumps(found)


def without_correction(path: Path, name: str) -> str:
    """The text of the file without what is meant or heard by that name; the same text where there is none.

    Raises ConfigError.
    """
    found = document(path)
    for meant, heard in [(meant, heard) for meant, heard in found.items() if isinstance(heard, list)]:
        for at in reversed(range(len(heard))):
            if alike(str(heard[at])) == alike(name):
                del heard[at]
        if alike(meant) == alike(name) or not heard:
            del found[meant]
    return tomlkit.dumps(found)
