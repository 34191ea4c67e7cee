-- 2026-11-21. What /my-data delete must leave, and what finds a track by its message.

-- When a member asked for what counts against their day. Written only when the rows themselves are deleted at the
-- member's wish, and dropped after a day: else deleting one's data would make MEMBER_PER_DAY mean nothing.
CREATE TABLE spent (
    member_id  INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX spent_by_member ON spent (member_id, created_at);
CREATE INDEX tasks_by_message ON tasks (message_id) WHERE message_id IS NOT NULL;
