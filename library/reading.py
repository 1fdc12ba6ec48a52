"""What does the library tell, without being changed?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime

from msgspec import Struct, json

from library import codec
from library.database import RESTORE, Database
from library.errors import StoreError
from library.journal import Journal
from library.models import Channel, ChannelForm, Kind, Mentor, Origin, State, Transcript, Video
from library.moments import from_text, to_text
from library.rows import VIDEO_COLUMNS, to_json, video_of

_LISTED = "v.id IN (SELECT video FROM listings WHERE channel IN (SELECT value FROM json_each(:channels)))"
# The primary subtag of a language tag: en of en-GB.
_PRIMARY = "substr(lower(t.language), 1, instr(replace(t.language, '_', '-') || '-', '-') - 1)"


class Change(Struct, frozen=True):
    """A video that an index has to take in again, or to forget."""

    video_id: str
    removed: bool
    revision: int


class Outlook(Struct, frozen=True):
    """What is to be expected of a mentor: videos found of late, gone ones, and when the next try is due."""

    new: int
    gone: int
    next_try_at: datetime | None


class Due(Struct, frozen=True):
    """A video whose text should be asked for, and who it is followed for. ``tries`` ended in ``state`` so far."""

    video_id: str
    mentor: str
    state: State
    tries: int


class Within(Struct, frozen=True):
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


class Reading:
    """The questions a library answers. Every method raises StoreError where SQLite cannot read."""

    def __init__(self, database: Database) -> None:
        self.path = database.path
        self._db = database
        self._rows, self._row = database.rows, database.row
        self.journal = Journal(database)

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

    def channel_for(self, reference: str) -> Channel | None:
        """The channel a reference was found to mean."""
        row = self._row(
            "SELECT id, form, title, handle FROM channels JOIN aliases ON channel = id WHERE reference = ?", reference
        )
        return Channel(row[0], ChannelForm(row[1]), row[2], row[3]) if row else None

    def mentors(self) -> list[Mentor]:
        """Everyone followed, by slug."""
        rows = self._rows("SELECT slug, name, kind, topics FROM mentors ORDER BY slug")
        return [Mentor(slug, name, Kind(kind), tuple(json.decode(topics))) for slug, name, kind, topics in rows]

    def titles(self) -> str:
        """The titles of all videos, with zeros between them, in no order."""
        ((titles,),) = self._rows("SELECT group_concat(title, char(0)) FROM videos")
        return titles or ""

    def mentors_of(self, video_id: str) -> list[Mentor]:
        """Those for whom the video is followed, by slug; empty after they were unfollowed."""
        rows = self._rows(  # CROSS JOIN: in this order (sqlite.org/optoverview.html, 8.2), for few channels list it
            "SELECT DISTINCT slug, name, kind, topics FROM listings l CROSS JOIN follows f ON f.channel = l.channel "
            "CROSS JOIN mentors ON slug = f.mentor WHERE l.video = ? ORDER BY slug",
            (video_id,),
        )
        return [Mentor(slug, name, Kind(kind), tuple(json.decode(topics))) for slug, name, kind, topics in rows]

    def followed_channels(self, slugs: Collection[str] | None = None) -> frozenset[str]:
        """Ids of the channels of these mentors (of all, where None)."""
        rows = self._rows("SELECT mentor, channel FROM follows")
        return frozenset(channel for mentor, channel in rows if slugs is None or mentor in slugs)

    def all_followed(self) -> bool:
        """Whether every video listed belongs to a mentor who is still followed."""
        query = (
            "SELECT 1 FROM channels WHERE id NOT IN (SELECT channel FROM follows) "
            "AND EXISTS (SELECT 1 FROM listings WHERE channel = id) LIMIT 1"
        )
        return self._row(query) is None

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

    def gone(self) -> set[str]:
        """Ids of videos that are gone from where they were listed."""
        return {row[0] for row in self._rows("SELECT id FROM videos WHERE gone_at IS NOT NULL")}

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
                "channels": to_json(sorted(channels)),
                "mentors": None if mentors is None else to_json(sorted(mentors)),
            },
        )
        return [Due(video_id, mentor, State(state), tries) for video_id, mentor, state, tries in rows]

    def video(self, video_id: str) -> Video | None:
        row = self._row(f"SELECT {VIDEO_COLUMNS} FROM videos WHERE id = ?", video_id)
        return video_of(row) if row else None

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
            f"SELECT {VIDEO_COLUMNS}, state, mentors FROM videos JOIN "
            "(SELECT l.video, json_group_array(DISTINCT f.mentor) AS mentors FROM listings l "
            "JOIN follows f ON f.channel = l.channel GROUP BY l.video) ON video = id "
            f"WHERE state IN ({marks}) ORDER BY id",
            [state.value for state in states],
        )
        for *columns, state, mentors in rows:
            yield video_of(columns), State(state), sorted(json.decode(mentors))

    def without_text(self) -> list[tuple[Video, State, str, datetime | None]]:
        """Every followed video that has no text: its state, the reason, when it is asked for next; newest first."""
        rows = self._rows(
            f"SELECT {VIDEO_COLUMNS}, state, reason, next_try_at FROM videos v WHERE state != 'text' AND EXISTS "
            "(SELECT 1 FROM listings l JOIN follows f ON f.channel = l.channel WHERE l.video = v.id) "
            "ORDER BY published_at DESC, id"
        )
        return [(video_of(row), State(row[-3]), row[-2], from_text(row[-1])) for row in rows]

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

    def first_texts(self) -> dict[str, datetime]:
        """When each video that has text got it first; later, better tracks do not count."""
        rows = self._rows("SELECT video, MIN(fetched_at) FROM transcripts GROUP BY video ORDER BY video")
        return {video_id: moment for video_id, at in rows if (moment := from_text(at))}

    def digest_seen(self) -> datetime | None:
        """Up to when the last digest told what was new; None before the first one."""
        return self.journal.noted("digest")

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
        within = within or Within()
        if within == Within() and self.all_followed():
            return self._whole_extent()
        condition, values = self._condition(within)
        rows = self._rows(
            "SELECT v.state, COUNT(*), COALESCE(SUM(t.speech_ms), 0) FROM videos v "
            f"LEFT JOIN transcripts t ON t.video = v.id AND t.current WHERE {condition} GROUP BY 1",
            values,
        )
        return Counter({State(state): count for state, count, _ in rows}), sum(ms for _, _, ms in rows)

    def _whole_extent(self) -> tuple[Counter[State], int]:
        """The same of all videos, told by indexes alone."""
        states = self._rows("SELECT state, COUNT(*) FROM videos GROUP BY 1")
        speech = "SELECT COALESCE(SUM(speech_ms), 0) FROM transcripts INDEXED BY transcripts_speech WHERE current"
        return Counter({State(state): count for state, count in states}), self._rows(speech)[0][0]

    def _condition(self, chosen: Within) -> tuple[str, dict[str, object]]:
        """What a video ``v`` and its text ``t`` (all NULL where it has none) must fulfil, in SQL."""
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
            " AND ".join([_LISTED, *(condition for _, _, condition in given)]),
            {"channels": to_json(sorted(channels)), **{name: value for name, value, _ in given}},
        )
