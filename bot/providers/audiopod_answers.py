"""What AudioPod's answers have in common: refusals, and the job."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.errors import AnswerLost, CreditsSpent, KeyRefused, ProviderError, Rejected, TaskGone
from bot.domain.ports_jobs import Job
from bot.providers.reading import seconds, text
from bot.providers.wire import Reply, busy, decode_reply

#: How much of a refusal's words is kept.
_LONGEST_SAID = 300
_LARGEST_ID = 2**63
_BASE_URL = "is AUDIOPOD_BASE_URL right?"
#: What the framework behind such APIs says of an address that it does not know, which is no word of the vendor's.
_NO_ROUTE = "Not Found"
#: The main file is what was asked for, an MP3, unless its name says otherwise.
_MP3_ENDINGS = ("", "mp3")
#: A name that ends in one of our task ids.
_OURS = re.compile(r"(?:(?P<title>.*) · )?(?P<task_id>[2-9bcdfghjkmnp-tv-z]{12})", re.DOTALL)
#: The fields of a job that have a place of their own in `Job`, and the account, which is always ours.
_PLACED = frozenset(
    {
        "id",
        "task",
        "status",
        "display_name",
        "progress",
        "output_url",
        "thumbnail_url",
        "audio_duration",
        "error_message",
        "created_at",
        "completed_at",
        "user_id",
    }
)


def job_id(value: object) -> str | None:
    """Return a job's integer id as text; None for anything else."""
    is_one = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST_ID
    return str(value) if is_one else None


def display_name(title: str, task_id: str) -> str:
    """Return a job's name that our task id can be found by."""
    return " · ".join(filter(None, (title, task_id)))


def title_and_task(name: str) -> tuple[str, str]:
    """Take a name apart again: title and our task id; a name that is not of ours is all title."""
    ours = _OURS.fullmatch(name)
    return (ours["title"] or "", ours["task_id"]) if ours else (name, "")


def answer(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises ProviderError."""
    body = content(reply)
    if not isinstance(body, dict):
        raise AnswerLost("no object in the answer")
    return body


def read_created(reply: Reply) -> str:
    """Return the id of the job that was just made. Raises ProviderError."""
    job = answer(reply).get("job")
    created = job_id(job.get("id")) if isinstance(job, dict) else None
    if created is None:
        raise AnswerLost("no job id in the answer")
    return created


def gone(reply: Reply) -> None:
    """Raise TaskGone where a call about one job says that there is none, AnswerLost for a 404 of something else."""
    if reply.status == 404:
        body = _object(reply)
        in_words = body.get("detail", _NO_ROUTE) != _NO_ROUTE and _said(reply)
        raise (TaskGone if in_words else AnswerLost)(_detail(reply, "" if body else _BASE_URL))


def as_job(entry: object) -> Job | None:
    """Read one job; None for what has no integer id. An odd field counts as absent."""
    found = job_id(entry.get("id")) if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or found is None:
        return None
    title, task_id = title_and_task(text(entry.get("display_name")))
    return Job(
        found,
        task=text(entry.get("task")),
        status=text(entry.get("status")).upper(),
        title=title,
        task_id=task_id,
        progress=_percent(entry.get("progress")),
        audio_url=_mp3(entry),
        cover_url=text(entry.get("thumbnail_url")),
        seconds=seconds(entry.get("audio_duration")),
        error=text(entry.get("error_message")),
        created_at=_moment(entry.get("created_at")),
        completed_at=_moment(entry.get("completed_at")),
        extra={name: value for name, value in entry.items() if name not in _PLACED and value is not None},
    )


def content(reply: Reply) -> Any:
    """Return the JSON of an answer. Raises ProviderError."""
    check(reply)
    return decode_reply(reply)


def check(reply: Reply) -> None:
    """Raise what a refusal means. https://docs.audiopod.ai/api-reference/music/overview"""
    if 200 <= reply.status < 300:
        return
    if reply.status == 429:
        raise busy(reply)
    hint = _BASE_URL if reply.status == 404 or reply.status < 400 else ""
    raise _refusal(reply.status)(_detail(reply, hint), _said(reply))


def _refusal(status: int) -> type[ProviderError]:
    if status == 402:
        return CreditsSpent
    if status in (401, 403):
        return KeyRefused
    # A gateway may say 503 as well, and whether the job was made is then not known.
    return AnswerLost if status >= 500 else Rejected


def _detail(reply: Reply, hint: str = "") -> str:
    """Return a refusal for the log, with the number that the vendor asks to be quoted."""
    request = reply.headers.get("x-request-id", "")[:100]
    return ", ".join(filter(None, (f"HTTP {reply.status}", _said(reply), hint, request and f"request {request}")))


def _object(reply: Reply) -> dict[str, Any]:
    """Return an answer's JSON object; an empty one for anything else."""
    try:
        body = decode_reply(reply)
    except ProviderError:
        return {}
    return body if isinstance(body, dict) else {}


def _said(reply: Reply) -> str:
    """Return a refusal's own words: `detail` is a text or an object, and the wallet's 402 is an object by itself."""
    body = _object(reply)
    said = body.get("detail", body)
    if isinstance(said, dict):
        said = next((value for name in ("message", "error", "code") if (value := text(said.get(name)))), "")
    return text(said)[:_LONGEST_SAID]


def _mp3(job: Mapping[str, Any]) -> str:
    """Return the address of the MP3: among all files, else the main one where that is not known to be another."""
    urls = job.get("output_urls")
    files = urls if isinstance(urls, dict) else {}
    if mp3 := text(files.get("mp3")):
        return mp3
    main = text(job.get("output_url"))
    name = main.partition("?")[0].partition("#")[0].rpartition("/")[2]
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return main if ending in _MP3_ENDINGS and main not in files.values() else ""


def _percent(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100 else None


def _moment(value: object) -> datetime | None:
    """Read an ISO 8601 time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
