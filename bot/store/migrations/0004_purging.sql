-- 2026-11-21. What is removed by age: servers the bot has left, the words of old tasks, and small leftovers.

-- The rows of these servers go at `purge_at`, unless the bot is back before.
CREATE TABLE left_servers (
    guild_id INTEGER PRIMARY KEY,
    left_at  INTEGER NOT NULL,
    purge_at INTEGER NOT NULL
) STRICT;

-- When prompt, style, title and lyrics were removed from a row for their age (PROMPT_RETENTION_DAYS).
ALTER TABLE tasks ADD COLUMN words_removed_at INTEGER;

CREATE INDEX tasks_of_server ON tasks (guild_id) WHERE guild_id IS NOT NULL;
-- Ended, with nothing left to post, and the words still there: the oldest is found at once, whatever was emptied before.
CREATE INDEX tasks_with_words ON tasks (finished_at)
    WHERE words_removed_at IS NULL AND state IN ('failed', 'completed', 'cancelled') AND delivery IN ('none', 'sent');
CREATE INDEX strays_by_age ON strays (received_at);
CREATE INDEX spent_by_age ON spent (created_at);
