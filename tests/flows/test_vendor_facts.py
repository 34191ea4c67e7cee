"""What providers say about themselves: asked seldom, waited for shortly, and never in anybody's way."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.domain.ports_jobs import JobCounts, Left, ModelStatus
from bot.flows.vendor_facts import KEPT, Models, Silence, accounts
from bot.providers.http import HttpProvider, provider_session
from bot.providers.jobs import HttpJobs
from bot.providers.left import left_at
from bot.providers.musicapi import MusicApi
from bot.sandbox.musicapi import PretendMusicApi
from bot.store.database import Database
from tests.flows.pod import Pod, open_pod
from tests.parts import API_KEY, SECRET, Clock, QuickStudio
from tests.providers.audiopod_samples import POD
from tests.providers.musicmint_samples import MINT


@pytest.fixture
async def pod(database: Database, clock: Clock) -> AsyncIterator[Pod]:
    async with open_pod(database, clock) as opened:
        yield opened


def asked(pod: Pod) -> int:
    """Return how often the vendor was asked for its model."""
    return sum(request.path.endswith("/model/status") for request in pod.vendor.requests)


class TestModels:
    """How the models are."""

    async def test_it_is_asked_for_once_in_five_minutes_however_many_want_to_know(self, pod: Pod, clock: Clock) -> None:
        models = Models({"audiopod": pod.jobs}, clock)
        for answer in await asyncio.gather(*(models.known() for _ in range(5))):
            told = answer["audiopod"]
            assert isinstance(told, ModelStatus)
            assert told.facts["status"] == "healthy"
        clock.advance(seconds=KEPT.total_seconds() - 1)
        await models.known()
        assert asked(pod) == 1
        clock.advance(seconds=1)
        await models.known()
        assert asked(pod) == 2

    async def test_one_that_is_slow_is_not_waited_for_and_not_asked_again_at_once(self, pod: Pod, clock: Clock) -> None:
        pod.vendor.behaviour.answer_after = 5.0
        models, loop = Models({"audiopod": pod.jobs}, clock, patience=0.05), asyncio.get_running_loop()
        began = loop.time()
        for _ in range(3):
            assert await models.known() == {"audiopod": Silence.NOT_ANSWERED}
        assert loop.time() - began < 2
        assert asked(pod) <= 1
        clock.advance(minutes=1)
        assert await models.known() == {"audiopod": Silence.NOT_ANSWERED}
        assert asked(pod) == 2

    async def test_one_that_refuses_has_not_answered(self, pod: Pod, clock: Clock) -> None:
        pod.vendor.behaviour.status = 401
        assert await Models({"audiopod": pod.jobs}, clock).known() == {"audiopod": Silence.NOT_ANSWERED}

    async def test_one_that_tells_no_such_thing_is_left_out_and_not_asked(self, clock: Clock) -> None:
        async with provider_session() as session:
            without = HttpJobs(HttpProvider(MINT, session, "http://127.0.0.1:9", None))
            assert await Models({"musicmint": without}, clock).known() == {}


class TestAccounts:
    """What is kept and left at each."""

    async def test_each_says_what_it_has_and_not_what_it_has_not(self, pod: Pod) -> None:
        api = MusicApi(API_KEY, SECRET.encode(), studio=False)
        async with provider_session() as session, PretendMusicApi(API_KEY, studio=QuickStudio(), credits=7) as vendor:
            jobs = {
                "audiopod": HttpJobs(pod.provider, POD.jobs, left_at(POD)),
                "musicapi": HttpJobs(HttpProvider(api, session, vendor.base_url, None), None, left_at(api)),
                "musicmint": HttpJobs(HttpProvider(MINT, session, "http://127.0.0.1:9", None), None, left_at(MINT)),
            }
            told = await accounts(jobs)
        assert isinstance(told["audiopod"].counts, JobCounts)
        assert told["audiopod"].left == Left(cents=pod.vendor.wallet.cents)
        assert (told["musicapi"].counts, told["musicapi"].left) == (Silence.NOT_OFFERED, Left(7, 0))
        assert told["musicmint"].counts is told["musicmint"].left is Silence.NOT_OFFERED

    async def test_one_that_is_slow_or_refuses_has_not_answered(self, pod: Pod) -> None:
        jobs = {"audiopod": HttpJobs(pod.provider, POD.jobs, left_at(POD))}
        pod.vendor.behaviour.status = 401
        refused = (await accounts(jobs))["audiopod"]
        pod.vendor.behaviour.status, pod.vendor.behaviour.answer_after = None, 5.0
        slow = (await accounts(jobs, patience=0.05))["audiopod"]
        assert {refused.counts, refused.left, slow.counts, slow.left} == {Silence.NOT_ANSWERED}
