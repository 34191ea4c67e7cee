"""The gateway waits, drops, is refused or loses a server, and posting goes on."""

import json
import signal
from typing import Any

import pytest

from bot.client import FEWEST_STARTS, LONGEST_HOLD, SHORTEST_HOLD, Client, hold_for, logged_in, seconds_to_hold
from bot.store.database import Database
from bot.store.facts import SqliteFacts
from tests.whole.conftest import POST_MESSAGE, Stage
from tests.whole.process import PATIENCE, until
from tests.wire.conftest import redirected
from tests.wire.server import WireDiscord

GATEWAY_BOT = ("GET", "/gateway/bot")
HELD = "too few starts left at Discord"


def logged(stage: Stage, event: str) -> list[dict[str, Any]]:
    """Return the lines of the log about an event, by how it begins."""
    lines = [json.loads(line) for line in stage.bot.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if str(line["event"]).startswith(event)]


def few_starts(stage: Stage, left: int = FEWEST_STARTS - 1, reset_after: float = 1000) -> None:
    """Have Discord say that so few starts are left, and for how many milliseconds."""
    stage.discord.gateway.start_limit = {
        "total": 1000,
        "remaining": left,
        "reset_after": reset_after,
        "max_concurrency": 1,
    }


async def at_the_vendor(stage: Stage) -> str:
    """Let a member ask, and wait until bot and vendor know of each other's task; return the vendor's id."""
    await stage.generate()
    task_id = await stage.vendor_task()
    await stage.bot.remembers("SELECT 1 FROM tasks WHERE state = 'submitted'")
    return task_id


async def test_with_few_starts_left_the_gateway_waits_and_posting_goes_on(stage: Stage) -> None:
    await stage.bot.start()
    task_id = await at_the_vendor(stage)
    await stage.bot.kill()
    few_starts(stage, reset_after=60_000)
    await stage.bot.spawn()
    await until(lambda: logged(stage, HELD))
    await stage.vendor.finish(task_id)
    await stage.delivered()
    assert stage.discord.gateway.identifies == 1
    assert len(stage.cards()) == 1


async def test_it_asks_again_after_the_time_it_was_told_and_connects_logging_it_once(stage: Stage) -> None:
    few_starts(stage, reset_after=10)
    await stage.bot.spawn()
    await stage.discord.wait_for(lambda: len(stage.discord.sent(*GATEWAY_BOT)) == 2, PATIENCE)
    assert stage.discord.gateway.identifies == 0
    few_starts(stage, FEWEST_STARTS)
    await stage.discord.connected(PATIENCE)
    assert len(logged(stage, HELD)) == 1


async def test_a_session_that_is_lost_while_running_does_not_identify_with_few_starts_left(stage: Stage) -> None:
    await stage.bot.start()
    few_starts(stage, reset_after=10)
    asked = len(stage.discord.sent(*GATEWAY_BOT))
    stage.discord.drop_gateway(resumable=False)
    await stage.discord.wait_for(lambda: len(stage.discord.sent(*GATEWAY_BOT)) >= asked + 3, PATIENCE)
    assert stage.discord.gateway.identifies == 1
    few_starts(stage, 1000)
    await stage.discord.connected(PATIENCE)
    assert "FewStartsLeft" not in stage.bot.log.read_text(), "it is no error"


async def test_a_resume_costs_no_start_and_is_not_asked_for(stage: Stage) -> None:
    await stage.bot.start()
    few_starts(stage, 0, reset_after=60_000)
    asked = len(stage.discord.sent(*GATEWAY_BOT))
    stage.discord.drop_gateway(resumable=True)
    await stage.discord.wait_for(lambda: stage.discord.gateway.resumes == 1, PATIENCE)
    assert len(stage.discord.sent(*GATEWAY_BOT)) == asked


@pytest.mark.parametrize("odd", [None, [], "few", {}, {"remaining": None}, {"remaining": "few"}, {"remaining": 3}])
async def test_a_discord_that_answers_oddly_keeps_nobody_offline(
    discord: WireDiscord, database: Database, odd: Any
) -> None:
    discord.gateway.start_limit = odd
    assert await asked(discord, database) == 0


@pytest.mark.parametrize("answer", [{"status": 404}, {"status": 403, "body": "<html>"}, {"retry_after": 60.0}])
async def test_a_discord_that_does_not_say_keeps_nobody_offline(
    discord: WireDiscord, database: Database, answer: Any
) -> None:
    discord.fault(*GATEWAY_BOT, **answer)
    assert await asked(discord, database) == 0


async def asked(discord: WireDiscord, database: Database) -> float:
    """Return for how long a bot would wait before it identifies."""
    facts = SqliteFacts(database)
    client = Client(facts.get, facts.put)
    with redirected(discord):
        async with logged_in(client, discord.token):
            return await seconds_to_hold(client)


@pytest.mark.parametrize(
    ("remaining", "reset_after", "seconds"),
    [
        (FEWEST_STARTS, 5000, 0.0),
        (FEWEST_STARTS - 1, 5000, 5.0),
        (0, 86_400_000, LONGEST_HOLD),
        (0, -1, SHORTEST_HOLD),
        (-5, float("nan"), SHORTEST_HOLD),
        (0, float("inf"), LONGEST_HOLD),
    ],
)
def test_a_hold_is_neither_a_hammer_nor_for_ever(remaining: int, reset_after: float, seconds: float) -> None:
    assert hold_for({"remaining": remaining, "reset_after": reset_after}) == seconds


async def test_the_gateway_drops_and_stays_away_and_posting_goes_on(stage: Stage) -> None:
    await stage.bot.start()
    task_id = await at_the_vendor(stage)
    stage.discord.refuse_gateway(1_000_000)
    stage.discord.drop_gateway()
    await stage.discord.wait_for(lambda: stage.discord.gateway.refusals < 1_000_000, PATIENCE)
    await stage.vendor.finish(task_id)
    await stage.delivered()
    assert not stage.discord.gateway.live
    assert len(stage.cards()) == 1
    stage.discord.refuse_gateway(0)
    await stage.discord.wait_for(lambda: stage.discord.gateway.live, PATIENCE)


async def test_a_token_that_is_refused_while_running_stops_sending_and_keeps_all_work(stage: Stage) -> None:
    await stage.bot.start()
    task_id = await at_the_vendor(stage)
    good = stage.discord.token
    stage.discord.token = "another"
    await stage.vendor.finish(task_id)
    await until(lambda: logged(stage, "Discord refuses the bot's token"))
    await stage.bot.remembers("SELECT 1 FROM tasks WHERE delivery = 'ready'")
    assert "DISCORD_TOKEN" in logged(stage, "Discord refuses the bot's token")[0]["event"]
    assert len(stage.discord.sent(*POST_MESSAGE)) == 1, "it is not tried again and again"
    assert await stage.bot.stop(signal.SIGTERM) == 0
    stage.discord.token = good
    await stage.bot.start()
    await stage.delivered()
    assert len(stage.cards()) == 1


async def test_a_server_that_is_left_ends_what_waits_and_the_rest_goes_to_the_member(stage: Stage) -> None:
    stage.bot.environ["MEMBER_AT_ONCE"] = "1"
    await stage.bot.start()
    task_id = await at_the_vendor(stage)
    await stage.generate("waits")
    guild = stage.channel.guild
    assert guild is not None
    stage.discord.remove_bot(guild)
    await stage.bot.remembers(f"SELECT 1 FROM left_servers WHERE guild_id = {guild.id}")
    await stage.bot.remembers("SELECT 1 FROM tasks WHERE state = 'failed' AND failure = 'left'")
    await stage.vendor.finish(task_id)
    await stage.card(stage.discord.dm(stage.member))
    assert stage.creates() == 1


async def test_a_server_in_an_outage_is_not_left(stage: Stage) -> None:
    await stage.bot.start()
    await stage.generate()
    guild = stage.channel.guild
    assert guild is not None
    stage.discord.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id), "unavailable": True})
    stage.discord.drop_gateway(resumable=False)
    await stage.discord.connected(PATIENCE)
    await until(lambda: len(logged(stage, "connected to Discord")) == 2)
    other = stage.discord.add_guild("Other")
    stage.discord.remove_bot(other)
    await stage.bot.remembers(f"SELECT 1 FROM left_servers WHERE guild_id = {other.id}")
    assert stage.bot.rows("SELECT guild_id FROM left_servers") == [(other.id,)]


async def test_a_server_left_while_the_bot_was_down_is_found_out_and_a_return_too(stage: Stage) -> None:
    await stage.bot.start()
    await at_the_vendor(stage)
    await stage.bot.kill()
    guild = stage.channel.guild
    assert guild is not None
    stage.discord.remove_bot(guild)
    await stage.bot.start()
    await stage.bot.remembers(f"SELECT 1 FROM left_servers WHERE guild_id = {guild.id}")
    await stage.bot.kill()
    stage.discord.world.guilds[guild.id] = guild
    await stage.bot.start()
    await until(lambda: stage.bot.rows("SELECT 1 FROM left_servers") == [])
