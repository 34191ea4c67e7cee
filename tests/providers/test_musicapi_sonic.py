"""What MusicAPI's answers about sonic tasks mean, from its documented samples."""

import json
from typing import Any

import pytest

from bot.domain.errors import AnswerLost
from bot.domain.track import Completed, Failed, Running, Track
from tests.parts import make_task
from tests.providers.musicapi_samples import SONIC, TASK_ID, reply, sample

EXTRA = {
    "gpt_description_prompt": "rain on a tin roof",
    "mv": "sonic-v4-5-plus",
    "video_url": "https://files.example/a.mp4",
    "created_at": "2026-11-21T09:00:05Z",
}


def clip(state: str = "succeeded", **fields: Any) -> dict[str, Any]:
    return {"clip_id": "c", "state": state, "audio_url": "https://files.example/c.mp3", **fields}


def answered(*clips: Any, message: str = "success") -> object:
    body = {"code": 200, "message": message, "data": list(clips)}
    return SONIC.read_look_up(reply(json.dumps(body).encode()))


@pytest.mark.parametrize("name", ["sonic_create", "sonic_create_with_code"])
def test_the_answer_to_a_create_gives_the_task_id_and_its_family(name: str) -> None:
    assert SONIC.read_submit(make_task(), reply(sample(name))) == f"sonic:{TASK_ID}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"task_id": ""}',
        b'{"task_id": 5}',
        b'{"task_id": null, "code": 200}',
        b'{"data": "t"}',
        b'{"task_id": "t\\nt"}',
        b"[" * 50_000,
        b"\xff",
        b'"t"',
    ],
)
def test_a_200_without_a_task_id_may_have_been_accepted(body: bytes) -> None:
    with pytest.raises(AnswerLost):
        SONIC.read_submit(make_task(), reply(body))


def test_a_finished_task_has_its_songs_with_all_that_was_told_of_them() -> None:
    outcome = SONIC.read_look_up(reply(sample("sonic_succeeded")))
    assert isinstance(outcome, Completed)
    first, second = outcome.tracks
    assert first == Track(
        "clip-a",
        "https://files.example/a.mp3",
        "https://files.example/a.jpg",
        "Tin Roof",
        "lofi, rain",
        "[Verse]\nRain on a tin roof",
        97.0,
        extra=first.extra,
    )
    assert json.loads(first.extra) == EXTRA
    assert (second.seconds, second.lyrics, outcome.missing) == (101.42, "", 0)


@pytest.mark.parametrize("name", ["sonic_pending", "sonic_running", "sonic_not_ready", "sonic_code_102"])
def test_a_task_runs_until_each_of_its_clips_has_ended(name: str) -> None:
    assert SONIC.read_look_up(reply(sample(name))) == Running()


@pytest.mark.parametrize("name", ["sonic_not_ready", "sonic_pending", "sonic_succeeded"])
def test_a_202_says_that_it_still_runs_whatever_else_it_says(name: str) -> None:
    assert SONIC.read_look_up(reply(sample(name), 202)) == Running()
    for body, status in ((b"", 202), (b'{"code": 202}', 200)):
        assert SONIC.read_look_up(reply(body, status)) == Running()


@pytest.mark.parametrize("state", ["streaming", "queued", "", "complete", "SUCCEEDED?"])
def test_a_state_that_is_not_final_or_not_known_counts_as_running(state: str) -> None:
    assert answered(clip(), clip(state)) == Running()


@pytest.mark.parametrize("state", [None, 5, ["succeeded"], {}])
def test_a_state_that_is_no_word_counts_as_running(state: object) -> None:
    assert answered(clip(), {**clip(), "state": state}) == Running()


def test_no_clips_yet_is_running() -> None:
    assert answered() == Running()


def test_a_clip_that_failed_beside_one_that_did_not_is_missing() -> None:
    outcome = SONIC.read_look_up(reply(sample("sonic_one_failed")))
    assert isinstance(outcome, Completed)
    assert ([track.clip_id for track in outcome.tracks], outcome.missing) == (["clip-a"], 1)


def test_clips_are_read_one_by_one_and_what_cannot_be_heard_is_missing() -> None:
    outcome = answered(clip(), None, clip(audio_url=None), clip(audio_url="", title=5), clip(title=5, tags=["x"]))
    assert isinstance(outcome, Completed)
    assert [track.title for track in outcome.tracks] == ["", ""]
    assert outcome.missing == 3


def test_a_task_whose_clips_all_failed_has_failed_with_the_words_there_are() -> None:
    assert SONIC.read_look_up(reply(sample("sonic_failed"))) == Failed("the model is overloaded")
    assert answered(clip("failed"), message="no luck") == Failed("no luck")
    assert answered(clip("failed")) == Failed("")


@pytest.mark.parametrize(
    ("name", "words"),
    [("sonic_task_failed", "the songs could not be made"), ("sonic_task_timeout", "the songs took too long")],
)
def test_a_200_that_says_the_task_failed_is_its_end(name: str, words: str) -> None:
    assert SONIC.read_look_up(reply(sample(name))) == Failed(words)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (97, 97.0),
        (97.31, 97.31),
        ("97.31", 97.31),
        ("97", 97.0),
        (0, None),
        (-1, None),
        ("", None),
        (None, None),
        ("nan", None),
        ("inf", None),
        (10**400, None),
        (1e300, None),
        (True, None),
        ([97], None),
        ("1:37", None),
    ],
)
def test_a_length_may_be_a_whole_number_a_fraction_or_a_text(given: object, seconds: float | None) -> None:
    outcome = answered(clip(duration=given))
    assert isinstance(outcome, Completed)
    assert outcome.tracks[0].seconds == seconds


def test_a_song_of_which_nothing_else_is_told_has_no_extra() -> None:
    outcome = answered(clip())
    assert isinstance(outcome, Completed)
    assert outcome.tracks[0].extra == ""


def test_no_nul_gets_into_a_text() -> None:
    outcome = answered(clip(title="a\0b", lyrics="\0"))
    assert isinstance(outcome, Completed)
    assert (outcome.tracks[0].title, outcome.tracks[0].lyrics) == ("ab", "")


@pytest.mark.parametrize("data", [None, "clips", 5, True])
def test_an_answer_without_clips_or_a_task_is_a_lost_one(data: object) -> None:
    with pytest.raises(AnswerLost):
        SONIC.read_look_up(reply(json.dumps({"code": 200, "data": data}).encode()))
