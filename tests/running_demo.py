"""`minstrel demo` as a process, staying up until a test ends it."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.whole.process import PATIENCE, ROOT, clean_environ


@dataclass
class Demo:
    """The demo, running, and what it printed."""

    process: asyncio.subprocess.Process
    address: str
    hint: str

    async def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Ask it to end; return its exit status and all else that it printed."""
        self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            output, _ = await self.process.communicate()
        return self.process.returncode or 0, output.decode()


@asynccontextmanager
async def demo_running(*arguments: str, **environ: str) -> AsyncIterator[Demo]:
    """Start the demo without any setting; yield it when it has printed where it is."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--no-browser", *arguments),
        cwd=ROOT, env=clean_environ(environ), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            lines = [(await process.stdout.readline()).decode() for _ in range(2)]
        address = re.search(r"http://\S+", lines[0])
        assert address, lines
        yield Demo(process, address.group(), lines[1].strip())
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
