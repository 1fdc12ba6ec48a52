"""Which of a video's caption tracks is read?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from library.models import Origin

ORIGINAL = "original"
# Codes that YouTube still writes, and those that replaced them (IANA language subtag registry).
_RENAMED = {"iw": "he", "in": "id", "ji": "yi"}
# Codes that name no spoken language: undetermined, none, several.
_NO_LANGUAGE = frozenset({"und", "zxx", "mul"})


class TrackKey(NamedTuple):
    """What a choice is made by: language (BCP 47) and who wrote it."""

    language: str
    origin: Origin


def choose(tracks: Sequence[TrackKey], spoken: str, languages: Sequence[str]) -> int | None:
    """The index of the track to read, None where no language asked for is there.

    ``languages`` are tried in order; ``"original"`` stands for ``spoken`` (BCP 47, "" where unknown),
    else for the language of automatic captions, which are made of what is said, else for that of the
    first track. ``en`` takes ``en-GB``, and ``en-GB`` takes ``en-US`` where there is nothing nearer
    (lookup as in RFC 4647, 3.4, and then by primary subtag). Within a language people's captions come
    before automatic ones, and then the nearest variant.
    """
    for wanted in languages:
        language = _original(tracks, spoken) if wanted.lower() == ORIGINAL else wanted
        primary = _primary(language)
        fitting = [index for index, track in enumerate(tracks) if _primary(track.language) == primary]
        if fitting:
            return min(fitting, key=lambda index: _rank(tracks[index], language))
    return None


def _original(tracks: Sequence[TrackKey], spoken: str) -> str:
    if spoken and _primary(spoken) not in _NO_LANGUAGE:
        return spoken
    generated = [track.language for track in tracks if track.origin is Origin.GENERATED]
    return (generated or [track.language for track in tracks] or [""])[0]


def _subtags(language: str) -> list[str]:
    first, *rest = language.lower().replace("_", "-").split("-")
    return [_RENAMED.get(first, first), *rest]


def _primary(language: str) -> str:
    return _subtags(language)[0]


def _rank(track: TrackKey, language: str) -> tuple[bool, bool, int]:
    """Smaller is better: people before machines, the very tag, then more subtags in common."""
    has, asked = _subtags(track.language), _subtags(language)
    common = sum(1 for one, other in zip(has, asked, strict=False) if one == other)
    return track.origin is Origin.GENERATED, has != asked, len(has) - 2 * common
