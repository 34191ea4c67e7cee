"""Tasks without news are asked for: sparingly, oldest first, and never instead of a callback that has come."""

from datetime import timedelta

import pytest

from bot.domain.task import State, Task
from bot.domain.track import Outcome, Running
from bot.store.moves import recover
from tests.flows.bench import Bench
from tests.parts import make_task


async def test_a_lost_callback_is_made_good_after_three_minutes(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    bench.clock.advance(minutes=2, seconds=59)
    assert not await bench.reconcile.step()
    bench.clock.advance(seconds=1)
    assert await bench.reconcile.step()
    assert await bench.state(task) is State.COMPLETED


async def test_asking_grows_sparing_and_gives_up_after_two_hours(bench: Bench) -> None:
    task, _ = await bench.submitted()
    asked = 0
    while await bench.state(task) is State.SUBMITTED:
        bench.clock.advance(minutes=1)
        asked += await bench.reconcile.step()
    assert (await bench.task(task.id)).failure == "silent"
    assert bench.clock() - task.created_at >= timedelta(hours=2)
    assert 40 <= asked <= 60


async def test_a_task_the_vendor_does_not_know_fails_after_three_tries(bench: Bench) -> None:
    task, _ = await bench.submitted()
    bench.vendor.tasks.clear()
    for _ in range(3):
        assert await bench.state(task) is State.SUBMITTED
        bench.clock.advance(minutes=5)
        await bench.reconcile.step()
    assert (await bench.task(task.id)).failure == "gone"


async def test_a_task_whose_provider_was_taken_out_of_the_settings_waits_for_it_and_is_given_up_in_time(
    bench: Bench,
) -> None:
    task, theirs = await bench.submitted()
    provider = bench.providers.pop("musicmint")
    bench.clock.advance(minutes=3)
    assert await bench.reconcile.step()
    assert not await bench.reconcile.step()
    bench.providers["musicmint"] = provider
    await bench.finish(theirs)
    bench.clock.advance(minutes=5)
    assert await bench.reconcile.step()
    assert await bench.state(task) is State.COMPLETED
    other, _ = await bench.submitted()
    bench.providers.clear()
    bench.clock.advance(hours=2)
    assert await bench.reconcile.step()
    assert (await bench.task(other.id)).failure == "silent"


async def test_a_vendor_that_is_down_is_asked_again_later(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    bench.vendor.behaviour.status = 500
    for _ in range(5):
        bench.clock.advance(minutes=5)
        await bench.reconcile.step()
    assert await bench.state(task) is State.SUBMITTED
    bench.vendor.behaviour.status = None
    await bench.finish(theirs)
    bench.clock.advance(minutes=5)
    await bench.reconcile.step()
    assert await bench.state(task) is State.COMPLETED


async def test_a_vendor_that_stays_down_for_two_hours_is_given_up(bench: Bench) -> None:
    task, _ = await bench.submitted()
    bench.vendor.behaviour.status = 500
    while await bench.state(task) is State.SUBMITTED:
        bench.clock.advance(minutes=10)
        await bench.reconcile.step()
    assert (await bench.task(task.id)).failure == "silent"
    assert bench.clock() - task.created_at >= timedelta(hours=2)


async def test_callbacks_that_do_not_arrive_are_noticed_after_the_third(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        assert "callbacks do not arrive" not in caplog.text
        _, theirs = await bench.submitted(f"song {number}")
        await bench.finish(theirs)
        bench.clock.advance(minutes=4)
        await bench.reconcile.step()
    assert "callbacks do not arrive" in caplog.text


async def test_many_open_tasks_are_asked_for_oldest_first_and_a_few_at_a_time(bench: Bench) -> None:
    for number in range(20):
        task = make_task(f"song {number}", now=bench.clock(), member_id=5000 + number)
        await bench.store.accept(task, per_day=5, at_once=2, hold=timedelta())
        await bench.submit.step()
        bench.clock.advance(seconds=1)
    bench.clock.advance(minutes=3)
    before = len(bench.vendor.requests)
    await bench.reconcile.step()
    asked = bench.vendor.requests[before:]
    oldest = list(bench.vendor.tasks)[: len(asked)]
    assert len(asked) == 8
    assert {request.path.rpartition("/")[2] for request in asked} == set(oldest)


class Crossing:
    """A vendor that calls back while it is being asked, and answers what was true before."""

    calls_back = True

    def __init__(self, bench: Bench, task: Task, theirs: str, outcome: Outcome | None) -> None:
        self._bench, self._task, self._theirs, self._outcome = bench, task, theirs, outcome
        self._honest = bench.providers["musicmint"]
        self.contract = self._honest.contract

    async def submit(self, task: Task) -> str:
        raise NotImplementedError

    async def look_up(self, provider_task_id: str) -> Outcome:
        await self._bench.call_back(self._task.key, self._theirs)
        return self._outcome or await self._honest.look_up(provider_task_id)


@pytest.mark.parametrize("minutes", [3, 240], ids=["young", "old enough to be given up"])
@pytest.mark.parametrize("outcome", [Running(), None], ids=["processing", "completed"])
async def test_a_callback_that_comes_while_the_vendor_is_asked_stands(
    bench: Bench, minutes: int, outcome: Outcome | None
) -> None:
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    bench.providers["musicmint"] = Crossing(bench, task, theirs, outcome)
    bench.clock.advance(minutes=minutes)
    assert await bench.reconcile.step()
    assert await bench.state(task) is State.COMPLETED
    assert (await bench.task(task.id)).delivery == "ready"
    assert len(await bench.deliveries.tracks(task.id)) == 2
    assert bench.woken == ["news"]
    bench.clock.advance(days=1)
    assert not await bench.reconcile.step()


async def test_at_a_start_every_open_task_is_asked_for_at_once(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    assert not await bench.reconcile.step()
    await bench.database.write(lambda db: recover(db, bench.clock()))
    assert await bench.reconcile.step()
    assert await bench.state(task) is State.COMPLETED


async def test_one_callback_that_arrives_ends_the_count_of_those_that_do_not(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(5):
        task, theirs = await bench.submitted(f"song {number}")
        await bench.finish(theirs)
        if number == 2:
            await bench.call_back(task.key, theirs)
        bench.clock.advance(minutes=4)
        await bench.reconcile.step()
    assert "callbacks do not arrive" not in caplog.text


async def test_asking_never_waits_longer_than_said_and_starts_at_once_a_minute(bench: Bench) -> None:
    task, _ = await bench.submitted()
    bench.clock.advance(minutes=3)
    waits = []
    while await bench.state(task) is State.SUBMITTED:
        assert await bench.reconcile.step()
        if due := await bench.news.next_ask():
            waits.append(due - bench.clock())
            bench.clock.now = due
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), timedelta(minutes=5))


class TestWithoutCallbacks:
    """Without PUBLIC_URL the bot asks."""

    @pytest.fixture
    def public_url(self) -> str | None:
        return None

    async def test_the_vendor_is_asked_every_five_seconds(self, bench: Bench) -> None:
        await bench.submitted()
        for _ in range(3):
            bench.clock.advance(seconds=4)
            assert not await bench.reconcile.step()
            bench.clock.advance(seconds=1)
            assert await bench.reconcile.step()

    async def test_an_unknown_task_fails_at_once(self, bench: Bench) -> None:
        task = await bench.accept()
        bench.vendor.behaviour.body = b"nonsense"
        await bench.submit.step()
        await bench.reconcile.step()
        assert (await bench.task(task.id)).failure == "lost"
