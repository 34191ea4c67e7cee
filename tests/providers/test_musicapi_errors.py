"""Each error of MusicAPI's page has its meaning. https://docs.musicapi.ai/error-handling"""

import json
from functools import partial

import pytest

from bot.domain.errors import (
    AnswerLost,
    CreditsSpent,
    Failure,
    KeyRefused,
    NoSubscription,
    NotAccepted,
    ProviderError,
    Rejected,
    TaskGone,
)
from bot.domain.track import Failed
from tests.providers.musicapi_samples import A_SONG, LYRICS, SAMPLES, SONIC, STUDIO, reply, sample

MEANING = {
    "error_401_missing": KeyRefused,
    "error_401_malformed": KeyRefused,
    "error_403_credits": CreditsSpent,
    "error_403_subscription": NoSubscription,
}
ERRORS = sorted(file.stem for file in SAMPLES.glob("error_*.json"))
NOT_JSON = b"<html>"


def raised_by(body: bytes, status: int) -> ProviderError:
    """Return what a create raises; each other call must raise the same."""
    with pytest.raises(ProviderError) as first:
        SONIC.read_submit(A_SONG, reply(body, status))
    creates = (partial(STUDIO.read_submit, A_SONG), partial(SONIC.read_submit, LYRICS))
    for read in (*creates, SONIC.read_look_up, SONIC.read_check_key):
        with pytest.raises(ProviderError) as other:
            read(reply(body, status))
        assert type(other.value) is type(first.value) or isinstance(other.value, TaskGone)
    return first.value


def test_all_errors_of_the_page_are_here() -> None:
    assert len(ERRORS) == 24


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_of_the_page_has_its_meaning(name: str) -> None:
    error = raised_by(sample(name), int(name.split("_")[1]))
    assert type(error) is MEANING.get(name, Rejected)
    body = json.loads(sample(name))
    words = body.get("message") or body["error"]
    assert words in error.detail
    if type(error) is Rejected:
        assert error.said == words


@pytest.mark.parametrize(
    "words",
    [
        "not enough credits",
        "You don't have enough credits!",
        "Insufficient credits, please upgrade your subscription",
        "No credits left",
        "You are out of credits",
        "insufficient_credits",
        "Your credits are used up",
    ],
)
def test_credits_are_known_by_their_words(words: str) -> None:
    assert type(raised_by(json.dumps({"message": words}).encode(), 403)) is CreditsSpent


@pytest.mark.parametrize("words", ["No active subscription", "please subscribe first", "your subscription has ended"])
def test_a_subscription_is_known_by_its_words(words: str) -> None:
    error = raised_by(json.dumps({"error": words}).encode(), 403)
    assert type(error) is NoSubscription
    assert error.failure is Failure.SUBSCRIPTION


@pytest.mark.parametrize("words", ["Inappropriate lyrics; your credits came back", "Lyrics of a film's credits", "No"])
def test_any_other_403_is_about_the_words_that_were_sent(words: str) -> None:
    error = raised_by(json.dumps({"message": words}).encode(), 403)
    assert type(error) is Rejected
    assert error.said == words


def test_only_a_task_that_is_not_found_is_gone_and_that_is_a_400() -> None:
    for status in (400, 404):
        with pytest.raises(TaskGone):
            SONIC.read_look_up(reply(sample("error_400_task_not_found"), status))
    for name in ("error_400_task_id_missing", "error_400_model"):
        with pytest.raises(ProviderError) as raised:
            SONIC.read_look_up(reply(sample(name), 400))
        assert not isinstance(raised.value, TaskGone)


SHORT = b'{"message": "no"}'
ANSWERS = [
    (401, NOT_JSON, KeyRefused),
    (402, SHORT, CreditsSpent),
    (403, NOT_JSON, KeyRefused),
    (403, b"", KeyRefused),
    (429, NOT_JSON, NotAccepted),
    (429, SHORT, NotAccepted),
    (302, b"", Rejected),
    (400, NOT_JSON, Rejected),
    (500, SHORT, AnswerLost),
    (502, NOT_JSON, AnswerLost),
    (503, NOT_JSON, AnswerLost),
    (503, SHORT, AnswerLost),
    (503, b'{"type": "api_error", "message": "closed"}', NotAccepted),
    (500, b'{"message": "success", "task_id": "t"}', AnswerLost),
    (400, b'{"message": "success", "task_id": "t"}', Rejected),
    (200, b'{"code": 401, "message": "no"}', KeyRefused),
    (200, b'{"code": 403, "message": "not enough credits"}', CreditsSpent),
    (200, b'{"code": 429}', NotAccepted),
    (200, b'{"code": 500, "task_id": "t"}', AnswerLost),
    (200, b'{"code": 1003}', AnswerLost),
]


@pytest.mark.parametrize(("status", "body", "error"), ANSWERS)
def test_what_is_not_on_the_page_has_its_plain_http_meaning(
    status: int, body: bytes, error: type[ProviderError]
) -> None:
    assert type(raised_by(body, status)) is error


@pytest.mark.parametrize("kind", ["failed", "timeout", "forbidden", "api_error"])
def test_a_200_that_says_it_failed_refuses_a_create_and_ends_a_task(kind: str) -> None:
    body = json.dumps({"type": kind, "error": "those words are not allowed"}).encode()
    with pytest.raises(Rejected) as raised:
        SONIC.read_submit(A_SONG, reply(body))
    assert raised.value.said == "those words are not allowed"
    assert SONIC.read_look_up(reply(body)) == Failed("those words are not allowed")


def test_a_429_tells_how_long_to_wait_where_it_does() -> None:
    for headers, seconds in (({"retry_after": "30"}, 30.0), ({}, None)):
        with pytest.raises(NotAccepted) as raised:
            SONIC.read_submit(A_SONG, reply(SHORT, 429, **headers))
        assert (raised.value.busy, raised.value.retry_after) == (True, seconds)


def test_an_answer_of_something_else_hints_at_the_setting() -> None:
    with pytest.raises(Rejected, match="MUSICAPI_BASE_URL"):
        SONIC.read_submit(A_SONG, reply(NOT_JSON, 404))


def test_what_a_refusal_says_is_bounded_in_the_log() -> None:
    body = {"code": "x" * 100_000, "message": "y" * 100_000}
    assert len(raised_by(json.dumps(body).encode(), 400).detail) < 300
