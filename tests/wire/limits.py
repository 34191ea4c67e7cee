"""Refuse messages over the limits that Discord's description of its API leaves out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from . import mentions
from .errors import ApiError, invalid
from .files import Upload
from .world import Guild, Json, MessageFlag

CONTENT = 2000
TEXT_DISPLAYS = 4000
EMBEDS = 6000
COMPONENTS = 40
ROWS = 5
#: An action row holds so many buttons, or one menu alone.
BUTTONS = 5
FILES = 10


def check_uploads(uploads: list[Upload], limit: int) -> None:
    """Refuse too many files, or one larger than `limit` bytes (413/40005)."""
    if len(uploads) > FILES:
        raise invalid("files", f"Must be {FILES} or fewer.")
    if any(upload.size > limit for upload in uploads):
        raise ApiError(40005)


def check_message(data: Json) -> None:
    """Refuse a finished message that Discord would not keep (400/50035, 50006)."""
    if MessageFlag.COMPONENTS_V2 in MessageFlag(data["flags"]):
        _check_layout(data)
    else:
        _check_classic(data)
    _check_components(data["components"])


def check_words(data: Json, guild: Guild | None) -> None:
    """Refuse a message with a word that its server forbids, in any text or name of a file (400/200000)."""
    shown = json.dumps([data["content"], data["embeds"], data["attachments"]]).casefold()
    if guild and any(word.casefold() in shown for word in guild.forbidden):
        raise ApiError(200000)


def _check_layout(data: Json) -> None:
    for name in ("content", "embeds"):
        if data[name]:
            raise invalid(name, "The 'content' and 'embeds' fields cannot be used with MessageFlags.IS_COMPONENTS_V2.")
    if not data["components"]:
        raise ApiError(50006)
    if sum(len(text) for text in mentions.texts(data["components"])) > TEXT_DISPLAYS:
        raise invalid("components", f"The text of all components must be {TEXT_DISPLAYS} or fewer in length.")


def _check_classic(data: Json) -> None:
    if len(data["content"]) > CONTENT:
        raise invalid("content", f"Must be {CONTENT} or fewer in length.")
    if sum(map(_embed_length, data["embeds"])) > EMBEDS:
        raise invalid("embeds", f"Embed size exceeds maximum size of {EMBEDS}")
    if len(data["components"]) > ROWS:
        raise invalid("components", f"Must be {ROWS} or fewer in length.")
    if any(row["type"] != 1 for row in data["components"]):
        raise invalid("components", "Only action rows are valid without MessageFlags.IS_COMPONENTS_V2.")
    if not (data["content"] or data["embeds"] or data["attachments"] or data["components"]):
        raise ApiError(50006)


def _embed_length(embed: Json) -> int:
    parts = [embed.get("title"), embed.get("description")]
    parts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    parts += [text for field in embed.get("fields") or [] for text in (field["name"], field["value"])]
    return sum(len(part) for part in parts if part)


def _check_components(components: list[Json]) -> None:
    everything = list(walk(components))
    if len(everything) > COMPONENTS:
        raise invalid("components", f"Must be {COMPONENTS} or fewer in total.")
    ids = [part["custom_id"] for part in everything if part.get("custom_id")]
    if len(ids) != len(set(ids)):
        raise invalid("components", "Component custom id cannot be duplicated")
    for part in everything:
        _check_row(part)
        _check_button(part)
        _check_menu(part)


def _check_row(part: Json) -> None:
    if part["type"] != 1:
        return
    kinds = [child["type"] for child in part["components"]]
    if not 1 <= len(kinds) <= BUTTONS:
        raise invalid("components", f"Must be between 1 and {BUTTONS} in length.")
    if len(kinds) > 1 and set(kinds) != {2}:
        raise invalid("components", "The specified component exceeds the maximum width.")


def _check_menu(part: Json) -> None:
    if part["type"] != 3:
        return
    values = [option["value"] for option in part["options"]]
    if not values or len(values) != len(set(values)):
        raise invalid("components", "The options of a menu must be there, and their values must not be repeated.")


def _check_button(part: Json) -> None:
    if part["type"] != 2:
        return
    wanted = {5: "url", 6: "sku_id"}.get(part["style"], "custom_id")
    if not part.get(wanted):
        raise invalid("components", f"A button of style {part['style']} must have a {wanted}.")
    if not (part.get("label") or part.get("emoji") or part.get("sku_id")):
        raise invalid("components", "A button must have a label or an emoji.")


def walk(components: Any) -> Iterator[Json]:
    """Yield every component, also the nested ones and accessories."""
    for part in components or []:
        yield part
        yield from walk(part.get("components"))
        yield from walk([part[key] for key in ("accessory", "component") if part.get(key)])
