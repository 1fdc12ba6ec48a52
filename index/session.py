"""Which moments fill a given time best?

Greedily the moment that is worth most at that point and still fits. Each moment of a lecturer makes their
next one worth less, and of a talk still less, so that voices alternate where scores are near. A moment that
shares time with a chosen one, or says the same words (a talk uploaded twice), is passed over.

They are told in the order one listens: lecturers by their best moment, and each in one go, talk after talk
and from the beginning of each talk to its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from index.clips import Clip, Library, lengthened
from index.query import Query
from index.variety import Runs, alike, runs
from library.timecode import clock
from library.wording import counted

#: What is left of a moment's worth for each one of its lecturer, and of its talk, that was chosen before.
SAME_LECTURER, SAME_TALK = 0.75, 0.8
#: A moment shorter than this is over before one has listened in.
SHORTEST_MS = 45_000
#: A moment worth less than this part of the best one is not worth the time.
WORTH = 0.3


def session(candidates: Iterable[Clip], budget_ms: int) -> list[Clip]:
    """Moments whose lengths add up to at most ``budget_ms``, in listening order; [] where not one fits.

    ``candidates`` are clips of one search, whose scores can be compared.
    """
    left = [clip for clip in candidates if not clip.about]
    least = WORTH * max((clip.score for clip in left), default=0)
    left = [clip for clip in left if clip.score >= least]
    said = {clip.id: runs(clip.text) for clip in left}
    chosen: list[Clip] = []
    lecturers: Counter[str] = Counter()
    talks: Counter[str] = Counter()
    while True:
        budget_ms -= length_ms(chosen[-1:])
        left = [
            clip
            for clip in left
            if length_ms([clip]) <= budget_ms
            and not (chosen and _repeats(clip, chosen[-1], said[clip.id], said[chosen[-1].id]))
        ]
        if not left:
            return _in_listening_order(chosen)
        best = max(left, key=lambda c: c.score * SAME_LECTURER ** lecturers[c.mentor] * SAME_TALK ** talks[c.video_id])
        chosen.append(best)
        lecturers[best.mentor] += 1
        talks[best.video_id] += 1


def listenable(found: Iterable[Clip], query: Query, library: Library) -> list[Clip]:
    """The clips, the short ones lengthened to ``SHORTEST_MS`` or to where the talk ends."""
    return [lengthened(clip, SHORTEST_MS, query, library) if _is_short(clip) else clip for clip in found]


def _is_short(clip: Clip) -> bool:
    return not clip.about and clip.end_ms - clip.start_ms < SHORTEST_MS


def length_ms(clips: Iterable[Clip]) -> int:
    """How long it takes to hear them."""
    return sum(clip.end_ms - clip.start_ms for clip in clips)


def in_words(clips: Sequence[Clip]) -> str:
    """The length of a session in words: ``7 moments of 4 lecturers, 18:20``."""
    people = len({clip.mentor for clip in clips})
    return f"{counted(len(clips), 'moment')} of {counted(people, 'lecturer')}, {clock(length_ms(clips))}"


def _repeats(clip: Clip, other: Clip, said: Runs, others: Runs) -> bool:
    if clip.video_id == other.video_id and clip.start_ms < other.end_ms and other.start_ms < clip.end_ms:
        return True
    return alike(said, others)


def _in_listening_order(chosen: Sequence[Clip]) -> list[Clip]:
    lecturers = {mentor: place for place, mentor in enumerate(dict.fromkeys(clip.mentor for clip in chosen))}
    talks = {video_id: place for place, video_id in enumerate(dict.fromkeys(clip.video_id for clip in chosen))}
    return sorted(chosen, key=lambda clip: (lecturers[clip.mentor], talks[clip.video_id], clip.start_ms))
