"""The purse of the pretend AudioPod's account, and how often it may be asked."""

import math
from collections import deque
from collections.abc import Callable
from typing import Any

from bot.sandbox.refusal import Refusal

CENTS_PER_MINUTE = 4
#: What is reserved for a job whose length is left to the model.
AUTOMATIC = 60.0  # seconds
LOW_BALANCE = 100  # cents


class BalanceUsedUp(Refusal):
    """Refuse what the wallet cannot pay for; its body is not a `detail`."""

    def __init__(self, required: int, available: int) -> None:
        super().__init__(f"This needs {required} cents, and {available} are left.", 402, "insufficient_api_balance")
        self.required, self.available = required, available


class TooOften(Refusal):
    """Refuse a call that came too soon."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("rate_limit_exceeded", 429)
        self.retry_after = retry_after


class Wallet:
    """Hold the prepaid money: reserved when a job is accepted, given back when it fails."""

    def __init__(self, cents: int) -> None:
        self.cents = cents
        self.spent = 0

    def reserve(self, cost: int) -> None:
        """Take the price of a job; raise BalanceUsedUp."""
        if cost > self.cents:
            raise BalanceUsedUp(cost, self.cents)
        self.take(cost)

    def take(self, cost: int) -> None:
        """Take what is owed in any case; less than nothing gives it back."""
        self.cents -= cost
        self.spent += cost

    def balance(self) -> dict[str, Any]:
        """Describe the wallet as the vendor does."""
        return {
            "balance_cents": self.cents,
            "balance_usd": self.cents / 100,
            "total_spent_cents": self.spent,
            "total_spent_usd": self.spent / 100,
            "low_balance_warning": self.cents < LOW_BALANCE,
        }


class Quota:
    """Let so many calls through in each minute; None lets all through."""

    def __init__(self, calls: int | None, now: Callable[[], float]) -> None:
        self.calls = calls
        self._now = now
        self._seen: deque[float] = deque()

    def use(self) -> None:
        """Count one call; raise TooOften, which does not count."""
        now = self._now()
        while self._seen and self._seen[0] <= now - 60:
            self._seen.popleft()
        if self.calls is not None and len(self._seen) >= self.calls:
            raise TooOften(math.ceil(self._seen[0] + 60 - now) if self._seen else 60)
        self._seen.append(now)


def price(seconds: float | None) -> int:
    """Give the price of so much audio, in cents."""
    return math.ceil(CENTS_PER_MINUTE * (AUTOMATIC if seconds is None else seconds) / 60)
