"""Files of the simulated Discord at addresses that lead somewhere, for bots and vendors that fetch them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from bot.domain.task import Request
from bot.sandbox.discord_files import ServedFiles
from tests.file_server import FileServer, serving
from tests.ui.conftest import Carded, Show
from tests.ui.submits import rows


@asynccontextmanager
async def served(show: Show) -> AsyncIterator[FileServer]:
    """Have the files of a simulated Discord fetched from loopback."""
    files = ServedFiles()
    async with serving(files.answer) as server:
        files.base_url = server.base
        show.world.backend.cdn = files
        yield server


def newest(show: Show) -> Request:
    """Return what was asked for last."""
    ((request,),) = rows(show, "SELECT request FROM tasks ORDER BY rowid DESC LIMIT 1")
    return msgspec.json.decode(request, type=Request)


def first_id(show: Show) -> str:
    """Return the id of what was asked for first."""
    return str(rows(show, "SELECT id FROM tasks ORDER BY rowid LIMIT 1")[0][0])


def tasks(show: Show) -> int:
    """Return how many there are."""
    return len(rows(show, "SELECT 1 FROM tasks"))


def menu(carded: Carded, number: int = 1) -> dict[str, Any]:
    """Return the menu of a track as Discord holds it."""
    held = carded.show.world.message(carded.show.world.channel.id, carded.card().id)
    parts = [part for row in held.components for part in row["components"]]
    wanted = f"more:{first_id(carded.show)}:{number}"
    found: dict[str, Any] = next(part for part in parts if part.get("custom_id") == wanted)
    return found
