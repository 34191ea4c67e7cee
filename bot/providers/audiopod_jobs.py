"""AudioPod's job management (https://docs.audiopod.ai/api-reference/music/jobs)."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import msgspec

from bot.domain.errors import AnswerLost, TaskGone
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
    check_page,
)
from bot.providers.audiopod_answers import answer, as_job, check, content, display_name, gone, read_created
from bot.providers.reading import text
from bot.providers.wire import Call, Question, Reply

MUSIC = "/api/v1/music"
JOBS = f"{MUSIC}/jobs"


class AudioPodJobs:
    """See `jobs.JobWire`. Answers that the page does not show are read as far as they can be."""

    def page(self, wanted: JobFilter) -> Question[JobPage]:
        """See `jobs.JobWire`."""
        fields = {name: getattr(wanted, name) for name in JobFilter.__dataclass_fields__}
        return Question(Call("GET", JOBS + _query(fields)), _read_page)

    def get(self, provider_task_id: str) -> Question[Job]:
        """See `jobs.JobWire`."""
        return Question(Call("GET", f"{job_path(provider_task_id)}/status"), _read_status)

    def delete(self, provider_task_id: str) -> Question[None]:
        """See `jobs.JobWire`."""
        return Question(Call("DELETE", job_path(provider_task_id)), _read_done)

    def rename(self, provider_task_id: str, title: str, task_id: str, cover_url: str) -> Question[None]:
        """See `jobs.JobWire`. Raises ValueError where nothing is to be changed."""
        changes = {"display_name": display_name(title, task_id) if title else "", "thumbnail_url": cover_url}
        body = {name: value for name, value in changes.items() if value}
        if not body:
            raise ValueError("neither a title nor a cover")
        return Question(Call("PATCH", job_path(provider_task_id), msgspec.json.encode(body)), _read_done)

    def retry(self, provider_task_id: str) -> Question[str]:
        """See `jobs.JobWire`. Only for FAILED; it keeps the first reservation, and at most ten a minute are taken."""
        return Question(Call("POST", f"{job_path(provider_task_id)}/retry", b"{}"), _read_retry)

    def counts(self, status: JobStatus | None, song_type: SongType | None) -> Question[JobCounts]:
        """See `jobs.JobWire`."""
        query = _query({"status": status, "song_type": song_type})
        return Question(Call("GET", f"{JOBS}/counts{query}"), _read_counts)

    def liked(self, skip: int, limit: int, song_type: SongType | None, status: JobStatus | None) -> Question[JobPage]:
        """See `jobs.JobWire`. No most for a page is documented here, so the list's own is kept to."""
        check_page(skip, limit)
        query = _query({"skip": skip, "limit": limit, "song_type": song_type, "status": status})
        return Question(Call("GET", f"{MUSIC}/liked{query}"), _read_page)

    def filter_stats(self) -> Question[FilterStats]:
        """See `jobs.JobWire`."""
        return Question(Call("GET", f"{MUSIC}/filters/stats"), _read_filter_stats)

    def presets(self) -> Question[Presets]:
        """See `jobs.JobWire`."""
        return Question(Call("GET", f"{MUSIC}/presets"), _read_presets)

    def model_status(self) -> Question[ModelStatus]:
        """See `jobs.JobWire`."""
        return Question(Call("GET", f"{MUSIC}/model/status"), lambda reply: ModelStatus(answer(reply)))

    def sample_data(self) -> Question[SampleData]:
        """See `jobs.JobWire`."""
        return Question(Call("GET", f"{MUSIC}/sample-data"), _read_sample_data)

    def balance(self) -> Question[Balance]:
        """Ask what the API wallet holds. https://docs.audiopod.ai/account/api-wallet"""
        return Question(Call("GET", "/api/v1/api-wallet/balance"), _read_balance)


def job_path(provider_task_id: str) -> str:
    """Return a job's address. Raises TaskGone for what is no integer: `counts` and others share the prefix."""
    if not (provider_task_id.isascii() and provider_task_id.isdigit()):
        raise TaskGone("not a job id: an integer is one")
    return f"{JOBS}/{provider_task_id}"


def _read_page(reply: Reply) -> JobPage:
    """Read a list, job by job. Its body is not on the page; the vendor's own client takes it as a list of jobs."""
    entries = content(reply)
    if not isinstance(entries, list):
        raise AnswerLost("no list of jobs in the answer")
    jobs = tuple(job for entry in entries if (job := as_job(entry)) is not None)
    total = reply.headers.get("x-total-count", "")
    known = total.isascii() and total.isdigit() and len(total) < 19
    return JobPage(jobs, int(total) if known else None, len(entries) - len(jobs))


def _read_status(reply: Reply) -> Job:
    gone(reply)
    job = as_job(answer(reply))
    if job is None:
        raise AnswerLost("no job in the answer")
    return job


def _read_done(reply: Reply) -> None:
    """Success is all that counts: what is in the answer is not documented, or a sentence."""
    gone(reply)
    check(reply)


def _read_retry(reply: Reply) -> str:
    gone(reply)
    return read_created(reply)


def _read_counts(reply: Reply) -> JobCounts:
    body = answer(reply)
    filters = body.get("filters")
    return JobCounts(
        _number(body.get("total")) or 0,
        _numbers(body.get("by_task")),
        _numbers(body.get("by_song_type")),
        filters if isinstance(filters, dict) else {},
    )


def _read_filter_stats(reply: Reply) -> FilterStats:
    body = answer(reply)
    available = body.get("available_filters")
    return FilterStats(
        _number(body.get("total_tracks")) or 0,
        _number(body.get("liked_count")) or 0,
        _numbers(body.get("song_types")),
        {name: _texts(values) for name, values in available.items()} if isinstance(available, dict) else {},
    )


def _read_presets(reply: Reply) -> Presets:
    genres = answer(reply).get("genre_presets")
    return Presets({name: text(words) for name, words in genres.items()} if isinstance(genres, dict) else {})


def _read_sample_data(reply: Reply) -> SampleData:
    return SampleData(content(reply))


def _read_balance(reply: Reply) -> Balance:
    body = answer(reply)
    cents = body.get("balance_cents")
    if isinstance(cents, bool) or not isinstance(cents, int):
        raise AnswerLost("no balance in the answer")
    return Balance(cents, _number(body.get("total_spent_cents")), body.get("low_balance_warning") is True)


def _query(fields: Mapping[str, object]) -> str:
    """Return the query of what is set."""
    words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in fields.items()}
    given = {name: value for name, value in words.items() if value not in (None, "")}
    return "?" + urlencode(given, quote_via=quote) if given else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _numbers(value: object) -> dict[str, int]:
    entries = value.items() if isinstance(value, dict) else ()
    return {name: number for name, entry in entries if (number := _number(entry)) is not None}


def _texts(value: object) -> tuple[str, ...]:
    """Return texts, of a list or the names of an object: which of the two it is, the page does not say."""
    return tuple(filter(None, map(text, value))) if isinstance(value, list | dict) else ()
