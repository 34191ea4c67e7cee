"""A vendor that refuses: the member reads it in plain words, the operator once, and nobody knocks on in vain."""

import logging
import re
from datetime import timedelta

import pytest

from bot.domain.errors import OutOfCredits, SamePress, TooManyToday
from bot.domain.task import Request, State
from bot.flows.asking import LONGEST_WAIT
from tests.flows.bench import Bench
from tests.flows.stage import Stage


def alarms(caplog: pytest.LogCaptureFixture) -> int:
    """Return how many lines are for the operator."""
    return sum(record.levelno >= logging.ERROR for record in caplog.records)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_bad_key_is_told_without_details_alarmed_and_not_tried_again(
    stage: Stage, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    stage.bench.vendor.behaviour.status = status
    await stage.accepted(stage.channel)
    assert await stage.bench.submit.step()
    assert await stage.tell.step()
    [notice] = stage.wire.messages(stage.channel)
    assert "not set up rightly" in notice["content"]
    said = re.sub(r"\d{5,}", "", notice["content"])  # the ids of mentions and times, where any digits may stand
    assert not any(detail in said for detail in ("key", "HTTP", str(status), "It said"))
    stage.bench.clock.advance(days=1)
    assert not await stage.bench.submit.step()
    assert (len(stage.bench.vendor.requests), alarms(caplog)) == (1, 1)


async def test_spent_credits_are_told_and_alarmed_once(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.bench.vendor.behaviour.status = 402
    await stage.accepted(stage.channel)
    assert await stage.bench.submit.step()
    assert await stage.tell.step()
    [notice] = stage.wire.messages(stage.channel)
    assert "credits" in notice["content"]
    assert not await stage.bench.submit.step()
    assert alarms(caplog) == 1


@pytest.mark.parametrize(
    ("told", "least", "most"), [(None, 2.0, 2.5), (30, 30.0, 37.5), (100_000, LONGEST_WAIT, 300.0)]
)
async def test_a_busy_vendor_is_waited_for_with_jitter_and_never_for_long(
    bench: Bench, told: int | None, least: float, most: float
) -> None:
    bench.vendor.behaviour.status, bench.vendor.behaviour.retry_after = 429, told
    waits = set()
    query = "SELECT max(due_at) FROM tasks"
    for number in range(5):
        task = await bench.accept(f"song {number}", member=7000 + number)
        assert await bench.submit.step()
        assert await bench.state(task) is State.WAITING
        due = await bench.database.read(lambda db: int(db.execute(query).fetchone()[0]))
        waits.add(due / 1000 - bench.clock().timestamp())
        await bench.submit.cancel(task.id, task.origin.member_id)
        bench.clock.advance(seconds=LONGEST_WAIT)
    assert least <= min(waits) <= max(waits) <= most
    assert (len(waits) > 1) is (least < most)


async def test_a_vendor_that_stays_busy_is_given_up_in_the_end_and_told(stage: Stage) -> None:
    stage.bench.vendor.behaviour.status = 429
    task = await stage.accepted(stage.channel)
    waits = []
    while await stage.bench.submit.step():
        if due := await stage.bench.store.next_waiting():
            waits.append(due - stage.bench.clock())
            stage.bench.clock.now = due
    assert len(stage.bench.vendor.requests) == 10
    assert waits == sorted(waits)
    assert max(waits) <= timedelta(seconds=LONGEST_WAIT)
    assert (await stage.bench.task(task.id)).failure == "down"
    assert await stage.tell.step()


@pytest.mark.parametrize("code", [1002, 1003, 9999])
async def test_a_200_that_carries_a_refusal_is_one_told_and_not_counted(stage: Stage, code: int) -> None:
    stage.bench.vendor.behaviour.status, stage.bench.vendor.behaviour.code = 200, code
    for _ in range(7):  # more than a day allows
        task = await stage.accepted(stage.channel)
        assert await stage.bench.submit.step()
        assert await stage.bench.state(task) is State.FAILED
        assert await stage.tell.step()
    assert len(stage.wire.messages(stage.channel)) == 7


async def test_a_task_that_the_vendor_does_not_know_is_told_after_a_few_tries(stage: Stage) -> None:
    task = await stage.accepted(stage.channel)
    assert await stage.bench.submit.step()
    stage.bench.vendor.tasks.clear()
    for _ in range(3):
        assert not await stage.tell.step()
        stage.bench.clock.advance(minutes=5)
        assert await stage.bench.reconcile.step()
    assert (await stage.bench.task(task.id)).failure == "gone"
    assert await stage.tell.step()
    assert "did not work out" in stage.wire.messages(stage.channel)[0]["content"]


async def test_tasks_that_wait_are_not_asked_for_while_nothing_is_left_and_alarm_nobody_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = [await bench.accept(f"song {number}", member=7000 + number) for number in range(4)]
    bench.vendor.behaviour.status = 402
    while await bench.submit.step():
        pass
    assert [(await bench.task(task.id)).failure for task in tasks] == ["credits"] * 4
    assert (len(bench.vendor.requests), alarms(caplog)) == (1, 1)


async def test_a_clock_that_is_put_back_does_not_refuse_for_longer_than_the_pause(bench: Bench) -> None:
    bench.vendor.behaviour.status = 402
    await bench.accept()
    assert await bench.submit.step()
    with pytest.raises(OutOfCredits):
        await bench.accept()
    bench.clock.advance(days=-30)
    assert await bench.state(await bench.accept()) is State.WAITING


async def test_what_was_asked_for_while_the_clock_was_ahead_does_not_count_once_it_is_put_back(bench: Bench) -> None:
    bench.clock.advance(days=365)
    for _ in range(bench.limits.member_per_day):
        await bench.accept()
    with pytest.raises(TooManyToday):
        await bench.accept()
    bench.clock.advance(days=-365)
    assert await bench.state(await bench.accept()) is State.WAITING


async def test_a_press_while_the_clock_was_ahead_is_not_the_same_press_once_it_is_put_back(bench: Bench) -> None:
    parent = await bench.accept()
    wish = Request("rain"), parent.origin, "musicmint", parent.id
    bench.clock.advance(days=365)
    await bench.submit.accept(*wish)
    with pytest.raises(SamePress):
        await bench.submit.accept(*wish)
    bench.clock.advance(days=-365)
    await bench.submit.accept(*wish)
