"""Sentences about what waits and what is in the works."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.ports_members import Board, Mine
from bot.domain.task import Kind, Request, State, Task
from bot.ui.text import clean, plain, shown
from bot.ui.words import UNTITLED, ago
from bot.ui.words.kinds import one

#: How long a task of a kind takes at a provider.
Usually = Callable[[str, Kind], timedelta]

#: How many of the member's own are listed; a message holds 2000 characters.
MOST_SHOWN = 8
#: Discord shows at most 100 characters of a choice.
_CHOICE = 90

NO_SUCH_TASK = (
    "I know no such task of yours. Choose one from the list that opens while you type, or paste a task id "
    "(12 letters and digits; `/queue` shows them)."
)
NOTHING_TO_CANCEL = "Nothing of yours waits or is being made, so there is nothing to take back."


def called(request: Request) -> str:
    """Return what a task is best known by."""
    return request.about if clean(request.about) else UNTITLED


def queue(board: Board, now: datetime, usually: Usually, generate: str) -> str:
    """The answer to `/queue`. `usually`: how long a task takes; `generate`: the mention of that command."""
    lines = [_mine(mine, now, usually) for mine in board.mine[:MOST_SHOWN]]
    if len(board.mine) > MOST_SHOWN:
        lines.append(f"… and {len(board.mine) - MOST_SHOWN} more of yours.")
    if not board.mine:
        lines.append(
            f"Nothing of yours is in the works. How about {generate} with `prompt: a slow waltz for a rainy Sunday`?"
        )
    lines.append(f"-# {_others(board)}")
    return "\n".join(lines)


def _mine(mine: Mine, now: datetime, usually: Usually) -> str:
    task = mine.task
    private = " 🔒" if task.request.private else ""
    name = f"“{shown(called(task.request), 60)}”" + (f" ({one(task.request.kind)})" if task.request.source else "")
    return f"{_SIGNS.get(task.state, '📬')} {name}{private} · `{task.id}`\n{_stands(mine, now, usually)}"


_SIGNS = {State.WAITING: "🕓", State.SUBMITTING: "🎶", State.SUBMITTED: "🎶", State.UNKNOWN: "⏳"}


def _stands(mine: Mine, now: datetime, usually: Usually) -> str:
    task = mine.task
    match task.state:
        case State.WAITING if mine.place is not None and mine.provider_rests:
            return (
                f"waits at place {mine.place} of all, since {ago(task.created_at)}: its music service takes nothing"
                " just now"
            )
        case State.WAITING if mine.place is not None:
            return f"waits at place {mine.place}, since {ago(task.created_at)}"
        case State.WAITING:
            return f"waits, since {ago(task.created_at)}"
        case State.SUBMITTING | State.SUBMITTED:
            return _being_made(task, now, usually)
        case State.UNKNOWN:
            return (
                f"no answer came from the music service; if it took the request, it still comes. Asked {_asked(task)}"
            )
    return f"is made, and on its way to you since {ago(task.finished_at or task.created_at)}"


def _being_made(task: Task, now: datetime, usually: Usually) -> str:
    done = (task.asked_at or task.created_at) + usually(task.provider, task.request.kind)
    far = "" if task.progress is None else f" ({task.progress} %)"
    if done > now:
        return f"is being made{far}, usually done {ago(done)}"
    return f"is being made{far} since {_asked(task)}; it takes longer than usual"


def _asked(task: Task) -> str:
    return ago(task.asked_at or task.created_at)


def _others(board: Board) -> str:
    if not board.others_waiting and not board.others_working:
        return "Nobody else waits." if board.mine else "Nobody else waits either: it would start at once."
    return f"Of others, {board.others_waiting} {_verb(board.others_waiting, 'wait')} and {_made(board.others_working)}."


def _made(number: int) -> str:
    return f"{number} {'is' if number == 1 else 'are'} being made"


def _verb(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb


def choice(task: Task) -> str:
    """One line of the list that `/cancel` offers."""
    doing = "waiting" if task.state is State.WAITING else "being made"
    return plain(called(task.request), _CHOICE - 15, UNTITLED) + f" ({doing})"
