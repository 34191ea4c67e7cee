"""The pretend AudioPod as the demo uses it: the account has been told beforehand where to call."""

from collections.abc import Mapping

from bot.sandbox.audiopod import PretendAudioPod
from bot.sandbox.behaviour import Behaviour

FAMILIES: tuple[str, ...] = ()
_KEY, _SECRET = "ap_demo", "whsec_of_the_demo_alone"


def in_demo(seconds: float, public_url: str, family: str) -> tuple[PretendAudioPod, Mapping[str, str]]:
    """Return a vendor, and the bot's settings for it but the address."""
    address = f"{public_url}/callbacks/audiopod"
    vendor = PretendAudioPod(_KEY, _SECRET, webhook_url=address, behaviour=Behaviour(seconds=seconds))
    return vendor, {"AUDIOPOD_API_KEY": _KEY, "AUDIOPOD_WEBHOOK_SECRET": _SECRET}
