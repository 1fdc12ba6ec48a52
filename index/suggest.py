"""Which words and phrases stand out near a topic, or in what one lecturer says?

Stretches of speech are compared: those where the topic was heard against the rest of the library. For each
stem and each pair of neighbouring stems it is counted in how many stretches of either side it occurs, so that
one talk that says a word fifty times counts no more than it should. What is surprisingly frequent is told by
the log-likelihood ratio G² (T. Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence",
Computational Linguistics 19(1), 1993, section 5).

Kept out: words that are common in the library, and digits; what the topic finds already; what only a person or
two or a few talks say (where there are more); and what a lecturer says again in the same words in several talks
(sponsors, greetings).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TypeVar

from index.analysis import folded, primary, stemmer
from index.clips import joined, within
from index.engine import Engine, Hit
from index.heard import heard
from index.marking import highlight
from index.passages import passages
from index.query import Or, Query
from index.topics import Topic, query_of
from library.models import Mentor, State, Transcript
from library.store import Store

#: G² above which a difference is hardly chance: p < 0.0001 at one degree of freedom.
SURPRISING = 15.13
#: How many moments of a topic, and how many talks beside them, are read at most.
MOMENTS, TALKS = 200, 40

#: How long the stretches are that moments are compared with.
_STRETCH_MS = 120_000
#: A row of so many words that recurs in so many talks of one lecturer is a set piece.
_ROW, _RECURS = 6, 3
#: Said by so many people and in so many talks, where there are as many.
_PEOPLE, _DIFFERENT_TALKS = 3, 4
#: A word that occurs nearly always in one pair is told as that pair.
_MOSTLY = 0.6
#: A word in a larger share of a language's stretches than this says nothing of any topic.
_COMMON = 0.08

#: Stands where words of the topic were: a number, which is never told, and parts the words around it.
_GAP = "0"

Item = TypeVar("Item")
Term = tuple[str, ...]


class Stretch(NamedTuple):
    """Some speech as folded words: by whom, in which talk, in which language (primary subtag)."""

    mentor: str
    talk: str
    language: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standout:
    """A word or two that stand out: in how many stretches ``out_of`` how many, how often as elsewhere, and G²."""

    text: str
    moments: int
    out_of: int
    times: float
    surprise: float


def near_topic(
    store: Store, engine: Engine, topic: Topic, limit: int, hits: Sequence[Hit] | None = None
) -> list[Standout]:
    """What comes up where a topic does and is not in it yet, most surprising first. ``hits`` where they are known."""
    found = heard(store, engine, topic).hits if hits is None else hits
    spoken = [hit for hit in found if not hit.about]
    near = list(_spoken(store, _spread(spoken, MOMENTS), query_of(topic)))
    return standing_out(near, list(_elsewhere(store, spoken)), limit)


def themes(store: Store, mentor: Mentor, topics: Iterable[Topic], limit: int) -> list[Standout]:
    """What one lecturer speaks of more than the others do, and no topic finds."""
    known = tuple(query_of(topic) for topic in topics)
    without = Or(known) if known else None
    own: list[str] = []
    others: list[str] = []
    for video_id, mentors in _talks(store):
        (own if mentor.slug in mentors else others).append(video_id)
    said = [s for video_id in _spread(own, TALKS) for s in _stretches(store, video_id, mentor.slug, without)]
    elsewhere = [s for video_id in _spread(others, TALKS) for s in _stretches(store, video_id)]
    return standing_out(said, elsewhere, limit)


def standing_out(near: Sequence[Stretch], elsewhere: Sequence[Stretch], limit: int) -> list[Standout]:
    """Words and pairs significantly more frequent in stretches ``near`` than ``elsewhere``; see the module."""
    if not near or not elsewhere:
        return []
    dull = _Dull(_common(elsewhere), _set_pieces(near))
    inside, outside = _Counts.of(near, dull), _Counts.of(elsewhere, dull)
    found = {
        term: surprise
        for term, count in inside.stretches.items()
        if inside.widespread(term)
        and (surprise := log_likelihood(count, len(near), outside.stretches[term], len(elsewhere))) > SURPRISING
    }
    told = sorted(found, key=lambda term: (-found[term], term))
    return list(islice(_told(told, found, inside, outside), limit))


def log_likelihood(count: int, total: int, other: int, other_total: int) -> float:
    """Dunning's G² of an event seen ``count`` times out of ``total`` and ``other`` times out of ``other_total``.

    0 where it is not more frequent on the first side.
    """
    if count * other_total <= other * total:
        return 0.0
    share = (count + other) / (total + other_total)
    cells = (
        (count, total * share),
        (other, other_total * share),
        (total - count, total * (1 - share)),
        (other_total - other, other_total * (1 - share)),
    )
    return 2 * sum(seen * math.log(seen / expected) for seen, expected in cells if seen)


class _Dull(NamedTuple):
    """What tells nothing: common stems of each language, and rows of words that are set pieces."""

    common: frozenset[tuple[str, str]]
    set_pieces: frozenset[Term]


@dataclass(slots=True)
class _Counts:
    """In how many stretches each stem and pair of stems occurs, how it is written, who says it, and in which talks."""

    total: int
    stretches: Counter[Term]
    forms: dict[Term, Counter[str]]
    people: dict[Term, set[str]]
    talks: dict[Term, set[str]]
    everyone: int
    all_talks: int

    @classmethod
    def of(cls, said: Sequence[Stretch], dull: _Dull) -> _Counts:
        everyone, talks = {stretch.mentor for stretch in said}, {stretch.talk for stretch in said}
        counts = cls(
            len(said), Counter(), defaultdict(Counter), defaultdict(set), defaultdict(set), len(everyone), len(talks)
        )
        for stretch in said:
            counts._add(stretch, dull)
        return counts

    def _add(self, stretch: Stretch, dull: _Dull) -> None:
        forms = dict(_terms(stretch, dull))
        self.stretches.update(forms.keys())
        for term, form in forms.items():
            self.forms[term][form] += 1
            self.people[term].add(stretch.mentor)
            self.talks[term].add(stretch.talk)

    def widespread(self, term: Term) -> bool:
        """Whether enough people say it, in enough talks."""
        return len(self.people[term]) >= min(_PEOPLE, self.everyone) and len(self.talks[term]) >= min(
            _DIFFERENT_TALKS, self.all_talks
        )

    def written(self, term: Term) -> str:
        """The commonest form."""
        return max(self.forms[term].items(), key=lambda item: (item[1], item[0]))[0]


def _told(
    terms: Sequence[Term], surprises: Mapping[Term, float], inside: _Counts, outside: _Counts
) -> Iterator[Standout]:
    """Those that say something new: of no stem told before."""
    pairs: dict[str, list[Term]] = defaultdict(list)
    for term in terms:
        for stem in term if len(term) == 2 else ():
            pairs[stem].append(term)
    said: set[str] = set()
    for term in terms:
        if len(term) == 1:
            whole = [pair for pair in pairs[term[0]] if inside.stretches[pair] > _MOSTLY * inside.stretches[term]]
            term = max(whole, key=lambda pair: inside.stretches[pair], default=term)
        if not said.intersection(term):
            said.update(term)
            count, other = inside.stretches[term], outside.stretches[term]
            times = count / inside.total / (max(other, 0.5) / outside.total)
            yield Standout(inside.written(term), count, inside.total, times, surprises[term])


def _terms(stretch: Stretch, dull: _Dull) -> Iterator[tuple[Term, str]]:
    """The stems and pairs of neighbouring stems of a stretch that may tell something, each with a form of it."""
    stem = stemmer(stretch.language)
    words = _without(stretch.words, dull.set_pieces)
    stems = [stem(word) if _is_word(word) else "" for word in words]
    stems = ["" if (stretch.language, found) in dull.common else found for found in stems]
    for at, found in enumerate(stems):
        if found:
            yield (found,), words[at]
            if at + 1 < len(stems) and stems[at + 1]:
                yield (found, stems[at + 1]), f"{words[at]} {words[at + 1]}"


def _is_word(word: str) -> bool:
    return len(word) > 1 and not word.isdigit() and "'" not in word


def _without(words: Sequence[str], set_pieces: frozenset[Term]) -> Sequence[str]:
    """``words`` with an empty one for each in a row that is a set piece."""
    kept = list(words)
    for at, row in enumerate(_rows(words)):
        if row in set_pieces:
            kept[at : at + _ROW] = [""] * _ROW
    return kept


def _rows(words: Sequence[str]) -> Iterator[Term]:
    return zip(*(words[at:] for at in range(_ROW)), strict=False)


def _common(said: Sequence[Stretch]) -> frozenset[tuple[str, str]]:
    """Language and stem of what many stretches of that language hold."""
    counts: Counter[tuple[str, str]] = Counter()
    totals = Counter(stretch.language for stretch in said)
    for stretch in said:
        stem = stemmer(stretch.language)
        counts.update({(stretch.language, stem(word)) for word in stretch.words})
    return frozenset(term for term, count in counts.items() if count > _COMMON * totals[term[0]])


def _set_pieces(said: Iterable[Stretch]) -> frozenset[Term]:
    """Rows of words that one lecturer says in several talks."""
    talks: dict[tuple[str, Term], set[str]] = defaultdict(set)
    for stretch in said:
        for row in _rows(stretch.words):
            talks[stretch.mentor, row].add(stretch.talk)
    return frozenset(row for (_, row), where in talks.items() if len(where) >= _RECURS)


def _spoken(store: Store, hits: Sequence[Hit], without: Query) -> Iterator[Stretch]:
    """What is said in moments but for the words of ``without``, each transcript read once."""
    by_talk: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_talk[hit.video_id].append(hit)
    for video_id, found in by_talk.items():
        transcript = store.transcript(video_id)
        if transcript and transcript.snippets:
            mentor = _first_mentor(store, video_id)
            for hit in found:
                said = joined(within(transcript.snippets, hit.start_ms, hit.end_ms))
                yield _stretch(mentor, transcript, said, without)


def _elsewhere(store: Store, hits: Iterable[Hit]) -> Iterator[Stretch]:
    """Stretches of talks from the whole library in which the topic is not heard."""
    spans: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        spans[hit.video_id].append(hit)
    for video_id in _spread([video_id for video_id, _ in _talks(store)], TALKS):
        yield from _stretches(store, video_id, beside=spans[video_id])


def _stretches(
    store: Store, video_id: str, mentor: str = "", without: Query | None = None, beside: Sequence[Hit] = ()
) -> Iterator[Stretch]:
    """A talk in stretches: but for the words of ``without``, and but for stretches that share time with hits."""
    transcript = store.transcript(video_id)
    if transcript is None or not transcript.snippets:
        return
    for passage in passages(transcript, (), _STRETCH_MS, 0):
        if not any(hit.start_ms < passage.end_ms and passage.start_ms < hit.end_ms for hit in beside):
            yield _stretch(mentor, transcript, passage.text, without)


def _stretch(mentor: str, transcript: Transcript, said: str, without: Query | None) -> Stretch:
    for start, end in reversed(highlight(said, without, transcript.language) if without else ()):
        said = f"{said[:start]} {_GAP} {said[end:]}"
    return Stretch(mentor, transcript.video_id, primary(transcript.language), tuple(folded(said)))


def _talks(store: Store) -> list[tuple[str, list[str]]]:
    """Ids of all talks with text, in order, each with the slugs of its mentors."""
    return [(video.id, mentors) for video, _, mentors in store.videos_in(State.TEXT)]


def _first_mentor(store: Store, video_id: str) -> str:
    return next((mentor.slug for mentor in store.mentors_of(video_id)), "")


def _spread(items: Sequence[Item], most: int) -> Sequence[Item]:
    """At most ``most`` of them, evenly over all."""
    return [items[at * len(items) // most] for at in range(most)] if len(items) > most else items
