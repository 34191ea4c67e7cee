"""However an address is written, nothing but public ones is ever connected to."""

import asyncio
import ipaddress
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import DownloadRefused
from bot.downloads import Downloads, guarded_session, is_public, open_downloads
from bot.media import MediaFiles
from tests.file_server import sending, serving
from tests.parts import make_task, make_track

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)

#: Ways to write 127.0.0.1 (and ::1) that a resolver, a parser or a careless comparison may fall for.
LOOPBACK_SPELLINGS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.0.0.2",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0x0.0x0.0x1",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.01",
    "0",
    "0.0.0.0",
    "１２７.0.0.1",
    "①27.0.0.1",
    "127。0。0。1",
    "localhost",
    "LOCALHOST",
    "LocalHost",
    "ⓛocalhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7F00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[::1%25lo]",
    "@127.0.0.1",
    "files.example@127.0.0.1",
    "files.example:443@127.0.0.1",
    "files.example%2f@127.0.0.1",
    "files.example\\@127.0.0.1",
]
#: Hosts inside somebody's house that are not this machine.
INSIDE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "100.64.0.1",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[2002:a00:1::]",
]
NOT_PLAIN = [
    "http://localhost:8080/x",
    "http://8.8.8.8/x",
    "http://files.example/x",
    "https://8.8.8.8:22/x",
    "https://8.8.8.8:8443/x",
    "https://8.8.8.8:99999/x",
    "https://8.8.8.8:port/x",
    "https://name:word@8.8.8.8/x",
    "https://name@8.8.8.8/x",
    "ftp://8.8.8.8/x",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "data:audio/mpeg;base64,SUQz",
    "javascript:alert(1)",
    "gopher://127.0.0.1:6379/_x",
]
NO_ADDRESS = [
    "//127.0.0.1/x",
    "127.0.0.1/x",
    "https:127.0.0.1",
    "https:/127.0.0.1/x",
    "https:///x",
    "https://[::1/x",
    "https://a..b/x",
    "https://" + "a" * 64 + ".example/x",
    "https://\ud800/x",
    "/etc/passwd",
    " ",
    "",
]


@dataclass
class Doorbell:
    """A port on loopback that counts who comes."""

    port: int = 0
    rung: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    async def visitors(self) -> list[bytes]:
        """Return what everybody said who came so far. Our own visit comes last, so nobody is still under way."""
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"it is me\n")
            writer.close()
            came = [await self.rung.get()]
            while came[-1] != b"it is me\n":
                came.append(await self.rung.get())
        return came[:-1]


@asynccontextmanager
async def doorbell() -> AsyncIterator[Doorbell]:
    bell = Doorbell()

    async def ring(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bell.rung.put_nowait(await reader.readline())
        writer.close()

    async with await asyncio.start_server(ring, "0.0.0.0") as server:
        bell.port = server.sockets[0].getsockname()[1]
        yield bell


class Witness:
    """Sees every connection that this process begins, whoever begins it: Python tells before it asks the system."""

    def __init__(self) -> None:
        self._seen: list[Any] | None = None
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and self._seen is not None:
            self._seen.append(arguments[1])

    @contextmanager
    def watching(self) -> Iterator[list[Any]]:
        """Give the addresses that are connected to meanwhile."""
        self._seen = seen = []
        yield seen
        self._seen = None


#: An audit hook stays for the life of a process, so there is one.
WITNESS = Witness()


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Downloads]:
    """Downloads as they are in earnest: no network is allowed by name."""
    async with open_downloads(tmp_path / "downloads", ()) as opened:
        yield opened


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS)
async def test_no_spelling_of_loopback_is_connected_to(host: str) -> None:
    async with doorbell() as bell, guarded_session(()) as session:
        with WITNESS.watching() as connected, pytest.raises((aiohttp.ClientError, ValueError)):
            await session.get(f"http://{host}:{bell.port}/")
        assert connected == []
        assert await bell.visitors() == []


async def test_the_same_bell_rings_where_loopback_is_allowed() -> None:
    async with doorbell() as bell, guarded_session(LOOPBACK) as session:
        with suppress(aiohttp.ClientError):
            await session.get(f"http://localhost:{bell.port}/")
        assert set(await bell.visitors()) == {b"GET / HTTP/1.1\r\n"}


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS + INSIDE)
async def test_an_address_inside_a_house_is_refused_and_never_connected_to(strict: Downloads, host: str) -> None:
    target = strict.folder_of("task-1") / "1.mp3"
    with WITNESS.watching() as connected, pytest.raises(DownloadRefused):
        await strict.fetch(f"https://{host}/x", target, 1000)
    assert connected == []
    assert not target.exists()


def test_there_are_more_than_36_spellings() -> None:
    assert len({*LOOPBACK_SPELLINGS}) >= 36
    assert len({*LOOPBACK_SPELLINGS, *INSIDE}) == len(LOOPBACK_SPELLINGS + INSIDE)


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS + INSIDE)
async def test_neither_the_audio_nor_the_cover_of_a_track_leads_into_a_house(strict: Downloads, host: str) -> None:
    track = make_track(audio_url=f"https://{host}/1.mp3", cover_url=f"https://{host}/1.jpg")
    with WITNESS.watching() as connected, pytest.raises(DownloadRefused):
        await MediaFiles(strict).fetch(make_task(), 1, track, 1000)
    assert connected == []


async def test_what_is_allowed_is_seen_to_be_connected_to(tmp_path: Path) -> None:
    async with serving(sending(b"x")) as server, open_downloads(tmp_path / "downloads", LOOPBACK) as downloads:
        with WITNESS.watching() as connected:
            await downloads.fetch(server.at("/1"), downloads.folder_of("task-1") / "1.mp3", 1000)
    assert [address[0] for address in connected] == ["127.0.0.1"]


@pytest.mark.parametrize("address", NOT_PLAIN + NO_ADDRESS)
async def test_what_is_no_plain_https_address_is_refused(strict: Downloads, address: str) -> None:
    with WITNESS.watching() as connected, pytest.raises(DownloadRefused):
        await strict.fetch(address, strict.folder_of("task-1") / "1.mp3", 1000)
    assert connected == []


@pytest.mark.parametrize("location", [f"https://{host}/x" for host in INSIDE] + NOT_PLAIN + ["//10.0.0.1/x"])
async def test_a_redirect_is_checked_like_the_first_address(tmp_path: Path, location: str) -> None:
    answer = sending(b"", status=302, headers={"Location": location})
    async with serving(answer) as server, open_downloads(tmp_path / "downloads", LOOPBACK) as downloads:
        with WITNESS.watching() as connected, pytest.raises(DownloadRefused):
            await downloads.fetch(server.at("/1"), downloads.folder_of("task-1") / "1.mp3", 1000)
    assert len(server.asked) == len(connected) == 1


@settings(max_examples=60, deadline=None)
@given(start=st.sampled_from("/?#:"), rest=st.text())
def test_whatever_follows_the_host_never_ends_in_an_error_of_another_kind(
    tmp_path_factory: pytest.TempPathFactory, start: str, rest: str
) -> None:
    async def fetch() -> None:
        folder = tmp_path_factory.mktemp("any")
        async with open_downloads(folder, ()) as downloads:
            await downloads.fetch(f"https://10.0.0.1{start}{rest}", folder / "1.mp3", 1000)

    with pytest.raises(DownloadRefused):
        asyncio.run(fetch())


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "2606:4700::1", "::ffff:8.8.8.8"])
def test_public_addresses_may_be_connected_to(address: str) -> None:
    assert is_public(address, ())


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_no_more_public_than_without(address: ipaddress.IPv4Address) -> None:
    six_to_four = ipaddress.IPv6Address(0x2002 << 112 | int(address) << 80)
    assert is_public(f"::ffff:{address}", ()) == is_public(str(address), ())
    assert not any(is_public(one, ()) for one in (f"64:ff9b::{address}", f"::{address}", str(six_to_four)))


@given(st.ip_addresses(v=6).filter(lambda address: int(address) >> 125 != 1 and address.ipv4_mapped is None))
def test_ipv6_outside_global_unicast_is_never_public(address: ipaddress.IPv6Address) -> None:
    assert not is_public(str(address), ())


def test_allowed_networks_may_be_connected_to_and_their_neighbours_may_not() -> None:
    allow = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fe80::/10"))
    assert is_public("10.1.2.3", allow)
    assert is_public("fe80::1%eth0", allow)
    assert not is_public("127.0.0.1", allow)
    assert not is_public("fd00::1", allow)
