"""How are matches grouped and collapsed, as Whoosh's facets want it?

Whoosh asks its facets about one match after the other while it looks for them; here they are asked about the matches
that arrays have found. A facet that needs Whoosh to stand at the match is left to Whoosh.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from whoosh.sorting import Facets, MultiFacet

from .planning import Unplanned

#: A score and a document.
Match = tuple[float, int]


def grouped(searcher: Any, matches: Sequence[Match], groupedby: Any, maptype: Any) -> dict[str, Any]:
    """Whoosh's map for each facet, as ``Results.groups`` wants them. Raises Unplanned."""
    maps: dict[str, Any] = {}
    for name, facet in Facets.from_groupedby(groupedby).items():
        groups = _groups(searcher, facet, (document for _, document in matches))
        maps[name] = facet.map(maptype)
        for score, document in matches:
            for group in groups[document]:
                maps[name].add(group, document, -score)
    return maps


def collapsed(searcher: Any, matches: Sequence[Match], facet: Any, limit: int) -> tuple[list[Match], dict[Any, int]]:
    """The first ``limit`` matches of each group, all of those in none, and how many of each group are left out.

    Raises Unplanned.
    """
    groups = _groups(searcher, MultiFacet.from_sortedby(facet), (document for _, document in matches))
    seen: Counter[Any] = Counter()
    kept: list[Match] = []
    for match in matches:
        group = groups[match[1]][0]
        seen[group] += 1
        if not group or seen[group] <= limit:
            kept.append(match)
    return kept, {group: count - limit for group, count in seen.items() if group and count > limit}


def _groups(searcher: Any, facet: Any, documents: Iterable[int]) -> dict[int, Sequence[Any]]:
    """The groups of each document, at least one."""
    categorizer = facet.categorizer(searcher)
    if categorizer.needs_current:
        raise Unplanned("this facet looks at where Whoosh stands")
    wanted = sorted(documents)
    found: dict[int, Sequence[Any]] = {}
    for leaf, first in searcher.leaf_searchers():
        categorizer.set_searcher(leaf, first)
        start, end = (bisect_left(wanted, border) for border in (first, first + leaf.doc_count_all()))
        for document in wanted[start:end]:
            if categorizer.allow_overlap:
                keys = categorizer.keys_for(None, document - first)
            else:
                keys = [categorizer.key_for(None, document - first)]
            found[document] = [categorizer.key_to_name(key) for key in keys]
    return found
