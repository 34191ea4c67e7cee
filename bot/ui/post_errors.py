"""What Discord and the network answer to a message, in the words of the flows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord

from bot.domain.errors import AlreadyPosted, CannotPost, PostError, PostLater, TokenRefused

#: Discord's codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
#: The message that a nonce stands for was deleted since.
UNKNOWN_MESSAGE = 10008
TOO_LARGE = 40005
MISSING_PERMISSIONS = 50013
#: An interaction's token has died; the bot's own is not meant.
DEAD_INTERACTION = 50027
INVALID_FORM = 50035
ARCHIVED_THREAD = 50083
BLOCKED_BY_RULES = 200000

#: An upload may take this long, and a second more for so many bytes. discord.py's session ends every request after five
#: minutes, so there is no use in more.
UPLOAD_SECONDS, UPLOAD_BYTES_A_SECOND, LONGEST_UPLOAD = 60.0, 50_000, 300.0


def deadline(upload: int) -> float:
    """Return for how many seconds a request with `upload` bytes of files is waited for."""
    return min(UPLOAD_SECONDS + upload / UPLOAD_BYTES_A_SECOND, LONGEST_UPLOAD)


@asynccontextmanager
async def translated(upload: int = 0) -> AsyncIterator[None]:
    """Raise PostError for whatever goes wrong. `upload`: bytes of files that are sent."""
    try:
        async with asyncio.timeout(deadline(upload)):
            yield
    except discord.RateLimited as error:
        raise PostLater("rate limited", error.retry_after) from error
    except discord.HTTPException as error:
        raise _post_error(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise PostLater(type(error).__name__) from error


def _post_error(error: discord.HTTPException) -> PostError:
    reason = f"HTTP {error.status}, code {error.code}"
    if error.status == 429 or error.status >= 500:
        return PostLater(reason, _retry_after(error))
    if error.code == UNKNOWN_MESSAGE:
        return AlreadyPosted(reason)
    if error.status == 401:
        return CannotPost(reason, error.code) if error.code == DEAD_INTERACTION else TokenRefused(reason)
    if error.code == 0 and error.status == 403:
        return PostLater(reason)  # not in Discord's own words: something before it (Cloudflare) said no
    return CannotPost(reason, error.code)


def _retry_after(error: discord.HTTPException) -> float | None:
    """Return what a proxy before Discord asks us to wait; Discord's own wait comes as RateLimited."""
    said = error.response.headers.get("Retry-After", "")
    return float(said) if said.isascii() and said.isdigit() else None
