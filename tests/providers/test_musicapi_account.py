"""Words for a song and what is left to pay with, which MusicAPI answers at once."""

import json

import pytest

from bot.domain.errors import AnswerLost
from bot.domain.task import Kind
from bot.domain.track import Completed, Track
from bot.providers.musicapi_account import Credits
from tests.parts import make_task
from tests.providers.musicapi_samples import LYRICS, SONIC, STUDIO, reply, sample


def test_lyrics_are_asked_for_by_a_description() -> None:
    for wire in (SONIC, STUDIO):
        call = wire.submit(make_task(" rain on a tin roof ", kind=Kind.LYRICS), "https://bot.example/callbacks")
        assert (call.method, call.path) == ("POST", "/api/v1/sonic/lyrics")
        assert json.loads(call.body) == {"description": "rain on a tin roof"}


def test_each_version_of_the_lyrics_comes_with_its_title() -> None:
    assert SONIC.read_submit(LYRICS, reply(sample("lyrics"))) == Completed(
        (
            Track("", "", title="Tin Roof", lyrics="[Verse]\nRain on a tin roof"),
            Track("", "", title="Gutter Song", lyrics="[Verse]\nDrip, drop"),
        )
    )


def test_a_broken_version_does_not_hurt_the_others() -> None:
    results = [None, {"title": "a"}, {"lyrics": " "}, {"title": 5, "lyrics": "la"}]
    body = json.dumps({"code": 200, "results": results}).encode()
    assert SONIC.read_submit(LYRICS, reply(body)) == Completed((Track("", "", lyrics="la"),), missing=3)


@pytest.mark.parametrize("body", [b"{}", b'{"results": []}', b'{"results": "la"}', b"[]", b""])
def test_an_answer_without_lyrics_is_a_lost_one(body: bytes) -> None:
    with pytest.raises(AnswerLost):
        SONIC.read_submit(LYRICS, reply(body))


def test_what_is_left_is_asked_for_and_read() -> None:
    assert (SONIC.credits().method, SONIC.credits().path) == ("GET", "/api/v1/get-credits")
    assert SONIC.read_credits(reply(sample("credits"))) == Credits(120, 30)
    assert SONIC.read_credits(reply(b'{"credits": "0"}')) == Credits(0, 0)


def test_the_key_is_tried_by_asking_what_is_left() -> None:
    assert SONIC.check_key() == SONIC.credits()
    SONIC.read_check_key(reply(sample("credits")))
    for body in (b"{}", b'{"credits": null}', b"<html>", b'{"credits": []}'):
        with pytest.raises(AnswerLost):
            SONIC.read_check_key(reply(body))
