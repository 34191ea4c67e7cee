"""The flows joined to a real store and a pretend AudioPod over HTTP, driven one step at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.domain.ports import Limits, Recorded
from bot.domain.task import Origin, Request, State, Task
from bot.domain.track import Update
from bot.flows.intake import Intake
from bot.flows.reconcile import Reconcile
from bot.flows.rename import Rename
from bot.flows.retry import Retry
from bot.flows.submit import Submit
from bot.flows.vendor_jobs import VendorJobs
from bot.providers.audiopod import AudioPod
from bot.providers.http import HttpProvider, provider_session
from bot.providers.jobs import HttpJobs
from bot.sandbox.audiopod import Behaviour, PretendAudioPod
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.news import SqliteNews
from bot.store.retries import SqliteRetries
from bot.store.submissions import SqliteSubmissions
from bot.store.tellings import SqliteTellings
from bot.store.tracks import SqliteTracks
from tests.parts import ADA, CHANNEL, GUILD, Clock, QuickStudio

KEY = "ap_for_the_tests"


@dataclass
class Pod:
    """A member's side and the vendor's side of one bot."""

    database: Database
    vendor: PretendAudioPod
    provider: HttpProvider
    jobs: HttpJobs
    clock: Clock
    woken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store, self.news = SqliteSubmissions(self.database), SqliteNews(self.database)
        self.deliveries, self.tellings = SqliteDeliveries(self.database), SqliteTellings(self.database)
        self.retries, self.tracks = SqliteRetries(self.database), SqliteTracks(self.database)
        providers, jobs = {"audiopod": self.provider}, {"audiopod": self.jobs}
        self.vendor_jobs = VendorJobs(jobs, self.news.earlier_jobs)
        self.intake = Intake(self.news, self.clock, lambda: None, lambda: None)
        limits, left = Limits(9, 99, frozenset()), self.vendor_jobs.delete
        self.submit = Submit(self.store, providers, limits, self.intake, self.clock, lambda: None, on_left=left)
        self.reconcile = Reconcile(self.news, providers, self.intake, self.clock)
        self.rename = Rename(self.tracks, self.store, self.vendor_jobs)
        self.retry = Retry(self.retries, providers, jobs, self.clock, lambda: self.woken.append("retry"))

    async def asked(self, **wish: object) -> Task:
        """A member asked, and the vendor has it."""
        request = Request("rain on a tin roof", **wish)  # type: ignore[arg-type]
        accepted = await self.submit.accept(request, Origin(ADA, CHANNEL, GUILD))
        await self.submit.answered(accepted.task.id, 42)
        assert await self.submit.step()
        return await self.task(accepted.task)

    async def failed(self) -> Task:
        """A member asked, and the vendor could not make it."""
        task = await self.asked()
        self.vendor.behaviour.fail_with = "model crashed"
        await self.end(task)
        self.vendor.behaviour.fail_with = None
        task = await self.task(task)
        assert task.state is State.FAILED
        return task

    async def made(self, **wish: object) -> Task:
        """A member asked, and the vendor made it; the card is posted."""
        task = await self.asked(**wish)
        await self.end(task)
        claimed = await self.deliveries.claim(self.clock(), self.clock.now - self.clock.now.replace(hour=0))
        assert claimed is not None
        await self.deliveries.sent(task.id, CHANNEL, 4242, self.clock())
        return await self.task(task)

    async def end(self, task: Task) -> None:
        """Let the vendor end the job of a task, and ask for it."""
        await self.vendor.finish((await self.task(task)).provider_task_id or "")
        await self.ask()

    async def ask(self) -> None:
        """Ask for whatever is open."""
        self.clock.advance(minutes=3)
        assert await self.reconcile.step()

    async def news_of(self, provider_task_id: str, outcome: object, digest: bytes | None = None) -> Recorded:
        """Take in what the vendor says about a job."""
        return await self.intake.apply(Update("audiopod", provider_task_id, outcome, digest=digest))  # type: ignore[arg-type]

    async def task(self, task: Task) -> Task:
        """Return how it stands now."""
        found = await self.store.get(task.id)
        assert found is not None
        return found

    async def select(self, query: str) -> list[tuple[object, ...]]:
        """Return what is on disk."""
        return await self.database.read(lambda db: [tuple(row) for row in db.execute(query)])


@asynccontextmanager
async def open_pod(database: Database, clock: Clock, vendor: PretendAudioPod | None = None) -> AsyncIterator[Pod]:
    """Yield the flows over a pretend AudioPod whose jobs end by hand."""
    vendor = vendor or PretendAudioPod(KEY, behaviour=Behaviour(seconds=None), studio=QuickStudio())
    async with vendor, provider_session() as session:
        wire = AudioPod(KEY, (b"whsec_of_the_tests",))
        provider = HttpProvider(wire, session, vendor.base_url, None)
        yield Pod(database, vendor, provider, HttpJobs(provider, wire.jobs), clock)
