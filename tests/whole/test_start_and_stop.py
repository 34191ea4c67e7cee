"""Starting and ending the process: what the operator sees on the terminal."""

import asyncio
import http.client
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests.callback_desk import completed, request, signed
from tests.whole.conftest import POST_MESSAGE, Stage
from tests.whole.process import PATIENCE, ROOT, RUN, BotProcess, clean_environ, until


@pytest.fixture
def command() -> tuple[str, ...] | None:
    """Start bots as an operator does."""
    return RUN


async def run(*arguments: str, environ: dict[str, str], cwd: Path) -> tuple[int, str]:
    """Run the command line to its end; return its exit status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=cwd,
        env=clean_environ({**environ, "PYTHONPATH": str(ROOT)}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_an_empty_environment_is_one_readable_message(tmp_path: Path) -> None:
    status, output = await run("run", environ={}, cwd=tmp_path)
    assert status == 2
    assert "DISCORD_TOKEN" in output
    assert "MUSICMINT_API_KEY" in output
    assert "Traceback" not in output


async def test_a_second_bot_on_the_same_database_is_refused(stage: Stage) -> None:
    await stage.bot.start()
    second = {**stage.bot.environ, "LISTEN_PORT": "0"}
    status, output = await run("run", environ=second, cwd=ROOT)
    assert status == 1
    assert "Another Minstrel is running" in output
    assert "Traceback" not in output


async def test_a_bad_token_is_one_readable_message(stage: Stage) -> None:
    status, output = await run("run", environ={**stage.bot.environ, "DISCORD_TOKEN": "wrong"}, cwd=ROOT)
    assert status == 1
    assert "DISCORD_TOKEN" in output
    assert "Traceback" not in output


async def test_a_port_in_use_is_one_readable_message(stage: Stage) -> None:
    taken = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with taken:
        port = taken.sockets[0].getsockname()[1]
        status, output = await run("run", environ={**stage.bot.environ, "LISTEN_PORT": str(port)}, cwd=ROOT)
    assert status == 1
    assert "LISTEN_PORT" in output
    assert "Traceback" not in output


async def test_a_folder_that_cannot_be_made_is_one_readable_message(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    status, output = await run(
        "run", environ={**stage.bot.environ, "DATA_DIR": str(tmp_path / "file" / "data")}, cwd=ROOT
    )
    assert status == 1
    assert "DATA_DIR" in output
    assert "Traceback" not in output


async def test_downloads_that_have_no_folder_are_one_readable_message(stage: Stage) -> None:
    stage.bot.database.parent.mkdir()
    (stage.bot.database.parent / "downloads").write_text("not a folder")
    status, output = await run("run", environ=stage.bot.environ, cwd=ROOT)
    assert status == 1
    assert "DATA_DIR" in output
    assert "Traceback" not in output


async def test_a_settings_file_that_is_no_text_is_one_readable_message(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DISCORD_TOKEN=\xff\xfe")
    status, output = await run("run", environ={}, cwd=tmp_path)
    assert status == 2
    assert ".env" in output
    assert "Traceback" not in output


async def test_a_second_bot_with_another_database_in_the_same_folder_is_refused(stage: Stage, tmp_path: Path) -> None:
    await stage.bot.start()
    other = {**stage.bot.environ, "LISTEN_PORT": "0", "DATABASE_URL": f"sqlite:///{tmp_path}/other.sqlite3"}
    status, output = await run("run", environ=other, cwd=ROOT)
    assert status == 1
    assert "Another Minstrel is running" in output


async def test_a_stop_while_a_submit_hangs_is_quiet(stage: Stage) -> None:
    hold = stage.vendor.hold_creates()
    await stage.bot.start()
    await stage.discord.command(stage.member, stage.channel, "generate", prompt="rain")
    await hold.reached()
    assert await stage.bot.stop() == 0
    assert "Traceback" not in stage.bot.log.read_text()
    assert stage.bot.rows("SELECT state FROM tasks") == [("submitting",)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_closes_everything_in_order(stage: Stage, number: signal.Signals) -> None:
    await stage.bot.start()
    assert await stage.bot.stop(number) == 0
    log = stage.bot.log.read_text()
    assert "Traceback" not in log
    assert "Unclosed" not in log


async def test_a_stop_during_an_upload_lets_it_finish(stage: Stage) -> None:
    hold = stage.discord.hold(*POST_MESSAGE, when="before")
    await stage.bot.start()
    await stage.generate()
    await stage.vendor.finish(await stage.vendor_task())
    await hold.reached()
    stopping = asyncio.create_task(stage.bot.stop())
    await until(lambda: not is_open(stage.bot))
    hold.release()
    assert await stopping == 0
    assert len(stage.cards()) == 1
    assert stage.bot.rows("SELECT delivery FROM tasks") == [("sent",)]


async def test_a_stop_with_everything_in_hand_ends_in_time_and_loses_nothing_acknowledged(stage: Stage) -> None:
    bot = stage.bot
    upload = stage.discord.hold(*POST_MESSAGE, when="before")
    await bot.start()
    await stage.generate()
    await stage.vendor.finish(await stage.vendor_task())  # acknowledged
    await upload.reached()
    submit = stage.vendor.hold_creates()
    await stage.discord.command(stage.member, stage.channel, "generate", prompt="snow")
    await submit.reached()
    body = completed("of-nobody")
    head = request("abc", f"Content-Length: {len(body)}", f"X-Signature: {signed(body)}", "Expect: 100-continue")
    with closing(sqlite3.connect(bot.database, isolation_level=None)) as other, ExitStack() as lines:
        other.execute("BEGIN IMMEDIATE")
        dripping = [lines.enter_context(opened(bot, head)) for _ in range(20)]
        assert {line.recv(100)[9:12] for line in dripping} == {b"100"}, "all of them are in hand"
        callback = dripping[0]
        callback.sendall(body)
        began = time.monotonic()
        assert await bot.stop() == 0
        assert time.monotonic() - began < 20
        answer = callback.recv(100)
    assert answer[9:12] != b"204" or bot.rows("SELECT 1 FROM strays"), "acknowledged, but not kept"
    assert "Traceback" not in bot.log.read_text()
    upload.release()
    submit.release()
    await bot.start()
    await stage.delivered()
    assert len(stage.cards()) == 1


@contextmanager
def opened(bot: BotProcess, sent: bytes) -> Iterator[socket.socket]:
    """Send bytes to the listener and keep the line open."""
    with socket.create_connection(("127.0.0.1", bot.port), timeout=PATIENCE) as line:
        line.sendall(sent)
        yield line


async def test_a_second_signal_hurries(stage: Stage) -> None:
    hold = stage.discord.hold(*POST_MESSAGE, when="before")
    await stage.bot.start()
    await stage.generate()
    await stage.vendor.finish(await stage.vendor_task())
    await hold.reached()
    os.kill(stage.bot.pid, signal.SIGTERM)
    await until(lambda: not is_open(stage.bot))
    before = time.monotonic()
    assert await stage.bot.stop() == 0
    # The upload alone would have been given ten seconds.
    assert time.monotonic() - before < 6
    assert "Traceback" not in stage.bot.log.read_text()
    hold.release()


async def test_no_secret_is_ever_written_to_the_log(stage: Stage) -> None:
    await stage.bot.start()
    interaction = await stage.generate()
    await stage.vendor.finish(await stage.vendor_task())
    await stage.delivered()
    assert await stage.bot.stop() == 0
    log = stage.bot.log.read_text()
    key = str(stage.bot.rows("SELECT key FROM tasks")[0][0])
    environ = stage.bot.environ
    secrets = [environ["DISCORD_TOKEN"], environ["MUSICMINT_API_KEY"], environ["MUSICMINT_SIGNING_SECRET"]]
    assert "task delivered" in log
    assert [secret for secret in [*secrets, key, interaction.token] if secret in log] == []


def is_open(bot: BotProcess) -> bool:
    """Say whether the listener still takes callbacks in: a stopping bot answers 503."""
    connection = http.client.HTTPConnection("127.0.0.1", bot.port, timeout=5)
    try:
        connection.request("POST", "/callbacks/musicmint/nobody", body=b"{}")
        return connection.getresponse().status != 503
    finally:
        connection.close()
