"""The pretend MusicMint as the demo uses it."""

from collections.abc import Mapping

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.musicmint import PretendMusicMint

FAMILIES: tuple[str, ...] = ()
_KEY, _SECRET = "sk-mm-demo", "signing secret of the demo"


def in_demo(seconds: float, public_url: str, family: str) -> tuple[PretendMusicMint, Mapping[str, str]]:
    """Return a vendor, and the bot's settings for it but the address."""
    vendor = PretendMusicMint(_KEY, _SECRET, behaviour=Behaviour(seconds=seconds))
    return vendor, {"MUSICMINT_API_KEY": _KEY, "MUSICMINT_SIGNING_SECRET": _SECRET}
