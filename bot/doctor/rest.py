"""Asking Discord over REST, without connecting a bot."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import msgspec

#: Who we are, in the form Discord asks for: https://docs.discord.com/developers/reference#user-agent
_USER_AGENT = "DiscordBot (minstrel doctor, 0.1)"
TIMEOUT = aiohttp.ClientTimeout(total=10)
#: No answer here is longer; in bytes.
_LARGEST = 4 * 1024 * 1024

#: What a request can raise that never reached a whole answer.
NO_ANSWER = (aiohttp.ClientError, OSError, TimeoutError, ValueError)


class NoAnswer(Exception):
    """Discord, or whoever is there instead, gave no answer that can be used. The text says how."""


class TokenRefused(NoAnswer):
    """Discord does not accept the token."""


class Refused(NoAnswer):
    """Discord refused; `code` is its own, 0 where it gave none."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(f"HTTP {status}, code {code}")
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Discord's time, and ours before and after it was asked, in seconds since 1970."""

    theirs: float
    before: float
    after: float

    @property
    def ahead(self) -> float:
        """How many seconds our clock is ahead. The header counts whole seconds: its middle is meant."""
        return (self.before + self.after) / 2 - (self.theirs + 0.5)


class DiscordRest:
    """GET requests with the bot's token."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, token: str) -> None:
        self._session, self._api_url = session, api_url
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": _USER_AGENT}

    async def object(self, path: str) -> dict[str, Any]:
        """Return the object at `path`. Raises NoAnswer."""
        found: dict[str, Any] = _expect(dict, await self._get(path))
        return found

    async def array(self, path: str) -> list[dict[str, Any]]:
        """Return the list of objects at `path`. Raises NoAnswer."""
        return [_expect(dict, item) for item in _expect(list, await self._get(path))]

    async def clock(self, now: Callable[[], float] = time.time) -> ClockReading:
        """Read Discord's clock off an answer, whatever the answer is. Raises NoAnswer."""
        before = now()
        try:
            async with self._session.get(f"{self._api_url}/gateway", allow_redirects=False) as response:
                return ClockReading(parsedate_to_datetime(response.headers["Date"]).timestamp(), before, now())
        except KeyError:
            raise NoAnswer("the answer has no Date header") from None
        except NO_ANSWER as error:
            raise NoAnswer(reason(error)) from error

    async def _get(self, path: str) -> Any:
        try:
            async with self._session.get(
                self._api_url + path, headers=self._headers, allow_redirects=False
            ) as response:
                status, body = response.status, await _json(response)
        except NO_ANSWER as error:
            raise NoAnswer(reason(error)) from error
        if status == 401:
            raise TokenRefused("HTTP 401")
        if status >= 300:
            raise Refused(status, _code(body))
        return body


async def _json(response: aiohttp.ClientResponse) -> Any:
    """Return the JSON of an answer; None for an error that carries none."""
    raw = bytearray()
    async for chunk in response.content.iter_any():
        raw += chunk
        if len(raw) > _LARGEST:
            raise NoAnswer("the answer is endless")
    try:
        return msgspec.json.decode(bytes(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        if response.status >= 300:
            return None
        raise NoAnswer(f"HTTP {response.status}, and no JSON in it") from None


def _code(body: Any) -> int:
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) else 0


def _expect(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise NoAnswer("the answer has not the form Discord describes")
    return value


def reason(error: BaseException) -> str:
    """Say in a few words why there was no answer."""
    match error:
        case TimeoutError() | asyncio.CancelledError():
            return "no answer in time"
        case aiohttp.ClientConnectorDNSError():
            return f"the name {error.host} is not known"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "its certificate is not trusted"
        case aiohttp.ClientConnectorError():
            return f"no connection to {error.host}:{error.port}"
    return f"the answer broke off ({type(error).__name__})"


@asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session like the bot's own (no proxy from the environment, no cookies), only less patient."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        timeout=TIMEOUT,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as opened:
        yield opened
