"""Giving a track another title: in our store, and at its provider where that keeps titles."""

import logging

from bot.domain.errors import BadOption, NotATrack, NotYours
from bot.domain.ports import Submissions
from bot.domain.ports_tracks import Tracks
from bot.domain.task import MAX_TITLE
from bot.flows.vendor_jobs import VendorJobs

log = logging.getLogger(__name__)


class Rename:
    """A track's title is its owner's to change."""

    def __init__(self, store: Tracks, tasks: Submissions, vendor_jobs: VendorJobs) -> None:
        self._store, self._tasks, self._vendor_jobs = store, tasks, vendor_jobs

    async def rename(self, task_id: str, number: int, member_id: int, title: str) -> None:
        """Give it another title. Raises BadOption, NotATrack, NotYours."""
        if not title or len(title) > MAX_TITLE:
            raise BadOption("title", MAX_TITLE, len(title))
        task = await self._tasks.get(task_id)
        if task is None:
            raise NotATrack
        if task.origin.member_id != member_id:
            raise NotYours
        if not await self._store.rename(task_id, number, title):
            raise NotATrack
        log.info("track renamed", extra={"task": task_id, "track": number})
        # A job has one name, whatever came of it.
        if number == 1:
            self._vendor_jobs.rename(task, title)
