"""The work of the pretend MusicAPI: tasks are paid, streamed, ended, refunded and told about."""

import secrets
from collections.abc import Callable, Mapping

from bot.sandbox.callbacks import Callback, Sign
from bot.sandbox.musicapi_account import Account, Charge, MusicApiBehaviour
from bot.sandbox.musicapi_rules import SonicOrder, StudioOrder
from bot.sandbox.musicapi_sonic import COMPLETED, FAILED, headers, webhook
from bot.sandbox.musicapi_studio import song_file
from bot.sandbox.musicapi_tasks import SONGS_PER_TASK, PretendTask, Song
from bot.sandbox.studio import Recording, Studio
from bot.sandbox.workshop import Workshop

#: Seconds to wait after each webhook that was not acknowledged. The vendor documents no schedule: this one is invented.
RETRY_AFTER = (10, 60, 300, 900, 3600)
#: The vendor documents no end of its files.
NEVER = float("inf")
#: What signs the webhooks of creates without a secret; the vendor does not say where to read its own.
DEFAULT_SECRET = "the secret that nobody is told"


class MusicApiWorkshop(Workshop[PretendTask]):
    """Do the work of the pretend MusicAPI."""

    def __init__(
        self, behaviour: MusicApiBehaviour, account: Account, studio: Studio, now: Callable[[], float]
    ) -> None:
        super().__init__(behaviour, studio, now, RETRY_AFTER)
        self._knobs = behaviour
        self._account = account

    def accept(self, order: SonicOrder | StudioOrder, charge: Charge) -> PretendTask:
        """Take an order that is paid."""
        return self.add(PretendTask(secrets.token_hex(12), order, charge, self._now()))

    def process(self, task: PretendTask) -> None:
        """Move a task that waits on to running."""
        if not task.started_at:
            task.started_at = self._now()
            for song in task.songs:
                song.state = "running"

    async def stream(self, task: PretendTask) -> None:
        """Make what was ordered and let it be heard before it is final."""
        recordings, _ = await self._make(task)
        self._preview(task, recordings)

    async def _make(self, task: PretendTask) -> tuple[list[Recording], str | None]:
        return await self._record(task.order.words, task.order.song_title, SONGS_PER_TASK)

    def _preview(self, task: PretendTask, recordings: list[Recording]) -> None:
        if task.ended.is_set() or not recordings or not isinstance(task.order, SonicOrder):
            return
        self.process(task)
        for song, recording in zip(task.songs, recordings, strict=True):
            song.state, song.audio_url = "streaming", self._online(f"{song.id}.mp3", recording.audio, NEVER)
        self._call_back(task, self._webhooks(task, COMPLETED))

    def _close(self, task: PretendTask, recordings: list[Recording], error: str | None) -> list[Callback]:
        self.process(task)
        task.finished_at = self._now()
        for number, song in enumerate(task.songs):
            song.error = error or self._knobs.failing.get(number)
            if song.error is None:
                self._succeed(task, song, recordings[number])
            else:
                song.state, song.audio_url = "failed", ""
        if task.states == {"failed"}:
            self._account.refund(task.charge)
        events = {"succeeded": COMPLETED, "failed": FAILED}
        return self._webhooks(task, *(event for state, event in events.items() if state in task.states))

    def _succeed(self, task: PretendTask, song: Song, recording: Recording) -> None:
        """Put the final files of a song online."""
        name = f"{song.id}.mp3" if isinstance(task.order, SonicOrder) else song_file(song)
        song.state, song.seconds = "succeeded", recording.seconds
        song.audio_url = self._online(name, recording.audio, NEVER)
        song.image_url = self._online(f"{song.id}.jpg", recording.cover, NEVER)

    def _webhooks(self, task: PretendTask, *events: str) -> list[Callback]:
        """Write the webhooks of these events, if the create asked for any."""
        order = task.order
        if not isinstance(order, SonicOrder) or not order.webhook_url:
            return []
        written = [webhook(task, order, event, self._signer(order)) for event in events]
        task.webhooks += written
        return written

    def _signer(self, order: SonicOrder) -> Callable[[str, str], Sign]:
        """Sign by the secret of the order, anew with each attempt, since the time is signed too."""
        secret = order.webhook_secret or DEFAULT_SECRET

        def signer(event: str, delivery: str) -> Sign:
            def sign(body: bytes) -> Mapping[str, str]:
                used = "not the " + secret if self._knobs.bad_signature else secret
                return headers(body, event, delivery, int(self._now()), used)

            return sign

        return signer
