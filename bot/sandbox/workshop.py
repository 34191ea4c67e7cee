"""What all pretend vendors have in common behind the door: tasks on a clock, recordings, files, callbacks."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.callbacks import Callback, CallbackSender
from bot.sandbox.files import Files
from bot.sandbox.studio import RecordedOnce, Recording, Studio

log = logging.getLogger(__name__)

DAY = 86400  # seconds


@dataclass
class WorkshopTask:
    """Hold what every task has, and its vendor adds to."""

    id: str
    #: Set when the task has ended, well or badly.
    ended: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    #: Set when its first callback has been tried, or none will ever be.
    told: asyncio.Event = field(default_factory=asyncio.Event, init=False)


T = TypeVar("T", bound=WorkshopTask)


class Workshop(ABC, Generic[T]):
    """Take tasks, make their tracks, keep the files and send the callbacks."""

    def __init__(
        self, behaviour: Behaviour, studio: Studio, now: Callable[[], float], retry_after: Sequence[float]
    ) -> None:
        self.tasks: dict[str, T] = {}
        self.files = Files(behaviour, now)
        self.callbacks = CallbackSender(behaviour, retry_after)
        #: Where the files are served; known when the server is up.
        self.base_url = ""
        self._told = behaviour
        self._recordings = RecordedOnce(studio)
        self._now = now
        self._jobs: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.callbacks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        jobs = tuple(self._jobs)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await self._recordings.close()
        await self.callbacks.__aexit__(kind, error, trace)

    @abstractmethod
    def process(self, task: T) -> None:
        """Move a task that waits on to being worked on."""

    @abstractmethod
    async def _make(self, task: T) -> tuple[list[Recording], str | None]:
        """Make what was ordered, by `_record`."""

    @abstractmethod
    def _close(self, task: T, recordings: list[Recording], error: str | None) -> Iterable[Callback]:
        """Write the end of a task into it; give the callbacks that are now to be sent."""

    def _preview(self, task: T, recordings: list[Recording]) -> None:
        """Show what is made before the task ends, where the vendor does."""

    def add(self, task: T) -> T:
        """Take a task; unless tasks are ended by hand, its clock starts."""
        self.tasks[task.id] = task
        if self._told.seconds is not None:
            self._in_background(self._live(task, self._told.seconds))
        return task

    async def finish(self, task: T) -> None:
        """Make what was ordered and end the task at once."""
        self._end(task, *await self._make(task))

    async def settled(self) -> None:
        """Wait until every task on the clock has ended and every callback is acknowledged or given up."""
        while self._jobs:
            done, _ = await asyncio.wait(self._jobs)
            for job in done:
                job.result()

    async def _live(self, task: T, seconds: float) -> None:
        """Let a task wait, run and end; the making counts towards its time."""
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        await asyncio.sleep(seconds / 4)
        self.process(task)
        made = await self._make(task)
        await asyncio.sleep((end - clock()) / 2)
        self._preview(task, made[0])
        await asyncio.sleep(end - clock())
        self._end(task, *made)

    async def _record(self, words: str, title: str, count: int) -> tuple[list[Recording], str | None]:
        """Give so many recordings on the same words, or none and the error with which the task fails."""
        making = (self._recordings.record(words, title, variation) for variation in range(count))
        return await self._made(title, making)

    async def _made(self, title: str, making: Iterable[Awaitable[Recording]]) -> tuple[list[Recording], str | None]:
        """Give all that is being made, or none and the error with which the task fails."""
        if self._told.fail_with is not None:
            return [], self._told.fail_with
        try:
            return await asyncio.gather(*making), None
        except Exception as error:
            log.exception("The studio could not make %r", title)
            return [], f"generation failed: {error}"

    def _online(self, name: str, data: bytes, expires: float) -> str:
        """Put a file online; return its address."""
        return self.base_url + self.files.keep(name, data, expires)

    def _end(self, task: T, recordings: list[Recording], error: str | None) -> None:
        """End a task that has not ended, and begin to call back."""
        if task.ended.is_set():
            return
        callbacks = tuple(self._close(task, recordings, error))
        task.ended.set()
        self._call_back(task, callbacks)
        if not callbacks:
            task.told.set()

    def _call_back(self, task: T, callbacks: Iterable[Callback]) -> None:
        for callback in callbacks:
            self._in_background(self.callbacks.deliver(callback, task.told))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
