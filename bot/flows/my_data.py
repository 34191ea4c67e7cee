"""A member's data: given out as a file, and deleted."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.ports import Clock
from bot.domain.ports_members import Forgotten, Lines, Members, Message, Messages, Queue
from bot.domain.task import State
from bot.flows.submit import Submit

log = logging.getLogger(__name__)

#: How long messages are deleted at most, in seconds: the answer has to come while its interaction lives.
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


class MyData:
    """Export and deletion."""

    def __init__(
        self,
        members: Members,
        queue: Queue,
        submit: Submit,
        lines: Lines,
        messages: Messages,
        clock: Clock,
        patience: float = PATIENCE,
    ) -> None:
        self._members, self._queue, self._submit = members, queue, submit
        self._lines, self._messages, self._clock, self._patience = lines, messages, clock, patience

    async def export(self, member_id: int) -> bytes:
        """Return everything that is kept about the member as a JSON file."""
        kept = await self._members.export(member_id)
        whole = {"exported_at": self._clock().isoformat(timespec="seconds"), **kept}
        return await asyncio.to_thread(lambda: json.dumps(whole, ensure_ascii=False, indent=2).encode())

    async def open_tasks(self, member_id: int) -> int:
        """Return how many tasks a deletion would have to stop."""
        return len(await self._queue.cancellable(member_id))

    async def delete(self, member_id: int, *, cards: bool) -> Deleted:
        """Stop what is in the works, delete the messages if `cards`, and then the rows.

        The rows go last: if the bot is killed on the way, they still say what there is to do when the member asks
        again. What the member asks for after this moment is kept.
        """
        now = self._clock()
        stopped = await self._stop(member_id)
        messages = await self._members.messages(member_id, now) if cards else ()
        gone = await self._remove(messages)
        kept = await self._members.forget(member_id, now)
        charged = sum(before is not State.WAITING for before in stopped)
        log.info("member's data deleted", extra={"tasks": kept.tasks, "messages": len(messages), "gone": gone})
        return Deleted(kept, len(stopped), charged, len(messages), gone)

    async def _stop(self, member_id: int) -> list[State]:
        stopped = []
        for task in await self._queue.cancellable(member_id):
            before = await self._submit.cancel(task.id, member_id)
            if before is not None:
                stopped.append(before)
                await self._lines.taken_back(task, before)
        return stopped

    async def _remove(self, messages: Sequence[Message]) -> int:
        """Delete messages for as long as there is time; return how many are gone."""
        gone = 0
        try:
            async with asyncio.timeout(self._patience):
                for message in messages:
                    gone += await self._messages.remove(message.channel_id, message.message_id)
        except TimeoutError:
            log.warning("not all messages could be deleted in time", extra={"messages": len(messages), "gone": gone})
        return gone
