"""How the pretend AudioPod searches, filters, sorts and counts its jobs."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.sandbox.audiopod_jobs import PretendJob
from bot.sandbox.audiopod_rules import GENRES, SONG_TYPES, SORTS, STATUSES, invalid

LARGEST_PAGE = 100
#: The filters' words and the statistics' words differ at the vendor.
COUNTED_AS = {"song": "songs"}
#: How the vendor finds moods and occasions is not documented; here they are words of the description.
EMOTIONS = ("happy", "sad", "energetic", "calm", "romantic", "dark")
OCCASIONS = ("party", "relaxation", "workout", "wedding", "birthday", "study")

CHOICES = {"status": STATUSES, "song_type": SONG_TYPES, "sort_by": SORTS, "sort_order": ("asc", "desc")}


class Query:
    """Read the parameters of a list; raise Refusal for a value that is not documented."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.skip = self._number("skip", 0, 0, None)
        self.limit = self._number("limit", 50, 1, LARGEST_PAGE)
        self.liked = self._flag("liked")
        self.include_interactions = bool(self._flag("include_interactions"))
        for name, values in CHOICES.items():
            if name in given and given[name] not in values:
                raise invalid(name, f"must be one of {', '.join(values)}")

    def text(self, name: str) -> str | None:
        """Give a parameter as it was sent; an empty one is none."""
        return self.given.get(name) or None

    def page(self, jobs: Sequence[PretendJob]) -> list[dict[str, Any]]:
        """Cut the page that is asked for out of the jobs, and describe it."""
        shown = jobs[self.skip : self.skip + self.limit]
        if not self.include_interactions:
            return [job.described() for job in shown]
        return [{**job.described(), "is_liked": job.liked, "is_disliked": False} for job in shown]

    def _number(self, name: str, default: int, low: int, high: int | None) -> int:
        raw = self.given.get(name, str(default))
        if not re.fullmatch(r"-?[0-9]{1,9}", raw):
            raise invalid(name, "must be an integer")
        number = int(raw)
        if number < low or (high is not None and number > high):
            raise invalid(name, f"must be at least {low}" if high is None else f"must be from {low} to {high}")
        return number

    def _flag(self, name: str) -> bool | None:
        raw = self.given.get(name, "").lower()
        if raw not in ("", "true", "false"):
            raise invalid(name, "must be true or false")
        return raw == "true" if raw else None


def found(jobs: Iterable[PretendJob], query: Query) -> list[PretendJob]:
    """Give the jobs that pass every filter, sorted."""
    passing = [job for job in jobs if _passes(job, query)]
    name = query.text("sort_by") or "created_at"
    backwards = query.text("sort_order") != "asc"
    return sorted(passing, key=lambda job: (_sort_value(job, name), job.number), reverse=backwards)


def _passes(job: PretendJob, query: Query) -> bool:
    facts = {
        "task": {job.order.task},
        "status": {job.status},
        "song_type": {job.order.song_type},
        "language": {language(job)},
        "genre": genres(job),
        "emotion": named(job, EMOTIONS),
        "occasion": named(job, OCCASIONS),
    }
    for name, values in facts.items():
        wanted = query.text(name)
        if wanted is not None and wanted.lower() not in {value.lower() for value in values}:
            return False
    if query.liked not in (None, job.liked):
        return False
    search = (query.text("search") or "").casefold()
    return any(search in text.casefold() for text in (job.display_name, job.order.text, job.order.get("lyrics", "")))


def _sort_value(job: PretendJob, name: str) -> Any:
    values = {
        "created_at": job.created,
        "display_name": job.display_name.casefold(),
        "audio_duration": job.audio_duration or 0.0,
        "status": job.status,
    }
    return values[name]


def language(job: PretendJob) -> str:
    """Give the language that was asked for."""
    return str(job.order.get("vocal_language", "unknown"))


def genres(job: PretendJob) -> set[str]:
    """Give the preset that was asked for, and the genres that the description names."""
    preset = job.order.get("genre_preset")
    text = job.order.text.casefold()
    said = {genre for genre in GENRES if re.search(rf"\b{re.escape(genre.casefold())}\b", text)}
    return {genre.lower() for genre in (said | {preset} if preset else said)}


def named(job: PretendJob, words: Iterable[str]) -> set[str]:
    """Give which of these words the description holds."""
    return set(re.findall(r"\w+", job.order.text.casefold())).intersection(words)


def counts(jobs: Iterable[PretendJob], query: Query) -> dict[str, Any]:
    """Count the jobs by task and by kind of song."""
    filters = {name: query.text(name) for name in ("status", "song_type")}
    counted = [
        job
        for job in jobs
        if filters["status"] in (None, job.status) and filters["song_type"] in (None, job.order.song_type)
    ]
    by_task = Counter(job.order.task for job in counted)
    return {
        "total": len(counted),
        "by_task": dict(by_task),
        "by_song_type": _by_song_type(counted),
        "filters": filters,
    }


def statistics(jobs: Sequence[PretendJob]) -> dict[str, Any]:
    """Give what a page of filters would offer; its words are lower case and partly plural."""
    song_types = _by_song_type(jobs)
    available = {
        "song_types": list(song_types),
        "interactions": ["liked"],
        "statuses": [status.lower() for status in STATUSES],
        "languages": sorted({language(job) for job in jobs}),
        "genres": sorted({genre for job in jobs for genre in genres(job)}),
        "emotions": sorted({word for job in jobs for word in named(job, EMOTIONS)}),
        "occasions": sorted({word for job in jobs for word in named(job, OCCASIONS)}),
    }
    liked = sum(job.liked for job in jobs)
    return {"total_tracks": len(jobs), "liked_count": liked, "song_types": song_types, "available_filters": available}


def _by_song_type(jobs: Iterable[PretendJob]) -> dict[str, int]:
    return dict(Counter(COUNTED_AS.get(job.order.song_type, job.order.song_type) for job in jobs))
