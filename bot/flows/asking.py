"""Asking a provider for one task, and noting what came of it."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.domain.contract import Answer
from bot.domain.errors import (
    AnswerLost,
    CreditsSpent,
    Failure,
    KeyRefused,
    NoSubscription,
    NotAccepted,
    ProviderError,
)
from bot.domain.ports import Clock, Submissions
from bot.domain.ports_outside import Provider
from bot.domain.task import UNKNOWN_FOR, State, Task
from bot.domain.track import Completed, Update
from bot.flows.elsewhere import Elsewhere
from bot.flows.health import Health
from bot.flows.intake import Intake
from bot.flows.patience import first_ask
from bot.flows.upload import must_upload, upload
from bot.flows.worker import insist

log = logging.getLogger(__name__)

#: How often a task that was surely not accepted is tried: nobody there, and there but busy.
TRIES_AWAY = 3
TRIES_BUSY = 10
LONGEST_WAIT = 300.0
#: How long a task waits at most for a provider that stays away or busy, where nobody else could make it.
WAITS_AT_MOST = timedelta(minutes=20)

#: What a provider refuses whoever asks for whatever: the operator hears of it once.
_REFUSES_ALL = (CreditsSpent, KeyRefused, NoSubscription)


class Asking:
    """From a claimed task to the provider's task id or its result; whatever happens is noted on the row."""

    def __init__(
        self,
        store: Submissions,
        providers: Mapping[str, Provider],
        health: Health,
        elsewhere: Elsewhere,
        intake: Intake,
        clock: Clock,
        on_left: Callable[[Task], None],
    ) -> None:
        self._store, self._providers, self._clock = store, providers, clock
        self.health, self._elsewhere, self._intake = health, elsewhere, intake
        #: Hears of what a provider has begun although the task is gone.
        self._on_left = on_left

    async def ask(self, task: Task) -> None:
        """Ask for a task that was just claimed."""
        try:
            answer = await self._ask(task)
        except NotAccepted as error:
            await self._not_accepted(task, error)
        except AnswerLost as error:
            await self._lost(task, error)
        except ProviderError as error:
            await self._refused(task, error)
        else:
            await self._answered(task, answer)

    def may_ask(self, provider: str) -> bool:
        """Say whether a provider is there, and has not just said that its credits are spent."""
        return provider in self._providers and self.health.refusal(provider) is not Failure.CREDITS

    def may_repeat(self, task: Task) -> bool:
        """Say whether a task that is being asked for can be asked for again: it was not sent, or that is harmless."""
        provider = self._providers.get(task.provider)
        free = provider is not None and provider.contract.answer(task.request.kind) is Answer.FREE_RESULT
        return free or must_upload(task)

    async def _ask(self, task: Task) -> str | Completed | None:
        """Return the provider's task id or its result; None where the task was taken back before it was asked for."""
        provider = self._providers.get(task.provider)
        if provider is None:
            raise KeyRefused("not asked: it is not configured any more")
        if not self.may_ask(task.provider):
            raise CreditsSpent("not asked: its credits were spent a moment ago")
        if must_upload(task) and task.request.source is not None:
            ready = await upload(self._store, provider, task, task.request.source, self._clock())
            return None if ready is None else await self._create(provider, ready)
        return await self._create(provider, task)

    async def _create(self, provider: Provider, task: Task) -> str | Completed:
        try:
            return await provider.submit(task)
        except AnswerLost:
            if provider.contract.answer(task.request.kind) is not Answer.TASK:
                raise  # there is no task that could be found
            if (found := await _find_lost(provider, task)) is None:
                raise
            return found
        except ProviderError:
            raise
        except Exception as error:  # whatever it was, it may have been accepted: never leave the row in limbo
            log.exception("submit failed unexpectedly", extra={"task": task.id})
            raise AnswerLost(type(error).__name__) from error

    async def _answered(self, task: Task, answer: str | Completed | None) -> None:
        self.health.answered(task.provider)
        match answer:
            case str():
                await self._submitted(task, answer)
            case Completed():
                update = Update(task.provider, None, answer, key=task.key)
                await insist(lambda: self._intake.apply(update))

    async def _submitted(self, task: Task, provider_task_id: str) -> None:
        ask_at = self._clock() + first_ask(self._providers[task.provider], task.request.kind)
        bound = await insist(lambda: self._store.submitted(task.id, provider_task_id, ask_at))
        log.info("task submitted", extra={"task": task.id, "provider_task": provider_task_id})
        if not bound and await self._store.get(task.id) is None:  # deleted with all of the member's data meanwhile
            self._on_left(replace(task, provider_task_id=provider_task_id))

    async def _not_accepted(self, task: Task, error: NotAccepted) -> None:
        wait = min(max(error.retry_after or 0.0, 2.0**task.submit_tries), LONGEST_WAIT)
        if error.busy:
            self.health.busy(task.provider, timedelta(seconds=wait))
        still_away = error.busy or self.health.troubled(task.provider)
        await self._wait(task, error, wait)
        await self._elsewhere.hold(task.provider)
        if still_away:
            await self._let_go(task.provider, busy=error.busy)

    async def _wait(self, task: Task, error: NotAccepted, wait: float) -> None:
        if task.submit_tries >= (TRIES_BUSY if error.busy else TRIES_AWAY):
            await self._fail(task, error)
        else:
            until = self._clock() + timedelta(seconds=min(wait * random.uniform(1.0, 1.25), LONGEST_WAIT))
            await insist(lambda: self._store.wait(task.id, until))
            log.warning("provider did not accept, waiting", extra={"task": task.id, "reason": error.detail})

    async def _lost(self, task: Task, error: AnswerLost) -> None:
        # An answer that was minutes in the making says little about how its provider is.
        match self._providers[task.provider].contract.answer(task.request.kind):
            case Answer.FREE_RESULT:
                await self._wait(task, NotAccepted(error.detail), 2.0**task.submit_tries)
            case Answer.RESULT:
                await self._fail(task, error)
            case Answer.TASK:
                await self._unknown(task, error)

    async def _unknown(self, task: Task, error: AnswerLost) -> None:
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


async def _find_lost(provider: Provider, task: Task) -> str | None:
    """Look for the task at the provider; trouble in looking says nothing about the create itself."""
    try:
        return await provider.find_lost(task)
    except ProviderError as error:
        log.warning("looking for a lost create failed", extra={"task": task.id, "reason": error.detail})
        return None
