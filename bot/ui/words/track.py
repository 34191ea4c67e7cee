"""Sentences about one track: found, renamed, liked, deleted, or made and not posted."""

from datetime import datetime

from bot.domain.ports_library import Entry, Status
from bot.domain.ports_tracks import Offer
from bot.domain.task import Delivery, State, Task
from bot.ui.text import plain, shown
from bot.ui.words import UNTITLED, ago
from bot.ui.words.queue import called
from bot.ui.words.reasons import why

#: Discord shows at most 100 characters of a choice.
_CHOICE = 100

#: Of what is not there and of what is not for this member, the same.
UNKNOWN = (
    "That is no track of mine, or it has gone. Choose one from the list that opens while you type, or paste a link to "
    "its card or its task id (12 letters and digits)."
)
CARD_DELETED = "That track has gone: its card was deleted."
NO_CARD = "It has no card that could be deleted: it was never posted. `/track resend` posts it after all."
NOTHING_SET_ASIDE = "Nothing of yours is set aside: whatever was made for you has been posted, or is on its way."
WHICH_ONE = "Several tracks of yours are set aside. Choose one from the list that opens while you type `track`."
NO_SUCH_TRACK = (
    "I know no such track of yours that is set aside. Choose one from the list that opens while you type, or paste "
    "the task id from its line (12 letters and digits)."
)
_NO_LINK = "I cannot link to it: it was for your eyes only, or has been deleted since."


def offer(track: Offer) -> str:
    """One line of the list that a `track` option offers."""
    number = f" ({track.number})" if track.number > 1 else ""
    style = plain(track.style, 25)
    return plain(track.title or track.prompt, 60, UNTITLED) + number + (f" · {style}" if style else "")


def not_finished(entry: Entry) -> str:
    """The answer where a task has no track (yet)."""
    name = f"“{shown(entry.title or entry.prompt, 100, UNTITLED)}”"
    if entry.status is Status.FAILED:
        return f"{name} did not work out, so there is no track. `/task retry` has it made again."
    return f"{name} is not finished yet; `/queue` shows how it stands."


def renamed(title: str) -> str:
    """The answer where a track has another title."""
    return f"It is called “{shown(title, 160)}” now. The files on its card keep their names."


def renamed_but_card(title: str) -> str:
    """The same where the card could not be changed."""
    return f"It is called “{shown(title, 160)}” now; its card could not be changed and shows the old title."


def liked(entry: Entry, likes: int, *, taken_back: bool) -> str:
    """The answer to a like, or to one that is taken back."""
    name = f"“{shown(entry.title or entry.prompt, 100, UNTITLED)}”"
    count = f"{likes} {'like' if likes == 1 else 'likes'} now"
    return f"You took back your like of {name}: {count}." if taken_back else f"You like {name}: {count}."


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
