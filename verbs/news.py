"""What is a person told of what a harvest brought?

On which of their topics somebody new was heard, in a line each for a notice; and, where they name a
file for it, the digest of the last week. Neither moves what ``mentor digest`` tells next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from verbs import common

if TYPE_CHECKING:
    from index.digest import Digest, Heard
    from library.store import Store

#: How far back the digest in a file looks, so that whoever opens it now and then misses nothing.
_DAYS_IN_FILE = 7


def news_lines(store: Store, since: datetime) -> list[str]:
    """What was heard since then, by topic: ``Negotiation: Ines Calder, The first number, 0:52 https://…``.

    Raises ConfigError for topics that cannot be read, SearchError.
    """
    found = _digest(store, since)
    sections = found.sections if found else []
    return [line for section in sections for voice in section.voices for line in _voice(section.topic.title, voice)]


def write_digest(store: Store, file: Path, now: datetime) -> None:
    """Put what came in the last week into ``file``, whose ending says in which form; nothing where nothing came.

    Raises ConfigError for topics that cannot be read, ExportError for a file that cannot be written, SearchError.
    """
    from library.errors import ExportError
    from library.files import write_whole

    found = _digest(store, now - timedelta(days=_DAYS_IN_FILE))
    if found is None:
        return
    try:
        write_whole(file.expanduser(), [_forms()[file.suffix.lower()](found)])
    except OSError as exc:
        raise ExportError(
            f"the digest cannot be written to {file}: {exc.strerror}", hint="change notify.digest_file"
        ) from exc


def _digest(store: Store, since: datetime) -> Digest | None:
    from contextlib import closing

    from index.current import open_index
    from index.digest import digest
    from index.topics import load

    places = common.places()
    with closing(open_index(places.search)) as engine:
        return digest(store, engine, load(places.topics).values(), since)


def _voice(topic: str, voice: Heard) -> Sequence[str]:
    from library.timecode import clock
    from library.wording import counted

    whose = f"{topic}: {voice.mentor}"
    lines = [f"{whose}, {clip.title or 'Untitled'}, {clock(clip.start_ms)} {clip.url}" for clip in voice.clips]
    return [*lines, f"{whose}, {counted(voice.more, 'more talk')}"] if voice.more else lines


def _forms() -> dict[str, Callable[[Digest], str]]:
    """How a digest is written into a file, by its ending (``library.config`` allows these)."""
    import json

    from index.exporters import digest as write
    from index.exporters.layout import COMFORTABLE_COLUMNS, Style

    return {
        ".txt": lambda found: write.terminal(found, width=COMFORTABLE_COLUMNS, style=Style()),
        ".md": write.markdown,
        ".html": write.html,
        ".atom": write.atom,
        ".json": lambda found: json.dumps(write.document(found), ensure_ascii=False, indent=1) + "\n",
    }
