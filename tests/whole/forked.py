"""`minstrel run` as a process that is forked from one that has imported it: its imports are most of a start's work.

It knows the standard library and the bot alone, for what is imported here is imported in every bot.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from bot.__main__ import main

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__])


class ForkedProcess:
    """A bot that runs, looking like one of `asyncio.subprocess`."""

    def __init__(self, process: ForkServerProcess) -> None:
        assert process.pid is not None
        self._process, self.pid = process, process.pid

    @property
    def returncode(self) -> int | None:
        """Return the exit status, negative for the signal that ended it; None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, number)

    async def wait(self) -> int:
        """Wait until it has ended; return its exit status."""
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode


def fork(environ: Mapping[str, str], folder: Path, log: Path) -> ForkedProcess:
    """Run a bot with these settings in this folder; what it prints goes to the end of `log`."""
    process = _forks.Process(target=_run, args=(dict(environ), folder, log))
    process.start()
    return ForkedProcess(process)


def _run(environ: dict[str, str], folder: Path, log: Path) -> None:
    """Become the bot."""
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.close(written)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.exit(main(["run"]))
