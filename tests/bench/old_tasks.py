"""Stores for the benches, filled by plain SQL: a million tasks in a minute, and open tasks for callbacks to end."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

#: Among so many members the old tasks are shared out.
MEMBERS = 500
#: The members' ids begin here.
FIRST_MEMBER = 1_000
_DAY = 86_400_000
_REQUEST = '{"prompt":"rain on a tin roof while somebody sings about the sea","style":"lofi, rain, mellow"}'

#: Names without order, as the real ones are: `i` times an odd number, in a ring.
_TASKS = """
WITH RECURSIVE numbers (i) AS (SELECT :first UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < :end)
INSERT INTO tasks (id, key, provider, request, member_id, channel_id, guild_id, notice_id, state, created_at, asked_at,
    provider_task_id, submit_tries, finished_at, failure, delivery, first_try_at, tries, sent_at, sent_channel_id,
    message_id)
SELECT printf('%012d', i * 618033988749 % 1000000000000), printf('%032d', i * 314159265359 % 1000000000000),
    'musicmint',
    :request, :member + i % :members, 3001, 2001, 9000000000 + i,
    iif(i % 20 = 0, 'failed', 'completed'),
    :oldest + i * :apart, :oldest + i * :apart, printf('%024x', i * 271828182859 % 1000000000000), 1,
    :oldest + i * :apart + 60000, iif(i % 20 = 0, 'provider', ''), iif(i % 20 = 0, 'none', 'sent'),
    iif(i % 20 = 0, NULL, :oldest + i * :apart + 60000), i % 20 != 0,
    iif(i % 20 = 0, NULL, :oldest + i * :apart + 61000), 3001, iif(i % 20 = 0, NULL, 9100000000 + i)
FROM numbers
"""
_TRACKS = """
WITH both (number) AS (VALUES (1), (2))
INSERT INTO tracks (task_id, number, clip_id, audio_url, cover_url, title, style, lyrics, seconds, expires_at)
SELECT id, number, 'clip-' || id || number, 'https://files.example/' || id || number || '.mp3',
    'https://files.example/' || id || number || '.jpg', 'Tin Roof', 'lofi, rain', 'rain on a tin roof', 91.2,
    created_at + 604800000
FROM tasks CROSS JOIN both WHERE state = 'completed' AND tasks.rowid > :before ORDER BY id
"""
_DIGESTS = """
INSERT INTO callbacks SELECT randomblob(32), id, finished_at FROM tasks WHERE tasks.rowid > :before
"""
#: What the triggers write row by row, at once: they would take an hour for a million tasks.
_LIBRARY = """
INSERT INTO library (task_id, number, member_id, channel_id, guild_id, open, status, kind, provider, instrumental,
    style, title_key, seconds, made_at)
SELECT task_id, number, member_id, channel_id, guild_id, open, status, kind, provider, instrumental, style, title_key,
    seconds, made_at
FROM library_entries WHERE task_id IN (SELECT id FROM tasks WHERE tasks.rowid > :before)
"""
_WORDS = """
INSERT INTO library_words (rowid, title, prompt, lyrics, style)
SELECT library.id, title_words, prompt_words, lyrics_words, style_words
FROM library JOIN library_entries USING (task_id, number) WHERE library.id > :before
"""
_OPEN = """
INSERT INTO tasks (id, key, provider, request, member_id, channel_id, guild_id, state, created_at, asked_at,
    provider_task_id, submit_tries, ask_at)
VALUES (:id, :id, 'musicmint', :request, 5, 3001, 2001, 'submitted', :now, :now, :provider_task_id, 1, :now + 180000)
"""


def add_old(file: Path, first: int, end: int) -> None:
    """Add finished tasks with the numbers from `first` to `end`, with tracks and digests, days to two years old.

    The tables must be there, and nobody may use the file meanwhile: nothing is flushed before the end.
    """
    now = _now()
    values = {
        "first": first,
        "end": end,
        "request": _REQUEST,
        "member": FIRST_MEMBER,
        "members": MEMBERS,
        "oldest": now - 700 * _DAY,
        "apart": 698 * _DAY // 1_000_000,
    }
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN")
        before, shelved = _last(db, "tasks"), _last(db, "library")
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.execute(_TASKS, values)
        for statement in (_TRACKS, _DIGESTS, _LIBRARY):
            db.execute(statement, before)
        db.execute(_WORDS, shelved)
        for _, script in triggers:
            db.execute(script)
        db.execute("COMMIT")


def _last(db: sqlite3.Connection, table: str) -> dict[str, int]:
    """Return the number of a table's newest row."""
    return {"before": db.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0]}


def add_open(file: Path, names: list[str]) -> None:
    """Add a submitted task for each of `names`, which is its id and its key; the provider knows it as `mm-<name>`."""
    now = _now()
    rows = [{"id": name, "request": _REQUEST, "now": now, "provider_task_id": f"mm-{name}"} for name in names]
    with closing(sqlite3.connect(file)) as db, db:
        db.executemany(_OPEN, rows)


def _now() -> int:
    return round(datetime.now(UTC).timestamp() * 1000)
