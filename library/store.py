"""Where is what was harvested kept?

In one SQLite file, the only truth of the program: every index is a view on it. Every write is one
transaction and raises the revision, so that a process killed at any point leaves whole videos only.
What is written is here; what is read is in ``library.reading``; runs and quota are in ``library.journal``.
No SQL stands anywhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from library import codec
from library.database import Database
from library.models import Channel, Mentor, State, Transcript, Video
from library.moments import to_text
from library.reading import Reading
from library.rows import VIDEO_COLUMNS, to_json, video_row


class Store(Reading):
    """The library file. Open it with ``Store.open``; use as a context manager or ``close`` it.

    Every method raises StoreError where SQLite cannot read or write.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._writing = database.writing

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

    def set_follows(self, follows: Sequence[tuple[Mentor, Sequence[str]]]) -> None:
        """Make the followed mentors and their channels (by reference) what the configuration says.

        References whose channel is not known yet count from the moment ``save_channel`` names them.
        Nothing harvested is lost by leaving a mentor out. Writes only where something differs.
        """
        aliases = dict(self._rows("SELECT reference, channel FROM aliases"))
        wanted_mentors = [(m.slug, m.name, m.kind.value, to_json(m.topics)) for m, _ in follows]
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
        row = (mentor.slug, mentor.name, mentor.kind.value, to_json(mentor.topics))
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
                known = self._db.execute(f"SELECT {VIDEO_COLUMNS} FROM videos WHERE id = ?", (video.id,)).fetchone()
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
            f"INSERT INTO videos ({VIDEO_COLUMNS}, state, reason, next_try_at, found_at, revision) "
            f"VALUES ({', '.join('?' * 17)})",
            (*video_row(video), *row),
        )
        self._db.execute("DELETE FROM removals WHERE video = ?", (video.id,))

    def refresh(self, videos: Iterable[Video]) -> None:
        """Bring what is told of videos the library holds (title, date, length, broadcast) up to date."""
        with self._writing() as revision:
            for video in videos:
                known = self._db.execute(f"SELECT {VIDEO_COLUMNS} FROM videos WHERE id = ?", (video.id,)).fetchone()
                if known is not None:
                    self._refresh_video(known, video, revision)

    def _refresh_video(self, known: Sequence[Any], video: Video, revision: int) -> None:
        """Write what differs. What a source does not tell (a feed no length) is no news."""
        told = [new if new not in (None, "", "[]") else old for old, new in zip(known, video_row(video), strict=True)]
        self._db.execute("UPDATE videos SET gone_at = NULL WHERE id = ? AND gone_at IS NOT NULL", (video.id,))
        if told != list(known):
            assignments = ", ".join(f"{column} = ?" for column in VIDEO_COLUMNS.split(", "))
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
                (to_text(now), to_json([state.value for state in states])),
            )
        return cursor.rowcount

    def ask_again(self, video_ids: Collection[str], now: datetime) -> None:
        """Have these videos asked for at the next harvest, whatever state they are in."""
        if video_ids:
            with self._writing():
                self._db.execute(
                    "UPDATE videos SET next_try_at = ? WHERE id IN (SELECT value FROM json_each(?))",
                    (to_text(now), to_json(sorted(video_ids))),
                )

    def set_state(self, states: Sequence[tuple[str, State, str]]) -> None:
        """Give videos another state without an attempt, as when a rule changed."""
        with self._writing():
            self._db.executemany(
                "UPDATE videos SET state = ?, reason = ? WHERE id = ?",
                [(state.value, reason, video_id) for video_id, state, reason in states],
            )

    def save_digest_seen(self, upto: datetime) -> None:
        """Remember up to when a digest told what was new."""
        self.journal.note("digest", upto)
