"""Every provider in one list: its dialect, its samples, who pretends to be it. A new one is added to `VENDORS` only."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.domain.contract import Worth
from bot.domain.errors import CreditsSpent, KeyRefused, NoSubscription, NotAccepted, ProviderError, Rejected
from bot.domain.track import Changed, Completed, Failed, Outcome, Running
from bot.providers.audiopod import AudioPod
from bot.providers.jobs import JobWire
from bot.providers.musicapi import MusicApi
from bot.providers.musicmint import MusicMint
from bot.providers.wire import Reply, Wire
from bot.sandbox.audiopod import PretendAudioPod
from bot.sandbox.behaviour import Behaviour
from bot.sandbox.musicapi import MusicApiBehaviour, PretendMusicApi
from bot.sandbox.musicmint import PretendMusicMint
from bot.sandbox.vendor import PretendVendor
from tests.parts import API_KEY, SECRET, QuickStudio

SAMPLES = Path(__file__).parents[1] / "samples"
#: The key in the addresses of callbacks here.
KEY = "the-key-of-a-task"

Pretend = PretendVendor[Any]
Headers = list[tuple[str, str]]


class Open(Protocol):
    """Makes a pretend vendor, whose tasks end when the test says so."""

    def __call__(self, webhook_url: str | None, now: Callable[[], float]) -> Pretend: ...


@dataclass(frozen=True)
class Vendor:
    """A provider, in one of its families where it has several."""

    name: str
    #: The dialect, by API key.
    wire: Callable[[str], Wire]
    pretend: Open
    #: Its folder of samples, and in it: the answer to a create, and to look-ups.
    folder: str
    created: str
    queuing: str
    processing: str
    completed: str
    failed: str
    #: Its answer to a look-up of a task it does not know: HTTP status and sample.
    unknown: tuple[int, str]
    #: An id of its own form that no task has.
    no_task: str
    #: Each refusal of its pages: sample to HTTP status and meaning.
    errors: Mapping[str, tuple[int, type[ProviderError]]]
    #: How many tracks the pretend vendor makes of a task.
    tracks: int
    #: What the bot is told of it, by its address.
    settings: Callable[[str], dict[str, str]]
    #: Leave nothing on the account.
    spend: Callable[[Any], None]
    #: Each callback of its pages: sample to what it says; None is about no task.
    callbacks: Mapping[str, type[Outcome] | None] = field(default_factory=dict)
    #: The headers it signs a body with, for a key, at a time.
    sign: Callable[[bytes, str, datetime, str], Headers] | None = None
    #: Whether the pretend vendor says why a task failed: where this one would is not documented.
    says_why: bool = True
    #: How far the pretend vendor says a task is that is being worked on, in percent.
    progress: int | None = None
    jobs: JobWire | None = None

    def sample(self, name: str) -> bytes:
        """Return the bytes of one sample."""
        return (SAMPLES / self.folder / f"{name}.json").read_bytes()

    def reply(self, name: str, status: int = 200, **headers: str) -> Reply:
        """Return a sample as an answer; `retry_after` stands for `retry-after`."""
        return Reply(status, {key.replace("_", "-"): value for key, value in headers.items()}, self.sample(name))

    def signed(self, body: bytes, at: datetime, *, key: str = KEY, secret: str = SECRET) -> Headers:
        """Return the headers of a callback."""
        assert self.sign is not None
        return self.sign(body, key, at, secret)

    def __str__(self) -> str:
        return self.name


def digest(secret: str, signed: bytes) -> str:
    """Return what all of them compute."""
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def stamped(prefix: str, body: bytes, at: datetime, secret: str) -> Headers:
    """Return the headers of those that sign the time as well."""
    stamp = str(int(at.timestamp()))
    signature = digest(secret, stamp.encode() + b"." + body)
    return [(f"{prefix}-timestamp", stamp), (f"{prefix}-signature", f"sha256={signature}")]


def _pretend_musicmint(webhook_url: str | None, now: Callable[[], float]) -> Pretend:
    behaviour = Behaviour(seconds=None, time_scale=0.0001)
    return PretendMusicMint(API_KEY, SECRET, behaviour=behaviour, studio=QuickStudio(), now=now)


def _pretend_musicapi(webhook_url: str | None, now: Callable[[], float]) -> Pretend:
    behaviour = MusicApiBehaviour(seconds=None, time_scale=0.0001)
    return PretendMusicApi(API_KEY, behaviour=behaviour, studio=QuickStudio(), now=now)


def _pretend_audiopod(webhook_url: str | None, now: Callable[[], float]) -> Pretend:
    behaviour = Behaviour(seconds=None, time_scale=0.0001)
    return PretendAudioPod(API_KEY, SECRET, webhook_url=webhook_url, behaviour=behaviour, studio=QuickStudio(), now=now)


def _answers_402(vendor: PretendMusicMint) -> None:
    vendor.behaviour.status = 402


def _without_credits(vendor: PretendMusicApi) -> None:
    vendor.account.credits = vendor.account.extra_credits = 0


def _empty_wallet(vendor: PretendAudioPod) -> None:
    vendor.wallet.cents = 0


MUSICAPI_ERRORS: Mapping[str, tuple[int, type[ProviderError]]] = {
    **{path.stem: (int(path.stem.split("_")[1]), Rejected) for path in (SAMPLES / "musicapi").glob("error_*.json")},
    "error_401_missing": (401, KeyRefused),
    "error_401_malformed": (401, KeyRefused),
    "error_403_credits": (403, CreditsSpent),
    "error_403_subscription": (403, NoSubscription),
}

MUSICMINT = Vendor(
    "musicmint",
    wire=lambda api_key: MusicMint(api_key, [SECRET.encode()], 7),
    pretend=_pretend_musicmint,
    folder="musicmint",
    created="generate",
    queuing="task_queuing",
    processing="task_processing",
    completed="task_completed",
    failed="task_failed",
    # Its page does not show this one; any body will do.
    unknown=(404, "error_undocumented"),
    no_task="6711f0a2c4d85e0b9a3c7e15",
    errors={
        "error_key_disabled": (200, KeyRefused),
        "error_key_deleted": (403, KeyRefused),
        "error_expired": (200, Rejected),
        "error_undocumented": (400, Rejected),
    },
    tracks=2,
    settings=lambda url: {
        "MUSICMINT_BASE_URL": url,
        "MUSICMINT_API_KEY": API_KEY,
        "MUSICMINT_SIGNING_SECRET": SECRET,
    },
    spend=_answers_402,
    callbacks={"callback_completed": Completed, "callback_failed": Failed},
    sign=lambda body, key, at, secret: [("x-signature", digest(secret, body))],
)

SONIC = Vendor(
    "musicapi-sonic",
    wire=lambda api_key: MusicApi(api_key, SECRET.encode(), studio=False),
    pretend=_pretend_musicapi,
    folder="musicapi",
    created="sonic_create",
    queuing="sonic_pending",
    processing="sonic_running",
    completed="sonic_succeeded",
    failed="sonic_failed",
    unknown=(400, "error_400_task_not_found"),
    no_task="sonic:c41f7d20",
    errors=MUSICAPI_ERRORS,
    tracks=2,
    settings=lambda url: {
        "MUSICAPI_BASE_URL": url,
        "MUSICAPI_API_KEY": API_KEY,
        "MUSICAPI_WEBHOOK_SECRET": SECRET,
    },
    spend=_without_credits,
    callbacks={
        "callback_succeeded": Completed,
        "callback_failed": Failed,
        "callback_streaming": Running,
        "callback_without_clips": Changed,
    },
    says_why=False,
    # A secret of each request, made of the setting and the key in its address.
    sign=lambda body, key, at, secret: stamped("x-webhook", body, at, digest(secret, key.encode())),
)

STUDIO = Vendor(
    "musicapi-studio",
    wire=lambda api_key: MusicApi(api_key, b"", studio=True),
    pretend=_pretend_musicapi,
    folder="musicapi",
    created="studio_create",
    queuing="studio_not_started",
    processing="studio_in_progress",
    completed="studio_success",
    failed="studio_failure",
    unknown=(400, "error_400_task_not_found"),
    no_task="studio:c41f7d20",
    errors=MUSICAPI_ERRORS,
    tracks=2,
    settings=lambda url: {"MUSICAPI_BASE_URL": url, "MUSICAPI_API_KEY": API_KEY, "MUSICAPI_STUDIO": "on"},
    spend=_without_credits,
    progress=45,
)

AUDIOPOD = Vendor(
    "audiopod",
    wire=lambda api_key: AudioPod(api_key, [SECRET.encode()]),
    pretend=_pretend_audiopod,
    folder="audiopod",
    created="create",
    queuing="job_pending",
    processing="job_processing",
    completed="job_completed",
    failed="job_failed",
    unknown=(404, "error_404"),
    no_task="731804",
    errors={
        **{path.stem: (int(path.stem.split("_")[1]), Rejected) for path in (SAMPLES / "audiopod").glob("error_*.json")},
        "error_401": (401, KeyRefused),
        "error_403": (403, KeyRefused),
        "error_402_credits": (402, CreditsSpent),
        "error_402_premium": (402, CreditsSpent),
        "error_402_wallet": (402, CreditsSpent),
        "error_429": (429, NotAccepted),
        "error_500": (500, ProviderError),
    },
    tracks=1,
    settings=lambda url: {
        "AUDIOPOD_BASE_URL": url,
        "AUDIOPOD_API_KEY": API_KEY,
        "AUDIOPOD_WEBHOOK_SECRET": SECRET,
    },
    spend=_empty_wallet,
    callbacks={
        "callback_completed": Changed,
        "callback_failed": Changed,
        "callback_cancelled": Changed,
        "callback_other_product": None,
        "callback_test": None,
    },
    sign=lambda body, key, at, secret: stamped("x-audiopod", body, at, secret),
    progress=50,
    jobs=AudioPod(API_KEY, ()).jobs,
)

VENDORS = (MUSICMINT, SONIC, STUDIO, AUDIOPOD)
#: Those that call back.
CALLING = tuple(vendor for vendor in VENDORS if vendor.wire("").contract.callbacks is not Worth.NOTHING)
