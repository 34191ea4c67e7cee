"""What providers say about themselves: how their model is, how many jobs they keep, what is left to pay with."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TypeVar

from bot.domain.errors import NotOffered, ProviderError
from bot.domain.ports import Clock
from bot.domain.ports_jobs import JobCounts, Jobs, Left, ModelStatus

log = logging.getLogger(__name__)

T = TypeVar("T")

#: For how long what a provider said of its model is taken to be true, and when one that gave no answer is asked again.
KEPT, AGAIN_AFTER = timedelta(minutes=5), timedelta(minutes=1)
#: How long an answer is waited for, in seconds: while a first answer to a member is due, and after it.
SHORT_PATIENCE, PATIENCE = 1.5, 10.0


class Silence(Enum):
    """Why there is no answer."""

    NOT_OFFERED = auto()
    NOT_ANSWERED = auto()


class Models:
    """How the providers' models are. Memory is enough, since asking again costs nothing."""

    def __init__(self, jobs: Mapping[str, Jobs], clock: Clock, patience: float = SHORT_PATIENCE) -> None:
        self._jobs, self._clock, self._patience = jobs, clock, patience
        self._known: dict[str, tuple[datetime, ModelStatus | Silence]] = {}
        self._asking = asyncio.Lock()

    async def known(self) -> Mapping[str, ModelStatus | Silence]:
        """Return what each says, by its name; who offers no such thing is left out. All are asked at one time."""
        async with self._asking:  # many may type at once: whoever waits here finds the answers
            stale = [name for name in self._jobs if not self._fresh(name)]
            answers = await asyncio.gather(*(told(self._jobs[one].model_status(), self._patience) for one in stale))
            now = self._clock()
            self._known |= {name: (now, answer) for name, answer in zip(stale, answers, strict=True)}
        return {name: said for name, (_, said) in self._known.items() if said is not Silence.NOT_OFFERED}

    def _fresh(self, name: str) -> bool:
        if name not in self._known:
            return False
        told_at, answer = self._known[name]
        kept = AGAIN_AFTER if answer is Silence.NOT_ANSWERED else KEPT
        # One from the future was noted before the clock was set back.
        return timedelta(0) <= self._clock() - told_at < kept


@dataclass(frozen=True, slots=True)
class Account:
    """What a provider says of the whole account, whoever else uses it."""

    counts: JobCounts | Silence
    left: Left | Silence


async def accounts(jobs: Mapping[str, Jobs], patience: float = PATIENCE) -> Mapping[str, Account]:
    """Ask every provider about its account, all at one time."""
    found = await asyncio.gather(*(_account(one, patience) for one in jobs.values()))
    return dict(zip(jobs, found, strict=True))


async def _account(jobs: Jobs, patience: float) -> Account:
    counts, left = await asyncio.gather(told(jobs.counts(), patience), told(jobs.left(), patience))
    return Account(counts, left)


async def told(answer: Awaitable[T], patience: float) -> T | Silence:
    """Wait for an answer, but not for long."""
    try:
        async with asyncio.timeout(patience):
            return await answer
    except NotOffered:
        return Silence.NOT_OFFERED
    except (ProviderError, TimeoutError) as error:
        log.info("provider did not say", extra={"reason": str(error) or type(error).__name__})
        return Silence.NOT_ANSWERED
