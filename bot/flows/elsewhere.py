"""Who else could make a task, and handing one over that still waits."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from bot.domain.contract import Contract
from bot.domain.errors import Failure, OutOfCredits
from bot.domain.ports import Accepted, Clock, Submissions
from bot.domain.task import Request, State, Task
from bot.flows.choosing import able, choose
from bot.flows.health import Health
from bot.flows.worker import insist

log = logging.getLogger(__name__)

#: How long what is handed over waits for its line to say so, in case the process does not come back to it.
HOLD = timedelta(seconds=10)
#: Failures that another provider may not have. What one finds unfit another may take: each judges by its own rules.
#: Not where it may have been charged already.
FOR_ITS_SAKE = {Failure.CREDITS, Failure.KEY, Failure.SUBSCRIPTION, Failure.DOWN, Failure.REJECTED}


class Elsewhere:
    """The other providers. `offers`: what each can do, the preferred one first."""

    def __init__(
        self, store: Submissions, offers: Callable[[], Sequence[Contract]], health: Health, clock: Clock
    ) -> None:
        self._store, self._offers, self._health, self._clock = store, offers, health, clock

    def others(self, provider: str, request: Request) -> list[Contract]:
        """Return who else could make it, and has not just said that it takes nothing from us."""
        if request.persona_id:
            return []  # a name that means something to that one provider only
        return [
            offer
            for offer in able(self._offers(), request)
            if offer.name != provider and self._health.refusal(offer.name) is None
        ]

    def of(self, task: Task) -> Sequence[Contract]:
        """Return who else could make a task that failed for its provider's sake, or that waits for it."""
        if task.state is State.WAITING:
            resting = self._health.resting(self._offers())
            return [offer for offer in self.others(task.provider, task.request) if offer.name not in resting]
        return self.others(task.provider, task.request) if task.failure in FOR_ITS_SAKE else []

    async def hold(self, *providers: str) -> bool:
        """Have the lines of what waits for a provider that rests say so; say whether any does."""
        resting = [provider for provider in providers if self._health.stays_away(provider)]
        for provider in resting:
            await insist(partial(self._store.hold, provider, self._clock()))
        return bool(resting)

    async def move(self, task: Task, wanted: str, at_once: int) -> Accepted | None:
        """Have the wanted one asked for a task that still waits; None where it does not. Raises Refusal.

        The row stays the same, so whatever happens at the same moment only one provider is ever asked for it.
        """
        choose(self._offers(), task.request, wanted)
        if self._health.refusal(wanted) is Failure.CREDITS:
            raise OutOfCredits
        now, away = self._clock(), self._health.stays_away(wanted)
        moved = await self._store.move(task.id, wanted, now, now + HOLD, at_once, away)
        if moved:
            log.info("task handed over", extra={"task": task.id, "provider": wanted})
        return moved
