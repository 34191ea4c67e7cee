"""Who else could make a task."""

from collections.abc import Callable, Sequence

from bot.domain.contract import Contract
from bot.domain.errors import Failure
from bot.domain.task import Request, Task
from bot.flows.choosing import able
from bot.flows.health import Health

#: Failures that another provider may not have. What one finds unfit another may take: each judges by its own rules.
#: Not where it may have been charged already.
FOR_ITS_SAKE = {Failure.CREDITS, Failure.KEY, Failure.SUBSCRIPTION, Failure.DOWN, Failure.REJECTED}


class Elsewhere:
    """The other providers. `offers`: what each can do, the preferred one first."""

    def __init__(self, offers: Callable[[], Sequence[Contract]], health: Health) -> None:
        self._offers, self._health = offers, health

    def others(self, provider: str, request: Request) -> list[Contract]:
        """Return who else could make it, and has not just said that it takes nothing from us."""
        if request.persona_id:
            return []  # a name that means something to that one provider only
        return [
            offer
            for offer in able(self._offers(), request)
            if offer.name != provider and self._health.refusal(offer.name) is None
        ]

    def of(self, task: Task) -> Sequence[Contract]:
        """Return who else could make a task that failed for its provider's sake."""
        return self.others(task.provider, task.request) if task.failure in FOR_ITS_SAKE else []
