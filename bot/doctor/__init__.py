"""Checks everything the bot stands on for real, and says for each what to do; `invite` prints the install link."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import aiohttp

from bot.doctor.callbacks import look_at_callbacks
from bot.doctor.channel import look_at_channel
from bot.doctor.discord import (
    APPLICATION,
    look_at_application,
    look_at_clock,
    look_at_commands,
    look_at_servers,
    look_at_token,
    token_trouble,
)
from bot.doctor.local import look_at_database, look_at_disk
from bot.doctor.provider import look_at_jobs, look_at_key
from bot.doctor.report import Line, all_good, cleaned, fail, ok, skipped
from bot.doctor.rest import DiscordRest, NoAnswer, session
from bot.domain.errors import StartRefused
from bot.providers.wire import Wire
from bot.settings import BadSettings, ProviderSettings, Settings
from bot.ui.permissions import install_link

SETTINGS = "settings"

#: `bot.app.make_wire`. It is passed in: the doctor stands beside the app, and knows no vendor by name.
MakesWire = Callable[[ProviderSettings, int], Wire]


def bad_settings(error: BadSettings) -> list[Line]:
    """Return a line for each bad setting."""
    return [fail(name, text, "Mend it in .env; it is explained in .env.example")
            for name, text in error.complaints.items()]  # fmt: skip


async def examine(settings: Settings, make_wire: MakesWire, channel_id: int | None = None) -> list[Line]:
    """Look at everything. Never raises for what it finds; secrets are in no line."""
    (database, facts), disk = await asyncio.gather(
        asyncio.to_thread(look_at_database, settings.database), asyncio.to_thread(look_at_disk, settings)
    )
    async with session() as opened:
        outside = await asyncio.gather(
            _guarded("Discord", lambda: _look_at_discord(settings, opened, facts, channel_id)),
            _guarded("providers", lambda: _look_at_providers(settings, make_wire, opened)),
        )
    lines = [ok(SETTINGS, "all can be read"), *database, *disk, *(line for group in outside for line in group)]
    return cleaned(lines, settings.all_secrets())


async def invite(token: str, api_url: str) -> str:
    """Return the install link of the token's application. Raises StartRefused."""
    async with session() as opened:
        rest = DiscordRest(opened, api_url, token)
        try:
            application = await rest.object("/oauth2/applications/@me")
            return install_link(int(application["id"]))
        except (NoAnswer, KeyError, ValueError, TypeError) as error:
            [line] = cleaned([token_trouble(error)], [token])
            raise StartRefused(f"{line.name}: {line.detail}. {line.remedy}.") from error


async def _guarded(name: str, look: Callable[[], Awaitable[list[Line]]]) -> list[Line]:
    """Look, and turn a fault of our own into a line."""
    try:
        return await look()
    except Exception as error:  # one broken check must not hide what the others found
        return [fail(name, f"the check broke off ({type(error).__name__})", "Report this to Minstrel's makers")]


async def _look_at_discord(
    settings: Settings, opened: aiohttp.ClientSession, facts: dict[str, str], channel_id: int | None
) -> list[Line]:
    rest = DiscordRest(opened, settings.discord_api_url, settings.discord_token)
    clock, (token, found) = await asyncio.gather(look_at_clock(rest), look_at_token(rest))
    if found is None:
        return [*clock, *token, skipped(APPLICATION, "it can be looked at with a good token only")]
    application, user_id = found
    groups: Sequence[list[Line]] = [
        look_at_application(application),
        await look_at_servers(rest, settings),
        await look_at_commands(rest, int(application["id"]), facts),
        await look_at_channel(rest, settings, channel_id, user_id) if channel_id is not None else [],
    ]
    return [*clock, *token, *(line for group in groups for line in group)]


async def _look_at_account(configured: ProviderSettings, wire: Wire, opened: aiohttp.ClientSession) -> list[Line]:
    """Return what the vendor tells of the account; with a bad key nothing else is asked."""
    key = await look_at_key(configured, wire, opened)
    good = all_good(key)
    return [*key, *(await look_at_jobs(configured, wire, opened) if good else [])]


async def _look_at_providers(settings: Settings, make_wire: MakesWire, opened: aiohttp.ClientSession) -> list[Line]:
    """Return a block of lines for each provider that is configured, the preferred one first."""
    wires = [make_wire(one, settings.retention_days) for one in settings.providers]
    paired = zip(settings.providers, wires, strict=True)
    keys = await asyncio.gather(*(_look_at_account(one, wire, opened) for one, wire in paired))
    listener, callbacks = await look_at_callbacks(settings, wires, opened)
    blocks = [[*key, *callbacks[wire.contract.name]] for key, wire in zip(keys, wires, strict=True)]
    return [*listener, *(line for block in blocks for line in block)]
