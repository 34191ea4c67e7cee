"""The one door for news about a task, whether called back or asked for."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.domain.ports import Clock, News, Recorded
from bot.domain.track import Completed, Failed, Update

log = logging.getLogger(__name__)

#: After so many ends in a row that were learned only by asking, callbacks seem not to reach us.
MISSED_CALLBACKS = 3


class Intake:
    """Records updates, and wakes whoever has something to do then."""

    def __init__(self, news: News, clock: Clock, on_news: Callable[[], None], on_ask: Callable[[], None]) -> None:
        self._news, self._clock, self._on_news, self._on_ask = news, clock, on_news, on_ask
        self._only_asked = 0
        #: When each provider last called back, since the start.
        self.last_callback: dict[str, datetime] = {}

    async def apply(self, update: Update, *, callback_missed: bool = False) -> Recorded:
        """Record `update` if it is news; say what it was. Raises StoreUnavailable, and then nothing was recorded.

        `callback_missed`: it was learned by asking although a callback should have brought it.
        """
        recorded = await self._news.record(update, self._clock())
        if update.digest is not None:
            self.last_callback[update.provider] = self._clock()
        if recorded is Recorded.NEWS:
            self._on_news()
            self._watch_callbacks(called=update.digest is not None, missed=callback_missed)
        elif recorded is Recorded.ASK:
            self._on_ask()
        log.info("update", extra=_facts(update, recorded))
        return recorded

    async def unreadable(self, key: str) -> None:
        """A signed callback for this key could not be read: ask the provider, so that its track is not lost."""
        if await self._news.ask_soon(key, self._clock()):
            self._on_ask()

    def moved(self) -> None:
        """A task was given up, or its lost create found, without an update: that is news as well."""
        self._on_news()

    def _watch_callbacks(self, *, called: bool, missed: bool) -> None:
        """Count. What was not called back, and not promised to be, says nothing about callbacks."""
        self._only_asked = 0 if called else self._only_asked + missed
        if missed and self._only_asked == MISSED_CALLBACKS:
            log.error("callbacks do not arrive: check PUBLIC_URL, the proxy before it, and the signing secret")


def _facts(update: Update, recorded: Recorded) -> dict[str, object]:
    return {
        "provider": update.provider,
        "provider_task": update.provider_task_id,
        "outcome": type(update.outcome).__name__.lower(),
        "recorded": recorded.name.lower(),
        "by": "asking" if update.digest is None else "callback",
        "final": isinstance(update.outcome, Completed | Failed),
    }
