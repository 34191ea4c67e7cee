"""The port `Jobs` over real HTTP: what is offered is asked for, what changes something is asked once."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from bot.domain.contract import JobAction
from bot.domain.errors import AnswerLost, NotOffered, TaskGone
from bot.domain.ports_jobs import JobFilter, Jobs, JobStatus, SongType
from bot.providers.http import HttpProvider, provider_session
from bot.providers.jobs import HttpJobs, JobWire
from bot.providers.musicmint import MusicMint
from bot.providers.wire import Wire
from tests.providers.audiopod_samples import JOB_ID, POD, POD_KEY, TASK_ID, sample

MUSIC = "/api/v1/music"


@dataclass
class Answering:
    """A vendor that answers everything with one body, after some that are broken; notes what it was asked."""

    body: bytes = b"{}"
    broken: int = 0
    status: int = 200
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        self.asked.append((request.method, request.path_qs, await request.read()))
        self.keys.add(request.headers.get("X-API-Key"))
        if len(self.asked) <= self.broken:
            return web.Response(status=500)
        return web.Response(body=self.body, status=self.status, headers={"X-Total-Count": "731"})


@asynccontextmanager
async def managing(vendor: Answering, wire: Wire = POD, dialect: JobWire | None = POD.jobs) -> AsyncIterator[Jobs]:
    """Yield the job management of `wire` over `vendor`."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", vendor.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with provider_session() as session:
            provider = HttpProvider(wire, session, f"http://127.0.0.1:{runner.addresses[0][1]}", None)
            yield HttpJobs(provider, dialect)
    finally:
        await runner.cleanup()


Step = Callable[[Jobs], Awaitable[object]]
STEPS: dict[JobAction, tuple[str, Step]] = {
    JobAction.LIST: ("list", lambda jobs: jobs.page(JobFilter())),
    JobAction.DELETE: ("deleted", lambda jobs: jobs.delete(JOB_ID)),
    JobAction.RENAME: ("job_completed", lambda jobs: jobs.rename(JOB_ID, title="Rain", task_id=TASK_ID)),
    JobAction.RETRY: ("retry", lambda jobs: jobs.retry(JOB_ID)),
    JobAction.COUNTS: ("counts", lambda jobs: jobs.counts(JobStatus.FAILED, SongType.RAP)),
    JobAction.LIKED: ("list", lambda jobs: jobs.liked(20, 10)),
    JobAction.FILTERS: ("filter_stats", lambda jobs: jobs.filter_stats()),
    JobAction.PRESETS: ("presets", lambda jobs: jobs.presets()),
    JobAction.MODEL: ("model_status", lambda jobs: jobs.model_status()),
    JobAction.SAMPLES: ("sample_data", lambda jobs: jobs.sample_data()),
}
CHANGES = {JobAction.DELETE, JobAction.RENAME, JobAction.RETRY}


def test_every_action_of_a_contract_has_its_call() -> None:
    assert set(STEPS) == set(JobAction)


@pytest.mark.parametrize("action", JobAction)
async def test_each_action_is_one_request_with_the_key(action: JobAction) -> None:
    name, step = STEPS[action]
    vendor = Answering(sample(name))
    async with managing(vendor) as jobs:
        await step(jobs)
    assert len(vendor.asked) == 1
    assert vendor.keys == {POD_KEY}


@pytest.mark.parametrize("action", JobAction)
async def test_a_lost_answer_is_asked_for_again_but_a_change_is_never_sent_twice(action: JobAction) -> None:
    name, step = STEPS[action]
    vendor = Answering(sample(name), broken=1)
    async with managing(vendor) as jobs:
        if action in CHANGES:
            with pytest.raises(AnswerLost):
                await step(jobs)
            assert len(vendor.asked) == 1
        else:
            await step(jobs)
            assert len(vendor.asked) == 2


@pytest.mark.parametrize("dialect", [None, POD.jobs])
@pytest.mark.parametrize("action", JobAction)
async def test_what_a_vendor_does_not_offer_is_said_before_anything_is_asked(
    action: JobAction, dialect: JobWire | None
) -> None:
    vendor = Answering()
    async with managing(vendor, MusicMint("sk-mm-key", (), 7), dialect) as jobs:
        with pytest.raises(NotOffered, match=f"MusicMint does not offer: {action}") as raised:
            await STEPS[action][1](jobs)
        assert (raised.value.provider, raised.value.action) == ("MusicMint", action)
        if action is JobAction.LIST:
            with pytest.raises(NotOffered):
                await jobs.get(JOB_ID)
    assert vendor.asked == []


async def test_a_page_has_its_total_and_odd_words_arrive_as_they_were_written() -> None:
    vendor, words = Answering(sample("list")), "100% + ü & 東京?#/ a=b"
    async with managing(vendor) as jobs:
        page = await jobs.page(JobFilter(search=words, liked=True, status=JobStatus.FAILED))
    assert page.total == 731
    assert [job.id for job in page.jobs] == ["731990", JOB_ID, "600001"]
    query = dict(parse_qsl(vendor.asked[0][1].partition("?")[2]))
    assert (query["search"], query["liked"], query["status"]) == (words, "true", "FAILED")


async def test_a_change_of_title_keeps_the_job_findable() -> None:
    vendor = Answering()
    async with managing(vendor) as jobs:
        await jobs.rename(JOB_ID, title="Rain", task_id=TASK_ID)
        await jobs.rename(JOB_ID, cover_url="https://files.example/a.jpg")
    assert [(method, path) for method, path, _ in vendor.asked] == [("PATCH", f"{MUSIC}/jobs/{JOB_ID}")] * 2
    assert [json.loads(body) for _, _, body in vendor.asked] == [
        {"display_name": f"Rain · {TASK_ID}"},
        {"thumbnail_url": "https://files.example/a.jpg"},
    ]


async def test_a_retry_gives_the_new_id() -> None:
    vendor = Answering(sample("retry"))
    async with managing(vendor) as jobs:
        assert await jobs.retry(JOB_ID) == "731990"
    assert vendor.asked == [("POST", f"{MUSIC}/jobs/{JOB_ID}/retry", b"{}")]


@pytest.mark.parametrize("step", [lambda jobs: jobs.get(JOB_ID), STEPS[JobAction.DELETE][1], STEPS[JobAction.RETRY][1]])
async def test_a_job_that_is_not_there_is_gone_and_not_asked_for_again(step: Step) -> None:
    vendor = Answering(sample("error_404"), status=404)
    async with managing(vendor) as jobs:
        with pytest.raises(TaskGone):
            await step(jobs)
    assert len(vendor.asked) == 1
