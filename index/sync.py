"""How does the index keep up with the library?

The engine notes which library it has seen and up to which revision, after its own commit. Catching
up takes in what changed since; a crash in between repeats some of it and loses nothing. An index of
another library, of another way of cutting, or a damaged one is built anew in a folder beside it,
which then takes its place; ``index.current`` knows which one counts.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.current import current_folder, engine_in, open_index, publish
from index.engine import Engine, Seen, Talk
from index.passages import passages
from library.errors import IndexMissing, SearchError, StoreError
from library.reading import Change
from library.store import Store

#: Videos between two commits to an index in use: what a crash may repeat.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Cut:
    """How transcripts are cut into passages."""

    length_ms: int
    overlap_ms: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an update has come. ``rebuilt`` says why the index is built anew, "" when it is not."""

    done: int
    total: int
    rebuilt: str = ""


def seen_revision(folder: Path, store_id: str) -> int | None:
    """Up to which revision the index in use has read the library of that id; None where it has not."""
    try:
        with closing(open_index(folder)) as engine:
            seen = engine.seen()
    except SearchError:
        return None
    return seen.revision if seen and seen.store_id == store_id else None


def schema(cut: Cut) -> str:
    """What must be the same for an index to be kept: the engine's own schema and the way of cutting."""
    from index.engine.layout import SCHEMA

    return f"{SCHEMA}:{cut.length_ms}:{cut.overlap_ms}"


def behind(store: Store, engine: Engine) -> int:
    """How many videos the engine has not taken in yet."""
    seen = engine.seen()
    revision = seen.revision if seen and seen.store_id == store.id else 0
    return sum(1 for _ in store.changed_since(revision))


def sync(store: Store, folder: Path, cut: Cut, *, rebuild: bool = False) -> Iterator[Progress]:
    """Bring the index under ``folder`` to the library's revision, lazily, in batches.

    Yields at least once. With ``rebuild``, or where the index does not fit, it is built anew while
    the old one goes on answering. Raises SearchError, StoreError.
    """
    with _disk_errors(folder):
        current = current_folder(folder)
        reason = "as asked" if rebuild else _unfit(current, store, cut)
        if reason:
            yield from _build(store, folder, cut, reason)
        elif current is not None:
            try:
                yield from _update(store, current, cut)
            except IndexMissing as error:
                yield from _build(store, folder, cut, error.message)
        _sweep(folder, {current, current_folder(folder)})


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """The file system's complaints, as one sentence with a remedy."""
    try:
        yield
    except OSError as exc:
        raise StoreError(
            f"the search index in {folder} cannot be written: {exc.strerror or exc}",
            hint="free some space or check who may write there, then run: mentor index",
        ) from exc


def _update(store: Store, current: Path, cut: Cut) -> Iterator[Progress]:
    with closing(engine_in(current)) as engine:
        seen = engine.seen()
        yield from _take_in(store, engine, cut, seen.revision if seen else 0)


def _build(store: Store, folder: Path, cut: Cut, reason: str) -> Iterator[Progress]:
    name = uuid.uuid4().hex[:12]
    fresh = folder / name
    try:
        fresh.mkdir(parents=True)
        with closing(engine_in(fresh)) as engine:
            for progress in _take_in(store, engine, cut, 0, at_once=True):
                yield Progress(progress.done, progress.total, reason)
        publish(folder, name)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _take_in(store: Store, engine: Engine, cut: Cut, revision: int, *, at_once: bool = False) -> Iterator[Progress]:
    """Feed the engine what changed since ``revision``, committing batch by batch, or ``at_once``."""
    upto = store.revision()
    changes = list(store.changed_since(revision))
    batch = len(changes) if at_once else BATCH
    yield Progress(0, len(changes))
    for start in range(0, len(changes), batch or 1):
        for number, change in enumerate(changes[start : start + batch], start + 1):
            _apply(store, engine, cut, change)
            yield Progress(number, len(changes))
        last = start + batch >= len(changes)
        reached = upto if last else changes[start + batch - 1].revision
        engine.commit(Seen(store.id, reached, schema(cut)))
    if not changes:
        engine.commit(Seen(store.id, upto, schema(cut)))


def _apply(store: Store, engine: Engine, cut: Cut, change: Change) -> None:
    video, transcript = store.video(change.video_id), store.transcript(change.video_id)
    if change.removed or video is None or transcript is None:
        engine.remove(change.video_id)
        return
    talk = Talk(video, store.channels_of(video.id), transcript.language, transcript.origin)
    engine.replace(talk, passages(transcript, video.chapters, cut.length_ms, cut.overlap_ms))


def _unfit(current: Path | None, store: Store, cut: Cut) -> str:
    """Why the index cannot be kept; "" when it can."""
    if current is None:
        return "there was none"
    try:
        with closing(engine_in(current)) as engine:
            seen = engine.seen()
    except SearchError as error:
        return error.message
    if seen is None:
        return "the old one was empty"
    if seen.store_id != store.id or seen.revision > store.revision():
        return "the old one belonged to another library"
    if seen.schema != schema(cut):
        return "the way it is built has changed"
    return ""


def _sweep(folder: Path, used: Collection[Path | None]) -> None:
    """Delete what earlier builds left, but for those in use; files still open elsewhere (Windows) go the next time.

    An index that was replaced just now is in use: a search may have read its name and not yet its files.
    """
    for path in folder.iterdir():
        if path.is_dir() and path not in used:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith("CURRENT."):
            path.unlink(missing_ok=True)
