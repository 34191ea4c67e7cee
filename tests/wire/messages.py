"""Make, change and delete messages by Discord's rules."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import mentions, payloads
from .errors import ApiError, invalid
from .files import Files, Upload
from .limits import check_message, check_uploads, check_words
from .waiting import Changes, Clock
from .world import Channel, Json, Member, Message, MessageFlag, Permission, World

F = MessageFlag
#: Flags a bot may set when it makes a message, and when it changes one.
CREATE_FLAGS = F.SUPPRESS_EMBEDS | F.EPHEMERAL | F.SUPPRESS_NOTIFICATIONS | F.COMPONENTS_V2
EDIT_FLAGS = F.SUPPRESS_EMBEDS | F.COMPONENTS_V2
#: Parts of a message's object a request replaces as they are.
REPLACED = ("content", "embeds", "components")
#: Keys under which embeds and components show a file.
MEDIA = {"image", "thumbnail", "video", "media", "file"}


@dataclass
class Draft:
    """What a request asks a message to become; `limit` is its largest file in bytes."""

    payload: Json
    uploads: list[Upload] = field(default_factory=list)
    limit: int = 0
    default_mentions: Json = field(default_factory=lambda: mentions.MESSAGE_DEFAULT)


class Messages:
    """All messages of `world`; `nonce_window` is for how many seconds a nonce is remembered."""

    def __init__(self, world: World, files: Files, clock: Clock, changes: Changes) -> None:
        self.nonce_window = 120.0
        self._world = world
        self._files = files
        self._clock = clock
        self._changes = changes
        self._nonces: dict[str, tuple[float, Message]] = {}

    def send(self, channel: Channel, draft: Draft, facts: Json) -> Message:
        """Make a message of the bot, or return the earlier one with the same enforced nonce.

        `facts` are more fields of its object. If the earlier one has been deleted: 10008.
        """
        nonce = draft.payload.get("nonce") if draft.payload.get("enforce_nonce") else None
        if nonce is not None and (earlier := self._earlier(str(nonce))):
            self._files.discard(draft.uploads)
            if not earlier.exists:
                raise ApiError(10008)
            return earlier
        message = self.create(channel, draft, facts)
        if nonce is not None:
            self._nonces[str(nonce)] = (self._clock.now(), message)
        return message

    def _earlier(self, nonce: str) -> Message | None:
        made, message = self._nonces.get(nonce, (float("-inf"), None))
        return message if self._clock.now() - made < self.nonce_window else None

    def create(self, channel: Channel, draft: Draft, facts: Json, seen_only_by: Member | None = None) -> Message:
        """Make a message of the bot."""
        flags = F(draft.payload.get("flags") or 0) & CREATE_FLAGS
        message = self._blank(channel, payloads.bot_user(self._world), flags, facts)
        message.seen_only_by = seen_only_by
        self._write(message, draft)
        channel.messages[message.id] = message
        self._changes.announce()
        return message

    def loading(self, channel: Channel, facts: Json, seen_only_by: Member | None) -> Message:
        """Make the "is thinking" message of a deferred answer."""
        flags = F.LOADING | (F.EPHEMERAL if seen_only_by else F(0))
        message = self._blank(channel, payloads.bot_user(self._world), flags, facts)
        message.seen_only_by = seen_only_by
        channel.messages[message.id] = message
        self._changes.announce()
        return message

    def say(self, member: Member, channel: Channel, text: str) -> Message:
        """Make a message of a person; in servers a bot without the content intent does not see its text."""
        message = self._blank(channel, payloads.user(member), F(0), {})
        message.data["content"] = "" if channel.guild else text
        channel.messages[message.id] = message
        self._changes.announce()
        return message

    def edit(self, message: Message, draft: Draft) -> Message:
        """Change a message; what the request does not name stays."""
        before = copy.deepcopy(message.data), list(message.files)
        asked = F(draft.payload.get("flags") or 0) & EDIT_FLAGS
        kept = message.flags & ~F.LOADING & ~F.SUPPRESS_EMBEDS
        message.data["flags"] = int(kept | asked)
        try:
            self._write(message, draft)
        except ApiError:
            message.data, message.files = before
            raise
        message.data["edited_timestamp"] = _now()
        self._files.forget([file for file in before[1] if file not in message.files])
        self._changes.announce()
        return message

    def delete(self, message: Message) -> None:
        """Remove a message and its files."""
        del message.channel.messages[message.id]
        self._files.forget(message.files)
        self._changes.announce()

    def render(self, message: Message, *, nonce: str | int | None = None) -> Json:
        """Return a message's object with fresh addresses; only the answer to its making carries the nonce."""
        shape: Json = self._files.signed(message.data)
        return shape | ({"nonce": nonce} if nonce is not None else {})

    def _blank(self, channel: Channel, author: Json, flags: MessageFlag, facts: Json) -> Message:
        message_id = self._world.next_id()
        data: Json = {
            "id": str(message_id),
            "channel_id": str(channel.id),
            "author": author,
            "content": "",
            "timestamp": _now(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "type": 0,
            "flags": int(flags),
        }
        return Message(message_id, channel, author, data | facts)

    def _write(self, message: Message, draft: Draft) -> None:
        check_uploads(draft.uploads, draft.limit)
        if draft.uploads and not message.channel.allows(Permission.ATTACH_FILES):
            raise ApiError(50013)
        for name in REPLACED:
            if name in draft.payload:
                message.data[name] = draft.payload[name] or ("" if name == "content" else [])
        if not message.channel.allows(Permission.EMBED_LINKS):
            message.data["embeds"] = []
        self._attach(message, draft)
        check_message(message.data)
        check_words(message.data, message.channel.guild)
        mentions.apply(message, draft.payload.get("allowed_mentions"), draft.default_mentions, self._world)

    def _attach(self, message: Message, draft: Draft) -> None:
        kept = self._kept(message, draft)
        added = self._added(message, draft, {file["id"] for file in kept})
        known = {file["filename"]: file for file in [*message.files, *added]}
        shown: set[str] = set()
        for name in ("embeds", "components"):
            message.data[name] = _resolved(message.data[name], known, shown)
        addresses = {file["url"]: file for file in [*message.files, *added]}
        hidden = [file for url, file in addresses.items() if url in shown]
        message.data["attachments"] = [file for file in [*kept, *added] if file["url"] not in shown]
        message.files = [*message.data["attachments"], *hidden]

    def _kept(self, message: Message, draft: Draft) -> list[Json]:
        listed = draft.payload.get("attachments")
        attachments: list[Json] = message.data["attachments"]
        if "attachments" not in draft.payload:
            return attachments
        ids = {str(entry["id"]) for entry in listed or []}
        return [file for file in message.files if file["id"] in ids]

    def _added(self, message: Message, draft: Draft, kept: set[str]) -> list[Json]:
        described = {str(entry["id"]): entry for entry in draft.payload.get("attachments") or []}
        described = {key: entry for key, entry in described.items() if key not in kept}
        added = []
        for upload in draft.uploads:
            entry = described.pop(upload.field.removeprefix("files[").removesuffix("]"), {})
            name = entry.get("filename") or upload.name
            file_id = self._world.next_id()
            added.append(self._files.keep(file_id, message.channel.id, name, upload.path, entry.get("description")))
        if described:
            raise invalid("attachments", f"Unknown attachments {sorted(described)}")
        return added


def _resolved(shape: Any, known: dict[str, Json], shown: set[str]) -> Any:
    """Return `shape` with `attachment://` replaced; the addresses of ours that it shows go into `shown`."""
    if isinstance(shape, list):
        return [_resolved(part, known, shown) for part in shape]
    if not isinstance(shape, dict):
        return shape
    resolved = {key: _resolved(value, known, shown) for key, value in shape.items()}
    for key in MEDIA & resolved.keys():
        if resolved[key]:
            resolved[key] = resolved[key] | _media(resolved[key]["url"], known, shown)
    if resolved.get("icon_url"):
        resolved["icon_url"] = _media(resolved["icon_url"], known, shown)["url"]
    return resolved


def _media(url: str, known: dict[str, Json], shown: set[str]) -> Json:
    """Return the media object behind an address; refuse one that names a file nobody sent."""
    name = url.removeprefix("attachment://") if url.startswith("attachment://") else None
    address = url.partition("?")[0]
    file = next((f for f in known.values() if f["filename"] == name or f["url"] == address), None)
    if file is None:
        if name is not None:
            raise invalid("attachments", f"No file called {name!r} came with the message.")
        return {"url": url}
    shown.add(file["url"])
    return {"url": file["url"], "proxy_url": file["proxy_url"], "content_type": file["content_type"]}


def _now() -> str:
    return datetime.now(UTC).isoformat()
