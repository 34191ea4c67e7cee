-- 2026-11-21. A provider's own retry may give a task a new id there; news under the old one is still about it.

CREATE TABLE earlier_jobs (
    provider         TEXT NOT NULL,
    provider_task_id TEXT NOT NULL,
    task_id          TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    PRIMARY KEY (provider, provider_task_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX earlier_jobs_of_task ON earlier_jobs (task_id);
