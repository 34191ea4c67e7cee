"""Putting a completed task into Discord, exactly once."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.errors import (
    AlreadyPosted,
    CannotPost,
    DownloadError,
    DownloadExpired,
    DownloadFailed,
    DownloadGone,
    PostLater,
    ProviderError,
    TokenRefused,
)
from bot.domain.ports import Clock, Deliveries, Place, Posted
from bot.domain.ports_outside import Files, Poster, Provider
from bot.domain.task import Task, nonce_for
from bot.domain.track import MOST_TRACKS, Completed, FetchedTrack, Track
from bot.flows.worker import Worker, insist, lasts

log = logging.getLogger(__name__)

#: Deliveries at a time: each holds its files on disk and one upload open.
AT_A_TIME = 3
#: A claim that is not ended by then is taken to be dead. Longer than all deadlines of a delivery together.
LEASE = timedelta(hours=1)
#: Waits between tries grow from the first to the second of these, in seconds.
FIRST_WAIT, LONGEST_WAIT = 5.0, 600.0
#: A file that cannot be fetched is tried for so long; then its link is posted.
FETCH_FOR = timedelta(hours=1)
#: A card that cannot be posted is tried for so long while Discord is away; then it is set aside.
POST_FOR = timedelta(days=2)
#: An error nobody foresaw is tried again for so long: a short fault of the machine must not cost a track.
UNFORESEEN_FOR = timedelta(hours=6)
#: With a bad token every request counts towards a block: wait for the operator.
TOKEN_WAIT = timedelta(minutes=30)


class Deliver:
    """From the tracks of a completed task to one message."""

    def __init__(
        self,
        store: Deliveries,
        providers: Mapping[str, Provider],
        files: Files,
        poster: Poster,
        clock: Clock,
        *,
        dm_fallback: bool,
        on_end: Callable[[], None],
    ) -> None:
        self._store, self._providers, self._files, self._poster = store, providers, files, poster
        self._clock, self._dm_fallback, self._on_end = clock, dm_fallback, on_end
        self._no_token_until: datetime | None = None
        self.worker = Worker("deliver", self.step, store.next_delivery, clock, parallel=AT_A_TIME)

    async def set_aside(self, member_id: int) -> Sequence[Task]:
        """Return the member's tasks that are set aside, the newest first."""
        return await self._store.all_set_aside(member_id)

    async def resend(self, task_id: str, member_id: int) -> bool:
        """Post a task of the member's that is set aside after all; say whether it was, and may be tried by now."""
        moved = await self._store.resend(task_id, member_id, self._clock())
        if moved:
            log.info("delivery taken up again", extra={"task": task_id})
            self.worker.wake()
        return moved

    async def step(self) -> bool:
        """Deliver one task that is due; say whether there was one."""
        if lasts(self._no_token_until, TOKEN_WAIT, self._clock()):
            return False
        task = await self._store.claim(self._clock(), LEASE)
        if task is None:
            return False
        try:
            posted = await self._deliver(task)
        except AlreadyPosted:
            await self._record(task, Posted(task.origin.channel_id, None))
        except CannotPost as error:
            await self._set_aside(task, str(error))
        except TokenRefused:
            await self._pause(task)
        except (PostLater, DownloadFailed) as error:
            await self._later(task, error)
        except Exception as error:  # one row that always fails must not hold up the others
            log.exception("delivery failed unexpectedly", extra={"task": task.id})
            await self._unforeseen(task, error)
        else:
            await self._record(task, posted)
        finally:
            self._files.clean_up(task)
        return True

    async def _pause(self, task: Task) -> None:
        """Stop posting altogether for a while: what the next task would be answered is known."""
        log.critical("Discord refuses the bot's token: set a good DISCORD_TOKEN and start again")
        self._no_token_until = self._clock() + TOKEN_WAIT
        await self._put_back(task, TOKEN_WAIT)

    async def _deliver(self, task: Task) -> Posted:
        tracks = await self._store.tracks(task.id)
        fetched = await self._fetch(task, tracks[:MOST_TRACKS])
        # Only now: fetching may take minutes, and an upload of the last try as long.
        found, closed = await self._find(task)
        if found:
            log.info("card was already there", extra={"task": task.id})
            return found
        refusals: list[str] = []
        for place in self._places(task):
            nonce = nonce_for(task.id, f"card-{place.name.lower()}", task.attempt)
            try:
                if place in closed:
                    raise closed[place]
                return await self._poster.post(task, fetched, len(tracks) - len(fetched), place, nonce)
            except CannotPost as error:
                refusals.append(f"{place.name.lower()}: {error}")
                log.warning("cannot post there", extra={"task": task.id, "reason": refusals[-1]})
            await self._refused(task, "; ".join(refusals))
        raise CannotPost("; ".join(refusals))

    async def _find(self, task: Task) -> tuple[Posted | None, Mapping[Place, CannotPost]]:
        """Look for a card of an earlier try wherever one may be; return the places that are closed even to reading."""
        moments = (task.finished_at, task.first_try_at, self._clock())
        since = min(moment for moment in moments if moment is not None)
        closed: dict[Place, CannotPost] = {}
        for place in self._tried(task):
            try:
                if found := await self._poster.find(task, place, since):
                    return found, closed
            except CannotPost as error:
                closed[place] = error  # who may not read there may not write either: that is not asked twice
        return None, closed

    def _tried(self, task: Task) -> tuple[Place, ...]:
        """Return where a card may be. As long as no place has refused it, every try went to the first one."""
        if task.set_aside_reason:
            return self._places(task)
        return () if task.first_try_at is None else self._places(task)[:1]

    def may_go_directly(self, task: Task) -> bool:
        """Say whether the member gets it in a direct message where its place is closed."""
        return Place.DIRECT in self._places(task)

    def _places(self, task: Task) -> tuple[Place, ...]:
        """Where a card may go, in the order to try. Never from a thread into its parent, which others may read."""
        if task.request.private:
            return (Place.EPHEMERAL, Place.DIRECT)
        if self._dm_fallback and task.origin.guild_id is not None:
            return (Place.CHANNEL, Place.DIRECT)
        return (Place.CHANNEL,)

    async def _fetch(self, task: Task, tracks: Sequence[Track]) -> Sequence[FetchedTrack]:
        """Fetch the tracks' files; addresses that have expired are asked for anew, once."""
        fetched = await self._fetch_all(task, tracks)
        if not any(isinstance(one.trouble, DownloadGone) for one in fetched):
            return fetched
        fresh = await self._fresh(task)
        if len(fresh) < len(tracks):
            return fetched
        return [
            await self._fetch_one(task, one.number, new) if isinstance(one.trouble, DownloadGone) else one
            for one, new in zip(fetched, fresh, strict=False)
        ]

    async def _fetch_all(self, task: Task, tracks: Sequence[Track]) -> Sequence[FetchedTrack]:
        """Fetch side by side; where one must be tried again later, none is left at work."""
        fetching = [
            asyncio.create_task(self._fetch_one(task, number, track)) for number, track in enumerate(tracks, start=1)
        ]
        try:
            return await asyncio.gather(*fetching)
        finally:
            for one in fetching:
                one.cancel()
            await asyncio.wait(fetching)

    async def _fetch_one(self, task: Task, number: int, track: Track) -> FetchedTrack:
        limit = self._poster.upload_limit(task.origin)
        if track.expires_at is not None and track.expires_at <= self._clock():
            return FetchedTrack(track, number, trouble=DownloadExpired("expired"))
        try:
            return await self._files.fetch(task, number, track, limit)
        except DownloadFailed as error:
            if task.first_try_at is None or self._clock() - task.first_try_at < FETCH_FOR:
                raise
            return FetchedTrack(track, number, trouble=error)
        except DownloadError as error:
            log.warning("track not fetched", extra={"task": task.id, "track": number, "reason": str(error)})
            return FetchedTrack(track, number, trouble=error)

    async def _fresh(self, task: Task) -> Sequence[Track]:
        """Ask the provider for the tracks again: its answer may hold fresh addresses."""
        provider = self._providers.get(task.provider)
        if provider is None or task.provider_task_id is None:
            return ()
        try:
            outcome = await provider.look_up(task.provider_task_id)
        except ProviderError as error:
            log.warning("fresh addresses not given", extra={"task": task.id, "reason": error.detail})
            return ()
        if not isinstance(outcome, Completed) or not outcome.tracks:
            return ()
        await self._store.refresh(task.id, outcome.tracks)
        return (await self._store.tracks(task.id))[:MOST_TRACKS]

    async def _record(self, task: Task, posted: Posted) -> None:
        await insist(
            lambda: self._store.sent(task.id, posted.channel_id, posted.message_id, self._clock()),
        )
        self._on_end()
        log.info("task delivered", extra={"task": task.id, "message_id": posted.message_id})

    async def _refused(self, task: Task, reason: str) -> None:
        """Note it before the next place is tried: a later try must know that the card may be in either."""
        await insist(lambda: self._store.refused(task.id, reason))

    async def _set_aside(self, task: Task, reason: str) -> None:
        await insist(lambda: self._store.set_aside(task.id, reason or "unknown", self._clock()))
        self._on_end()
        log.error("delivery set aside", extra={"task": task.id, "reason": reason})

    async def _put_back(self, task: Task, wait: timedelta) -> None:
        await insist(lambda: self._store.put_back(task.id, self._clock() + wait))

    async def _later(self, task: Task, error: PostLater | DownloadFailed) -> None:
        now = self._clock()
        if now - (task.first_try_at or now) > POST_FOR:
            await self._set_aside(task, str(error))
            return
        asked_for = error.wait if isinstance(error, PostLater) else None
        wait = max(asked_for or 0.0, _wait(task))
        log.warning("delivery waits", extra={"task": task.id, "seconds": wait, "reason": str(error)})
        await self._put_back(task, timedelta(seconds=wait))

    async def _unforeseen(self, task: Task, error: Exception) -> None:
        now = self._clock()
        if now - (task.first_try_at or now) > UNFORESEEN_FOR:
            await self._set_aside(task, type(error).__name__)
        else:
            await self._put_back(task, timedelta(seconds=_wait(task)))


def _wait(task: Task) -> float:
    """Return the growing wait before the next try, in seconds."""
    # More than a thousand tries (a token that is refused for weeks) would be too large a power for a float.
    return min(FIRST_WAIT * 2.0 ** min(task.tries, 16), LONGEST_WAIT)
