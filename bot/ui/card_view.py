"""What stands under a card: the menus of its tracks and its buttons, or those of lyrics."""

from collections.abc import Iterable, Sequence

import discord

from bot.domain.contract import Contract
from bot.domain.task import Kind, Task
from bot.domain.track import MOST_TRACKS
from bot.ui.card_buttons import card_view
from bot.ui.lyrics import lyrics_view
from bot.ui.more_menu import AT_ONCE, menus


def view_of(offers: Sequence[Contract], task: Task, numbers: Iterable[int], likes: int = 0) -> discord.ui.View:
    """Return what stands under a task's card. `numbers`: its tracks, of which a card shows a few."""
    shown = list(numbers)[:MOST_TRACKS]
    if task.request.kind is Kind.LYRICS:
        return lyrics_view(task.id, shown, likes)
    return card_view(task.id, likes, menus(offers, task, shown), remix=task.request.kind not in AT_ONCE)
