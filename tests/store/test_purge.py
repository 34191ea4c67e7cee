"""What is removed by age, in small commits, and what stays: open tasks, and the digests of callbacks for good."""

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.ports_members import Forgotten
from bot.domain.task import State, Task
from bot.store.cards import SqliteCards
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.members import SqliteMembers
from bot.store.moves import recover
from bot.store.news import STRAY_DAYS, SqliteNews
from bot.store.purge import AT_A_TIME, SqlitePurging
from bot.store.rows import to_ms
from bot.store.submissions import SqliteSubmissions
from bot.store.tellings import SqliteTellings
from tests.parts import ADA, BOB, GUILD, MORNING, Clock, make_task
from tests.store.test_members import DAY, accept, deliver, select, spend, submit

#: So many rows may not slow the start.
MANY = 100_000
#: Ended tasks with two tracks each, in one statement.
TASKS = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
INSERT INTO tasks
    (id, key, provider, request, member_id, channel_id, guild_id, state, created_at, finished_at, delivery)
SELECT 'task' || n, 'key' || n, 'musicmint', '{"prompt":"rain"}', n % 50, 3001, 2001, 'completed', n, n, 'sent'
FROM number
"""


@pytest.fixture
def purging(database: Database) -> SqlitePurging:
    return SqlitePurging(database)


async def count(database: Database, table: str) -> int:
    ((number,),) = await select(database, f"SELECT count(*) FROM {table}")
    return int(number)


async def ended(database: Database, clock: Clock, message_id: int = 77, **wish: object) -> Task:
    """A task with its card, a track with words, and a like of somebody else."""
    task = await accept(database, make_task(now=clock(), **wish))
    await deliver(database, clock, message_id, lyrics="la la", style="lofi")
    await SqliteCards(database).like(task.id, BOB, clock())
    return task


async def leave(purging: SqlitePurging, clock: Clock) -> None:
    await purging.left(GUILD, clock(), clock())


async def test_rows_of_a_left_server_go_with_their_tracks_and_likes_and_the_digest_stays(
    database: Database, purging: SqlitePurging, clock: Clock
) -> None:
    await ended(database, clock)
    await leave(purging, clock)
    while await purging.remove_left(clock(), clock()):
        pass
    counts = [await count(database, table) for table in ("tasks", "tracks", "likes", "left_servers", "callbacks")]
    assert counts == [0, 0, 0, 0, 1]


async def test_deleting_ones_data_keeps_the_digests(database: Database, clock: Clock) -> None:
    await ended(database, clock)
    assert await SqliteMembers(database).forget(ADA, clock()) == Forgotten(1, 0)
    assert await count(database, "callbacks") == 1


async def test_rows_go_in_small_steps(database: Database, purging: SqlitePurging, clock: Clock) -> None:
    await database.write(lambda db: db.execute(TASKS, (AT_A_TIME + 1,)).rowcount)
    await leave(purging, clock)
    left = []
    while await purging.remove_left(clock(), clock()):
        left.append(await count(database, "tasks"))
    assert left == [1, 0, 0]


async def test_a_task_that_is_still_open_outlives_its_server(
    database: Database, purging: SqlitePurging, clock: Clock
) -> None:
    await ended(database, clock)
    task = await accept(database, make_task("still open", now=clock()))
    await submit(database, clock)
    await leave(purging, clock)
    later = clock() + timedelta(hours=1)
    while await purging.remove_left(clock(), later):
        pass
    assert await select(database, "SELECT id FROM tasks") == [(task.id,)]
    assert await purging.next_server() == later


async def test_other_servers_and_direct_messages_are_left_alone(
    database: Database, purging: SqlitePurging, clock: Clock
) -> None:
    await ended(database, clock, 71, guild_id=GUILD + 1)
    await ended(database, clock, 72, guild_id=None)
    await leave(purging, clock)
    while await purging.remove_left(clock(), clock()):
        pass
    assert await count(database, "tasks") == 2


async def test_servers_left_while_nobody_listened_are_noted_once_and_those_that_are_back_forgotten(
    database: Database, purging: SqlitePurging, clock: Clock
) -> None:
    for number, guild in enumerate((10, 20, 30, None)):
        await ended(database, clock, 70 + number, guild_id=guild)
    assert await purging.present({20, 99}, clock(), MORNING + DAY) == 2
    assert await purging.present({20, 10}, clock(), MORNING + 2 * DAY) == 0
    assert await select(database, "SELECT guild_id, purge_at FROM left_servers") == [(30, to_ms(MORNING + DAY))]


async def test_words_go_and_what_is_no_word_stays(database: Database, purging: SqlitePurging, clock: Clock) -> None:
    wish = {"style": "lofi", "title": "Tin Roof", "lyrics": "drip drop", "instrumental": True}
    task = await ended(database, clock, **wish)
    assert await purging.remove_words(clock(), clock()) == 1
    found = await SqliteSubmissions(database).get(task.id)
    assert found is not None
    assert (found.request.about, found.request.style, found.request.instrumental) == ("", "", True)
    kept = json.dumps(await SqliteMembers(database).export(ADA))
    for word in ("rain on a tin roof", "lofi", "drip drop", "la la"):
        assert word not in kept
    assert f'"words_removed_at": "{MORNING.isoformat(timespec="milliseconds")}"' in kept
    assert await purging.remove_words(clock(), clock()) == 0
    assert await purging.next_words() is None


@pytest.mark.parametrize("change", ["state = 'submitted'", "delivery = 'ready'", "delivery = 'set_aside'"])
async def test_words_of_what_is_open_or_not_delivered_are_not_touched(
    database: Database, purging: SqlitePurging, clock: Clock, change: str
) -> None:
    await ended(database, clock)
    free = "delivery = 'none', " if change.startswith("state") else ""
    await database.write(lambda db: db.execute(f"UPDATE tasks SET {free}{change}").rowcount)
    clock.advance(days=400)
    assert await purging.remove_words(clock(), clock()) == 0
    assert await purging.next_words() is None


async def test_strays_and_spent_times_go_by_their_age(database: Database, purging: SqlitePurging, clock: Clock) -> None:
    await spend(database, clock)
    stray = "INSERT INTO strays (provider, provider_task_id, received_at) VALUES ('musicmint', 'x', ?)"
    await database.write(lambda db: db.execute(stray, (to_ms(MORNING),)).rowcount)
    assert await purging.next_leftover() == MORNING + DAY
    clock.now = MORNING + DAY
    assert await purging.remove_leftovers(clock()) == 1
    assert [await count(database, table) for table in ("spent", "strays")] == [0, 1]
    assert await purging.next_leftover() == MORNING + STRAY_DAYS
    clock.now = MORNING + STRAY_DAYS
    assert await purging.remove_leftovers(clock()) == 1
    assert await purging.next_leftover() is None


async def test_a_waiting_task_of_a_left_server_is_failed_and_told(
    database: Database, purging: SqlitePurging, clock: Clock
) -> None:
    task = await accept(database, make_task(now=clock()))
    other = await accept(database, make_task(now=clock(), guild_id=GUILD + 1))
    await leave(purging, clock)
    assert await purging.has_waiting()
    assert await purging.close_waiting(clock()) == 1
    assert not await purging.has_waiting()
    rows = await select(database, "SELECT state, failure, tell_at IS NOT NULL FROM tasks WHERE id = ?", task.id)
    assert rows == [(State.FAILED.value, "left", 1)]
    assert await select(database, "SELECT state FROM tasks WHERE id = ?", other.id) == [("waiting",)]


async def test_the_start_takes_no_more_steps_with_a_hundred_thousand_old_tasks(
    database: Database, clock: Clock
) -> None:
    few = await steps_of_a_start(database, clock)
    await database.write(lambda db: db.execute(TASKS, (MANY,)).rowcount)
    many = await steps_of_a_start(database, clock)
    assert few > 100
    assert many < few + 200, "what is old is not looked at, row by row"


async def steps_of_a_start(database: Database, clock: Clock) -> int:
    """Return how many of SQLite's own steps it takes to put things in order and to find what there is to do."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    def counting(handler: Callable[[], int] | None) -> Callable[[sqlite3.Connection], None]:
        return lambda db: db.set_progress_handler(handler, 1)

    await database.write(counting(step))
    await database.read(counting(step))
    await database.write(lambda db: recover(db, clock()))
    await first_round(database, clock)
    await database.write(counting(None))
    await database.read(counting(None))
    return steps


async def first_round(database: Database, clock: Clock) -> None:
    """Do what every loop does first."""
    submissions, purging = SqliteSubmissions(database), SqlitePurging(database)
    news, deliveries, tellings = SqliteNews(database), SqliteDeliveries(database), SqliteTellings(database)
    assert await submissions.claim_waiting(clock(), 2) is None
    assert await deliveries.claim(clock(), DAY) is None
    assert await news.due_to_ask(clock(), 10) == await tellings.to_tell(clock(), 10) == []
    await purging.present({GUILD}, clock(), clock())
    for look in (submissions.next_waiting, news.next_ask, deliveries.next_delivery, tellings.next_telling):
        assert await look() is None
    for due in (purging.has_waiting, purging.next_server, purging.next_words, purging.next_leftover):
        await due()
