"""A clock that jumps moves what is stored along; a loop that stands still is counted and told of seldom."""

import asyncio
import logging
import sqlite3
import time
from datetime import datetime, timedelta

import pytest

from bot.domain.errors import StoreUnavailable
from bot.domain.ports_purge import GRACE
from bot.flows.watch import EVERY, Watch
from bot.logs import Seldom
from bot.store.database import Database
from bot.store.purge import SqlitePurging
from bot.store.rows import from_ms, to_ms
from bot.store.times import DOUBTFUL_AGE, LONGEST_ALARM, SqliteTimes, bring_back
from tests.parts import GUILD, Clock

HOUR, DAY, YEARS = timedelta(hours=1), timedelta(days=1), timedelta(days=56 * 365)
ALARMS = ("due_at", "ask_at", "tell_at", "deliver_at")


class Machine:
    """A wall clock, and seconds that only go forward."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.seconds = clock, 1000.0

    def passes(self, seconds: float, jump: timedelta = timedelta(0)) -> None:
        """Let time pass; the wall clock makes a jump besides."""
        self.seconds += seconds
        self.clock.now += timedelta(seconds=seconds) + jump


@pytest.fixture
def machine(clock: Clock) -> Machine:
    return Machine(clock)


@pytest.fixture
def watch(database: Database, machine: Machine) -> Watch:
    return Watch(SqliteTimes(database), database.look, Seldom(), machine.clock, lambda: machine.seconds)


def insert(db: sqlite3.Connection, now: datetime, **ahead: timedelta) -> None:
    """Store a task; each time lies so far ahead of now."""
    times = {name: to_ms(now + by) for name, by in ahead.items()}
    names = "".join(f", {name}" for name in times)
    marks = "".join(f", {stamp}" for stamp in times.values())
    db.execute(
        f"INSERT INTO tasks (id, key, provider, request, member_id, channel_id, state, created_at{names})"
        f" VALUES (hex(randomblob(6)), hex(randomblob(6)), 'musicmint', '{{}}', 1, 2, 'submitted', 0{marks})"
    )


async def ahead(database: Database, now: datetime) -> list[dict[str, timedelta]]:
    """Return how far ahead of now the times of each task lie."""
    names = (*ALARMS, "asked_at", "first_try_at")
    rows = await database.read(lambda db: db.execute("SELECT * FROM tasks ORDER BY rowid").fetchall())
    return [{name: from_ms(row[name]) - now for name in names if row[name] is not None} for row in rows]


@pytest.mark.parametrize("jump", [HOUR, -HOUR, YEARS], ids=["forward", "back", "begun at 1970"])
async def test_after_a_jump_work_in_hand_is_as_old_and_as_far_off_as_before(
    database: Database, machine: Machine, watch: Watch, jump: timedelta
) -> None:
    if jump == YEARS:
        machine.passes(0, -YEARS)
        await watch.look()
    in_hand = {name: timedelta(minutes=3) for name in ALARMS} | {"asked_at": timedelta(minutes=-90)}
    await database.write(lambda db: insert(db, machine.clock(), **in_hand))
    machine.passes(EVERY, jump)
    await watch.look()
    second = timedelta(seconds=EVERY)
    assert await ahead(database, machine.clock()) == [{name: by - second for name, by in in_hand.items()}]


async def test_a_first_try_whose_age_is_in_doubt_is_never_taken_for_a_fresh_one(
    database: Database, machine: Machine, watch: Watch
) -> None:
    tried = {"deliver_at": timedelta(minutes=1), "first_try_at": timedelta(seconds=-10)}
    await database.write(lambda db: insert(db, machine.clock(), **tried))
    machine.passes(EVERY, -HOUR)
    await watch.look()
    (times,) = await ahead(database, machine.clock())
    assert times["first_try_at"] <= -DOUBTFUL_AGE


async def test_what_is_finished_keeps_its_times(database: Database, machine: Machine, watch: Watch) -> None:
    before = machine.clock()
    await database.write(lambda db: insert(db, before, asked_at=timedelta(minutes=-9), first_try_at=timedelta(0)))
    machine.passes(EVERY, HOUR)
    await watch.look()
    assert await ahead(database, before) == [{"asked_at": timedelta(minutes=-9), "first_try_at": timedelta(0)}]


async def test_no_alarm_lies_further_off_than_the_longest(database: Database, machine: Machine, watch: Watch) -> None:
    await database.write(lambda db: insert(db, machine.clock(), ask_at=5 * HOUR))
    machine.passes(EVERY, HOUR)
    await watch.look()
    assert await ahead(database, machine.clock()) == [{"ask_at": LONGEST_ALARM}]


async def test_small_corrections_and_time_that_passes_move_nothing(
    database: Database, machine: Machine, watch: Watch
) -> None:
    start = machine.clock()
    await database.write(lambda db: insert(db, start, ask_at=timedelta(minutes=3)))
    for seconds, jump in ((EVERY, 20), (EVERY, -20), (7200.0, 0)):
        machine.passes(seconds, timedelta(seconds=jump))
        await watch.look()
    assert await ahead(database, start) == [{"ask_at": timedelta(minutes=3)}]


async def test_a_jump_that_could_not_be_stored_is_put_right_later(machine: Machine) -> None:
    moved: list[timedelta | None] = []

    class Busy:
        async def move(self, by: timedelta, now: datetime) -> int:
            moved.append(by)
            if len(moved) == 1:
                raise StoreUnavailable
            return 0

    watch = Watch(Busy(), lambda: None, Seldom(), machine.clock, lambda: machine.seconds)
    machine.passes(EVERY, HOUR)
    with pytest.raises(StoreUnavailable):
        await watch.look()
    for _ in range(2):
        machine.passes(EVERY)
        await watch.look()
    assert moved == [HOUR, HOUR]


@pytest.mark.parametrize(
    ("jumps", "later"),
    [
        ([8 * DAY], 8 * DAY),
        ([-8 * DAY], timedelta(0)),
        ([8 * DAY, -8 * DAY], 8 * DAY),
        ([-YEARS, YEARS], DAY),  # begun at 1970, and put right
    ],
)
async def test_no_jump_brings_the_end_of_a_left_server_closer_or_puts_it_off_beyond_the_grace(
    database: Database, machine: Machine, watch: Watch, jumps: list[timedelta], later: timedelta
) -> None:
    purging, end = SqlitePurging(database), machine.clock() + GRACE - DAY
    await purging.left(GUILD, machine.clock() - DAY, end)
    for jump in jumps:
        machine.passes(0, jump)
        await watch.look()
    assert await purging.next_server() == end + later


async def test_at_the_start_nothing_lies_in_the_future_that_has_been(database: Database, clock: Clock) -> None:
    times = {"tell_at": HOUR, "asked_at": HOUR, "first_try_at": HOUR}
    await database.write(lambda db: insert(db, clock(), **times))
    await database.write(lambda db: bring_back(db, clock()))
    now = timedelta(0)
    assert await ahead(database, clock()) == [{"tell_at": now, "asked_at": now, "first_try_at": -DOUBTFUL_AGE}]


async def test_a_loop_that_stands_still_is_counted_and_told_of_once_a_minute(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    looked = asyncio.Queue[None]()
    seconds = 0.0
    seldom = Seldom(60.0, lambda: seconds)
    watch = Watch(SqliteTimes(database), lambda: looked.put_nowait(None), seldom, clock, lambda: 0.0)
    caplog.set_level(logging.WARNING)
    (running,) = watch.start()
    for _ in range(2):
        await asyncio.sleep(0)
        time.sleep(EVERY + 1.1)  # noqa: ASYNC251 - this is the fault
        await looked.get()
    watch.stop()
    await running
    assert watch.stood_still == 2
    assert len([line for line in caplog.messages if "stood still" in line]) == 1
