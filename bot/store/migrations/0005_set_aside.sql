-- 2026-11-21. When and how often a card was set aside: for how long its line is tried, and when a member may have it
-- posted again.

ALTER TABLE tasks ADD COLUMN set_aside_at INTEGER;
ALTER TABLE tasks ADD COLUMN set_asides INTEGER NOT NULL DEFAULT 0;
