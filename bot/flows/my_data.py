"""A member's data: given out as a file, and deleted."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.domain.ports import Clock
from bot.domain.ports_members import Forgotten, Lines, Members, Messages, Queue, VendorJob
from bot.domain.task import State
from bot.flows.submit import Submit
from bot.flows.vendor_jobs import VendorJobs

log = logging.getLogger(__name__)

#: How long messages and jobs are deleted at most, in seconds: the answer has to come while its interaction lives.
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a deletion did. `charged`: how many of the `stopped` tasks the provider may charge for."""

    kept: Forgotten
    stopped: int
    charged: int
    #: Messages that were to go, and those that are gone.
    messages: int
    gone: int
    #: The same for what providers made and can delete.
    jobs: int = 0
    jobs_gone: int = 0


class MyData:
    """Export and deletion."""

    def __init__(
        self,
        members: Members,
        queue: Queue,
        submit: Submit,
        lines: Lines,
        messages: Messages,
        vendor_jobs: VendorJobs,
        clock: Clock,
        patience: float = PATIENCE,
    ) -> None:
        self._members, self._queue, self._submit = members, queue, submit
        self._lines, self._messages, self._vendor_jobs = lines, messages, vendor_jobs
        self._clock, self._patience = clock, patience

    async def export(self, member_id: int) -> bytes:
        """Return everything that is kept about the member as a JSON file."""
        kept = await self._members.export(member_id)
        whole = {"exported_at": self._clock().isoformat(timespec="seconds"), **kept}
        return await asyncio.to_thread(lambda: json.dumps(whole, ensure_ascii=False, indent=2).encode())

    async def open_tasks(self, member_id: int) -> int:
        """Return how many tasks a deletion would have to stop."""
        return len(await self._queue.cancellable(member_id))

    async def delete(self, member_id: int, *, cards: bool) -> Deleted:
        """Stop what is in the works, delete the messages and what providers made if `cards`, and then the rows.

        The rows go last: if the bot is killed on the way, they still say what there is to do when the member asks
        again. What the member asks for after this moment is kept.
        """
        now = self._clock()
        stopped = await self._stop(member_id)
        messages = await self._members.messages(member_id, now) if cards else ()
        jobs = await self._deletable(member_id, now) if cards else ()
        gone, jobs_gone = await asyncio.gather(
            self._each([partial(self._messages.remove, one.channel_id, one.message_id) for one in messages]),
            self._each([partial(self._vendor_jobs.delete_now, one) for one in jobs]),
        )
        # What was being asked for may have been given its job meanwhile.
        late = [job for job in await self._deletable(member_id, now) if job not in jobs] if cards else []
        jobs_gone += await self._each([partial(self._vendor_jobs.delete_now, one) for one in late])
        kept = await self._members.forget(member_id, now)
        charged = sum(before is not State.WAITING for before in stopped)
        numbers = {"messages": len(messages), "gone": gone, "jobs": len(jobs) + len(late), "jobs_gone": jobs_gone}
        log.info("member's data deleted", extra={"tasks": kept.tasks, **numbers})
        return Deleted(kept, len(stopped), charged, **numbers)

    async def _deletable(self, member_id: int, now: datetime) -> Sequence[VendorJob]:
        made = await self._members.vendor_jobs(member_id, now)
        return [job for job in made if self._vendor_jobs.can_delete(job)]

    async def _stop(self, member_id: int) -> list[State]:
        stopped = []
        for task in await self._queue.cancellable(member_id):
            before = await self._submit.cancel(task.id, member_id)
            if before is not None:
                stopped.append(before)
                await self._lines.taken_back(task, before)
        return stopped

    async def _each(self, removals: Sequence[Callable[[], Awaitable[bool]]]) -> int:
        """Remove one after another for as long as there is time; return how many are gone."""
        gone = 0
        try:
            async with asyncio.timeout(self._patience):
                for remove in removals:
                    gone += await remove()
        except TimeoutError:
            log.warning("not everything could be deleted in time", extra={"wanted": len(removals), "gone": gone})
        return gone
