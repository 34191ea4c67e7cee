"""Asking providers about tasks that have had no news."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.contract import Answer
from bot.domain.errors import Failure, ProviderError, StoreUnavailable, TaskGone
from bot.domain.ports import Clock, News
from bot.domain.ports_outside import Provider
from bot.domain.task import SUBMITTED_FOR, UNKNOWN_FOR, State, Task
from bot.domain.track import Completed, Outcome, Running, Update, usable
from bot.flows.intake import Intake
from bot.flows.patience import callback_due, next_ask
from bot.flows.worker import Worker

log = logging.getLogger(__name__)

#: How many tasks are asked for at a time, oldest first.
AT_A_TIME = 8
#: When to look again for a provider that is not configured any more.
NOT_CONFIGURED = timedelta(minutes=5)
#: So many asks in a row must fail before the task is given up.
FAILED_ASKS = 3
#: After a hint that a failed task was made after all: how often it is asked for, and how far apart. Two hours in all.
HINT_ASKS, HINT_EVERY = 12, timedelta(minutes=10)


class Reconcile:
    """Keeps every open task from being forgotten."""

    def __init__(self, news: News, providers: Mapping[str, Provider], intake: Intake, clock: Clock) -> None:
        self._news, self._providers, self._intake, self._clock = news, providers, intake, clock
        self.worker = Worker("reconcile", self.step, news.next_ask, clock)

    async def step(self) -> bool:
        """Ask for the tasks that are due; say whether there were any."""
        due = await self._news.due_to_ask(self._clock(), AT_A_TIME)
        await asyncio.gather(*(self._ask_safely(task) for task in due))
        return bool(due)

    async def _ask_safely(self, task: Task) -> None:
        began = self._clock()
        try:
            await self._ask(task, began)
        except StoreUnavailable:
            raise
        except Exception as error:  # one task that always fails must not hold up the others
            log.exception("asking failed unexpectedly", extra={"task": task.id})
            await self._no_answer(task, ProviderError(type(error).__name__), began)

    async def _ask(self, task: Task, began: datetime) -> None:
        if task.provider not in self._providers:
            await self._provider_removed(task, began)
            return
        if task.state is State.FAILED:
            await self._ask_after_all(task, began)
            return
        if task.provider_task_id is None:
            await self._nothing_to_ask_by(task, began)
            return
        if await self._came_late(task):
            return
        try:
            outcome = await self._look_up(task, task.provider_task_id)
        except ProviderError as error:
            await self._no_answer(task, error, began)
            return
        if not isinstance(outcome, Running):
            await self._apply(task, task.provider_task_id, outcome)
        elif self._too_old(task):
            await self._give_up(task, Failure.SILENT, "still running")
        else:
            await self._apply(task, task.provider_task_id, outcome)
            await self._news.asked(task.id, self._next_ask(task), began, failed=False)

    async def _ask_after_all(self, task: Task, began: datetime) -> None:
        """A hint came for a task that has failed: it may have been made after all, and then the member has it."""
        if task.provider_task_id is None:
            await self._news.asked_again(task.id, began)
            return
        if await self._came_late(task):
            return
        try:
            outcome = await self._look_up(task, task.provider_task_id)
        except ProviderError as error:
            await self._no_answer(task, error, began)
            return
        if isinstance(outcome, Running):
            await self._keep_hint(task, began)
        elif isinstance(outcome, Completed) and outcome.tracks:
            await self._apply(task, task.provider_task_id, outcome)
        else:
            await self._news.asked_again(task.id, began)

    async def _keep_hint(self, task: Task, began: datetime) -> None:
        """What a hint spoke of cannot be seen yet: ask again later, but not for ever."""
        if task.failed_asks + 1 < HINT_ASKS:
            await self._news.asked(task.id, self._clock() + HINT_EVERY, began, failed=True)
        else:
            await self._news.asked_again(task.id, began)

    async def _provider_removed(self, task: Task, began: datetime) -> None:
        """Its provider is not configured any more. It may come back, so the task is given its time."""
        if task.state is State.FAILED:
            await self._news.asked_again(task.id, began)
        elif self._too_old(task):
            await self._give_up(task, Failure.SILENT, "its provider is not configured")
        else:
            await self._news.asked(task.id, self._clock() + NOT_CONFIGURED, began, failed=False)

    async def _came_late(self, task: Task) -> bool:
        """Say whether music came of an earlier job of a retried task after all; what else those say is old news."""
        for earlier in await self._news.earlier_jobs(task.id) if task.attempt > 1 else ():
            try:
                outcome = await self._look_up(task, earlier)
            except ProviderError as error:
                log.info("asking for an earlier job failed", extra={"task": task.id, "reason": error.detail})
                continue
            if isinstance(outcome, Completed) and outcome.tracks:
                await self._apply(task, earlier, outcome)
                return True
        return False

    async def _apply(self, task: Task, provider_task_id: str, outcome: Outcome) -> None:
        update = Update(task.provider, provider_task_id, outcome)
        promised = callback_due(self._providers[task.provider], task.request.kind)
        await self._intake.apply(update, callback_missed=promised and not isinstance(outcome, Running))

    async def _look_up(self, task: Task, provider_task_id: str) -> Outcome:
        """Ask how one of the task's jobs stands; of a result, return what can be used."""
        return usable(await self._providers[task.provider].look_up(provider_task_id), task.request.kind)

    async def _nothing_to_ask_by(self, task: Task, began: datetime) -> None:
        """Nobody told us the provider's task id: it is looked for, or a callback brings it; only for so long.

        Where the answer was to be the result, there is no task at the provider that could be found or call back.
        """
        if self._providers[task.provider].contract.answer(task.request.kind) is not Answer.TASK:
            if task.state is State.UNKNOWN:
                await self._give_up(task, Failure.LOST, task.detail)
            else:  # it is being asked for just now
                await self._news.asked(task.id, self._next_ask(task), began, failed=False)
            return
        if await self._found(task):
            return
        provider, deadline = self._providers[task.provider], self._asked_at(task)
        if provider.calls_back or provider.contract.finds_lost:
            deadline += UNKNOWN_FOR
        if self._clock() < deadline:
            again = min(deadline, self._next_ask(task)) if provider.contract.finds_lost else deadline
            await self._news.asked(task.id, again, began, failed=False)
        else:
            await self._give_up(task, Failure.LOST, task.detail)

    async def _found(self, task: Task) -> bool:
        """Look at the provider for a create whose answer was lost; say whether it is there."""
        try:
            provider_task_id = await self._providers[task.provider].find_lost(task)
        except ProviderError as error:
            log.warning("looking for a lost create failed", extra={"task": task.id, "reason": error.detail})
            return False
        if provider_task_id is None:
            return False
        log.info("lost create was found", extra={"task": task.id, "provider_task": provider_task_id})
        if await self._news.found(task.id, provider_task_id, self._clock()):
            self._intake.moved()
        return True

    async def _no_answer(self, task: Task, error: ProviderError, began: datetime) -> None:
        if task.state is State.FAILED:
            log.info("asking for a failed task failed", extra={"task": task.id, "reason": error.detail})
            await self._keep_hint(task, began)
            return
        failed = await self._news.asked(task.id, self._next_ask(task), began, failed=True)
        log.warning("asking failed", extra={"task": task.id, "reason": error.detail, "in_a_row": failed})
        if failed < FAILED_ASKS:
            return
        if isinstance(error, TaskGone):
            await self._give_up(task, Failure.GONE, error.detail)
        elif self._too_old(task):
            await self._give_up(task, Failure.SILENT, error.detail)

    async def _give_up(self, task: Task, failure: Failure, detail: str) -> None:
        if await self._news.fail(task.id, failure, detail, self._clock()):
            log.warning("task given up", extra={"task": task.id, "failure": failure.value})
            self._intake.moved()

    def _too_old(self, task: Task) -> bool:
        return self._clock() - self._asked_at(task) >= SUBMITTED_FOR

    def _next_ask(self, task: Task) -> datetime:
        now = self._clock()
        age = now - self._asked_at(task)
        return now + next_ask(self._providers[task.provider], task.request.kind, age)

    @staticmethod
    def _asked_at(task: Task) -> datetime:
        return task.asked_at or task.created_at
