"""Another provider, or once more: the buttons under what failed or waits, and the choice while somebody types."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Self

import discord

from bot.domain.contract import Contract
from bot.domain.errors import Failure, NotYours
from bot.domain.task import Request, State, Task
from bot.flows.choosing import able
from bot.flows.elsewhere import FOR_ITS_SAKE
from bot.ui.asking import ask, queued_line
from bot.ui.card_buttons import task_with_words
from bot.ui.retrying import RetryChargedButton
from bot.ui.services import services_of
from bot.ui.task_button import TASK_ID, TaskButton
from bot.ui.words import elsewhere as words
from bot.ui.words import failed
from bot.ui.words import task as task_words

#: Who else could make a task that failed or waits.
Elsewhere = Callable[[Task], Sequence[Contract]]

MOST_BUTTONS = 3
#: Discord shows at most so many choices.
MOST_CHOICES = 25
#: Of whatever is typed in place of a provider's name.
MAX_PROVIDER = 100


class ElsewhereButton(TaskButton, template=rf"elsewhere:{TASK_ID}:(?P<provider>[a-z0-9_-]{{1,40}})"):
    """Asks another provider for what failed: then it counts against, and belongs to, whoever pressed.

    What still waits is handed over by the member who asked for it: it stays one task, so it is charged once.
    """

    prefix, style = "elsewhere", discord.ButtonStyle.primary

    def __init__(self, task_id: str, provider: str, label: str = "") -> None:
        self.provider = provider
        super().__init__(task_id, words.try_with(label or provider), f":{provider}")

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button of a message that is already in Discord."""
        return cls(match["task_id"], match["provider"])

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Ask there, if it still waits or failed; what was asked for in private only for the same member."""
        task = await task_with_words(interaction, self.task_id)
        if task.request.private and task.origin.member_id != interaction.user.id:
            raise NotYours
        if task.state is State.WAITING:
            await self._hand_over(interaction, task)
        elif task.state is not State.FAILED:  # it came after all, or is made again
            await interaction.response.send_message(task_words.not_failed(task), ephemeral=True)
        elif task.failure not in FOR_ITS_SAKE:  # the button was offered while it waited; it may be charged since
            await interaction.response.send_message(failed(task), ephemeral=True)
        else:
            await ask(interaction, task.request, parent_id=task.id, wanted=self.provider)

    async def _hand_over(self, interaction: discord.Interaction, task: Task) -> None:
        if task.origin.member_id != interaction.user.id:
            raise NotYours
        services = services_of(interaction)
        moved = await services.submit.move(task, self.provider)
        if moved is None:  # its turn came a moment ago, or it was pressed twice
            stands = await services.tasks.get(task.id) or task
            await interaction.response.send_message(task_words.not_failed(stands), ephemeral=True)
            return
        text, view = queued_line(services, moved)
        await interaction.response.edit_message(content=text, view=view)
        await services.submit.shown(moved.task)


def elsewhere_view(task: Task, elsewhere: Elsewhere) -> discord.ui.View | None:
    """Return the buttons under the notice of a failure: whoever else could make it, and once more where it was lost."""
    if task.state is not State.FAILED:
        return None
    view = add_offers(discord.ui.View(timeout=None), task, elsewhere)
    if task.failure == Failure.LOST:  # it may have been charged: whether it is asked for again is for a person to say
        view.add_item(RetryChargedButton(task.id, task_words.ASK_AGAIN))
    return view if view.children else None


def add_offers(view: discord.ui.View, task: Task, elsewhere: Elsewhere) -> discord.ui.View:
    """Add a button for each other provider that could make it, and return the view."""
    for offer in elsewhere(task)[:MOST_BUTTONS]:
        view.add_item(ElsewhereButton(task.id, offer.name, offer.label))
    return view


def choices(interaction: discord.Interaction, request: Request, typed: str) -> list[discord.app_commands.Choice[str]]:
    """Return the providers that could make what is typed so far."""
    offers = able(services_of(interaction).submit.offers, request)
    fitting = [offer for offer in offers if typed.strip().casefold() in f"{offer.label} {offer.name}".casefold()]
    return [discord.app_commands.Choice(name=words.choice(one), value=one.name) for one in fitting[:MOST_CHOICES]]


def named(interaction: discord.Interaction, typed: str) -> str:
    """Return the name of the provider somebody means who typed its name or label, else what they typed."""
    wanted = typed.strip()
    for offer in services_of(interaction).submit.offers:
        if wanted.casefold() in (offer.name.casefold(), offer.label.casefold()):
            return offer.name
    return wanted
