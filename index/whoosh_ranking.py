"""What is done with all that matched, until the best of it can be shown?

Filters and titles speak of whole talks, so each takes documents and means the talks they belong to. There are
two ways: this one in plain Python, and ``index.whoosh_ranking_numpy`` for when numpy is loaded anyway.

A talk is scored by BM25, too, as if each of its passages were a word of it: what is said again and again in a talk
is what it is about. K1 is higher than for passages, since a talk is longer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from index.engine import Sort
from index.moments import Columns, Ranked, count, moments, shown

TALK_K1, TALK_B = 5.0, 0.75


class Ranking(Protocol):
    """Documents that match, and their scores."""

    def documents(self) -> Iterable[int]:
        """Their numbers, in no order."""
        ...

    def lift(self, documents: Iterable[int], scores: Iterable[float]) -> None:
        """Add these scores to all documents of the same talks."""
        ...

    def lift_by_talk(self, words: Iterable[tuple[Iterable[int], float]]) -> None:
        """Add to the scores of a talk's documents by how many of them hold each word.

        ``words`` are the documents that hold a word, without repeats, and how much that word counts.
        """
        ...

    def keep(self, documents: Iterable[int]) -> None:
        """Leave only what is of the same talks as these documents."""
        ...

    def drop(self, documents: Iterable[int]) -> None:
        """Leave out what is of the same talks as these documents."""
        ...

    def keep_published(self, since_ms: int, until_ms: int) -> None:
        """Leave only what was published then; ``until_ms`` is exclusive."""
        ...

    def best(self, limit: int, sort: Sort) -> tuple[list[Ranked], int]:
        """The first ``limit`` moments, and how many there are."""
        ...


class PlainRanking:
    """A Ranking in plain Python."""

    def __init__(self, documents: Iterable[int], scores: Iterable[float], columns: Columns) -> None:
        self._columns = columns
        self._found: list[Ranked] = [(-score, document) for document, score in zip(documents, scores, strict=True)]

    def documents(self) -> Iterable[int]:
        return [document for _, document in self._found]

    def scores(self) -> dict[int, float]:
        """Of each document its score."""
        return {document: -score for score, document in self._found}

    def lift(self, documents: Iterable[int], scores: Iterable[float]) -> None:
        talks = self._columns.talks
        more = {talks[document]: score for document, score in zip(documents, scores, strict=True)}
        if more:
            self._found = [(score - more.get(talks[document], 0.0), document) for score, document in self._found]

    def lift_by_talk(self, words: Iterable[tuple[Iterable[int], float]]) -> None:
        talks = self._columns.talks
        sizes = Counter(talks)
        more: dict[int, float] = {}
        for documents, weight in words:
            for talk, said in Counter(talks[document] for document in documents).items():
                norm = TALK_K1 * (1 - TALK_B + TALK_B * sizes[talk] * len(sizes) / len(talks))
                more[talk] = more.get(talk, 0.0) + weight * (TALK_K1 + 1) * said / (said + norm)
        self._found = [(score - more.get(talks[document], 0.0), document) for score, document in self._found]

    def keep(self, documents: Iterable[int]) -> None:
        wanted = self._talks(documents)
        self._found = [match for match in self._found if self._columns.talks[match[1]] in wanted]

    def drop(self, documents: Iterable[int]) -> None:
        excluded = self._talks(documents)
        self._found = [match for match in self._found if self._columns.talks[match[1]] not in excluded]

    def keep_published(self, since_ms: int, until_ms: int) -> None:
        published = self._columns.published
        self._found = [match for match in self._found if since_ms <= published[match[1]] < until_ms]

    def best(self, limit: int, sort: Sort) -> tuple[list[Ranked], int]:
        columns = self._columns
        found = moments(self._found, columns)
        if sort == "date":
            found.sort(key=lambda match: (-columns.published[match[1]], match))
        return shown(found, columns, limit), count(found, columns)

    def _talks(self, documents: Iterable[int]) -> set[int]:
        return {self._columns.talks[document] for document in documents}
