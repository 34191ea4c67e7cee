"""Taking a member's wish, and asking a provider for it."""

import logging
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.domain.errors import (
    AnswerLost,
    BadOption,
    CreditsSpent,
    KeyRefused,
    NotAccepted,
    NotAllowedHere,
    OutOfCredits,
    ProviderError,
)
from bot.domain.ports import Accepted, Clock, Limits, Provider, Submissions
from bot.domain.task import (
    MAX_LYRICS,
    MAX_PROMPT,
    MAX_STYLE,
    MAX_TITLE,
    UNKNOWN_FOR,
    Origin,
    Request,
    State,
    Task,
    new_key,
    new_task_id,
)
from bot.flows.worker import Worker, insist, lasts

log = logging.getLogger(__name__)

#: How long a committed task waits for its first answer to go out, in case the process does not come back to it.
HOLD = timedelta(seconds=10)
#: How long a provider that has no credits left is not asked again.
NO_CREDITS_FOR = timedelta(minutes=5)
#: How often a task that was surely not accepted is tried: nobody there, and there but busy.
TRIES_AWAY = 3
TRIES_BUSY = 10
LONGEST_WAIT = 300.0

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
    ) -> None:
        self._store, self._providers, self._limits, self._clock = store, providers, limits, clock
        self._on_change = on_change
        self._no_credits_until: dict[str, datetime] = {}
        self.worker = Worker("submit", self.step, store.next_waiting, clock, parallel=8)

    async def accept(self, request: Request, origin: Origin, provider: str, parent_id: str | None = None) -> Accepted:
        """Commit a new task as waiting. It is held back until `answered`. Raises Refusal.

        `parent_id`: the task whose card it was asked for from.
        """
        _check_options(request)
        await self._check_place(origin)
        now = self._clock()
        if self._is_out_of_credits(provider):
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
        limits = self._limits
        accepted = await self._store.accept(
            task, per_day=limits.member_per_day, at_once=limits.member_at_once, hold=HOLD
        )
        log.info("task accepted", extra={"task": task.id, "provider": provider, "ahead": accepted.ahead})
        return accepted

    async def answered(self, task_id: str, notice_id: int | None) -> None:
        """The member has been answered: let the task go. `notice_id` is the queued line's message id."""
        await self._store.answered(task_id, notice_id, self._clock())
        self.worker.wake()

    async def withdraw(self, task_id: str) -> None:
        """The member could not be answered and will try again: forget the task."""
        await self._store.withdraw(task_id)

    async def cancel(self, task_id: str, member_id: int) -> State | None:
        """Cancel the member's task; return the state it was in, or None when it is too late. Raises NotYours."""
        before = await self._store.cancel(task_id, member_id, self._clock())
        self.worker.wake()
        return before

    async def step(self) -> bool:
        """Ask for one waiting task, if there is one that may go."""
        task = await self._store.claim_waiting(self._clock(), self._limits.member_at_once)
        if task is None:
            return False
        try:
            provider_task_id = await self._ask(task)
        except NotAccepted as error:
            await self._not_accepted(task, error)
        except AnswerLost as error:
            await self._lost(task, error)
        except ProviderError as error:
            await self._rejected(task, error)
        else:
            await self._submitted(task, provider_task_id)
        self._on_change()
        return True

    async def _ask(self, task: Task) -> str:
        if self._is_out_of_credits(task.provider):
            raise CreditsSpent("not asked: its credits were spent a moment ago")
        try:
            return await self._providers[task.provider].submit(task)
        except ProviderError:
            raise
        except Exception as error:  # whatever it was, it may have been accepted: never leave the row in limbo
            log.exception("submit failed unexpectedly", extra={"task": task.id})
            raise AnswerLost(type(error).__name__) from error

    async def _submitted(self, task: Task, provider_task_id: str) -> None:
        ask_at = self._clock() + FIRST_ASK[self._providers[task.provider].calls_back]
        await insist(lambda: self._store.submitted(task.id, provider_task_id, ask_at))
        log.info("task submitted", extra={"task": task.id, "provider_task": provider_task_id})

    async def _not_accepted(self, task: Task, error: NotAccepted) -> None:
        tries = TRIES_BUSY if error.busy else TRIES_AWAY
        if task.submit_tries >= tries:
            await self._rejected(task, error)
            return
        wait = max(error.retry_after or 0.0, 2.0**task.submit_tries) * random.uniform(1.0, 1.25)
        until = self._clock() + timedelta(seconds=min(wait, LONGEST_WAIT))
        await insist(lambda: self._store.wait(task.id, until))
        log.warning("provider did not accept, waiting", extra={"task": task.id, "reason": error.detail})

    async def _lost(self, task: Task, error: AnswerLost) -> None:
        now = self._clock()
        calls_back = self._providers[task.provider].calls_back
        # Only a callback can tell; without callbacks nobody ever will.
        ask_at = now + UNKNOWN_FOR if calls_back else now
        await insist(lambda: self._store.lost(task.id, now, ask_at))
        log.warning("answer to a submit was lost", extra={"task": task.id, "reason": error.detail})

    async def _rejected(self, task: Task, error: ProviderError) -> None:
        now = self._clock()
        # Once for all that wait: the first alarm is enough.
        operators = isinstance(error, KeyRefused)
        if isinstance(error, CreditsSpent) and not self._is_out_of_credits(task.provider):
            self._no_credits_until[task.provider] = now + NO_CREDITS_FOR
            operators = True
        await insist(lambda: self._store.fail(task.id, error.failure, error.said, now))
        log.log(
            logging.ERROR if operators else logging.WARNING,
            "provider refused",
            extra={
                "task": task.id,
                "provider": task.provider,
                "failure": error.failure.value,
                "reason": error.detail,
            },
        )

    def _is_out_of_credits(self, provider: str) -> bool:
        """Say whether the provider said a moment ago that nothing is left."""
        return lasts(self._no_credits_until.get(provider), NO_CREDITS_FOR, self._clock())

    async def _check_place(self, origin: Origin) -> None:
        allowed = self._limits.allowed_guilds
        if not allowed or origin.guild_id in allowed:
            return
        # Direct messages are for people of the allowed servers, and that needs no request to know.
        if origin.guild_id is None and await self._store.worked_for(origin.member_id, allowed):
            return
        raise NotAllowedHere


def _says_something(text: str) -> bool:
    """Say whether there is anything to see: neither spaces nor invisible characters alone."""
    return any(sign.isprintable() and not sign.isspace() for sign in text)


def _check_options(request: Request) -> None:
    if not any(map(_says_something, (request.prompt, request.lyrics, request.style))):
        raise BadOption("prompt", MAX_PROMPT, 0)
    for option, text, limit in (
        ("prompt", request.prompt, MAX_PROMPT),
        ("style", request.style, MAX_STYLE),
        ("title", request.title, MAX_TITLE),
        ("lyrics", request.lyrics, MAX_LYRICS),
    ):
        if len(text.strip()) > limit:
            raise BadOption(option, limit, len(text.strip()))
