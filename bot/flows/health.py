"""What is known of each provider: how fast it may be asked, whether it rests, and why."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.domain.contract import Contract
from bot.domain.errors import Failure
from bot.domain.ports import Busyness, Clock

#: So many creates in a row without a readable answer, and a provider is left alone for a while.
IN_A_ROW = 3
#: How long, at first; doubled after each trial that fails.
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=5)
#: For how long it is remembered that a provider refuses whatever is asked, for its credits, key or subscription.
REFUSES_FOR = timedelta(minutes=5)


class Why(Enum):
    """Why a provider is not asked just now."""

    #: As much as it allows in a while was asked of it.
    RATE = auto()
    #: It said that it is busy.
    BUSY = auto()
    #: It failed several times in a row.
    TROUBLE = auto()


@dataclass(frozen=True, slots=True)
class Rest:
    """A provider is not asked before `until`."""

    until: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one provider, for whoever asks."""

    contract: Contract
    calls_back: bool
    rest: Rest | None
    refusal: Failure | None
    busyness: Busyness


@dataclass
class _Known:
    """Of one provider. Kept in memory: a restart asks, and learns it anew."""

    asked: deque[datetime] = field(default_factory=deque)
    troubles: int = 0
    #: The last rest, until an answer shows that it helped; how many in a row; whether one create tries it out.
    rest: Rest | None = None
    rests: int = 0
    trial: bool = False
    refusal: tuple[Failure, datetime] | None = None


class Health:
    """Told of each create and how it ended; tells who rests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: defaultdict[str, _Known] = defaultdict(_Known)

    def resting(self, offers: Iterable[Contract]) -> frozenset[str]:
        """Return the names of those that may not be asked now, one that is being tried out among them."""
        return frozenset(one.name for one in offers if self._known[one.name].trial or self.rest(one))

    def rest(self, contract: Contract) -> Rest | None:
        """Return until when a provider is not asked, and why; None where it may be."""
        now, known = self._clock(), self._known[contract.name]
        rests = [rest for rest in (known.rest, self._rate_rest(contract, known)) if rest]
        # A time further off than any rest is long was noted before the clock was set back.
        ahead = [rest for rest in rests if now < rest.until <= now + max(LONGEST_REST, _period(contract))]
        return max(ahead, key=lambda rest: rest.until, default=None)

    def stays_away(self, provider: str) -> bool:
        """Say whether a provider rests for being busy or failing; its rate alone is nothing to speak of."""
        rest = self._known[provider].rest
        return rest is not None and rest.until > self._clock()

    def refusal(self, provider: str) -> Failure | None:
        """Return why a provider refused whatever is asked, if it did so a moment ago."""
        known, now = self._known[provider].refusal, self._clock()
        # As in `rest`: a time further off was noted before the clock was set back.
        return known[0] if known and now < known[1] <= now + REFUSES_FOR else None

    def asking(self, contract: Contract, *, alone: bool = True) -> None:
        """A create goes out. The first one after a rest goes alone, but for one that others cannot wait for."""
        known = self._known[contract.name]
        known.trial = alone and known.rest is not None
        if contract.rate:
            known.asked.append(self._clock())
            while len(known.asked) > contract.rate.calls:
                known.asked.popleft()

    def answered(self, provider: str) -> None:
        """It answered, whatever it said."""
        known = self._known[provider]
        known.troubles, known.rest, known.rests, known.trial, known.refusal = 0, None, 0, False, None

    def refused(self, provider: str, failure: Failure) -> bool:
        """It answered that it takes nothing from us now; say whether that is news."""
        if self.refusal(provider) is failure:
            self._known[provider].trial = False
            return False
        self.answered(provider)
        self._known[provider].refusal = failure, self._clock() + REFUSES_FOR
        return True

    def busy(self, provider: str, wait: timedelta) -> None:
        """It answered that it is busy: all that is meant for it waits."""
        known = self._known[provider]
        known.troubles, known.rests, known.trial = 0, 0, False
        known.rest = Rest(self._clock() + min(wait, LONGEST_REST), Why.BUSY)

    def troubled(self, provider: str) -> bool:
        """No readable answer came; say whether that was the trial after a rest."""
        known = self._known[provider]
        tried, known.trial = known.trial, False
        known.troubles += 1
        # The answers of creates that went out before a rest began must not prolong it.
        if tried or (known.rest is None and known.troubles >= IN_A_ROW):
            length = min(FIRST_REST * 2.0**known.rests, LONGEST_REST)
            known.rest, known.rests = Rest(self._clock() + length, Why.TROUBLE), known.rests + 1
        return tried

    def _rate_rest(self, contract: Contract, known: _Known) -> Rest | None:
        """Keep to the provider's rate: as many creates in any such period as it allows."""
        if contract.rate is None or len(known.asked) < contract.rate.calls:
            return None
        return Rest(known.asked[0] + contract.rate.per, Why.RATE)


def _period(contract: Contract) -> timedelta:
    return contract.rate.per if contract.rate else LONGEST_REST
