"""The machine fails under the real bot: disk, files, descriptors, a process that stands still."""

import asyncio
import contextlib
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.__main__ import LOST
from tests.store.test_database_refused import delete, empty
from tests.whole.conftest import POST_MESSAGE, Stage
from tests.whole.process import until

#: On SIGUSR1 the bot's disk takes no flush any more.
FLUSHES_CAN_FAIL = """
import signal, sys
from bot.__main__ import main
from tests.failing_flush import fail_flushes
signal.signal(signal.SIGUSR1, lambda *_: fail_flushes())
sys.exit(main(["run"]))
"""
FEW_DESCRIPTORS = """
import resource, sys
from bot.__main__ import main
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))
sys.exit(main(["run"]))
"""


async def submitted(stage: Stage) -> str:
    """Start the bot and have a member ask; return the vendor's id once it is stored."""
    await stage.bot.start()
    await stage.generate()
    task = await stage.vendor_task()
    await stage.bot.remembers("SELECT 1 FROM tasks WHERE state = 'submitted'")
    return task


async def see_one_card(stage: Stage) -> None:
    await stage.card()
    await stage.delivered()
    assert await stage.bot.stop() == 0
    assert len(stage.cards()) == 1
    assert stage.bot.rows("PRAGMA integrity_check") == [("ok",)]


def said(stage: Stage, text: str) -> int:
    """Return how many lines of the log say so."""
    return sum(text in line for line in stage.bot.log.read_text().splitlines())


async def test_a_flush_that_fails_ends_the_bot_and_the_next_start_recovers(stage: Stage) -> None:
    stage.bot.command = ("-c", FLUSHES_CAN_FAIL)
    task = await submitted(stage)
    os.kill(stage.bot.pid, signal.SIGUSR1)
    await until(lambda: "Seccomp:\t2" in Path(f"/proc/{stage.bot.pid}/status").read_text())
    await stage.vendor.finish(task)
    assert await stage.bot.ended() == LOST
    assert 204 not in [callback.status for callback in stage.vendor.callbacks_sent]
    assert (said(stage, "database lost"), said(stage, "Traceback")) == (1, 0)
    await stage.bot.start()
    await see_one_card(stage)


@contextlib.contextmanager
def full_disk(stage: Stage) -> Iterator[None]:
    """Let no file of the bot's grow, but for a few lines of its log."""
    limit = stage.bot.log.stat().st_size + 4096
    assert limit < stage.bot.database.with_name("minstrel.sqlite3-wal").stat().st_size
    before = resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    yield
    resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_is_503_and_the_bot_goes_on_when_there_is_space(stage: Stage) -> None:
    stage.bot.environ["LOG_LEVEL"] = "ERROR"
    stage.vendor.behaviour.callbacks = 0
    task = await submitted(stage)
    await stage.vendor.finish(task)
    with full_disk(stage):
        assert [await stage.vendor.resend(task) for _ in range(3)] == [503, 503, 503]
        assert stage.bot.rows("SELECT state FROM tasks") == [("submitted",)]
    assert await stage.vendor.resend(task) == 204
    await see_one_card(stage)


@pytest.mark.parametrize("damage", [delete, empty])
async def test_a_database_that_is_taken_away_ends_the_bot(stage: Stage, damage: Callable[[Path], None]) -> None:
    await stage.bot.start()
    damage(stage.bot.database)
    assert await stage.bot.ended() == LOST
    assert (said(stage, "database lost"), said(stage, "Traceback")) == (1, 0)


async def test_a_bot_that_stood_still_says_so_and_loses_no_callback(stage: Stage) -> None:
    stage.vendor.behaviour.callbacks = 0
    task = await submitted(stage)
    await stage.vendor.finish(task)
    os.kill(stage.bot.pid, signal.SIGSTOP)
    waiting = asyncio.create_task(stage.vendor.resend(task))
    await asyncio.sleep(2.2)
    assert not waiting.done()
    os.kill(stage.bot.pid, signal.SIGCONT)
    assert await waiting == 204
    await until(lambda: said(stage, "stood still"))
    await see_one_card(stage)


@pytest.mark.parametrize("hours", [1, -1], ids=["forward", "back"])
async def test_a_clock_that_jumped_while_the_bot_was_down_makes_no_second_card(stage: Stage, hours: int) -> None:
    hold = stage.discord.hold(*POST_MESSAGE, when="after")
    await stage.vendor.finish(await submitted(stage))
    await hold.reached()
    await stage.bot.kill()
    hold.release()
    stage.bot.age(hours * 3600)
    stage.discord.advance(600)  # Discord has forgotten the nonce: only the history tells
    await stage.bot.start()
    await see_one_card(stage)


async def test_few_descriptors_and_many_open_connections_leave_room_for_all_the_rest(stage: Stage) -> None:
    stage.bot.command = ("-c", FEW_DESCRIPTORS)
    stage.vendor.behaviour.callbacks = 0
    await stage.bot.start()
    with contextlib.ExitStack() as idle:
        for _ in range(170):
            idle.enter_context(socket.create_connection(("127.0.0.1", stage.bot.port)))
        # Discord, the provider, the database and the downloads all need a descriptor meanwhile.
        await stage.generate()
        task = await stage.vendor_task()
        await stage.vendor.finish(task)
        assert await stage.vendor.resend(task) == 204
        await stage.card()
    await see_one_card(stage)
    assert said(stage, "out of system resource") == 0
