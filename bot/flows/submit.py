"""Taking a member's wish, and having a provider asked for it when its turn comes."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.domain.contract import Answer, Contract
from bot.domain.errors import Failure, NotAllowedHere, OutOfCredits
from bot.domain.ports import Accepted, Busyness, Clock, Limits, Submissions
from bot.domain.ports_outside import Provider
from bot.domain.task import Kind, Origin, Request, State, Task, new_key, new_task_id
from bot.flows.asking import Asking
from bot.flows.choosing import able, choose, for_provider
from bot.flows.elsewhere import Elsewhere
from bot.flows.health import Health, Standing
from bot.flows.intake import Intake
from bot.flows.worker import OVERDUE_SLEEP, Worker

log = logging.getLogger(__name__)

#: How long a committed task waits for its first answer to go out, in case the process does not come back to it.
HOLD = timedelta(seconds=10)
#: How many are asked for side by side. Each line has a worker of its own: what may take minutes to be answered must
#: hold up neither songs nor what is answered in a second.
PARALLEL: Mapping[Answer, int] = {Answer.TASK: 8, Answer.RESULT: 4, Answer.FREE_RESULT: 4}


class Submit:
    """From a member's wish to the provider's task id."""

    def __init__(
        self,
        store: Submissions,
        providers: Mapping[str, Provider],
        limits: Limits,
        intake: Intake,
        clock: Clock,
        on_change: Callable[[], None],
        on_left: Callable[[Task], None] = lambda task: None,
    ) -> None:
        self._store, self._providers, self._limits, self._clock = store, providers, limits, clock
        self._on_change = on_change
        self.health = Health(clock)
        self._elsewhere = Elsewhere(store, lambda: self.offers, self.health, clock)
        self._asking = Asking(store, providers, self.health, self._elsewhere, intake, clock, on_left)
        self._claiming = asyncio.Lock()
        self.lines = {
            line: Worker(
                f"submit-{line.name.lower()}", partial(self.step, line), partial(self._next_due, line), clock, parallel
            )
            for line, parallel in PARALLEL.items()
        }

    @property
    def workers(self) -> Collection[Worker]:
        """Whoever has something to do when a task waits, or when one has ended and another may begin."""
        return self.lines.values()

    @property
    def offers(self) -> Sequence[Contract]:
        """What the configured providers can do, the preferred one first."""
        return [provider.contract for provider in self._providers.values()]

    @property
    def resting(self) -> frozenset[str]:
        """The names of the providers that are not asked just now."""
        return self.health.resting(self.offers)

    def elsewhere(self, task: Task) -> Sequence[Contract]:
        """Return who else could make a task that failed for its provider's sake, or that waits for it."""
        return self._elsewhere.of(task)

    def may_repeat(self, task: Task) -> bool:
        """Say whether a task that was being asked for when the process ended can be asked for again."""
        return self._asking.may_repeat(task)

    async def standings(self) -> Sequence[Standing]:
        """Return how it stands with each provider, the preferred one first."""
        busyness, health = await self._store.busyness(), self.health
        return [
            Standing(
                one.contract,
                one.calls_back,
                health.rest(one.contract),
                health.refusal(name),
                busyness.get(name, Busyness()),
            )
            for name, one in self._providers.items()
        ]

    async def accept(
        self, request: Request, origin: Origin, wanted: str = "", parent_id: str | None = None
    ) -> Accepted:
        """Commit a new task as waiting. It is held back until `answered`. Raises Refusal.

        `wanted`: the provider the member chose; the first that can make it where they chose none.
        `parent_id`: the task whose card it was asked for from; else that of the track it is made from.
        """
        offer = choose(self.offers, request, wanted)
        provider, request = offer.name, for_provider(offer, request)
        await self.check_place(origin)
        now = self._clock()
        # Where another could make it, it is accepted and fails at once, so that its line can offer that.
        if self.health.refusal(provider) is Failure.CREDITS and not self._elsewhere.others(provider, request):
            raise OutOfCredits
        task = Task(
            id=new_task_id(),
            key=new_key(),
            provider=provider,
            request=request,
            origin=origin,
            state=State.WAITING,
            attempt=1,
            created_at=now,
            parent_id=parent_id or (request.source.task_id or None if request.source else None),
        )
        limits, away = self._limits, self.health.stays_away(provider)
        accepted = await self._store.accept(
            task, per_day=limits.member_per_day, at_once=limits.member_at_once, hold=HOLD, away=away
        )
        log.info("task accepted", extra={"task": task.id, "provider": provider, "ahead": accepted.ahead})
        return accepted

    async def answered(self, task_id: str, notice_id: int | None) -> None:
        """The member has been answered: let the task go. `notice_id` is the queued line's message id."""
        await self._store.answered(task_id, notice_id, self._clock())
        await self._goes_on()

    async def withdraw(self, task_id: str) -> None:
        """The member could not be answered and will try again: forget the task."""
        await self._store.withdraw(task_id)

    async def move(self, task: Task, wanted: str) -> Accepted | None:
        """Have another provider make a task that still waits, held back until `shown`; None if not. Raises Refusal."""
        moved = await self._elsewhere.move(task, wanted, self._limits.member_at_once)
        self._on_change()
        return moved

    async def shown(self, task: Task) -> None:
        """The line of a task that was handed over says so: let it go."""
        await self._store.shown(task.id, task.provider, self._clock())
        await self._goes_on()

    async def _goes_on(self) -> None:
        """A line is out. Its provider may have begun to rest after its words were chosen."""
        if await self._elsewhere.hold(*self._providers):
            self._on_change()
        self._wake()

    async def cancel(self, task_id: str, member_id: int) -> State | None:
        """Cancel the member's task; return the state it was in, or None when it is too late. Raises NotYours."""
        before = await self._store.cancel(task_id, member_id, self._clock())
        self._wake()
        return before

    async def step(self, line: Answer = Answer.TASK) -> bool:
        """Ask for one waiting task of this line, if there is one that may go."""
        task = await self._claim(line)
        if task is None:
            return False
        await self._asking.ask(task)
        self._on_change()
        # If it failed, that makes room for one of the same member's that waits in another line.
        for other, worker in self.lines.items():
            if other is not line:
                worker.wake()
        return True

    def _kinds(self, line: Answer) -> Collection[Kind]:
        """Return what stands in a line; of what providers answer in several ways, the way that takes longest."""

        def of(kind: Kind) -> Answer:
            answers = {offer.answer(kind) for offer in self.offers if kind in offer.makes}
            return next((one for one in (Answer.RESULT, Answer.FREE_RESULT) if one in answers), Answer.TASK)

        return [kind for kind in Kind if of(kind) is line]

    async def _claim(self, line: Answer) -> Task | None:
        """Claim a task whose provider may be asked. One claim at a time, so that no two share a rate's last create."""
        kinds = self._kinds(line)
        if not kinds:
            return None
        async with self._claiming:
            task = await self._store.claim_waiting(self._clock(), self._limits.member_at_once, self.resting, kinds)
            if task is not None and self._asking.may_ask(task.provider):
                # A provider that has rested is tried out by a task, alone; not by what may take minutes.
                self.health.asking(self._providers[task.provider].contract, alone=line is Answer.TASK)
            return task

    async def _next_due(self, line: Answer) -> datetime | None:
        """Return when to look again: what is overdue may wait for a provider whose rest ends soon."""
        due, now = await self._store.next_waiting(self._kinds(line)), self._clock()
        if due is None or due > now:
            return due
        ends = [rest.until for offer in self.offers if (rest := self.health.rest(offer))]
        return min(ends) if ends and min(ends) < now + timedelta(seconds=OVERDUE_SLEEP) else due

    def _wake(self) -> None:
        for worker in self.workers:
            worker.wake()

    def keeps(self, provider: str, request: Request) -> bool:
        """Say whether a provider is still there and could make it."""
        return any(offer.name == provider for offer in able(self.offers, request))

    async def check_place(self, origin: Origin) -> None:
        """Raise NotAllowedHere where nothing is made for whoever asks."""
        allowed = self._limits.allowed_guilds
        if not allowed or origin.guild_id in allowed:
            return
        # Direct messages are for people of the allowed servers, and that needs no request to know.
        if origin.guild_id is None and await self._store.worked_for(origin.member_id, allowed):
            return
        raise NotAllowedHere
