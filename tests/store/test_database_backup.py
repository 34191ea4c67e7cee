"""The documented backup, made while callbacks come in, is whole and holds all that was acknowledged before it."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store.database import Database, open_database
from tests.callback_desk import completed, open_desk
from tests.parts import Clock

ROOT = Path(__file__).parents[2]
STATEMENT = "VACUUM INTO 'backup.sqlite3'"


def back_up(path: Path, copy: Path) -> None:
    """Do what the README says, as another program."""
    with closing(sqlite3.connect(path)) as db:
        db.execute(STATEMENT.replace("backup.sqlite3", str(copy)))


def titles(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        done = "SELECT provider_task_id FROM tasks JOIN tracks ON task_id = id WHERE state = 'completed'"
        return [row[0] for row in db.execute(done)]


def test_the_readme_names_this_way() -> None:
    assert STATEMENT in (ROOT / "README.md").read_text(encoding="utf-8")


async def test_a_backup_made_while_callbacks_come_in_holds_what_was_acknowledged(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    copy = tmp_path / "backup.sqlite3"
    acknowledged: list[str] = []
    async with open_desk(database, clock) as desk:
        tasks = {f"mm-{number}": await desk.task(f"mm-{number}") for number in range(40)}

        async def call_back(name: str) -> None:
            assert (await desk.callback(tasks[name].key, completed(name))).status == 204
            acknowledged.append(name)

        first, *rest = tasks
        await call_back(first)
        calling = [asyncio.create_task(call_back(name)) for name in rest]
        await asyncio.wait(calling, return_when=asyncio.FIRST_COMPLETED)
        before = list(acknowledged)
        await asyncio.to_thread(back_up, tmp_path / "minstrel.sqlite3", copy)
        await asyncio.gather(*calling)
    assert len(before) >= 2
    assert set(before) <= set(titles(copy)) <= set(tasks)
    async with open_database(copy) as restored:
        assert await restored.read(lambda db: db.execute("SELECT count(*) FROM tasks").fetchone()[0]) == 40
