"""What the benches of deliveries and restarts share: a small Discord, a pretend vendor, the real bot, and its tasks."""

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from PIL import Image

from bot.domain.ports import Recorded
from bot.domain.task import State, Task
from bot.providers.http import callback_address
from bot.providers.musicmint import SIGNATURE_HEADER, MusicMint
from bot.providers.signing import sign_hex
from bot.sandbox.behaviour import Behaviour
from bot.sandbox.musicmint import PretendMusicMint, PretendTask
from bot.sandbox.musicmint_rules import Order
from bot.sandbox.studio import Recording, Studio
from bot.store.database import Database, open_database
from bot.store.news import SqliteNews
from bot.store.rows import move, to_ms
from bot.store.submissions import SqliteSubmissions
from tests.parts import API_KEY, SECRET, make_task, short_mp3
from tests.whole.process import PATIENCE, ROOT, BotProcess, clean_environ
from tests.wire.server import WireDiscord
from tests.wire.world import Channel, Guild, Member

PROVIDER = "musicmint"
POST_MESSAGE = ("POST", "/channels/{channel_id}/messages")
#: Between two tasks of an outage; a thousand are then a good hour old, within what is still asked for.
APART = timedelta(seconds=4)
#: A vendor's cover: pixels a side.
COVER_SIDE = 1024


@dataclass(frozen=True)
class Scene:
    """The whole world of one measurement; the bot is not started yet."""

    discord: WireDiscord
    vendor: PretendMusicMint
    bot: BotProcess
    guild: Guild
    channels: list[Channel]
    member: Member

    @property
    def posted(self) -> int:
        """How many messages there are: cards alone, since nothing left over in the store has a queued line."""
        return sum(len(channel.messages) for channel in self.channels)

    async def start(self) -> int:
        """Start the bot; return its process id once it is connected."""
        process = await self.bot.spawn()
        await self.discord.connected(PATIENCE)
        return process.pid

    def asked(self) -> list[str]:
        """Return the vendor's ids of the tasks that were asked for, in that order."""
        return [request.path.rpartition("/")[2] for request in self.vendor.requests]

    def delivered(self) -> int:
        """Return how many deliveries the bot has recorded."""
        [(count,)] = self.bot.rows("SELECT count(*) FROM tasks WHERE delivery = 'sent'")
        assert isinstance(count, int)
        return count

    def at_vendor(self, number: int, callback_url: str) -> str:
        """Make a task that the vendor works on until it is told to finish; return its id there."""
        order = Order(gpt_description_prompt="rain on a tin roof", title="Tin Roof", callback_url=callback_url)
        task = PretendTask(f"vendor-task-{number}", order, 0, status="processing")
        self.vendor.tasks[task.id] = task
        return task.id


@asynccontextmanager
async def opened(studio: Studio, *, channels: int = 1) -> AsyncIterator[Scene]:
    """Open a scene. The vendor ends tasks and calls back only when it is told to.

    Tasks come from the channels in turns: discord.py posts to one channel, as long as nothing has told it the limit
    there, one message at a time.
    """
    behaviour = Behaviour(seconds=None, callbacks=0)
    with tempfile.TemporaryDirectory(prefix="minstrel-bench-") as folder:
        vendor = PretendMusicMint(API_KEY, SECRET, behaviour=behaviour, studio=studio)
        async with WireDiscord() as discord, vendor:
            guild = discord.add_guild("Guild")
            places = [discord.add_channel(guild, f"music-{number}") for number in range(channels)]
            bot = BotProcess(discord, vendor, Path(folder), LOG_LEVEL="INFO")
            try:
                yield Scene(discord, vendor, bot, guild, places, discord.add_member(guild, "ada"))
            finally:
                await bot.end()


@asynccontextmanager
async def companion(module: str, **environ: str) -> AsyncIterator[int]:
    """Run another program of this folder until the block ends; yield its process id once it says that it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, cwd=ROOT, env=clean_environ(environ), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            said = await process.stdout.readline()
        if said != b"ready\n":
            raise RuntimeError(f"{module} did not start")
        yield process.pid
    finally:
        process.kill()
        await process.wait()


async def leave_open(scene: Scene, count: int) -> list[str]:
    """Fill the stopped bot's store with tasks that the vendor works on; return their ids there, oldest first."""
    scene.bot.database.parent.mkdir(parents=True, exist_ok=True)
    async with open_database(scene.bot.database) as database:
        return [task for _, task in await _submitted(scene, database, count)]


async def leave_completed(scene: Scene, count: int) -> None:
    """Fill the stopped bot's store with tasks whose callbacks were taken in, and nothing of them is posted yet."""
    scene.bot.database.parent.mkdir(parents=True, exist_ok=True)
    async with open_database(scene.bot.database) as database:
        bound = await _submitted(scene, database, count)
        for _, vendor_id in bound:
            await scene.vendor.finish(vendor_id)
        bodies = [(task, scene.vendor.tasks[vendor_id].callback_body()) for task, vendor_id in bound]
        await asyncio.gather(*(_take_in(SqliteNews(database), task, body) for task, body in bodies))


async def _submitted(scene: Scene, database: Database, count: int) -> list[tuple[Task, str]]:
    """Have tasks accepted and bound to the vendor's, by the store's own functions."""
    first = datetime.now(UTC) - APART * count
    who = {"member_id": scene.member.id, "guild_id": scene.guild.id}
    channels = islice(cycle(scene.channels), count)
    tasks = [make_task(now=first + n * APART, channel_id=channel.id, **who) for n, channel in enumerate(channels)]
    store = SqliteSubmissions(database)
    no_hold = {"per_day": count + 1, "at_once": count + 1, "hold": timedelta()}
    await asyncio.gather(*(store.accept(task, **no_hold) for task in tasks))  # type: ignore[arg-type]
    public_url = scene.bot.environ["PUBLIC_URL"]
    bound = [
        (task, scene.at_vendor(number, callback_address(public_url, PROVIDER, task.key)))
        for number, task in enumerate(tasks)
    ]
    await database.write(lambda db: [_claim(db, task) for task in tasks])
    await asyncio.gather(*(store.submitted(task.id, vendor_id, datetime.now(UTC)) for task, vendor_id in bound))
    return bound


def _claim(db: sqlite3.Connection, task: Task) -> None:
    move(db, task.id, State.SUBMITTING, asked_at=to_ms(task.created_at), due_at=None)


async def _take_in(news: SqliteNews, task: Task, body: bytes) -> None:
    """Record a callback as the listener does."""
    secret = SECRET.encode()
    now, headers = datetime.now(UTC), [(SIGNATURE_HEADER, sign_hex(secret, body))]
    update = MusicMint(API_KEY, (secret,), 7).read_callback(headers, body, task.key, now)
    assert await news.record(update, now) is Recorded.NEWS


class SizedStudio:
    """Makes MP3s of `size` bytes, with covers as large as a vendor's."""

    def __init__(self, size: int) -> None:
        self._size = size

    def record(self, words: str, title: str, variation: int) -> Recording:
        """Return one of two recordings, each made once."""
        return _recording(self._size, variation)


@cache
def _recording(size: int, variation: int) -> Recording:
    second = short_mp3(440 + 110 * variation)
    audio = (second * (size // len(second) + 1))[:size]
    return Recording(audio, _cover(variation), size / len(second))


def _cover(variation: int) -> bytes:
    """Return a JPEG of noise on large shapes, which packs about as badly as a painted picture."""
    random = np.random.default_rng(variation)
    shapes = Image.fromarray(random.integers(0, 256, (16, 16, 3), np.uint8)).resize((COVER_SIDE, COVER_SIDE))
    noise = random.normal(0, 6, (COVER_SIDE, COVER_SIDE, 3))
    picture = Image.fromarray(np.clip(np.asarray(shapes) + noise, 0, 255).astype(np.uint8))
    file = BytesIO()
    picture.save(file, "JPEG", quality=75)
    return file.getvalue()
