"""How does a program get clips: as one JSON document, or one JSON object a line?

The shapes are promised in docs/output.md. Fields are only ever added; anything else raises ``SCHEMA``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from index.clips import Clip
from index.coverage import Coverage
from library.moments import to_text

SCHEMA = 1


def document(
    query_text: str,
    clips: Iterable[Clip],
    total: int | None = None,
    coverage: Coverage | None = None,
    held_back: int = 0,
    *,
    suggestions: Sequence[str] = (),
    alike: Sequence[tuple[str, str]] = (),
    heard: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """The search document; all but the clips is what ``index.finder.Answer`` says.

    ``total`` counts all moments found, not only those given (None: just those).
    """
    hits = [fields(clip) for clip in clips]
    return {
        "schema": SCHEMA,
        "query": query_text,
        "hits": hits,
        "total": len(hits) if total is None else total,
        "coverage": coverage and _coverage(coverage),
        "held_back": held_back,
        "suggestions": list(suggestions),
        "alike": [{"typed": typed, "meant": meant} for typed, meant in alike],
        "heard": [{"heard": said, "meant": meant} for said, meant in heard],
    }


def whole(clips: Iterable[Clip]) -> Iterator[str]:
    """The search document of clips whose query is not known: an empty query, and null for the coverage."""
    yield dumps(document("", clips))


def lines(clips: Iterable[Clip]) -> Iterator[str]:
    """JSON lines: one clip a line, with the schema number in each."""
    for clip in clips:
        yield dumps({"schema": SCHEMA, **fields(clip)})


def dumps(value: dict[str, Any]) -> str:
    """JSON on one line, with its line end; letters of any script stay readable."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"


def fields(clip: Clip) -> dict[str, Any]:
    """A clip as JSON says it; offsets of highlights count Unicode characters."""
    return {
        "clip_id": clip.id,
        "video_id": clip.video_id,
        "start_ms": clip.start_ms,
        "end_ms": clip.end_ms,
        "score": round(clip.score, 4),
        "text": clip.text,
        "highlights": [list(offsets) for offsets in clip.highlights],
        "title": clip.title,
        "mentor": clip.mentor,
        "kind": clip.kind and clip.kind.value,
        "channel_id": clip.channel_id,
        "published_at": to_text(clip.published_at),
        "language": clip.language,
        "origin": clip.origin.value,
        "url": clip.url,
        "about": clip.about,
        "also": [
            {"clip_id": other.id, "title": other.title, "mentor": other.mentor, "url": other.url} for other in clip.also
        ],
        "reasons": [
            {"place": why.place, "forms": list(why.forms), "score": round(why.score, 4)} for why in clip.reasons
        ],
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "videos": coverage.videos,
        "with_text": coverage.with_text,
        "without_text": {state.value: count for state, count in coverage.without_text.items()},
        "hours": round(coverage.hours, 1),
        "newest_harvest_at": to_text(coverage.newest_harvest_at),
    }
