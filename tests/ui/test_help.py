"""`/help` on a simulated Discord: by example, with commands one can click."""

import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot.ui.text import length
from bot.ui.words.account import help_text
from bot.ui.words.kinds import ASKED
from tests.ui.conftest import Show


async def test_every_command_it_names_exists_under_the_id_it_gives(show: Show) -> None:
    typed = await show.world.member.slash(show.world.channel, "help")
    assert typed.ephemeral
    named = dict(re.findall(r"</([a-z -]+):(\d+)>", typed.response.content))
    synced = {name: str(command["id"]) for name, command in _commands(show).items()}
    assert {name.split()[0]: number for name, number in named.items()}.items() <= synced.items()
    every = {
        "generate",
        "song",
        "lyrics",
        "soundfx",
        "persona create",
        "persona list",
        "persona delete",
        *(kind.value for kind in ASKED),
        "queue",
        "cancel",
        "track show",
        "track rename",
        "track like",
        "track delete",
        "track resend",
        "task retry",
        "library browse",
        "library search",
        "library liked",
        "library stats",
        "quota",
        "my-data export",
        "my-data delete",
        "privacy",
        "report",
        "status",
        "admin usage",
    }
    assert set(named) == every
    assert "`/" not in typed.response.content


async def test_every_command_that_is_synced_is_in_it_but_itself(show: Show) -> None:
    text = (await show.world.member.slash(show.world.channel, "help")).response.content
    missing = [name for name, command in _commands(show).items() if f"</{name}" not in text and command["type"] == 1]
    assert missing == ["help"]


async def test_direct_messages_work_as_well(show: Show) -> None:
    typed = await show.world.env.create_user("dora").slash("help")
    assert typed.ephemeral
    assert "</generate:" in typed.response.content


async def test_where_no_id_is_known_the_command_is_written_out(show: Show) -> None:
    with closing(sqlite3.connect(show.database)) as db, db:
        db.execute("DELETE FROM facts")
    assert "`/my-data export`" in (await show.world.member.slash(show.world.channel, "help")).response.content


@pytest.mark.parametrize("word", ["prompt", "what"])
def test_it_shows_examples_and_fits_one_message(word: str) -> None:
    text = help_text(lambda command: f"</{command}:{'9' * 20}>")
    assert f"`{word}: " in text
    assert length(text) <= 2000


def _commands(show: Show) -> dict[str, dict[str, Any]]:
    held = show.world.backend.commands[None]
    return {command["name"]: {"type": 1, **command} for command in held.values()}
