"""The real bot as a process of its own, started, killed and started again by a test."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.sandbox.musicmint import PretendMusicMint
from tests.parts import API_KEY, SECRET
from tests.whole.forked import ForkedProcess, fork
from tests.wire.server import WireDiscord

#: Long enough for a busy machine; nothing waits this long when all is well.
PATIENCE = 30.0
#: What an operator has Python run; and the same forked, which starts three times as quickly.
RUN, FORKED = ("-m", "bot", "run"), None


class BotProcess:
    """`minstrel run` on the small Discord and the pretend vendor. Its log is kept in a file.

    Without a `vendor`, `changes` say which providers there are.
    """

    #: What Python is told to run, or FORKED.
    command: tuple[str, ...] | None = RUN

    def __init__(self, discord: WireDiscord, vendor: PretendMusicMint | None, folder: Path, **changes: str) -> None:
        self._discord, self._folder = discord, folder
        self.port = free_port()
        self.database = folder / "data" / "minstrel.sqlite3"
        self.log = folder / "minstrel.log"
        self.environ = {
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "LISTEN_PORT": str(self.port),
            "DATA_DIR": str(folder / "data"),
            **(musicmint(vendor) if vendor else {}),
            "DOWNLOAD_ALLOW": "127.0.0.0/8",
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "json",
            **changes,
        }
        #: Whether the process that was started last has been sent SIGKILL.
        self.struck = False
        self._process: asyncio.subprocess.Process | ForkedProcess | None = None

    async def start(self) -> None:
        """Start it, and wait until it is connected to Discord."""
        await self.spawn()
        await self._discord.connected(PATIENCE)

    async def spawn(self) -> asyncio.subprocess.Process | ForkedProcess:
        """Start it."""
        self.struck = False
        environ = clean_environ(self.environ)
        if self.command is FORKED:
            self._process = fork(environ, ROOT, self.log)
            return self._process
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self.command, cwd=ROOT, env=environ, stdout=log, stderr=log
            )
        return self._process

    @property
    def running(self) -> bool:
        """Say whether it has been started and has not ended."""
        return self._process is not None and self._process.returncode is None

    def strike(self) -> None:
        """Send SIGKILL this very moment, and do not wait for the end; nothing if it has ended."""
        assert self._process is not None
        self.struck = True
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)

    async def kill(self) -> None:
        """End it by SIGKILL, at once."""
        assert self._process is not None
        if not self.struck:  # a second signal would look for a dead process, and take its status from who waits for it
            self.strike()
        await self._process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; return its exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        assert self._process is not None
        return self._process.pid

    async def ended(self) -> int:
        """Wait until it ends by itself; return its exit status."""
        assert self._process is not None
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    async def end(self) -> None:
        """End it if it is still there; for the end of a test."""
        if self.running:
            await self.kill()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return what a query finds in the database."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()

    async def remembers(self, query: str) -> None:
        """Wait until a query finds something."""
        await until(lambda: self.rows(query))

    def age(self, seconds: int) -> None:
        """Make the stopped bot's memory older: what it remembers was so many seconds earlier."""
        with contextlib.closing(sqlite3.connect(self.database)) as db, db:
            db.execute(
                "UPDATE tasks SET first_try_at = first_try_at - :ms, created_at = created_at - :ms,"
                " asked_at = asked_at - :ms",
                {"ms": seconds * 1000},
            )


ROOT = Path(__file__).parents[2]


async def until(condition: Callable[[], object]) -> None:
    """Wait until `condition` holds. For what announces nothing, like another process's file; it is looked at often."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


def musicmint(vendor: PretendMusicMint) -> dict[str, str]:
    """Return the settings of the pretend vendor."""
    return {
        "MUSICMINT_BASE_URL": vendor.base_url,
        "MUSICMINT_API_KEY": API_KEY,
        "MUSICMINT_SIGNING_SECRET": SECRET,
    }


def clean_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a bot: nothing of the tester's own settings, only what a process needs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    # The authorities that vouch for strangers take a tenth of the start to read, and nothing here speaks TLS.
    return {**kept, "SSL_CERT_FILE": os.devnull, **environ}


def free_port() -> int:
    """Return a port that was free a moment ago.

    Below those that a system gives out by itself: else another test's connection may take it before the bot does.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
