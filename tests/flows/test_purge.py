"""A server that is left, and words that have had their time: removed when due, and not a moment before."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.domain.ports_purge import GRACE
from bot.domain.task import State
from bot.flows.purge import EVEN_FOR, STILL_OPEN, Purge
from bot.flows.watch import Watch
from bot.logs import Seldom
from bot.store.purge import SqlitePurging
from bot.store.times import SqliteTimes
from tests.flows.bench import Bench
from tests.flows.stage import Stage
from tests.parts import GUILD, MORNING

DAY = timedelta(days=1)


def purge_of(bench: Bench, days: int = 0, elapsed: Callable[[], float] | None = None) -> Purge:
    """The purge of a bot that has run for a while; the clock goes evenly, unless the seconds that pass are given."""
    bench.clock.advance(seconds=-EVEN_FOR)
    purge = Purge(
        SqlitePurging(bench.database),
        bench.clock,
        prompt_retention_days=days,
        on_closed=lambda: bench.woken.append("closed"),
        elapsed=elapsed or (lambda: bench.clock().timestamp()),
    )
    bench.clock.advance(seconds=EVEN_FOR)
    return purge


async def run(purge: Purge) -> datetime | None:
    """Do all there is to do; return when there will be more."""
    while await purge.step():
        pass
    return await purge.next_due()


async def finished(bench: Bench) -> str:
    """A member asked, the provider refused; return the task's id."""
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    await bench.call_back(task.key, theirs)
    assert (await bench.deliveries.claim(bench.clock(), DAY)) is not None
    await bench.deliveries.sent(task.id, 3001, 77, bench.clock())
    return task.id


async def test_what_waits_is_closed_at_once_and_never_asked_for(bench: Bench) -> None:
    task, purge = await bench.accept(), purge_of(bench)
    await purge.left(GUILD)
    assert await run(purge) is None
    found = await bench.task(task.id)
    assert (found.state, found.failure) == (State.FAILED, "left")
    assert bench.woken == ["closed"]
    assert not await bench.submit.step()


async def test_what_comes_to_wait_after_the_leave_is_closed_as_well(bench: Bench) -> None:
    purge = purge_of(bench)
    await purge.left(GUILD)
    await run(purge)
    task = await bench.accept()
    assert await purge.next_due() == bench.clock()
    await run(purge)
    assert await bench.state(task) is State.FAILED


async def test_what_the_provider_has_goes_to_the_member_directly(stage: Stage) -> None:
    task = await stage.completed()
    guild = stage.channel.guild
    assert guild is not None
    purge = purge_of(stage.bench)
    stage.wire.remove_bot(guild)
    await purge.left(guild.id)
    await run(purge)
    assert await stage.deliver.step()
    assert len(stage.cards(stage.wire.dm(stage.member))) == 1
    assert await stage.row(task) == ("sent", "")


async def test_what_cannot_go_to_the_member_either_is_set_aside_and_goes_with_the_rest(stage: Stage) -> None:
    task = await stage.completed()
    guild = stage.channel.guild
    assert guild is not None
    stage.member.takes_direct_messages = False
    purge = purge_of(stage.bench)
    purge.in_sight()
    stage.wire.remove_bot(guild)
    await purge.left(guild.id)
    assert await stage.deliver.step()
    assert (await stage.row(task))[0] == "set_aside"
    assert await run(purge) == MORNING + GRACE
    stage.bench.clock.now = MORNING + GRACE
    await run(purge)
    assert await stage.bench.store.get(task.id) is None


async def test_rows_stay_for_the_grace_and_go_after_it(bench: Bench) -> None:
    task_id, purge = await finished(bench), purge_of(bench)
    purge.in_sight()
    await purge.left(GUILD)
    assert await run(purge) == MORNING + GRACE
    bench.clock.now = MORNING + GRACE - timedelta(seconds=1)
    await run(purge)
    assert await bench.store.get(task_id) is not None
    bench.clock.advance(seconds=1)
    assert await run(purge) is None
    assert await bench.store.get(task_id) is None


async def test_leaving_twice_does_not_begin_the_grace_anew(bench: Bench) -> None:
    await finished(bench)
    purge = purge_of(bench)
    purge.in_sight()
    await purge.left(GUILD)
    bench.clock.advance(days=3)
    await purge.left(GUILD)
    await purge.present(set())
    assert await run(purge) == MORNING + GRACE


async def test_a_return_within_the_grace_undoes_it(bench: Bench) -> None:
    task_id, purge = await finished(bench), purge_of(bench)
    await purge.left(GUILD)
    bench.clock.advance(days=6)
    await purge.returned(GUILD)
    purge.in_sight()
    bench.clock.advance(days=6)
    assert await run(purge) is None
    assert await bench.store.get(task_id) is not None


async def test_a_return_that_nobody_heard_of_undoes_it_however_late_it_is_found_out(bench: Bench) -> None:
    task_id, purge = await finished(bench), purge_of(bench)
    purge.in_sight()
    await purge.left(GUILD)
    purge.out_of_sight()
    bench.clock.now = MORNING + 2 * GRACE
    assert await run(purge) is None, "without the gateway nobody knows"
    await purge.present({GUILD})
    assert await run(purge) is None
    assert await bench.store.get(task_id) is not None


async def test_a_leave_while_the_bot_was_down_is_found_out_at_the_start(bench: Bench) -> None:
    task_id, purge = await finished(bench), purge_of(bench)
    await purge.present({GUILD + 1})
    assert await run(purge) == MORNING + GRACE
    bench.clock.now = MORNING + GRACE
    await run(purge)
    assert await bench.store.get(task_id) is None


async def test_an_open_task_is_waited_for_without_haste(bench: Bench) -> None:
    task, _ = await bench.submitted()
    purge = purge_of(bench)
    await purge.present(set())
    bench.clock.now = MORNING + GRACE
    assert await run(purge) == bench.clock() + STILL_OPEN
    assert await bench.state(task) is State.SUBMITTED


async def test_words_go_after_their_days_and_the_alarm_is_for_the_oldest(bench: Bench) -> None:
    first, purge = await finished(bench), purge_of(bench, days=30)
    bench.clock.advance(days=1)
    second = await finished(bench)
    assert await run(purge) == MORNING + 30 * DAY
    bench.clock.now = MORNING + 30 * DAY
    assert await run(purge) == MORNING + 31 * DAY
    assert [(await bench.task(one)).request.prompt for one in (first, second)] == ["", "rain"]


async def test_by_default_words_are_kept(bench: Bench) -> None:
    task_id, purge = await finished(bench), purge_of(bench)
    bench.clock.advance(days=4000)
    assert await run(purge) is None
    assert (await bench.task(task_id)).request.prompt == "rain"


async def test_words_of_a_success_that_came_after_the_failure_had_its_time_go_too(bench: Bench) -> None:
    (task, theirs), purge = await bench.submitted(), purge_of(bench, days=1)
    bench.clock.advance(hours=3)
    await bench.reconcile.step()
    bench.clock.advance(days=2)
    await run(purge)
    await bench.finish(theirs)
    await bench.call_back(task.key, theirs)
    assert (await bench.deliveries.claim(bench.clock(), DAY)) is not None
    await bench.deliveries.sent(task.id, 3001, 77, bench.clock())
    assert any(track.style or track.lyrics for track in await bench.deliveries.tracks(task.id))
    bench.clock.advance(days=1)
    await run(purge)
    assert [(track.style, track.lyrics) for track in await bench.deliveries.tracks(task.id)] == [("", "")] * 2


async def test_a_gateway_lost_while_servers_are_compared_stays_out_of_sight(bench: Bench) -> None:
    task_id, purge = await finished(bench), purge_of(bench)
    await purge.left(GUILD)
    inside, go_on = threading.Event(), threading.Event()

    def hold_the_disk(_: sqlite3.Connection) -> None:
        inside.set()
        go_on.wait(10)

    holding = asyncio.create_task(bench.database.write(hold_the_disk))
    await asyncio.to_thread(inside.wait, 10)
    comparing = asyncio.create_task(purge.present({GUILD + 1}))
    await asyncio.sleep(0)  # so that it has begun
    purge.out_of_sight()
    go_on.set()
    await asyncio.gather(holding, comparing)
    bench.clock.now = MORNING + GRACE
    await run(purge)
    assert await bench.store.get(task_id) is not None
    await purge.present({GUILD + 1})
    await run(purge)
    assert await bench.store.get(task_id) is None


@pytest.mark.parametrize("days", [0, 7])
async def test_after_the_start_and_after_a_jump_nothing_is_removed_by_age_for_an_hour(bench: Bench, days: int) -> None:
    task_id, seconds = await finished(bench), 0.0
    purge = purge_of(bench, days, lambda: seconds)
    purge.in_sight()
    await purge.left(GUILD)
    assert await run(purge) is None
    seconds += EVEN_FOR
    bench.clock.advance(seconds=EVEN_FOR)
    assert await run(purge) == MORNING + GRACE
    bench.clock.advance(days=8)
    assert await run(purge) is None
    seconds += EVEN_FOR - 1
    bench.clock.advance(seconds=EVEN_FOR - 1)
    assert await run(purge) is None
    assert (await bench.task(task_id)).request.prompt == "rain"
    seconds += 1
    bench.clock.advance(seconds=1)
    await run(purge)
    assert await bench.store.get(task_id) is None


async def test_a_jump_of_days_does_not_remove_the_rows_of_a_left_server(bench: Bench) -> None:
    task_id, seconds = await finished(bench), 0.0
    purge = purge_of(bench, elapsed=lambda: seconds)
    watch = Watch(SqliteTimes(bench.database), lambda: None, Seldom(), bench.clock, lambda: seconds)
    purge.in_sight()
    await purge.left(GUILD)
    bench.clock.advance(days=8)
    await run(purge)
    await watch.look()
    seconds += EVEN_FOR
    bench.clock.advance(seconds=EVEN_FOR)
    assert await run(purge) == MORNING + 8 * DAY + GRACE
    assert await bench.store.get(task_id) is not None
