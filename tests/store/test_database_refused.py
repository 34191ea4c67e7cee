"""What cannot be kept safely is refused at the start, with the path and the reason; what is lost later is noticed."""

import asyncio
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

from bot.domain.errors import StartRefused, StoreLost
from bot.store.database import Database, _check_beside, open_database
from bot.store.migrate import known_version
from tests.store.child import run

FIRST = (resources.files("bot.store") / "migrations" / "0001_tasks.sql").read_text(encoding="utf-8")

REFUSED_IN = """
without_privileges()
async def main():
    async with open_database(path):
        print("it opened")
try:
    asyncio.run(main())
except StartRefused as refused:
    print(refused)
"""

KILLED_BY_ITS_WRITE = """
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
async def main():
    async with open_database(path):
        print("opened")
asyncio.run(main())
"""


def old_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"{FIRST}\nPRAGMA user_version = 1; INSERT INTO facts VALUES ('old', 'kept');")


async def opened(path: Path) -> list[str]:
    """Open it; return the names of its facts."""
    async with open_database(path) as database:
        return await database.read(lambda db: [row[0] for row in db.execute("SELECT name FROM facts")])


async def test_an_empty_file_is_not_begun_afresh(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    await opened(path)
    path.write_bytes(b"")
    with pytest.raises(StartRefused, match="empty") as refused:
        await opened(path)
    assert str(path) in str(refused.value)
    assert path.stat().st_size == 0


async def test_a_log_without_its_database_is_not_begun_afresh(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    (tmp_path / "minstrel.sqlite3-wal").write_bytes(b"what was committed last")
    with pytest.raises(StartRefused, match="is gone"):
        await opened(path)
    assert not path.exists()


@pytest.mark.parametrize("what", ["file", "folder"])
async def test_what_may_only_be_read_is_refused_by_name(tmp_path: Path, what: str) -> None:
    path = tmp_path / "data" / "minstrel.sqlite3"
    path.parent.mkdir()
    if what == "file":
        await opened(path)
        path.chmod(0o444)
    else:
        path.parent.chmod(0o555)
    status, said = await run(REFUSED_IN, path)
    path.parent.chmod(0o755)
    assert status == 0
    assert str(path) in said
    assert "it opened" not in said


@pytest.mark.parametrize("pages", [0, 1, 3])
@pytest.mark.parametrize("begin", [old_database, lambda path: None], ids=["an old one", "none"])
async def test_killed_within_a_migration_the_next_start_does_it_whole(
    tmp_path: Path, begin: Callable[[Path], None], pages: int
) -> None:
    path = tmp_path / "minstrel.sqlite3"
    begin(path)
    facts = ["old"] if path.exists() else []
    # The copy still fits; what the migration adds does not.
    limit = (path.stat().st_size if path.exists() else 0) + pages * 4096
    status, said = await run(KILLED_BY_ITS_WRITE.format(limit=limit), path)
    assert (status, said) == (-signal.SIGXFSZ, "")
    assert await opened(path) == facts
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (known_version(),)
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def delete_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


@pytest.mark.parametrize("damage", [delete, replace, empty, delete_log])
async def test_a_file_that_is_no_longer_there_is_never_acknowledged_into(
    database: Database, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    def job(db: sqlite3.Connection) -> int:
        return db.execute("INSERT INTO facts VALUES (?, '')", (str(len(outcomes)),)).rowcount

    outcomes: list[object] = []
    outcomes.append(await database.write(job))
    damage(tmp_path / "minstrel.sqlite3")
    for _ in range(3):
        outcomes += await asyncio.gather(database.write(job), return_exceptions=True)
    assert [type(one) for one in outcomes] == [int, StoreLost, StoreLost, StoreLost]
    assert "minstrel.sqlite3" in await database.lost


async def test_the_log_of_a_file_that_was_deleted_is_kept_and_said_to_be_there(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    async with open_database(path) as database:
        await database.write(lambda db: db.execute("INSERT INTO facts VALUES ('kept', '')").rowcount)
        delete(path)
        with pytest.raises(StoreLost):
            await database.write(lambda db: db.execute("INSERT INTO facts VALUES ('late', '')").rowcount)
    assert b"kept" in path.with_name("minstrel.sqlite3-wal").read_bytes()
    with pytest.raises(StartRefused, match="is gone"):
        await opened(path)


def damage_an_index(path: Path) -> None:
    """Make what only reading the file through finds: a table with rows that its index does not know."""
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany("INSERT INTO facts VALUES (?, '')", [(f"fact {number}",) for number in range(2000)])
    with closing(sqlite3.connect(path)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'facts'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    pages = bytearray(path.read_bytes())
    last = int.from_bytes(pages[(root - 1) * size + 8 : (root - 1) * size + 12])  # the root's last child
    pages[(last - 1) * size : last * size] = b"\xa5" * size
    path.write_bytes(pages)


async def test_damage_in_a_large_file_is_found_while_it_is_used_and_ends_that(tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    await opened(path)
    damage_an_index(path)
    with pytest.raises(StartRefused, match="damaged"):
        await opened(path)
    async with open_database(path, checked_at_start=0) as database:
        said = await asyncio.wait_for(database.lost, 5)
        with pytest.raises(StoreLost):
            await database.write(lambda db: db.execute("UPDATE facts SET value = ''").rowcount)
    assert f"The database {path} is damaged" in said
    assert "restore a backup" in said


async def test_a_large_file_without_damage_is_used_at_once_and_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "minstrel.sqlite3"
    await opened(path)
    caplog.set_level("INFO", "bot.store.database")
    async with open_database(path, checked_at_start=0) as database, asyncio.timeout(5):
        while "database checked" not in caplog.messages:
            await database.write(lambda db: db.execute("UPDATE facts SET value = ''").rowcount)
        assert not database.lost.done()


async def test_closing_does_not_wait_for_the_check_of_a_large_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "minstrel.sqlite3"
    await opened(path)
    caplog.set_level("INFO", "bot.store.database")
    async with open_database(path, checked_at_start=0):
        pass
    assert caplog.messages[-1] in ("database checked", "database not checked")


async def filled(database: Database) -> None:
    """Write more than the log may hold, so that it is in the file itself."""
    for number in range(3):
        rows = [(f"{number} {n}", "x" * 300) for n in range(600)]
        await database.write(lambda db, rows=rows: db.executemany("INSERT INTO facts VALUES (?, ?)", rows).rowcount)


async def test_an_older_copy_that_is_copied_over_the_file_is_never_acknowledged_into(
    database: Database, tmp_path: Path
) -> None:
    path, copy = tmp_path / "minstrel.sqlite3", tmp_path / "backup.sqlite3"
    await database.write(lambda db: db.execute("INSERT INTO facts VALUES ('early', '')").rowcount)
    with closing(sqlite3.connect(path)) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    await filled(database)
    database.look()
    assert not database.lost.done()
    shutil.copyfile(copy, path)  # into the same file, as `cp` does
    database.look()
    with pytest.raises(StoreLost):
        await database.write(lambda db: db.execute("INSERT INTO facts VALUES ('late', '')").rowcount)
    said = await database.lost
    # A checkpoint that was under way meets the other pages before anybody looks at the size.
    assert "older copy" in said or "damaged" in said


async def test_what_another_program_writes_back_or_backs_up_ends_nothing(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "minstrel.sqlite3"
    await filled(database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.executemany("INSERT INTO facts VALUES (?, ?)", [(f"theirs {n}", "x" * 300) for n in range(100)])
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        other.execute("VACUUM INTO ?", (str(tmp_path / "backup.sqlite3"),))
    await database.write(lambda db: db.execute("UPDATE facts SET value = 'y'").rowcount)
    await database.write(lambda db: db.execute("INSERT INTO facts VALUES ('last', '')").rowcount)
    assert not database.lost.done()


@pytest.mark.parametrize("how", ["read", "write"])
async def test_pages_that_were_overwritten_are_noticed_when_they_are_used(
    database: Database, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "minstrel.sqlite3"
    await filled(database)
    await database.write(lambda db: db.execute("PRAGMA shrink_memory").fetchone())  # nothing remembered
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))
    with pytest.raises(StoreLost, match="damaged"):
        await getattr(database, how)(lambda db: db.execute("SELECT max(value) FROM facts").fetchone()[0])
    with pytest.raises(StoreLost):
        await database.write(lambda db: 1)
    assert "damaged" in await database.lost


async def test_what_was_given_up_during_a_commit_stays_given_up(database: Database) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def job(_: sqlite3.Connection) -> None:
        inside.set()
        go_on.wait(5)

    writing = asyncio.create_task(database.write(job))
    await asyncio.to_thread(inside.wait, 5)
    database.give_up("damaged")
    go_on.set()
    with pytest.raises(StoreLost):
        await writing
    with pytest.raises(StoreLost):
        await database.write(lambda db: 1)


async def test_a_check_that_could_not_be_made_is_not_taken_for_an_interrupted_one(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "another.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE something (x)")
        other.execute("BEGIN EXCLUSIVE")
        with closing(sqlite3.connect(path, timeout=0, check_same_thread=False)) as locked_out:
            await _check_beside(database, locked_out, path)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == ["database not checked"]


async def test_a_file_that_is_gone_is_seen_without_a_write(database: Database, tmp_path: Path) -> None:
    database.look()
    assert not database.lost.done()
    delete(tmp_path / "minstrel.sqlite3")
    database.look()
    assert database.lost.done()
