"""The flows up to Discord: real REST, real downloads."""

from dataclasses import dataclass
from typing import Any

from bot.domain.task import Origin, Request, Task
from bot.flows.deliver import Deliver
from bot.flows.tell import Tell
from tests.flows.bench import Bench
from tests.wire.server import WireDiscord
from tests.wire.world import Channel, Json, Member

POST = ("POST", "/channels/{channel_id}/messages")
EDIT = ("PATCH", "/channels/{channel_id}/messages/{message_id}")


@dataclass
class Stage:
    """The flows up to Discord."""

    bench: Bench
    wire: WireDiscord
    channel: Channel
    member: Member
    deliver: Deliver
    tell: Tell

    async def completed(self, channel: Channel | None = None, **wish: Any) -> Task:
        """A member asked, has a queued line, and the vendor has called back."""
        place = channel or self.channel
        task = await self.accepted(place, **wish)
        assert await self.bench.submit.step()
        theirs = (await self.bench.task(task.id)).provider_task_id
        assert theirs is not None
        await self.bench.finish(theirs)
        await self.bench.call_back(task.key, theirs)
        return task

    async def accepted(self, place: Channel, **wish: Any) -> Task:
        guild = place.guild.id if place.guild else None
        origin = Origin(self.member.id, place.id, guild)
        accepted = await self.bench.submit.accept(Request("rain", **wish), origin)
        await self.bench.submit.answered(accepted.task.id, None)
        return accepted.task

    async def line_of(self, task: Task) -> None:
        """Give the task a queued line."""
        values = (self.wire.world.next_id(), task.id)
        statement = "UPDATE tasks SET notice_id = ? WHERE id = ?"
        await self.bench.database.write(lambda db: db.execute(statement, values).rowcount)

    def cards(self, channel: Channel | None = None) -> list[Json]:
        return [message for message in self.wire.messages(channel or self.channel) if message["components"]]

    async def row(self, task: Task) -> tuple[str, str]:
        """Return the delivery's state, and why it was set aside."""
        query = "SELECT delivery, set_aside_reason FROM tasks WHERE id = ?"
        row = await self.bench.database.read(lambda db: db.execute(query, (task.id,)).fetchone())
        return row[0], row[1]
