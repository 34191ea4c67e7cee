"""What the pretend MusicAPI knows of a task and its songs, whichever family they are of."""

import secrets
from dataclasses import dataclass, field

from bot.sandbox.callbacks import Callback
from bot.sandbox.musicapi_account import Charge
from bot.sandbox.musicapi_rules import SonicOrder, StudioOrder
from bot.sandbox.workshop import WorkshopTask

SONGS_PER_TASK = 2


@dataclass
class Song:
    """Hold one song; it is pending, running, streaming, succeeded or failed by itself."""

    id: str = field(default_factory=lambda: secrets.token_hex(12))
    state: str = "pending"
    audio_url: str = ""
    image_url: str = ""
    seconds: float = 0.0
    error: str | None = None

    @property
    def can_be_heard(self) -> bool:
        """Say whether there is something to listen to."""
        return self.state in ("streaming", "succeeded")


def _two_songs() -> list[Song]:
    return [Song() for _ in range(SONGS_PER_TASK)]


@dataclass
class PretendTask(WorkshopTask):
    """Hold a task; its times are Unix seconds, 0 for what has not come yet."""

    order: SonicOrder | StudioOrder
    charge: Charge
    created_at: float
    started_at: float = 0.0
    finished_at: float = 0.0
    songs: list[Song] = field(default_factory=_two_songs)
    #: Its webhooks so far, oldest first.
    webhooks: list[Callback] = field(default_factory=list)

    @property
    def states(self) -> set[str]:
        """Give the states that its songs are in."""
        return {song.state for song in self.songs}
