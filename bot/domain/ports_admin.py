"""What those who manage a server may know of what was asked for in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.task import State


@dataclass(frozen=True, slots=True)
class Asked:
    """How many tasks of the last 7 and of the last 30 days stand so at one provider."""

    provider: str
    state: State
    week: int
    month: int


@dataclass(frozen=True, slots=True)
class ServerUsage:
    """Numbers only, private tasks among them: nothing that anybody wrote."""

    asked: Sequence[Asked]
    #: Who asked most in the last 30 days, and how often.
    most: Sequence[tuple[int, int]]


class Usages(Protocol):
    """Counting what was asked for."""

    async def of_server(self, guild_id: int, now: datetime) -> ServerUsage:
        """Return the numbers of one server."""
