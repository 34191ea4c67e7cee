"""A name may answer as it likes: what counts is the address that would be connected to, each time."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import DownloadError, DownloadFailed, DownloadRefused
from bot.downloads import open_downloads
from tests.test_download_addresses import WITNESS, doorbell

#: Stands for the outside world; a port on it at which nobody listens.
OUTSIDE, NOBODY = "127.0.0.2", 9
ALLOW = (ipaddress.ip_network(f"{OUTSIDE}/32"),)
Answer = tuple[str, int]


class PhoneBook:
    """What the system says when it is asked for a name: one list of addresses after the other, the last for ever."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[Answer]]] = {}
        self.asked = 0

    def look_up(self, host: Any, *_arguments: Any, **_more: Any) -> list[tuple[Any, ...]]:
        self.asked += 1
        answers = self.answers.get(host, [[]])
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [entry(ip, port) for ip, port in found]


def entry(ip: str, port: int) -> tuple[Any, ...]:
    if ":" in ip:
        return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port))


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Iterator[PhoneBook]:
    """The system's own resolver, in the hands of an attacker."""
    book = PhoneBook()
    monkeypatch.setattr(socket, "getaddrinfo", book.look_up)
    return book


async def fetch(folder: Path) -> None:
    async with open_downloads(folder / "downloads", ALLOW) as downloads:
        await downloads.fetch("https://files.example/1.mp3", downloads.folder_of("task-1") / "1.mp3", 1000)


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "::ffff:7f00:1", "64:ff9b::7f00:1"],
)
async def test_a_name_that_leads_into_a_house_is_refused(tmp_path: Path, book: PhoneBook, ip: str) -> None:
    book.answers["files.example"] = [[(ip, 443)]]
    with WITNESS.watching() as connected, pytest.raises(DownloadRefused):
        await fetch(tmp_path)
    assert (connected, book.asked) == ([], 1)


async def test_of_a_name_with_an_address_outside_and_one_inside_only_the_first_is_tried(
    tmp_path: Path, book: PhoneBook
) -> None:
    async with doorbell() as bell:
        both = [(OUTSIDE, NOBODY), ("127.0.0.1", bell.port)]
        for addresses in (both, both[::-1]):
            book.answers["files.example"] = [addresses]
            with WITNESS.watching() as connected, pytest.raises(DownloadError):
                await fetch(tmp_path)
            assert {*connected} == {(OUTSIDE, NOBODY)}
        assert await bell.visitors() == []


async def test_a_name_that_answers_otherwise_the_next_time_is_refused_then(tmp_path: Path, book: PhoneBook) -> None:
    async with doorbell() as bell:
        book.answers["files.example"] = [[(OUTSIDE, NOBODY)], [("127.0.0.1", bell.port)]]
        with WITNESS.watching() as connected:
            with pytest.raises(DownloadFailed):
                await fetch(tmp_path)
            with pytest.raises(DownloadRefused):
                await fetch(tmp_path)
        assert connected == [(OUTSIDE, NOBODY)]
        assert await bell.visitors() == []


async def test_a_name_that_is_not_found_has_failed_for_now(tmp_path: Path, book: PhoneBook) -> None:
    with pytest.raises(DownloadFailed):
        await fetch(tmp_path)
    assert book.asked
