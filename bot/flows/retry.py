"""Having a failed task made again: by the provider for nothing where it does that, on the same row."""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto

from bot.domain.contract import Contract, JobAction
from bot.domain.errors import (
    AnswerLost,
    CreditsSpent,
    KeyRefused,
    NoSubscription,
    NotAccepted,
    NotOffered,
    ProviderError,
    Rejected,
    TaskGone,
)
from bot.domain.ports import Clock
from bot.domain.ports_jobs import Jobs
from bot.domain.ports_outside import Provider
from bot.domain.ports_tracks import Retries
from bot.domain.task import State, Task
from bot.flows.patience import first_ask
from bot.flows.worker import insist

log = logging.getLogger(__name__)


class Retried(Enum):
    """What came of asking for a retry."""

    #: The provider makes it again, without a new charge.
    QUEUED = auto()
    #: Its answer was lost: it may be making it again; in any case nothing new is charged.
    MAYBE = auto()
    #: It does not do that for nothing; whether a new task would be charged is for its contract to say.
    CHARGED = auto()
    #: It cannot be asked at present; nothing was charged.
    LATER = auto()
    #: The task has not failed, or not any more.
    NOT_FAILED = auto()


class Retry:
    """The provider's free retry. A new task that is charged for is only ever asked for by a member's press."""

    def __init__(
        self,
        store: Retries,
        providers: Mapping[str, Provider],
        jobs: Mapping[str, Jobs],
        clock: Clock,
        on_change: Callable[[], None],
    ) -> None:
        self._store, self._providers, self._jobs, self._clock = store, providers, jobs, clock
        self._on_change = on_change
        #: When retries were asked for, as far back as a provider's rate of them reaches. A restart begins anew.
        self._asked: defaultdict[str, list[datetime]] = defaultdict(list)

    async def failed(self, member_id: int) -> Sequence[Task]:
        """Return the member's failed tasks, the newest first."""
        return await self._store.failed(member_id)

    async def retry(self, task: Task) -> Retried:
        """Have the provider make a failed task again, if it does that for nothing.

        The row is with the provider before the request leaves: killed on the way, reconcile asks how it stands.
        """
        if task.state is not State.FAILED:
            return Retried.NOT_FAILED
        provider, theirs = self._providers.get(task.provider), task.provider_task_id
        if provider is None or theirs is None or JobAction.RETRY not in provider.contract.jobs:
            return Retried.CHARGED
        if not self._may_ask(provider.contract):
            return Retried.LATER
        now = self._clock()
        if not await self._store.begin(task.id, now, now + first_ask(provider, task.request.kind)):
            return Retried.NOT_FAILED
        try:
            return await self._ask(task, provider, theirs)
        finally:
            self._on_change()

    def _may_ask(self, contract: Contract) -> bool:
        """Keep to the provider's rate of retries; say whether there is room for one more, which is then counted."""
        if contract.retries is None:
            return True
        now = self._clock()
        # What lies ahead was noted before the clock was set back.
        recent = [at for at in self._asked[contract.name] if now - contract.retries.per < at <= now]
        room = len(recent) < contract.retries.calls
        self._asked[contract.name] = [*recent, now] if room else recent
        return room

    async def _ask(self, task: Task, provider: Provider, theirs: str) -> Retried:
        try:
            await self._bind(task, provider, await self._jobs[task.provider].retry(theirs))
        except (NotAccepted, CreditsSpent, KeyRefused, NoSubscription) as error:
            return await self._give_back(task, error, Retried.LATER)
        except (Rejected, TaskGone, NotOffered) as error:
            return await self._give_back(task, error, Retried.CHARGED)
        except AnswerLost as error:
            log.warning("answer to a retry was lost", extra={"task": task.id, "reason": error.detail})
            # The newest job of this task is the retried one; where none is found, the old one is asked.
            await self._bind(task, provider, await _find(provider, task) or theirs)
            return Retried.MAYBE
        log.info("task retried", extra={"task": task.id, "attempt": task.attempt + 1})
        return Retried.QUEUED

    async def _bind(self, task: Task, provider: Provider, provider_task_id: str) -> None:
        now = self._clock()
        ask_at = now + first_ask(provider, task.request.kind)
        await insist(lambda: self._store.bound(task.id, provider_task_id, now, ask_at))

    async def _give_back(self, task: Task, error: Exception, answer: Retried) -> Retried:
        await insist(lambda: self._store.give_back(task))
        log.warning("retry was not taken", extra={"task": task.id, "reason": str(error)})
        return answer


async def _find(provider: Provider, task: Task) -> str | None:
    try:
        return await provider.find_lost(task)
    except ProviderError as error:
        log.warning("looking for a retried job failed", extra={"task": task.id, "reason": error.detail})
        return None
