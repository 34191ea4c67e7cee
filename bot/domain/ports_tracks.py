"""What `/track` and `/task` need from the store: tracks to choose from, their titles, and tasks made again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.ports_library import Viewer
from bot.domain.task import Task
from bot.domain.track import Track


@dataclass(frozen=True, slots=True)
class Offer:
    """A finished track as a list offers it; all texts are from outside."""

    task_id: str
    number: int
    title: str
    style: str
    prompt: str


class Tracks(Protocol):
    """Finished tracks, as far as one member may see them."""

    async def recent(self, viewer: Viewer, *, own: bool) -> Sequence[Offer]:
        """Return the viewer's own newest and, unless only `own` are wanted, the channel's; the newest first."""

    async def card_deleted(self, viewer: Viewer, task_id: str) -> bool:
        """Say whether there was a card that the viewer could see, and it was deleted."""

    async def of(self, task_id: str) -> Mapping[int, Track]:
        """Return all tracks of a task by their numbers, whoever may see them."""

    async def rename(self, task_id: str, number: int, title: str) -> bool:
        """Give a track another title; say whether there is one."""

    async def reword(self, task_id: str, number: int, lyrics: str) -> bool:
        """Give a track other words; say whether there is one."""


class Retries(Protocol):
    """Failed tasks that a provider makes again, on the same row."""

    async def failed(self, member_id: int) -> Sequence[Task]:
        """Return the member's failed tasks, the newest first."""

    async def begin(self, task_id: str, now: datetime, ask_at: datetime) -> bool:
        """Commit, before the provider is asked, that the failed task is with it again; say whether it was failed.

        It counts as one more attempt, under the provider's old id until `bound`.
        """

    async def bound(self, task_id: str, provider_task_id: str, now: datetime, ask_at: datetime) -> None:
        """Bind the id that the provider gave; news under an older one still finds the task. The line is to say so."""

    async def give_back(self, task: Task) -> None:
        """The provider did not take it: the task has failed as it had before, unless it ended meanwhile."""
