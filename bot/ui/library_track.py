"""One track opened from the library, for the member alone."""

import re
from typing import Any, Self

import discord

from bot.domain.errors import NotATrack
from bot.domain.ports_library import Entry, Status, Viewer
from bot.ui.card_buttons import AgainButton
from bot.ui.card_changes import show_likes
from bot.ui.failures import answer_failure
from bot.ui.services import services_of
from bot.ui.task_button import TASK_ID
from bot.ui.viewing import viewer_of
from bot.ui.words import cards
from bot.ui.words import library as library_words


async def show_track(interaction: discord.Interaction, viewer: Viewer, value: str) -> None:
    """Answer with a track, if it is still there for this member. `value`: task id and number."""
    task_id, _, number = value.partition("-")
    services = services_of(interaction)
    entry = await services.library.find(viewer, task_id, int(number) if number.isdecimal() else 0)
    task = await services.tasks.get(task_id) if entry else None
    if entry is None or task is None:
        await interaction.response.send_message(library_words.GONE, ephemeral=True)
        return
    likes, extra = await services.cards.likes(task_id), await services.cards.extra(task_id)
    children = await services.library.children(viewer, task_id)
    text = library_words.opened(entry, task, likes, extra, services.labels, children)
    view = _track_view(entry, likes) or discord.utils.MISSING
    await interaction.response.send_message(text, view=view, ephemeral=True)


def _track_view(entry: Entry, likes: int) -> discord.ui.View | None:
    """Return the buttons that make sense: nothing can be liked before it is made."""
    if entry.status is Status.WORKING:
        return None
    view = discord.ui.View(timeout=None)
    if entry.status is Status.FINISHED:
        view.add_item(ShelfLike(entry.task_id, likes))
    return view.add_item(ShelfAgain(entry.task_id))


class ShelfAgain(AgainButton, template=rf"shelf-again:{TASK_ID}"):
    """Asks for the same as an opened track once more; unlike under a card, nobody can tell who may still see it."""

    prefix = "shelf-again"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Ask, if it is still there for this member."""
        find, viewer = services_of(interaction).library.find, viewer_of(interaction)
        # What has no track yet, or never will, stands under 0.
        if await find(viewer, self.task_id, 1) or await find(viewer, self.task_id, 0):
            await super().pressed(interaction)
        else:
            await interaction.response.edit_message(content=library_words.GONE, view=None)


class ShelfLike(discord.ui.DynamicItem[discord.ui.Button[Any]], template=rf"shelf-like:{TASK_ID}"):
    """Likes an opened track, or takes the like back; unlike the card's own it leaves the other buttons alone."""

    def __init__(self, task_id: str, likes: int = 0) -> None:
        self.task_id = task_id
        super().__init__(discord.ui.Button(label=cards.liked(likes), custom_id=f"shelf-like:{task_id}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button of a message that is already in Discord."""
        return cls(match["task_id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Count it, and show the number on the button and on the card."""
        try:
            await self._like(interaction)
        except NotATrack:
            await interaction.response.edit_message(content=library_words.GONE, view=None)
        except Exception as error:  # answered to the member, and logged with a number
            await answer_failure(interaction, error)

    async def _like(self, interaction: discord.Interaction) -> None:
        """Like it, if it is still there for this member. Raises NotATrack."""
        services = services_of(interaction)
        if await services.library.find(viewer_of(interaction), self.task_id, 1) is None:
            raise NotATrack
        likes = await services.cards.like(self.task_id, interaction.user.id, services.clock())
        view = discord.ui.View(timeout=None).add_item(ShelfLike(self.task_id, likes))
        await interaction.response.edit_message(view=view.add_item(ShelfAgain(self.task_id)))
        if posted := await services.cards.posted(self.task_id):
            await show_likes(interaction, posted, self.task_id, likes)
