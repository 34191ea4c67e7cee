"""Looking at what the bot keeps, and waiting until the vendor has what was asked for."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from tests.ui.conftest import Show

_LOG = logging.getLogger("bot.flows.asking")


def rows(show: Show, query: str) -> list[tuple[Any, ...]]:
    """Return what is on disk."""
    with closing(sqlite3.connect(f"file:{show.database}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def change(show: Show, statement: str) -> None:
    """Change what is on disk, behind the bot's back."""
    with closing(sqlite3.connect(show.database)) as db, db:
        db.execute(statement)


async def handed_over(show: Show, number: int = 1) -> None:
    """Wait until the vendor has so many tasks, and the bot knows it."""
    await submits_until(lambda: len(rows(show, "SELECT 1 FROM tasks WHERE state = 'submitted'")) >= number)


async def submits_until(condition: Callable[[], bool]) -> None:
    """Wait until submitting has led to something; the log tells when to look again."""
    bell, level = _Bell(), _LOG.level
    _LOG.addHandler(bell)
    _LOG.setLevel(logging.INFO)
    try:
        async with asyncio.timeout(10):
            while not condition():
                await bell.rung.wait()
                bell.rung.clear()
    finally:
        _LOG.removeHandler(bell)
        _LOG.setLevel(level)


class _Bell(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.rung = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.rung.set()
