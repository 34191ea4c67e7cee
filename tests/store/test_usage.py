"""How much a server has asked for of late, and who most: numbers only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ports_admin import Asked
from bot.domain.task import Origin, State
from bot.store.database import Database
from bot.store.submissions import SqliteSubmissions
from bot.store.usage import MOST_NAMED, SqliteUsages
from tests.parts import ADA, BOB, CHANNEL, GUILD, Clock, make_task


@pytest.fixture
def usages(database: Database) -> SqliteUsages:
    return SqliteUsages(database)


async def ask(database: Database, clock: Clock, member: int = ADA, guild: int | None = GUILD, **of_it: object) -> None:
    """A member asked, `days` ago."""
    days = of_it.pop("days", 0)
    assert isinstance(days, int | float)
    task = make_task(now=clock() - timedelta(days=days), **of_it)
    task = replace(task, origin=Origin(member, CHANNEL, guild), state=State.WAITING)
    await SqliteSubmissions(database).accept(task, per_day=99, at_once=99, hold=timedelta(0))


async def test_it_counts_by_provider_and_state_in_7_and_in_30_days(
    database: Database, clock: Clock, usages: SqliteUsages
) -> None:
    for days in (0, 6.9, 7.1, 29.9, 30.1):
        await ask(database, clock, days=days)
    await ask(database, clock, provider="audiopod", private=True)
    numbers = await usages.of_server(GUILD, clock())
    assert numbers.asked == [Asked("audiopod", State.WAITING, 1, 1), Asked("musicmint", State.WAITING, 2, 4)]


async def test_states_are_counted_apart(database: Database, clock: Clock, usages: SqliteUsages) -> None:
    for _ in range(3):
        await ask(database, clock)
    claimed = await SqliteSubmissions(database).claim_waiting(clock(), 99)
    assert claimed is not None
    numbers = await usages.of_server(GUILD, clock())
    assert {(one.state, one.month) for one in numbers.asked} == {(State.WAITING, 2), (State.SUBMITTING, 1)}


async def test_other_servers_and_direct_messages_are_not_counted(
    database: Database, clock: Clock, usages: SqliteUsages
) -> None:
    await ask(database, clock, guild=GUILD + 1)
    await ask(database, clock, guild=None)
    numbers = await usages.of_server(GUILD, clock())
    assert (list(numbers.asked), list(numbers.most)) == ([], [])


async def test_the_five_who_ask_most_are_named_most_first(
    database: Database, clock: Clock, usages: SqliteUsages
) -> None:
    for member, times in ((BOB, 3), (ADA, 2), *((ADA + number, 1) for number in range(10, 16))):
        for _ in range(times):
            await ask(database, clock, member)
    most = (await usages.of_server(GUILD, clock())).most
    assert most[:2] == [(BOB, 3), (ADA, 2)]
    assert len(most) == MOST_NAMED


async def test_what_is_older_is_not_looked_at(database: Database, usages: SqliteUsages) -> None:
    query = "EXPLAIN QUERY PLAN SELECT count(*) FROM tasks WHERE guild_id = 1 AND created_at > 2"
    plan = await database.read(lambda db: [row["detail"] for row in db.execute(query)])
    assert any("tasks_of_server (guild_id=? AND created_at>?)" in line for line in plan)
