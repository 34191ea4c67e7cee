"""Fetching foreign files safely to disk: bounded in size and time, and never from an address inside the house."""

import asyncio
import ipaddress
import logging
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from bot.domain.errors import DownloadFailed, DownloadGone, DownloadRefused, DownloadTooLarge, StartRefused

log = logging.getLogger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
T = TypeVar("T")

#: Seconds for the whole file, and for silence in between.
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=15)
MOST_REDIRECTS = 3
#: Downloads at a time; the others wait, and their time does not run yet.
AT_A_TIME = 3
_CHUNK = 64 * 1024
_GONE = {403, 404, 410}
_REDIRECTS = {301, 302, 303, 307, 308}
#: Networks that `is_global` lets through, on some Pythons, although they lead to others: 6to4 and its relays, what the
#: IETF (and a cloud's metadata service) uses for itself, and addresses for documentation.
_DISGUISES = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "3fff::/20")))
#: IPv6 outside it is never public, whatever `is_global` says: NAT64 (64:ff9b::), site-local, IPv4 inside IPv6.
_UNICAST = ipaddress.IPv6Network("2000::/3")
_FORBIDDEN = "not a public address"


class Downloads:
    """Fetches files into one folder. `allow`: networks that may be reached although private, and over http."""

    def __init__(self, session: aiohttp.ClientSession, folder: Path, allow: Sequence[Network]) -> None:
        self._session, self._folder, self._allow = session, folder, tuple(allow)
        self._seconds = session.timeout.total
        self._free = asyncio.Semaphore(AT_A_TIME)

    def folder_of(self, task_id: str) -> Path:
        """Return (and make) the folder for a task's files. Raises DownloadFailed."""
        folder = self._folder / task_id
        with _translated():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def remove(self, task_id: str) -> None:
        """Remove a task's files."""
        shutil.rmtree(self._folder / task_id, ignore_errors=True)

    async def fetch(self, address: str, target: Path, limit: int) -> None:
        """Fetch `address` into `target`, at most `limit` bytes. Raises DownloadError; nothing is left behind then."""
        try:
            with _translated():
                async with self._free, asyncio.timeout(self._seconds):
                    await self._follow(address, lambda response: _save(response, target, limit))
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    async def part(self, address: str, start: int, length: int) -> bytes:
        """Return at most `length` bytes of a file, from `start` on. Raises DownloadError.

        It waits for no download of a whole file: somebody waits for the answer.
        """
        wanted = {"Range": f"bytes={start}-{start + length - 1}"}
        with _translated():
            async with asyncio.timeout(self._seconds):
                return await self._follow(address, lambda response: _read(response, start, length), wanted)

    async def _follow(
        self,
        address: str,
        take: Callable[[aiohttp.ClientResponse], Awaitable[T]],
        headers: Mapping[str, str] | None = None,
    ) -> T:
        # Byte for byte as given: re-quoting would break the signature of a presigned address.
        url = URL(address, encoded=True)
        for _ in range(MOST_REDIRECTS + 1):
            self._check(url)
            async with self._session.get(url, allow_redirects=False, headers=headers) as response:
                if response.status not in _REDIRECTS:
                    return await take(response)
                url = url.join(URL(response.headers.get("Location", ""), encoded=True))
        raise DownloadGone("too many redirects")

    def _check(self, url: URL) -> None:
        """Refuse what is not https on its usual port, except for networks that are allowed by name."""
        if url.user is not None or url.password is not None or not url.host:
            raise DownloadRefused("not a plain address")
        if (url.scheme, url.port) != ("https", 443) and not (url.scheme in ("http", "https") and self._allowed(url)):
            raise DownloadRefused("not https on its usual port")

    def _allowed(self, url: URL) -> bool:
        try:
            ip = ipaddress.ip_address(url.host or "")
        except ValueError:
            return False
        return any(ip in network for network in self._allow)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the network, the disk and odd addresses raise into the words of the flows."""
    try:
        yield
    except TimeoutError as error:
        raise DownloadFailed("timed out") from error
    except aiohttp.InvalidURL as error:
        raise DownloadRefused("not an address") from error
    except aiohttp.ClientConnectorError as error:
        # Raised by `guarded_socket`, wrapped by the library: nothing was connected.
        if _FORBIDDEN in str(error.os_error):
            raise DownloadRefused(_FORBIDDEN) from error
        raise DownloadFailed(type(error).__name__) from error
    except aiohttp.ClientError as error:
        raise DownloadFailed(type(error).__name__) from error
    except OSError as error:
        raise DownloadFailed(f"disk: {error.strerror}") from error
    except ValueError as error:  # a port that is none, a host that cannot be looked up
        raise DownloadRefused("not an address") from error


async def _read(response: aiohttp.ClientResponse, start: int, length: int) -> bytes:
    """Read a part; who knows no ranges sends the whole, whose beginning will do as well."""
    if response.status in _GONE:
        raise DownloadGone(f"HTTP {response.status}")
    if response.status != 206 and not (response.status == 200 and start == 0):
        raise DownloadFailed(f"HTTP {response.status}")
    data = bytearray()
    while len(data) < length and (chunk := await response.content.read(length - len(data))):
        data += chunk
    return bytes(data)


async def _save(response: aiohttp.ClientResponse, target: Path, limit: int) -> None:
    if response.status in _GONE:
        raise DownloadGone(f"HTTP {response.status}")
    if response.status != 200:
        raise DownloadFailed(f"HTTP {response.status}")
    if response.content_length is not None and response.content_length > limit:
        raise DownloadTooLarge(f"{response.content_length} bytes declared")
    size = 0
    with target.open("wb") as file:
        async for chunk in response.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise DownloadTooLarge(f"over {limit} bytes")
            file.write(chunk)


def is_public(address: str, allow: Sequence[Network]) -> bool:
    """Say whether a numeric address may be connected to: public, or in one of the networks of `allow`."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if any(ip in network for network in allow if network.version == ip.version):
        return True
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_multicast or any(ip in network for network in _DISGUISES if network.version == ip.version):
        return False
    return ip.is_global and (ip.version == 4 or ip in _UNICAST)


def guarded_session(allow: Sequence[Network], timeout: aiohttp.ClientTimeout = TIMEOUT) -> aiohttp.ClientSession:
    """Return a session that connects to nothing but public addresses and the networks of `allow`."""

    def guarded_socket(info: tuple[Any, ...]) -> socket.socket:
        # The address really connected to, whatever name, spelling, redirect or rebinding led here.
        family, kind, protocol, _, where = info
        if not is_public(where[0], allow):
            raise PermissionError(_FORBIDDEN)
        return socket.socket(family=family, type=kind, proto=protocol)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(socket_factory=guarded_socket, limit=8),
        timeout=timeout,
        trust_env=False,
        auto_decompress=False,
        requote_redirect_url=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity"},
    )


@asynccontextmanager
async def open_downloads(
    folder: Path, allow: Sequence[Network], timeout: aiohttp.ClientTimeout = TIMEOUT
) -> AsyncIterator[Downloads]:
    """Open the session, and remove what a killed run left in `folder`. Raises StartRefused."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartRefused(f"The folder {folder} cannot be made ({error.strerror}). Set DATA_DIR.") from error
    async with guarded_session(allow, timeout) as session:
        yield Downloads(session, folder, allow)
