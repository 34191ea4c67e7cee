"""What MusicMint's answers and callbacks mean, from its documented samples."""

import contextlib
import json
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import (
    AnswerLost,
    BadCallback,
    BadSignature,
    CreditsSpent,
    KeyRefused,
    NotAccepted,
    ProviderError,
    Rejected,
    TaskGone,
)
from bot.domain.track import Completed, Failed, Running, Track, Update
from tests.callback_desk import result, signed
from tests.parts import MORNING, make_task
from tests.providers.musicmint_samples import MINT, TASK_ID, reply, sample

TRACKS = (
    Track(
        "clip-7f3a",
        "https://files.example/m/7f3a.mp3",
        "https://files.example/m/7f3a.jpg",
        "Tin Roof",
        "lofi, rain, mellow",
        "rain on a tin roof",
        94.72,
        datetime(2026, 11, 28, 9, 1, 15, 404_000, UTC),
    ),
    Track(
        "clip-7f3b",
        "https://files.example/m/7f3b.mp3",
        "https://files.example/m/7f3b.jpg",
        "Tin Roof",
        "lofi, rain, mellow",
        seconds=101.4,
    ),
)


def envelope(data: Any = None, code: int = 0, message: str = "ok") -> bytes:
    return json.dumps({"code": code, "message": message, "request_id": "req-1", "data": data}).encode()


def called_back(body: bytes, signature: str | None = None) -> Update:
    return MINT.read_callback([("host", "x"), ("x-signature", signature or signed(body))], body, None, MORNING)


def test_the_answer_to_a_create_gives_the_task_id() -> None:
    assert MINT.read_submit(make_task(), reply(sample("generate"))) == TASK_ID


@pytest.mark.parametrize(
    "body",
    [
        envelope(),
        envelope([]),
        envelope("6711f0a2c4d85e0b9a3c7e15"),
        envelope({}),
        envelope({"id": TASK_ID}),
        envelope({"task_id": ""}),
        envelope({"task_id": 5}),
        envelope({"task_id": None}),
        envelope({"task_id": "t" * 201}),
        envelope({"task_id": "t\nt"}),
        b"",
        b"<html>maintenance</html>",
        b"{}",
        b'{"code": "0"}',
        b"[]",
        b"[" * 50_000,
        b"\xff",
    ],
)
def test_a_200_without_a_task_id_may_have_been_accepted(body: bytes) -> None:
    with pytest.raises(AnswerLost):
        MINT.read_submit(make_task(), reply(body))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("task_queuing", Running()),
        ("task_processing", Running()),
        ("task_completed", Completed(TRACKS)),
        ("task_failed", Failed("every platform is unavailable")),
    ],
)
def test_each_state_of_a_task_is_understood(name: str, outcome: object) -> None:
    assert MINT.read_look_up(reply(sample(name))) == outcome


@pytest.mark.parametrize("status", ["paused", "COMPLETED", "", None, 2, ["completed"], {}])
def test_a_status_that_is_not_documented_counts_as_running_when_asked(status: object) -> None:
    assert MINT.read_look_up(reply(envelope({"id": TASK_ID, "status": status}))) == Running()


@pytest.mark.parametrize("data", [None, [], "completed", 5])
def test_an_answer_without_a_task_is_a_lost_one(data: object) -> None:
    with pytest.raises(AnswerLost):
        MINT.read_look_up(reply(envelope(data)))


NO_ENVELOPE = b"<html>"
ANSWERS = [
    (200, sample("error_key_disabled"), KeyRefused),
    (200, sample("error_key_deleted"), KeyRefused),
    (403, sample("error_key_disabled"), KeyRefused),
    (200, sample("error_expired"), Rejected),
    (200, sample("error_undocumented"), Rejected),
    (400, sample("error_undocumented"), Rejected),
    (500, sample("error_key_deleted"), KeyRefused),
    (401, NO_ENVELOPE, KeyRefused),
    (403, b"", KeyRefused),
    (402, NO_ENVELOPE, CreditsSpent),
    (402, sample("error_undocumented"), CreditsSpent),
    (429, NO_ENVELOPE, NotAccepted),
    (429, sample("error_undocumented"), NotAccepted),
    (503, sample("error_undocumented"), NotAccepted),
    (503, NO_ENVELOPE, AnswerLost),
    (500, sample("error_undocumented"), AnswerLost),
    (500, sample("generate"), AnswerLost),
    (502, NO_ENVELOPE, AnswerLost),
    (504, b"", AnswerLost),
    (302, b"", Rejected),
    (400, NO_ENVELOPE, Rejected),
    (422, b"", Rejected),
    (400, sample("generate"), Rejected),
]


@pytest.mark.parametrize(("status", "body", "error"), ANSWERS, ids=[f"{s} {e.__name__}" for s, _, e in ANSWERS])
def test_each_refusal_has_its_meaning(status: int, body: bytes, error: type[ProviderError]) -> None:
    for read in (partial(MINT.read_submit, make_task()), MINT.read_look_up):
        with pytest.raises(ProviderError) as raised:
            read(reply(body, status))
        assert type(raised.value) is error


def test_an_unknown_task_is_gone_when_asked_for_and_a_wrong_address_when_created() -> None:
    with pytest.raises(TaskGone):
        MINT.read_look_up(reply(sample("error_undocumented"), 404))
    with pytest.raises(Rejected, match="MUSICMINT_BASE_URL"):
        MINT.read_submit(make_task(), reply(NO_ENVELOPE, 404))


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("30", 30.0), ("0", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("1e9", None), ("٣", None)],
)
def test_a_429_tells_how_long_to_wait_where_it_does(given: str, seconds: float | None) -> None:
    with pytest.raises(NotAccepted) as raised:
        MINT.read_submit(make_task(), reply(b"", 429, retry_after=given))
    assert (raised.value.busy, raised.value.retry_after) == (True, seconds)
    with pytest.raises(NotAccepted) as raised:
        MINT.read_submit(make_task(), reply(b"", 429))
    assert raised.value.retry_after is None


def test_what_a_refusal_says_is_kept_and_bounded() -> None:
    with pytest.raises(Rejected, match="code 2042: prompt is not allowed"):
        MINT.read_submit(make_task(), reply(sample("error_undocumented")))
    with pytest.raises(Rejected) as raised:
        MINT.read_submit(make_task(), reply(envelope(code=9, message="x" * 100_000)))
    assert len(raised.value.detail) < 300


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("callback_completed", Completed(TRACKS)), ("callback_failed", Failed("every platform is unavailable"))],
)
def test_a_callback_is_the_same_news_with_the_digest_of_its_bytes(name: str, outcome: object) -> None:
    body = sample(name)
    assert called_back(body) == Update("musicmint", TASK_ID, outcome, digest=sha256(body).digest())  # type: ignore[arg-type]


def test_nothing_is_parsed_before_the_signature_is_right() -> None:
    for body in (b"not JSON", sample("callback_completed")):
        with pytest.raises(BadSignature):
            called_back(body, "0" * 64)
    with pytest.raises(BadCallback):
        called_back(b"not JSON")


def test_results_are_read_one_by_one() -> None:
    results = [result("a"), None, {"audio_url": 5}, {"audio_url": "https://files.example/b.mp3"}]
    outcome = MINT.read_look_up(reply(envelope({"status": "completed", "results": results})))
    assert isinstance(outcome, Completed)
    assert [track.audio_url for track in outcome.tracks] == [
        "https://files.example/a.mp3",
        "https://files.example/b.mp3",
    ]
    assert outcome.missing == 2
    assert outcome.tracks[1] == Track("", "https://files.example/b.mp3")


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        (1_795_856_475_000, datetime(2026, 11, 28, 9, 1, 15, tzinfo=UTC)),
        (1_795_856_475, datetime(2026, 11, 28, 9, 1, 15, tzinfo=UTC)),
        (1, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (0, None),
        (-1, None),
        (2**63, None),
        (10**400, None),
        (1.5, None),
        ("1795856475", None),
        (True, None),
    ],
)
def test_an_end_in_milliseconds_or_seconds_is_a_moment_and_anything_odd_is_none(stamp: Any, moment: object) -> None:
    outcome = MINT.read_look_up(reply(envelope({"status": "completed", "results": [result(expire_at=stamp)]})))
    assert isinstance(outcome, Completed)
    assert outcome.tracks[0].expires_at == moment


texts = st.text(max_size=20)
leaves = st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats(allow_nan=False) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
results = st.dictionaries(st.sampled_from([*result(), "x"]), values | st.just("https://a/b"), max_size=9)
data = st.fixed_dictionaries(
    {"status": st.sampled_from(["completed", "failed", "queuing"]) | values},
    optional={"task_id": values, "id": values, "results": values | st.lists(results), "error": values},
)
wrapped = st.fixed_dictionaries({"code": st.just(0) | values}, optional={"message": values, "data": data | values})
bodies = st.binary(max_size=100) | st.builds(json.dumps, wrapped | data | values).map(str.encode)


@settings(max_examples=80, deadline=None)
@given(body=bodies, status=st.sampled_from([200, 400, 404, 429, 500, 503]))
def test_any_answer_is_read_or_refused_with_a_documented_error(body: bytes, status: int) -> None:
    for read in (MINT.read_look_up, partial(MINT.read_submit, make_task())):
        with contextlib.suppress(ProviderError):
            assert isinstance(read(reply(body, status)), Running | Failed | Completed | str)


@settings(max_examples=80, deadline=None)
@given(body=bodies)
def test_any_signed_body_is_read_or_refused_with_a_documented_error(body: bytes) -> None:
    with contextlib.suppress(BadCallback):
        assert called_back(body).digest == sha256(body).digest()
