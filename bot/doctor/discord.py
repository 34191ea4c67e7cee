"""Whether Discord accepts the bot, and how its application is set up."""

from collections.abc import Mapping
from typing import Any

from bot.client import Client, fingerprint_of, sync_fact
from bot.doctor.report import Line, fail, note, ok, skipped
from bot.doctor.rest import DiscordRest, NoAnswer, Refused, TokenRefused
from bot.settings import Settings
from bot.ui.permissions import install_link

TOKEN, CLOCK, APPLICATION = "Discord token", "clock", "application"
SERVERS, COMMANDS, LINK = "servers", "commands", "install link"

#: How far our clock may be off Discord's, in seconds: expiry of interactions and live times count on it.
MOST_OFF = 5.0
#: Bits of an application's flags: https://docs.discord.com/developers/resources/application#application-object-application-flags
_PRIVILEGED = {"Presence": 3 << 12, "Server Members": 3 << 14, "Message Content": 3 << 18}

_PORTAL = "in the Developer Portal"


async def look_at_clock(rest: DiscordRest) -> list[Line]:
    """Return how far our clock is off Discord's."""
    try:
        reading = await rest.clock()
    except NoAnswer as error:
        return [skipped(CLOCK, f"Discord's clock cannot be read ({error})")]
    if abs(reading.ahead) <= MOST_OFF + (reading.after - reading.before) / 2:
        return [ok(CLOCK, "it agrees with Discord's")]
    off = f"it is {abs(reading.ahead):.0f} s {'ahead of' if reading.ahead > 0 else 'behind'} Discord's"
    return [fail(CLOCK, off, "Have this machine set its clock by itself (on Linux: timedatectl set-ntp true)")]


async def look_at_token(rest: DiscordRest) -> tuple[list[Line], tuple[dict[str, Any], int] | None]:
    """Return whether the token is good, and the application and the user id it belongs to."""
    try:
        me = await rest.object("/users/@me")
        application = await rest.object("/applications/@me")
        user_id, _ = int(me["id"]), int(application["id"])
    except (NoAnswer, KeyError, ValueError, TypeError) as error:
        return [token_trouble(error)], None
    return [ok(TOKEN, f"it is that of {me.get('username', 'a bot')} ({application['id']})")], (application, user_id)


def token_trouble(error: Exception) -> Line:
    """Return the line for a token that could not be tried, or is no good."""
    if isinstance(error, TokenRefused):
        remedy = f"Reset it {_PORTAL} (your application, page Bot) and set DISCORD_TOKEN"
        return fail(TOKEN, "Discord refuses it", remedy)
    if isinstance(error, Refused):
        remedy = "Try again in some minutes; see https://discordstatus.com"
        return fail(TOKEN, f"Discord is in trouble ({error})", remedy)
    if isinstance(error, NoAnswer):
        remedy = "See that this machine may connect to it; DISCORD_API_URL is set only for tests"
        return fail(TOKEN, f"Discord cannot be asked ({error})", remedy)
    return fail(TOKEN, "what answers is not Discord", "Take DISCORD_API_URL out of the settings")


def look_at_application(application: Mapping[str, Any]) -> list[Line]:
    """Return how the application is set up in the portal."""
    lines = []
    if application.get("interactions_endpoint_url"):
        detail = "its commands go to an Interactions Endpoint URL and never reach the bot"
        lines.append(fail(APPLICATION, detail, f"Empty that field {_PORTAL}, page General Information"))
    if application.get("bot_require_code_grant"):
        detail = "its install link does not work, as it asks for a code grant"
        lines.append(fail(APPLICATION, detail, f"Switch off Requires OAuth2 Code Grant {_PORTAL}, page Bot"))
    flags = application.get("flags") or 0
    if intents := [name for name, bits in _PRIVILEGED.items() if isinstance(flags, int) and flags & bits]:
        detail = f"privileged intents are switched on ({', '.join(intents)}); Minstrel asks for none"
        lines.append(note(APPLICATION, detail, f"They may be switched off {_PORTAL}, page Bot"))
    who = (
        "public: anybody may install it" if application.get("bot_public") else "private: only its owner can install it"
    )
    lines.append(ok(APPLICATION, f"{who}; no privileged intent is asked for"))
    return [*lines, ok(LINK, install_link(int(application["id"])))]


async def look_at_servers(rest: DiscordRest, settings: Settings) -> list[Line]:
    """Return in which servers the bot is."""
    try:
        guilds = {int(guild["id"]) for guild in await rest.array("/users/@me/guilds")}
    except (NoAnswer, KeyError, ValueError, TypeError) as error:
        return [fail(SERVERS, f"Discord does not list them ({error})", "Try again in some minutes")]
    if not guilds:
        return [note(SERVERS, "the bot is in none yet", "Open the install link")]
    if strange := sorted(settings.allowed_guilds - guilds):
        names = ", ".join(map(str, strange))
        return [note(SERVERS, f"ALLOWED_GUILDS names servers the bot is not in: {names}", "Install it there")]
    return [ok(SERVERS, f"the bot is in {len(guilds)}")]


async def look_at_commands(rest: DiscordRest, application_id: int, facts: Mapping[str, str]) -> list[Line]:
    """Compare the commands the bot has with what it synced last, and with what Discord offers."""
    client = Client(_nothing_known, _nothing_kept)
    await client.load_commands()
    kept = facts.get(sync_fact(application_id))
    if kept is None:
        return [note(COMMANDS, "not synced yet", "Start the bot once: it syncs them")]
    if kept != fingerprint_of(client.tree):
        return [fail(COMMANDS, "those synced last are not those of this version", "Restart the bot: it syncs them")]
    try:
        offered = await rest.array(f"/applications/{application_id}/commands")
    except NoAnswer as error:
        return [fail(COMMANDS, f"Discord does not list them ({error})", "Try again in some minutes")]
    return [_compared(_names(command.to_dict(client.tree) for command in client.tree.get_commands()), _names(offered))]


def _compared(ours: set[str], theirs: set[str]) -> Line:
    if ours == theirs:
        return ok(COMMANDS, f"Discord offers all {len(ours)}")
    parts = {"missing": ours - theirs, "strange": theirs - ours}
    detail = "; ".join(f"{what}: {', '.join(sorted(names))}" for what, names in parts.items() if names)
    remedy = (
        "Give every program an application of its own; then, with the bot stopped, run"
        " DELETE FROM facts WHERE name LIKE 'commands of %' on the database, and start the bot"
    )
    return fail(COMMANDS, f"Discord offers others than were synced ({detail})", remedy)


def _names(commands: Any) -> set[str]:
    return {f"{'/' if command.get('type', 1) == 1 else ''}{command.get('name')}" for command in commands}


async def _nothing_known(_name: str) -> str | None:
    return None


async def _nothing_kept(_name: str, _value: str) -> None:
    return None
