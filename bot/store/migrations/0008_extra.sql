-- 2026-11-21. What else a provider told of a track, and how far it says it is with a task.

-- The JSON text of an object in the provider's own names, which may repeat what was asked for: it counts as words.
ALTER TABLE tracks ADD COLUMN extra TEXT NOT NULL DEFAULT '';
-- In percent.
ALTER TABLE tasks ADD COLUMN progress INTEGER;
