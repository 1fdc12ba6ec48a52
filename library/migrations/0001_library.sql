-- Moments are ISO 8601 text in UTC ("2026-03-01T10:00:00Z"), which sorts as time does.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE mentors (
    slug   TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    kind   TEXT NOT NULL,
    topics TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;

-- A YouTube channel, a playlist, or a folder of caption files.
CREATE TABLE channels (
    id          TEXT PRIMARY KEY,
    form        TEXT NOT NULL,
    title       TEXT NOT NULL,
    handle      TEXT NOT NULL DEFAULT '',
    listed_at   TEXT,             -- last look of any kind
    complete_at TEXT,             -- last listing of everything
    etag        TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- What stands under "follow" in the configuration, and which channel it turned out to mean.
CREATE TABLE aliases (
    reference TEXT PRIMARY KEY,
    channel   TEXT NOT NULL REFERENCES channels
) WITHOUT ROWID;

CREATE TABLE follows (
    mentor  TEXT NOT NULL REFERENCES mentors ON DELETE CASCADE,
    channel TEXT NOT NULL REFERENCES channels,
    PRIMARY KEY (mentor, channel)
) WITHOUT ROWID;

CREATE TABLE videos (
    id           TEXT PRIMARY KEY,
    channel      TEXT NOT NULL,       -- who published it; need not be followed
    title        TEXT NOT NULL,
    description  TEXT NOT NULL,
    published_at TEXT,
    duration_ms  INTEGER,
    language     TEXT NOT NULL,
    form         TEXT NOT NULL,
    broadcast    TEXT NOT NULL,
    tags         TEXT NOT NULL,       -- JSON list
    chapters     TEXT NOT NULL,       -- JSON list of [start_ms, title]
    url          TEXT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL DEFAULT '',
    tries        INTEGER NOT NULL DEFAULT 0,
    next_try_at  TEXT,                -- null: not to be asked for again
    gone_at      TEXT,                -- when its channel was found to list it no longer; its text stays
    found_at     TEXT NOT NULL,
    revision     INTEGER NOT NULL     -- when something changed that can be searched
);
CREATE INDEX videos_by_revision ON videos (revision);
CREATE INDEX videos_by_state ON videos (state, next_try_at);

-- Which followed channel or playlist lists which video.
CREATE TABLE listings (
    channel TEXT NOT NULL REFERENCES channels,
    video   TEXT NOT NULL REFERENCES videos ON DELETE CASCADE,
    PRIMARY KEY (channel, video)
) WITHOUT ROWID;
CREATE INDEX listings_by_video ON listings (video, channel);

-- Every track ever saved; the one that counts is marked.
CREATE TABLE transcripts (
    id         INTEGER PRIMARY KEY,
    video      TEXT NOT NULL REFERENCES videos ON DELETE CASCADE,
    language   TEXT NOT NULL,
    origin     TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    current    INTEGER NOT NULL,
    speech_ms  INTEGER NOT NULL,      -- end of the last snippet
    digest     TEXT NOT NULL,         -- SHA-256 of the JSON in snippets and words
    snippets   BLOB NOT NULL,         -- zlib of JSON: [[start deltas], [durations], [texts]], ms
    words      BLOB                   -- the same of [[start deltas], [texts]], where times of words are known
);
CREATE UNIQUE INDEX transcripts_current ON transcripts (video) WHERE current;
CREATE INDEX transcripts_speech ON transcripts (video, speech_ms) WHERE current;
CREATE INDEX transcripts_by_video ON transcripts (video);

CREATE TABLE runs (
    id         INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    ended_at   TEXT,
    result     TEXT NOT NULL DEFAULT '',   -- '' while running or after a crash
    summary    TEXT NOT NULL DEFAULT ''    -- JSON
);

CREATE TABLE attempts (
    video  TEXT NOT NULL REFERENCES videos ON DELETE CASCADE,
    at     TEXT NOT NULL,
    state  TEXT NOT NULL,
    reason TEXT NOT NULL,
    run    INTEGER REFERENCES runs,
    PRIMARY KEY (video, at)
) WITHOUT ROWID;

-- Units spent at YouTube by Pacific-time day.
CREATE TABLE quota (
    day    TEXT NOT NULL,
    bucket TEXT NOT NULL,
    used   INTEGER NOT NULL,
    PRIMARY KEY (day, bucket)
) WITHOUT ROWID;

-- Videos that are gone from the library, for engines that have not seen it yet.
CREATE TABLE removals (
    video    TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
) WITHOUT ROWID;
