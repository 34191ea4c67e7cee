"""A database of an earlier version is brought forward, copied first, and loses nothing."""

import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

from bot.store.database import open_database
from bot.store.submissions import SqliteSubmissions

FIRST = (resources.files("bot.store") / "migrations" / "0001_tasks.sql").read_text(encoding="utf-8")
ROW = (
    "INSERT INTO tasks (id, key, provider, request, member_id, channel_id, state, created_at, sent_at)"
    """ VALUES ('k3v9k3v9k3v9', 'key', 'musicmint', '{"prompt":"rain"}', 1, 2, 'completed', 3, 4)"""
)


def old_database(path: Path) -> None:
    """Make a database as the first version left it, with a task in it."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"{FIRST}\nPRAGMA user_version = 1;\n{ROW};")


async def test_a_task_of_the_first_version_is_still_there(tmp_path: Path) -> None:
    old_database(tmp_path / "minstrel.sqlite3")
    async with open_database(tmp_path / "minstrel.sqlite3") as database:
        task = await SqliteSubmissions(database).get("k3v9k3v9k3v9")
    assert task is not None
    assert task.request.prompt == "rain"


async def test_a_copy_is_made_before_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    old_database(path)
    for _ in range(2):
        async with open_database(path):
            pass
    copies = list(tmp_path.glob("*.before-*"))
    assert [copy.name for copy in copies] == ["minstrel.sqlite3.before-2"]
    with closing(sqlite3.connect(copies[0])) as copy:
        assert copy.execute("SELECT id FROM tasks").fetchall() == [("k3v9k3v9k3v9",)]
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)


async def test_a_new_database_needs_no_copy(tmp_path: Path) -> None:
    async with open_database(tmp_path / "minstrel.sqlite3"):
        pass
    assert list(tmp_path.glob("*.before-*")) == []
