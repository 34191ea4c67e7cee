"""Every provider in one list. A new one is added to `VENDORS` only."""

from collections.abc import Callable, Mapping

from bot.domain.contract import Worth
from bot.domain.errors import CreditsSpent, KeyRefused, NoSubscription, NotAccepted, ProviderError, Rejected
from bot.domain.track import Changed, Completed, Failed, Running
from bot.providers.audiopod import AudioPod
from bot.providers.musicapi import MusicApi
from bot.providers.musicmint import MusicMint
from bot.sandbox.audiopod import PretendAudioPod
from bot.sandbox.behaviour import Behaviour
from bot.sandbox.musicapi import MusicApiBehaviour, PretendMusicApi
from bot.sandbox.musicmint import PretendMusicMint
from tests.parts import API_KEY, QuickStudio
from tests.providers.vendor import SAMPLES, Pretend, Vendor, digest, stamped

#: Each vendor signs with a secret of its own, as in life: two whose forms are the same are told apart by nothing else.
MUSICMINT_SECRET = "the signing secret of the mint"
MUSICAPI_SECRET = "the signing secret of the interface"
AUDIOPOD_SECRET = "the signing secret of the pod"


def _pretend_musicmint(webhook_url: str | None, now: Callable[[], float]) -> Pretend:
    behaviour = Behaviour(seconds=None, time_scale=0.0001)
    return PretendMusicMint(API_KEY, MUSICMINT_SECRET, behaviour=behaviour, studio=QuickStudio(), now=now)


def _pretend_musicapi(webhook_url: str | None, now: Callable[[], float]) -> Pretend:
    behaviour = MusicApiBehaviour(seconds=None, time_scale=0.0001)
    return PretendMusicApi(API_KEY, behaviour=behaviour, studio=QuickStudio(), now=now)


def _pretend_audiopod(webhook_url: str | None, now: Callable[[], float]) -> Pretend:
    behaviour = Behaviour(seconds=None, time_scale=0.0001)
    return PretendAudioPod(
        API_KEY, AUDIOPOD_SECRET, webhook_url=webhook_url, behaviour=behaviour, studio=QuickStudio(), now=now
    )


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
    wire=lambda api_key: MusicMint(api_key, [MUSICMINT_SECRET.encode()], 7),
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
        "MUSICMINT_SIGNING_SECRET": MUSICMINT_SECRET,
    },
    secret=MUSICMINT_SECRET,
    spend=_answers_402,
    callbacks={"callback_completed": Completed, "callback_failed": Failed},
    sign=lambda body, key, at, secret: [("x-signature", digest(secret, body))],
)

SONIC = Vendor(
    "musicapi-sonic",
    wire=lambda api_key: MusicApi(api_key, MUSICAPI_SECRET.encode(), studio=False),
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
        "MUSICAPI_WEBHOOK_SECRET": MUSICAPI_SECRET,
    },
    secret=MUSICAPI_SECRET,
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
    secret="",
    spend=_without_credits,
    progress=45,
)

AUDIOPOD = Vendor(
    "audiopod",
    wire=lambda api_key: AudioPod(api_key, [AUDIOPOD_SECRET.encode()]),
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
        "AUDIOPOD_WEBHOOK_SECRET": AUDIOPOD_SECRET,
    },
    secret=AUDIOPOD_SECRET,
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
