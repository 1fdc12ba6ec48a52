"""Whoosh as it comes. The query is built of its own classes, without its parser."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.asks import Ask
from benchmarks.engines.texts import Texts
from benchmarks.talks import BenchTalk, Row

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Whoosh 2.7.4 has invalid escapes and "is" with literals
    import whoosh
    from whoosh import index, query, sorting

    from benchmarks.engines.wording import marked, schema, terms


class Engine:
    """Of ``index.create_in`` and ``index.open_dir`` all defaults."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts = Texts(folder)
        self._searcher: Any = None
        self._numbers: Any = None

    def build(self, talks: Iterable[BenchTalk]) -> None:
        self._take_in(self._created(), talks)

    def add(self, talks: Iterable[BenchTalk]) -> None:
        self._take_in(self._opened(), talks)

    def open(self) -> None:
        self._searcher = self._opened().searcher()
        self._numbers = self._column("number")

    def answer(self, ask: Ask) -> list[Row]:
        meant = meaning(ask)
        found = self._searcher.search(meant, limit=10, **self._options(ask))
        if ask.kind == "facet":
            self._counted(found, meant)
        rows = self._texts.rows([self._numbers[document] for _, document in found.top_n[:10]])
        if ask.kind == "highlight":
            wanted = terms(" ".join(ask.words))
            for row in rows:
                marked(row.text, wanted)
        return rows

    def version(self) -> str:
        return f"Whoosh {'.'.join(map(str, whoosh.__version__))}"

    def _created(self) -> Any:
        return index.create_in(str(self._folder), schema())

    def _opened(self) -> Any:
        return index.open_dir(str(self._folder))

    def _column(self, name: str) -> Any:
        return self._searcher.reader().column_reader(name, translate=False)

    def _take_in(self, ix: Any, talks: Iterable[BenchTalk]) -> None:
        writer = ix.writer()
        for numbers, talk in self._texts.kept(talks):
            about = {"lecturer": talk.lecturer, "video": talk.video, "date": talk.day}
            self._add(writer, about, {"text": [piece.text for piece in talk.pieces], "number": numbers})
        self._texts.commit()
        writer.commit()

    def _add(self, writer: Any, about: dict[str, Any], each: dict[str, Sequence[Any]]) -> None:
        """Add the passages of a talk: what they have in common, and fields with a value for each."""
        for values in zip(*each.values(), strict=True):
            writer.add_document(**about, **dict(zip(each, values, strict=True)))

    def _options(self, ask: Ask) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if ask.kind == "lecturer":
            options["filter"] = query.Term("lecturer", ask.lecturer)
        if ask.kind == "dates":
            since, until = (int(day.replace("-", "")) for day in (ask.since, ask.until))
            options["filter"] = query.NumericRange("date", since, until)
        if ask.kind == "newest":
            options.update(sortedby="date", reverse=True)
        if ask.kind == "facet":
            options["groupedby"] = sorting.FieldFacet("lecturer", maptype=sorting.Count)
        return options

    def _counted(self, found: Any, meant: Any) -> list[tuple[str, int]]:
        groups = found.groups()
        return sorted(groups.items(), key=lambda group: (-group[1], group[0]))[:10]


def meaning(ask: Ask) -> Any:
    """The question in Whoosh's query classes."""
    if ask.kind == "fuzzy":
        return query.FuzzyTerm("text", terms(ask.words[0])[0], maxdist=2, prefixlength=1)
    if ask.kind == "prefix":
        return query.Prefix("text", ask.words[0])
    words = terms(" ".join(ask.words))
    if ask.kind == "phrase":
        return query.Phrase("text", words)
    if len(words) == 1:
        return query.Term("text", words[0])
    return (query.And if ask.kind == "and" else query.Or)([query.Term("text", word) for word in words])
