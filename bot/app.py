"""The whole bot put together; read this first."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from bot.callbacks import CallbackListener, listening
from bot.client import Client, logged_in, redirect, stay_connected
from bot.connections import most_connections
from bot.domain.contract import Worth
from bot.domain.errors import StoreLost
from bot.domain.ports import CallbackReader, Clock, Limits, Provider
from bot.domain.ports_jobs import Jobs
from bot.downloads import Downloads, open_downloads
from bot.flows.deliver import Deliver
from bot.flows.intake import Intake
from bot.flows.my_data import MyData
from bot.flows.presets import StylePresets
from bot.flows.purge import Purge
from bot.flows.reconcile import Reconcile
from bot.flows.rename import Rename
from bot.flows.retry import Retry
from bot.flows.submit import Submit
from bot.flows.tell import Tell
from bot.flows.vendor_facts import Models
from bot.flows.vendor_jobs import VendorJobs
from bot.flows.watch import Watch
from bot.flows.worker import Worker
from bot.folders import locked, make_folder
from bot.logs import Seldom
from bot.media import MediaFiles
from bot.providers.audiopod import AudioPod
from bot.providers.http import HttpProvider, provider_session
from bot.providers.jobs import HttpJobs
from bot.providers.left import left_at
from bot.providers.musicapi import MusicApi
from bot.providers.musicmint import MusicMint
from bot.providers.wire import Wire
from bot.settings import ProviderSettings, Settings
from bot.store.board import SqliteQueue
from bot.store.cards import SqliteCards
from bot.store.database import Database, open_database
from bot.store.deliveries import SqliteDeliveries
from bot.store.facts import SqliteFacts
from bot.store.library import SqliteLibrary
from bot.store.members import SqliteMembers
from bot.store.news import SqliteNews
from bot.store.purge import SqlitePurging
from bot.store.retries import SqliteRetries
from bot.store.shelves import SqliteShelves
from bot.store.submissions import SqliteSubmissions, recover
from bot.store.tellings import SqliteTellings
from bot.store.times import SqliteTimes, bring_back
from bot.store.tracks import SqliteTracks
from bot.store.usage import SqliteUsages
from bot.ui.answers import Answers
from bot.ui.cancelling import QueuedLines
from bot.ui.poster import DiscordPoster
from bot.ui.services import Services

log = logging.getLogger(__name__)

#: How long work in hand may take at the end, in seconds: uploads, then submits and commits.
UPLOAD_GRACE, SUBMIT_GRACE = 10.0, 2.0

Loops = Sequence[asyncio.Task[None]]
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
        await _recover(database, clock)
        watch = Watch(SqliteTimes(database), database.look, Seldom(), clock)
        await stack.enter_async_context(_running((watch,), SUBMIT_GRACE))
        parts = _join(settings, database, session, downloads, clock)
        stack.push_async_callback(parts.client.services.vendor_jobs.finish, SUBMIT_GRACE)
        if settings.public_url:
            address = settings.listen_host, settings.listen_port
            await stack.enter_async_context(listening(parts.listener, *address, settings.listen_keepalive))
        asking = await stack.enter_async_context(_running(parts.asking, SUBMIT_GRACE))
        await stack.enter_async_context(attach(parts.client))
        await stack.enter_async_context(_running(parts.posting, UPLOAD_GRACE))
        try:
            yield App(parts.client)
        finally:
            parts.listener.drain()
            for worker in (*parts.asking, *parts.posting):
                worker.stop()
            # Before the client closes: it leaves a timer behind that complains if anything waits after that.
            await _finish(asking, SUBMIT_GRACE)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is run, once everything is joined."""

    client: Client
    listener: CallbackListener
    #: Workers that need the providers only, and workers that need Discord.
    asking: tuple[Worker, ...]
    posting: tuple[Worker, ...]


def _join(
    settings: Settings, database: Database, session: aiohttp.ClientSession, downloads: Downloads, clock: Clock
) -> _Parts:
    """Make every part and join them; nothing runs yet."""
    facts, submissions, news = SqliteFacts(database), SqliteSubmissions(database), SqliteNews(database)
    providers, readers, jobs = _providers(settings, session)
    client, answers, vendor_jobs = Client(facts.get, facts.put), Answers(clock), VendorJobs(jobs)
    poster = DiscordPoster(client, answers, _labels(providers), lambda task: submit.elsewhere(task))
    limits = Limits(settings.member_at_once, settings.member_per_day, settings.allowed_guilds)
    deliveries, files, direct = SqliteDeliveries(database), MediaFiles(downloads), settings.dm_fallback
    deliver = Deliver(deliveries, providers, files, poster, clock, dm_fallback=direct, on_end=lambda: _wake(tell))
    tell = Tell(SqliteTellings(database), poster, clock, lambda provider: submit.health.stays_away(provider))
    submit = Submit(submissions, providers, limits, clock, lambda: _wake(tell, reconcile, purge), vendor_jobs.delete)
    intake = Intake(news, clock, on_news=lambda: _wake(deliver, tell, submit), on_ask=lambda: _wake(reconcile))
    reconcile = Reconcile(news, providers, intake, clock)
    days = settings.prompt_retention_days
    purge = Purge(SqlitePurging(database), clock, prompt_retention_days=days, on_closed=lambda: _wake(tell, submit))
    tracks, queue, members = SqliteTracks(database), SqliteQueue(database), SqliteMembers(database)
    lines, client.servers = QueuedLines(poster, answers), purge
    client.services = Services(
        submit=submit,
        deliver=deliver,
        tasks=submissions,
        cards=SqliteCards(database),
        poster=poster,
        answers=answers,
        clock=clock,
        queue=queue,
        lines=lines,
        members=members,
        library=SqliteLibrary(database),
        shelves=SqliteShelves(database),
        tracks=tracks,
        rename=Rename(tracks, submissions, vendor_jobs),
        retry=Retry(SqliteRetries(database), providers, jobs, clock, on_change=lambda: _wake(tell, reconcile)),
        vendor_jobs=vendor_jobs,
        jobs=jobs,
        presets=StylePresets(jobs, clock),
        models=Models(jobs, clock),
        usages=SqliteUsages(database),
        my_data=MyData(members, queue, submit, lines, poster, vendor_jobs, clock),
        limits=limits,
        prompt_retention_days=days,
        report_channel=settings.report_channel,
        recall=facts.get,
        started_at=clock(),
        last_callback=intake.last_callback,
    )
    listener = CallbackListener(readers, intake, clock, most_connections=most_connections())
    return _Parts(client, listener, (submit.worker, reconcile.worker, purge.worker), (deliver.worker, tell.worker))


def _labels(providers: Mapping[str, Provider]) -> Mapping[str, str]:
    return {name: provider.contract.label for name, provider in providers.items()}


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


def _providers(
    settings: Settings, session: aiohttp.ClientSession
) -> tuple[Mapping[str, Provider], Mapping[str, CallbackReader], Mapping[str, Jobs]]:
    """Return the configured providers, whose callbacks are read, and their jobs, by name; the preferred one first."""
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
    return providers, readers, jobs


def _wake(*flows: Submit | Reconcile | Deliver | Tell | Purge) -> None:
    for flow in flows:
        flow.worker.wake()


async def _recover(database: Database, clock: Clock) -> None:
    now = clock()

    def job(db: sqlite3.Connection) -> int:
        bring_back(db, now)
        return recover(db, now)

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


@asynccontextmanager
async def _running(workers: Sequence[Worker | Watch], grace: float) -> AsyncIterator[Loops]:
    """Run the workers' loops; at the end, let each finish what it is at, for `grace` seconds."""
    loops = [loop for worker in workers for loop in worker.start()]
    try:
        yield loops
    finally:
        for worker in workers:
            worker.stop()
        await _finish(loops, grace)


async def _finish(loops: Loops, grace: float) -> None:
    """Wait for loops that have been told to stop, and cancel what is left after `grace` seconds."""
    task = asyncio.current_task()
    # A second signal may have come while something else was waited for: it hurries all that follows.
    hurried = task is not None and task.cancelling() > 1
    try:
        await asyncio.wait(loops, timeout=0 if hurried else grace)
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
