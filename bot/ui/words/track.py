"""Sentences about tracks that are made and could not be posted."""

from datetime import datetime

from bot.domain.task import Delivery, State, Task
from bot.ui.text import plain, shown
from bot.ui.words import UNTITLED, ago
from bot.ui.words.queue import called
from bot.ui.words.reasons import why

#: Discord shows at most 100 characters of a choice.
_CHOICE = 100

NOTHING_SET_ASIDE = "Nothing of yours is set aside: whatever was made for you has been posted, or is on its way."
WHICH_ONE = "Several tracks of yours are set aside. Choose one from the list that opens while you type `track`."
NO_SUCH_TRACK = (
    "I know no such track of yours that is set aside. Choose one from the list that opens while you type, or paste "
    "the task id from its line (12 letters and digits)."
)
_NO_LINK = "I cannot link to it: it was for your eyes only, or has been deleted since."


def choice(task: Task) -> str:
    """One line of the list that `/track resend` offers."""
    reason = f" ({why(task).partition(', and ')[0]})"
    return plain(called(task.request), _CHOICE - len(reason), UNTITLED) + reason


def resending(task: Task, *, directly: bool) -> str:
    """The answer where a track is posted after all. `directly`: it may go to the member alone."""
    place = "where you asked for it" + (", or to you directly if I may not" if directly else "")
    place = "to you directly" if task.request.private else place
    return f"📬 I am posting “{_name(task)}” {place}. It had been set aside: {why(task)}."


def too_soon(task: Task, again_at: datetime) -> str:
    """The answer where Discord has refused a track too often of late."""
    return f"I could not post “{_name(task)}” a moment ago: {why(task)}. You can have it tried again {ago(again_at)}."


def not_set_aside(task: Task, link: str) -> str:
    """The answer where there is nothing to post. `link` is empty where the card is nowhere to be found."""
    name = f"“{_name(task)}”"
    match task.delivery:
        case Delivery.SENT:
            return f"{name} is posted already: {link}" if link else f"{name} was posted already. {_NO_LINK}"
        case Delivery.READY | Delivery.SENDING:
            return f"I am already posting {name}."
    match task.state:
        case State.CANCELLED:
            return f"{name} was taken back, so there is no track to post."
        case State.FAILED:
            return f"{name} did not work out, so there is no track to post."
    return f"{name} is not finished yet; it is posted by itself once it is."


def _name(task: Task) -> str:
    return shown(called(task.request), 100, UNTITLED)
