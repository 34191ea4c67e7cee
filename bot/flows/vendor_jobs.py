"""What members do to their tracks, done at the provider too: once, best effort."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from bot.domain.contract import JobAction
from bot.domain.errors import NotOffered, ProviderError, StoreUnavailable, TaskGone
from bot.domain.ports_jobs import Jobs
from bot.domain.ports_members import VendorJob
from bot.domain.task import Task

log = logging.getLogger(__name__)


class VendorJobs:
    """Renames and deletes the jobs behind tasks, where the provider can; in the background, unless it says `now`.

    `earlier_jobs` tells the ids that a task had at its provider before that one made it again.
    """

    def __init__(self, jobs: Mapping[str, Jobs], earlier_jobs: Callable[[str], Awaitable[Sequence[str]]]) -> None:
        self._jobs, self._earlier_jobs = jobs, earlier_jobs
        self._running: set[asyncio.Task[None]] = set()

    def rename(self, task: Task, title: str) -> None:
        """Give the job another title; it stays findable as ours."""
        self._begin("rename", task, lambda jobs, theirs: jobs.rename(theirs, title=title, task_id=task.id))

    def delete(self, task: Task) -> None:
        """Delete the job with its audio, and those of earlier tries: only for a task whose card is gone."""
        self._begin("delete", task, lambda jobs, theirs: jobs.delete(theirs))
        if self._can(JobAction.DELETE, task.provider):
            self._run(self._delete_earlier(task))

    def can_delete(self, job: VendorJob) -> bool:
        """Say whether its provider deletes jobs when it is asked to, and can be asked."""
        return self._can(JobAction.DELETE, job.provider)

    async def delete_now(self, job: VendorJob) -> bool:
        """Delete a job with its audio; say whether it is gone now. Raises nothing that its provider does."""
        try:
            await self._jobs[job.provider].delete(job.provider_task_id)
        except TaskGone:
            return True
        except (ProviderError, NotOffered) as error:
            log.warning("provider did not delete a job", extra={"job": job.provider_task_id, "reason": str(error)})
            return False
        return True

    async def finish(self, patience: float) -> None:
        """Wait for what is under way, and give up what is left after `patience` seconds."""
        for task in self._running.copy():
            task.get_loop().call_later(patience, task.cancel)
        await asyncio.gather(*self._running, return_exceptions=True)

    def _begin(self, what: str, task: Task, change: Callable[[Jobs, str], Awaitable[None]]) -> None:
        jobs, theirs = self._jobs.get(task.provider), task.provider_task_id
        if jobs is None or theirs is None:
            return
        self._run(_change(what, task, change(jobs, theirs)))

    async def _delete_earlier(self, task: Task) -> None:
        try:
            earlier = await self._earlier_jobs(task.id)
        except StoreUnavailable as error:
            log.warning("earlier jobs are not known", extra={"task": task.id, "reason": str(error)})
            return
        for theirs in earlier:
            await _change("delete", task, self._jobs[task.provider].delete(theirs))

    def _can(self, action: JobAction, provider: str) -> bool:
        jobs = self._jobs.get(provider)
        return jobs is not None and jobs.offers(action)

    def _run(self, change: Coroutine[Any, Any, None]) -> None:
        running = asyncio.create_task(change)
        self._running.add(running)
        running.add_done_callback(self._running.discard)


async def _change(what: str, task: Task, change: Awaitable[None]) -> None:
    try:
        await change
    except NotOffered:
        return
    except ProviderError as error:
        log.warning("provider did not %s a job", what, extra={"task": task.id, "reason": error.detail})
    except asyncio.CancelledError:
        log.warning("no time left to %s a job at its provider", what, extra={"task": task.id})
        raise
    except Exception:  # nobody waits for it, so it is said here or nowhere
        log.exception("provider could not be asked to %s a job", what, extra={"task": task.id})
    else:
        log.info("job changed at the provider", extra={"task": task.id, "change": what})
