"""Taking a member's wish, and asking a provider for it."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.contract import Contract
from bot.domain.errors import (
    AnswerLost,
    CreditsSpent,
    Failure,
    KeyRefused,
    NoSubscription,
    NotAccepted,
    NotAllowedHere,
    OutOfCredits,
    ProviderError,
)
from bot.domain.ports import Accepted, Busyness, Clock, Limits, Provider, Submissions
from bot.domain.task import UNKNOWN_FOR, Origin, Request, State, Task, new_key, new_task_id
from bot.flows.choosing import able, choose
from bot.flows.elsewhere import Elsewhere
from bot.flows.health import Health, Standing
from bot.flows.worker import OVERDUE_SLEEP, Worker, insist

log = logging.getLogger(__name__)

#: How long a committed task waits for its first answer to go out, in case the process does not come back to it.
HOLD = timedelta(seconds=10)
#: How often a task that was surely not accepted is tried: nobody there, and there but busy.
TRIES_AWAY = 3
TRIES_BUSY = 10
LONGEST_WAIT = 300.0
#: How long a task waits at most for a provider that stays away or busy, where nobody else could make it.
WAITS_AT_MOST = timedelta(minutes=20)

#: What a provider refuses whoever asks for whatever: the operator hears of it once.
_REFUSES_ALL = (CreditsSpent, KeyRefused, NoSubscription)

#: When to ask for a task first: a callback is given three minutes; without callbacks asking is the only way.
FIRST_ASK = {True: timedelta(minutes=3), False: timedelta(seconds=5)}


class Submit:
    """From a member's wish to the provider's task id."""

    def __init__(
        self,
        store: Submissions,
        providers: Mapping[str, Provider],
        limits: Limits,
        clock: Clock,
        on_change: Callable[[], None],
        on_left: Callable[[Task], None] = lambda task: None,
    ) -> None:
        self._store, self._providers, self._limits, self._clock = store, providers, limits, clock
        self._on_change, self._on_left = on_change, on_left
        self.health = Health(clock)
        self._elsewhere = Elsewhere(store, lambda: self.offers, self.health, clock)
        self._claiming = asyncio.Lock()
        self.worker = Worker("submit", self.step, self._next_due, clock, parallel=8)

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
        `parent_id`: the task whose card it was asked for from.
        """
        provider = choose(self.offers, request, wanted).name
        await self._check_place(origin)
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
            parent_id=parent_id,
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
        self.worker.wake()

    async def cancel(self, task_id: str, member_id: int) -> State | None:
        """Cancel the member's task; return the state it was in, or None when it is too late. Raises NotYours."""
        before = await self._store.cancel(task_id, member_id, self._clock())
        self.worker.wake()
        return before

    async def step(self) -> bool:
        """Ask for one waiting task, if there is one that may go."""
        task = await self._claim()
        if task is None:
            return False
        try:
            provider_task_id = await self._ask(task)
        except NotAccepted as error:
            await self._not_accepted(task, error)
        except AnswerLost as error:
            await self._lost(task, error)
        except ProviderError as error:
            await self._refused(task, error)
        else:
            await self._submitted(task, provider_task_id)
        self._on_change()
        return True

    async def _claim(self) -> Task | None:
        """Claim a task whose provider may be asked. One claim at a time, so that no two share a rate's last create."""
        async with self._claiming:
            task = await self._store.claim_waiting(self._clock(), self._limits.member_at_once, self.resting)
            if task is not None and self._may_ask(task.provider):
                self.health.asking(self._providers[task.provider].contract)
            return task

    async def _next_due(self) -> datetime | None:
        """Return when to look again: what is overdue may wait for a provider whose rest ends soon."""
        due, now = await self._store.next_waiting(), self._clock()
        if due is None or due > now:
            return due
        ends = [rest.until for offer in self.offers if (rest := self.health.rest(offer))]
        return min(ends) if ends and min(ends) < now + timedelta(seconds=OVERDUE_SLEEP) else due

    def _may_ask(self, provider: str) -> bool:
        return provider in self._providers and self.health.refusal(provider) is not Failure.CREDITS

    async def _ask(self, task: Task) -> str:
        provider = self._providers.get(task.provider)
        if provider is None:
            raise KeyRefused("not asked: it is not configured any more")
        if not self._may_ask(task.provider):
            raise CreditsSpent("not asked: its credits were spent a moment ago")
        try:
            return await provider.submit(task)
        except AnswerLost:
            if (found := await _find_lost(provider, task)) is None:
                raise
            return found
        except ProviderError:
            raise
        except Exception as error:  # whatever it was, it may have been accepted: never leave the row in limbo
            log.exception("submit failed unexpectedly", extra={"task": task.id})
            raise AnswerLost(type(error).__name__) from error

    async def _submitted(self, task: Task, provider_task_id: str) -> None:
        self.health.answered(task.provider)
        ask_at = self._clock() + FIRST_ASK[self._providers[task.provider].calls_back]
        bound = await insist(lambda: self._store.submitted(task.id, provider_task_id, ask_at))
        log.info("task submitted", extra={"task": task.id, "provider_task": provider_task_id})
        if not bound and await self._store.get(task.id) is None:  # deleted with all of the member's data meanwhile
            self._on_left(replace(task, provider_task_id=provider_task_id))

    async def _not_accepted(self, task: Task, error: NotAccepted) -> None:
        wait = min(max(error.retry_after or 0.0, 2.0**task.submit_tries), LONGEST_WAIT)
        if error.busy:
            self.health.busy(task.provider, timedelta(seconds=wait))
        still_away = error.busy or self.health.troubled(task.provider)
        if task.submit_tries >= (TRIES_BUSY if error.busy else TRIES_AWAY):
            await self._fail(task, error)
        else:
            until = self._clock() + timedelta(seconds=min(wait * random.uniform(1.0, 1.25), LONGEST_WAIT))
            await insist(lambda: self._store.wait(task.id, until))
            log.warning("provider did not accept, waiting", extra={"task": task.id, "reason": error.detail})
        await self._elsewhere.hold(task.provider)
        if still_away:
            await self._let_go(task.provider, busy=error.busy)

    async def _lost(self, task: Task, error: AnswerLost) -> None:
        provider, now = self._providers[task.provider], self._clock()
        still_away = self.health.troubled(task.provider)
        # Where it cannot be looked for, only a callback can tell; without callbacks nobody ever will.
        ask_at = now + UNKNOWN_FOR if provider.calls_back and not provider.contract.finds_lost else now
        await insist(lambda: self._store.lost(task.id, now, ask_at))
        log.warning("answer to a submit was lost", extra={"task": task.id, "reason": error.detail})
        await self._elsewhere.hold(task.provider)
        if still_away:
            await self._let_go(task.provider)

    async def _let_go(self, provider: str, *, busy: bool = False) -> None:
        """A provider stays away: offer elsewhere what waits for it, and let nothing wait for ever.

        One that is only busy will take it in time, so nothing is offered elsewhere for that.
        """
        now = self._clock()
        for task in await self._store.waiting_at(provider, now):
            long = now - task.created_at >= WAITS_AT_MOST
            if long or (not busy and self._elsewhere.others(provider, task.request)):
                await self._fail(task, NotAccepted("not asked: its provider stays away"))

    async def _refused(self, task: Task, error: ProviderError) -> None:
        if not isinstance(error, _REFUSES_ALL):
            self.health.answered(task.provider)
            await self._fail(task, error)
            return
        news = self.health.refused(task.provider, error.failure)
        # Once for all that fail for spent credits: the first alarm is enough.
        await self._fail(task, error, alarm=news or not isinstance(error, CreditsSpent))

    async def _fail(self, task: Task, error: ProviderError, *, alarm: bool = False) -> None:
        now = self._clock()
        # What waits may have been handed over since it was read.
        waiting_at = task.provider if task.state is State.WAITING else ""
        failed = await insist(lambda: self._store.fail(task.id, error.failure, error.said, now, waiting_at))
        if waiting_at and not failed:
            return
        facts = {"provider": task.provider, "failure": error.failure.value, "reason": error.detail}
        level = logging.ERROR if alarm else logging.WARNING
        log.log(level, "provider refused", extra={"task": task.id, **facts})

    def keeps(self, provider: str, request: Request) -> bool:
        """Say whether a provider is still there and could make it."""
        return any(offer.name == provider for offer in able(self.offers, request))

    async def _check_place(self, origin: Origin) -> None:
        allowed = self._limits.allowed_guilds
        if not allowed or origin.guild_id in allowed:
            return
        # Direct messages are for people of the allowed servers, and that needs no request to know.
        if origin.guild_id is None and await self._store.worked_for(origin.member_id, allowed):
            return
        raise NotAllowedHere


async def _find_lost(provider: Provider, task: Task) -> str | None:
    """Look for the task at the provider; trouble in looking says nothing about the create itself."""
    try:
        return await provider.find_lost(task)
    except ProviderError as error:
        log.warning("looking for a lost create failed", extra={"task": task.id, "reason": error.detail})
        return None
