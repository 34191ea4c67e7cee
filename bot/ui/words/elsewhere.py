"""Words around a provider that is busy, and asking another one."""

from bot.domain.contract import Contract
from bot.domain.task import Task
from bot.ui.text import plain, shown
from bot.ui.words import ago, mention

#: How much of a prompt is shown where it is only a reminder.
_REMINDER = 300


def try_with(label: str) -> str:
    """The button under a failure, or under the line of what waits; Discord shows at most 80 characters."""
    return f"Try with {plain(label, 60)}"


def choice(offer: Contract) -> str:
    """One line of the list that opens while `provider` is typed."""
    return plain(offer.label, 90, offer.name)


def busy(task: Task, label: str, place: int) -> str:
    """The queued line of a task whose provider takes nothing just now."""
    return (
        f"🕓 {_asked_for(task)}\n{shown(label, 60)} is busy, so it waits there, at place {place} of all, and goes on"
        " by itself."
    )


def goes_on(task: Task) -> str:
    """The queued line of a task that had to wait, once its provider has taken it."""
    return f"🎶 {_asked_for(task)}\nIt had to wait, and is being made since {ago(task.asked_at or task.created_at)}."


def _asked_for(task: Task) -> str:
    return f"{mention(task)} asked for: “{shown(task.request.about, _REMINDER)}”"
