"""The files of the demo's Discord: whoever is given their address can fetch them, the bot and the vendors."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.app import open_app
from bot.sandbox.demo import furnished
from bot.sandbox.discord_files import ServedFiles, files_served
from bot.sandbox.simulated import SimulatedDiscord
from tests.parts import short_mp3

NAME, DATA = "über 100% #1?.mp3", bytes(range(200))


@pytest.fixture
async def demo() -> AsyncIterator[SimulatedDiscord]:
    """The demo, whose vendors are done at once."""
    async with furnished(open_app, "musicmint", seconds=0.0) as world:
        yield world


async def made(world: SimulatedDiscord, command: str, **options: Any) -> Any:
    """Type a command, and return the card that comes of it."""
    typed = await world.member.slash(world.channel, command, **options)
    assert not typed.ephemeral, typed.response.content
    line = world.message(world.channel.id, typed.response.id)
    await world.until(lambda: line.edited_timestamp is not None)
    return next(one for one in reversed(world.channel.history()) if one.attachments)


def audio_of(world: SimulatedDiscord, card: Any) -> dict[str, Any]:
    attachments: list[dict[str, Any]] = world.message(world.channel.id, card.id).attachments
    return next(one for one in attachments if one["filename"].endswith(".mp3"))


async def test_a_file_is_worked_on_and_so_is_what_comes_of_it_by_its_file_in_discord(demo: SimulatedDiscord) -> None:
    voice = audio_of(demo, await made(demo, "stems", audio=("my humming.mp3", short_mp3(seconds=3.0))))
    async with aiohttp.ClientSession() as session, session.get(voice["url"]) as answer:
        assert await answer.read() == demo.file(voice)
    # The vendor has no name for a voice that it took out, so this is made of the card's own file.
    task_id = voice["filename"].removesuffix(".mp3").rpartition("-")[2]
    remaster = audio_of(demo, await made(demo, "remaster", track=task_id))
    assert remaster["filename"] != voice["filename"]


@pytest.fixture
async def files() -> AsyncIterator[ServedFiles]:
    """Files that are served."""
    async with files_served() as served:
        yield served


@pytest.mark.parametrize(
    ("wanted", "status", "content"),
    [
        (None, 200, DATA),
        ("bytes=0-9", 206, DATA[:10]),
        ("bytes=190-", 206, DATA[190:]),
        ("bytes=150-999", 206, DATA[150:]),
        ("bytes=-5", 206, DATA[-5:]),
        ("bytes=200-", 416, None),
        ("bytes=9-1", 416, None),
    ],
)
async def test_a_file_is_given_whole_or_in_parts(
    files: ServedFiles, wanted: str | None, status: int, content: bytes | None
) -> None:
    made = files.store_attachment(7, 3, NAME, DATA, None)
    async with aiohttp.ClientSession() as session:
        async with session.get(made["url"], headers={"Range": wanted} if wanted else {}) as answer:
            assert answer.status == status
            assert content is None or await answer.read() == content
        async with session.get(made["url"].replace("/7/", "/8/")) as answer:
            assert answer.status == 404
    assert files.get(made["url"]) == DATA
