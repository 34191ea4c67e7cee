"""Follow one interaction: what a member did, and what the bot has answered to it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from . import payloads
from .errors import ApiError
from .waiting import Changes, Clock
from .world import Channel, Json, Member, Message, MessageFlag, World

#: Seconds an interaction's token lives once it has been answered.
TOKEN_LIFE = 15 * 60.0


class Kind(IntEnum):
    """Discord's numbers of the interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(IntEnum):
    """Discord's numbers of the first answers."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(frozen=True)
class Response:
    """The first answer: its type and data, as the bot sent them."""

    type: Answer
    data: Json


@dataclass(eq=False)
class Interaction:
    """One interaction; `source` is the message whose component was used, also for a modal it opened."""

    id: int
    kind: Kind
    member: Member
    channel: Channel
    data: Json
    source: Message | None
    deadline: float
    clock: Clock
    changes: Changes
    render: Callable[[Message], Json]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(90))
    response: Response | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    _expired: bool = False

    async def answered(self, timeout: float = 5.0) -> Interaction:
        """Wait for the first answer, and return the interaction itself; raise TimeoutError without one."""
        await self.changes.until(lambda: self.response, timeout, lambda: f"an answer to {self.data}")
        return self

    async def settled(self, timeout: float = 10.0) -> Json:
        """Wait until the answer is a message that is no longer "thinking", and return it."""
        ready = lambda: self.message is not None and not self.loading  # noqa: E731
        await self.changes.until(ready, timeout, lambda: f"a settled answer to {self.data}")
        assert self.message is not None
        return self.message

    @property
    def message(self) -> Json | None:
        """The message that answers (or that the answer changed) as Discord holds it now, if there is one."""
        if self.original is None or not self.original.exists:
            return None
        return self.render(self.original)

    @property
    def ephemeral(self) -> bool:
        """Whether only the member sees the answer."""
        return self.original is not None and self.original.seen_only_by is not None

    @property
    def loading(self) -> bool:
        """Whether the answer is still "thinking"."""
        return self.original is not None and MessageFlag.LOADING in self.original.flags

    @property
    def failed(self) -> bool:
        """Whether the member has been told that the application did not respond."""
        return self.response is None and self.clock.now() >= self.deadline

    @property
    def choices(self) -> list[Json]:
        """What an autocomplete has been answered with."""
        return list(self.response.data.get("choices") or []) if self.response else []

    @property
    def modal(self) -> Json | None:
        """The modal that the answer opened."""
        return self.response.data if self.response and self.response.type is Answer.MODAL else None

    @property
    def upload_limit(self) -> int:
        """The largest file an answer may carry, in bytes."""
        return max(self.channel.upload_limit, self.member.nitro_limit)

    def expire(self) -> None:
        """Let the token die now: from here on its use gives 401/50027."""
        self._expired = True

    def check_token(self) -> None:
        """Refuse the use of a dead token, or of one whose interaction was never answered."""
        if self._expired or self.clock.now() >= self.deadline + TOKEN_LIFE:
            raise ApiError(50027)
        if self.response is None:
            raise ApiError(10015)


def payload_of(interaction: Interaction, world: World) -> Json:
    """Return the INTERACTION_CREATE event of an interaction."""
    shape: Json = {
        "id": str(interaction.id),
        "application_id": str(world.application_id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
    }
    if interaction.source is not None:
        shape["message"] = interaction.render(interaction.source)
    return shape | payloads.interaction_place(interaction.channel, interaction.member, world)


def metadata_of(interaction: Interaction, world: World) -> dict[str, Any]:
    """Return the fields that mark a message as an answer to `interaction`."""
    place = payloads.interaction_place(interaction.channel, interaction.member, world)
    told: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": payloads.user(interaction.member),
        "authorizing_integration_owners": place["authorizing_integration_owners"],
    }
    application_id = str(world.application_id)
    return {"application_id": application_id, "webhook_id": application_id, "interaction_metadata": told}
