"""A server that is left, and words that have had their time: removed when due, and not a moment before."""

from datetime import datetime, timedelta

from bot.domain.task import State
from bot.flows.purge import GRACE, STILL_OPEN, Purge
from bot.store.purge import SqlitePurging
from tests.flows.bench import Bench
from tests.flows.stage import Stage
from tests.parts import GUILD, MORNING

DAY = timedelta(days=1)


def purge_of(bench: Bench, days: int = 0) -> Purge:
    return Purge(
        SqlitePurging(bench.database),
        bench.clock,
        prompt_retention_days=days,
        on_closed=lambda: bench.woken.append("closed"),
    )


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
