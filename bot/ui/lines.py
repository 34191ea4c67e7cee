"""What a queued line says after its first words, and the buttons under it."""

from collections.abc import Mapping

import discord

from bot.domain.task import OPEN, Delivery, State, Task
from bot.ui import words
from bot.ui.buttons import queued_view
from bot.ui.elsewhere import Elsewhere, add_offers, elsewhere_view
from bot.ui.words import elsewhere as elsewhere_words


def line_text(task: Task, place: int | None, labels: Mapping[str, str]) -> str:
    """Return what the line says. `place`: where it waits for a busy provider; `labels`: the names for people."""
    if task.delivery is Delivery.SENT:
        return _where_it_is(task)
    if task.state is State.WAITING:
        label = words.provider_name(task.provider, labels)
        return elsewhere_words.waits(task) if place is None else elsewhere_words.busy(task, label, place)
    if task.state is State.SUBMITTED and task.attempt == 1:
        return elsewhere_words.goes_on(task)
    return words.how_it_stands(task)


def line_view(task: Task, elsewhere: Elsewhere) -> discord.ui.View | None:
    """Return the buttons: as long as nothing has come of the task, it can be taken back."""
    if task.state is State.WAITING:
        return add_offers(queued_view(task.id), task, elsewhere)
    return queued_view(task.id) if task.state in OPEN else elsewhere_view(task, elsewhere)


def _where_it_is(task: Task) -> str:
    if task.sent_channel_id != task.origin.channel_id:
        return words.posted_directly(task)
    place = f"{task.origin.guild_id or '@me'}/{task.sent_channel_id}"
    return words.posted(task, f"https://discord.com/channels/{place}/{task.message_id}")
