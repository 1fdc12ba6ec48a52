"""How do clips leave the program?

Each format is a function from clips to pieces of text, which are produced lazily and end in a line
end. The same clips give the same bytes, always. ``docs/output.md`` promises the shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import cast

from index.clips import Clip
from library.errors import UsageError

Exporter = Callable[[Iterable[Clip]], Iterator[str]]


def _from(module: str, function: str) -> Exporter:
    """The exporter of a module of this package, which is imported when the exporter is first used."""

    def export(clips: Iterable[Clip]) -> Iterator[str]:
        exporter = cast("Exporter", getattr(import_module(f"index.exporters.{module}"), function))
        return exporter(clips)

    return export


EXPORTERS: dict[str, Exporter] = {
    "csv": _from("tables", "comma_separated"),
    "json": _from("documents", "whole"),
    "jsonl": _from("documents", "lines"),
    "links": _from("tables", "links"),
    "markdown": _from("pages", "markdown"),
    "plain": _from("tables", "tab_separated"),
    "text": _from("pages", "text"),
}


def exporter(name: str) -> Exporter:
    """The exporter of that name. Raises UsageError, which lists those there are."""
    try:
        return EXPORTERS[name]
    except KeyError:
        raise UsageError(f"no export format {name!r}", hint=f"known formats: {', '.join(EXPORTERS)}") from None
