"""Sentences about having a failed task made again."""

from bot.domain.contract import Answer
from bot.domain.task import State, Task
from bot.flows.retry import Retried
from bot.ui.text import plain, shown
from bot.ui.words import UNTITLED, ago
from bot.ui.words.queue import called

#: Discord shows at most 100 characters of a choice.
_CHOICE = 90

RETRY_CHARGED = "Yes, make it again"
#: What making it again as a new task costs, by what the answer to its create holds.
_COSTS = {
    Answer.TASK: "does not make {} again for nothing: a new try is charged, and counts against your day.",
    Answer.RESULT: "does not make {} again for nothing: a new try may be charged, and counts against your day.",
    Answer.FREE_RESULT: "takes nothing for a new try of {}; it only counts against your day.",
}
#: Under a notice that something may have been charged.
ASK_AGAIN = "Ask again (a new charge)"
NOTHING_FAILED = "Nothing of yours has failed of late, so there is nothing to make again."
WHICH_ONE = "Several of yours have failed. Choose one from the list that opens while you type `task`."
UNKNOWN = (
    "I know no such task of yours. Choose a failed one from the list that opens while you type, or paste the task id "
    "(12 letters and digits)."
)
_REMOVED = (
    "The music service does not make it again, and what was asked for there has been removed: this bot keeps such "
    "words for some time only."
)


def choice(task: Task) -> str:
    """One line of the list that `/task retry` offers."""
    return plain(called(task.request), _CHOICE - 15, UNTITLED) + f" ({task.created_at:%d %b %H:%M} UTC)"


def retried(task: Task, outcome: Retried, answer: Answer = Answer.TASK) -> str:
    """The answer to `/task retry`. `answer`: what its provider states of the kind."""
    name = f"“{_name(task)}”"
    match outcome:
        case Retried.QUEUED:
            return f"🔁 The music service makes {name} again, without a new charge, and it is posted as usual."
        case Retried.MAYBE:
            return (
                f"🔁 I asked the music service to make {name} again, and no answer came. Nothing new is charged; if it "
                "took it, the track is posted as usual, and if not, you will be told."
            )
        case Retried.LATER:
            return f"The music service cannot make {name} again just now. Nothing was charged; please try again later."
        case Retried.CHARGED if not (task.request.about or task.request.source):
            return _REMOVED
        case Retried.CHARGED:
            return f"The music service {_COSTS[answer].format(name)} Shall I ask for the same once more?"
    return not_failed(task)


def not_failed(task: Task) -> str:
    """The answer where a task has not failed, or not any more."""
    name = f"“{_name(task)}”"
    match task.state:
        case State.COMPLETED:
            return f"{name} worked out, so there is nothing to make again. `/track show` finds it."
        case State.CANCELLED:
            return f"{name} was taken back, so there is nothing to make again."
        case State.FAILED:
            return f"{name} has failed again meanwhile. Please try once more."
    return f"{name} is still in the works, since {ago(task.asked_at or task.created_at)}: nothing to make again yet."


def _name(task: Task) -> str:
    return shown(called(task.request), 100, UNTITLED)
