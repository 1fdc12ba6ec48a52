"""index.arrays with the same schema and query classes as plain Whoosh has here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.asks import Ask
from benchmarks.engines import whoosh
from benchmarks.engines.wording import schema
from index import arrays


class Engine(whoosh.Engine):
    """Differs from plain Whoosh in how an index is opened.

    Adds the passages of a talk together, and reads columns and counts by the searcher's own methods.
    """

    def _created(self) -> Any:
        return arrays.create_in(self._folder, schema())

    def _opened(self) -> Any:
        return arrays.open_dir(self._folder)

    def _add(self, writer: Any, about: dict[str, Any], each: dict[str, Sequence[Any]]) -> None:
        writer.add_documents(about, each)

    def _column(self, name: str) -> Any:
        return self._searcher.column(name)

    def _options(self, ask: Ask) -> dict[str, Any]:
        options = super()._options(ask)
        options.pop("groupedby", None)
        return options

    def _counted(self, found: Any, meant: Any) -> list[tuple[str, int]]:
        counts = self._searcher.counts(meant, "lecturer")
        return [(name, -count) for count, name in sorted((-count, name) for name, count in counts.items())[:10]]
