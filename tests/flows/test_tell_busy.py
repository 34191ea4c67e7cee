"""What waits for a provider that is busy says so on its line: once, and once more when it goes on."""

import sqlite3

from bot.domain.task import Origin, Request, State, Task
from bot.flows.tell import WHILE_ASKED, Tell
from bot.store.moves import recover
from bot.store.tellings import SqliteTellings
from tests.flows.stage import EDIT, POST, Stage


async def asked(stage: Stage) -> Task:
    """A member asks and sees the queued line."""
    task = await stage.accepted(stage.channel)
    await stage.line_of(task)
    return task


async def refused(stage: Stage, tasks: int = 1) -> list[Task]:
    """So many are asked for, and the provider says that it is busy."""
    stage.bench.vendor.behaviour.status, stage.bench.vendor.behaviour.retry_after = 429, 30
    waiting = [await asked(stage) for _ in range(tasks)]
    assert await stage.bench.submit.step()
    return waiting


async def told(stage: Stage) -> list[str]:
    """Bring all lines up to date; return what has been written on lines so far."""
    while await stage.tell.step():
        pass
    return [edit.json["content"] for edit in stage.wire.sent(*EDIT)]


async def test_the_line_says_who_is_busy_and_the_place(stage: Stage) -> None:
    await refused(stage)
    [line] = await told(stage)
    assert "MusicMint is busy, so it waits there, at place 1 of all, and goes on by itself." in line
    assert stage.wire.sent(*POST) == []


async def test_all_that_waits_for_it_says_so_each_with_its_own_place(stage: Stage) -> None:
    await refused(stage, 2)
    assert ["at place 1 of all" in line for line in await told(stage)] == [True, False]
    assert "at place 2 of all" in (await told(stage))[1]


async def test_refused_again_and_again_it_is_said_once(stage: Stage) -> None:
    await refused(stage)
    for _ in range(4):
        assert len(await told(stage)) == 1
        stage.bench.clock.advance(seconds=60)
        assert await stage.bench.submit.step()


async def test_once_it_is_taken_the_line_says_so_and_all_is_said(stage: Stage) -> None:
    [task] = await refused(stage)
    await told(stage)
    stage.bench.vendor.behaviour.status = None
    stage.bench.clock.advance(seconds=60)
    assert await stage.bench.submit.step()
    assert await stage.bench.state(task) is State.SUBMITTED
    _, line = await told(stage)
    assert "The music service has taken it: it is being made since" in line
    assert len(await told(stage)) == 2


async def test_who_asks_while_it_rests_has_read_it_in_the_first_answer_and_is_told_when_it_goes_on(
    stage: Stage,
) -> None:
    await refused(stage)
    second = await stage.bench.submit.accept(Request("rain"), Origin(stage.member.id, stage.channel.id, None))
    assert second.place == 2
    await stage.bench.submit.answered(second.task.id, stage.wire.world.next_id())
    assert len(await told(stage)) == 1
    stage.bench.vendor.behaviour.status = None
    stage.bench.clock.advance(seconds=60)
    for _ in range(2):
        assert await stage.bench.submit.step()
    assert sum("has taken it" in line for line in await told(stage)) == 2


async def test_a_rest_that_begins_while_the_first_answer_goes_out_is_told_on_its_line(stage: Stage) -> None:
    origin = Origin(stage.member.id, stage.channel.id, None)
    under_way = await stage.bench.submit.accept(Request("rain"), origin)
    assert under_way.place is None
    await refused(stage)
    assert len(await told(stage)) == 1
    await stage.bench.submit.answered(under_way.task.id, stage.wire.world.next_id())
    assert sum("MusicMint is busy" in line for line in await told(stage)) == 2


async def test_what_is_taken_at_once_has_nothing_to_say(stage: Stage) -> None:
    await asked(stage)
    assert await stage.bench.submit.step()
    assert await told(stage) == []


async def test_what_was_to_be_said_is_said_after_a_restart(stage: Stage) -> None:
    await refused(stage)
    now = stage.bench.clock()

    def job(db: sqlite3.Connection) -> int:
        return recover(db, now)

    await stage.bench.database.write(job)
    away = stage.bench.submit.health.stays_away
    stage.tell = Tell(SqliteTellings(stage.bench.database), stage.tell._poster, stage.bench.clock, away)
    [line] = await told(stage)
    assert "MusicMint is busy" in line


async def test_what_nobody_had_heard_of_and_is_found_is_said_to_be_made(stage: Stage) -> None:
    task, now = await asked(stage), stage.bench.clock()
    await stage.bench.store.claim_waiting(now, 2)
    await stage.bench.store.lost(task.id, now, now)
    assert "No answer came" in (await told(stage))[-1]
    assert await stage.bench.news.found(task.id, "theirs-1", now)
    assert "The music service has taken it: it is being made since" in (await told(stage))[-1]
    assert len(await told(stage)) == 2


async def test_while_it_is_asked_for_nothing_is_said_yet(stage: Stage) -> None:
    [task] = await refused(stage)
    stage.bench.clock.advance(seconds=60)
    await stage.bench.store.claim_waiting(stage.bench.clock(), 2)
    assert await told(stage) == []
    await stage.bench.store.wait(task.id, stage.bench.clock())
    stage.bench.clock.advance(seconds=WHILE_ASKED.total_seconds())
    assert len(await told(stage)) == 1


async def test_what_was_taken_back_meanwhile_is_left_alone(stage: Stage) -> None:
    [task] = await refused(stage)
    as_it_was = await stage.bench.task(task.id)
    await stage.bench.submit.cancel(task.id, task.origin.member_id)
    await stage.tell._tell(as_it_was)  # it was read with others, whose lines came first
    assert await told(stage) == []


async def test_a_provider_that_is_not_there_is_spoken_of_once_it_rests(stage: Stage) -> None:
    stage.bench.vendor.behaviour.status = 503
    first = await asked(stage)
    for _ in range(2):
        assert await stage.bench.submit.step()
        assert await told(stage) == []
        stage.bench.clock.advance(seconds=10)
    second = await asked(stage)
    assert await stage.bench.submit.step()
    assert [await stage.bench.state(one) for one in (first, second)] == [State.FAILED, State.WAITING]
    assert sum("is busy" in line for line in await told(stage)) == 1
