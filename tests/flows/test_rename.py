"""A new title reaches the store, the library's words, and the vendor's job; a deleted card takes its job along."""

import logging
from collections.abc import AsyncIterator

import pytest

from bot.domain.errors import BadOption, NotATrack, NotYours
from bot.domain.ports_library import Query, Viewer
from bot.domain.task import MAX_TITLE
from bot.store.database import Database
from bot.store.library import SqliteLibrary
from tests.flows.pod import Pod, open_pod
from tests.parts import ADA, BOB, CHANNEL, GUILD, Clock

VIEWER = Viewer(ADA, CHANNEL, GUILD)


@pytest.fixture
async def pod(database: Database, clock: Clock) -> AsyncIterator[Pod]:
    async with open_pod(database, clock) as opened:
        yield opened


async def test_search_finds_the_new_title_and_the_job_has_it_with_our_id(pod: Pod) -> None:
    task = await pod.made()
    await pod.rename.rename(task.id, 1, ADA, "Harbour Lights")
    await pod.vendor_jobs.finish(10)
    page = await SqliteLibrary(pod.database).page(VIEWER, Query(words="harbour"), 0)
    assert [entry.title for entry in page.entries] == ["Harbour Lights"]
    assert pod.vendor.jobs[int(task.provider_task_id or 0)].display_name == f"Harbour Lights · {task.id}"
    assert await pod.provider.find_lost(task) == task.provider_task_id


async def test_only_its_owner_renames_it_and_nothing_reaches_the_vendor(pod: Pod) -> None:
    task = await pod.made(title="Mine")
    calls = len(pod.vendor.requests)
    with pytest.raises(NotYours):
        await pod.rename.rename(task.id, 1, BOB, "Theirs")
    await pod.vendor_jobs.finish(10)
    assert await pod.select("SELECT title FROM tracks") == [("Mine",)]
    assert len(pod.vendor.requests) == calls


@pytest.mark.parametrize("title", ["", "x" * (MAX_TITLE + 1)])
async def test_a_title_has_to_be_one(pod: Pod, title: str) -> None:
    task = await pod.made()
    with pytest.raises(BadOption):
        await pod.rename.rename(task.id, 1, ADA, title)


async def test_what_is_not_there_is_no_track(pod: Pod) -> None:
    task = await pod.made()
    for task_id, number in (("22222222cccc", 1), (task.id, 2)):
        with pytest.raises(NotATrack):
            await pod.rename.rename(task_id, number, ADA, "New")


async def test_a_vendor_that_is_down_is_one_line_in_the_log(pod: Pod, caplog: pytest.LogCaptureFixture) -> None:
    task = await pod.made()
    pod.vendor.behaviour.status = 500
    with caplog.at_level(logging.INFO, "bot.flows.vendor_jobs"):
        await pod.rename.rename(task.id, 1, ADA, "Harbour Lights")
        await pod.vendor_jobs.finish(10)
    assert [record.getMessage() for record in caplog.records] == ["provider did not rename a job"]
    assert await pod.select("SELECT title FROM tracks") == [("Harbour Lights",)]


async def test_a_job_is_deleted_with_its_audio(pod: Pod) -> None:
    task = await pod.made()
    pod.vendor_jobs.delete(task)
    await pod.vendor_jobs.finish(10)
    assert pod.vendor.jobs == {}


async def test_no_time_left_is_one_line_in_the_log(pod: Pod, caplog: pytest.LogCaptureFixture) -> None:
    task = await pod.made()
    pod.vendor.behaviour.answer_after = 60
    pod.vendor_jobs.delete(task)
    await pod.vendor_jobs.finish(0.01)
    assert "no time left to delete" in caplog.text


async def test_the_jobs_of_earlier_tries_are_deleted_as_well(pod: Pod) -> None:
    task, earlier = await pod.made(), (await pod.asked()).provider_task_id
    note = "INSERT INTO earlier_jobs VALUES ('audiopod', ?, ?)"
    await pod.database.write(lambda db: db.execute(note, (earlier, task.id)).rowcount)
    assert len(pod.vendor.jobs) == 2
    pod.vendor_jobs.delete(task)
    await pod.vendor_jobs.finish(10)
    assert pod.vendor.jobs == {}
