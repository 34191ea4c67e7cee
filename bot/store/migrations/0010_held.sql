-- 2026-11-21. Lines that say that their provider is busy, and what a server has asked for of late.

-- Since when the queued line says, or is about to say, that the provider is busy. No alarm: `tell_at` is.
ALTER TABLE tasks ADD COLUMN held_at INTEGER;

-- With the time, the last weeks of a server are read without all that is older.
DROP INDEX tasks_of_server;
CREATE INDEX tasks_of_server ON tasks (guild_id, created_at) WHERE guild_id IS NOT NULL;
