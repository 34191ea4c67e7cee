"""Where a pretend vendor has its tracks made: music and a cover, in a thread, each pair once."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from bot.sandbox.artwork import draw_cover
from bot.sandbox.music import encode_mp3
from bot.sandbox.recipes import Recipe, Song, perform


@dataclass(frozen=True, slots=True)
class Recording:
    """Hold one finished track: an MP3, its JPEG cover, its length, and how it is made again where that is known."""

    audio: bytes
    cover: bytes
    seconds: float
    recipe: Recipe | None = None


class Studio(Protocol):
    """Make tracks; blocking, called from several threads."""

    def record(self, words: str, title: str, variation: int) -> Recording:
        """Make the track that these words ask for; each variation is another piece on the same words."""
        ...


class HomeStudio:
    """Compose real music and draw a real cover."""

    def record(self, words: str, title: str, variation: int) -> Recording:
        """Compose, encode and draw; about a second of work."""
        return recorded(Song(words, variation), draw_cover(words, title, variation))


def recorded(recipe: Recipe, cover: bytes) -> Recording:
    """Make what a recipe tells."""
    piece = perform(recipe)
    return Recording(encode_mp3(piece), cover, piece.seconds, recipe)


class RecordedOnce:
    """Remember what a studio has made, so that asking again is instant."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._made: dict[tuple[str, str, int], asyncio.Task[Recording]] = {}

    async def record(self, words: str, title: str, variation: int) -> Recording:
        """Give the recording, made in a thread when it is first asked for."""
        key = (words, title, variation)
        if key not in self._made:
            self._made[key] = asyncio.create_task(asyncio.to_thread(self._studio.record, *key))
        # Several tasks may wait for the same recording: one that gives up must not take it from the others.
        return await asyncio.shield(self._made[key])

    async def close(self) -> None:
        """Give up what is still being made."""
        for making in self._made.values():
            making.cancel()
        await asyncio.gather(*self._made.values(), return_exceptions=True)
