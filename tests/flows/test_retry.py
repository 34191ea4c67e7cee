"""A failed task is made again on the same row, for nothing, and whatever comes of it is posted once."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.ports import Recorded
from bot.domain.task import State, Task
from bot.domain.track import Changed, Completed, Failed, Running
from bot.flows.retry import Retried
from bot.sandbox.audiopod import Behaviour, PretendAudioPod
from bot.sandbox.audiopod_jobs import PretendJob
from bot.store.database import Database
from tests.flows.pod import KEY, Pod, open_pod
from tests.parts import ADA, BOB, Clock, QuickStudio, make_track

DAY = timedelta(days=1)


@pytest.fixture
async def pod(database: Database, clock: Clock) -> AsyncIterator[Pod]:
    async with open_pod(database, clock) as opened:
        yield opened


async def rebound(pod: Pod) -> tuple[Task, str, str]:
    """Return a task whose retry has a new id at the vendor, the old id and the new one."""
    task = await pod.failed()
    old, new = task.provider_task_id or "", "990001"
    now = pod.clock()
    assert await pod.retries.begin(task.id, now, now)
    await pod.retries.bound(task.id, new, now, now + timedelta(minutes=3))
    return await pod.task(task), old, new


async def cards(pod: Pod) -> int:
    """Count how often a card would be posted."""
    number = 0
    while task := await pod.deliveries.claim(pod.clock(), DAY):
        number += 1
        await pod.deliveries.sent(task.id, task.origin.channel_id, 7000 + number, pod.clock())
    return number


async def test_the_vendor_makes_it_again_on_the_same_row_without_a_new_charge(pod: Pod) -> None:
    task = await pod.failed()
    spent = pod.vendor.wallet.balance()
    assert await pod.retry.retry(task) is Retried.QUEUED
    again = await pod.task(task)
    assert (again.state, again.attempt, again.failure, again.detail, again.finished_at) == (
        State.SUBMITTED, 2, "", "", None
    )  # fmt: skip
    assert again.provider_task_id is not None
    assert len(await pod.select("SELECT 1 FROM tasks")) == 1
    assert pod.woken == ["retry"]
    await pod.end(task)
    assert (await pod.task(task)).state is State.COMPLETED
    assert await cards(pod) == 1
    assert spent["balance_cents"] >= pod.vendor.wallet.balance()["balance_cents"]


async def test_its_line_is_due_to_say_so_in_the_same_commit(pod: Pod) -> None:
    task = await pod.failed()
    (due,) = await pod.tellings.to_tell(pod.clock(), 9)
    await pod.tellings.told(due)
    await pod.retry.retry(task)
    (due,) = await pod.tellings.to_tell(pod.clock(), 9)
    assert (due.id, due.state) == (task.id, State.SUBMITTED)


@pytest.fixture
async def lavish(database: Database, clock: Clock) -> AsyncIterator[Pod]:
    """A vendor that finds itself asked once in a long while, so that nothing is too much for it."""
    moments = itertools.count(start=1_800_000_000, step=100)
    vendor = PretendAudioPod(
        KEY, behaviour=Behaviour(seconds=None), studio=QuickStudio(), now=lambda: float(next(moments))
    )
    async with open_pod(database, clock, vendor) as opened:
        yield opened


async def test_no_more_retries_are_asked_for_than_the_contract_allows_in_a_while(lavish: Pod) -> None:
    pod, rate = lavish, lavish.provider.contract.retries
    assert rate is not None
    tasks = [await pod.failed() for _ in range(rate.calls + 1)]
    begun = pod.clock()
    assert [await pod.retry.retry(task) for task in tasks] == [*[Retried.QUEUED] * rate.calls, Retried.LATER]
    last = await pod.task(tasks[-1])
    assert (last.state, last.attempt) == (State.FAILED, 1)
    assert sum(request.path.endswith("/retry") for request in pod.vendor.requests) == rate.calls
    pod.clock.now = begun + rate.per - timedelta(seconds=1)
    assert await pod.retry.retry(last) is Retried.LATER
    pod.clock.now = begun + rate.per
    assert await pod.retry.retry(last) is Retried.QUEUED


async def test_a_clock_that_is_set_back_keeps_nobody_from_a_retry(lavish: Pod) -> None:
    pod, rate = lavish, lavish.provider.contract.retries
    assert rate is not None
    tasks = [await pod.failed() for _ in range(rate.calls + 1)]
    for task in tasks[:-1]:
        await pod.retry.retry(task)
    pod.clock.advance(days=-1)
    assert await pod.retry.retry(tasks[-1]) is Retried.QUEUED


async def test_it_may_fail_again_and_be_retried_again(pod: Pod) -> None:
    task = await pod.failed()
    for attempt in (2, 3):
        assert await pod.retry.retry(await pod.task(task)) is Retried.QUEUED
        pod.vendor.behaviour.fail_with = "again"
        await pod.end(task)
        assert ((await pod.task(task)).state, (await pod.task(task)).attempt) == (State.FAILED, attempt)


async def test_two_presses_are_one_retry(pod: Pod) -> None:
    task = await pod.failed()
    assert await pod.retry.retry(task) is Retried.QUEUED
    assert await pod.retry.retry(task) is Retried.NOT_FAILED
    assert (await pod.task(task)).attempt == 2
    assert [call.path.rpartition("/")[2] for call in pod.vendor.requests].count("retry") == 1


async def test_what_has_not_failed_is_left_alone(pod: Pod) -> None:
    task = await pod.asked()
    assert await pod.retry.retry(task) is Retried.NOT_FAILED


@pytest.mark.parametrize("status", [401, 402, 429])
async def test_a_vendor_that_cannot_now_leaves_everything_as_it_was(pod: Pod, status: int) -> None:
    task = await pod.failed()
    pod.vendor.behaviour.status = status
    assert await pod.retry.retry(task) is Retried.LATER
    assert await pod.task(task) == task
    assert await pod.select("SELECT ask_at FROM tasks") == [(None,)]


async def test_what_the_vendor_does_not_retry_for_nothing_is_to_be_asked_for_anew(pod: Pod) -> None:
    task = await pod.failed()
    pod.vendor.jobs[int(task.provider_task_id or 0)].status = "CANCELLED"
    assert await pod.retry.retry(task) is Retried.CHARGED
    assert await pod.task(task) == task


async def test_a_job_that_is_gone_or_never_was_is_to_be_asked_for_anew(pod: Pod) -> None:
    task = await pod.failed()
    pod.vendor.tasks.clear()
    assert await pod.retry.retry(task) is Retried.CHARGED
    await pod.database.write(lambda db: db.execute("UPDATE tasks SET provider_task_id = NULL").rowcount)
    assert await pod.retry.retry(await pod.task(task)) is Retried.CHARGED


async def test_a_lost_answer_is_asked_about_and_charged_for_by_nobody(pod: Pod) -> None:
    task = await pod.failed()
    pod.vendor.behaviour.status = 500
    assert await pod.retry.retry(task) is Retried.MAYBE
    assert (await pod.task(task)).state is State.SUBMITTED
    pod.vendor.behaviour.status = None
    await pod.ask()
    assert (await pod.task(task)).state is State.FAILED, "it had not been taken"
    assert len(pod.vendor.jobs) == 1


async def test_killed_before_the_answer_came_it_is_asked_how_it_stands(pod: Pod) -> None:
    task = await pod.failed()
    now = pod.clock()
    assert await pod.retries.begin(task.id, now, now)
    await pod.jobs.retry(task.provider_task_id or "")  # carried out, and never noted
    await pod.end(task)
    assert (await pod.task(task)).state is State.COMPLETED
    assert await cards(pod) == 1


class NewIds(PretendAudioPod):
    """A vendor whose retry makes another job, which its page leaves open."""

    async def _retry(self, request):  # type: ignore[no-untyped-def]
        old = self._job(request)
        answered = await super()._retry(request)
        job = PretendJob("990001", old.order, 0.0, old.display_name, None, None)
        old.status, old.error = "FAILED", "it had failed"
        self._workshop.add(job)
        answered.text = str(answered.text).replace(f'"id": {old.id}', '"id": 990001')
        return answered


async def test_a_new_id_is_bound_and_what_comes_under_it_is_posted(database: Database, clock: Clock) -> None:
    vendor = NewIds(KEY, behaviour=Behaviour(seconds=None), studio=QuickStudio())
    async with open_pod(database, clock, vendor) as pod:
        task = await pod.failed()
        assert await pod.retry.retry(task) is Retried.QUEUED
        assert (await pod.task(task)).provider_task_id == "990001"
        assert await pod.news.earlier_jobs(task.id) == [task.provider_task_id]
        await pod.end(task)
        assert (await pod.task(task)).state is State.COMPLETED
        assert await cards(pod) == 1


async def test_the_first_trys_failure_is_not_taken_for_the_second_ones(pod: Pod) -> None:
    task, old, new = await rebound(pod)
    assert await pod.news_of(old, Failed("old news"), b"1") is Recorded.OLD
    assert await pod.news_of(old, Running(3), b"2") is Recorded.OLD
    assert await pod.news_of(old, Completed(()), b"3") is Recorded.OLD
    assert await pod.task(task) == task
    assert await pod.select("SELECT 1 FROM strays") == []
    assert await pod.news_of(new, Failed("truly"), b"4") is Recorded.NEWS
    assert (await pod.task(task)).state is State.FAILED


async def test_a_late_success_of_the_first_try_gives_one_card_and_the_second_none(pod: Pod) -> None:
    task, old, new = await rebound(pod)
    assert await pod.news_of(old, Completed((make_track("first"),)), b"1") is Recorded.NEWS
    assert await pod.news_of(old, Completed((make_track("first"),)), b"1") is Recorded.OLD
    assert await pod.news_of(new, Completed((make_track("second"),)), b"2") is Recorded.OLD
    assert await pod.select("SELECT clip_id FROM tracks") == [("first",)]
    assert (await pod.task(task)).provider_task_id == old, "fresh addresses have to be those of what is posted"
    assert await pod.news.earlier_jobs(task.id) == [new]
    assert await cards(pod) == 1


async def test_a_success_of_the_second_try_makes_the_firsts_old_news(pod: Pod) -> None:
    task, old, new = await rebound(pod)
    assert await pod.news_of(new, Completed((make_track("second"),)), b"1") is Recorded.NEWS
    assert await pod.news_of(old, Completed((make_track("first"),)), b"2") is Recorded.OLD
    assert await pod.select("SELECT clip_id FROM tracks") == [("second",)]
    assert (await pod.task(task)).provider_task_id == new
    assert await cards(pod) == 1


async def test_a_hint_under_the_old_id_has_the_old_job_asked_for_as_well(pod: Pod) -> None:
    task, old, new = await rebound(pod)
    first = pod.vendor.jobs[int(old)]
    pod.vendor.tasks[new] = PretendJob(new, first.order, 0.0, first.display_name, None, None)
    first.status, first.error, first.output_urls = "COMPLETED", None, {"mp3": "https://files.example/late.mp3"}
    assert await pod.news_of(old, Changed(), b"1") is Recorded.ASK
    assert await pod.reconcile.step()
    assert (await pod.task(task)).state is State.COMPLETED
    assert await pod.select("SELECT audio_url FROM tracks") == [("https://files.example/late.mp3",)]
    assert await cards(pod) == 1


async def test_a_hint_under_the_old_id_counts_when_the_second_try_has_failed_too(pod: Pod) -> None:
    task, old, new = await rebound(pod)
    first = pod.vendor.jobs[int(old)]
    pod.vendor.tasks[new] = PretendJob(new, first.order, 0.0, first.display_name, None, None)
    pod.vendor.tasks[new].status = "FAILED"
    assert await pod.news_of(new, Failed("again"), b"1") is Recorded.NEWS
    first.status, first.error, first.output_urls = "COMPLETED", None, {"mp3": "https://files.example/late.mp3"}
    assert await pod.news_of(old, Changed(), b"2") is Recorded.ASK
    assert await pod.reconcile.step()
    assert ((await pod.task(task)).state, await cards(pod)) == (State.COMPLETED, 1)


async def test_a_hint_under_the_new_id_before_anybody_knew_it_has_it_asked_for_at_once(pod: Pod) -> None:
    task, now = await pod.failed(), pod.clock()
    assert await pod.retries.begin(task.id, now, now + timedelta(minutes=3))
    assert await pod.news_of("990001", Changed(), b"1") is Recorded.STRAY
    await pod.retries.bound(task.id, "990001", now, now + timedelta(minutes=3))
    assert await pod.news.next_ask() == now


async def test_a_late_success_while_the_vendor_is_asked_keeps_its_id(pod: Pod) -> None:
    task = await pod.failed()
    old, now = task.provider_task_id or "", pod.clock()
    assert await pod.retries.begin(task.id, now, now)
    assert await pod.news_of(old, Completed((make_track("first"),)), b"1") is Recorded.NEWS
    await pod.retries.bound(task.id, "990001", now, now)
    assert (await pod.task(task)).provider_task_id == old
    assert await pod.news_of("990001", Completed((make_track("second"),)), b"2") is Recorded.OLD
    assert await cards(pod) == 1


async def test_a_refusal_after_a_late_success_takes_nothing_back(pod: Pod) -> None:
    task, now = await pod.failed(), pod.clock()
    assert await pod.retries.begin(task.id, now, now)
    await pod.news_of(task.provider_task_id or "", Completed((make_track(),)), b"1")
    await pod.retries.give_back(task)
    assert ((await pod.task(task)).state, (await pod.task(task)).attempt) == (State.COMPLETED, 2)


async def test_mine_that_failed_are_known_newest_first(pod: Pod) -> None:
    first, second = await pod.failed(), await pod.failed()
    await pod.asked()
    assert [task.id for task in await pod.retry.failed(ADA)] == [second.id, first.id]
    assert await pod.retry.failed(BOB) == []
