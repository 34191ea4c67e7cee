"""Trying a provider's key costs nothing and tells the refusals apart."""

import json

import aiohttp
import pytest

from bot.domain.errors import AnswerLost, CreditsSpent, KeyRefused, NotAccepted, ProviderError
from bot.providers.http import HttpProvider
from bot.providers.musicmint import MusicMint
from bot.sandbox.musicmint import PretendMusicMint
from tests.parts import API_KEY, SECRET
from tests.providers.musicmint_samples import MINT, reply


async def check(vendor: PretendMusicMint, key: str = API_KEY) -> None:
    async with aiohttp.ClientSession() as session:
        await HttpProvider(MusicMint(key, [SECRET.encode()], 7), session, vendor.base_url, None).check_key()


async def test_a_good_key_is_good_and_no_task_is_made(vendor: PretendMusicMint) -> None:
    await check(vendor)
    assert [request.path for request in vendor.requests] == ["/api/v1/tasks"]
    assert vendor.requests[0].body == {"page": 1, "page_size": 1}
    assert vendor.tasks == {}


async def test_a_wrong_key_is_refused(vendor: PretendMusicMint) -> None:
    with pytest.raises(KeyRefused):
        await check(vendor, "sk-mm-of-somebody-else")


@pytest.mark.parametrize("code", [1003, 1004])
async def test_a_disabled_or_deleted_key_is_refused(vendor: PretendMusicMint, code: int) -> None:
    vendor.behaviour.code = code
    with pytest.raises(KeyRefused):
        await check(vendor)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<html>", AnswerLost),
        (200, json.dumps({"code": 0, "data": []}).encode(), AnswerLost),
        (402, b"", CreditsSpent),
        (429, b"", NotAccepted),
        (500, b"", AnswerLost),
    ],
)
def test_other_answers_are_told_apart(status: int, body: bytes, error: type[ProviderError]) -> None:
    with pytest.raises(error):
        MINT.read_check_key(reply(body, status))


def test_the_list_of_tasks_is_a_good_answer() -> None:
    MINT.read_check_key(reply(json.dumps({"code": 0, "data": {"items": [], "total": 0, "page": 1}}).encode()))
