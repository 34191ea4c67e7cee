"""Fetching foreign files safely to disk: bounded in size and time, and never from an address inside the house."""

import asyncio
import ipaddress
import logging
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from bot.domain.errors import DownloadFailed, DownloadGone, DownloadRefused, DownloadTooLarge

log = logging.getLogger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Seconds for the whole file, and for silence in between.
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=15)
MOST_REDIRECTS = 3
_CHUNK = 64 * 1024
_GONE = {403, 404, 410}
_REDIRECTS = {301, 302, 303, 307, 308}
#: Networks that `is_global` lets through although they lead to others: NAT64 and 6to4.
_DISGUISES = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))
_FORBIDDEN = "not a public address"


class Downloads:
    """Fetches files into one folder. `allow`: networks that may be reached although private, and over http."""

    def __init__(self, session: aiohttp.ClientSession, folder: Path, allow: Sequence[Network]) -> None:
        self._session, self._folder, self._allow = session, folder, tuple(allow)

    def folder_of(self, task_id: str) -> Path:
        """Return (and make) the folder for a task's files."""
        folder = self._folder / task_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def remove(self, task_id: str) -> None:
        """Remove a task's files."""
        shutil.rmtree(self._folder / task_id, ignore_errors=True)

    async def fetch(self, address: str, target: Path, limit: int) -> None:
        """Fetch `address` into `target`, at most `limit` bytes. Raises DownloadError; nothing is left behind then."""
        try:
            async with asyncio.timeout(TIMEOUT.total):
                await self._follow(address, target, limit)
        except TimeoutError as error:
            target.unlink(missing_ok=True)
            raise DownloadFailed("timed out") from error
        except aiohttp.ClientError as error:
            target.unlink(missing_ok=True)
            # Raised by `guarded_socket`, wrapped by the library: nothing was connected.
            if _FORBIDDEN in str(error):
                raise DownloadRefused(_FORBIDDEN) from error
            raise DownloadFailed(type(error).__name__) from error
        except OSError as error:
            target.unlink(missing_ok=True)
            raise DownloadFailed(f"disk: {error.strerror}") from error
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    async def _follow(self, address: str, target: Path, limit: int) -> None:
        # Byte for byte as given: re-quoting would break the signature of a presigned address.
        url = _parse(address)
        for _ in range(MOST_REDIRECTS + 1):
            self._check(url)
            async with self._session.get(url, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    await _save(response, target, limit)
                    return
                url = url.join(_parse(response.headers.get("Location", "")))
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


def _parse(address: str) -> URL:
    try:
        return URL(address, encoded=True)
    except ValueError as error:
        raise DownloadRefused("not an address") from error


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
    return ip.is_global


@asynccontextmanager
async def open_downloads(folder: Path, allow: Sequence[Network]) -> AsyncIterator[Downloads]:
    """Open the session, and remove what a killed run left in `folder`."""

    def guarded_socket(info: tuple[Any, ...]) -> socket.socket:
        # The address really connected to, whatever name, spelling, redirect or rebinding led here.
        family, kind, protocol, _, where = info
        if not is_public(where[0], allow):
            raise OSError(_FORBIDDEN)
        return socket.socket(family=family, type=kind, proto=protocol)

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    connector = aiohttp.TCPConnector(socket_factory=guarded_socket, limit=8, force_close=True)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=TIMEOUT,
        trust_env=False,
        auto_decompress=False,
        requote_redirect_url=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity"},
    ) as session:
        yield Downloads(session, folder, allow)
