"""A worker sleeps while there is nothing to do, wakes at once, and outlives its worst round."""

import asyncio
from datetime import datetime

from bot.flows.worker import Worker
from tests.parts import Clock


async def test_it_steps_until_nothing_is_left_then_sleeps_until_it_is_woken(clock: Clock) -> None:
    steps: list[bool] = []
    left = [True, True, False]
    asleep = asyncio.Event()

    async def step() -> bool:
        steps.append(left[len(steps)] if len(steps) < len(left) else False)
        return steps[-1]

    async def next_due() -> datetime | None:
        asleep.set()
        return None

    worker = Worker("test", step, next_due, clock)
    loops = worker.start()
    for rounds in (3, 4, 5):
        await asleep.wait()
        asleep.clear()
        # As often as a busy loop would need: a worker that forgets to sleep is found out here.
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(steps) == rounds
        worker.wake()
    worker.stop()
    await asyncio.wait(loops)


async def test_a_round_that_fails_is_not_the_last(clock: Clock) -> None:
    again = asyncio.Event()
    rounds = 0

    async def step() -> bool:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise ZeroDivisionError
        again.set()
        return False

    async def next_due() -> datetime | None:
        return None

    worker = Worker("test", step, next_due, clock)
    loops = worker.start()
    await asyncio.sleep(0)
    worker.wake()
    await asyncio.wait_for(again.wait(), 10)
    worker.stop()
    await asyncio.wait(loops)
