"""Who is asked when: sooner where no callback is promised, and at once where something has come to stand otherwise."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.contract import Answer
from bot.domain.errors import Rejected
from bot.domain.task import Kind, State
from bot.flows.intake import Intake
from bot.flows.patience import first_ask, next_ask
from bot.flows.reconcile import Reconcile
from bot.flows.submit import PARALLEL
from bot.flows.worker import running
from bot.store.database import Database
from bot.store.rows import to_ms
from tests.flows.bench import Bench
from tests.flows.pod import Pod, open_pod
from tests.flows.workshop import open_shop
from tests.parts import Clock

SECONDS, MINUTE = timedelta(seconds=30), timedelta(minutes=1)


@pytest.fixture
async def pod(database: Database, clock: Clock) -> AsyncIterator[Pod]:
    async with open_pod(database, clock) as opened:
        yield opened


@pytest.mark.parametrize(
    ("kind", "first", "then"),
    [(Kind.SONG, 3 * MINUTE, MINUTE), (Kind.LYRICS, SECONDS, SECONDS), (Kind.SAMPLE, SECONDS, SECONDS)],
)
def test_what_the_vendor_does_not_promise_to_call_back_for_is_asked_for_sooner(
    bench: Bench, kind: Kind, first: timedelta, then: timedelta
) -> None:
    provider = bench.providers["musicmint"]
    assert (first_ask(provider, kind), next_ask(provider, kind, MINUTE)) == (first, then)


async def test_words_that_are_not_called_back_are_there_after_half_a_minute(bench: Bench) -> None:
    task = await bench.accept("a ferry at night", kind=Kind.LYRICS)
    assert await bench.submit.step()
    await bench.finish((await bench.task(task.id)).provider_task_id or "")
    bench.clock.advance(seconds=29)
    assert not await bench.reconcile.step()
    bench.clock.advance(seconds=1)
    assert await bench.reconcile.step()
    assert await bench.state(task) is State.COMPLETED


async def test_callbacks_that_nobody_promised_are_not_missed_and_hide_none_that_are(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    for number, kind in enumerate([Kind.LYRICS] * 3 + [Kind.SONG, Kind.LYRICS] * 3):
        assert ("callbacks do not arrive" in caplog.text) is (number > 7)
        task = await bench.accept(f"rain {number}", member=4000 + number, kind=kind)
        assert await bench.submit.step()
        await bench.finish((await bench.task(task.id)).provider_task_id or "")
        bench.clock.advance(minutes=3)
        assert await bench.reconcile.step()
        assert await bench.state(task) is State.COMPLETED


async def test_a_lost_create_that_is_found_has_its_line_told_at_once(pod: Pod) -> None:
    task, woken = await pod.asked(), []
    lost = "UPDATE tasks SET state = 'unknown', provider_task_id = NULL, tell_at = NULL, ask_at = ? WHERE id = ?"
    await pod.database.write(lambda db: db.execute(lost, (to_ms(pod.clock()), task.id)).rowcount)
    intake = Intake(pod.news, pod.clock, on_news=lambda: woken.append("news"), on_ask=lambda: None)
    assert await Reconcile(pod.news, {"audiopod": pod.provider}, intake, pod.clock).step()
    found = await pod.task(task)
    assert (found.state, found.provider_task_id) == (State.SUBMITTED, task.provider_task_id)
    assert await pod.tellings.next_telling() == pod.clock()
    assert woken == ["news"]


async def test_a_song_that_fails_makes_room_for_what_waits_in_the_other_line(bench: Bench) -> None:
    shop, submit = open_shop(bench), bench.submit
    await bench.accept("rain")
    assert await submit.step()
    await bench.accept("snow")
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    shop.maker.answers.append(answer)
    song = asyncio.create_task(submit.step())
    async with shop.maker.asked:
        await shop.maker.asked.wait_for(lambda: len(shop.maker.created) == 2)
    stems = await shop.asked(Kind.STEMS)
    async with asyncio.timeout(3), running((submit.lines[Answer.RESULT],), grace=0):
        for _ in range(4 * PARALLEL[Answer.RESULT]):  # until it has looked, and sleeps
            assert await bench.state(stems) is State.WAITING
        answer.set_exception(Rejected("no"))
        assert await song
        async with shop.maker.asked:
            await shop.maker.asked.wait_for(lambda: len(shop.maker.created) == 3)
