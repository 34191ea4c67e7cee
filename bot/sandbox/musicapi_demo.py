"""The pretend MusicAPI as the demo uses it, in one of its families."""

from collections.abc import Mapping

from bot.sandbox.musicapi import MusicApiBehaviour, PretendMusicApi

#: The first is the one without a word about it.
FAMILIES = SONIC, STUDIO = ("sonic", "studio")
_KEY, _SECRET = "musicapi-demo", "webhook secret of the demo"


def in_demo(seconds: float, public_url: str, family: str) -> tuple[PretendMusicApi, Mapping[str, str]]:
    """Return a vendor, and the bot's settings for it but the address."""
    vendor = PretendMusicApi(_KEY, behaviour=MusicApiBehaviour(seconds=seconds))
    studio = "on" if family == STUDIO else "off"
    return vendor, {"MUSICAPI_API_KEY": _KEY, "MUSICAPI_WEBHOOK_SECRET": _SECRET, "MUSICAPI_STUDIO": studio}
