"""What a provider does not know yet is handed to it once, before anything is made of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import AnswerLost, NotAccepted, Rejected, SamePress
from bot.domain.source import LONGEST_FILE, Source
from bot.domain.task import Kind, Origin, Request, State, Task
from bot.domain.track import Uploaded
from bot.flows.asking import TRIES_AWAY
from tests.flows.bench import Bench
from tests.flows.workshop import FILE, OWN, Shop, open_shop
from tests.parts import ADA, CHANNEL, GUILD


@pytest.fixture
def shop(bench: Bench) -> Shop:
    return open_shop(bench)


async def test_a_file_is_uploaded_and_then_made_something_of(shop: Shop) -> None:
    task = await shop.made(Kind.COVER, FILE)
    assert (task.state, shop.maker.uploads) == (State.SUBMITTED, [FILE.audio_url])
    (created,) = shop.maker.created
    for source in (created.request.source, task.request.source):
        assert source is not None
        assert (source.provider, source.clip_id, source.seconds) == ("workshop", "clip-up", 60.0)
        assert (source.title, source.audio_url) == (FILE.title, FILE.audio_url)


async def test_a_track_of_its_own_is_not_uploaded(shop: Shop) -> None:
    task = await shop.made(Kind.COVER, OWN)
    assert (shop.maker.uploads, task.request.source) == ([], OWN)


async def test_what_waits_after_the_upload_is_not_uploaded_again(shop: Shop) -> None:
    shop.maker.answers.append(NotAccepted("HTTP 429", busy=True))
    task = await shop.made(Kind.COVER, FILE)
    assert task.state is State.WAITING
    shop.bench.clock.advance(minutes=1)
    assert await shop.step(Kind.COVER)
    assert await shop.bench.state(task) is State.SUBMITTED
    assert (len(shop.maker.uploads), len(shop.maker.created)) == (1, 2)


@pytest.mark.parametrize("trouble", [NotAccepted("no connection"), AnswerLost("cut off"), ZeroDivisionError()], ids=str)
async def test_an_upload_that_came_to_nothing_is_tried_again_but_not_for_ever(shop: Shop, trouble: Exception) -> None:
    shop.maker.upload_answers += [trouble] * 9
    task = await shop.made(Kind.COVER, FILE)
    while await shop.bench.state(task) is State.WAITING:
        shop.bench.clock.advance(minutes=6)
        assert await shop.step(Kind.COVER)
    found = await shop.bench.task(task.id)
    assert (found.state, found.failure) == (State.FAILED, "down")
    assert (len(shop.maker.uploads), shop.maker.created) == (TRIES_AWAY, [])


async def test_a_file_that_is_refused_fails_the_task_with_the_vendors_words(shop: Shop) -> None:
    shop.maker.upload_answers.append(Rejected("HTTP 400", "no audio in it"))
    task = await shop.made(Kind.COVER, FILE)
    assert (task.state, task.failure, task.detail) == (State.FAILED, "rejected", "no audio in it")
    assert shop.maker.created == []


@pytest.mark.parametrize(
    ("kind", "wish"),
    [(Kind.EXTEND, {"start": 61.0}), (Kind.VOCALS, {"end": 70.0}), (Kind.INFILL, {"start": 60.0, "end": 61.5})],
)
async def test_times_behind_the_end_of_the_file_fail_before_anything_is_charged(
    shop: Shop, kind: Kind, wish: dict[str, float]
) -> None:
    task = await shop.made(kind, FILE, **wish)
    assert (task.state, task.failure, shop.maker.created) == (State.FAILED, "times", [])


async def test_times_inside_the_file_are_asked_for(shop: Shop) -> None:
    task = await shop.made(Kind.INFILL, FILE, start=10.0, end=60.0)
    assert task.state is State.SUBMITTED


async def test_a_length_that_was_known_more_exactly_stands(shop: Shop) -> None:
    exact = replace(FILE, seconds=60.4)
    task = await shop.made(Kind.INFILL, exact, start=10.0, end=60.4)
    assert task.state is State.SUBMITTED
    assert task.request.source is not None
    assert task.request.source.seconds == 60.4


async def test_a_length_that_nobody_tells_is_left_to_the_provider(shop: Shop) -> None:
    shop.maker.upload_answers.append(Uploaded("clip-up"))
    task = await shop.made(Kind.INFILL, FILE, start=10.0, end=9000.0)
    assert task.state is State.SUBMITTED


@pytest.mark.parametrize("claimed", [10.0, None])
async def test_a_file_that_is_longer_than_it_said_fails_before_anything_is_charged_each_time(
    shop: Shop, claimed: float | None
) -> None:
    long = Uploaded("clip-up", LONGEST_FILE + 2)
    shop.maker.upload_answers.append(long)
    task = await shop.made(Kind.COVER, replace(FILE, seconds=claimed))
    assert (task.state, task.failure, shop.maker.created) == (State.FAILED, "too long", [])
    assert task.request.source is not None
    assert task.request.source.clip_id == "", "asked for again, it is looked at again"


@pytest.mark.parametrize(
    ("source", "seconds"), [(FILE, LONGEST_FILE + 0.9), (replace(OWN, provider="", clip_id=""), 1500.0)]
)
async def test_a_length_that_is_only_rounded_and_a_track_of_ours_are_worked_on(
    shop: Shop, source: Source, seconds: float
) -> None:
    shop.maker.upload_answers.append(Uploaded("clip-up", seconds))
    task = await shop.made(Kind.COVER, replace(source, audio_url=FILE.audio_url))
    assert task.state is State.SUBMITTED


async def test_it_is_kept_when_the_provider_lets_go_of_the_file(shop: Shop) -> None:
    shop.maker.contract = replace(shop.maker.contract, keeps_uploads=timedelta(days=7))
    task = await shop.made(Kind.COVER, FILE)
    assert task.request.source is not None
    assert task.request.source.expires_at == shop.bench.clock() + timedelta(days=7)


async def test_taken_back_during_the_upload_it_is_not_asked_for(shop: Shop) -> None:
    task, under_way, answer = await uploading(shop)
    assert await shop.bench.submit.cancel(task.id, ADA) is State.SUBMITTING
    answer.set_result(Uploaded("clip-up"))
    assert await under_way
    assert (await shop.bench.state(task), shop.maker.created) == (State.CANCELLED, [])


async def test_killed_during_the_upload_it_waits_for_nothing_was_asked(shop: Shop) -> None:
    task, under_way, _ = await uploading(shop)
    under_way.cancel()
    await asyncio.wait([under_way])
    await shop.crash()
    assert await shop.bench.state(task) is State.WAITING
    assert await shop.step(Kind.COVER)
    assert await shop.bench.state(task) is State.SUBMITTED


async def test_killed_after_the_upload_nobody_knows_whether_it_was_asked_for(shop: Shop) -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    shop.maker.answers.append(answer)
    task = await shop.asked(Kind.COVER, FILE)
    under_way = asyncio.create_task(shop.step(Kind.COVER))
    async with shop.maker.asked:
        await shop.maker.asked.wait_for(lambda: shop.maker.created)
    under_way.cancel()
    await asyncio.wait([under_way])
    await shop.crash()
    assert await shop.bench.state(task) is State.UNKNOWN


async def test_the_same_press_is_known_although_the_first_was_uploaded_meanwhile(shop: Shop) -> None:
    foreign = replace(FILE, provider="elsewhere", clip_id="c", task_id="parent", number=1)
    task = await shop.made(Kind.COVER, foreign)
    assert task.parent_id == "parent"
    request = Request("", kind=Kind.COVER, source=foreign)
    with pytest.raises(SamePress):
        await shop.bench.submit.accept(request, Origin(ADA, CHANNEL, GUILD))
    shop.bench.clock.advance(seconds=11)
    assert await shop.bench.submit.accept(request, Origin(ADA, CHANNEL, GUILD))


async def uploading(shop: Shop) -> "tuple[Task, asyncio.Task[bool], asyncio.Future[Uploaded]]":
    """Have an upload that goes on until it is answered."""
    answer: asyncio.Future[Uploaded] = asyncio.get_running_loop().create_future()
    shop.maker.upload_answers.append(answer)
    task = await shop.asked(Kind.COVER, FILE)
    under_way = asyncio.create_task(shop.step(Kind.COVER))
    async with shop.maker.asked:
        await shop.maker.asked.wait_for(lambda: shop.maker.uploads)
    return task, under_way, answer
