"""The styles that providers suggest: asked for now and then, and known at once."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.errors import NotOffered, ProviderError
from bot.domain.ports import Clock
from bot.domain.ports_jobs import Jobs

log = logging.getLogger(__name__)

#: For how long what a provider suggests is taken to be the same, and when one that did not answer is asked again.
KEPT, AGAIN_AFTER = timedelta(days=1), timedelta(minutes=10)


class StylePresets:
    """Remembers what was suggested; memory is enough, since asking again costs nothing."""

    def __init__(self, jobs: Mapping[str, Jobs], clock: Clock) -> None:
        self._jobs, self._clock = jobs, clock
        self._known: tuple[str, ...] = ()
        self._ask_at: datetime | None = None

    async def styles(self) -> Sequence[str]:
        """Return the suggested styles, of all providers that suggest any."""
        now = self._clock()
        if self._ask_at is None or not now < self._ask_at <= now + KEPT:
            self._ask_at = now + AGAIN_AFTER  # before asking: many may type at once
            await self._ask()
        return self._known

    async def _ask(self) -> None:
        found: dict[str, None] = {}
        for name, jobs in self._jobs.items():
            try:
                found |= dict.fromkeys((await jobs.presets()).genres)
            except NotOffered:
                continue
            except ProviderError as error:
                log.info("presets not given", extra={"provider": name, "reason": error.detail})
                return
        self._known, self._ask_at = tuple(found), self._clock() + KEPT
