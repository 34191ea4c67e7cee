-- 2026-11-21. Tasks, their tracks, and every callback that was acknowledged.
-- Times are milliseconds since 1970, UTC. The four columns that end in `_at` and may be NULL while nothing is due
-- (due_at, ask_at, tell_at, deliver_at) are alarms: each loop looks at its own partial index and sleeps until the first.

CREATE TABLE tasks (
    id               TEXT PRIMARY KEY,
    key              TEXT NOT NULL UNIQUE,
    provider         TEXT NOT NULL,
    request          TEXT NOT NULL,
    member_id        INTEGER NOT NULL,
    channel_id       INTEGER NOT NULL,
    guild_id         INTEGER,
    notice_id        INTEGER,
    state            TEXT NOT NULL CHECK (state IN
        ('waiting', 'submitting', 'submitted', 'unknown', 'failed', 'completed', 'cancelled')),
    attempt          INTEGER NOT NULL DEFAULT 1,
    created_at       INTEGER NOT NULL,
    asked_at         INTEGER,
    provider_task_id TEXT,
    failure          TEXT NOT NULL DEFAULT '',
    detail           TEXT NOT NULL DEFAULT '',
    failed_asks      INTEGER NOT NULL DEFAULT 0,
    submit_tries     INTEGER NOT NULL DEFAULT 0,
    missing          INTEGER NOT NULL DEFAULT 0,
    finished_at      INTEGER,
    delivery         TEXT NOT NULL DEFAULT 'none' CHECK (delivery IN
        ('none', 'ready', 'sending', 'sent', 'set_aside')),
    first_try_at     INTEGER,
    tries            INTEGER NOT NULL DEFAULT 0,
    sent_at          INTEGER,
    sent_channel_id  INTEGER,
    message_id       INTEGER,
    set_aside_reason TEXT NOT NULL DEFAULT '',
    due_at           INTEGER,
    ask_at           INTEGER,
    tell_at          INTEGER,
    deliver_at       INTEGER,
    -- Only a completed task has anything to deliver.
    CHECK (delivery = 'none' OR state = 'completed')
) STRICT;

-- A provider's task id is bound to one task, once.
CREATE UNIQUE INDEX tasks_of_provider ON tasks (provider, provider_task_id) WHERE provider_task_id IS NOT NULL;
CREATE INDEX tasks_of_member ON tasks (member_id, created_at);
CREATE INDEX tasks_at_once ON tasks (member_id) WHERE state IN ('submitting', 'submitted');
CREATE INDEX tasks_due ON tasks (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX tasks_to_ask ON tasks (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX tasks_to_tell ON tasks (tell_at) WHERE tell_at IS NOT NULL;
CREATE INDEX tasks_to_deliver ON tasks (deliver_at) WHERE deliver_at IS NOT NULL;

CREATE TABLE tracks (
    task_id    TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    clip_id    TEXT NOT NULL,
    audio_url  TEXT NOT NULL,
    cover_url  TEXT NOT NULL,
    title      TEXT NOT NULL,
    style      TEXT NOT NULL,
    lyrics     TEXT NOT NULL,
    seconds    REAL,
    expires_at INTEGER,
    PRIMARY KEY (task_id, number)
) STRICT, WITHOUT ROWID;

-- A captured callback stays valid for ever, so what was taken in once is known for good.
CREATE TABLE callbacks (
    digest      BLOB PRIMARY KEY,
    task_id     TEXT NOT NULL,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Well signed, and about no task of ours: another bot with the same key. Kept short, see store/news.py.
CREATE TABLE strays (
    id               INTEGER PRIMARY KEY,
    provider         TEXT NOT NULL,
    provider_task_id TEXT NOT NULL,
    received_at      INTEGER NOT NULL
) STRICT;

-- Small facts of the bot itself, such as which commands were synced last.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
