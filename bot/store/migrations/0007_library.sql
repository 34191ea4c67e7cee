-- 2026-11-21. The library: what members browse and search, and the pages they have open.
-- `library` and `library_words` say nothing that tasks and tracks do not say: triggers keep them true in the same
-- transaction, so words that are removed there cannot be found here.

CREATE TABLE library (
    -- Grows in the order things were made: "newest first" is this number, backwards.
    id           INTEGER PRIMARY KEY,
    task_id      TEXT NOT NULL,
    -- The track's number; 0 stands for a task that has no tracks (yet).
    number       INTEGER NOT NULL,
    member_id    INTEGER NOT NULL,
    channel_id   INTEGER NOT NULL,
    guild_id     INTEGER,
    -- Whether others may see it: not private, and its card stands in the channel of a server it was asked for in.
    open         INTEGER NOT NULL,
    status       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    provider     TEXT NOT NULL,
    instrumental INTEGER NOT NULL,
    -- What the member asked for, as they wrote it.
    style        TEXT NOT NULL,
    -- For sorting; what has no title comes last.
    title_key    TEXT NOT NULL,
    seconds      REAL,
    made_at      INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX library_by_task ON library (task_id, number);
-- Each holds what can be filtered by, so that a rare filter reads the index only.
CREATE INDEX library_of_member ON library (member_id, id);
CREATE INDEX library_of_channel ON library (channel_id, id, kind, provider, instrumental, task_id) WHERE open = 1;
CREATE INDEX library_of_channel_by_length ON library (channel_id, seconds, id, kind, provider, instrumental, task_id)
    WHERE open = 1;
CREATE INDEX library_of_channel_by_title ON library (channel_id, title_key, id, kind, provider, instrumental, task_id)
    WHERE open = 1;
CREATE INDEX library_of_server ON library (guild_id, id, channel_id, kind, provider, instrumental, task_id)
    WHERE open = 1;
CREATE INDEX library_of_server_by_length
    ON library (guild_id, seconds, id, channel_id, kind, provider, instrumental, task_id) WHERE open = 1;
CREATE INDEX library_of_server_by_title
    ON library (guild_id, title_key, id, channel_id, kind, provider, instrumental, task_id) WHERE open = 1;
CREATE INDEX likes_of_member ON likes (member_id, task_id);

CREATE VIRTUAL TABLE library_words USING fts5 (title, prompt, lyrics, style, tokenize = 'porter unicode61 remove_diacritics 2');

-- What stands, or should stand, in `library`. Nothing of a card that was deleted or a task that was taken back.
CREATE VIEW library_entries AS
SELECT
    tasks.id AS task_id,
    coalesce(tracks.number, 0) AS number,
    tasks.member_id,
    tasks.channel_id,
    tasks.guild_id,
    tasks.guild_id IS NOT NULL AND tasks.delivery = 'sent' AND tasks.message_id IS NOT NULL
        AND tasks.sent_channel_id IS tasks.channel_id
        AND NOT coalesce(json_extract(tasks.request, '$.private'), 0) AS open,
    CASE WHEN tracks.number IS NOT NULL THEN 'finished' WHEN tasks.state = 'failed' THEN 'failed' ELSE 'working' END
        AS status,
    coalesce(json_extract(tasks.request, '$.kind'), 'song') AS kind,
    tasks.provider,
    coalesce(json_extract(tasks.request, '$.instrumental'), 0) AS instrumental,
    coalesce(json_extract(tasks.request, '$.style'), '') AS style,
    coalesce(
        nullif(lower(trim(coalesce(nullif(tracks.title, ''), json_extract(tasks.request, '$.title'), ''))), ''),
        char(0x10FFFF)
    ) AS title_key,
    tracks.seconds,
    coalesce(tasks.finished_at, tasks.created_at) AS made_at,
    coalesce(tracks.title, '') || ' ' || coalesce(json_extract(tasks.request, '$.title'), '') AS title_words,
    coalesce(json_extract(tasks.request, '$.prompt'), '') AS prompt_words,
    coalesce(nullif(tracks.lyrics, ''), json_extract(tasks.request, '$.lyrics'), '') AS lyrics_words,
    coalesce(json_extract(tasks.request, '$.style'), '') || ' ' || coalesce(tracks.style, '') AS style_words
-- Tracks come in when they are delivered: taking in a callback has no time to index words.
FROM tasks LEFT JOIN tracks ON tracks.task_id = tasks.id AND tasks.delivery IN ('sent', 'set_aside')
WHERE tasks.deleted_at IS NULL AND tasks.state != 'cancelled';

CREATE TRIGGER library_words_added AFTER INSERT ON library BEGIN
    INSERT INTO library_words (rowid, title, prompt, lyrics, style)
    SELECT NEW.id, title_words, prompt_words, lyrics_words, style_words FROM library_entries
    WHERE task_id = NEW.task_id AND number = NEW.number;
END;

CREATE TRIGGER library_words_removed AFTER DELETE ON library BEGIN
    DELETE FROM library_words WHERE rowid = OLD.id;
END;

-- Inserting a task's id here brings its entries up to date: a trigger's way to call what several triggers need.
CREATE VIEW library_refresh AS SELECT '' AS task_id WHERE 0;

CREATE TRIGGER library_refreshed INSTEAD OF INSERT ON library_refresh BEGIN
    DELETE FROM library WHERE task_id = NEW.task_id
        AND number NOT IN (SELECT number FROM library_entries WHERE task_id = NEW.task_id);
    INSERT INTO library (task_id, number, member_id, channel_id, guild_id, open, status, kind, provider, instrumental,
        style, title_key, seconds, made_at)
    SELECT task_id, number, member_id, channel_id, guild_id, open, status, kind, provider, instrumental,
        style, title_key, seconds, made_at
    FROM library_entries WHERE task_id = NEW.task_id ORDER BY number
    ON CONFLICT (task_id, number) DO UPDATE SET
        open = excluded.open, status = excluded.status, kind = excluded.kind, provider = excluded.provider,
        instrumental = excluded.instrumental, style = excluded.style, title_key = excluded.title_key,
        seconds = excluded.seconds, made_at = excluded.made_at;
END;

CREATE VIEW library_reworded AS SELECT '' AS task_id WHERE 0;

CREATE TRIGGER library_words_changed INSTEAD OF INSERT ON library_reworded BEGIN
    DELETE FROM library_words WHERE rowid IN (SELECT id FROM library WHERE task_id = NEW.task_id);
    INSERT INTO library_words (rowid, title, prompt, lyrics, style)
    SELECT library.id, title_words, prompt_words, lyrics_words, style_words
    FROM library JOIN library_entries USING (task_id, number) WHERE library.task_id = NEW.task_id;
END;

CREATE TRIGGER library_task_added AFTER INSERT ON tasks BEGIN
    INSERT INTO library_refresh VALUES (NEW.id);
END;

CREATE TRIGGER library_task_moved
AFTER UPDATE OF state, provider, delivery, sent_channel_id, message_id, deleted_at ON tasks
WHEN (NEW.state != OLD.state AND (NEW.state IN ('failed', 'cancelled') OR OLD.state IN ('failed', 'cancelled')))
    OR (NEW.delivery != OLD.delivery AND (NEW.delivery IN ('sent', 'set_aside') OR OLD.delivery IN ('sent', 'set_aside')))
    OR NEW.provider != OLD.provider OR NEW.sent_channel_id IS NOT OLD.sent_channel_id
    OR NEW.message_id IS NOT OLD.message_id OR NEW.deleted_at IS NOT OLD.deleted_at
BEGIN
    INSERT INTO library_refresh VALUES (NEW.id);
END;

CREATE TRIGGER library_task_reworded AFTER UPDATE OF request ON tasks WHEN NEW.request != OLD.request BEGIN
    INSERT INTO library_refresh VALUES (NEW.id);
    INSERT INTO library_reworded VALUES (NEW.id);
END;

CREATE TRIGGER library_task_removed AFTER DELETE ON tasks BEGIN
    DELETE FROM library WHERE task_id = OLD.id;
END;

CREATE TRIGGER library_track_added AFTER INSERT ON tracks
WHEN (SELECT delivery FROM tasks WHERE id = NEW.task_id) IN ('sent', 'set_aside')
BEGIN
    INSERT INTO library_refresh VALUES (NEW.task_id);
END;

CREATE TRIGGER library_track_changed AFTER UPDATE OF title, style, lyrics, seconds ON tracks BEGIN
    INSERT INTO library_refresh VALUES (NEW.task_id);
    INSERT INTO library_reworded VALUES (NEW.task_id);
END;

CREATE TRIGGER library_track_removed AFTER DELETE ON tracks BEGIN
    INSERT INTO library_refresh VALUES (OLD.task_id);
END;

INSERT INTO library (task_id, number, member_id, channel_id, guild_id, open, status, kind, provider, instrumental,
    style, title_key, seconds, made_at)
SELECT task_id, number, member_id, channel_id, guild_id, open, status, kind, provider, instrumental,
    style, title_key, seconds, made_at
FROM library_entries ORDER BY made_at, task_id, number;

-- What a member has open: the buttons under it carry its id. Removed by age, see store/shelves.py.
CREATE TABLE shelves (
    id         TEXT PRIMARY KEY,
    member_id  INTEGER NOT NULL,
    query      TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX shelves_by_age ON shelves (created_at);
CREATE INDEX shelves_of_member ON shelves (member_id);
