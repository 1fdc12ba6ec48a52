"""How does a list of moments show more than one talk and one lecturer?

``spread`` lets no talk and no lecturer fill a list, as long as others speak of the matter nearly as well.
``unrepeated`` folds what is said twice under one clip: a talk uploaded twice, a piece of it, an advertisement
read in every episode. Both only ever look at what a ranking put first; neither changes a score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import islice
from math import ceil

from msgspec.structs import replace

from index.analysis import folded
from index.clips import Clip
from index.engine import Hit

#: How many times as many hits as are shown ``spread`` wants to choose from.
DEPTH = 4
#: The part of a list that one talk, and one lecturer, may take up while others have something to say.
OF_ONE_TALK, OF_ONE_LECTURER = 0.3, 0.6
#: Who scores less than this part of the best hit has too little to say to take another one's place.
FLOOR = 0.6
#: Two clips are the same speech from this part of the shorter one's runs of three words on.
SAME_WORDS = 0.4
_RUN = 3
#: A clip of fewer runs than this is too short to be told from another.
_FEWEST_RUNS = 20

Runs = frozenset[tuple[str, ...]]


def spread(hits: Sequence[Hit], limit: int, lecturer_of: Callable[[str], Hashable]) -> list[Hit]:
    """The hits, best first, in the order to show them: those held back stand behind the first ``limit``.

    ``lecturer_of`` tells of a video id whose it is.
    """
    most_of_talk, most_of_lecturer = ceil(limit * OF_ONE_TALK), ceil(limit * OF_ONE_LECTURER)
    talks: Counter[str] = Counter()
    lecturers: Counter[Hashable] = Counter()
    first: list[Hit] = []
    others: list[Hit] = []
    for hit in hits:
        full = len(first) == limit or talks[hit.video_id] == most_of_talk or hit.score < FLOOR * hits[0].score
        if full or lecturers[lecturer := lecturer_of(hit.video_id)] == most_of_lecturer:
            others.append(hit)
        else:
            first.append(hit)
            talks[hit.video_id] += 1
            lecturers[lecturer] += 1
    return first + others


def unrepeated(hits: Iterable[Hit], limit: int, clips_of: Callable[[Iterable[Hit]], Iterable[Clip]]) -> list[Clip]:
    """The first ``limit`` clips of the hits; one that says again what an earlier one says is its ``also``.

    Of two clips of one talk that came to begin at nearly the same place, the better is kept.
    ``clips_of`` makes clips of hits; it is asked for as many as are missing, so hits behind those shown stay unread.
    """
    waiting = iter(hits)
    found: list[Clip] = []
    heard: list[Runs] = []
    while batch := list(islice(waiting, limit - len(found))):
        for clip in clips_of(batch):
            if any(_same_moment(clip, earlier) for earlier in found):
                continue
            said = runs(clip.text)
            at = next((at for at, runs_of in enumerate(heard) if _again(clip, said, found[at], runs_of)), None)
            if at is None:
                found.append(clip)
                heard.append(said)
            else:
                found[at] = replace(found[at], also=(*found[at].also, clip))
    return found


def runs(text: str) -> Runs:
    """The runs of three folded words of a text."""
    words = folded(text)
    return frozenset(zip(*(words[at:] for at in range(_RUN)), strict=False))


def alike(one: Runs, other: Runs) -> bool:
    """Whether two texts are the same speech, perhaps cut or captioned otherwise."""
    shorter = min(len(one), len(other))
    return shorter >= _FEWEST_RUNS and len(one & other) >= SAME_WORDS * shorter


def _same_moment(clip: Clip, earlier: Clip) -> bool:
    shared_ms = min(clip.end_ms, earlier.end_ms) - max(clip.start_ms, earlier.start_ms)
    shorter_ms = min(clip.end_ms - clip.start_ms, earlier.end_ms - earlier.start_ms)
    return clip.video_id == earlier.video_id and 2 * shared_ms > shorter_ms


def _again(clip: Clip, said: Runs, earlier: Clip, heard: Runs) -> bool:
    return clip.video_id != earlier.video_id and not clip.about and not earlier.about and alike(said, heard)
