"""What was removed stands in no file any more: not in the database, nor in its log."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store.cards import SqliteCards
from bot.store.database import Database, open_database
from bot.store.file import wal_of
from bot.store.members import SqliteMembers
from bot.store.purge import SqlitePurging
from bot.store.submissions import SqliteSubmissions
from tests.parts import ADA, BOB, GUILD, Clock, make_task, make_track
from tests.store.library_shelf import Shop

#: Words that stand nowhere else, as they are written and as the index has them.
WORDS = (b"zyzzyva", b"xylophon", b"quokka")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "minstrel.sqlite3"


async def fill(database: Database, clock: Clock) -> tuple[Shop, str]:
    """Ada's track with the words, among many of Bob's; return her task's id."""
    shop = Shop(database, clock)
    for number in range(8):
        await shop.make(f"other rain {number}", member_id=BOB, guild_id=GUILD + 1)
    track = make_track("ours", lyrics="xylophones all night", title="Tin Roof", style="quokka pop", seconds=60.0)
    task = await shop.make("zyzzyva in the rain", track)
    for number in range(8):
        await shop.make(f"more rain {number}", member_id=BOB, guild_id=GUILD + 1)
    return shop, task.id


async def clear(database: Database) -> int:
    """Clear what was removed, in steps; return how many there were."""
    purging, steps = SqlitePurging(database), 0
    while await purging.clear_removed():
        steps += 1
    return steps


def found(path: Path, words: Iterable[bytes] = WORDS) -> set[bytes]:
    """Return the words that stand in the files, as anybody could look for them."""
    held = path.read_bytes() + wal_of(path).read_bytes()
    return {word for word in words if word in held.lower()}


async def test_words_that_had_their_time_stand_in_no_file(database: Database, clock: Clock, path: Path) -> None:
    shop, _ = await fill(database, clock)
    assert found(path) == set(WORDS)
    purging = SqlitePurging(database)
    assert await purging.remove_words(clock(), clock())
    assert await purging.has_removed()
    assert await clear(database)
    assert found(path) == set()
    assert not await purging.has_removed()
    assert await shop.look(words="zyzzyva") == []


async def test_the_words_of_a_left_server_stand_in_no_file(database: Database, clock: Clock, path: Path) -> None:
    await fill(database, clock)
    purging = SqlitePurging(database)
    await purging.left(GUILD, clock(), clock())
    while await purging.remove_left(clock(), clock()):
        pass
    assert await clear(database)
    assert found(path) == set()


async def test_deleted_data_stand_in_no_file(database: Database, clock: Clock, path: Path) -> None:
    shop, _ = await fill(database, clock)
    await SqliteMembers(database).forget(ADA, clock())
    assert await clear(database)
    assert found(path) == set()
    assert len(await shop.look(words="rain")) == 0
    held = await database.read(lambda db: db.execute("SELECT count(*) FROM library_words('rain')").fetchone()[0])
    assert held == 16, "what others have is found as ever"


async def test_the_words_of_a_deleted_card_leave_the_index(database: Database, clock: Clock, path: Path) -> None:
    shop, task_id = await fill(database, clock)
    await SqliteCards(database).deleted(task_id, clock())
    assert await clear(database)
    with closing(sqlite3.connect(path)) as other:
        blocks = b"".join(row[0] for row in other.execute("SELECT block FROM library_words_data"))
        kept = other.execute("SELECT c0 || c1 || c2 || c3 FROM library_words_content").fetchall()
    words = {word for word in WORDS if word in blocks or word in repr(kept).encode()}
    assert words == set(), "the task's own row keeps them until their time is over"
    assert await shop.look(words="zyzzyva") == []


async def test_the_words_of_a_deleted_card_whose_time_is_over_stand_in_no_file(
    database: Database, clock: Clock, path: Path
) -> None:
    _, task_id = await fill(database, clock)
    await SqliteCards(database).deleted(task_id, clock())
    await SqlitePurging(database).remove_words(clock(), clock())
    assert await clear(database)
    assert found(path) == set()


async def test_the_copy_made_before_an_update_goes_as_well(database: Database, clock: Clock, path: Path) -> None:
    await fill(database, clock)
    copy = path.with_name(f"{path.name}.before-9")
    await database.write(lambda db: db.execute("UPDATE tasks SET tries = tries").rowcount)
    copy.write_bytes(path.read_bytes() + wal_of(path).read_bytes())
    assert not await clear(database)
    assert copy.exists(), "as long as nothing was removed it may be needed"
    await SqliteMembers(database).forget(ADA, clock())
    assert await clear(database)
    assert not copy.exists()


async def test_a_round_without_anything_removed_writes_nothing(database: Database, clock: Clock) -> None:
    await fill(database, clock)
    before = await database.write(lambda db: db.total_changes)
    assert not await SqlitePurging(database).clear_removed()
    assert await SqlitePurging(database).remove_words(clock() - timedelta(days=9), clock()) == 0
    assert await clear(database) == 0
    assert await database.write(lambda db: db.total_changes) == before


async def test_a_large_index_is_rewritten_in_small_commits(database: Database, clock: Clock, path: Path) -> None:
    await fill(database, clock)
    many = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT INTO library_words (rowid, title, prompt, lyrics, style)"
        " SELECT 100000 + i, hex(randomblob(90)), hex(randomblob(90)), hex(randomblob(90)), 'lofi' FROM n"
    )
    await database.write(lambda db: db.execute(many).rowcount)
    await SqliteMembers(database).forget(ADA, clock())
    assert await database.clear_log()
    purging, commits = SqlitePurging(database), []
    while await purging.clear_removed():
        commits.append(wal_of(path).stat().st_size // 4096)
        await database.clear_log()
    assert len(commits) >= 4
    assert max(commits) < 600, "pages that one commit writes"
    assert found(path) == set()


async def test_what_a_stop_interrupts_is_taken_up_again(path: Path, clock: Clock) -> None:
    async with open_database(path) as database:
        await fill(database, clock)
        await SqliteMembers(database).forget(ADA, clock())
        assert await SqlitePurging(database).clear_removed()
    async with open_database(path) as database:
        assert await SqlitePurging(database).has_removed()
        assert await clear(database)
        assert found(path) == set()


async def test_what_is_removed_during_the_rewriting_is_rewritten_as_well(
    database: Database, clock: Clock, path: Path
) -> None:
    _, task_id = await fill(database, clock)
    purging = SqlitePurging(database)
    await SqliteMembers(database).forget(BOB, clock())
    assert await purging.clear_removed()
    await SqliteCards(database).deleted(task_id, clock())
    await SqliteMembers(database).forget(ADA, clock())
    while await purging.clear_removed():
        pass
    assert found(path) == set()


async def test_a_reader_of_another_program_is_waited_for_and_holds_nobody_up(
    database: Database, clock: Clock, path: Path
) -> None:
    await fill(database, clock)
    with closing(sqlite3.connect(path, isolation_level=None)) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT count(*) FROM tasks").fetchone()
        await SqliteMembers(database).forget(ADA, clock())
        await clear(database)
        purging = SqlitePurging(database)
        assert await purging.has_removed(), "the log cannot be emptied while somebody reads in it"
        await SqliteSubmissions(database).accept(make_task("snow", now=clock()), per_day=9, at_once=9, hold=timedelta())
    assert await clear(database)
    assert found(path) == set()
