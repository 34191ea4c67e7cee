"""Every call of job management over real HTTP, and what is said where a vendor has none."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.domain.contract import JobAction
from bot.domain.errors import NotOffered, Rejected, TaskGone
from bot.domain.ports_jobs import JobFilter, JobStatus, SongType, SortBy, SortOrder
from bot.domain.task import Kind, Task
from tests.parts import make_task
from tests.providers.test_jobs import STEPS
from tests.providers.vendor import Vendor
from tests.providers.vendors import VENDORS

from .over_http import Reached, reached

WITH_JOBS = [vendor for vendor in VENDORS if vendor.jobs is not None]
OTHERS = [vendor for vendor in VENDORS if vendor.jobs is None]


@pytest.fixture(params=WITH_JOBS, ids=str)
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Reached]:
    """A vendor that keeps jobs."""
    async with reached(request.param) as opened:
        yield opened


async def made(here: Reached, prompt: str = "rain on a tin roof", *, fail: bool = False, **wish: Any) -> Task:
    """Have a job made; return our task."""
    task = make_task(prompt, **wish)
    here.server.behaviour.fail_with = "no machine was free" if fail else None
    await here.provider.submit(task)
    await here.server.finish(here.task_id)
    return task


@pytest.mark.parametrize("action", JobAction)
@pytest.mark.parametrize("vendor", OTHERS, ids=str)
async def test_what_a_vendor_does_not_offer_is_said_before_anything_is_asked(vendor: Vendor, action: JobAction) -> None:
    async with reached(vendor) as here:
        with pytest.raises(NotOffered) as raised:
            await STEPS[action][1](here.jobs)
        assert raised.value.provider == here.provider.contract.label
        assert here.asked() == []


async def test_every_action_is_offered_and_is_one_request(here: Reached) -> None:
    assert here.provider.contract.jobs == set(JobAction)
    for action in (JobAction.COUNTS, JobAction.FILTERS, JobAction.PRESETS, JobAction.MODEL, JobAction.SAMPLES):
        before = len(here.asked())
        await STEPS[action][1](here.jobs)
        assert len(here.asked()) == before + 1


async def test_a_job_is_shown_as_it_stands(here: Reached) -> None:
    task = await made(here, title="Tin Roof")
    job = await here.jobs.get(here.task_id)
    assert (job.status, job.title, job.task_id, job.progress) == ("COMPLETED", "Tin Roof", task.id, 100)
    assert job.audio_url.endswith(".mp3")
    assert job.created_at is not None


async def test_a_list_comes_in_pages_with_the_number_of_all(here: Reached) -> None:
    tasks = [await made(here) for _ in range(3)]
    first = await here.jobs.page(JobFilter(limit=2))
    second = await here.jobs.page(JobFilter(skip=2, limit=2))
    assert (first.total, second.total, first.unreadable) == (3, 3, 0)
    assert [job.task_id for job in (*first.jobs, *second.jobs)] == [task.id for task in reversed(tasks)]


async def test_each_filter_is_the_vendors_own(here: Reached) -> None:
    song = await made(here, "a happy jazz waltz for a party", title="A")
    still = await made(here, "rain", title="C", instrumental=True)
    sound = await made(here, "a door", title="B", kind=Kind.SOUND)
    broken = await made(here, "snow", title="D", fail=True)
    here.server.tasks[here.task_id].liked = True
    wanted = {
        "all": (JobFilter(), [broken, sound, still, song]),
        "task": (JobFilter(task="text2samples"), [sound]),
        "status": (JobFilter(status=JobStatus.FAILED), [broken]),
        "song_type": (JobFilter(song_type=SongType.INSTRUMENTAL), [still]),
        "liked": (JobFilter(liked=True), [broken]),
        "not liked": (JobFilter(liked=False), [sound, still, song]),
        "search": (JobFilter(search="door"), [sound]),
        "search by our id": (JobFilter(search=still.id), [still]),
        "emotion": (JobFilter(emotion="happy"), [song]),
        "occasion": (JobFilter(occasion="party"), [song]),
        "genre of nobody": (JobFilter(genre="Polka"), []),
        "language of nobody": (JobFilter(language="xx"), []),
        "sorted": (JobFilter(sort_by=SortBy.DISPLAY_NAME, sort_order=SortOrder.ASC), [song, sound, still, broken]),
    }
    for name, (filters, expected) in wanted.items():
        page = await here.jobs.page(filters)
        assert [job.task_id for job in page.jobs] == [task.id for task in expected], name
        assert page.total == len(expected), name


async def test_interactions_are_told_when_they_are_asked_for(here: Reached) -> None:
    await made(here)
    here.server.tasks[here.task_id].liked = True
    (job,) = (await here.jobs.page(JobFilter(include_interactions=True))).jobs
    assert job.extra["is_liked"] is True
    (job,) = (await here.jobs.page(JobFilter())).jobs
    assert "is_liked" not in job.extra


async def test_liked_ones_have_a_list_of_their_own(here: Reached) -> None:
    await made(here)
    assert (await here.jobs.liked()).jobs == ()
    here.server.tasks[here.task_id].liked = True
    assert [job.id for job in (await here.jobs.liked()).jobs] == [here.task_id]
    assert (await here.jobs.liked(song_type=SongType.RAP)).jobs == ()
    assert (await here.jobs.liked(skip=1)).jobs == ()


async def test_a_new_title_and_cover_leave_it_findable_as_ours(here: Reached) -> None:
    task = await made(here, title="Tin Roof")
    await here.jobs.rename(here.task_id, title="Slate Roof", task_id=task.id)
    await here.jobs.rename(here.task_id, cover_url="https://files.example/a.jpg")
    job = await here.jobs.get(here.task_id)
    assert (job.title, job.task_id, job.cover_url) == ("Slate Roof", task.id, "https://files.example/a.jpg")
    assert await here.provider.find_lost(task) == here.task_id


async def test_a_deleted_job_is_gone_with_its_file(here: Reached) -> None:
    await made(here)
    gone, address = here.task_id, (await here.jobs.get(here.task_id)).audio_url
    await here.jobs.delete(gone)
    for asking in (here.jobs.get(gone), here.jobs.delete(gone), here.jobs.retry(gone), here.provider.look_up(gone)):
        with pytest.raises(TaskGone):
            await asking
    async with here.session.get(address) as answer:
        assert answer.status == 404


async def test_a_failed_job_is_made_again_and_one_that_was_made_is_not(here: Reached) -> None:
    await made(here, fail=True)
    again = await here.jobs.retry(here.task_id)
    here.server.behaviour.fail_with = None
    await here.server.finish(again)
    assert (await here.jobs.get(again)).status == "COMPLETED"
    with pytest.raises(Rejected):
        await here.jobs.retry(again)


async def test_numbers_count_what_there_is(here: Reached) -> None:
    await made(here)
    await made(here, "a door", kind=Kind.SOUND, fail=True)
    counts = await here.jobs.counts()
    assert (counts.total, counts.by_task) == (2, {"text2music": 1, "text2samples": 1})
    assert (await here.jobs.counts(JobStatus.FAILED)).total == 1
    assert (await here.jobs.counts(song_type=SongType.RAP)).total == 0
    stats = await here.jobs.filter_stats()
    assert (stats.total_tracks, stats.liked_count) == (2, 0)
    assert stats.available


async def test_presets_model_and_samples_say_something(here: Reached) -> None:
    assert (await here.jobs.presets()).genres
    assert (await here.jobs.model_status()).facts
    assert (await here.jobs.sample_data()).content
