"""A bot as a process, a Discord and a vendor that composes, for tests that drive all that can be made of a track."""

import asyncio
import io
import time
import wave
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.music import Fit
from bot.sandbox.musicmint import PretendMusicMint
from bot.sandbox.recipes import Song
from bot.sandbox.studio import Recording, recorded
from tests.parts import API_KEY, SECRET, small_jpeg
from tests.whole.process import FORKED, PATIENCE, BotProcess, until
from tests.wire.faults import Recorded
from tests.wire.interactions import Interaction
from tests.wire.server import WireDiscord
from tests.wire.world import USUAL, Channel, Json, Member

#: Seconds that a song lasts here, and what a member hums.
SONG, HUMMED = 3.0, 2.5
#: One member asks for everything at once.
SETTINGS = {"MEMBER_AT_ONCE": "100", "MEMBER_PER_DAY": "1000"}
DAY = 86_400.0
#: What the vendor, who keeps files for a week, makes at this time by its own clock, it keeps for five minutes more.
NEARLY_OVER = 300 - 7 * DAY
MENU, DETAILS = "more", "details"


class ShortStudio:
    """Composes real music, of which the vendor knows how to go on, but only seconds of it."""

    def record(self, words: str, title: str, variation: int) -> Recording:
        return _short_song(words, variation)


@cache
def _short_song(words: str, variation: int) -> Recording:
    return recorded(Song(words, variation, Fit(SONG)), small_jpeg((200, 60, 40 + variation)))


class VendorClock:
    """The vendor's clock, which can be moved away from everybody else's."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Workplace:
    """Everything there is: Discord with a channel and a member, the vendor and its clock, and the bot."""

    discord: WireDiscord
    vendor: PretendMusicMint
    clock: VendorClock
    bot: BotProcess
    channel: Channel
    member: Member

    async def type(self, line: str, /, by: Member | None = None, **options: object) -> Interaction:
        """Have a member type a command, and see the first answer."""
        typed = await self.discord.command(by or self.member, self.channel, line, **options)
        return await typed.answered(PATIENCE)

    async def choose(self, card: Json, entry: str, by: Member | None = None, number: int = 1) -> Interaction:
        """Have a member choose an entry of the menu under a track of a card, and see the first answer."""
        menu = f"{MENU}:{task_on(card)}:{number}"
        return await (await self.discord.choose(by or self.member, card, menu, entry)).answered(PATIENCE)

    async def press(self, message: Json, prefix: str, by: Member | None = None) -> Interaction:
        """Have a member press the button of a message whose meaning begins so, and see the first answer."""
        custom_id = next(one for one in custom_ids(message) if one.split(":")[0] == prefix)
        return await (await self.discord.press(by or self.member, message, custom_id)).answered(PATIENCE)

    async def fill_in(self, opened: Interaction, **values: object) -> Interaction:
        """Have a member fill in the modal that was opened, and see the first answer."""
        return await (await self.discord.submit_modal(opened, **values)).answered(PATIENCE)

    async def expired_sound(self) -> Json:
        """Have a sound made that the vendor has no more: return its card, with its file."""
        self.clock.ahead = NEARLY_OVER
        card = await self.card_of(await self.type("soundfx", description="an old shaker", type="loop"))
        self.clock.ahead = DAY
        return card

    async def card_of(self, asked: Interaction) -> Json:
        """Wait for the card of what was asked for, and return it."""
        return await self.card(task_of(asked))

    async def card(self, task_id: str) -> Json:
        """Wait for a task's card, and return it."""
        cards = await self.discord.wait_for(lambda: self.cards(task_id), PATIENCE)
        return cards[0]

    def cards(self, task_id: str) -> list[Json]:
        """Return a task's cards, in the channel and in the member's direct messages."""
        places = self.channel, self.discord.dm(self.member)
        return [card for place in places for card in self.discord.messages_with(place, f"{DETAILS}:{task_id}")]

    async def quiet(self, count: int) -> None:
        """Wait until so many tasks are delivered, and told about."""
        done = "SELECT count(*) FROM tasks WHERE delivery = 'sent' AND tell_at IS NULL"
        await until(lambda: self.bot.rows(done) == [(count,)])

    async def restart(self) -> None:
        """Kill the bot by SIGKILL, and start it again."""
        await self.bot.kill()
        await self.bot.start()

    def files(self, message: Json) -> dict[str, bytes]:
        """Return the attachments of a message by what their names end with; of several alike, the first."""
        return {suffix_of(one): self.discord.file(one) for one in reversed(message["attachments"])}

    def asked_vendor(self, since: int = 0) -> Counter[str]:
        """Return how often the vendor was asked for what, by the last words of the address."""
        return Counter(request.path.removeprefix("/api/v1/") for request in self.vendor.requests[since:])

    def requests_about(self, asked: Interaction) -> list[Recorded]:
        """Return the requests to Discord about what was asked for: its answers, its card and its queued line."""
        assert asked.original is not None
        task_id = task_of(asked)
        own = (str(asked.id), asked.token, str(asked.original.id))
        marks = (f"{DETAILS}:{task_id}", f"cancel:{task_id}")
        return [
            one
            for one in self.discord.requests
            if set(one.path.split("/")) & set(own) or any(mark in str(one.json) for mark in marks)
        ]


@asynccontextmanager
async def workplace(folder: Path, *, seconds: float | None = 0.05) -> AsyncIterator[Workplace]:
    """Open everything, with the bot started; the vendor's tasks end after so many seconds."""
    clock, behaviour = VendorClock(), Behaviour(seconds=seconds, time_scale=0.001)
    vendor = PretendMusicMint(API_KEY, SECRET, behaviour=behaviour, studio=ShortStudio(), now=clock)
    async with WireDiscord() as discord, vendor:
        guild = discord.add_guild("Guild")
        channel, member = discord.add_channel(guild, "music"), discord.add_member(guild, "ada")
        member.permissions = USUAL
        # The composing goes on in this very process: on a busy machine Discord's three seconds are soon over.
        discord.answer_window = PATIENCE
        bot = BotProcess(discord, vendor, folder, **SETTINGS)
        bot.command = FORKED
        try:
            await bot.start()
            yield Workplace(discord, vendor, clock, bot, channel, member)
        finally:
            await bot.end()
        assert discord.violations == []


def custom_ids(message: Json) -> list[str]:
    """Return the meanings of all buttons and menus of a message."""
    return [str(one["custom_id"]) for row in message.get("components", ()) for one in row["components"]]


def task_on(card: Json) -> str:
    """Return the id of the task that a card shows."""
    return next(one.split(":")[1] for one in custom_ids(card) if one.startswith(DETAILS))


def task_of(asked: Interaction) -> str:
    """Return the id of the task that was accepted, from the first answer."""
    assert asked.response is not None
    found = [one.split(":")[1] for one in custom_ids(asked.response.data) if one.startswith("cancel:")]
    assert found, asked.response.data
    return found[0]


def said(asked: Interaction) -> str:
    """Return what the first answer says to the member alone."""
    assert asked.ephemeral
    assert asked.message is not None
    return str(asked.message["content"])


def suffix_of(attachment: Json) -> str:
    """Return what the name of a file ends with."""
    return str(attachment["filename"]).rpartition(".")[2]


@cache
def hummed(seconds: float = HUMMED) -> bytes:
    """Return a WAV of one tone."""
    tone = (np.sin(2 * np.pi * 220 * np.arange(int(8000 * seconds)) / 8000) * 12_000).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(tone.tobytes())
    return file.getvalue()


async def type_all(place: Workplace, typed: Mapping[str, tuple[str, Json]]) -> dict[str, Interaction]:
    """Have the member type all commands at once; before them those with a file, at which the bot looks in a hurry."""
    asked: dict[str, Interaction] = {}
    for hurried in (True, False):
        lines = {name: one for name, one in typed.items() if hurried == ("audio" in one[1])}
        answers = await asyncio.gather(*(place.type(line, **options) for line, options in lines.values()))
        asked |= dict(zip(lines, answers, strict=True))
    return {name: asked[name] for name in typed}


async def all_cards(place: Workplace, asked: Iterable[Interaction]) -> list[Json]:
    """Wait for the cards of all that was asked for."""
    return await asyncio.gather(*(place.card_of(one) for one in asked))
