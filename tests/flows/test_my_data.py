"""Deleting a member's data ends in time, whatever Discord and the providers do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from bot.domain.task import Origin, Request, State
from bot.flows.my_data import Deleted, MyData
from bot.flows.vendor_jobs import VendorJobs
from bot.sandbox.behaviour import Hold
from bot.store.board import SqliteQueue
from bot.store.database import Database
from bot.store.members import SqliteMembers
from bot.ui.answers import Answers
from bot.ui.cancelling import QueuedLines
from bot.ui.words.account import deleted
from tests.flows.bench import Bench
from tests.flows.pod import Pod, open_pod
from tests.parts import ADA, BOB, CHANNEL, GUILD, Clock


class SilentDiscord:
    """Deletes the first message and never answers for the second."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def remove(self, channel_id: int, message_id: int) -> bool:
        self.asked.append(message_id)
        if len(self.asked) > 1:
            await asyncio.Event().wait()
        return True

    async def rewrite(self, task: object, text: str) -> None:
        """There is nobody to read it."""


def my_data(bench: Bench, discord: SilentDiscord, patience: float = 0.05) -> MyData:
    lines = QueuedLines(discord, Answers(bench.clock))
    members, queue = SqliteMembers(bench.database), SqliteQueue(bench.database)
    vendor_jobs = VendorJobs({}, bench.news.earlier_jobs)
    return MyData(members, queue, bench.submit, lines, discord, vendor_jobs, bench.clock, patience)


async def test_rows_go_even_where_discord_does_not_answer(bench: Bench) -> None:
    for _ in range(3):
        await bench.accept()
    done = await my_data(bench, SilentDiscord()).delete(ADA, cards=True)
    assert (done.messages, done.gone, done.kept.tasks) == (3, 1, 3)


async def test_without_cards_discord_is_asked_to_delete_nothing(bench: Bench) -> None:
    await bench.accept()
    discord = SilentDiscord()
    assert (await my_data(bench, discord).delete(ADA, cards=False)).messages == 0
    assert discord.asked == []


async def test_only_what_the_provider_was_asked_for_may_be_charged(bench: Bench) -> None:
    task, _ = await bench.submitted("asked for")
    await bench.accept("waiting")
    assert await bench.state(task) is State.SUBMITTED
    done = await my_data(bench, SilentDiscord()).delete(ADA, cards=False)
    assert (done.stopped, done.charged) == (2, 1)
    bench.clock.now += timedelta(hours=1)
    assert not await bench.submit.step(), "nothing is asked for after it"


class Discord(SilentDiscord):
    """Deletes every message."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]] | None = None) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def remove(self, channel_id: int, message_id: int) -> bool:
        self.asked.append(message_id)
        if self._meanwhile:
            await self._meanwhile()
        return True


@pytest.fixture
async def pod(database: Database, clock: Clock) -> AsyncIterator[Pod]:
    async with open_pod(database, clock) as opened:
        yield opened


async def delete(
    pod: Pod, *, cards: bool = True, patience: float = 10, member: int = ADA, discord: Discord | None = None
) -> Deleted:
    discord = discord or Discord()
    members, queue, lines = (
        SqliteMembers(pod.database),
        SqliteQueue(pod.database),
        QueuedLines(discord, Answers(pod.clock)),
    )
    flow = MyData(members, queue, pod.submit, lines, discord, pod.vendor_jobs, pod.clock, patience)
    return await flow.delete(member, cards=cards)


async def test_what_the_vendor_made_goes_with_the_cards(pod: Pod) -> None:
    await pod.made()
    await pod.failed()
    done = await delete(pod)
    assert pod.vendor.jobs == {}
    assert (done.jobs, done.jobs_gone) == (2, 2)
    assert "has deleted 2 of 2 things it made for you" in deleted(done)


async def test_the_jobs_of_earlier_tries_go_as_well(pod: Pod) -> None:
    task, other = await pod.failed(), await pod.failed()
    await pod.database.write(lambda db: db.execute("DELETE FROM tasks WHERE id = ?", (other.id,)).rowcount)
    earlier = ("audiopod", other.provider_task_id, task.id)
    await pod.database.write(lambda db: db.execute("INSERT INTO earlier_jobs VALUES (?, ?, ?)", earlier).rowcount)
    assert (await delete(pod)).jobs_gone == 2
    assert pod.vendor.jobs == {}


@pytest.mark.parametrize(("cards", "member"), [(False, ADA), (True, BOB)])
async def test_without_cards_and_for_others_the_vendor_is_asked_nothing(pod: Pod, cards: bool, member: int) -> None:
    await pod.made()
    calls = len(pod.vendor.requests)
    done = await delete(pod, cards=cards, member=member)
    assert len(pod.vendor.requests) == calls
    assert (done.jobs, len(pod.vendor.jobs)) == (0, 1)
    assert "music service" not in deleted(done)


async def test_a_job_that_is_gone_already_counts_as_gone(pod: Pod) -> None:
    await pod.made()
    pod.vendor.jobs.clear()
    assert (await delete(pod)).jobs_gone == 1


async def test_a_vendor_that_is_down_is_said_to_have_kept_it_and_the_rows_go_all_the_same(pod: Pod) -> None:
    await pod.made()
    pod.vendor.behaviour.status = 500
    done = await delete(pod)
    assert (done.kept.tasks, done.jobs, done.jobs_gone) == (1, 1, 0)
    assert "deleted 0 of 1 thing it made for you. The rest it did not delete" in deleted(done)


async def test_a_vendor_that_does_not_answer_is_waited_for_no_longer_than_discord(pod: Pod) -> None:
    await pod.made()
    pod.vendor.behaviour.answer_after = 0.5
    done = await delete(pod, patience=0.05)
    assert (done.kept.tasks, done.messages, done.gone, done.jobs_gone) == (1, 2, 2, 0)


async def being_asked_for(pod: Pod) -> tuple[Hold, asyncio.Task[bool]]:
    """A member asked, the vendor has it, and its answer is on the way."""
    accepted = await pod.submit.accept(Request("rain"), Origin(ADA, CHANNEL, GUILD))
    await pod.submit.answered(accepted.task.id, 42)
    hold = pod.vendor.hold_creates()
    step = asyncio.create_task(pod.submit.step())
    await hold.reached()
    return hold, step


async def test_what_the_vendor_was_just_asked_for_goes_once_it_has_answered(pod: Pod) -> None:
    hold, step = await being_asked_for(pod)
    assert (await delete(pod)).kept.tasks == 1
    hold.release()
    await step
    await pod.vendor_jobs.finish(5)
    assert pod.vendor.jobs == {}


async def test_what_the_vendor_answers_while_messages_are_deleted_goes_as_well(pod: Pod) -> None:
    hold, step = await being_asked_for(pod)

    async def answered() -> None:
        hold.release()
        await step

    done = await delete(pod, discord=Discord(answered))
    assert (done.jobs, done.jobs_gone, pod.vendor.jobs) == (1, 1, {})


async def test_a_vendor_that_cannot_delete_is_not_spoken_of(bench: Bench) -> None:
    await bench.submitted()
    done = await my_data(bench, SilentDiscord()).delete(ADA, cards=True)
    assert done.jobs == 0
