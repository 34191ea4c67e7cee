"""Whether the music provider accepts the key; asked in a way that costs nothing."""

import aiohttp

from bot.doctor.report import Line, fail, ok
from bot.domain.errors import AnswerLost, CreditsSpent, KeyRefused, NotAccepted, ProviderError
from bot.providers.http import HttpProvider
from bot.providers.musicmint import MusicMint

KEY = "provider key"
_NAME = "MusicMint"


async def look_at_key(wire: MusicMint, base_url: str, session: aiohttp.ClientSession) -> list[Line]:
    """Return whether the key is accepted."""
    try:
        await HttpProvider(wire, session, base_url, None).check_key()
    except ProviderError as error:
        return [_trouble(error)]
    return [ok(KEY, f"{_NAME} accepts it")]


def _trouble(error: ProviderError) -> Line:
    said = error.detail
    match error:
        case KeyRefused():
            remedy = "Copy a good key from the API page of its dashboard into MUSICMINT_API_KEY"
            return fail(KEY, f"{_NAME} refuses it ({said})", remedy)
        case CreditsSpent():
            return fail(KEY, f"{_NAME} has no credits left for it ({said})", "Top up the account")
        case NotAccepted(busy=True):
            return fail(KEY, f"{_NAME} is busy ({said})", "Try again in a minute")
        case NotAccepted():
            remedy = "See that MUSICMINT_BASE_URL is right and that this machine may connect there"
            return fail(KEY, f"{_NAME} cannot be reached ({said})", remedy)
        case AnswerLost() if said.startswith("no answer"):
            return fail(KEY, f"{_NAME} did not answer ({said})", "Try again later; see the status page of the provider")
    remedy = "See that MUSICMINT_BASE_URL is the address on the API page of its dashboard, without /api/v1"
    return fail(KEY, f"what answers does not speak like {_NAME} ({said})", remedy)
