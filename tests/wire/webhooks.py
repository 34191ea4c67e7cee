"""Answer the routes that an interaction's token opens: its first answer, edits and follow-ups."""

from __future__ import annotations

from typing import Any

from . import mentions
from .api import Api, Call
from .errors import ApiError, invalid
from .interactions import Answer, Interaction, Kind, Response, metadata_of
from .messages import Draft, Messages
from .waiting import Changes
from .world import Json, Member, Message, MessageFlag, World

WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = f"{WEBHOOK}/messages/@original"
BY_ID = f"{WEBHOOK}/messages/{{message_id}}"

A = Answer
#: What each kind of interaction may be answered with.
ANSWERS = {
    Kind.COMMAND: {A.MESSAGE, A.DEFERRED_MESSAGE, A.MODAL},
    Kind.COMPONENT: {A.MESSAGE, A.DEFERRED_MESSAGE, A.DEFERRED_UPDATE, A.UPDATE, A.MODAL},
    Kind.AUTOCOMPLETE: {A.CHOICES},
    Kind.MODAL: {A.MESSAGE, A.DEFERRED_MESSAGE, A.DEFERRED_UPDATE, A.UPDATE},
}


class Webhooks:
    """The routes of all interactions so far."""

    def __init__(self, world: World, messages: Messages, changes: Changes) -> None:
        self.interactions: dict[str, Interaction] = {}
        self._world = world
        self._messages = messages
        self._changes = changes

    def register(self, api: Api) -> None:
        """Have `api` answer by these routes."""
        api.routes |= {
            ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): self._answer,
            ("POST", WEBHOOK): self._follow_up,
        }
        for route in (ORIGINAL, BY_ID):
            api.routes |= {("GET", route): self._get, ("PATCH", route): self._edit, ("DELETE", route): self._delete}

    def _answer(self, call: Call) -> Any:
        """Take the first answer; too late is 10062, a second one 40060."""
        interaction = self.interactions.get(call.params["interaction_token"])
        if interaction is None or str(interaction.id) != call.params["interaction_id"] or interaction.failed:
            raise ApiError(10062)
        if interaction.response is not None:
            raise ApiError(40060)
        answer = Answer(call.json["type"])
        allowed = answer in ANSWERS[interaction.kind]
        if not allowed or (answer in (A.DEFERRED_UPDATE, A.UPDATE) and interaction.source is None):
            raise invalid("type", f"{answer.name} does not answer a {interaction.kind.name}.")
        data = call.fields.get("data") or {}
        self._carry_out(interaction, answer, data, call)
        interaction.response = Response(answer, data)
        self._changes.announce()
        return _callback_body(interaction, call)

    def _carry_out(self, interaction: Interaction, answer: Answer, data: Json, call: Call) -> None:
        if answer is A.MESSAGE:
            interaction.original = self._make(interaction, self._draft(interaction, data, call))
        elif answer is A.DEFERRED_MESSAGE:
            viewer = _viewer(interaction, data)
            facts = metadata_of(interaction, self._world)
            interaction.original = self._messages.loading(interaction.channel, facts, viewer)
        elif answer in (A.DEFERRED_UPDATE, A.UPDATE):
            interaction.original = interaction.source
        if answer is A.UPDATE:
            self._messages.edit(_existing(interaction.source), self._draft(interaction, data, call))

    def _draft(self, interaction: Interaction, data: Json, call: Call) -> Draft:
        return Draft(data, call.uploads, interaction.upload_limit, mentions.INTERACTION_DEFAULT)

    def _make(self, interaction: Interaction, draft: Draft) -> Message:
        facts = metadata_of(interaction, self._world)
        viewer = _viewer(interaction, draft.payload)
        return self._messages.create(interaction.channel, draft, facts, viewer)

    def _interaction(self, call: Call) -> Interaction:
        interaction = self.interactions.get(call.params["webhook_token"])
        if interaction is None or call.params["webhook_id"] != str(self._world.application_id):
            raise ApiError(10015)
        interaction.check_token()
        return interaction

    def _follow_up(self, call: Call) -> Json:
        """Make a further message; the first one after a deferral takes the place of "thinking" instead."""
        interaction = self._interaction(call)
        draft = self._draft(interaction, call.fields, call)
        if interaction.loading:
            return self._messages.render(self._messages.edit(_existing(interaction.original), draft))
        message = self._make(interaction, draft)
        interaction.followups.append(message)
        return self._messages.render(message)

    def _target(self, call: Call) -> Message:
        """Return the message of a call: the original, or one of this interaction's own."""
        interaction = self._interaction(call)
        if (wanted := call.params.get("message_id")) is None:
            return _existing(interaction.original)
        own = [interaction.original, *interaction.followups]
        return _existing(next((message for message in own if message and str(message.id) == wanted), None))

    def _get(self, call: Call) -> Json:
        return self._messages.render(self._target(call))

    def _edit(self, call: Call) -> Json:
        draft = self._draft(self._interaction(call), call.fields, call)
        return self._messages.render(self._messages.edit(self._target(call), draft))

    def _delete(self, call: Call) -> None:
        self._messages.delete(self._target(call))


def _viewer(interaction: Interaction, data: Json) -> Member | None:
    return interaction.member if MessageFlag.EPHEMERAL in MessageFlag(data.get("flags") or 0) else None


def _existing(message: Message | None) -> Message:
    if message is None or not message.exists:
        raise ApiError(10008)
    return message


def _callback_body(interaction: Interaction, call: Call) -> Json | None:
    """Return what a first answer is answered with: nothing, unless `with_response` was asked for."""
    if call.query.get("with_response") not in ("1", "true"):
        return None
    assert interaction.response is not None
    told: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    resource: Json = {"type": int(interaction.response.type)}
    if interaction.original is not None:
        told["response_message_id"] = str(interaction.original.id)
        told["response_message_loading"] = interaction.loading
        told["response_message_ephemeral"] = interaction.ephemeral
        if interaction.response.type is not A.DEFERRED_UPDATE:
            resource["message"] = interaction.render(interaction.original)
    return {"interaction": told, "resource": resource}
