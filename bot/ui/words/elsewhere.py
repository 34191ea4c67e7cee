"""Words around a provider that is busy, and asking another one."""

from datetime import datetime

from bot.domain.contract import Contract
from bot.domain.task import Task
from bot.ui.text import plain, shown
from bot.ui.words import ago, mention
from bot.ui.words.kinds import asked


def try_with(label: str) -> str:
    """The button under a failure, or under the line of what waits; Discord shows at most 80 characters."""
    return f"Try with {plain(label, 60)}"


def choice(offer: Contract) -> str:
    """One line of the list that opens while `provider` is typed."""
    return plain(offer.label, 90, offer.name)


def busy(task: Task, label: str, place: int, usually_done: datetime | None = None) -> str:
    """The queued line of a task whose provider takes nothing just now. `usually_done`: told in the first answer."""
    done = "" if usually_done is None else f" Usually done {ago(usually_done)}."
    return (
        f"🕓 {_asked_for(task)}\n{shown(label, 60)} is busy, so it waits there, at place {place} of all, and goes on"
        f" by itself.{done}"
    )


def goes_on(task: Task) -> str:
    """The queued line of a task that had to wait, or that nobody had heard of, once its provider has taken it."""
    since = ago(task.asked_at or task.created_at)
    return f"🎶 {_asked_for(task)}\nThe music service has taken it: it is being made since {since}."


def waits(task: Task) -> str:
    """The queued line of a task that waits as any other."""
    return f"🎶 {_asked_for(task)}\nIt is made as soon as its turn comes, and posted as usual."


def _asked_for(task: Task) -> str:
    return f"{mention(task)} {asked(task.request)}"
