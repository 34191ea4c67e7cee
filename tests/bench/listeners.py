"""The two listeners that are compared, each as a process: ours on a real store, and a bare one.

`python -m tests.bench.listeners ours <database>` or `... bare` prints its port and ends when its input does.
"""

import asyncio
import hmac
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from bot.app import utcnow
from bot.callbacks import CallbackListener, listening
from bot.flows.intake import Intake
from bot.logs import set_up_logs
from bot.providers.musicmint import MusicMint
from bot.store.database import open_database
from bot.store.news import SqliteNews
from tests.parts import API_KEY, SECRET
from tests.whole.process import ROOT, clean_environ

#: As many as the half-open connections and then some.
DESCRIPTORS = 8192


async def _ours(file: Path) -> None:
    set_up_logs("INFO", "json", [API_KEY, SECRET])
    async with open_database(file) as database:
        intake = Intake(SqliteNews(database), utcnow, on_news=lambda: None, on_ask=lambda: None)
        listener = CallbackListener({"musicmint": MusicMint(API_KEY, [SECRET.encode()], 7)}, intake, utcnow)
        async with listening(listener, "127.0.0.1", 0, 15.0) as port:
            await _stay(port)


async def _bare() -> None:
    async def receive(request: web.Request) -> web.Response:
        digest = hmac.digest(SECRET.encode(), await request.read(), sha256).hex()
        good = hmac.compare_digest(digest, request.headers.get("X-Signature", ""))
        return web.Response(status=204 if good else 401)

    app = web.Application()
    app.router.add_post("/callbacks/musicmint/{key}", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    await _stay(runner.addresses[0][1])
    await runner.cleanup()


async def _stay(port: int) -> None:
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def listener(*words: str, log: Path, environ: Mapping[str, str] | None = None) -> AsyncIterator[int]:
    """Run one of them as a process of its own for as long as the block lasts; yield its port."""
    with log.open("ab") as written:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.bench.listeners", *words),
            cwd=ROOT,
            env=clean_environ(environ or {}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=written,
        )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield int(await child.stdout.readline())
    finally:
        child.stdin.close()
        await child.wait()


def allow_descriptors() -> bool:
    """Allow this process, and those it starts, enough connections; say whether that could be done."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < DESCRIPTORS:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, most))
    return True


if __name__ == "__main__":
    asyncio.run(_bare() if sys.argv[1] == "bare" else _ours(Path(sys.argv[2])))
