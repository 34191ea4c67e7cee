"""The buttons of a card, which work for ever and after any restart."""

import discord

from bot.domain.errors import NotATrack, WordsRemoved
from bot.domain.task import Task
from bot.ui import words
from bot.ui.asking import ask, check_permissions
from bot.ui.deleting import ask_to_delete, delete
from bot.ui.modals import remix_modal
from bot.ui.services import services_of
from bot.ui.task_button import TASK_ID, TaskButton
from bot.ui.words import cards


class LikeButton(TaskButton, template=rf"like:{TASK_ID}"):
    """Likes the card, or takes the like back; anyone may."""

    label, prefix = cards.LIKE, "like"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Count it, and show the number on the button."""
        services = services_of(interaction)
        likes = await services.cards.like(self.task_id, interaction.user.id, services.clock())
        await interaction.response.edit_message(view=card_view(self.task_id, likes))


class AgainButton(TaskButton, template=rf"again:{TASK_ID}"):
    """Asks for the same once more. It counts against, and belongs to, whoever pressed."""

    label, prefix, style = cards.AGAIN, "again", discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Ask."""
        task = await task_with_words(interaction, self.task_id)
        await ask(interaction, task.request, parent_id=task.id, rather=task.provider)


class RemixButton(TaskButton, template=rf"remix:{TASK_ID}"):
    """Opens the request to be changed and sent."""

    label, prefix = cards.REMIX, "remix"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the modal."""
        task = await task_with_words(interaction, self.task_id)
        if not task.request.private:
            check_permissions(interaction)
        await interaction.response.send_modal(remix_modal(task))


class DetailsButton(TaskButton, template=rf"details:{TASK_ID}"):
    """Shows what was asked for."""

    label, prefix = cards.DETAILS, "details"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answer ephemerally."""
        task = await _task(interaction, self.task_id)
        services = services_of(interaction)
        likes, extra = await services.cards.likes(task.id), await services.cards.extra(task.id)
        text = words.details(task, likes, extra, services.labels)
        await interaction.response.send_message(text, ephemeral=True)


class DeleteButton(TaskButton, template=rf"delete:{TASK_ID}"):
    """Deletes the card, by the member or a moderator, after asking once."""

    label, prefix = cards.DELETE, "delete"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Ask."""
        view = discord.ui.View(timeout=None).add_item(DeleteForSureButton(self.task_id))
        await ask_to_delete(interaction, self.task_id, view)


class DeleteForSureButton(TaskButton, template=rf"delete-for-sure:{TASK_ID}"):
    """The answer to the question whether to delete."""

    label, prefix, style = cards.DELETE_FOR_SURE, "delete-for-sure", discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Delete."""
        await delete(interaction, self.task_id)


CARD_BUTTONS: tuple[type[TaskButton], ...] = (
    LikeButton,
    AgainButton,
    RemixButton,
    DetailsButton,
    DeleteButton,
    DeleteForSureButton,
)


def card_view(task_id: str, likes: int = 0) -> discord.ui.View:
    """Return the buttons of a card."""
    view = discord.ui.View(timeout=None)
    view.add_item(LikeButton(task_id, cards.liked(likes)))
    for button in (AgainButton, RemixButton, DetailsButton, DeleteButton):
        view.add_item(button(task_id))
    return view


def card_mark(task_id: str) -> str:
    """Return the `custom_id` by which a card of this task is known in a channel's history."""
    return f"{DetailsButton.prefix}:{task_id}"


def task_of(message: discord.Message) -> str:
    """Return the id of the task whose card `message` is. Raises NotATrack."""
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    for child in (child for row in rows for child in row.children):
        prefix, _, task_id = str(getattr(child, "custom_id", "")).partition(":")
        if prefix == DetailsButton.prefix:
            return task_id
    raise NotATrack


async def _task(interaction: discord.Interaction, task_id: str) -> Task:
    task = await services_of(interaction).tasks.get(task_id)
    if task is None:
        raise NotATrack
    return task


async def task_with_words(interaction: discord.Interaction, task_id: str) -> Task:
    """Return a task whose words are still kept. Raises NotATrack, WordsRemoved."""
    task = await _task(interaction, task_id)
    if not task.request.about:  # no request is accepted without any words: these had their time
        raise WordsRemoved
    return task
