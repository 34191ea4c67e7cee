"""What can be asked of a provider about the jobs it keeps for the whole account; members never see it as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.contract import JobAction

#: The most jobs of one page.
LARGEST_PAGE = 100
USUAL_PAGE = 50


class JobStatus(StrEnum):
    """How a job may stand, where jobs are chosen by it."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class SongType(StrEnum):
    """What a job made, where jobs are chosen by it."""

    RAP = "rap"
    SONG = "song"
    VOCALS = "vocals"
    INSTRUMENTAL = "instrumental"
    SAMPLES = "samples"


class SortBy(StrEnum):
    """What a list is ordered by."""

    CREATED_AT = "created_at"
    DISPLAY_NAME = "display_name"
    AUDIO_DURATION = "audio_duration"
    STATUS = "status"


class SortOrder(StrEnum):
    """Which end of a list comes first."""

    DESC = "desc"
    ASC = "asc"


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs of a list are wanted, and in what order. Raises ValueError for what no list takes."""

    skip: int = 0
    limit: int = USUAL_PAGE
    task: str = ""
    status: JobStatus | None = None
    song_type: SongType | None = None
    liked: bool | None = None
    #: Words in the display name, the prompt or the lyrics.
    search: str = ""
    language: str = ""
    genre: str = ""
    emotion: str = ""
    occasion: str = ""
    sort_by: SortBy = SortBy.CREATED_AT
    sort_order: SortOrder = SortOrder.DESC
    include_interactions: bool = False

    def __post_init__(self) -> None:
        check_page(self.skip, self.limit)


def check_page(skip: int, limit: int) -> None:
    """Raise ValueError where no list has such a page."""
    if skip < 0:
        raise ValueError(f"skip: {skip}, 0 or more allowed")
    if not 1 <= limit <= LARGEST_PAGE:
        raise ValueError(f"limit: {limit}, 1 to {LARGEST_PAGE} allowed")


@dataclass(frozen=True, slots=True)
class Job:
    """One job as its provider keeps it; all texts are from outside."""

    id: str
    #: The provider's own words for what is made and how it stands, the latter in capitals.
    task: str = ""
    status: str = ""
    #: Its name without our task id, and that id where it is one of ours.
    title: str = ""
    task_id: str = ""
    #: 0 to 100.
    progress: int | None = None
    audio_url: str = ""
    cover_url: str = ""
    seconds: float | None = None
    error: str = ""
    created_at: datetime | None = None
    completed_at: datetime | None = None
    #: Everything else that was told, by the provider's own names.
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of a list. `total` counts all pages, None where it was not said; `unreadable` were left out."""

    jobs: Sequence[Job]
    total: int | None = None
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs there are."""

    total: int
    by_task: Mapping[str, int]
    by_song_type: Mapping[str, int]
    #: What was counted, as the provider understood it.
    filters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FilterStats:
    """What can be filtered by, with numbers."""

    total_tracks: int
    liked_count: int
    song_types: Mapping[str, int]
    #: The values of each filter that some job has.
    available: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Presets:
    """The styles a provider suggests: name to its words, which may be empty."""

    genres: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """How the provider's model is, in whatever words it has."""

    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SampleData:
    """What the provider gives for trying it: an object or a list."""

    content: object


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left to pay with, and what was spent, in US cents."""

    cents: int
    spent_cents: int | None = None
    low: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to pay with, in the provider's own measure: credits, or US cents."""

    credits: float | None = None
    extra_credits: float = 0
    cents: int | None = None


class Jobs(Protocol):
    """A provider's job management. Every method raises ProviderError, and NotOffered where the provider has no such."""

    def offers(self, action: JobAction) -> bool:
        """Say whether the provider can do this; what it cannot raises NotOffered."""

    async def page(self, wanted: JobFilter) -> JobPage:
        """Return one page of the jobs."""

    async def get(self, provider_task_id: str) -> Job:
        """Return one job. Raises TaskGone."""

    async def delete(self, provider_task_id: str) -> None:
        """Delete a job with its audio. Raises TaskGone."""

    async def rename(self, provider_task_id: str, *, title: str = "", task_id: str = "", cover_url: str = "") -> None:
        """Give a job another title or cover; with `task_id` it stays findable as ours. Raises TaskGone."""

    async def retry(self, provider_task_id: str) -> str:
        """Have a failed job made again without a new charge; return its new provider task id. Raises TaskGone."""

    async def counts(self, status: JobStatus | None = None, song_type: SongType | None = None) -> JobCounts:
        """Return how many jobs there are."""

    async def liked(
        self,
        skip: int = 0,
        limit: int = USUAL_PAGE,
        song_type: SongType | None = None,
        status: JobStatus | None = None,
    ) -> JobPage:
        """Return one page of the jobs that were liked at the provider."""

    async def filter_stats(self) -> FilterStats:
        """Return what can be filtered by."""

    async def presets(self) -> Presets:
        """Return the styles it suggests."""

    async def model_status(self) -> ModelStatus:
        """Return how its model is."""

    async def sample_data(self) -> SampleData:
        """Return what it gives for trying it."""

    async def left(self) -> Left:
        """Return what is left to pay with."""
