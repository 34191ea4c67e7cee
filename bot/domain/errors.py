"""Everything that can go wrong, as the flows see it.

    MinstrelError
    ├── Refusal              a member's wish that is refused before anything is kept
    │   ├── BadOption        an option is empty or too long
    │   ├── OutOfRange       a number is smaller or larger than the provider takes
    │   ├── TooLongTogether  style and description do not fit into the one field that the provider has for both
    │   ├── CannotMake       the provider does not make this, or takes no such field
    │   ├── BadTimes, BadSource, BadPersona   see domain/source.py and domain/ports_personas.py
    │   ├── NotAllowedHere   the server (or direct message) may not use this bot
    │   ├── MissingPermissions  the bot may not post into the channel
    │   ├── TooManyToday     the member's tasks of the day are used up
    │   ├── OutOfCredits     the provider said a moment ago that nothing is left
    │   ├── SamePress        the same button a moment ago
    │   ├── NotATrack        a message or id that is no track of ours, or one that has gone
    │   ├── NotOffered       the provider cannot do this with its jobs
    │   ├── WordsRemoved     what was asked for is not kept any more
    │   └── NotYours         somebody else's task
    ├── ProviderError        an answer of a provider, or none
    │   ├── NotAccepted      surely not accepted: asking again is safe
    │   ├── AnswerLost       nobody knows whether it was accepted: never ask again by itself
    │   ├── Rejected         refused for good
    │   │   ├── CreditsSpent     nothing is left to pay with
    │   │   ├── NoSubscription   the account at the provider has no subscription
    │   │   └── KeyRefused       the API key is wrong, disabled or deleted
    │   ├── TimesOutside, FileTooLong   of a file that was uploaded: see domain/source.py
    │   └── TaskGone         the provider does not know the task
    ├── CallbackError
    │   ├── BadSignature     not from the provider
    │   └── BadCallback      from the provider, and not readable
    ├── DownloadError
    │   ├── DownloadRefused  an address the bot does not fetch from
    │   ├── DownloadGone     not there (any more), or not what it should be
    │   │   └── DownloadExpired  its time is over, so nothing will bring it back
    │   ├── DownloadTooLarge over the limit
    │   └── DownloadFailed   may work later
    ├── PostError
    │   ├── PostLater        Discord is busy or away
    │   ├── CannotPost       this place is closed to the bot
    │   ├── AlreadyPosted    it was posted, and somebody deleted it
    │   └── TokenRefused     Discord does not accept the bot any more
    ├── StoreUnavailable     the database could not commit
    └── StartRefused         the bot cannot start; says what to do

What a member reads is written in `bot/ui/words`, never here.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum


class Failure(StrEnum):
    """Why a task failed, for a person; stored on its row."""

    PROVIDER = "provider"
    REJECTED = "rejected"
    CREDITS = "credits"
    SUBSCRIPTION = "subscription"
    KEY = "key"
    DOWN = "down"
    LOST = "lost"
    SILENT = "silent"
    EMPTY = "empty"
    GONE = "gone"
    LEFT = "left"
    TIMES = "times"
    TOO_LONG = "too long"


class MinstrelError(Exception):
    """The root of all errors the bot raises on purpose."""


class Refusal(MinstrelError):
    """A member's wish is refused; nothing is kept."""


class BadOption(Refusal):
    """An option of a command is empty or too long. `limit` is in characters."""

    def __init__(self, option: str, limit: int, length: int) -> None:
        super().__init__(f"{option}: {length} characters, 1 to {limit} allowed")
        self.option, self.limit, self.length = option, limit, length


class OutOfRange(Refusal):
    """A number is smaller or larger than the provider takes."""

    def __init__(self, option: str, least: int, most: int, given: int) -> None:
        super().__init__(f"{option}: {given}, {least} to {most} allowed")
        self.option, self.least, self.most, self.given = option, least, most, given


class TooLongTogether(Refusal):
    """Style and description do not fit into the one field that a provider has for both. In characters."""

    def __init__(self, provider: str, limit: int, length: int) -> None:
        super().__init__(f"{provider}: style and description have {length} characters, {limit} allowed")
        self.provider, self.limit, self.length = provider, limit, length


class CannotMake(Refusal):
    """A provider does not make this kind of thing, or does not take this field.

    `provider` is its name for people, or what the member typed; `others` are the names of those that would.
    """

    def __init__(self, provider: str, what: str, others: Sequence[str] = ()) -> None:
        super().__init__(f"{provider}: no {what}")
        self.provider, self.what, self.others = provider, what, tuple(others)


class NotAllowedHere(Refusal):
    """The server is not among ALLOWED_GUILDS, or the member of a direct message is in none of them."""


class MissingPermissions(Refusal):
    """The bot lacks permissions in the channel; `names` are Discord's own names for them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


class TooManyToday(Refusal):
    """The member used up the tasks of a day; `free_at` is when the next one is free."""

    def __init__(self, per_day: int, free_at: datetime) -> None:
        super().__init__(f"{per_day} a day, next at {free_at:%H:%M}")
        self.per_day, self.free_at = per_day, free_at


class OutOfCredits(Refusal):
    """The provider said a moment ago that its credits are spent, so it is not asked again yet."""


class SamePress(Refusal):
    """The member pressed the same button of the same card a moment ago."""


class NotATrack(Refusal):
    """A message or id that is no track of ours, or one that has gone."""


class NotOffered(Refusal):
    """A provider cannot do this with its jobs. `provider` is its name for people, `action` a `JobAction`."""

    def __init__(self, provider: str, action: str) -> None:
        super().__init__(f"{provider} does not offer: {action}")
        self.provider, self.action = provider, action


class WordsRemoved(Refusal):
    """What was asked for was removed from the store for its age (PROMPT_RETENTION_DAYS)."""


class NotYours(Refusal):
    """A button of somebody else's task."""


class ProviderError(MinstrelError):
    """An answer of a provider that is no success, or no answer.

    `detail` is for the log; `said` are the vendor's own words, from outside, which may help the member.
    """

    failure = Failure.REJECTED

    def __init__(self, detail: str, said: str = "") -> None:
        super().__init__(detail)
        self.detail, self.said = detail, said


class NotAccepted(ProviderError):
    """Surely not accepted: no connection, 429, or a 503 in the vendor's own words."""

    failure = Failure.DOWN

    def __init__(self, detail: str, *, busy: bool = False, retry_after: float | None = None) -> None:
        super().__init__(detail)
        #: `busy`: the vendor answered (429), so it is there and waiting helps.
        self.busy = busy
        #: Seconds the vendor asks us to wait.
        self.retry_after = retry_after


class AnswerLost(ProviderError):
    """It left, and no readable answer came back: it may have been accepted, and charged."""

    failure = Failure.LOST


class Rejected(ProviderError):
    """Refused for good, in the vendor's own words."""


class CreditsSpent(Rejected):
    """Nothing is left to pay with."""

    failure = Failure.CREDITS


class NoSubscription(Rejected):
    """The account has no active subscription, without which nothing is made."""

    failure = Failure.SUBSCRIPTION


class KeyRefused(Rejected):
    """The API key is wrong, disabled or deleted."""

    failure = Failure.KEY


class TaskGone(ProviderError):
    """The provider does not know the task."""

    failure = Failure.GONE


class CallbackError(MinstrelError):
    """A callback that is turned away. The text is for the log."""


class BadSignature(CallbackError):
    """The body was not signed with our secret."""


class BadCallback(CallbackError):
    """The body was signed, and is not a callback."""


class DownloadError(MinstrelError):
    """A file could not be fetched."""


class DownloadRefused(DownloadError):
    """An address the bot does not fetch from: scheme, port or network."""


class DownloadGone(DownloadError):
    """The address leads nowhere (any more), or does not hold what it should."""


class DownloadExpired(DownloadGone):
    """The time the provider keeps it is over."""


class DownloadTooLarge(DownloadError):
    """The file is over the limit."""


class DownloadFailed(DownloadError):
    """The other side is slow, busy or away: may work later."""


class PostError(MinstrelError):
    """A message could not be posted."""


class PostLater(PostError):
    """Discord is busy or away. `wait` is what it asked for, in seconds; None where it did not say."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class CannotPost(PostError):
    """This place is closed to the bot, and trying again would not help. `code` is Discord's own."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.code = code


class AlreadyPosted(PostError):
    """The message was made by an earlier try and deleted since."""


class TokenRefused(PostError):
    """Discord does not accept the bot's token any more."""


class StoreUnavailable(MinstrelError):
    """The database could not commit; nothing was recorded."""


class StoreLost(StoreUnavailable):
    """What was committed may not be on disk, or the file is not ours any more: only a new start can help."""


class StartRefused(MinstrelError):
    """The bot cannot start. The text says why and what to do."""
