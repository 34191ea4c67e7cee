"""What lies outside, as the flows know it: music vendors, foreign files, and Discord."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.contract import Contract
from bot.domain.ports import Place, Posted
from bot.domain.task import Origin, Task
from bot.domain.track import Completed, FetchedTrack, Outcome, Track, Update, Uploaded


class Provider(Protocol):
    """A music vendor."""

    @property
    def contract(self) -> Contract:
        """What the vendor can do, and how."""

    @property
    def calls_back(self) -> bool:
        """Whether the vendor will call back, given PUBLIC_URL and a secret."""

    async def submit(self, task: Task) -> str | Completed:
        """Ask for the task; return the vendor's task id, or the result where that is the answer. Raises ProviderError.

        What is made from a track needs the vendor's own name of it: `task.request.source.clip_id`.
        """

    async def upload(self, audio_url: str) -> Uploaded:
        """Hand over a file by its public address, where the contract says so. Raises ProviderError."""

    async def make_persona(self, name: str, clip_id: str) -> str:
        """Make a persona of a track, where the contract says so; return its name there. Raises ProviderError."""

    async def look_up(self, provider_task_id: str) -> Outcome:
        """Ask how the task stands. Raises ProviderError."""

    async def find_lost(self, task: Task) -> str | None:
        """Look for a create whose answer was lost; return the vendor's task id, or None. Raises ProviderError."""


class CallbackReader(Protocol):
    """A vendor's signed callbacks."""

    @property
    def contract(self) -> Contract:
        """What the vendor can do, and how."""

    def read_callback(
        self, headers: Sequence[tuple[str, str]], body: bytes, key: str | None, now: datetime
    ) -> Update | None:
        """Verify and decode; header names are in lower case, `key` is the one in the address.

        None is one that is about no task. Raises BadSignature, BadCallback.
        """


class Files(Protocol):
    """Fetching a task's files to disk and making them ready to be posted."""

    async def fetch(self, task: Task, number: int, track: Track, limit: int) -> FetchedTrack:
        """Fetch and tag one track, at most `limit` bytes a file. Raises DownloadError (for the audio only)."""

    def clean_up(self, task: Task) -> None:
        """Remove the task's files."""


class Poster(Protocol):
    """Discord, as far as the flows know it."""

    def upload_limit(self, origin: Origin) -> int:
        """Return how many bytes one file may have there."""

    async def post(self, task: Task, tracks: Sequence[FetchedTrack], more: int, place: Place, nonce: str) -> Posted:
        """Post the card; `more` tracks are not shown. Raises PostError."""

    async def find(self, task: Task, place: Place, since: datetime) -> Posted | None:
        """Search a place for a card of this task that is not older than `since`. Raises PostError."""

    async def tell(self, task: Task, nonce: str, place: int | None) -> None:
        """Say on the line, or in a message, how it stands; `place`: of one whose provider is busy. Raises PostError."""
