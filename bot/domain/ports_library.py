"""What `/library` needs from the store: whose eyes look, what they look for, and what they see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.task import Kind

#: How many entries one page shows.
PER_PAGE = 10
#: Counting ends here: more than so many are "1,000+".
MOST_COUNTED = 1000


class Scope(StrEnum):
    """Whose tracks."""

    #: The member's own, wherever they were asked for.
    MINE = "mine"
    #: Posted in this channel, if the member can read it.
    CHANNEL = "channel"
    #: Posted in this server, in channels that the member can read.
    SERVER = "server"


class Status(StrEnum):
    """How far a task is."""

    FINISHED = "finished"
    FAILED = "failed"
    WORKING = "working"


class SongType(StrEnum):
    """Sung or not."""

    SUNG = "sung"
    INSTRUMENTAL = "instrumental"


class Sort(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    LONGEST = "longest"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and from where. `channels`: those of the server that the member can read."""

    member_id: int
    channel_id: int
    guild_id: int | None
    channels: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. Empty and None leave a filter out."""

    scope: Scope = Scope.MINE
    words: str = ""
    style: str = ""
    kind: Kind | None = None
    status: Status | None = None
    song_type: SongType | None = None
    liked: bool = False
    provider: str = ""
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Entry:
    """One track, or one task without tracks (`number` 0)."""

    task_id: str
    number: int
    member_id: int
    title: str
    style: str
    prompt: str
    status: Status
    kind: Kind
    provider: str
    private: bool
    seconds: float | None
    made_at: datetime
    guild_id: int | None
    #: Where its card is; None where it has none that a link leads to.
    channel_id: int | None
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `total` is counted up to MOST_COUNTED + 1; `number` is the page's own, from 0."""

    entries: Sequence[Entry]
    number: int
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class Stats:
    """A scope in numbers: each list has the largest first, weeks are in order and begin on their Monday."""

    tracks: int
    seconds: float
    likes: int
    styles: Sequence[tuple[str, int]] = field(default_factory=tuple)
    kinds: Sequence[tuple[str, int]] = field(default_factory=tuple)
    providers: Sequence[tuple[str, int]] = field(default_factory=tuple)
    weeks: Sequence[tuple[datetime, int]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a member has open."""

    id: str
    query: Query


class Library(Protocol):
    """What members made, as one of them may see it: nobody else's private task, and no deleted card."""

    async def page(self, viewer: Viewer, query: Query, number: int) -> Page:
        """Return a page, from 0; the last one where `number` is behind it."""

    async def find(self, viewer: Viewer, task_id: str, number: int) -> Entry | None:
        """Return one entry, if the viewer may see it."""

    async def children(self, viewer: Viewer, task_id: str) -> Sequence[Entry]:
        """Return what was made from a task's tracks, as far as the viewer may see it: the newest first, a few of them.

        Of each task its first track.
        """

    async def styles(self, viewer: Viewer, scope: Scope) -> Sequence[str]:
        """Return the styles that members used most of late, the most used first."""

    async def stats(self, viewer: Viewer, scope: Scope, now: datetime) -> Stats:
        """Return a scope in numbers; weeks are the last twelve."""


class Shelves(Protocol):
    """What members have open, so that its buttons outlive a restart."""

    async def put(self, member_id: int, query: Query, now: datetime) -> Shelf:
        """Keep a query under a new id, and drop a few that are too old."""

    async def get(self, shelf_id: str, member_id: int, now: datetime) -> Shelf | None:
        """Return the member's own shelf, unless it is unknown or too old."""
