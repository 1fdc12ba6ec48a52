from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.sources.tracks import TrackKey, choose
from library.models import Origin

MANUAL, GENERATED = Origin.MANUAL, Origin.GENERATED


def keys(text: str) -> list[TrackKey]:
    """Tracks as ``"en de* fr"``: a star marks automatic captions."""
    return [TrackKey(word.rstrip("*"), GENERATED if word.endswith("*") else MANUAL) for word in text.split()]


@pytest.mark.parametrize(
    ("tracks", "spoken", "languages", "chosen"),
    [
        ("en de", "", "en", "en"),
        ("en* en", "", "en", "en"),
        ("de en*", "", "en de", "en*"),
        ("de en*", "", "fr de", "de"),
        ("de fr", "", "en", None),
        ("", "", "original en", None),
        # the language spoken
        ("fr de en", "de", "original en", "de"),
        ("fr de en*", "", "original", "en*"),
        ("en de", "", "original", "en"),
        ("de en", "en-US", "original", "en"),
        ("de en", "zxx", "original", "de"),
        ("de", "en", "original de", "de"),
        ("de", "en", "ORIGINAL", None),
        # variants
        ("en-GB", "", "en", "en-GB"),
        ("en-US en-GB", "", "en-GB", "en-GB"),
        ("en-AU en", "", "en-GB", "en"),
        ("en-US", "", "en-GB", "en-US"),
        ("en-GB en", "", "en", "en"),
        ("EN-gb", "", "en-GB", "EN-gb"),
        ("en* en-GB", "", "en", "en-GB"),
        ("zh-Hant zh-Hans", "", "zh-Hans-CN", "zh-Hans"),
        ("enm", "", "en", None),
        ("iw", "", "he", "iw"),
    ],
)
def test_the_track_that_fits_best_is_chosen(tracks: str, spoken: str, languages: str, chosen: str | None) -> None:
    there = keys(tracks)
    found = choose(there, spoken, languages.split())
    assert (None if found is None else there[found]) == (keys(chosen)[0] if chosen else None)


_languages = st.sampled_from(["en", "en-GB", "en-US", "de", "zh-Hans", "zh-Hant", "iw", "he", ""])
_tracks = st.lists(st.builds(TrackKey, _languages, st.sampled_from([MANUAL, GENERATED])), max_size=5)


@given(_tracks, _languages, st.lists(_languages | st.just("original"), max_size=3))
def test_an_automatic_track_is_never_chosen_beside_one_by_people(
    tracks: list[TrackKey], spoken: str, languages: list[str]
) -> None:
    found = choose(tracks, spoken, languages)
    if found is not None and tracks[found].origin is GENERATED:
        assert TrackKey(tracks[found].language, MANUAL) not in tracks
