"""Type a command as Discord's client lets a member: only what is synced, only values it accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import payloads
from .world import Channel, ChannelKind, Json, Member, World

SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, ATTACHMENT, NUMBER = 3, 4, 5, 6, 11, 10
CONTEXT_OF_DM = 1
PYTHON = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float), USER: Member}


@dataclass(frozen=True)
class Attached:
    """A file that a member has attached to an option or a form."""

    attachment: Json


def typed(world: World, channel: Channel, line: str, values: dict[str, Any], focused: str | None = None) -> Json:
    """Return an interaction's data for `line` ("library browse") with options `values`.

    Raise LookupError for what is not synced, ValueError for what the client would not let through. With a
    `focused` option it is an autocomplete: other options may still be missing.
    """
    name, *path = line.removeprefix("/").split()
    command = world.find_command(name, channel.guild)
    _check_place(command, channel)
    offered = command.get("options") or []
    taken = []
    for step in path:
        level = _named(offered, step)
        taken.append(level)
        offered = level.get("options") or []
    if any(option["type"] in (SUBCOMMAND, GROUP) for option in offered):
        raise LookupError(f"/{line} is a group, not a command")
    options = _options(line, offered, values, focused)
    for level in reversed(taken):
        options = [{"type": level["type"], "name": level["name"], "options": options}]
    data = {"id": command["id"], "name": name, "type": 1, "options": options}
    return data | resolved(list(values.values()))


def _check_place(command: Json, channel: Channel) -> None:
    contexts = command.get("contexts")
    direct = channel.kind is ChannelKind.DM
    if direct and contexts is not None and CONTEXT_OF_DM not in contexts:
        raise LookupError(f"/{command['name']} is not offered in direct messages")


def _named(options: list[Json], name: str) -> Json:
    for option in options:
        if option["name"] == name:
            return option
    raise LookupError(f"no {name!r} among {[option['name'] for option in options]}")


def _options(line: str, offered: list[Json], values: dict[str, Any], focused: str | None) -> list[Json]:
    missing = [o["name"] for o in offered if o.get("required") and o["name"] not in values]
    if missing and focused is None:
        raise ValueError(f"/{line} needs {missing}")
    return [_option(_named(offered, name), value, name == focused) for name, value in values.items()]


def _option(option: Json, value: Any, focused: bool) -> Json:
    if not focused:
        _check_value(option, value)
    elif not option.get("autocomplete"):
        raise LookupError(f"{option['name']!r} has no autocomplete")
    if isinstance(value, Attached):
        value = value.attachment["id"]
    elif isinstance(value, Member):
        value = str(value.id)
    return {"type": option["type"], "name": option["name"], "value": value} | ({"focused": True} if focused else {})


def _check_value(option: Json, value: Any) -> None:
    name, kind = option["name"], option["type"]
    wanted: Any = Attached if kind == ATTACHMENT else PYTHON[kind]
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind != BOOLEAN):
        raise ValueError(f"{name!r} does not take {value!r}")
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise ValueError(f"{name!r} offers only {[choice['value'] for choice in choices]}")
    if kind == STRING:
        check_length(name, value, option.get("min_length"), option.get("max_length"))
    if kind in (INTEGER, NUMBER):
        _check_range(name, value, option.get("min_value"), option.get("max_value"))


def check_length(name: str, text: str, least: int | None, most: int | None) -> None:
    """Raise ValueError where a text is shorter or longer than its box lets it be."""
    if len(text) < (least or 0) or len(text) > (6000 if most is None else most):
        raise ValueError(f"{name!r} takes {least or 0} to {most or 6000} characters, not {len(text)}")


def _check_range(name: str, value: float, least: float | None, most: float | None) -> None:
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError(f"{name!r} takes {least} to {most}, not {value}")


def resolved(values: list[Any]) -> Json:
    """Return the "resolved" field that describes the files and people among `values`; nothing without any."""
    files = {value.attachment["id"]: value.attachment for value in values if isinstance(value, Attached)}
    people = [value for value in values if isinstance(value, Member)]
    told: Json = {}
    if files:
        told["attachments"] = files
    if people:
        told["users"] = {str(person.id): payloads.user(person) for person in people}
        told["members"] = {str(p.id): payloads.member(payloads.user(p), 0) for p in people if p.guild}
    return {"resolved": told} if told else {}
