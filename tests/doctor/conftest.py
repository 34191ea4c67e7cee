"""A bot that is set up rightly, for a test to spoil one thing and have the doctor look at it."""

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app import make_wire
from bot.client import Client, logged_in
from bot.doctor import examine, report
from bot.sandbox.musicmint import PretendMusicMint
from bot.settings import read_settings
from bot.store.database import open_database
from bot.store.facts import SqliteFacts
from tests.whole.process import PATIENCE, ROOT, BotProcess, clean_environ
from tests.wire.conftest import redirected
from tests.wire.server import WireDiscord
from tests.wire.world import Channel


@dataclass
class Patient:
    """Everything the doctor looks at; `bot.environ` holds the settings."""

    discord: WireDiscord
    vendor: PretendMusicMint
    bot: BotProcess
    channel: Channel

    async def examined(self, *arguments: str) -> "Findings":
        """Run `minstrel doctor --json` as a process."""
        status, output = await command(self.bot.environ, "doctor", "--json", *arguments)
        return Findings(status, output)

    async def looked_at(self) -> "Findings":
        """The same in this process, which is quicker by the start of one."""
        settings, written = read_settings(self.bot.environ), io.StringIO()
        lines = await examine(settings, make_wire, self.channel.id)
        report.write(lines, written, as_json=True)
        return Findings(0 if report.all_good(lines) else 1, written.getvalue())


class Findings:
    """The exit status, and the lines by name."""

    def __init__(self, status: int, output: str) -> None:
        self.status, self.output = status, output
        self.report: dict[str, Any] = json.loads(output)
        self.lines: dict[str, dict[str, str]] = {line["name"]: line for line in self.report["checks"]}

    @property
    def failed(self) -> list[str]:
        """The names of the lines that failed."""
        return [line["name"] for line in self.report["checks"] if line["status"] == "fail"]


async def command(environ: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run a command of Minstrel's; return its exit status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=ROOT,
        env=clean_environ(environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE):
        output, complaints = await process.communicate()
    assert b"Traceback" not in complaints
    return process.returncode or 0, (output or complaints).decode()


@pytest.fixture
async def patient(discord: WireDiscord, vendor: PretendMusicMint, tmp_path: Path) -> AsyncIterator[Patient]:
    """A bot that ran before, and is not running now."""
    channel = discord.add_channel(discord.add_guild("Guild"), "music")
    bot = BotProcess(discord, vendor, tmp_path)
    bot.database.parent.mkdir()
    await _sync(discord, bot.database)
    try:
        yield Patient(discord, vendor, bot, channel)
    finally:
        await bot.end()


async def _sync(discord: WireDiscord, path: Path) -> None:
    """Have the real client sync its commands, as the first start does."""
    async with open_database(path) as database:
        facts = SqliteFacts(database)
        with redirected(discord):
            async with logged_in(Client(facts.get, facts.put), discord.token):
                pass
