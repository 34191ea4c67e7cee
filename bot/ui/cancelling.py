"""Taking a task back: the one way, whether by its button, by command, or with all of a member's data."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import discord

from bot.domain.errors import NotYours
from bot.domain.task import State, Task
from bot.ui import words
from bot.ui.answers import Answers
from bot.ui.services import Messages, Services
from bot.ui.words.queue import called

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A task that was cancelled just now, and the state it was in."""

    task: Task
    before: State

    @property
    def text(self) -> str:
        """Return what that means, for the member and for the queued line."""
        return words.cancelled(self.task, self.before)


async def take_back(services: Services, task_id: str, member_id: int) -> TakenBack | None:
    """Cancel the member's task; None when it is too late. Raises NotYours."""
    before = await services.submit.cancel(task_id, member_id)
    task = await services.tasks.get(task_id)
    return None if before is None or task is None else TakenBack(task, before)


async def meant(services: Services, typed: str, member_id: int) -> Task | None:
    """Return the task of this id. That somebody else has a private one is not to be known."""
    task = await services.tasks.get(typed.strip().lower().partition("-")[0])  # a track's id has its number behind it
    theirs = task is not None and task.request.private and task.origin.member_id != member_id
    return None if theirs else task


async def own(services: Services, typed: str, member_id: int) -> Task | None:
    """Return the member's task of this id, as `meant`. Raises NotYours."""
    task = await meant(services, typed, member_id)
    if task is not None and task.origin.member_id != member_id:
        raise NotYours
    return task


def offered(tasks: Sequence[Task], typed: str) -> list[Task]:
    """Return those tasks that hold all the words typed so far; Discord shows at most 25."""
    words_typed = typed.casefold().split()
    return [task for task in tasks if all(word in called(task.request).casefold() for word in words_typed)][:25]


class QueuedLines:
    """The port `Lines`."""

    def __init__(self, messages: Messages, answers: Answers) -> None:
        self._messages, self._answers = messages, answers

    async def taken_back(self, task: Task, before: State) -> None:
        """See `ports_members.Lines`. A private task's line is reached through its interaction, while that lives."""
        text = TakenBack(task, before).text
        answer = self._answers.of(task.id)
        if answer is None:
            await self._messages.rewrite(task, text)
            return
        self._answers.forget(task.id)
        try:
            await answer.edit_original_response(content=text, view=None)
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("queued line not changed", extra={"task": task.id, "reason": str(error)})
