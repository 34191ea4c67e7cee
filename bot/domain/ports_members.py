"""What the commands around waiting and account need from the store and from Discord."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.domain.task import State, Task


@dataclass(frozen=True, slots=True)
class Usage:
    """What a member has used of what they may."""

    #: In the last 24 hours.
    used: int
    #: When the next one is free, or comes back; None where nothing is used.
    free_at: datetime | None
    #: At the provider, and waiting for their turn.
    running: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Mine:
    """A task of the member's own on the board.

    `place`: from 1, or None; among their own that wait, or, where its provider rests, among all that wait for it.
    """

    task: Task
    place: int | None
    provider_rests: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """What waits and what is in the works: the member's own in full, of all others only numbers."""

    mine: Sequence[Mine]
    others_waiting: int
    others_working: int


@dataclass(frozen=True, slots=True)
class Message:
    """Where a message of ours is."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class VendorJob:
    """What a provider was asked to make, under the provider's own id."""

    provider: str
    provider_task_id: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was deleted from the store."""

    tasks: int
    likes: int


class Queue(Protocol):
    """What waits and what is in the works."""

    async def seen_by(self, member_id: int, resting: Collection[str] = frozenset()) -> Board:
        """Return the board as this member may see it. `resting`: the providers that are not asked just now."""

    async def cancellable(self, member_id: int) -> Sequence[Task]:
        """Return the member's tasks that can be taken back, the newest first."""


class Members(Protocol):
    """What one member has, may still do, and their data."""

    async def usage(self, member_id: int, now: datetime, per_day: int) -> Usage:
        """Return what the member has used; `per_day` is the most that counts."""

    async def export(self, member_id: int) -> Mapping[str, Any]:
        """Return everything that is kept about the member, as plain values for JSON."""

    async def messages(self, member_id: int, until: datetime) -> Sequence[Message]:
        """Return the cards and queued lines of what the member asked for until then, the newest first."""

    async def vendor_jobs(self, member_id: int, until: datetime) -> Sequence[VendorJob]:
        """Return what providers were asked to make for the member until then, the newest first."""

    async def forget(self, member_id: int, until: datetime) -> Forgotten:
        """Delete what the member asked for and liked until then. The times that count against a day stay for it."""

    async def task_of(self, message: Message) -> str | None:
        """Return the id of the task whose card this message is."""


class Lines(Protocol):
    """The queued lines of tasks, in Discord."""

    async def taken_back(self, task: Task, before: State) -> None:
        """Make the task's line say that it was cancelled, out of the state `before`; best effort, never raises."""


class Messages(Protocol):
    """Messages of ours, in Discord."""

    async def remove(self, channel_id: int, message_id: int) -> bool:
        """Delete a message; say whether it is gone now. Never raises."""
