"""Making the files of one track from what a provider told, through the real port."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot.domain.source import Source
from bot.domain.task import Kind, Task
from bot.domain.track import FetchedTrack, Track
from bot.downloads import open_downloads
from bot.media import MediaFiles
from tests.file_server import FileServer, sending_each, serving
from tests.parts import make_task
from tests.test_downloads import LOOPBACK

MIB = 1024 * 1024


def told(**what: object) -> str:
    """Return what a provider told, as a track has it."""
    return json.dumps(what)


@asynccontextmanager
async def server_and_files(folder: Path, bodies: Mapping[str, bytes]) -> AsyncIterator[tuple[FileServer, MediaFiles]]:
    """Serve some files, and open the port."""
    async with serving(sending_each(bodies)) as server, open_downloads(folder / "downloads", LOOPBACK) as downloads:
        yield server, MediaFiles(downloads)


def task_of(kind: Kind, source: Source | None = None) -> Task:
    """Return a task of this kind, made from a track of half a minute."""
    return make_task("", kind=kind, source=source or Source("Tin Roof", 30.0, "k7m2", 1))


@asynccontextmanager
async def made(folder: Path, kind: Kind, extra: str, lyrics: str = "", limit: int = MIB) -> AsyncIterator[FetchedTrack]:
    """Fetch a track of which only that was told."""
    async with server_and_files(folder, {}) as (_, files):
        yield await files.fetch(task_of(kind), 1, Track("clip-1", "", extra=extra, lyrics=lyrics), limit)


def by_extension(fetched: FetchedTrack) -> dict[str, bytes]:
    """Return what the files hold."""
    return {path.suffix: path.read_bytes() for path in fetched.files}
