"""The database commits together, keeps one bad job from hurting others, and refuses what it cannot keep."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.errors import StartRefused, StoreUnavailable
from bot.store.database import Database, open_database


def put(name: str) -> object:
    return lambda db: db.execute("INSERT INTO facts VALUES (?, '')", (name,)).rowcount


async def names(database: Database) -> list[str]:
    return await database.read(lambda db: [row["name"] for row in db.execute("SELECT name FROM facts ORDER BY name")])


async def test_writes_that_wait_at_one_moment_share_a_commit(database: Database) -> None:
    before = await database.read(changes)
    await asyncio.gather(*(database.write(put(f"fact {n}")) for n in range(100)))  # type: ignore[arg-type]
    assert len(await names(database)) == 100
    # The first goes alone, whoever came meanwhile goes together: two or three commits for a hundred writes.
    assert 1 <= await database.read(changes) - before <= 3


def changes(db: sqlite3.Connection) -> int:
    """Return a number that grows by one with each commit another connection makes."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


async def test_one_bad_job_does_not_fail_the_others(database: Database) -> None:
    jobs = [database.write(put(name)) for name in ("a", "b", "a", "c")]  # type: ignore[arg-type]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [isinstance(result, sqlite3.IntegrityError) for result in results] == [False, False, True, False]
    assert await names(database) == ["a", "b", "c"]


async def test_a_job_that_raises_leaves_nothing_behind(database: Database) -> None:
    def job(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO facts VALUES ('half', '')")
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        await database.write(job)
    assert await names(database) == []


async def test_a_lock_held_elsewhere_is_waited_for_and_then_told(database: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "minstrel.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await database.write(put("late"))  # type: ignore[arg-type]
        other.execute("ROLLBACK")
    await database.write(put("now"))  # type: ignore[arg-type]
    assert await names(database) == ["now"]


async def test_a_disk_that_is_full_is_told_and_recovered_from(database: Database) -> None:
    def fill(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO facts VALUES ('large', ?)", ("x" * 1_000_000,))

    pages = await database.write(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await database.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
    results = await asyncio.gather(database.write(fill), database.write(fill), return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailable, StoreUnavailable]
    await database.write(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone())
    await database.write(fill)
    assert await names(database) == ["large"]


async def test_the_second_connection_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read(put("sneaked in"))  # type: ignore[arg-type]


async def test_each_commit_is_flushed(database: Database) -> None:
    pragma = "SELECT * FROM pragma_journal_mode, pragma_synchronous"
    assert tuple(await database.write(lambda db: db.execute(pragma).fetchone())) == ("wal", 2)


async def test_whoever_gave_up_waiting_does_not_disturb_the_commit(database: Database) -> None:
    waiting = asyncio.create_task(database.write(put("given up")))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    waiting.cancel()
    await database.write(put("kept"))  # type: ignore[arg-type]
    assert await names(database) == ["given up", "kept"]


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.sqlite3")) as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(StartRefused, match="newer Minstrel"):
        await opened(tmp_path / "new.sqlite3")


async def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    path.write_bytes(b"these are not the pages you are looking for" * 100)
    with pytest.raises(StartRefused, match="damaged"):
        await opened(path)
    assert path.read_bytes().startswith(b"these are not")


async def test_damaged_pages_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    await opened(path)
    damaged = bytearray(path.read_bytes())
    damaged[4096 * 2 : 4096 * 6] = b"\xa5" * (4096 * 4)
    path.write_bytes(damaged)
    with pytest.raises(StartRefused, match="damaged"):
        await opened(path)


async def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="nowhere"):
        await opened(tmp_path / "nowhere" / "minstrel.sqlite3")


async def test_a_migration_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE facts (something TEXT)")  # in the way of the first migration
    with pytest.raises(StartRefused):
        await opened(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (0,)
        assert [row[0] for row in db.execute("SELECT name FROM sqlite_master")] == ["facts"]


async def opened(path: Path) -> None:
    """Open and close it."""
    async with open_database(path):
        pass
