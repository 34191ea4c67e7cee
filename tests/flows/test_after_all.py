"""A hint about a failed task is kept until its provider has said what came of it, and not for ever."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.errors import Failure
from bot.domain.ports import Recorded
from bot.domain.task import State, Task
from bot.domain.track import Changed
from bot.flows.reconcile import HINT_ASKS, HINT_EVERY, Reconcile
from bot.store.database import Database
from tests.flows.pod import Pod, open_pod
from tests.parts import Clock


@pytest.fixture
async def pod(database: Database, clock: Clock) -> AsyncIterator[Pod]:
    async with open_pod(database, clock) as opened:
        yield opened


async def hinted(pod: Pod) -> Task:
    """A task has failed, and the vendor calls back that something happened to it since."""
    task = await pod.failed()
    await hint(pod, task, b"1")
    return task


async def hint(pod: Pod, task: Task, digest: bytes) -> None:
    assert await pod.news_of(task.provider_task_id or "", Changed(), digest) is Recorded.ASK


def made_after_all(pod: Pod, task: Task) -> None:
    job = pod.vendor.jobs[int(task.provider_task_id or 0)]
    job.status, job.error, job.output_urls = "COMPLETED", None, {"mp3": "https://files.example/late.mp3"}


async def asks_until_quiet(pod: Pod) -> int:
    """Ask whenever it is due, until nothing is; return how often."""
    asks = 0
    while due := await pod.news.next_ask():
        pod.clock.now = max(pod.clock.now, due)
        assert await pod.reconcile.step()
        asks += 1
        assert asks < 100, "it is asked for for ever"
    return asks


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_vendor_that_is_down_at_the_hint_is_asked_again(pod: Pod, status: int) -> None:
    task = await hinted(pod)
    made_after_all(pod, task)
    pod.vendor.behaviour.status = status
    assert await pod.reconcile.step()
    assert not await pod.reconcile.step(), "it is left alone for a while"
    pod.vendor.behaviour.status = None
    assert await asks_until_quiet(pod) == 1
    assert (await pod.task(task)).state is State.COMPLETED


async def test_a_job_that_runs_at_the_hint_is_asked_for_again(pod: Pod) -> None:
    task = await hinted(pod)
    pod.vendor.jobs[int(task.provider_task_id or 0)].status = "PROCESSING"
    assert await pod.reconcile.step()
    made_after_all(pod, task)
    assert await asks_until_quiet(pod) == 1
    assert (await pod.task(task)).state is State.COMPLETED


async def test_it_is_not_asked_for_for_ever_and_its_failure_stays(pod: Pod) -> None:
    task = await hinted(pod)
    since = pod.clock()
    pod.vendor.behaviour.status = 503
    assert await asks_until_quiet(pod) == HINT_ASKS
    assert pod.clock() - since == (HINT_ASKS - 1) * HINT_EVERY
    failed = await pod.task(task)
    assert (failed.state, failed.failure, failed.detail) == (State.FAILED, Failure.PROVIDER.value, task.detail)


async def test_another_hint_has_all_its_asks(pod: Pod) -> None:
    task = await hinted(pod)
    pod.vendor.behaviour.status = 503
    await asks_until_quiet(pod)
    await hint(pod, task, b"2")
    assert await asks_until_quiet(pod) == HINT_ASKS


async def test_what_truly_failed_is_asked_for_once(pod: Pod) -> None:
    task = await hinted(pod)
    pod.vendor.jobs[int(task.provider_task_id or 0)].status = "CANCELLED"
    assert await asks_until_quiet(pod) == 1
    assert (await pod.task(task)).state is State.FAILED


async def test_a_hint_that_comes_while_it_is_asked_for_is_not_lost(pod: Pod) -> None:
    task = await hinted(pod)
    began = pod.clock()
    pod.clock.advance(seconds=1)
    await hint(pod, task, b"2")
    await pod.news.asked_again(task.id, began)
    assert await pod.news.next_ask() == pod.clock()


async def test_one_that_failed_while_it_was_asked_for_is_not_asked_for_again(pod: Pod) -> None:
    task = await pod.failed()
    await pod.news.asked(task.id, pod.clock(), pod.clock(), failed=True)
    assert await pod.news.next_ask() is None


async def test_a_hint_about_a_provider_that_is_not_configured_any_more_is_let_go(pod: Pod) -> None:
    task = await hinted(pod)
    pod.reconcile = Reconcile(pod.news, {}, pod.intake, pod.clock)
    assert await asks_until_quiet(pod) == 1
    assert (await pod.task(task)).state is State.FAILED
