"""AudioPod's job management: each documented call with its parameters, and what its answers mean."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings

from bot.domain.errors import AnswerLost, CreditsSpent, KeyRefused, NotAccepted, ProviderError, Rejected, TaskGone
from bot.domain.ports_jobs import (
    Balance,
    FilterStats,
    Job,
    JobCounts,
    JobFilter,
    JobPage,
    JobStatus,
    ModelStatus,
    Presets,
    SampleData,
    SongType,
    SortBy,
    SortOrder,
)
from bot.providers.wire import Question
from tests.providers.audiopod_samples import JOB_ID, POD, TASK_ID, bodies, decoded, job, reply, sample, statuses

JOBS = POD.jobs
MUSIC = "/api/v1/music"
PLAIN = {
    "skip": "0",
    "limit": "50",
    "sort_by": "created_at",
    "sort_order": "desc",
    "include_interactions": "false",
}


def query(question: Question[Any]) -> dict[str, str]:
    return dict(parse_qsl(question.call.path.partition("?")[2], strict_parsing=True))


def page(**wanted: Any) -> dict[str, str]:
    return query(JOBS.page(JobFilter(**wanted)))


QUESTIONS: list[tuple[Question[Any], str, str]] = [
    (JOBS.page(JobFilter()), "GET", "/jobs"),
    (JOBS.get(JOB_ID), "GET", f"/jobs/{JOB_ID}/status"),
    (JOBS.delete(JOB_ID), "DELETE", f"/jobs/{JOB_ID}"),
    (JOBS.rename(JOB_ID, "Tin Roof", TASK_ID, ""), "PATCH", f"/jobs/{JOB_ID}"),
    (JOBS.retry(JOB_ID), "POST", f"/jobs/{JOB_ID}/retry"),
    (JOBS.counts(None, None), "GET", "/jobs/counts"),
    (JOBS.liked(0, 50, None, None), "GET", "/liked"),
    (JOBS.filter_stats(), "GET", "/filters/stats"),
    (JOBS.presets(), "GET", "/presets"),
    (JOBS.model_status(), "GET", "/model/status"),
    (JOBS.sample_data(), "GET", "/sample-data"),
]
ASKED = [*QUESTIONS, (JOBS.balance(), "GET", "")]
ABOUT_ONE = {1, 2, 3, 4}


@pytest.mark.parametrize(("question", "method", "path"), QUESTIONS, ids=[path for _, _, path in QUESTIONS])
def test_each_call_has_its_documented_method_and_path(question: Question[Any], method: str, path: str) -> None:
    assert (question.call.method, question.call.path.partition("?")[0]) == (method, MUSIC + path)


def test_a_plain_list_is_asked_for_as_documented() -> None:
    assert page() == PLAIN


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("skip", [0, 1, 100_000]),
        ("limit", [1, 50, 100]),
        ("task", ["text2music", "a&b=c"]),
        ("status", ["PENDING", "PROCESSING", "COMPLETED", "FAILED"]),
        ("song_type", ["rap", "song", "vocals", "instrumental", "samples"]),
        ("search", ["rain on a tin roof", "100% + ü & 東京?#/"]),
        ("language", ["en"]),
        ("genre", ["R&B"]),
        ("emotion", ["sad"]),
        ("occasion", ["wedding"]),
        ("sort_by", ["created_at", "display_name", "audio_duration", "status"]),
        ("sort_order", ["desc", "asc"]),
    ],
)
def test_each_parameter_of_the_list_is_sent_by_its_name(name: str, values: list[Any]) -> None:
    kinds: dict[str, Callable[[Any], Any]] = {
        "status": JobStatus,
        "song_type": SongType,
        "sort_by": SortBy,
        "sort_order": SortOrder,
    }
    for value in values:
        assert page(**{name: kinds.get(name, lambda given: given)(value)}) == PLAIN | {name: str(value)}


@pytest.mark.parametrize("name", ["liked", "include_interactions"])
def test_yes_and_no_are_sent_in_small_letters(name: str) -> None:
    assert page(**{name: True})[name] == "true"
    assert page(**{name: False})[name] == "false"


def test_only_documented_words_are_values_of_a_filter() -> None:
    assert [*JobStatus] == ["PENDING", "PROCESSING", "COMPLETED", "FAILED"]
    assert [*SongType] == ["rap", "song", "vocals", "instrumental", "samples"]
    assert [*SortBy] == ["created_at", "display_name", "audio_duration", "status"]
    assert [*SortOrder] == ["desc", "asc"]


@pytest.mark.parametrize(("skip", "limit"), [(-1, 50), (0, 0), (0, 101), (0, -1)])
def test_a_page_that_no_list_has_is_refused_before_anything_is_asked(skip: int, limit: int) -> None:
    with pytest.raises(ValueError, match="allowed"):
        JobFilter(skip=skip, limit=limit)
    with pytest.raises(ValueError, match="allowed"):
        JOBS.liked(skip, limit, None, None)


def test_counts_and_liked_take_their_own_filters() -> None:
    assert JOBS.counts(None, None).call.path == f"{MUSIC}/jobs/counts"
    assert query(JOBS.counts(JobStatus.FAILED, SongType.RAP)) == {"status": "FAILED", "song_type": "rap"}
    assert query(JOBS.liked(20, 10, SongType.SONG, JobStatus.COMPLETED)) == {
        "skip": "20",
        "limit": "10",
        "song_type": "song",
        "status": "COMPLETED",
    }


@pytest.mark.parametrize(
    ("given", "body"),
    [
        (("Rain", TASK_ID, ""), {"display_name": f"Rain · {TASK_ID}"}),
        (("Rain", "", ""), {"display_name": "Rain"}),
        (("", TASK_ID, "https://files.example/a.jpg"), {"thumbnail_url": "https://files.example/a.jpg"}),
        (("Rain", "", "https://a/b"), {"display_name": "Rain", "thumbnail_url": "https://a/b"}),
    ],
)
def test_only_what_changes_is_sent(given: tuple[str, str, str], body: dict[str, str]) -> None:
    assert json.loads(JOBS.rename(JOB_ID, *given).call.body) == body
    with pytest.raises(ValueError, match="neither"):
        JOBS.rename(JOB_ID, "", TASK_ID, "")


FIRST = Job(
    "731990",
    task="text2music",
    status="COMPLETED",
    title="Tin Roof",
    task_id=TASK_ID,
    progress=100,
    audio_url="https://files.example/731804.mp3",
    cover_url="https://files.example/731804.jpg",
    seconds=95.4,
    created_at=datetime(2031, 3, 4, 10, tzinfo=UTC),
    completed_at=datetime(2031, 3, 4, 10, 1, 40, tzinfo=UTC),
    extra={name: decoded("list")[0][name] for name in ("output_urls", "actual_seeds", "quality_score", "lrc_content")}
    | {"is_liked": True},
)


@pytest.mark.parametrize("question", [JOBS.page(JobFilter()), JOBS.liked(0, 50, None, None)])
def test_a_list_has_its_jobs_and_the_total_of_the_header(question: Question[JobPage]) -> None:
    found = question.read(reply(sample("list"), x_total_count="731"))
    assert (found.total, found.unreadable) == (731, 0)
    assert found.jobs[0] == FIRST
    assert [(job.id, job.status, job.task_id) for job in found.jobs[1:]] == [
        (JOB_ID, "PROCESSING", TASK_ID),
        ("600001", "FAILED", ""),
    ]
    assert (found.jobs[2].title, found.jobs[2].error) == ("made elsewhere", "no capacity")


@pytest.mark.parametrize("total", ["", "-1", "many", "1.5", "٣", "9" * 40])
def test_an_odd_total_is_not_known(total: str) -> None:
    assert JOBS.page(JobFilter()).read(reply(b"[]", x_total_count=total)) == JobPage(())


def test_a_broken_job_of_a_list_does_not_hurt_the_others() -> None:
    found = JOBS.page(JobFilter()).read(reply([None, job(id="5"), job(id=5), {"id": 6, "status": 7}, 8]))
    assert (found.jobs[0].id, found.jobs[1], found.unreadable) == ("5", Job("6"), 3)


@pytest.mark.parametrize("told", ["yesterday", "", None, 5, "0001-01-01T00:00:00+23:00", "2031-13-01T00:00:00Z"])
def test_an_odd_time_counts_as_not_told(told: object) -> None:
    assert JOBS.get(JOB_ID).read(reply(job(created_at=told))).created_at is None


@pytest.mark.parametrize("told", ["2031-03-04T10:00:00", "2031-03-04T10:00:00Z", "2031-03-04T12:00:00+02:00"])
def test_a_time_is_in_utc(told: str) -> None:
    assert JOBS.get(JOB_ID).read(reply(job(created_at=told))).created_at == datetime(2031, 3, 4, 10, tzinfo=UTC)


def test_each_answer_of_the_page_is_understood() -> None:
    assert JOBS.get(JOB_ID).read(reply(sample("job_failed"))).error == "the model ran out of memory"
    JOBS.delete(JOB_ID).read(reply(sample("deleted")))
    JOBS.delete(JOB_ID).read(reply(b"", 204))
    JOBS.rename(JOB_ID, "x", "", "").read(reply(b"anything"))
    assert JOBS.retry(JOB_ID).read(reply(sample("retry"))) == "731990"
    assert JOBS.counts(None, None).read(reply(sample("counts"))) == JobCounts(
        12, {"text2music": 9, "text2samples": 3}, {"song": 9, "samples": 3}, {"status": "COMPLETED", "song_type": None}
    )
    assert JOBS.filter_stats().read(reply(sample("filter_stats"))) == FilterStats(
        12,
        2,
        {"songs": 9, "samples": 3},
        {"genres": ("Jazz", "Folk"), "languages": ("en",), "statuses": ("completed", "failed")},
    )
    assert JOBS.presets().read(reply(sample("presets"))) == Presets(
        {"Jazz": "swing, double bass, brushes", "Folk": "acoustic guitar, warm"}
    )
    assert JOBS.model_status().read(reply(sample("model_status"))) == ModelStatus(decoded("model_status"))
    assert JOBS.sample_data().read(reply(sample("sample_data"))) == SampleData(decoded("sample_data"))
    assert JOBS.balance().read(reply(sample("balance"))) == Balance(1234, 766, low=False)


def test_odd_numbers_and_lists_of_statistics_count_as_absent() -> None:
    counts = {"total": "12", "by_task": {"a": 1, "b": -1, "c": True, "d": None}, "by_song_type": [], "filters": 5}
    assert JOBS.counts(None, None).read(reply(counts)) == JobCounts(0, {"a": 1}, {}, {})
    stats = {"available_filters": {"genre": {"Jazz": 3}, "language": ["en", None, 5], "mood": 5}}
    assert JOBS.filter_stats().read(reply(stats)) == FilterStats(
        0, 0, {}, {"genre": ("Jazz",), "language": ("en",), "mood": ()}
    )
    assert JOBS.presets().read(reply({"genre_presets": {"Jazz": {"bpm": 90}}})) == Presets({"Jazz": ""})
    with pytest.raises(AnswerLost):
        JOBS.balance().read(reply({"balance_cents": "12"}))
    assert JOBS.balance().read(reply({"balance_cents": -5, "low_balance_warning": True})) == Balance(-5, low=True)


@pytest.mark.parametrize("place", range(len(ASKED)))
def test_every_call_knows_every_refusal(place: int) -> None:
    read = ASKED[place][0].read
    missing = TaskGone if place in ABOUT_ONE else Rejected
    for status, name, error in (
        (400, "error_400_not_failed", Rejected),
        (401, "error_401", KeyRefused),
        (402, "error_402_wallet", CreditsSpent),
        (403, "error_403", KeyRefused),
        (404, "error_404", missing),
        (422, "error_422", Rejected),
        (429, "error_429", NotAccepted),
        (500, "error_500", AnswerLost),
    ):
        with pytest.raises(ProviderError) as raised:
            read(reply(sample(name), status))
        assert type(raised.value) is error


@settings(max_examples=60, deadline=None)
@given(body=bodies, status=statuses)
def test_any_answer_is_read_or_refused_with_a_documented_error(body: bytes, status: int) -> None:
    for question, _, _ in ASKED:
        with contextlib.suppress(ProviderError):
            question.read(reply(body, status, x_total_count="5"))
