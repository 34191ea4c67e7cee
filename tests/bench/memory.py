"""The memory of the bot: idle, and with twenty large deliveries at once. Part of the bench `delivery`."""

import asyncio
from dataclasses import dataclass

from tests.bench.figures import Figure
from tests.bench.footprint import CAN_TELL, MEBIBYTE, Footprint, footprint, forget_peak, peak
from tests.bench.scene import POST_MESSAGE, Scene, SizedStudio, companion, leave_open, opened
from tests.whole.process import PATIENCE, until

#: The promises, in MiB: above an idle discord.py client, and above our own idle.
MOST_IDLE, MOST_BUSY = 20, 25
DELIVERIES, TRACK, AT_A_TIME = 20, 8_000_000, 3
#: Seconds after which a program that has connected is idle.
REST = 3.0


@dataclass
class Busy:
    """What was seen while the deliveries went on: bytes, uploads at a time, and tasks with files at a time."""

    idle: int
    peak: int = 0
    uploads: int = 0
    folders: int = 0
    smallest: int = 0


async def measure() -> list[Figure]:
    """Measure both, on Linux."""
    if not CAN_TELL:
        return [Figure("memory", f"≤ {MOST_IDLE} and {MOST_BUSY} MiB more", "only Linux tells", None)]
    async with opened(SizedStudio(TRACK), channels=DELIVERIES) as scene:
        theirs = await _idle_client(scene)
        tasks = await leave_open(scene, DELIVERIES)
        pid = await scene.start()
        await until(lambda: len(scene.asked()) >= DELIVERIES)
        await asyncio.sleep(REST)
        ours = footprint(pid)
        busy = await _deliver_all(scene, pid, tasks)
    return [_idle_figure(ours, theirs), _busy_figure(busy)]


async def _idle_client(scene: Scene) -> Footprint:
    discord = scene.discord
    settings = {
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_TOKEN": discord.token,
    }
    async with companion("tests.bench.idle_client", **settings) as pid:
        await discord.connected(PATIENCE)
        await asyncio.sleep(REST)
        return footprint(pid)


async def _deliver_all(scene: Scene, pid: int, tasks: list[str]) -> Busy:
    """Have all called back at once, and wait until all are posted."""
    for task in tasks:
        await scene.vendor.finish(task)
    busy = Busy(footprint(pid).rss)
    forget_peak(pid)
    calling = asyncio.gather(*(scene.vendor.resend(task) for task in tasks))
    await scene.discord.wait_for(lambda: _look(scene, busy), 4 * PATIENCE)
    busy.peak = peak(pid)
    assert await calling == [204] * len(tasks)
    uploads = [file for request in scene.discord.sent(*POST_MESSAGE) for file in request.files]
    busy.smallest = min(size for name, size in uploads if name.endswith(".mp3"))
    return busy


def _look(scene: Scene, busy: Busy) -> bool:
    """Look what is under way; say whether all is done."""
    uploads = [request for request in scene.discord.sent(*POST_MESSAGE) if request.status is None]
    busy.uploads = max(busy.uploads, len(uploads))
    busy.folders = max(busy.folders, len(list((scene.bot.database.parent / "downloads").iterdir())))
    return scene.posted == DELIVERIES


def _idle_figure(ours: Footprint, theirs: Footprint) -> Figure:
    more = _mebibytes(ours.rss - theirs.rss)
    words = f"{more:.1f} MiB resident ({_mebibytes(ours.rss):.1f} against {_mebibytes(theirs.rss):.1f})"
    return Figure(
        "idle memory above an idle discord.py client",
        f"≤ {MOST_IDLE} MiB",
        f"{words}, {_mebibytes(ours.pss - theirs.pss):.1f} MiB by PSS",
        more <= MOST_IDLE,
    )


def _busy_figure(busy: Busy) -> Figure:
    more = _mebibytes(busy.peak - busy.idle)
    words = f"{more:.1f} MiB (peak {_mebibytes(busy.peak):.1f})"
    kept = busy.uploads <= AT_A_TIME and busy.folders <= AT_A_TIME and busy.smallest >= TRACK
    return Figure(
        f"peak memory above idle: {DELIVERIES} deliveries of 2 × 8 MB at once",
        f"≤ {MOST_BUSY} MiB, {AT_A_TIME} at a time",
        f"{words}, at a time {busy.uploads} uploads, files of {busy.folders} tasks",
        more <= MOST_BUSY and kept,
    )


def _mebibytes(size: int) -> float:
    return size / MEBIBYTE
