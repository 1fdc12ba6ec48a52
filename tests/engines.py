"""Which engines are tested, and which talks are they given?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.engine import Engine, Filters, Hit, Seen, Talk
from index.engine.layout import SCHEMA
from index.passages import Passage
from index.query import parse
from library.models import Origin, Video

Open = Callable[[], Engine]
ANY = Filters()
SEEN = Seen("library", 7, SCHEMA)


def whoosh(folder: Path) -> Engine:
    from index.engine.whoosh_engine import WhooshEngine

    return WhooshEngine(folder)


def talk(video_id: str, *, day: int | None = 1, channels: tuple[str, ...] = ("ch",), language: str = "en",
         title: str = "", description: str = "", tags: tuple[str, ...] = (),
         minutes: int | None = None, origin: Origin = Origin.MANUAL) -> Talk:  # fmt: skip
    published_at = datetime(2024, 5, 1, tzinfo=UTC) + timedelta(days=day) if day is not None else None
    duration_ms = minutes * 60_000 if minutes is not None else None
    video = Video(video_id, "ch", title, description, published_at, duration_ms, tags=tags)
    return Talk(video, channels, language, origin)


def said(*texts: str, chapter: str = "") -> list[Passage]:
    """Passages of ten seconds, one after the other."""
    return [Passage(at * 10_000, at * 10_000 + 10_000, text, chapter) for at, text in enumerate(texts)]


def fill(engine: Engine, **texts: str | Sequence[str]) -> None:
    """A talk for each keyword, with these passages."""
    for video_id, passages in texts.items():
        engine.replace(talk(video_id), said(*([passages] if isinstance(passages, str) else passages)))
    engine.commit(SEEN)


def ask(engine: Engine, text: str, filters: Filters = ANY, limit: int = 100) -> list[Hit]:
    return engine.search(parse(text), filters, limit).hits


def videos(engine: Engine, text: str, filters: Filters = ANY) -> list[str]:
    return sorted({hit.video_id for hit in ask(engine, text, filters)})
