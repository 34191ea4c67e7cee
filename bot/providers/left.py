"""What is left to pay with, at the vendors that tell it."""

from typing import Protocol, runtime_checkable

from bot.domain.ports_jobs import Balance, Left
from bot.providers.wire import Call, Question, Reply


class _Credits(Protocol):
    """What a vendor says of its credits; the extra ones are used first."""

    @property
    def credits(self) -> float:
        """The usual ones."""

    @property
    def extra_credits(self) -> float:
        """Those beside them."""


@runtime_checkable
class _TellsCredits(Protocol):
    """A dialect whose vendor counts credits."""

    def credits(self) -> Call:
        """Build the call that asks."""

    def read_credits(self, reply: Reply) -> _Credits:
        """Return the answer. Raises ProviderError."""


@runtime_checkable
class _TellsBalance(Protocol):
    """A dialect of jobs whose vendor counts money."""

    def balance(self) -> Question[Balance]:
        """Ask what the account holds."""


def left_at(wire: object) -> Question[Left] | None:
    """Return how to ask what is left; None where the vendor does not tell it."""
    jobs = getattr(wire, "jobs", None)
    if isinstance(jobs, _TellsBalance):
        question = jobs.balance()
        return Question(question.call, lambda reply: Left(cents=question.read(reply).cents))
    if isinstance(wire, _TellsCredits):
        read = wire.read_credits
        return Question(wire.credits(), lambda reply: _left(read(reply)))
    return None


def _left(told: _Credits) -> Left:
    return Left(credits=told.credits, extra_credits=told.extra_credits)
