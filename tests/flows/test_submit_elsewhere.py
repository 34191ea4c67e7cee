"""A provider that fails, is busy or out of credits holds up nobody else, and another is offered."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.contract import Contract, Rate
from bot.domain.errors import Failure, OutOfCredits, SamePress
from bot.domain.ports import Limits
from bot.domain.source import Source
from bot.domain.task import Kind, State, Task
from bot.flows.asking import WAITS_AT_MOST
from bot.flows.submit import Submit
from bot.providers.http import HttpProvider, provider_session
from bot.providers.musicmint import MusicMint
from bot.store.board import SqliteQueue
from bot.store.submissions import SqliteSubmissions
from tests.flows.bench import PUBLIC_URL, Bench
from tests.flows.two_vendors import Two, second_vendor
from tests.parts import API_KEY, SECRET, make_task


@pytest.fixture
def limits() -> Limits:
    """More than the usual, since members are not what is tried here."""
    return Limits(2, 50, frozenset())


@pytest.fixture
async def two(bench: Bench) -> AsyncIterator[Two]:
    async with second_vendor(bench) as both:
        yield both


async def failed_in_a_row(two: Two) -> None:
    """Let the preferred one fail until it rests."""
    two.bench.vendor.behaviour.status = 503
    for _ in range(3):
        await two.ask()
    await two.steps()


class TestWaiting:
    """One provider that waits does not hold up the others."""

    async def test_after_a_429_all_that_is_meant_for_it_waits_and_only_that(self, two: Two) -> None:
        two.bench.vendor.behaviour.status, two.bench.vendor.behaviour.retry_after = 429, 30
        first, second, third = await two.ask(), await two.ask(), await two.ask("audiopod")
        await two.steps()
        assert await two.states(first, second, third) == [State.WAITING, State.WAITING, State.SUBMITTED]
        assert two.asked == 1
        two.bench.vendor.behaviour.status = None
        two.bench.clock.advance(seconds=29)
        await two.steps()
        assert two.asked == 1
        two.bench.clock.advance(seconds=10)
        await two.steps()
        assert await two.states(first, second) == [State.SUBMITTED, State.SUBMITTED]

    async def test_over_its_rate_tasks_wait_for_their_turn(self, two: Two) -> None:
        async with provider_session() as session:
            two.bench.providers["musicmint"] = HttpProvider(
                _Rated(API_KEY, [SECRET.encode()], 7), session, two.bench.vendor.base_url, PUBLIC_URL
            )
            tasks = [await two.ask() for _ in range(5)]
            other = await two.ask("audiopod")
            await asyncio.gather(*(two.bench.submit.step() for _ in range(8)))
            assert await two.states(*tasks, other) == [*[State.SUBMITTED] * 2, *[State.WAITING] * 3, State.SUBMITTED]
            two.bench.clock.advance(seconds=59)
            await two.steps()
            assert two.asked == 2
            two.bench.clock.advance(seconds=1)
            await two.steps()
            assert await two.states(*tasks) == [*[State.SUBMITTED] * 4, State.WAITING]

    async def test_the_place_in_its_line_is_shown_among_all(self, two: Two) -> None:
        two.bench.vendor.behaviour.status, two.bench.vendor.behaviour.retry_after = 429, 30
        for _ in range(2):
            await two.ask()
        mine = await two.ask()
        await two.steps()
        queue, member = SqliteQueue(two.bench.database), mine.origin.member_id
        [held] = (await queue.seen_by(member, two.bench.submit.resting)).mine
        assert (held.place, held.provider_rests) == (3, True)
        [free] = (await queue.seen_by(member)).mine
        assert (free.place, free.provider_rests) == (1, False)


class TestRest:
    """A provider that keeps failing is left alone."""

    async def test_it_is_not_asked_while_it_rests_and_others_are(self, two: Two) -> None:
        await failed_in_a_row(two)
        waits, goes = await two.ask(), await two.ask("audiopod")
        await two.steps()
        assert await two.states(waits, goes) == [State.WAITING, State.SUBMITTED]
        assert two.asked == 3

    async def test_one_tries_it_out_and_if_that_fails_the_others_are_offered_elsewhere(self, two: Two) -> None:
        await failed_in_a_row(two)
        waits = [await two.ask() for _ in range(3)]
        two.bench.clock.advance(seconds=31)
        await two.steps()
        assert two.asked == 4
        assert await two.states(*waits) == [State.FAILED] * 3
        task = await two.bench.task(waits[0].id)
        assert task.failure == "down"
        assert [offer.name for offer in two.bench.submit.elsewhere(task)] == ["audiopod"]

    async def test_if_the_trial_works_all_go(self, two: Two) -> None:
        await failed_in_a_row(two)
        two.bench.vendor.behaviour.status = None
        waits = [await two.ask() for _ in range(3)]
        two.bench.clock.advance(seconds=31)
        await two.steps()
        assert await two.states(*waits) == [State.SUBMITTED] * 3

    async def test_lost_answers_count_as_failing_so_that_no_more_is_risked(self, two: Two) -> None:
        two.bench.vendor.behaviour.status = 500
        tasks = [await two.ask() for _ in range(5)]
        await two.steps()
        assert await two.states(*tasks) == [*[State.UNKNOWN] * 3, *[State.WAITING] * 2]

    async def test_where_nobody_else_could_make_it_nothing_waits_for_ever(self, two: Two) -> None:
        del two.bench.providers["audiopod"]
        await failed_in_a_row(two)
        waits = [await two.ask() for _ in range(8)]
        began = two.bench.clock()
        while await two.bench.store.next_waiting():
            await two.steps()
            two.bench.clock.advance(seconds=10)
        assert await two.states(*waits) == [State.FAILED] * 8
        assert two.bench.clock() - began <= WAITS_AT_MOST + timedelta(minutes=6)
        assert two.asked < 20


class TestElsewhere:
    """Whom a failed task is offered to."""

    @pytest.mark.parametrize("failure", list(Failure))
    async def test_others_are_offered_only_where_they_may_do_better_and_nothing_was_charged(
        self, two: Two, failure: Failure
    ) -> None:
        offered = failure in {"credits", "key", "subscription", "down", "rejected"}
        task = make_task(state=State.FAILED, failure=failure.value)
        assert [offer.name for offer in two.bench.submit.elsewhere(task)] == (["audiopod"] if offered else [])

    async def test_only_who_could_make_it_is_offered(self, two: Two) -> None:
        its_own = {"kind": Kind.COVER, "source": Source(provider="musicmint", clip_id="c")}
        for wish in ({"prompt": "x" * 1900, "style": "y" * 200}, {"persona_id": "voice-1"}, its_own):
            task = make_task(state=State.FAILED, failure="down", **wish)
            assert two.bench.submit.elsewhere(task) == []

    async def test_one_that_has_no_credits_either_is_not_offered(self, two: Two) -> None:
        two.pod.wallet.cents = 0
        await two.ask("audiopod")
        await two.steps()
        assert two.bench.submit.elsewhere(make_task(failure="down")) == []

    async def test_without_credits_it_is_accepted_and_fails_unasked_if_another_could_make_it(self, two: Two) -> None:
        two.bench.vendor.behaviour.status = 402
        await two.ask()
        await two.steps()
        task = await two.ask()
        await two.steps()
        assert (await two.bench.task(task.id)).failure == "credits"
        assert two.asked == 1
        two.pod.wallet.cents = 0
        await two.ask("audiopod")
        await two.steps()
        with pytest.raises(OutOfCredits):
            await two.ask()

    async def test_a_second_press_is_the_same_press_only_for_the_same_provider(self, two: Two) -> None:
        first = (await two.accepted()).task
        await two.accepted("audiopod", first.id)
        with pytest.raises(SamePress):
            await two.accepted("audiopod", first.id)
        assert await two.accepted("musicmint", first.id)

    async def test_what_waits_for_a_provider_that_was_taken_away_fails_and_is_offered(self, two: Two) -> None:
        task = await two.ask()
        del two.bench.providers["musicmint"]
        await two.steps()
        failed = await two.bench.task(task.id)
        assert (failed.state, failed.failure) == (State.FAILED, "key")
        assert [offer.name for offer in two.bench.submit.elsewhere(failed)] == ["audiopod"]

    async def test_what_waits_is_handed_over_once_however_often_it_is_pressed(self, two: Two) -> None:
        two.bench.vendor.behaviour.status = 429
        task = await two.ask()
        await two.steps()
        waiting = await two.bench.task(task.id)
        assert [offer.name for offer in two.bench.submit.elsewhere(waiting)] == ["audiopod"]
        moves = await asyncio.gather(*(two.bench.submit.move(waiting, "audiopod") for _ in range(4)))
        [moved] = [one for one in moves if one is not None]
        await two.bench.submit.shown(moved.task)
        await two.steps()
        assert (await two.states(task), len(two.pod.jobs), two.asked) == ([State.SUBMITTED], 1, 1)

    async def test_what_is_handed_over_while_the_others_are_given_up_is_made_and_does_not_fail(
        self, two: Two, caplog: pytest.LogCaptureFixture
    ) -> None:
        bench, store = two.bench, _PressedMeanwhile(two)
        bench.submit = Submit(store, bench.providers, bench.limits, bench.intake, bench.clock, lambda: None)
        await failed_in_a_row(two)
        waits = [await two.ask() for _ in range(3)]
        store.pressed = waits[2]
        bench.clock.advance(seconds=31)
        await two.steps()
        assert await two.states(*waits) == [State.FAILED, State.FAILED, State.SUBMITTED]
        assert len(two.pod.jobs) == 1
        assert waits[2].id not in [getattr(one, "task", "") for one in caplog.records if "refused" in one.message]

    async def test_what_has_gone_on_is_not_handed_over(self, two: Two) -> None:
        task = await two.ask()
        await two.steps()
        assert not await two.bench.submit.move(task, "audiopod")
        assert two.pod.jobs == {}

    async def test_another_that_rests_itself_is_not_offered_for_what_waits(self, two: Two) -> None:
        two.bench.submit.health.busy("audiopod", timedelta(seconds=30))
        assert two.bench.submit.elsewhere(make_task()) == []


class _PressedMeanwhile(SqliteSubmissions):
    """The store, if somebody pressed "Try with" right after it was read what waits."""

    pressed: Task | None = None

    def __init__(self, two: Two) -> None:
        super().__init__(two.bench.database)
        self._two = two

    async def waiting_at(self, provider: str, now: datetime) -> Sequence[Task]:
        waiting = await super().waiting_at(provider, now)
        submit = self._two.bench.submit
        if self.pressed is not None and (moved := await submit.move(self.pressed, "audiopod")):
            await submit.shown(moved.task)
            assert await submit.step()
        return waiting


class _Rated(MusicMint):
    """The vendor, if it allowed two creates a minute."""

    @property
    def contract(self) -> Contract:
        return replace(super().contract, rate=Rate(2))
