"""A flush that fails is never tried again: nothing more is written, and the next start reads what is really there."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store.database import open_database
from tests.store.child import run

COMMIT_FAILS = """
async def main():
    async with open_database(path) as database:
        await database.write(put("before"))
        fail_flushes()
        results = await asyncio.gather(*(database.write(put(n)) for n in "abc"), return_exceptions=True)
        print(*(type(one).__name__ for one in results))
        before = Path(f"{path}-wal").read_bytes()
        try:
            await database.write(put("later"))
        except StoreLost:
            print("refused", before == Path(f"{path}-wal").read_bytes(), database.lost.done())
asyncio.run(main())
"""

WRITING_BACK_FAILS = """
async def main():
    async with open_database(path) as database:
        fail_flushes(path)
        try:
            for number in range(10):
                await database.write(lambda db: [put(f"{number} {n}")(db) for n in range(100)])
        except StoreLost:
            pass
        print(await database.lost, len(await database.read(lambda db: db.execute("SELECT 1 FROM facts").fetchall())))
        before = path.stat().st_mtime_ns
    print(path.stat().st_mtime_ns == before)
asyncio.run(main())
"""


async def test_a_commit_whose_flush_fails_is_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    status, said = await run(COMMIT_FAILS, path)
    assert (status, said.splitlines()) == (0, ["StoreLost StoreLost StoreLost", "refused True True"])


async def test_after_a_failed_flush_the_log_is_left_to_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    await run(COMMIT_FAILS, path)
    assert (tmp_path / "minstrel.sqlite3-wal").stat().st_size > 0
    async with open_database(path) as database:
        names = await database.read(lambda db: [row[0] for row in db.execute("SELECT name FROM facts")])
        await database.write(lambda db: db.execute("INSERT INTO facts VALUES ('after', '')").rowcount)
    assert "before" in names
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_a_flush_that_fails_while_the_log_is_written_back_is_noticed_too(tmp_path: Path) -> None:
    status, said = await run(WRITING_BACK_FAILS, tmp_path / "minstrel.sqlite3")
    assert status == 0, said
    assert "did not take a flush" in said
    assert said.split()[-2:] == ["500", "True"], "and closing wrote nothing either"
