"""What AudioPod's answers mean, from its documented samples."""

import contextlib
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings

from bot.domain.errors import (
    AnswerLost,
    CreditsSpent,
    KeyRefused,
    NotAccepted,
    ProviderError,
    Rejected,
    TaskGone,
)
from bot.domain.track import Completed, Failed, Running, Track
from tests.parts import make_task
from tests.providers.audiopod_samples import JOB_ID, POD, TASK_ID, bodies, decoded, job, reply, sample, statuses


def stands(body: Any) -> object:
    return POD.read_look_up(reply(body))


def test_the_answer_to_a_create_gives_the_job_id_as_text() -> None:
    assert POD.read_submit(make_task(), reply(sample("create"))) == JOB_ID
    assert POD.read_submit(make_task(), reply(sample("create"), 201)) == JOB_ID


@pytest.mark.parametrize("found", ["731804", "counts", 5.0, True, None, -1, 2**63, [5], {"id": 5}, ""])
def test_a_create_without_an_integer_id_may_have_been_accepted(found: object) -> None:
    with pytest.raises(AnswerLost):
        POD.read_submit(make_task(), reply({"job": {"id": found}}))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"job": 5}', b'{"id": 5}', b"[" * 50_000, b"\xff"])
def test_a_200_that_is_no_answer_to_a_create_may_have_been_accepted(body: bytes) -> None:
    with pytest.raises(AnswerLost):
        POD.read_submit(make_task(), reply(body))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("job_pending", Running()),
        ("job_processing", Running(42)),
        ("job_failed", Failed("the model ran out of memory")),
        ("job_error", Failed("worker lost")),
        ("job_cancelled", Failed("cancelled")),
        ("job_completed_flac", Completed((), missing=1)),
    ],
)
def test_each_state_of_a_job_is_understood(name: str, outcome: object) -> None:
    for spelt in (str.upper, str.lower):
        body = decoded(name)
        body["status"] = spelt(body["status"])
        assert stands(body) == outcome


def test_a_completed_job_is_one_track_with_its_mp3_and_everything_that_was_told() -> None:
    outcome = stands(sample("job_completed"))
    assert isinstance(outcome, Completed)
    (track,) = outcome.tracks
    assert track == Track(
        JOB_ID,
        "https://files.example/731804.mp3",
        "https://files.example/731804.jpg",
        "Tin Roof",
        seconds=95.4,
        extra=track.extra,
    )
    more = ("actual_seeds", "quality_score", "lrc_content", "output_urls")
    assert json.loads(track.extra) == {name: decoded("job_completed")[name] for name in more}


def test_american_cancelled_is_cancelled() -> None:
    assert stands(job(status="canceled")) == Failed("cancelled")


@pytest.mark.parametrize("status", ["paused", "", None, 2, ["COMPLETED"], {}])
def test_a_status_that_is_not_documented_counts_as_running(status: object) -> None:
    assert stands(job(status=status, progress=None)) == Running()


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (0, 0),
        (100, 100),
        (41.9, 41),
        (None, None),
        (101, None),
        (-1, None),
        (True, None),
        ("50", None),
        (10**400, None),
    ],
)
def test_progress_is_a_percentage_or_not_told(told: object, shown: int | None) -> None:
    assert stands(job(status="PROCESSING", progress=told)) == Running(shown)


@pytest.mark.parametrize("body", [[], None, "COMPLETED", 5, {}, {"job": {"id": 5}}, {"id": "5", "status": "COMPLETED"}])
def test_an_answer_without_a_job_is_a_lost_one(body: object) -> None:
    with pytest.raises(AnswerLost):
        stands(body)


F = "https://files.example/"


@pytest.mark.parametrize(
    ("main", "others", "audio"),
    [
        (F + "a.flac", {"mp3": F + "b.mp3", "wav": F + "c.wav"}, F + "b.mp3"),
        (F + "a.mp3", None, F + "a.mp3"),
        (F + "a.MP3?key=x.wav", {}, F + "a.MP3?key=x.wav"),
        (F + "a", None, F + "a"),
        (F + "v1.2/a", None, F + "v1.2/a"),
        (F + "a", {"flac": F + "a"}, ""),
        (F + "a", {"mp3": None, "wav": F + "w"}, F + "a"),
        (F + "a.wav", None, ""),
        (F + "a.ogg?name=a.mp3", {"mp3": 5}, ""),
        (F + "a.flac#a.mp3", [], ""),
        (None, {"flac": F + "a.flac"}, ""),
        ("", None, ""),
        (5, "x", ""),
    ],
)
def test_only_an_mp3_is_audio(main: object, others: object, audio: str) -> None:
    outcome = stands(job(output_url=main, output_urls=others))
    assert isinstance(outcome, Completed)
    assert [track.audio_url for track in outcome.tracks] == ([audio] if audio else [])
    assert outcome.missing == (0 if audio else 1)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (f"Tin Roof · {TASK_ID}", "Tin Roof"),
        (f"A · B · {TASK_ID}", "A · B"),
        (f"two\nlines · {TASK_ID}", "two\nlines"),
        (TASK_ID, ""),
        ("Tin Roof", "Tin Roof"),
        (f"Tin Roof {TASK_ID}", f"Tin Roof {TASK_ID}"),
        ("Tin Roof · aeiouaeiouae", "Tin Roof · aeiouaeiouae"),
        (None, ""),
        (5, ""),
    ],
)
def test_a_title_is_shown_without_our_task_id(name: object, title: str) -> None:
    outcome = stands(job(display_name=name))
    assert isinstance(outcome, Completed)
    assert outcome.tracks[0].title == title


REFUSALS = [
    (400, "error_400_parameters", Rejected, "audio_duration must be at most 600"),
    (400, "error_400_not_failed", Rejected, "only failed jobs can be retried"),
    (400, "error_400_amount", Rejected, "the amount is too small"),
    (401, "error_401", KeyRefused, "API key missing or wrong"),
    (402, "error_402_credits", CreditsSpent, "insufficient credits"),
    (402, "error_402_premium", CreditsSpent, "premium needs a Pro plan"),
    (402, "error_402_wallet", CreditsSpent, "the wallet holds too little"),
    (403, "error_403", KeyRefused, "API key revoked"),
    (413, "error_413", Rejected, "larger than 100 MB"),
    (422, "error_422", Rejected, "caption: too long"),
    (500, "error_500", AnswerLost, "internal error"),
    (503, "error_500", AnswerLost, "internal error"),
]


@pytest.mark.parametrize(("status", "name", "error", "said"), REFUSALS, ids=[f"{s} {n}" for s, n, _, _ in REFUSALS])
def test_each_refusal_has_its_meaning_and_its_words(
    status: int, name: str, error: type[ProviderError], said: str
) -> None:
    for read in (partial(POD.read_submit, make_task()), POD.read_look_up, POD.read_check_key):
        for body, words in ((sample(name), said), (b"<html>", ""), (b"", ""), (b'{"detail": [5]}', "")):
            with pytest.raises(ProviderError) as raised:
                read(reply(body, status))
            assert type(raised.value) is error
            assert raised.value.said == words


def test_an_unknown_job_is_gone_when_asked_for_and_a_wrong_address_when_created() -> None:
    with pytest.raises(TaskGone, match="job not found"):
        POD.read_look_up(reply(sample("error_404"), 404))
    for read in (partial(POD.read_submit, make_task()), POD.read_check_key):
        with pytest.raises(Rejected, match="AUDIOPOD_BASE_URL"):
            read(reply(sample("error_404"), 404))
    with pytest.raises(Rejected, match="AUDIOPOD_BASE_URL"):
        POD.read_submit(make_task(), reply(b"", 302))


@pytest.mark.parametrize(("given", "wait"), [("30", 30.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)])
def test_a_429_is_busy_and_tells_how_long(given: str, wait: float | None) -> None:
    with pytest.raises(NotAccepted) as raised:
        POD.read_submit(make_task(), reply(sample("error_429"), 429, retry_after=given))
    assert (raised.value.busy, raised.value.retry_after) == (True, wait)


def test_the_log_gets_the_number_to_quote_and_no_more_than_a_few_words() -> None:
    with pytest.raises(AnswerLost, match="HTTP 500, internal error, request rq-9"):
        POD.read_submit(make_task(), reply(sample("error_500"), 500, x_request_id="rq-9"))
    with pytest.raises(Rejected) as raised:
        POD.read_submit(make_task(), reply({"detail": "x" * 100_000}, 400, x_request_id="y" * 100_000))
    assert len(raised.value.detail) < 500
    assert len(raised.value.said) == 300


def test_a_list_is_a_good_answer_to_the_trial_of_the_key() -> None:
    POD.read_check_key(reply(b"[]"))
    POD.read_check_key(reply(sample("list")))
    with pytest.raises(AnswerLost):
        POD.read_check_key(reply(b"{}"))


def test_a_lost_create_is_found_by_our_task_id_alone_and_the_newest_counts() -> None:
    search = POD.find_lost(make_task(id=TASK_ID))
    assert search is not None
    decoy = job(id=5, display_name=f"x · {TASK_ID} · zzzzzzzzzzzz")
    in_words = job(id=6, display_name="x", lrc_content=TASK_ID)
    found = [decoy, in_words, None, job(id=7), job(id=8)]
    assert search.read(reply(found)) == "7"
    assert search.read(reply([decoy, in_words])) is None
    assert search.read(reply(b"[]")) is None
    with pytest.raises(AnswerLost):
        search.read(reply(b"{}"))
    with pytest.raises(KeyRefused):
        search.read(reply(sample("error_401"), 401))


@settings(max_examples=60, deadline=None)
@given(body=bodies, status=statuses)
def test_any_answer_is_read_or_refused_with_a_documented_error(body: bytes, status: int) -> None:
    search = POD.find_lost(make_task(id=TASK_ID))
    assert search is not None
    for read in (POD.read_look_up, partial(POD.read_submit, make_task()), search.read, POD.read_check_key):
        with contextlib.suppress(ProviderError):
            assert isinstance(read(reply(body, status)), Running | Failed | Completed | str | None)
