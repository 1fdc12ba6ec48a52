"""Where is what was harvested kept?

In one SQLite file, the only truth of the program: every index is a view on it. Every write is one
transaction and raises the revision, so that a process killed at any point leaves whole videos only.
All SQL is here and in ``library.journal``, both on one ``library.database``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from library import codec
from library.database import RESTORE, Database
from library.errors import StoreError
from library.journal import Journal
from library.models import (
    Broadcast,
    Channel,
    ChannelForm,
    Chapter,
    Kind,
    Mentor,
    Origin,
    State,
    Transcript,
    Video,
    VideoForm,
)
from library.moments import from_text, to_text

_VIDEO_COLUMNS = (
    "id, channel, title, description, published_at, duration_ms, language, form, broadcast, tags, chapters, url"
)

_LISTED = "v.id IN (SELECT video FROM listings WHERE channel IN (SELECT value FROM json_each(:channels)))"
# The primary subtag of a language tag: en of en-GB.
_PRIMARY = "substr(lower(t.language), 1, instr(replace(t.language, '_', '-') || '-', '-') - 1)"


@dataclass(frozen=True, slots=True)
class Change:
    """A video that an index has to take in again, or to forget."""

    video_id: str
    removed: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of a mentor: videos found of late, gone ones, and when the next try is due."""

    new: int
    gone: int
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A video whose text should be asked for, and who it is followed for. ``tries`` ended in ``state`` so far."""

    video_id: str
    mentor: str
    state: State
    tries: int


@dataclass(frozen=True, slots=True)
class Within:
    """Which videos to count; None asks for nothing (of ``channels``: all that are followed).

    ``until`` is exclusive, lengths are not; a language is meant with its regions (``en`` with ``en-GB``).
    """

    channels: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    longer_ms: int | None = None
    shorter_ms: int | None = None
    language: str | None = None
    origin: Origin | None = None


class Store:
    """The library file. Open it with ``Store.open``; use as a context manager or ``close`` it.

    Every method raises StoreError where SQLite cannot read or write.
    """

    def __init__(self, database: Database) -> None:
        self.path = database.path
        self._db = database
        self._rows, self._row, self._writing = database.rows, database.row, database.writing
        self.journal = Journal(database)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Store:
        """Open the library at ``path``, made and brought to today's schema unless ``read_only``.

        Raises StoreError for a file that is damaged, cannot be written, or comes from a newer version.
        """
        return cls(Database.open(path, read_only=read_only))

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def id(self) -> str:
        """A name no other library has; a restored or new file of another id asks for a new index."""
        return self._db.meta("store_id")

    def revision(self) -> int:
        """A number that grows with every write."""
        return self._db.revision()

    def check(self) -> list[str]:
        """What SQLite finds wrong with the file; empty when it is sound."""
        return [" ".join(text.split()) for (text,) in self._rows("PRAGMA quick_check") if text != "ok"]

    # --- who is followed ---------------------------------------------------------------------

    def set_follows(self, follows: Sequence[tuple[Mentor, Sequence[str]]]) -> None:
        """Make the followed mentors and their channels (by reference) what the configuration says.

        References whose channel is not known yet count from the moment ``save_channel`` names them.
        Nothing harvested is lost by leaving a mentor out. Writes only where something differs.
        """
        aliases = dict(self._rows("SELECT reference, channel FROM aliases"))
        wanted_mentors = [(m.slug, m.name, m.kind.value, json.dumps(m.topics)) for m, _ in follows]
        wanted_pairs = {(m.slug, aliases[r]) for m, references in follows for r in references if r in aliases}
        mentors = self._rows("SELECT slug, name, kind, topics FROM mentors ORDER BY slug")
        pairs = set(self._rows("SELECT mentor, channel FROM follows"))
        if mentors == sorted(wanted_mentors) and pairs == wanted_pairs:
            return
        with self._writing():
            self._db.execute("DELETE FROM mentors")
            self._db.execute("DELETE FROM follows")
            self._db.executemany("INSERT INTO mentors VALUES (?, ?, ?, ?)", wanted_mentors)
            self._db.executemany("INSERT INTO follows VALUES (?, ?)", sorted(wanted_pairs))

    def follow(self, mentor: Mentor, channel_id: str) -> None:
        """Note that a mentor is followed in a known channel. Writes only what is new."""
        row = (mentor.slug, mentor.name, mentor.kind.value, json.dumps(mentor.topics))
        known = self._row("SELECT 1 FROM follows WHERE mentor = ? AND channel = ?", mentor.slug, channel_id)
        if known is None:
            with self._writing():
                self._db.execute("INSERT OR IGNORE INTO mentors VALUES (?, ?, ?, ?)", row)
                self._db.execute("INSERT INTO follows VALUES (?, ?)", (mentor.slug, channel_id))

    def save_channel(self, channel: Channel, *references: str) -> None:
        """Remember a channel, and that the references mean it."""
        with self._writing():
            self._db.execute(
                "INSERT INTO channels (id, form, title, handle) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET title = excluded.title, handle = excluded.handle",
                (channel.id, channel.form.value, channel.title, channel.handle),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO aliases VALUES (?, ?)",
                [(reference, channel.id) for reference in {channel.id, *references}],
            )

    def channel_for(self, reference: str) -> Channel | None:
        """The channel a reference was found to mean."""
        row = self._row(
            "SELECT id, form, title, handle FROM channels JOIN aliases ON channel = id WHERE reference = ?", reference
        )
        return Channel(row[0], ChannelForm(row[1]), row[2], row[3]) if row else None

    def mentors(self) -> list[Mentor]:
        """Everyone followed, by slug."""
        rows = self._rows("SELECT slug, name, kind, topics FROM mentors ORDER BY slug")
        return [Mentor(slug, name, Kind(kind), tuple(json.loads(topics))) for slug, name, kind, topics in rows]

    def mentors_of(self, video_id: str) -> list[Mentor]:
        """Those for whom the video is followed, by slug; empty after they were unfollowed."""
        rows = self._rows(
            "SELECT DISTINCT slug, name, kind, topics FROM listings l JOIN follows f ON f.channel = l.channel "
            "JOIN mentors ON slug = f.mentor WHERE l.video = ? ORDER BY slug",
            (video_id,),
        )
        return [Mentor(slug, name, Kind(kind), tuple(json.loads(topics))) for slug, name, kind, topics in rows]

    def followed_channels(self, slugs: Collection[str] | None = None) -> frozenset[str]:
        """Ids of the channels of these mentors (of all, where None)."""
        rows = self._rows("SELECT mentor, channel FROM follows")
        return frozenset(channel for mentor, channel in rows if slugs is None or mentor in slugs)

    def all_followed(self) -> bool:
        """Whether every video listed belongs to a mentor who is still followed."""
        query = "SELECT 1 FROM listings WHERE channel NOT IN (SELECT channel FROM follows) LIMIT 1"
        return self._row(query) is None

    # --- listing -----------------------------------------------------------------------------

    def known_ids(self, channel_id: str) -> set[str]:
        """Ids of the videos this channel is known to list."""
        return {row[0] for row in self._rows("SELECT video FROM listings WHERE channel = ?", (channel_id,))}

    def completed_at(self, channel_id: str) -> datetime | None:
        """When everything the channel holds was last listed."""
        row = self._row("SELECT complete_at FROM channels WHERE id = ?", channel_id)
        return from_text(row[0]) if row else None

    def etags(self) -> dict[str, str]:
        """What the source called the state of each channel's list when it was last read to its end."""
        return dict(self._rows("SELECT id, etag FROM channels WHERE etag != ''"))

    def save_listing(
        self, channel_id: str, videos: Iterable[tuple[Video, State, str, datetime | None]], now: datetime
    ) -> list[str]:
        """Add videos to a channel in one transaction: each with its first state, the reason, the next try.

        A video known already keeps its state and text; its title, date and length become what is listed.
        Returns the ids the library did not hold before.
        """
        added = []
        with self._writing() as revision:
            for video, state, reason, next_try_at in videos:
                known = self._db.execute(f"SELECT {_VIDEO_COLUMNS} FROM videos WHERE id = ?", (video.id,)).fetchone()
                if known is None:
                    row = (state.value, reason, to_text(next_try_at), to_text(now), revision)
                    self._insert_video(video, row)
                    added.append(video.id)
                else:
                    self._refresh_video(known, video, revision)
                cursor = self._db.execute("INSERT OR IGNORE INTO listings VALUES (?, ?)", (channel_id, video.id))
                if cursor.rowcount:
                    self._db.execute("UPDATE videos SET revision = ? WHERE id = ?", (revision, video.id))
        return added

    def _insert_video(self, video: Video, row: tuple[object, ...]) -> None:
        self._db.execute(
            f"INSERT INTO videos ({_VIDEO_COLUMNS}, state, reason, next_try_at, found_at, revision) "
            f"VALUES ({', '.join('?' * 17)})",
            (*_video_row(video), *row),
        )
        self._db.execute("DELETE FROM removals WHERE video = ?", (video.id,))

    def refresh(self, videos: Iterable[Video]) -> None:
        """Bring what is told of videos the library holds (title, date, length, broadcast) up to date."""
        with self._writing() as revision:
            for video in videos:
                known = self._db.execute(f"SELECT {_VIDEO_COLUMNS} FROM videos WHERE id = ?", (video.id,)).fetchone()
                if known is not None:
                    self._refresh_video(known, video, revision)

    def _refresh_video(self, known: Sequence[Any], video: Video, revision: int) -> None:
        """Write what differs. What a source does not tell (a feed no length) is no news."""
        told = [new if new not in (None, "", "[]") else old for old, new in zip(known, _video_row(video), strict=True)]
        self._db.execute("UPDATE videos SET gone_at = NULL WHERE id = ? AND gone_at IS NOT NULL", (video.id,))
        if told != list(known):
            assignments = ", ".join(f"{column} = ?" for column in _VIDEO_COLUMNS.split(", "))
            self._db.execute(f"UPDATE videos SET {assignments}, revision = ? WHERE id = ?", (*told, revision, video.id))

    def mark_gone(self, channel_id: str, listed: Collection[str], now: datetime) -> list[str]:
        """Note which videos a channel lists no longer, given all ids it does; returns those newly gone.

        They keep their text. One that has none yet is asked for once more, which tells whether it is
        private or deleted.
        """
        gone = sorted(self.known_ids(channel_id) - set(listed))
        with self._writing():
            mark = "UPDATE videos SET gone_at = ? WHERE id = ? AND gone_at IS NULL"
            return [video_id for video_id in gone if self._db.execute(mark, (to_text(now), video_id)).rowcount]

    def gone(self) -> set[str]:
        """Ids of videos that are gone from where they were listed."""
        return {row[0] for row in self._rows("SELECT id FROM videos WHERE gone_at IS NOT NULL")}

    def end_listing(self, channel_id: str, now: datetime, *, complete: bool, etag: str = "") -> None:
        """Note that a look at a channel is over; ``complete`` when it went through all it holds."""
        with self._writing():
            self._db.execute(
                "UPDATE channels SET listed_at = ?, etag = ?, complete_at = CASE WHEN ? THEN ? ELSE complete_at END "
                "WHERE id = ?",
                (to_text(now), etag, complete, to_text(now), channel_id),
            )

    def forget(self, mentor: str) -> int:
        """Delete every video that is followed for this mentor alone, text and all; returns how many."""
        with self._writing() as revision:
            own = (
                "SELECT l.video FROM listings l JOIN follows f ON f.channel = l.channel GROUP BY l.video "
                "HAVING MIN(f.mentor) = :mentor AND MAX(f.mentor) = :mentor"
            )
            self._db.execute(f"INSERT INTO removals SELECT video, {revision} FROM ({own})", {"mentor": mentor})
            gone = self._db.execute(f"DELETE FROM videos WHERE id IN ({own})", {"mentor": mentor}).rowcount
            self._db.execute(
                "UPDATE channels SET complete_at = NULL, etag = '' "
                "WHERE id IN (SELECT channel FROM follows WHERE mentor = ?)",
                (mentor,),
            )
        return gone

    # --- text --------------------------------------------------------------------------------

    def due(self, now: datetime, channels: Collection[str], mentors: Collection[str] | None = None) -> list[Due]:
        """Videos of these channels whose text should be asked for by now, newest first.

        Those that have text, to be looked at again for better captions, come after all others.
        A video stands once, under the first by slug of those it is followed for (of ``mentors``, where given).
        """
        rows = self._rows(
            "SELECT v.id, MIN(f.mentor), v.state, v.tries "
            "FROM videos v JOIN listings l ON l.video = v.id JOIN follows f ON f.channel = l.channel "
            "WHERE v.state != 'excluded' AND v.next_try_at <= :now "
            "AND l.channel IN (SELECT value FROM json_each(:channels)) "
            "AND (:mentors IS NULL OR f.mentor IN (SELECT value FROM json_each(:mentors))) "
            "GROUP BY v.id ORDER BY v.state = 'text', v.published_at IS NULL, v.published_at DESC, v.id",
            {
                "now": to_text(now),
                "channels": json.dumps(sorted(channels)),
                "mentors": None if mentors is None else json.dumps(sorted(mentors)),
            },
        )
        return [Due(video_id, mentor, State(state), tries) for video_id, mentor, state, tries in rows]

    def save_transcript(
        self, transcript: Transcript, now: datetime, run: int | None = None, next_try_at: datetime | None = None
    ) -> bool:
        """Keep a track as the one that counts; older ones stay as history. False when it is known already.

        ``next_try_at`` is when to look whether better captions came (None: not by itself).
        """
        speech_ms = max((snippet.end_ms for snippet in transcript.snippets), default=0)
        digest = codec.digest(transcript.snippets, transcript.words)
        row = (transcript.language, transcript.origin.value, digest)
        with self._writing() as revision:
            current = self._db.execute(
                "SELECT language, origin, digest FROM transcripts WHERE video = ? AND current",
                (transcript.video_id,),
            ).fetchone()
            if current != row:
                self._db.execute("UPDATE transcripts SET current = 0 WHERE video = ?", (transcript.video_id,))
                self._db.execute(
                    "INSERT INTO transcripts "
                    "(video, language, origin, digest, fetched_at, current, speech_ms, snippets, words) "
                    "VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)",
                    (
                        transcript.video_id,
                        *row,
                        to_text(now),
                        speech_ms,
                        codec.pack_snippets(transcript.snippets),
                        codec.pack_words(transcript.words),
                    ),
                )
                self._db.execute("UPDATE videos SET revision = ? WHERE id = ?", (revision, transcript.video_id))
            self._note(transcript.video_id, State.TEXT, "", next_try_at, now, run)
        return bool(current != row)

    def save_attempt(
        self,
        video_id: str,
        state: State,
        reason: str,
        next_try_at: datetime | None,
        now: datetime,
        run: int | None = None,
    ) -> None:
        """Remember why a video has no text, and when to ask again (None: not by itself)."""
        with self._writing():
            self._note(video_id, state, reason, next_try_at, now, run)

    def _note(
        self,
        video_id: str,
        state: State,
        reason: str,
        next_try_at: datetime | None,
        now: datetime,
        run: int | None,
    ) -> None:
        self._db.execute(
            "UPDATE videos SET tries = CASE WHEN state = :state THEN tries + 1 ELSE 1 END, "
            "state = :state, reason = :reason, next_try_at = :next WHERE id = :id",
            {"state": state.value, "reason": reason, "next": to_text(next_try_at), "id": video_id},
        )
        self._db.execute(
            "INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?, ?)",
            (video_id, to_text(now), state.value, reason, run),
        )

    def keep_text(
        self,
        video_id: str,
        reason: str,
        next_try_at: datetime | None,
        now: datetime,
        run: int | None = None,
        *,
        gone: bool = False,
    ) -> None:
        """Remember that a video that has text was asked for again in vain, and whether it is ``gone`` altogether."""
        with self._writing():
            self._note(video_id, State.TEXT, reason, next_try_at, now, run)
            if gone:
                self._db.execute(
                    "UPDATE videos SET gone_at = COALESCE(gone_at, ?) WHERE id = ?", (to_text(now), video_id)
                )

    def retry(self, states: Collection[State], now: datetime) -> int:
        """Have videos in these states asked for at the next harvest, final ones too; returns how many."""
        with self._writing():
            cursor = self._db.execute(
                "UPDATE videos SET next_try_at = ? WHERE state IN (SELECT value FROM json_each(?))",
                (to_text(now), json.dumps([state.value for state in states])),
            )
        return cursor.rowcount

    def ask_again(self, video_ids: Collection[str], now: datetime) -> None:
        """Have these videos asked for at the next harvest, whatever state they are in."""
        if video_ids:
            with self._writing():
                self._db.execute(
                    "UPDATE videos SET next_try_at = ? WHERE id IN (SELECT value FROM json_each(?))",
                    (to_text(now), json.dumps(sorted(video_ids))),
                )

    def set_state(self, states: Sequence[tuple[str, State, str]]) -> None:
        """Give videos another state without an attempt, as when a rule changed."""
        with self._writing():
            self._db.executemany(
                "UPDATE videos SET state = ?, reason = ? WHERE id = ?",
                [(state.value, reason, video_id) for video_id, state, reason in states],
            )

    # --- reading -----------------------------------------------------------------------------

    def video(self, video_id: str) -> Video | None:
        row = self._row(f"SELECT {_VIDEO_COLUMNS} FROM videos WHERE id = ?", video_id)
        return _video(row) if row else None

    def state_of(self, video_id: str) -> tuple[State, str]:
        """A video's state and its reason. Raises StoreError for a video the library does not hold."""
        row = self._row("SELECT state, reason FROM videos WHERE id = ?", video_id)
        if row is None:
            raise StoreError(f"the library holds no video {video_id}")
        return State(row[0]), row[1]

    def videos_in(self, *states: State) -> Iterator[tuple[Video, State, list[str]]]:
        """Videos in these states, each with the mentors (slugs) it is followed for, one at least; lazily.

        Nothing is to be written meanwhile.
        """
        marks = ", ".join("?" * len(states))
        rows = self._db.each(
            f"SELECT {_VIDEO_COLUMNS}, state, mentors FROM videos JOIN "
            "(SELECT l.video, json_group_array(DISTINCT f.mentor) AS mentors FROM listings l "
            "JOIN follows f ON f.channel = l.channel GROUP BY l.video) ON video = id "
            f"WHERE state IN ({marks}) ORDER BY id",
            [state.value for state in states],
        )
        for *columns, state, mentors in rows:
            yield _video(columns), State(state), sorted(json.loads(mentors))

    def without_text(self) -> list[tuple[Video, State, str, datetime | None]]:
        """Every followed video that has no text: its state, the reason, when it is asked for next; newest first."""
        rows = self._rows(
            f"SELECT {_VIDEO_COLUMNS}, state, reason, next_try_at FROM videos v WHERE state != 'text' AND EXISTS "
            "(SELECT 1 FROM listings l JOIN follows f ON f.channel = l.channel WHERE l.video = v.id) "
            "ORDER BY published_at DESC, id"
        )
        return [(_video(row), State(row[-3]), row[-2], from_text(row[-1])) for row in rows]

    def transcript(self, video_id: str) -> Transcript | None:
        """The track that counts."""
        row = self._row(
            "SELECT language, origin, snippets, words FROM transcripts WHERE video = ? AND current", video_id
        )
        if row is None:
            return None
        try:
            snippets = codec.unpack_snippets(row[2])
            words = codec.unpack_words(row[3]) if row[3] else ()
        except ValueError as exc:
            raise StoreError(
                f"the text of {video_id} in the library {self.path} is damaged: {exc}", hint=RESTORE
            ) from exc
        return Transcript(video_id, row[0], Origin(row[1]), snippets, words)

    def channels_of(self, video_id: str) -> tuple[str, ...]:
        """Ids of the followed-at-some-time channels that list the video."""
        rows = self._rows("SELECT channel FROM listings WHERE video = ? ORDER BY channel", (video_id,))
        return tuple(row[0] for row in rows)

    def changed_since(self, revision: int) -> Iterator[Change]:
        """What an index that has seen ``revision`` must take in or forget, oldest change first."""
        rows = self._rows(
            "SELECT id, 0, revision FROM videos WHERE revision > :seen AND state = 'text' "
            "UNION ALL SELECT video, 1, revision FROM removals WHERE revision > :seen ORDER BY 3, 1",
            {"seen": revision},
        )
        for video_id, removed, changed_at in rows:
            yield Change(video_id, bool(removed), changed_at)

    # --- counting ----------------------------------------------------------------------------

    def states_by_mentor(self) -> dict[str, Counter[State]]:
        """How many videos of each mentor (slug) are in which state; mentors without videos, too."""
        counts = {mentor.slug: Counter[State]() for mentor in self.mentors()}
        rows = self._rows(
            "SELECT f.mentor, v.state, COUNT(DISTINCT v.id) FROM follows f "
            "JOIN listings l ON l.channel = f.channel JOIN videos v ON v.id = l.video GROUP BY 1, 2"
        )
        for mentor, state, count in rows:
            counts[mentor][State(state)] = count
        return counts

    def outlook(self, since: datetime) -> dict[str, Outlook]:
        """By mentor (slug): videos found ``since``, gone ones, and the next try for one without text."""
        rows = self._rows(
            "SELECT mentor, SUM(found_at >= ?), SUM(gone_at IS NOT NULL), "
            "MIN(CASE WHEN state NOT IN ('text', 'excluded') THEN next_try_at END) "
            "FROM (SELECT DISTINCT f.mentor, v.id, v.found_at, v.gone_at, v.state, v.next_try_at FROM follows f "
            "JOIN listings l ON l.channel = f.channel JOIN videos v ON v.id = l.video) GROUP BY mentor",
            (to_text(since),),
        )
        return {mentor: Outlook(new, gone, from_text(next_try)) for mentor, new, gone, next_try in rows}

    def states(self) -> Counter[State]:
        """How many of the videos that are followed are in which state."""
        return self.extent()[0]

    def extent(self, within: Within | None = None) -> tuple[Counter[State], int]:
        """How many videos are in which state, and the length of their speech in ms: of all that is followed, or less.

        A video without text counts whatever language or captions are asked for: it may yet turn out to have them.
        """
        condition, values = self._condition(within or Within())
        rows = self._rows(
            "SELECT v.state, COUNT(*), COALESCE(SUM(t.speech_ms), 0) FROM videos v "
            f"LEFT JOIN transcripts t ON t.video = v.id AND t.current WHERE {condition} GROUP BY 1",
            values,
        )
        return Counter({State(state): count for state, count, _ in rows}), sum(ms for _, _, ms in rows)

    def _condition(self, chosen: Within) -> tuple[str, dict[str, object]]:
        """What a video ``v`` and its text ``t`` (all NULL where it has none) must fulfil, in SQL."""
        everything = chosen.channels is None and self.all_followed()
        channels = self.followed_channels() if chosen.channels is None else chosen.channels
        language = chosen.language and chosen.language.lower()
        asked: list[tuple[str, object, str]] = [
            ("since", to_text(chosen.since), "v.published_at >= :since"),
            ("until", to_text(chosen.until), "v.published_at < :until"),
            ("longer", chosen.longer_ms, "COALESCE(v.duration_ms, t.speech_ms) >= :longer"),
            ("shorter", chosen.shorter_ms, "COALESCE(v.duration_ms, t.speech_ms) <= :shorter"),
            ("language", language, "(t.language IS NULL OR :language IN (lower(t.language), " + _PRIMARY + "))"),
            ("origin", chosen.origin and chosen.origin.value, "(t.origin IS NULL OR t.origin = :origin)"),
        ]
        given = [(name, value, condition) for name, value, condition in asked if value is not None]
        return (
            " AND ".join(["1" if everything else _LISTED, *(condition for _, _, condition in given)]),
            {"channels": json.dumps(sorted(channels)), **{name: value for name, value, _ in given}},
        )

    # --- digest ------------------------------------------------------------------------------

    def first_texts(self) -> dict[str, datetime]:
        """When each video that has text got it first; later, better tracks do not count."""
        rows = self._rows("SELECT video, MIN(fetched_at) FROM transcripts GROUP BY video ORDER BY video")
        return {video_id: moment for video_id, at in rows if (moment := from_text(at))}

    def digest_seen(self) -> datetime | None:
        """Up to when the last digest told what was new; None before the first one."""
        return self.journal.noted("digest")

    def save_digest_seen(self, upto: datetime) -> None:
        """Remember up to when a digest told what was new."""
        self.journal.note("digest", upto)


def _video_row(video: Video) -> tuple[object, ...]:
    return (
        video.id,
        video.channel_id,
        video.title,
        video.description,
        to_text(video.published_at),
        video.duration_ms,
        video.language,
        video.form.value,
        video.broadcast.value,
        json.dumps(video.tags, ensure_ascii=False),
        json.dumps(video.chapters, ensure_ascii=False),
        video.url,
    )


def _video(row: Sequence[Any]) -> Video:
    """The video in a row of _VIDEO_COLUMNS."""
    video_id, channel, title, description, published_at, duration_ms, language, form, broadcast = row[:9]
    tags, chapters, url = row[9:12]
    return Video(
        id=video_id,
        channel_id=channel,
        title=title,
        description=description,
        published_at=from_text(published_at),
        duration_ms=duration_ms,
        language=language,
        form=VideoForm(form),
        broadcast=Broadcast(broadcast),
        tags=tuple(json.loads(tags)),
        chapters=tuple(Chapter(start, name) for start, name in json.loads(chapters)),
        url=url,
    )
