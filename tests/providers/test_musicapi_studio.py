"""What MusicAPI's answers about studio tasks mean, from its documented sample."""

import json
from typing import Any

import pytest

from bot.domain.contract import Worth
from bot.domain.errors import AnswerLost, CreditsSpent, Rejected
from bot.domain.track import Completed, Failed, Running
from tests.parts import make_task
from tests.providers.musicapi_samples import SONIC, STUDIO, TASK_ID, reply, sample


def answered(**changes: Any) -> object:
    body = json.loads(sample("studio_success"))
    body["data"] |= changes
    return STUDIO.read_look_up(reply(json.dumps(body).encode()))


def with_song(**changes: Any) -> Completed:
    songs = json.loads(sample("studio_success"))["data"]["data"]["songs"]
    outcome = answered(data={"songs": [songs[0] | changes]})
    assert isinstance(outcome, Completed)
    return outcome


def test_it_never_calls_back() -> None:
    assert STUDIO.contract.callbacks is Worth.NOTHING


def test_the_answer_to_a_create_gives_the_task_id_and_its_family() -> None:
    assert STUDIO.read_submit(make_task(), reply(sample("studio_create"))) == f"studio:{TASK_ID}"


@pytest.mark.parametrize("body", [b"{}", b'{"code": "success"}', b'{"code": "success", "data": {}}', b"<html>"])
def test_a_200_without_a_task_id_may_have_been_accepted(body: bytes) -> None:
    with pytest.raises(AnswerLost):
        STUDIO.read_submit(make_task(), reply(body))


def test_a_code_that_is_not_success_is_a_refusal_in_its_own_words() -> None:
    with pytest.raises(Rejected) as raised:
        STUDIO.read_submit(make_task(), reply(b'{"code": "fail", "message": "seed is odd", "data": "t"}'))
    assert raised.value.said == "seed is odd"
    with pytest.raises(CreditsSpent):
        STUDIO.read_submit(make_task(), reply(b'{"code": "fail", "message": "insufficient credits"}'))


def test_a_finished_task_has_its_two_songs_whose_addresses_stay_as_they_are() -> None:
    outcome = STUDIO.read_look_up(reply(sample("studio_success")))
    assert isinstance(outcome, Completed)
    first, second = outcome.tracks
    assert first.audio_url == "https://files.example/o/a%2520b%252Fa.mp3"
    assert (first.clip_id, first.title, first.style) == ("song-a", "Tin Roof", "lofi, rain")
    assert (first.cover_url, first.lyrics) == ("https://files.example/a.jpg", "Rain on a tin roof")
    assert (first.seconds, second.seconds, outcome.missing) == (130.5, 128.25, 0)


def test_every_documented_field_is_kept_for_the_details() -> None:
    outcome = STUDIO.read_look_up(reply(sample("studio_success")))
    assert isinstance(outcome, Completed)
    body = json.loads(sample("studio_success"))["data"]
    for track, song in zip(outcome.tracks, body["data"]["songs"], strict=True):
        shown = {"id", "title", "lyrics", "tags", "duration", "song_path", "image_path", "finished"}
        shown |= {"user_id", "generation_id"}  # the operator's, and nobody else's to see
        told = {name: value for name, value in song.items() if name not in shown and value not in (None, "")}
        times = {name: body[name] for name in ("task_id", "action", "submit_time", "start_time", "finish_time")}
        assert json.loads(track.extra) == told | times


@pytest.mark.parametrize(("name", "progress"), [("studio_not_started", 0), ("studio_in_progress", 42)])
def test_a_running_task_says_how_far_it_is(name: str, progress: int) -> None:
    assert STUDIO.read_look_up(reply(sample(name))) == Running(progress)
    assert SONIC.read_look_up(reply(sample(name))) == Running(progress)  # asked for after the setting was changed


@pytest.mark.parametrize(
    ("given", "progress"),
    [
        ("100%", 100),
        (" 7 % ", None),
        ("7", 7),
        ("101%", None),
        ("-1%", None),
        ("%", None),
        ("", None),
        (None, None),
        (42, None),
        ("٣%", None),
        ("4.5%", None),
        ("9" * 5000, None),
        (["1%"], None),
    ],
)
def test_an_odd_progress_is_none(given: object, progress: int | None) -> None:
    assert answered(status="IN_PROGRESS", progress=given) == Running(progress)


@pytest.mark.parametrize("status", ["success", "Success", "SUCCESS"])
def test_success_is_the_end_however_it_is_written(status: str) -> None:
    assert isinstance(answered(status=status), Completed)


@pytest.mark.parametrize("status", ["", "QUEUED", "SUCCESSFUL?", "DONE", None, 5, ["SUCCESS"], {}])
def test_a_status_that_is_not_known_counts_as_running(status: object) -> None:
    assert answered(status=status) == Running(100)


@pytest.mark.parametrize("status", ["FAILURE", "failed", "INTERNAL_ERROR", "FAIL"])
def test_a_word_of_failure_is_one(status: str) -> None:
    assert answered(status=status) == Failed("")


def test_a_reason_of_failure_is_one_whatever_the_status_but_success() -> None:
    assert STUDIO.read_look_up(reply(sample("studio_failure"))) == Failed("no machine was free")
    assert answered(status="HALTED", fail_reason="no machine was free") == Failed("no machine was free")
    assert isinstance(answered(fail_reason="a warning"), Completed)


def test_a_song_with_an_error_is_missing() -> None:
    outcome = STUDIO.read_look_up(reply(sample("studio_one_song_failed")))
    assert isinstance(outcome, Completed)
    assert ([track.clip_id for track in outcome.tracks], outcome.missing) == (["song-a"], 1)


@pytest.mark.parametrize(
    "change",
    [
        {"finished": False},
        {"error_id": "e"},
        {"error_code": 7},
        {"error_type": "X"},
        {"error_detail": "x"},
        {"song_path": ""},
        {"song_path": None},
    ],
)
def test_a_song_that_is_unfinished_or_broken_or_silent_is_missing(change: dict[str, object]) -> None:
    assert with_song(**change) == Completed((), missing=1)


def test_an_odd_field_does_not_cost_the_song() -> None:
    outcome = with_song(likes="many", tags="lofi", title=None, duration="130.5", replaced_tags=[], plays="7")
    (track,) = outcome.tracks
    assert (track.title, track.style, track.seconds) == ("", "", 130.5)
    extra = json.loads(track.extra)
    assert "likes" not in extra
    assert extra["plays"] == 7


@pytest.mark.parametrize("data", [None, [], {}, {"songs": None}, {"songs": []}])
def test_a_finished_task_without_songs_has_none(data: object) -> None:
    assert answered(data=data) == Completed(())


def test_the_ids_of_request_and_answer_need_not_agree() -> None:
    assert isinstance(answered(task_id="another"), Completed)
