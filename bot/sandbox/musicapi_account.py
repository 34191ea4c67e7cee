"""What the account at the pretend MusicAPI may do: its credits, its subscription, and what is moderated."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.refusal import Refusal

# The vendor answers 403 to troubles of the account and of the text alike; these words are invented.
NO_CREDITS = "not enough credits"
NO_SUBSCRIPTION = "no active subscription"
BAD_LYRICS = "the lyrics are inappropriate"
BAD_DESCRIPTION = "the description needs moderation"


@dataclass
class MusicApiBehaviour(Behaviour):
    """Hold the knobs that only the pretend MusicAPI has; it does not know `code`."""

    #: While nothing can be heard of a task, it is answered with 202; False: the older way, 200 with the states.
    not_ready: bool = True
    #: What goes wrong with some clips of a task, by their number, while the others succeed: `{1: "too quiet"}`.
    failing: Mapping[int, str] = field(default_factory=dict)
    #: The account has a subscription.
    subscribed: bool = True
    #: Creates whose texts contain one of these words are refused.
    moderated: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """Hold what was taken, to be given back for a task that fails."""

    credits: int
    extra_credits: int


class Account:
    """Count the credits down; the extra ones first."""

    def __init__(self, behaviour: MusicApiBehaviour, credits: int, extra_credits: int) -> None:
        self.credits = credits
        self.extra_credits = extra_credits
        self._behaviour = behaviour

    def admit(self, *, lyrics: str = "", description: str = "") -> None:
        """Let these texts pass; raise Refusal."""
        if not self._behaviour.subscribed:
            raise Refusal(NO_SUBSCRIPTION, 403)
        for text, refusal in ((lyrics, BAD_LYRICS), (description, BAD_DESCRIPTION)):
            if any(word.casefold() in text.casefold() for word in self._behaviour.moderated):
                raise Refusal(refusal, 403)

    def charge(self, price: int) -> Charge:
        """Take a price; raise Refusal."""
        if price > self.credits + self.extra_credits:
            raise Refusal(NO_CREDITS, 403)
        extra = min(price, self.extra_credits)
        self.extra_credits -= extra
        self.credits -= price - extra
        return Charge(price - extra, extra)

    def refund(self, charge: Charge) -> None:
        """Give a price back."""
        self.credits += charge.credits
        self.extra_credits += charge.extra_credits
