"""The whole bot put together; read this first."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from bot.callbacks import listening
from bot.client import Client, logged_in, redirect, stay_connected
from bot.domain.contract import Worth
from bot.domain.errors import StoreLost
from bot.domain.ports import Clock
from bot.domain.task import Task
from bot.downloads import open_downloads
from bot.flows.watch import Watch
from bot.flows.worker import finish, running
from bot.folders import locked, make_folder
from bot.logs import Seldom
from bot.parts import Vendors, join
from bot.providers.audiopod import AudioPod
from bot.providers.http import HttpProvider, provider_session
from bot.providers.jobs import HttpJobs
from bot.providers.left import left_at
from bot.providers.musicapi import MusicApi
from bot.providers.musicmint import MusicMint
from bot.providers.wire import Wire
from bot.settings import ProviderSettings, Settings
from bot.store.database import Database, open_database
from bot.store.moves import recover
from bot.store.times import SqliteTimes, bring_back

log = logging.getLogger(__name__)

#: How long work in hand may take at the end, in seconds: uploads, then submits and commits.
UPLOAD_GRACE, SUBMIT_GRACE = 10.0, 2.0

#: Makes the client's requests work for as long as the block lasts: a login at Discord, or at a simulated one.
Attach = Callable[[Client], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class App:
    """The running bot, for whoever holds it open."""

    client: Client


def utcnow() -> datetime:
    """Return the wall clock's time, aware and in UTC."""
    return datetime.now(UTC)


async def run(settings: Settings) -> None:
    """Run the bot until it is cancelled. Raises StartRefused."""
    redirect(settings.discord_api_url, settings.discord_gateway_url)
    async with open_app(settings, lambda client: logged_in(client, settings.discord_token)) as app:
        await stay_connected(app.client)


@asynccontextmanager
async def open_app(settings: Settings, attach: Attach, clock: Clock = utcnow) -> AsyncIterator[App]:
    """Open everything, join the parts, and close them in reverse. Raises StartRefused.

    Callbacks are taken in and providers are asked from the start; what needs Discord begins when `attach` is through.
    """
    make_folder(settings.data_dir)
    make_folder(settings.database.parent)
    _warn(settings)
    async with AsyncExitStack() as stack:
        # Both: downloads live in the one, tasks in the other, and either may have been set apart.
        stack.enter_context(locked(settings.data_dir / "minstrel"))
        stack.enter_context(locked(settings.database))
        database = await stack.enter_async_context(open_database(settings.database))
        await stack.enter_async_context(_while_kept(database))
        session = await stack.enter_async_context(provider_session())
        downloads = await stack.enter_async_context(
            open_downloads(settings.data_dir / "downloads", settings.download_allow)
        )
        parts = join(settings, database, _vendors(settings, session), downloads, clock)
        await _recover(database, clock, parts.client.services.submit.may_repeat)
        watch = Watch(SqliteTimes(database), database.look, Seldom(), clock)
        await stack.enter_async_context(running((watch,), SUBMIT_GRACE))
        stack.push_async_callback(parts.client.services.vendor_jobs.finish, SUBMIT_GRACE)
        if settings.public_url:
            address = settings.listen_host, settings.listen_port
            await stack.enter_async_context(listening(parts.listener, *address, settings.listen_keepalive))
        asking = await stack.enter_async_context(running(parts.asking, SUBMIT_GRACE))
        await stack.enter_async_context(attach(parts.client))
        await stack.enter_async_context(running(parts.posting, UPLOAD_GRACE))
        try:
            yield App(parts.client)
        finally:
            parts.listener.drain()
            for worker in (*parts.asking, *parts.posting):
                worker.stop()
            # Before the client closes: it leaves a timer behind that complains if anything waits after that.
            await finish(asking, SUBMIT_GRACE)


def _warn(settings: Settings) -> None:
    for remark in settings.remarks:
        log.warning(remark)
    if not settings.allowed_guilds:
        log.warning("ALLOWED_GUILDS is empty: every server this bot is invited to may spend your credits")


def make_wire(provider: ProviderSettings, retention_days: int) -> Wire:
    """Return the dialect of a configured provider: a new vendor is one more line here."""
    vendors: Mapping[str, Callable[[], Wire]] = {
        "musicmint": lambda: MusicMint(provider.api_key, provider.secrets, retention_days),
        "musicapi": lambda: MusicApi(provider.api_key, b"".join(provider.secrets), studio=provider.studio),
        "audiopod": lambda: AudioPod(provider.api_key, provider.secrets),
    }
    return vendors[provider.name]()


def _vendors(settings: Settings, session: aiohttp.ClientSession) -> Vendors:
    """Return what there is of the configured vendors, the preferred one first."""
    wires = [(one.base_url, make_wire(one, settings.retention_days)) for one in settings.providers]
    providers = {
        wire.contract.name: HttpProvider(wire, session, base_url, settings.public_url or None)
        for base_url, wire in wires
    }
    readers = {wire.contract.name: wire for _, wire in wires if wire.contract.callbacks is not Worth.NOTHING}
    jobs = {
        wire.contract.name: HttpJobs(providers[wire.contract.name], getattr(wire, "jobs", None), left_at(wire))
        for _, wire in wires
    }
    return Vendors(providers, readers, jobs)


async def _recover(database: Database, clock: Clock, may_repeat: Callable[[Task], bool]) -> None:
    now = clock()

    def job(db: sqlite3.Connection) -> int:
        bring_back(db, now)
        return recover(db, now, may_repeat)

    cut_off = await database.write(job)
    if cut_off:
        log.warning("submits were cut off by the last stop", extra={"tasks": cut_off})


@asynccontextmanager
async def _while_kept(database: Database) -> AsyncIterator[None]:
    """Cancel the block, so that all closes in order, once the database is lost. Raises StoreLost then."""
    loop = asyncio.get_running_loop()

    def end(_: asyncio.Future[str]) -> None:
        scope.reschedule(loop.time())

    try:
        async with asyncio.timeout(None) as scope:
            database.lost.add_done_callback(end)
            try:
                yield
            finally:
                database.lost.remove_done_callback(end)
    except TimeoutError:
        if not scope.expired():
            raise
        raise StoreLost(database.lost.result()) from None
