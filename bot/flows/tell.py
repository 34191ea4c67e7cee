"""Saying on the queued line what became of a task: no card (yet), or where the card is."""

import logging
from collections.abc import Callable
from datetime import timedelta

from bot.domain.errors import AlreadyPosted, CannotPost, PostLater, TokenRefused
from bot.domain.ports import Clock, Tellings
from bot.domain.ports_outside import Poster
from bot.domain.task import State, Task, nonce_for
from bot.flows.worker import Worker, insist

log = logging.getLogger(__name__)

AT_A_TIME = 10
#: A line that could not be changed is tried again after this, and given up a day after there was something to tell.
AGAIN_AFTER = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=1)
#: While its provider is being asked there is nothing to say: in a moment there is.
WHILE_ASKED = timedelta(seconds=5)
#: With a bad token every request counts towards a block.
AFTER_TOKEN = timedelta(minutes=30)


class Tell:
    """Brings queued lines up to date. `stays_away`: whether a provider is busy, or rests after failing."""

    def __init__(self, store: Tellings, poster: Poster, clock: Clock, stays_away: Callable[[str], bool]) -> None:
        self._store, self._poster, self._clock, self._stays_away = store, poster, clock, stays_away
        self.worker = Worker("tell", self.step, store.next_telling, clock)

    async def step(self) -> bool:
        """Bring the lines that are due up to date; say whether there were any."""
        due = await self._store.to_tell(self._clock(), AT_A_TIME)
        for task in due:
            await self._tell(task)
        return bool(due)

    async def _tell(self, task: Task) -> None:
        if task.state is State.SUBMITTING:
            await self._later(task, WHILE_ASKED)
            return
        place = await self._store.place(task.id) if task.state is State.WAITING else None
        if task.state is State.WAITING and place is None:
            return  # it went on while others were told; if there is anything to say, it is still due
        if not self._stays_away(task.provider):
            place = None  # it waits for its turn, as ever
        try:
            await self._poster.tell(task, nonce_for(task.id, f"told-{task.state.value}", task.attempt), place)
        except (CannotPost, AlreadyPosted) as error:
            log.info("line cannot be changed", extra={"task": task.id, "reason": str(error)})
            await insist(lambda: self._store.tell_later(task.id, None))
        except TokenRefused:  # said loudly by the delivery
            await self._later(task, AFTER_TOKEN)
        except Exception as error:  # one line that always fails must not hold up the others
            log.log(
                logging.WARNING if isinstance(error, PostLater) else logging.ERROR,
                "telling failed",
                exc_info=None if isinstance(error, PostLater) else error,
                extra={"task": task.id, "reason": str(error)},
            )
            await self._later(task)
        else:
            await insist(lambda: self._store.told(task))

    async def _later(self, task: Task, after: timedelta = AGAIN_AFTER) -> None:
        now = self._clock()
        until = None if now - task.stands_since > GIVE_UP_AFTER else now + after
        await insist(lambda: self._store.tell_later(task.id, until))
