"""What most tests start from: a clock, a database in a temporary file, a pretend vendor."""

import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.musicmint import PretendMusicMint
from bot.store.database import Database, open_database
from tests.parts import API_KEY, SECRET, Clock, QuickStudio
from tests.wire.server import WireDiscord

# Whatever the environment says: else each worker compiles every test anew, which takes longer than most of them.
sys.dont_write_bytecode = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that start processes: each takes long, and one begun last would leave the others idle."""
    items.sort(key=lambda item: not re.match(r"tests/(browser|whole|test_demo)", item.nodeid))


@pytest.fixture(autouse=True)
def _retries_without_waiting() -> Iterator[None]:
    """Safe calls are repeated as ever, but at once."""
    stamina.set_testing(True, attempts=3, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture
def clock() -> Clock:
    """A clock at nine in the morning."""
    return Clock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a real file."""
    async with open_database(tmp_path / "minstrel.sqlite3") as opened:
        yield opened


@pytest.fixture
async def vendor() -> AsyncIterator[PretendMusicMint]:
    """A pretend MusicMint over real HTTP, whose tasks end when the test says so."""
    behaviour = Behaviour(seconds=None, time_scale=0.001)
    async with PretendMusicMint(API_KEY, SECRET, behaviour=behaviour, studio=QuickStudio()) as server:
        yield server


@pytest.fixture
async def discord() -> AsyncIterator[WireDiscord]:
    """A small Discord; in the end, every request was allowed by Discord's own description."""
    async with WireDiscord() as server:
        yield server
        assert server.violations == []
