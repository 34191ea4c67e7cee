"""What personas are, what may be wrong with one, and what they need from the store."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.domain.errors import Refusal
from bot.domain.task import Kind

#: The longest name, in characters, and how many a member may have in one place: each one costs a call.
MAX_NAME, MOST_PERSONAS = 60, 25
#: One that is not made by then never will be: its provider was given less time to answer.
MADE_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Persona:
    """A voice made from a track, under the name a member gave it."""

    id: str
    name: str
    member_id: int
    #: Where it was made, and can be used; None in direct messages.
    guild_id: int | None
    provider: str
    #: The provider's own name of it; empty until that has answered.
    persona_id: str
    created_at: datetime

    @property
    def key(self) -> str:
        """What its name is found by: capitals and spaces tell no two names apart."""
        return key_of(self.name)


@dataclass(frozen=True, slots=True)
class Clip:
    """A finished track as its provider knows it. `kind`: what it was made as."""

    provider: str
    clip_id: str
    kind: Kind
    expires_at: datetime | None


class Trouble(StrEnum):
    """What is wrong with a wish for a persona."""

    UNKNOWN = "unknown"
    #: Several members have one of that name here.
    SEVERAL = "several"
    #: The member's own, made in another place.
    ELSEWHERE = "elsewhere"
    #: Its provider has not answered (yet).
    UNFINISHED = "unfinished"
    #: Known to another provider than the one that was chosen.
    OTHER_PROVIDER = "other provider"
    #: Known to a provider that is not set up any more.
    PROVIDER_GONE = "provider gone"
    #: The member has one of that name here.
    NAME_TAKEN = "name taken"
    TOO_MANY = "too many"
    #: The member is having another one made.
    UNDER_WAY = "under way"
    #: The provider that made the track makes no personas.
    NOT_OFFERED = "not offered"
    #: Its provider does not know the track (any more).
    TRACK_EXPIRED = "track expired"
    #: Not a track to make one of: taken out of another one, or no audio at all.
    TRACK_UNFIT = "track unfit"
    #: It was deleted while it was being made.
    DELETED = "deleted"


class BadPersona(Refusal):
    """A persona that cannot be made, used or found. `others`: what would work, by names for people."""

    def __init__(self, trouble: Trouble, name: str = "", provider: str = "", others: Sequence[str] = ()) -> None:
        super().__init__(f"persona: {trouble}")
        self.trouble, self.name, self.provider, self.others = trouble, name, provider, tuple(others)


class Personas(Protocol):
    """The personas of all members. One without `persona_id` is being made, or was cut off."""

    async def reserve(self, persona: Persona, now: datetime, per_day: int) -> None:
        """Commit a persona before its provider is asked. One that was cut off gives way.

        It counts against the member's day as what is asked for does. Raises BadPersona, TooManyToday.
        """

    async def made(self, own_id: str, persona_id: str) -> bool:
        """Note the provider's name of it; say whether it is still wanted."""

    async def not_made(self, own_id: str) -> None:
        """Forget one that its provider did not make: it never counted."""

    async def remove(self, own_id: str) -> bool:
        """Forget it, but for the time it counts against its member's day; say whether there was one."""

    async def here(self, member_id: int, guild_id: int | None) -> Sequence[Persona]:
        """Return what the member may use in a server, or in direct messages: their own first, then by name."""

    async def own_elsewhere(self, member_id: int, guild_id: int | None, key: str) -> bool:
        """Say whether the member has one of this name (or id) in another place."""


def key_of(name: str) -> str:
    """Return what a name is found by."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
