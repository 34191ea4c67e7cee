"""What else a provider told: kept with the track, given out without secrets, and removed with the words."""

import json

from bot.domain.task import Task
from bot.domain.track import Running, Update
from bot.store.cards import SqliteCards
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.members import SqliteMembers
from bot.store.news import SqliteNews
from bot.store.purge import SqlitePurging
from bot.store.submissions import SqliteSubmissions
from tests.parts import ADA, Clock, make_task
from tests.store.test_members import accept, deliver, select, submit

EXTRA = (
    '{"gpt_description_prompt":"rain on a tin roof","seed":41,'
    '"video_url":"https://me:pw@files.example/a.mp4?sig=abc","urls":{"wav":["https://files.example/a.wav?sig=abc"]}}'
)


async def made(database: Database, clock: Clock) -> Task:
    """A task whose track came with more."""
    await accept(database, make_task(now=clock()))
    return await deliver(database, clock, extra=EXTRA)


async def test_it_stays_with_its_track(database: Database, clock: Clock) -> None:
    task = await made(database, clock)
    (track,) = await SqliteDeliveries(database).tracks(task.id)
    assert track.extra == EXTRA
    assert await SqliteCards(database).extra(task.id) == EXTRA
    await SqliteDeliveries(database).refresh(task.id, [track])
    assert await SqliteCards(database).extra(task.id) == EXTRA
    assert await SqliteCards(database).extra("of no task") == ""


async def test_it_is_exported_as_an_object_and_no_address_carries_its_signature(
    database: Database, clock: Clock
) -> None:
    await made(database, clock)
    (track,) = (await SqliteMembers(database).export(ADA))["tracks"]
    assert track["extra"] == {
        "gpt_description_prompt": "rain on a tin roof",
        "seed": 41,
        "video_url": "https://files.example/a.mp4",
        "urls": {"wav": ["https://files.example/a.wav"]},
    }


async def test_a_track_without_more_is_exported_with_nothing_more(database: Database, clock: Clock) -> None:
    await accept(database, make_task(now=clock()))
    await deliver(database, clock)
    assert (await SqliteMembers(database).export(ADA))["tracks"][0]["extra"] == {}


async def test_it_goes_with_the_words_since_it_may_repeat_them(database: Database, clock: Clock) -> None:
    task = await made(database, clock)
    assert await SqlitePurging(database).remove_words(clock(), clock()) == 1
    assert "rain on a tin roof" not in json.dumps(await SqliteMembers(database).export(ADA))
    assert await SqliteCards(database).extra(task.id) == ""


async def test_it_goes_when_the_member_deletes_everything(database: Database, clock: Clock) -> None:
    await made(database, clock)
    await SqliteMembers(database).forget(ADA, clock())
    assert await select(database, "SELECT extra FROM tracks") == []


async def test_how_far_it_is_is_kept_and_an_answer_that_does_not_say_changes_nothing(
    database: Database, clock: Clock
) -> None:
    task = await accept(database, make_task(now=clock()))
    await submit(database, clock)
    for said, kept in ((None, None), (0, 0), (45, 45), (None, 45), (80, 80)):
        await SqliteNews(database).record(Update("musicmint", "theirs", Running(said)), clock())
        found = await SqliteSubmissions(database).get(task.id)
        assert found is not None
        assert found.progress == kept
