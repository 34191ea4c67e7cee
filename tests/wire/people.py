"""Let members type commands, press buttons, fill in modals and write messages."""

from __future__ import annotations

import asyncio
from typing import Any

from .commands import Attached, typed
from .errors import ApiError
from .forms import filled, used
from .interactions import Interaction, Kind, payload_of
from .parts import Parts
from .world import Channel, Json, Member, Message


class People(Parts):
    """What members do; each deed is an INTERACTION_CREATE, lost if no bot is there to hear it."""

    async def command(self, member: Member, channel: Channel, line: str, /, **options: Any) -> Interaction:
        """Type a command ("generate", "library browse") with its options, by name.

        Options take str, int, float, bool, Member, or what `attach` returns. Raise LookupError for a command or
        option that is not synced, ValueError for a value that Discord's client would not let through.
        """
        return self._interact(Kind.COMMAND, member, channel, typed(self.world, channel, line, options))

    async def autocomplete(
        self, member: Member, channel: Channel, line: str, option: str, text: str, /, **options: Any
    ) -> list[Json]:
        """Type `text` into an option and return the choices that come; raise TimeoutError if none do."""
        data = typed(self.world, channel, line, options | {option: text}, focused=option)
        interaction = self._interact(Kind.AUTOCOMPLETE, member, channel, data)
        await interaction.answered(self.answer_window + 1)
        return interaction.choices

    async def press(self, member: Member, message: Json, custom_id: str) -> Interaction:
        """Press a button of a message."""
        return self._use(member, message, custom_id, None)

    async def choose(self, member: Member, message: Json, custom_id: str, *values: str) -> Interaction:
        """Choose `values` in a menu of a message."""
        return self._use(member, message, custom_id, list(values))

    async def submit_modal(self, opened_by: Interaction, /, **values: Any) -> Interaction:
        """Submit the modal that an interaction opened, with `values` by custom id (see `forms.filled`)."""
        if opened_by.modal is None:
            raise LookupError("the interaction has not opened a modal")
        data = filled(opened_by.modal, values)
        return self._interact(Kind.MODAL, opened_by.member, opened_by.channel, data, opened_by.source)

    def attach(self, name: str, content: bytes) -> Attached:
        """Upload a file for an option or a modal."""
        path = self.uploads.write(content)
        shape = self.uploads.keep(self.world.next_id(), 0, name, path, None)
        return Attached(self.uploads.signed(shape))

    def say(self, member: Member, channel: Channel, text: str) -> Json:
        """Have a member write a message."""
        return self._messages.render(self._messages.say(member, channel, text))

    def delete_message(self, message: Json) -> None:
        """Have somebody delete a message."""
        self._messages.delete(self._held(message))

    def _held(self, message: Json) -> Message:
        held = self.world.channel(message["channel_id"]).messages.get(int(message["id"]))
        if held is None:
            raise ApiError(10008)
        return held

    def _use(self, member: Member, message: Json, custom_id: str, values: list[str] | None) -> Interaction:
        held = self._held(message)
        return self._interact(Kind.COMPONENT, member, held.channel, used(held, member, custom_id, values), held)

    def _interact(
        self, kind: Kind, member: Member, channel: Channel, data: Json, source: Message | None = None
    ) -> Interaction:
        deadline = self.clock.now() + self.answer_window
        render, number = self._messages.render, self.world.next_id()
        interaction = Interaction(
            number, kind, member, channel, data, source, deadline, self.clock, self._changes, render
        )
        self._webhooks.interactions[interaction.token] = interaction
        self.gateway.dispatch("INTERACTION_CREATE", payload_of(interaction, self.world))
        # Whoever waits for `failed` must be woken when the time is up.
        asyncio.get_running_loop().call_later(self.answer_window, self._changes.announce)
        return interaction
