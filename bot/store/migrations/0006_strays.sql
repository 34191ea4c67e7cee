-- 2026-11-21. A provider with one callback address for all may tell of a task before its create was answered.

CREATE INDEX strays_of_task ON strays (provider, provider_task_id);
