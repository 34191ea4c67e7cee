-- 2026-11-21. What members do with a posted card: like it, ask for it again or remixed, delete it.

-- The task this one was asked for from, by "again" or "remix".
ALTER TABLE tasks ADD COLUMN parent_id TEXT;
-- When its card was deleted by the member or a moderator.
ALTER TABLE tasks ADD COLUMN deleted_at INTEGER;

CREATE INDEX tasks_of_parent ON tasks (parent_id, member_id) WHERE parent_id IS NOT NULL;

CREATE TABLE likes (
    task_id   TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL,
    liked_at  INTEGER NOT NULL,
    PRIMARY KEY (task_id, member_id)
) STRICT, WITHOUT ROWID;
