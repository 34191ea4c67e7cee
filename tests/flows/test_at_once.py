"""What a provider answers with the result itself: taken in once, never asked for twice where that may be charged."""

import asyncio
import sqlite3

import pytest

from bot.domain.contract import Answer
from bot.domain.errors import AnswerLost, NotAccepted, TooManyToday
from bot.domain.ports import Limits
from bot.domain.task import Kind, State, Task
from bot.domain.track import Completed, Update
from bot.flows.retry import Retried, Retry
from bot.flows.submit import PARALLEL
from bot.flows.worker import running
from bot.store.retries import SqliteRetries
from tests.flows.bench import Bench
from tests.flows.workshop import VOICE, Shop, open_shop
from tests.parts import ADA, BOB, make_track


@pytest.fixture
def shop(bench: Bench) -> Shop:
    return open_shop(bench)


FREE = pytest.mark.parametrize("kind", [Kind.WAV, Kind.WAVEFORM], ids=str)
CHARGED = pytest.mark.parametrize("kind", [Kind.STEMS, Kind.MIDI], ids=str)


async def test_the_answer_is_the_result_and_ready_to_be_posted(shop: Shop) -> None:
    task = await shop.made(Kind.STEMS)
    assert (task.state, task.delivery, task.provider_task_id) == (State.COMPLETED, "ready", None)
    assert list(await shop.bench.deliveries.tracks(task.id)) == list(VOICE.tracks)
    assert shop.bench.woken == ["news"]
    assert await shop.bench.store.next_waiting() is None
    assert await shop.bench.news.next_ask() is None


async def test_a_result_without_audio_counts_as_none_where_audio_is_made(shop: Shop) -> None:
    silent = make_track("stem-2", audio_url="")
    shop.maker.answers += [Completed((*VOICE.tracks, silent)), Completed((silent,))]
    some, none = await shop.made(Kind.STEMS), await shop.made(Kind.STEMS)
    assert (some.state, some.missing) == (State.COMPLETED, 1)
    assert (none.state, none.failure) == (State.FAILED, "empty")


async def test_notes_need_no_audio(shop: Shop) -> None:
    shop.maker.answers.append(Completed((make_track("notes", audio_url="", extra='{"instruments": {}}'),)))
    task = await shop.made(Kind.MIDI)
    assert (task.state, task.missing) == (State.COMPLETED, 0)


async def test_songs_and_what_is_answered_at_once_do_not_take_each_others_turn(shop: Shop) -> None:
    stems, song = await shop.asked(Kind.STEMS), await shop.bench.accept("rain")
    assert await shop.bench.submit.step()
    assert not await shop.bench.submit.step()
    assert await shop.states([stems, song]) == [State.WAITING, State.SUBMITTED]
    assert await shop.bench.submit.step(Answer.RESULT)
    assert not await shop.bench.submit.step(Answer.RESULT)
    assert await shop.bench.state(stems) is State.COMPLETED


async def test_songs_go_on_while_a_stem_is_in_the_making(shop: Shop) -> None:
    answer = held(shop)
    stems = await shop.asked(Kind.STEMS)
    under_way = asyncio.create_task(shop.bench.submit.step(Answer.RESULT))
    await created(shop)
    songs = [await shop.bench.accept("rain", member) for member in (BOB, 1003)]
    assert [await shop.bench.submit.step() for _ in songs] == [True, True]
    assert await shop.states([stems, *songs]) == [State.SUBMITTING, State.SUBMITTED, State.SUBMITTED]
    answer.set_result(VOICE)
    assert await under_way
    assert await shop.bench.state(stems) is State.COMPLETED


async def test_what_is_free_and_quick_does_not_wait_for_stems(shop: Shop) -> None:
    answers = [held(shop) for _ in range(PARALLEL[Answer.RESULT])]
    for member in range(PARALLEL[Answer.RESULT] + 1):
        await shop.asked(Kind.STEMS, member=2000 + member)
    async with asyncio.timeout(2), running(shop.bench.submit.workers, grace=0):
        await created(shop, len(answers))
        shop.maker.answers.append(Completed((make_track("peaks", audio_url="", extra='{"peaks": [1]}'),)))
        await shop.asked(Kind.WAVEFORM)
        await created(shop, len(answers) + 1)
        assert shop.maker.created[-1].request.kind is Kind.WAVEFORM


async def test_only_a_few_are_asked_for_side_by_side(shop: Shop) -> None:
    answers = [held(shop) for _ in range(PARALLEL[Answer.RESULT] + 1)]
    for member in range(PARALLEL[Answer.RESULT] + 1):
        await shop.asked(Kind.STEMS, member=2000 + member)
    async with running((shop.bench.submit.lines[Answer.RESULT],), grace=0):
        await created(shop, PARALLEL[Answer.RESULT])
        assert await shop.bench.database.read(submitting) == PARALLEL[Answer.RESULT]
        answers[0].set_result(VOICE)
        await created(shop, PARALLEL[Answer.RESULT] + 1)


async def test_they_count_among_what_a_member_may_have_at_once(shop: Shop) -> None:
    for _ in range(2):
        await shop.bench.accept("rain")
        assert await shop.bench.submit.step()
    stems = await shop.asked(Kind.STEMS)
    assert not await shop.step(Kind.STEMS)
    await shop.bench.submit.cancel(shop.maker.created[0].id, ADA)
    assert await shop.step(Kind.STEMS)
    assert await shop.bench.state(stems) is State.COMPLETED


async def test_they_count_against_the_day_however_free_they_are(shop: Shop) -> None:
    for _ in range(5):
        await shop.made(Kind.WAV)
    with pytest.raises(TooManyToday):
        await shop.asked(Kind.WAV)


async def test_they_keep_to_the_providers_rate_together_with_songs(shop: Shop) -> None:
    shop.rated(1)
    await shop.bench.accept("rain")
    await shop.asked(Kind.STEMS)
    assert await shop.bench.submit.step()
    assert not await shop.step(Kind.STEMS)
    shop.bench.clock.advance(minutes=2)
    assert await shop.step(Kind.STEMS)


async def test_a_stem_is_no_trial_that_songs_wait_for(shop: Shop) -> None:
    shop.maker.answers.append(NotAccepted("HTTP 429", busy=True, retry_after=30))
    await shop.bench.accept("rain")
    assert await shop.bench.submit.step()
    shop.bench.clock.advance(seconds=40)
    answer = held(shop)
    await shop.asked(Kind.STEMS, member=BOB)
    under_way = asyncio.create_task(shop.bench.submit.step(Answer.RESULT))
    await created(shop, 2)
    assert await shop.bench.submit.step()
    answer.set_result(VOICE)
    assert await under_way


@CHARGED
async def test_what_may_have_been_charged_fails_at_once_when_its_answer_is_lost(shop: Shop, kind: Kind) -> None:
    shop.maker.answers.append(AnswerLost("cut off"))
    task = await shop.made(kind)
    assert (task.state, task.failure) == (State.FAILED, "lost")
    shop.bench.clock.advance(days=1)
    assert not await shop.step(kind)
    assert (len(shop.maker.created), shop.maker.looked_for) == (1, 0)


@FREE
async def test_what_is_free_is_asked_for_again_when_its_answer_is_lost(shop: Shop, kind: Kind) -> None:
    shop.maker.answers += [AnswerLost("cut off"), ZeroDivisionError(), Completed((make_track(),))]
    task = await shop.made(kind)
    for _ in range(2):
        assert await shop.bench.state(task) is State.WAITING
        shop.bench.clock.advance(minutes=1)
        assert await shop.step(kind)
    assert await shop.bench.state(task) is State.COMPLETED
    assert shop.maker.looked_for == 0


async def test_what_is_free_is_not_asked_for_for_ever(shop: Shop) -> None:
    shop.maker.answers += [AnswerLost("cut off")] * 9
    task = await shop.made(Kind.WAV)
    while await shop.bench.state(task) is State.WAITING:
        shop.bench.clock.advance(minutes=6)
        assert await shop.step(Kind.WAV)
    found = await shop.bench.task(task.id)
    assert (found.state, found.failure, len(shop.maker.created)) == (State.FAILED, "down", 3)


async def test_lost_stems_do_not_make_a_provider_rest(shop: Shop) -> None:
    shop.maker.answers += [AnswerLost("cut off")] * 5
    for member in range(5):
        await shop.made(Kind.STEMS, member=3000 + member)
    assert shop.bench.submit.resting == frozenset()


@FREE
async def test_after_a_crash_what_is_free_is_asked_for_again(shop: Shop, kind: Kind) -> None:
    task = await cut_off(shop, kind)
    await shop.crash()
    assert await shop.bench.state(task) is State.WAITING
    assert await shop.step(kind)
    assert await shop.bench.state(task) is State.COMPLETED


@CHARGED
async def test_after_a_crash_what_may_be_charged_fails_at_once_and_can_be_asked_for_again(
    shop: Shop, kind: Kind
) -> None:
    task = await cut_off(shop, kind)
    await shop.crash()
    assert await shop.bench.state(task) is State.UNKNOWN
    assert not await shop.step(kind)
    assert await shop.bench.reconcile.step()
    found = await shop.bench.task(task.id)
    assert (found.state, found.failure, shop.maker.looked_for) == (State.FAILED, "lost", 0)
    retry = Retry(SqliteRetries(shop.bench.database), shop.bench.providers, {}, shop.bench.clock, lambda: None)
    assert await retry.retry(found) is Retried.CHARGED
    again = await shop.bench.submit.accept(found.request, found.origin, found.provider, found.id)
    await shop.bench.submit.answered(again.task.id, 43)
    assert await shop.step(kind)
    assert await shop.bench.state(again.task) is State.COMPLETED


async def test_nothing_is_looked_for_while_it_is_being_asked_for(shop: Shop) -> None:
    task = await shop.asked(Kind.STEMS)
    answer = held(shop)
    under_way = asyncio.create_task(shop.bench.submit.step(Answer.RESULT))
    await created(shop)
    await shop.bench.intake.unreadable(task.key)
    assert await shop.bench.reconcile.step()
    assert (await shop.bench.state(task), shop.maker.looked_for) == (State.SUBMITTING, 0)
    assert not await shop.bench.reconcile.step()
    answer.set_result(VOICE)
    assert await under_way
    assert await shop.bench.state(task) is State.COMPLETED


async def test_taken_back_meanwhile_its_result_is_not_posted(shop: Shop) -> None:
    task = await shop.asked(Kind.STEMS)
    answer = held(shop)
    under_way = asyncio.create_task(shop.bench.submit.step(Answer.RESULT))
    await created(shop)
    assert await shop.bench.submit.cancel(task.id, ADA) is State.SUBMITTING
    answer.set_result(VOICE)
    assert await under_way
    found = await shop.bench.task(task.id)
    assert (found.state, found.delivery) == (State.CANCELLED, "none")


async def test_a_stop_does_not_wait_for_what_takes_minutes(shop: Shop) -> None:
    task = await shop.asked(Kind.STEMS)
    answer = held(shop)
    async with asyncio.timeout(5), running((shop.bench.submit.lines[Answer.RESULT],), grace=0.01):
        await created(shop)
    assert answer.cancelled()
    assert await shop.bench.state(task) is State.SUBMITTING


class TestMissedCallbacks:
    """An answer that is the result says nothing about callbacks."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(9, 99, frozenset())

    async def test_a_stem_does_not_hide_that_callbacks_stay_away(
        self, shop: Shop, caplog: pytest.LogCaptureFixture
    ) -> None:
        for number in range(3):
            await shop.bench.accept("rain")
            assert await shop.bench.submit.step()
            await shop.made(Kind.STEMS)
            theirs = f"theirs-{2 * number + 1}"
            await shop.bench.intake.apply(Update("workshop", theirs, VOICE), callback_missed=True)
        assert "callbacks do not arrive" in caplog.text


def held(shop: Shop) -> "asyncio.Future[Completed]":
    """Have the next answer wait until it is given."""
    answer: asyncio.Future[Completed] = asyncio.get_running_loop().create_future()
    shop.maker.answers.append(answer)
    return answer


async def created(shop: Shop, number: int = 1) -> None:
    """Wait until the workshop has been asked so many times."""
    async with shop.maker.asked:
        await shop.maker.asked.wait_for(lambda: len(shop.maker.created) >= number)


async def cut_off(shop: Shop, kind: Kind) -> Task:
    """End the process while the workshop is being asked."""
    task, answer = await shop.asked(kind), held(shop)
    under_way = asyncio.create_task(shop.step(kind))
    await created(shop)
    under_way.cancel()
    await asyncio.wait([under_way])
    assert answer.cancelled()
    return task


def submitting(db: sqlite3.Connection) -> int:
    """Count what is being asked for."""
    return int(db.execute("SELECT count(*) FROM tasks WHERE state = 'submitting'").fetchone()[0])
