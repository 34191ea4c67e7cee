"""Writes `docs/commands.md` from the command tree and the providers' dialects: `python -m tests.commands_page`."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from bot.client import Client
from bot.domain.contract import JobAction
from bot.domain.task import Kind
from bot.providers.wire import Call, Wire
from bot.ui.modals import song_modal
from bot.ui.more_menu import ENTRIES
from tests.parts import API_KEY
from tests.providers.kinds import some_task
from tests.providers.vendors import VENDORS

PAGE = Path(__file__).parents[1] / "docs/commands.md"

Command = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu
#: Stands for any job of a provider.
JOB = "904001"

#: What a command makes whose name is not that of a kind, and what it has done to a provider's jobs.
MAKES: Mapping[str, Kind] = {"generate": Kind.SONG, "song": Kind.SONG, "soundfx": Kind.SOUND}
JOBS: Mapping[str, JobAction] = {
    "task retry": JobAction.RETRY,
    "track rename": JobAction.RENAME,
    "track delete": JobAction.DELETE,
}
TYPES = {
    discord.AppCommandOptionType.string: "text",
    discord.AppCommandOptionType.integer: "whole number",
    discord.AppCommandOptionType.number: "number",
    discord.AppCommandOptionType.boolean: "yes or no",
    discord.AppCommandOptionType.attachment: "file",
    discord.AppCommandOptionType.channel: "channel",
    discord.AppCommandOptionType.user: "member",
    discord.AppCommandOptionType.role: "role",
}
HEAD = """# Commands

Made by `python -m tests.commands_page` from the command tree and the providers' dialects; a test holds it true. An
option in **bold** is needed. “List” means that choices open while it is typed. A provider call is what is sent once for
each time the command is carried out, an upload only for a file that the provider does not know; asking how a task
stands is free and not shown.
"""
MENU = """
## The menu under each track

An entry is there where a provider can do it. “…” opens a box for what it needs; all end in the same call as the
command.

| entry | what it does |
|---|---|
"""


async def page() -> str:
    """Return the whole page."""

    async def nothing(*_: str) -> None:
        return None

    client = Client(nothing, nothing)
    await client.load_commands()
    entries = "".join(f"| {one.label} | {one.description} |\n" for one in ENTRIES)
    return HEAD + "".join(_tables(client)) + MENU + entries


def wires() -> list[Wire]:
    """Return every dialect; a provider with several families has several."""
    return [vendor.wire(API_KEY) for vendor in VENDORS]


def makes(name: str) -> Kind | None:
    """Return what a command makes; None where it makes nothing."""
    return MAKES.get(name) or (Kind(name) if name in set(Kind) else None)


def _tables(client: Client) -> Iterator[str]:
    """Yield a table for each file of commands, in the order they are loaded."""
    typed = client.tree.walk_commands(type=discord.AppCommandType.chat_input)
    leaves: list[Command] = [one for one in typed if not isinstance(one, app_commands.Group)]
    leaves += client.tree.walk_commands(type=discord.AppCommandType.message)
    order = list(client.extensions)
    for module, commands in groupby(sorted(leaves, key=lambda one: order.index(_module(one))), key=_module):
        title = (sys.modules[module].__doc__ or "").partition("\n")[0].rstrip(".")
        yield f"\n## {title}\n\n| command | options | who may type it | provider call |\n|---|---|---|---|\n"
        yield from map(_row, commands)


def _module(command: Command) -> str:
    return command.module or ""


def _row(command: Command) -> str:
    name = command.qualified_name
    if isinstance(command, app_commands.ContextMenu):
        what, options = f"“{name}” in the menu of a message", []
    else:
        what, options = f"`/{name}`<br>{command.description}", [_option(one) for one in command.parameters]
    options += _boxes(name)
    takes_file = any("(file" in one for one in options)
    cells = (what, "<br>".join(options), _who(command), "<br>".join(_calls(name, takes_file)))
    return "| " + " | ".join(cell.replace("|", "\\|") or "–" for cell in cells) + " |\n"


def _option(option: app_commands.Parameter) -> str:
    name = f"**`{option.display_name}`**" if option.required else f"`{option.display_name}`"
    limits = [TYPES[option.type], *_limits(option), *(["list"] if option.autocomplete else [])]
    return f"{name} ({', '.join(limits)}): {option.description}"


def _boxes(name: str) -> Iterator[str]:
    """Yield the boxes of the modal that a command opens."""
    for label in song_modal().children if name == "song" else ():
        box = label.component if isinstance(label, discord.ui.Label) else None
        if isinstance(label, discord.ui.Label) and isinstance(box, discord.ui.TextInput):
            yield f"{label.text} (a box, up to {box.max_length:,} characters)"
        elif isinstance(label, discord.ui.Label):
            yield f"{label.text} (a box to tick)"


def _limits(option: app_commands.Parameter) -> Iterator[str]:
    if option.choices:
        yield " / ".join(choice.name for choice in option.choices)
    elif option.max_value is not None:
        unit = " characters" if option.type is discord.AppCommandOptionType.string else ""
        yield f"{option.min_value or 0:,} to {option.max_value:,}{unit}"


def _who(command: Command) -> str:
    """Say who finds the command, as Discord is told."""
    root = command if isinstance(command, app_commands.ContextMenu) else command.root_parent or command
    needed = root.default_permissions
    names = [name.replace("_", " ") for name, wanted in needed or () if wanted]
    where = "servers, direct messages" if root.allowed_contexts and root.allowed_contexts.dm_channel else "servers"
    return f"{'with ' + ', '.join(names) if names else 'everybody'}; {where}"


def _calls(name: str, takes_file: bool) -> list[str]:
    """Return what a command asks of each provider that can, read from their dialects."""
    found = [(wire.contract.label, call) for wire in wires() for call in _asked(wire, name, takes_file)]
    paths = [(label, call.method, call.path.partition("?")[0].replace(JOB, "{id}")) for label, call in found]
    return list(dict.fromkeys(f"{label}: `{method} {path}`" for label, method, path in paths))


def _asked(wire: Wire, name: str, takes_file: bool) -> Iterable[Call]:
    kind, action = makes(name), JOBS.get(name)
    if kind in wire.contract.makes:
        assert kind is not None
        upload = wire.upload("https://files.example/a.mp3") if takes_file else None
        return [*([upload.call] if upload else []), wire.submit(some_task(kind), None)]
    if name == "persona create" and (persona := wire.persona("Ada", "clip")):
        return [persona.call]
    if action in wire.contract.jobs:
        return [_job(wire, action)]
    return []


def _job(wire: Any, action: JobAction | None) -> Call:
    arguments = (JOB, "title", "", "") if action is JobAction.RENAME else (JOB,)
    call: Call = getattr(wire.jobs, str(action))(*arguments).call
    return call


if __name__ == "__main__":
    PAGE.write_text(asyncio.run(page()), encoding="utf-8")
