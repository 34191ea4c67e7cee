"""What the flows need from the rest: the Protocols that the store fills, and the words they are written in."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from bot.domain.errors import Failure
from bot.domain.source import Source
from bot.domain.task import Kind, State, Task
from bot.domain.track import Track, Update

#: The wall clock, aware and in UTC. Passed in, so that a test can live through a week.
Clock = Callable[[], datetime]


class Recorded(Enum):
    """What intake made of an update."""

    NEWS = auto()
    OLD = auto()
    #: No task of ours; noted in a bounded table.
    STRAY = auto()
    #: It ended without a track that can be used: the provider is asked.
    ASK = auto()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A task that was committed, or handed over, just now. `ahead`: how many of the member's own come before it."""

    task: Task
    ahead: int
    #: Which one it is of all that wait for its provider, where that one stays away: its line is to say so at once.
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Busyness:
    """How many tasks wait at a provider, and how many it is at."""

    waiting: int = 0
    working: int = 0


class Place(Enum):
    """Where a card may go."""

    #: The channel it was asked for in.
    CHANNEL = auto()
    #: A direct message to the member.
    DIRECT = auto()
    #: The first answer to the command, which only the member sees, while its interaction lives.
    EPHEMERAL = auto()


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a card is. `message_id` is None for an ephemeral one, which nobody can find again."""

    channel_id: int
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What members may do; see the settings of the same names."""

    member_at_once: int
    member_per_day: int
    allowed_guilds: frozenset[int]


class Submissions(Protocol):
    """The way of a task from the command to the provider's own task id."""

    async def accept(self, task: Task, *, per_day: int, at_once: int, hold: timedelta, away: bool = False) -> Accepted:
        """Commit `task` as waiting, held back for `hold`. `away`: its provider is. Raises TooManyToday, SamePress."""

    async def answered(self, task_id: str, notice_id: int | None, now: datetime) -> None:
        """The first answer is out: note the queued line and let the task go."""

    async def withdraw(self, task_id: str) -> None:
        """Forget a waiting task whose first answer could not be given."""

    async def worked_for(self, member_id: int, guild_ids: frozenset[int]) -> bool:
        """Say whether the member ever used the bot in one of the servers."""

    async def claim_waiting(
        self,
        now: datetime,
        at_once: int,
        leaving_out: Collection[str] = frozenset(),
        kinds: Collection[Kind] = frozenset(Kind),
    ) -> Task | None:
        """Move the longest waiting task of these kinds that may go to submitting, and return it.

        `leaving_out`: who rests.
        """

    async def waiting_at(self, provider: str, now: datetime) -> Sequence[Task]:
        """Return what waits for one provider, the longest waiting first, but what is held back for its first answer."""

    async def busyness(self) -> Mapping[str, Busyness]:
        """Return how many tasks wait at each provider and are being made; those with none are left out."""

    async def next_waiting(self, kinds: Collection[Kind] = frozenset(Kind)) -> datetime | None:
        """Return when the next waiting task of these kinds is due."""

    async def uploaded(self, task_id: str, source: Source) -> bool:
        """Note by which name the provider knows what a task is made from; say whether it is still to be asked for."""

    async def submitted(self, task_id: str, provider_task_id: str, ask_at: datetime) -> bool:
        """Bind the provider's task id; say whether the task was still being submitted."""

    async def wait(self, task_id: str, until: datetime) -> None:
        """Put a task that was surely not accepted back among the waiting."""

    async def hold(self, provider: str, now: datetime) -> None:
        """The provider is busy: what waits for it is to say so on its line, unless that does already."""

    async def move(
        self, task_id: str, provider: str, now: datetime, until: datetime, at_once: int, away: bool
    ) -> Accepted | None:
        """Have another provider asked for a task that waits, held back `until` then; None where it is too late."""

    async def shown(self, task_id: str, provider: str, now: datetime) -> None:
        """The line of what was handed over says so: let it go."""

    async def lost(self, task_id: str, now: datetime, ask_at: datetime) -> None:
        """Note that nobody knows whether the provider accepted the task."""

    async def fail(self, task_id: str, failure: Failure, detail: str, now: datetime, waiting_at: str = "") -> bool:
        """Note that the task failed, `waiting_at`: only if it waits there; say whether that was news."""

    async def cancel(self, task_id: str, member_id: int, now: datetime) -> State | None:
        """Cancel the task; return the state it was in, or None when it is too late. Raises NotYours."""

    async def get(self, task_id: str) -> Task | None:
        """Return the task."""


class Cards(Protocol):
    """What members do with a posted card."""

    async def like(self, task_id: str, member_id: int, now: datetime) -> int:
        """Like the card, or take the like back; return how many like it now. Raises NotATrack."""

    async def likes(self, task_id: str) -> int:
        """Return how many members like the card."""

    async def extra(self, task_id: str) -> str:
        """Return what else the provider told of the first track: the JSON text of an object, or nothing."""

    async def posted(self, task_id: str) -> Posted | None:
        """Return where the card is, or None if it is nowhere (any more)."""

    async def deleted(self, task_id: str, now: datetime) -> None:
        """The card has been deleted from Discord."""


class News(Protocol):
    """Recording what providers say about tasks."""

    async def record(self, update: Update, now: datetime) -> Recorded:
        """Commit digest, state, tracks and `delivery = ready` in one transaction."""

    async def ask_soon(self, key: str, now: datetime) -> bool:
        """Have the open task of this key asked for; say whether there is one."""

    async def due_to_ask(self, now: datetime, limit: int) -> Sequence[Task]:
        """Return open tasks that are due to be asked for, the longest due first."""

    async def asked(self, task_id: str, next_at: datetime, began: datetime, *, failed: bool) -> int:
        """Note when to ask next; return how many asks in a row have failed.

        What has said since the asking `began` that it is to be asked is not put off.
        """

    async def asked_again(self, task_id: str, began: datetime) -> None:
        """A failed task was asked for after a hint: it is not again without another, since the asking `began`."""

    async def found(self, task_id: str, provider_task_id: str, now: datetime) -> bool:
        """Bind the id of a create whose answer was lost, and have it asked for; say whether it was open."""

    async def earlier_jobs(self, task_id: str) -> Sequence[str]:
        """Return the ids that the task had at its provider before that one's own retry gave it another."""

    async def next_ask(self) -> datetime | None:
        """Return when the next task is due to be asked for."""

    async def fail(self, task_id: str, failure: Failure, detail: str, now: datetime) -> bool:
        """Note that the task failed; say whether that was news."""


class Deliveries(Protocol):
    """The second life of a completed task: into Discord, once."""

    async def claim(self, now: datetime, lease: timedelta) -> Task | None:
        """Move the longest ready delivery to sending, its first-try time committed, and return it."""

    async def next_delivery(self) -> datetime | None:
        """Return when the next delivery is due."""

    async def tracks(self, task_id: str) -> Sequence[Track]:
        """Return the task's tracks in the provider's order."""

    async def refresh(self, task_id: str, tracks: Sequence[Track]) -> None:
        """Replace the addresses of tracks that the provider gave anew; their titles stay."""

    async def sent(self, task_id: str, channel_id: int, message_id: int | None, now: datetime) -> None:
        """Note the message; the queued line is to point at it. `message_id` is None where nobody can find it."""

    async def put_back(self, task_id: str, until: datetime) -> None:
        """Try again later."""

    async def refused(self, task_id: str, reason: str) -> None:
        """Note that a place refused the card, before the next one is tried."""

    async def set_aside(self, task_id: str, reason: str, now: datetime) -> None:
        """Give up posting, with the reason; the queued line is to say so."""

    async def all_set_aside(self, member_id: int) -> Sequence[Task]:
        """Return the member's tasks that are set aside, the newest first."""

    async def resend(self, task_id: str, member_id: int, now: datetime) -> bool:
        """Have the member's task posted after all, with new patience; say whether it was set aside and may go."""


class Tellings(Protocol):
    """What still has to be said on queued lines."""

    async def to_tell(self, now: datetime, limit: int) -> Sequence[Task]:
        """Return tasks whose queued line does not say what happened."""

    async def told(self, task: Task) -> None:
        """The line says how `task` stands now."""

    async def tell_later(self, task_id: str, until: datetime | None) -> None:
        """Try again then; None gives up."""

    async def place(self, task_id: str) -> int | None:
        """Return which one of all that wait for its provider a task is, from 1; None where it does not wait."""

    async def next_telling(self) -> datetime | None:
        """Return when the next line is due."""
