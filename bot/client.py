"""The Discord connection: intents, the command tree, its syncing, and staying connected."""

import asyncio
import hashlib
import json
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import StartRefused
from bot.flows.purge import Purge
from bot.ui import lyrics, mentions, personas
from bot.ui.buttons import CancelButton
from bot.ui.card_buttons import CARD_BUTTONS
from bot.ui.elsewhere import ElsewhereButton
from bot.ui.failures import answer_failure
from bot.ui.library import SHELF_ITEMS
from bot.ui.modals import take_up
from bot.ui.more_menu import REWORK, MoreMenu, take_up_rework
from bot.ui.my_data import DeleteMyData
from bot.ui.retrying import RetryChargedButton
from bot.ui.services import Services

log = logging.getLogger(__name__)

COGS = (
    "cogs.generate",
    "cogs.song",
    "cogs.soundfx",
    "cogs.lyrics",
    "cogs.persona",
    "cogs.rework",
    "cogs.takeapart",
    "cogs.card_menu",
    "cogs.queue",
    "cogs.library",
    "cogs.track",
    "cogs.task",
    "cogs.account",
    "cogs.status",
    "cogs.admin",
    "cogs.help",
)
#: Who takes up the modals of other modules than `modals`.
MODALS = {**lyrics.MODALS, **personas.MODALS, REWORK: take_up_rework}
#: Waits between connections that fail, from the first to the longest, in seconds.
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
#: A rate limit longer than this is not waited out in memory: the delivery goes back into the queue.
LONGEST_RATE_LIMIT = 30.0
#: Discord resets the token of a bot that identifies 1,000 times in a day: with fewer starts left the gateway waits.
FEWEST_STARTS = 50
#: While it waits, the number is asked for again after what Discord says, but within these; after a day, which is when
#: Discord counts anew, it waits no more, whatever is answered. In seconds.
SHORTEST_HOLD, LONGEST_HOLD, HOLD_AT_MOST = 1.0, 300.0, 86_400.0
#: How long the asking may take. discord.py gives an identify, in which it may happen, a minute.
ASK_SECONDS = 20.0

_BAD_TOKEN = "Discord refuses the token. Set a good DISCORD_TOKEN (Developer Portal, your application, page Bot)."

Recall = Callable[[str], Awaitable[str | None]]
Remember = Callable[[str, str], Awaitable[None]]


#: The bot never speaks in a voice channel: its missing voice libraries are no news.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class FewStartsLeft(Exception):
    """The library wants to identify, and Discord has too few starts left for it."""


class Tree(app_commands.CommandTree["Client"]):
    """The command tree, with our answers to failures."""

    async def on_error(
        self, interaction: discord.Interaction["Client"], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer a failed command."""
        await answer_failure(interaction, error)


class Client(commands.Bot):
    """The bot's own user. Needs no privileged intent; mentions nobody unless told to."""

    #: Set before the client logs in; see `app.py`.
    services: Services
    #: Who hears of servers that are left or joined; the same.
    servers: Purge

    def __init__(self, recall: Recall, remember: Remember) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,  # there are none; this one needs no message content
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=LONGEST_RATE_LIMIT,
        )
        self._recall, self._remember = recall, remember

    async def setup_hook(self) -> None:
        """Load the cogs and the buttons of every earlier run, and sync the commands if they changed."""
        await self.load_commands()
        self.add_dynamic_items(CancelButton, ElsewhereButton, RetryChargedButton, DeleteMyData)
        self.add_dynamic_items(*CARD_BUTTONS, *lyrics.LYRICS_BUTTONS, *SHELF_ITEMS, MoreMenu)
        await self._sync()

    async def load_commands(self) -> None:
        """Put all commands into the tree; needs no connection."""
        for cog in COGS:
            if cog not in self.extensions:  # a login that failed half-way is tried again
                await self.load_extension(cog)

    async def _sync(self) -> None:
        fingerprint = fingerprint_of(self.tree)
        assert self.application_id is not None
        name = sync_fact(self.application_id)
        if await self._recall(name) == fingerprint:
            return
        synced = await self.tree.sync()
        await self._remember(mentions.fact_name(self.application_id), mentions.written(synced))
        await self._remember(name, fingerprint)
        log.info("commands synced")

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take up every submitted modal here, whether this process opened it or one before it."""
        if interaction.type is discord.InteractionType.modal_submit:
            await take_up(interaction, MODALS)

    async def on_ready(self) -> None:
        """Say so, and tell which servers the bot is in; may happen many times."""
        log.info("connected to Discord", extra={"servers": len(self.guilds)})
        # All of them: those in an outage stand in READY too, and stay in `guilds`.
        await self.servers.present({guild.id for guild in self.guilds})

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was invited."""
        await self.servers.returned(guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was thrown out, or the server deleted; for an outage discord.py has another event."""
        await self.servers.left(guild.id)

    async def on_disconnect(self) -> None:
        """The gateway is gone; may happen many times."""
        self.servers.out_of_sight()

    async def on_resumed(self) -> None:
        """It is back, and all events that were missed have come."""
        self.servers.in_sight()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Called by the library before each identify, never before a resume. Raises FewStartsLeft.

        For the first of a connection `stay_connected` has asked; the later ones discord.py makes by itself. It cannot
        wait here for longer than a minute, so the connection is given up. The socket, which nobody reads from any
        more, is closed by discord.py's own heartbeat within two minutes.
        """
        if not initial and await seconds_to_hold(self):
            raise FewStartsLeft
        await super().before_identify_hook(shard_id, initial=initial)


def fingerprint_of(tree: app_commands.CommandTree["Client"]) -> str:
    """Return a digest of all commands: it changes when there is something to sync."""
    payload = sorted(json.dumps(command.to_dict(tree), sort_keys=True) for command in tree.get_commands())
    return hashlib.sha256("\n".join(payload).encode()).hexdigest()


def sync_fact(application_id: int) -> str:
    """Return the name under which the digest of the synced commands is kept."""
    return f"commands of {application_id}"


def redirect(api_url: str, gateway_url: str) -> None:
    """Point discord.py at another Discord, for the whole process. It has no setting for it."""
    discord.http.Route.BASE = api_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


@asynccontextmanager
async def logged_in(client: Client, token: str) -> AsyncIterator[None]:
    """Log the client in, however long that takes, and close it at the end. Raises StartRefused for a bad token."""

    async def attempt() -> None:
        # A failed login leaves its session behind, and the library would make a second one.
        await client.http.close()
        client.http.connector = discord.utils.MISSING
        await client.login(token)

    async with client:
        with _token_refused():
            await _insist("log in", attempt)
        yield


async def stay_connected(client: Client) -> None:
    """Connect, and stay connected until the client is closed. Raises StartRefused for a bad token."""
    with _token_refused():
        await _insist("connect", lambda: _connect(client))


async def _connect(client: Client) -> None:
    while True:
        await _hold_back(client)
        try:
            return await client.connect()
        except FewStartsLeft:
            continue


async def _hold_back(client: Client) -> None:
    """Wait while Discord has too few starts left. All but the gateway goes on meanwhile: it needs REST only."""
    now = asyncio.get_running_loop().time
    began, held = now(), False
    while now() - began < HOLD_AT_MOST and (wait := await seconds_to_hold(client)):
        if not held:
            log.error(
                "too few starts left at Discord, no commands are heard until it counts anew: has the bot been"
                " restarted over and over?",
                extra={"seconds": wait},
            )
        held = True
        await asyncio.sleep(wait)
    if held:
        log.info("connecting now")


async def seconds_to_hold(client: discord.Client) -> float:
    """Ask Discord whether the bot may identify; return 0 if so, else after how many seconds to ask again."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            _, _, limit = await client.http.get_bot_gateway()
        return hold_for(limit)
    except Exception as error:  # whatever it was: rather one start more than offline for ever
        log.warning("cannot ask how many starts are left, going on", extra={"reason": repr(error)})
        return 0.0


def hold_for(limit: Mapping[str, Any]) -> float:
    """Return for how many seconds a `session_start_limit` means to wait."""
    if int(limit["remaining"]) >= FEWEST_STARTS:
        return 0.0
    return min(max(SHORTEST_HOLD, float(limit["reset_after"]) / 1000), LONGEST_HOLD)


@contextmanager
def _token_refused() -> Iterator[None]:
    try:
        yield
    except discord.ConnectionClosed as error:
        # https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
        if error.code != 4004:
            raise
        raise StartRefused(_BAD_TOKEN) from error
    except discord.LoginFailure as error:
        raise StartRefused(_BAD_TOKEN) from error


async def _insist(what: str, attempt: Callable[[], Awaitable[None]]) -> None:
    """Try until it works, with growing waits."""
    wait = FIRST_WAIT
    while True:
        try:
            return await attempt()
        except discord.LoginFailure:
            raise
        except (OSError, aiohttp.ClientError, discord.HTTPException, discord.GatewayNotFound) as error:
            reason = type(error).__name__
        except AttributeError as error:
            # discord.py reconnects by itself, but when the very first connection fails 2.7.1 stumbles over its own
            # missing socket (client.py, `self.ws.sequence`).
            if "sequence" not in str(error):
                raise
            reason = "no connection"
        log.warning("cannot %s, trying again", what, extra={"reason": reason, "seconds": wait})
        await asyncio.sleep(wait * random.uniform(1.0, 1.25))
        wait = min(wait * 2, LONGEST_WAIT)
