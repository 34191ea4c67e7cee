"""The flows joined to a real store and the pretend vendor, driven one step at a time."""

import hmac
from dataclasses import dataclass, field

from bot.domain.ports import Limits, Recorded
from bot.domain.ports_outside import Provider
from bot.domain.task import Origin, Request, State, Task
from bot.domain.track import Update
from bot.flows.intake import Intake
from bot.flows.reconcile import Reconcile
from bot.flows.submit import Submit
from bot.providers.musicmint import MusicMint
from bot.sandbox.musicmint import PretendMusicMint
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.news import SqliteNews
from bot.store.submissions import SqliteSubmissions
from tests.parts import ADA, API_KEY, CHANNEL, GUILD, SECRET, Clock

#: Nothing listens there: the tests hand callbacks in by themselves.
PUBLIC_URL = "http://127.0.0.1:9"


@dataclass
class Bench:
    """The flows, with hands to drive them one step at a time."""

    database: Database
    vendor: PretendMusicMint
    clock: Clock
    providers: dict[str, Provider]
    limits: Limits
    woken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = SqliteSubmissions(self.database)
        self.news = SqliteNews(self.database)
        self.deliveries = SqliteDeliveries(self.database)
        self.intake = Intake(self.news, self.clock, lambda: self.woken.append("news"), lambda: self.woken.append("ask"))
        self.submit = Submit(self.store, self.providers, self.limits, self.intake, self.clock, lambda: None)
        self.reconcile = Reconcile(self.news, self.providers, self.intake, self.clock)
        self.wire = MusicMint(API_KEY, [SECRET.encode()], 7)

    async def accept(self, prompt: str = "rain", member: int = ADA, guild: int | None = GUILD, **wish: object) -> Task:
        """A member asks, and is answered."""
        origin = Origin(member, CHANNEL, guild)
        accepted = await self.submit.accept(Request(prompt, **wish), origin)  # type: ignore[arg-type]
        await self.submit.answered(accepted.task.id, 42)
        return accepted.task

    async def submitted(self, prompt: str = "rain") -> tuple[Task, str]:
        """A member asks, and the vendor has it; return the task and the vendor's id."""
        task = await self.accept(prompt)
        assert await self.submit.step()
        provider_task_id = (await self.task(task.id)).provider_task_id
        assert provider_task_id is not None
        return task, provider_task_id

    async def task(self, task_id: str) -> Task:
        found = await self.store.get(task_id)
        assert found is not None
        return found

    async def state(self, task: Task) -> State:
        return (await self.task(task.id)).state

    async def finish(self, provider_task_id: str) -> None:
        """End the task at the vendor. Its own callback goes nowhere."""
        self.vendor.behaviour.callbacks = 0
        await self.vendor.finish(provider_task_id)

    def callback(self, key: str, provider_task_id: str) -> Update:
        """Return what the vendor would call back with, read from its real bytes and signature."""
        body = self.vendor.tasks[provider_task_id].callback_body()
        signature = hmac.digest(SECRET.encode(), body, "sha256").hex()
        return self.wire.read_callback([("x-signature", signature)], body, key, self.clock())

    async def call_back(self, key: str, provider_task_id: str) -> Recorded:
        return await self.intake.apply(self.callback(key, provider_task_id))
