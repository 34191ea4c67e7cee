"""The buttons of a card, which work for ever and after any restart."""

from collections.abc import Sequence

import discord

from bot.domain.errors import NotATrack, WordsRemoved
from bot.domain.source import Source
from bot.domain.task import Request, Task
from bot.ui import words
from bot.ui.asking import ask, check_permissions
from bot.ui.deleting import ask_to_delete, delete
from bot.ui.failures import Said
from bot.ui.modals import remix_modal
from bot.ui.more_menu import AT_ONCE, MoreMenu, begin
from bot.ui.reworking import rework_again
from bot.ui.services import services_of
from bot.ui.task_button import TASK_ID, TaskButton
from bot.ui.words import cards
from bot.ui.words import rework as rework_words


class LikeButton(TaskButton, template=rf"like:{TASK_ID}"):
    """Likes the card, or takes the like back; anyone may."""

    label, prefix = cards.LIKE, "like"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Count it, and show the number on the button."""
        services = services_of(interaction)
        likes = await services.cards.like(self.task_id, interaction.user.id, services.clock())
        self.item.label = cards.liked(likes)
        view = self.view  # the card's own, with the menus of its tracks
        if view is not None:
            view.stop()  # what it means is in its `custom_id`s: nothing of it is to be kept in memory
        await interaction.response.edit_message(view=view)


class AgainButton(TaskButton, template=rf"again:{TASK_ID}"):
    """Asks for the same once more. It counts against, and belongs to, whoever pressed."""

    label, prefix, style = cards.AGAIN, "again", discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Ask."""
        task = await task_with_words(interaction, self.task_id)
        if task.request.source is not None:
            await rework_again(interaction, task)
            return
        await ask(interaction, task.request, parent_id=task.id, rather=task.provider)


class RemixButton(TaskButton, template=rf"remix:{TASK_ID}"):
    """Opens the request to be changed and sent."""

    label, prefix = cards.REMIX, "remix"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the modal."""
        task = await task_with_words(interaction, self.task_id)
        if task.request.source is not None:
            await _remix_rework(interaction, task.request, task.request.source)
            return
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


def card_view(task_id: str, likes: int = 0, menus: Sequence[MoreMenu] = (), *, remix: bool = True) -> discord.ui.View:
    """Return the menus of a card's tracks and its buttons. `remix`: whether there was anything said to be changed."""
    view = discord.ui.View(timeout=None)
    for menu in menus:
        view.add_item(menu)
    view.add_item(LikeButton(task_id, cards.liked(likes)))
    for button in (AgainButton, *((RemixButton,) if remix else ()), DetailsButton, DeleteButton):
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


async def _remix_rework(interaction: discord.Interaction, request: Request, source: Source) -> None:
    """Open what was made from a track, to be changed and sent. What was made from a file, or of no words, is not."""
    if request.kind in AT_ONCE or not source.task_id:
        raise Said(rework_words.NOTHING_TO_CHANGE)
    await begin(interaction, request.kind, f"{source.task_id}-{source.number}", filled=request)


async def _task(interaction: discord.Interaction, task_id: str) -> Task:
    task = await services_of(interaction).tasks.get(task_id)
    if task is None:
        raise NotATrack
    return task


async def task_with_words(interaction: discord.Interaction, task_id: str) -> Task:
    """Return a task whose words are still kept. Raises NotATrack, WordsRemoved."""
    task = await _task(interaction, task_id)
    # Nothing is accepted without any words, or a track to be made from: these had their time.
    if not task.request.about and task.request.source is None:
        raise WordsRemoved
    return task
