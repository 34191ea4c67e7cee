"""The instants at which the bot is killed: at random, or while the other side holds something in its hand."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain

from bot.sandbox.musicmint import PretendMusicMint
from tests.bench.kill_relay import Relay
from tests.whole.process import BotProcess, until
from tests.wire.faults import When
from tests.wire.server import WireDiscord

#: About how long the bot takes to start, in seconds; a kill while starting comes within this.
START_SECONDS = 1.2
POST_MESSAGE = ("POST", "/channels/{channel_id}/messages")
EDIT_MESSAGE = ("PATCH", "/channels/{channel_id}/messages/{message_id}")
FIRST_ANSWER = ("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
OPEN_ROWS = "SELECT 1 FROM tasks WHERE state IN ('waiting', 'submitting', 'submitted') OR deliver_at IS NOT NULL"


@dataclass(frozen=True)
class Scene:
    """Everything there is in one world."""

    discord: WireDiscord
    vendor: PretendMusicMint
    relay: Relay
    bot: BotProcess
    dice: random.Random

    async def connected(self) -> None:
        """Wait until the bot that has just been started is connected, or has ended."""
        await until(lambda: self.discord.gateway.live or not self.bot.running)


#: Waits for the instant; entered before the bot is started, and left when it is dead.
Reached = Callable[[], Awaitable[object]]
Instant = Callable[[Scene], AbstractAsyncContextManager[Reached]]


@asynccontextmanager
async def while_starting(scene: Scene) -> AsyncIterator[Reached]:
    """Any moment from the start of the process until it is connected, or a little after."""
    yield partial(asyncio.sleep, scene.dice.uniform(0, START_SECONDS))


@asynccontextmanager
async def while_working(scene: Scene) -> AsyncIterator[Reached]:
    """Any moment of the time after it has been connected."""
    seconds = scene.dice.uniform(0, 0.8)

    async def reached() -> None:
        await scene.connected()
        await asyncio.sleep(seconds)

    yield reached


@asynccontextmanager
async def while_idle(scene: Scene) -> AsyncIterator[Reached]:
    """When everything it was asked for is done."""

    async def reached() -> None:
        await scene.connected()
        await until(lambda: not scene.bot.rows(OPEN_ROWS))

    yield reached


@asynccontextmanager
async def discord_holds(method: str, route: str, when: When, scene: Scene) -> AsyncIterator[Reached]:
    """Discord has a request, and has done nothing yet (before), or all but answered (after).

    When nobody waits for it any more, what had not been done is done all the same, or never.
    """
    hold = scene.discord.hold(method, route, when=when)
    yield hold.reached
    if when == "before" and scene.dice.random() < 0.5:
        scene.discord.fault(method, route, status=500, times=len(hold.requests))
    hold.release()
    # From here on time may be moved.
    await scene.discord.wait_for(lambda: all(request.status is not None for request in hold.requests))


@asynccontextmanager
async def vendor_holds_create(scene: Scene) -> AsyncIterator[Reached]:
    """The vendor has accepted a task and not said so; the answer never comes."""
    hold = scene.vendor.hold_creates()
    yield hold.reached
    hold.drop()


@asynccontextmanager
async def callback_answered(lost: bool, scene: Scene) -> AsyncIterator[Reached]:
    """The bot has acknowledged a callback; killed as the bytes come out, whether the vendor gets them or not."""
    struck = asyncio.Event()

    def watch(answer: bytes) -> bool:
        if b" 204 " not in answer[:20]:
            return True
        scene.bot.strike()
        struck.set()
        return not lost

    scene.relay.watch = watch
    yield struck.wait
    scene.relay.watch = lambda _answer: True


@asynccontextmanager
async def while_downloading(scene: Scene) -> AsyncIterator[Reached]:
    """The vendor's files are on their way."""
    scene.vendor.behaviour.file_seconds = 0.4
    seconds, before = scene.dice.uniform(0, 0.4), len(scene.vendor.file_requests)

    async def reached() -> None:
        await until(lambda: len(scene.vendor.file_requests) > before)
        await asyncio.sleep(seconds)

    yield reached
    scene.vendor.behaviour.file_seconds = 0.0


EARLY = "early callback acknowledged"
STARTING, IDLE = "while starting", "while idle"
INSTANTS: dict[str, Instant] = {
    STARTING: while_starting,
    IDLE: while_idle,
    "while working": while_working,
    "Discord has a card to make": partial(discord_holds, *POST_MESSAGE, "before"),
    "Discord has made a card": partial(discord_holds, *POST_MESSAGE, "after"),
    "Discord has a first answer to show": partial(discord_holds, *FIRST_ANSWER, "before"),
    "Discord has shown a first answer": partial(discord_holds, *FIRST_ANSWER, "after"),
    "Discord has a line to change": partial(discord_holds, *EDIT_MESSAGE, "before"),
    "Discord has changed a line": partial(discord_holds, *EDIT_MESSAGE, "after"),
    "vendor has accepted a create": vendor_holds_create,
    "callback acknowledged": partial(callback_answered, False),
    EARLY: partial(callback_answered, False),
    "callback's acknowledgement lost": partial(callback_answered, True),
    "downloads in hand": while_downloading,
}
#: How often each comes among so many kills; what is not named comes once.
OFTEN = {
    STARTING: 5,
    IDLE: 2,
    "while working": 5,
    "Discord has made a card": 3,
    "vendor has accepted a create": 2,
    EARLY: 2,
}


def deck(dice: random.Random, number: int) -> list[str]:
    """Return the names of `number` instants in a random order, each kind as often as it should be."""
    one = list(chain.from_iterable([name] * OFTEN.get(name, 1) for name in INSTANTS))
    cards = [name for _ in range(number // len(one) + 1) for name in dice.sample(one, len(one))]
    return cards[:number]
