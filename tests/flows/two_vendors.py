"""A second pretend vendor beside the first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.domain.ports import Accepted
from bot.domain.task import Origin, Request, State, Task
from bot.providers.audiopod import AudioPod
from bot.providers.http import HttpProvider, provider_session
from bot.sandbox.audiopod import PretendAudioPod
from bot.sandbox.behaviour import Behaviour
from tests.flows.bench import PUBLIC_URL, Bench
from tests.parts import ADA, CHANNEL, GUILD, SECRET, QuickStudio
from tests.providers.audiopod_samples import POD_KEY


@dataclass
class Two:
    """The bench with both: `bench.vendor` is the preferred one."""

    bench: Bench
    pod: PretendAudioPod
    members: int = 7000

    async def accepted(self, wanted: str = "", parent_id: str | None = None, member: int = ADA) -> Accepted:
        """A member asks one of them."""
        origin = Origin(member, CHANNEL, GUILD)
        accepted = await self.bench.submit.accept(Request("rain"), origin, wanted, parent_id)
        await self.bench.submit.answered(accepted.task.id, 42)
        return accepted

    async def ask(self, wanted: str = "musicmint") -> Task:
        """Somebody new asks one of them, so that no member's own limit is in the way."""
        self.members += 1
        return (await self.accepted(wanted, member=self.members)).task

    async def steps(self) -> None:
        """Do all there is to do now."""
        while await self.bench.submit.step():
            pass

    async def states(self, *tasks: Task) -> list[State]:
        return [await self.bench.state(task) for task in tasks]

    @property
    def asked(self) -> int:
        """How many requests the preferred one has had."""
        return len(self.bench.vendor.requests)


@asynccontextmanager
async def second_vendor(bench: Bench) -> AsyncIterator[Two]:
    """Open the second one and let the bench know it."""
    behaviour = Behaviour(seconds=None, time_scale=0.001)
    async with (
        PretendAudioPod(POD_KEY, SECRET, behaviour=behaviour, studio=QuickStudio()) as pod,
        provider_session() as session,
    ):
        wire = AudioPod(POD_KEY, [SECRET.encode()])
        bench.providers["audiopod"] = HttpProvider(wire, session, pod.base_url, PUBLIC_URL)
        yield Two(bench, pod)
