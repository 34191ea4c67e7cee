"""The flows joined to a real store and the pretend vendor; with Discord where a test asks for the stage."""

import ipaddress
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.client import Client, logged_in
from bot.domain.ports import Limits
from bot.downloads import open_downloads
from bot.flows.deliver import Deliver
from bot.flows.tell import Tell
from bot.media import MediaFiles
from bot.providers.http import HttpProvider, provider_session
from bot.providers.musicmint import MusicMint
from bot.sandbox.musicmint import PretendMusicMint
from bot.store.database import Database
from bot.store.facts import SqliteFacts
from bot.store.tellings import SqliteTellings
from bot.ui.answers import Answers
from bot.ui.poster import DiscordPoster
from tests.flows.bench import PUBLIC_URL, Bench
from tests.flows.stage import Stage
from tests.parts import API_KEY, SECRET, Clock
from tests.wire.conftest import redirected
from tests.wire.server import WireDiscord


@pytest.fixture
def limits() -> Limits:
    """Two at once, five a day, any server."""
    return Limits(2, 5, frozenset())


@pytest.fixture
def public_url() -> str | None:
    """Whether the vendor is given an address to call back to."""
    return PUBLIC_URL


@pytest.fixture
async def bench(
    database: Database, vendor: PretendMusicMint, clock: Clock, limits: Limits, public_url: str | None
) -> AsyncIterator[Bench]:
    async with provider_session() as session:
        wire = MusicMint(API_KEY, [SECRET.encode()], 7)
        provider = HttpProvider(wire, session, vendor.base_url, public_url)
        yield Bench(database, vendor, clock, {"musicmint": provider}, limits)


@pytest.fixture
def dm_fallback() -> bool:
    return True


@pytest.fixture
async def stage(bench: Bench, discord: WireDiscord, tmp_path: Path, dm_fallback: bool) -> AsyncIterator[Stage]:
    guild = discord.add_guild()
    channel, member = discord.add_channel(guild), discord.add_member(guild)
    facts = SqliteFacts(bench.database)
    loopback = [ipaddress.ip_network("127.0.0.0/8")]
    with redirected(discord):
        client = Client(facts.get, facts.put)
        async with open_downloads(tmp_path / "downloads", loopback) as downloads, logged_in(client, discord.token):
            poster = DiscordPoster(client, Answers(bench.clock), {"musicmint": "MusicMint"})
            deliver = Deliver(
                bench.deliveries,
                bench.providers,
                MediaFiles(downloads),
                poster,
                bench.clock,
                dm_fallback=dm_fallback,
                on_end=lambda: None,
            )
            tell = Tell(SqliteTellings(bench.database), poster, bench.clock, bench.submit.health.stays_away)
            yield Stage(bench, discord, channel, member, deliver, tell)
