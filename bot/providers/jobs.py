"""The port `Jobs` over HTTP, for any vendor that keeps jobs and says so in its contract."""

from typing import Protocol, TypeVar

from bot.domain.contract import JobAction
from bot.domain.errors import NotOffered
from bot.domain.ports_jobs import (
    USUAL_PAGE,
    FilterStats,
    Job,
    JobCounts,
    JobFilter,
    JobPage,
    JobStatus,
    Left,
    ModelStatus,
    Presets,
    SampleData,
    SongType,
)
from bot.providers.http import HttpProvider
from bot.providers.wire import Question

T = TypeVar("T")


class JobWire(Protocol):
    """A vendor's dialect of job management; see `ports_jobs.Jobs` for what each is."""

    def page(self, wanted: JobFilter) -> Question[JobPage]:
        """Ask for one page of the jobs."""

    def get(self, provider_task_id: str) -> Question[Job]:
        """Ask for one job."""

    def delete(self, provider_task_id: str) -> Question[None]:
        """Ask to delete a job."""

    def rename(self, provider_task_id: str, title: str, task_id: str, cover_url: str) -> Question[None]:
        """Ask to change a job's name or cover; what is empty stays."""

    def retry(self, provider_task_id: str) -> Question[str]:
        """Ask to make a failed job again."""

    def counts(self, status: JobStatus | None, song_type: SongType | None) -> Question[JobCounts]:
        """Ask how many there are."""

    def liked(self, skip: int, limit: int, song_type: SongType | None, status: JobStatus | None) -> Question[JobPage]:
        """Ask for one page of the liked ones."""

    def filter_stats(self) -> Question[FilterStats]:
        """Ask what can be filtered by."""

    def presets(self) -> Question[Presets]:
        """Ask for the suggested styles."""

    def model_status(self) -> Question[ModelStatus]:
        """Ask how the model is."""

    def sample_data(self) -> Question[SampleData]:
        """Ask for something to try with."""


class HttpJobs:
    """The port `Jobs`. Without a `wire` nothing is offered; `left` asks what is left to pay with."""

    def __init__(self, provider: HttpProvider, wire: JobWire | None = None, left: Question[Left] | None = None) -> None:
        self._provider, self._wire, self._left = provider, wire, left

    def offers(self, action: JobAction) -> bool:
        """See `ports_jobs.Jobs`."""
        return self._wire is not None and action in self._provider.contract.jobs

    async def page(self, wanted: JobFilter) -> JobPage:
        """See `ports_jobs.Jobs`."""
        return await self._ask(self._offered(JobAction.LIST).page(wanted))

    async def get(self, provider_task_id: str) -> Job:
        """See `ports_jobs.Jobs`. Whoever lists jobs shows one as well."""
        return await self._ask(self._offered(JobAction.LIST).get(provider_task_id))

    async def delete(self, provider_task_id: str) -> None:
        """See `ports_jobs.Jobs`."""
        await self._do(self._offered(JobAction.DELETE).delete(provider_task_id))

    async def rename(self, provider_task_id: str, *, title: str = "", task_id: str = "", cover_url: str = "") -> None:
        """See `ports_jobs.Jobs`."""
        await self._do(self._offered(JobAction.RENAME).rename(provider_task_id, title, task_id, cover_url))

    async def retry(self, provider_task_id: str) -> str:
        """See `ports_jobs.Jobs`."""
        return await self._do(self._offered(JobAction.RETRY).retry(provider_task_id))

    async def counts(self, status: JobStatus | None = None, song_type: SongType | None = None) -> JobCounts:
        """See `ports_jobs.Jobs`."""
        return await self._ask(self._offered(JobAction.COUNTS).counts(status, song_type))

    async def liked(
        self,
        skip: int = 0,
        limit: int = USUAL_PAGE,
        song_type: SongType | None = None,
        status: JobStatus | None = None,
    ) -> JobPage:
        """See `ports_jobs.Jobs`."""
        return await self._ask(self._offered(JobAction.LIKED).liked(skip, limit, song_type, status))

    async def filter_stats(self) -> FilterStats:
        """See `ports_jobs.Jobs`."""
        return await self._ask(self._offered(JobAction.FILTERS).filter_stats())

    async def presets(self) -> Presets:
        """See `ports_jobs.Jobs`."""
        return await self._ask(self._offered(JobAction.PRESETS).presets())

    async def model_status(self) -> ModelStatus:
        """See `ports_jobs.Jobs`."""
        return await self._ask(self._offered(JobAction.MODEL).model_status())

    async def sample_data(self) -> SampleData:
        """See `ports_jobs.Jobs`."""
        return await self._ask(self._offered(JobAction.SAMPLES).sample_data())

    async def left(self) -> Left:
        """See `ports_jobs.Jobs`."""
        if self._left is None:
            raise NotOffered(self._provider.contract.label, "balance")
        return await self._ask(self._left)

    def _offered(self, action: JobAction) -> JobWire:
        """Return the dialect. Raises NotOffered before anything is asked."""
        if self._wire is None or not self.offers(action):
            raise NotOffered(self._provider.contract.label, action)
        return self._wire

    async def _ask(self, question: Question[T]) -> T:
        return await self._provider.ask(question.call, question.read)

    async def _do(self, question: Question[T]) -> T:
        """Send what changes something: once."""
        return await self._provider.do(question)
