"""A card whose first try left none, or one that nobody answered for: looked for right before the next try."""

import pytest
from aiohttp import web

from tests.file_server import serving
from tests.flows.stage import POST, Stage
from tests.parts import short_mp3
from tests.wire.world import USUAL, Permission

HISTORY = ("GET", "/channels/{channel_id}/messages")


def pass_time(stage: Stage, seconds: float) -> None:
    """Let time pass for the bot and for Discord."""
    stage.bench.clock.advance(seconds=seconds)
    stage.wire.advance(seconds)


async def test_a_nonce_that_is_forgotten_while_files_are_fetched_makes_no_second_card(stage: Stage) -> None:
    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        pass_time(stage, 50)
        return web.Response(body=short_mp3())

    task = await stage.completed()
    stage.wire.fault(*POST, when="after", times=1, reset=True)
    await stage.deliver.step()
    pass_time(stage, 110)
    async with serving(slowly) as server:
        there = "UPDATE tracks SET audio_url = ? WHERE task_id = ?"
        await stage.bench.database.write(lambda db: db.execute(there, (server.at("/1.mp3"), task.id)).rowcount)
        await stage.deliver.step()
        assert server.asked
    assert len(stage.cards()) == 1
    assert await stage.row(task) == ("sent", "")


async def test_a_card_that_the_history_does_not_show_is_known_by_its_nonce(stage: Stage) -> None:
    await stage.completed()
    stage.wire.fault(*POST, when="after", times=1, reset=True)
    await stage.deliver.step()
    stage.wire.permit(stage.channel, USUAL & ~Permission.READ_MESSAGE_HISTORY)
    pass_time(stage, 5)
    await stage.deliver.step()
    assert len(stage.wire.sent(*POST)) == 2
    assert len(stage.cards()) == 1


async def test_a_first_try_looks_for_nothing(stage: Stage) -> None:
    await stage.completed()
    await stage.deliver.step()
    assert stage.wire.sent(*HISTORY) == []


@pytest.mark.parametrize("when", ["before the card", "after the card"])
async def test_a_card_is_found_in_a_channel_where_thousands_have_spoken(stage: Stage, when: str) -> None:
    task = await stage.completed()
    if when == "before the card":
        stage.wire.fault(*POST, when="before", times=1, status=503)
        await stage.deliver.step()
        crowd(stage, 2100)
        pass_time(stage, 1800)
    stage.wire.fault(*POST, when="after", times=1, reset=True)
    await stage.deliver.step()
    if when == "after the card":
        crowd(stage, 2100)
    pass_time(stage, 1800)
    await stage.deliver.step()
    assert await stage.row(task) == ("sent", "")
    assert len(stage.cards()) == 1


async def test_a_history_too_long_to_be_looked_through_is_told(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    await stage.completed()
    stage.wire.fault(*POST, when="before", times=1, status=503)
    await stage.deliver.step()
    crowd(stage, 2100)
    pass_time(stage, 1800)
    await stage.deliver.step()
    assert "history is too long" in caplog.text


async def test_a_quiet_channel_is_looked_through_with_one_request(stage: Stage) -> None:
    await stage.completed()
    crowd(stage, 150)
    stage.wire.fault(*POST, when="after", times=1, reset=True)
    await stage.deliver.step()
    pass_time(stage, 600)
    await stage.deliver.step()
    assert len(stage.wire.sent(*HISTORY)) == 1


def crowd(stage: Stage, many: int) -> None:
    for number in range(many):
        stage.wire.say(stage.member, stage.channel, f"hello {number}")
