"""The members of a kill world, who ask for tunes, and a moderator, who deletes a card now and then."""

import asyncio
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sandbox.behaviour import Behaviour
from tests.whole.process import BotProcess
from tests.wire.server import WireDiscord
from tests.wire.world import Channel, Guild, Json, Member

#: What a tune is called: every message about it, and the order at the vendor, carry this word.
TUNE = re.compile(r"tune\d{5}")
#: Every card has this button, and nothing else has; its `custom_id` ends with the task's id.
MARK = re.compile(r"\bdetails:([0-9a-z]{12})\b")


@dataclass(eq=False)
class Tune:
    """What a member asked for, and what was seen to happen to it."""

    name: str
    member: Member
    private: bool
    #: Its cards that a moderator deleted, and whether the bot had recorded each by then.
    deleted: list[bool] = field(default_factory=list)
    #: An unrecorded card was deleted, and Discord has forgotten its nonce: nobody can know of it, so it may come again.
    forgotten: bool = False
    #: The bot was killed when its ephemeral card was there and not recorded: it may come once more, directly.
    shown_unrecorded: bool = False


class Members:
    """Six people in two channels, who type as the seeded dice say."""

    def __init__(
        self, discord: WireDiscord, behaviour: Behaviour, bot: BotProcess, dice: random.Random, guild: Guild
    ) -> None:
        self._discord, self._behaviour, self._bot, self._dice = discord, behaviour, bot, dice
        self._channels = [discord.add_channel(guild, name) for name in ("music", "lounge")]
        self._people = [discord.add_member(guild, f"member{number}") for number in range(6)]
        self.tunes: dict[str, Tune] = {}
        #: Ids of the cards whose nonces Discord has forgotten.
        self._old: set[str] = set()

    async def type_some(self, number: int, *, early: bool = False) -> None:
        """Ask for tunes: some at once, some a little later, each at a vendor in another mood."""
        for _ in range(number):
            self._change_mood(early)
            await self._type()
            await asyncio.sleep(self._dice.choice([0.0, 0.0, 0.05, 0.2]))

    async def _type(self) -> None:
        if not (self._discord.gateway.live and self._discord.world.commands):
            return
        member, private = self._dice.choice(self._people), self._dice.random() < 0.12
        tune = Tune(f"tune{len(self.tunes):05d}", member, private)
        self.tunes[tune.name] = tune
        options = {"private": True} if private else {}
        place = self._place(member)
        await self._discord.command(member, place, "generate", prompt=tune.name, title=tune.name, **options)

    def _place(self, member: Member) -> Channel:
        return self._discord.dm(member) if self._dice.random() < 0.1 else self._dice.choice(self._channels)

    def _change_mood(self, early: bool) -> None:
        """Have the vendor quick or slow, silent or repeating itself, and sometimes failing."""
        dice, mood = self._dice, self._behaviour
        mood.seconds = dice.choice([dice.uniform(0.02, 0.2), dice.uniform(0.1, 1.5)])
        mood.early = early or dice.random() < 0.15
        mood.callbacks = 1 if early else dice.choice([0, 1, 1, 1, 2, 4])
        mood.fail_with = "no capacity" if dice.random() < 0.04 else None

    def calm_down(self) -> None:
        """Have the vendor quick and well-behaved, for the end."""
        mood = self._behaviour
        mood.seconds, mood.early, mood.callbacks, mood.fail_with, mood.file_seconds = 0.02, False, 1, None, 0.0

    def moderate(self) -> None:
        """Delete the newest public card in Discord, sometimes."""
        cards = [card for card in cards_in(self._discord) if not card["flags"] & 64]
        if not cards or self._dice.random() > 0.15:
            return
        card = max(cards, key=lambda message: int(message["id"]))
        tune = self.tunes[tune_of(card)]
        tune.deleted.append(self.recorded(card))
        tune.forgotten = tune.forgotten or (not tune.deleted[-1] and card["id"] in self._old)
        self._discord.delete_message(card)

    def forget_deleted(self) -> None:
        """Note which cards nobody can know of any more; asked in a long outage."""
        self._old = {card["id"] for card in cards_in(self._discord)}
        for tune in self.tunes.values():
            tune.forgotten = tune.forgotten or not all(tune.deleted)

    def note_unrecorded(self) -> None:
        """Note which private cards are shown and not recorded; asked when the bot has just been killed."""
        for card in cards_in(self._discord):
            if card["flags"] & 64 and not self.recorded(card):
                self.tunes[tune_of(card)].shown_unrecorded = True

    def recorded(self, card: Json) -> bool:
        """Say whether the bot knows that it has sent this card."""
        mark = MARK.search(str(card["components"]))
        task_id = mark[1] if mark else ""
        return bool(self._bot.rows(f"SELECT 1 FROM tasks WHERE id = '{task_id}' AND delivery = 'sent'"))


def cards_in(discord: WireDiscord) -> Iterator[Json]:
    """Yield all cards in all of Discord: messages with a card's button, or with music."""
    for message in messages_in(discord):
        files = [str(file["filename"]) for file in message["attachments"]]
        if MARK.search(str(message["components"])) or any(name.endswith(".mp3") for name in files):
            yield message


def messages_in(discord: WireDiscord) -> Iterator[Json]:
    """Yield all messages in all of Discord."""
    for channel in list(discord.world.channels.values()):
        yield from discord.messages(channel)


def tune_of(message: Json) -> str:
    """Return the name of the tune that a message is about; empty where there is none."""
    named = TUNE.search(f"{message['content']} {message['embeds']} {message['attachments']}")
    return named[0] if named else ""
