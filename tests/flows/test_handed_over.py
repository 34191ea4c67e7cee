"""What is handed over to another provider says so on its line, whatever becomes of the press and of the process."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.ports import Accepted
from bot.domain.task import State
from bot.flows.elsewhere import HOLD
from bot.store.tellings import SqliteTellings
from tests.flows.bench import Bench
from tests.flows.stage import Stage
from tests.flows.test_tell_busy import refused, told
from tests.flows.two_vendors import Two, second_vendor


@pytest.fixture
async def two(bench: Bench) -> AsyncIterator[Two]:
    async with second_vendor(bench) as both:
        yield both


async def handed_over(stage: Stage) -> Accepted:
    """The line says that the provider is busy, and another is chosen."""
    [task] = await refused(stage)
    assert len(await told(stage)) == 1
    moved = await stage.bench.submit.move(task, "audiopod")
    assert moved is not None
    return moved


async def test_once_its_line_says_so_it_goes_at_once_and_nothing_more_is_said(two: Two, stage: Stage) -> None:
    moved = await handed_over(stage)
    assert not await stage.bench.submit.step()
    await stage.bench.submit.shown(moved.task)
    assert await stage.bench.submit.step()
    assert await stage.bench.state(moved.task) is State.SUBMITTED
    stage.bench.clock.advance(minutes=1)
    assert len(await told(stage)) == 1


async def test_a_line_that_nobody_changed_says_soon_that_it_waits_as_any_other(two: Two, stage: Stage) -> None:
    await handed_over(stage)
    stage.bench.clock.advance(seconds=HOLD.total_seconds())
    line = (await told(stage))[-1]
    assert "It is made as soon as its turn comes" in line
    assert "busy" not in line


async def test_a_line_that_nobody_changed_says_so_as_well_once_it_is_taken(two: Two, stage: Stage) -> None:
    moved = await handed_over(stage)
    stage.bench.clock.advance(seconds=HOLD.total_seconds())
    assert await stage.bench.submit.step()
    assert await stage.bench.state(moved.task) is State.SUBMITTED
    assert "has taken it" in (await told(stage))[-1]


async def test_the_other_one_that_is_busy_as_well_is_told(two: Two, stage: Stage) -> None:
    moved = await handed_over(stage)
    await stage.bench.submit.shown(moved.task)
    two.pod.behaviour.status = 429
    assert await stage.bench.submit.step()
    assert "audiopod is busy" in (await told(stage))[-1]


async def test_one_that_rests_already_is_told_by_the_press_itself(two: Two, stage: Stage) -> None:
    stage.bench.submit.health.busy("audiopod", timedelta(seconds=30))
    moved = await handed_over(stage)
    assert (moved.task.provider, moved.place) == ("audiopod", 1)
    await stage.bench.submit.shown(moved.task)
    assert len(await told(stage)) == 1
    stage.bench.clock.advance(minutes=1)
    assert await stage.bench.submit.step()
    assert "has taken it" in (await told(stage))[-1]


async def test_a_press_that_comes_to_its_end_too_late_takes_back_nothing(two: Two, stage: Stage) -> None:
    moved = await handed_over(stage)
    stage.bench.clock.advance(seconds=HOLD.total_seconds())
    two.pod.behaviour.status = 429
    assert await stage.bench.submit.step()
    await stage.bench.submit.shown(moved.task)
    assert "audiopod is busy" in (await told(stage))[-1]


async def test_the_members_own_that_come_first_are_counted(two: Two) -> None:
    for _ in range(2):
        await two.accepted("audiopod")
    await two.steps()
    two.bench.submit.health.busy("musicmint", timedelta(seconds=30))
    first, second = (await two.accepted()).task, (await two.accepted()).task
    moved = [await two.bench.submit.move(task, "audiopod") for task in (first, second)]
    assert [one.ahead for one in moved if one] == [2, 3]


async def test_with_none_before_it_nothing_is_said_of_any(two: Two) -> None:
    two.bench.submit.health.busy("musicmint", timedelta(seconds=30))
    moved = await two.bench.submit.move((await two.accepted()).task, "audiopod")
    assert moved is not None
    assert (moved.ahead, moved.place) == (0, None)


async def test_what_came_while_a_line_was_written_is_still_to_be_told(two: Two, stage: Stage) -> None:
    [task] = await refused(stage)
    tellings = SqliteTellings(stage.bench.database)
    [as_told] = await tellings.to_tell(stage.bench.clock(), 9)
    two.pod.behaviour.status = 429
    moved = await stage.bench.submit.move(task, "audiopod")
    assert moved is not None
    await stage.bench.submit.shown(moved.task)
    assert await stage.bench.submit.step()
    await tellings.told(as_told)
    assert ["audiopod is busy" in line for line in await told(stage)] == [True]


async def test_the_same_told_anew_is_still_to_be_told(stage: Stage) -> None:
    [task] = await refused(stage)
    tellings = SqliteTellings(stage.bench.database)
    [as_told] = await tellings.to_tell(stage.bench.clock(), 9)
    stage.bench.clock.advance(seconds=1)
    await tellings.tell_later(task.id, stage.bench.clock())
    await tellings.told(as_told)
    assert len(await told(stage)) == 1
