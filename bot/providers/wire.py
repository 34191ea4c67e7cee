"""A call to a vendor and its reply, without a socket, and what every vendor module must offer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from bot.domain.contract import Contract
from bot.domain.errors import AnswerLost, BadCallback, NotAccepted
from bot.domain.task import Task
from bot.domain.track import MOST_VALUES, Completed, Outcome, Update, Uploaded, most_values

T = TypeVar("T", covariant=True)

#: A callback or reply is never read deeper or longer than the decoder can bear.
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

#: An answer of a provider's API is a few kilobytes; more than this is not one.
LARGEST_ANSWER = 2 * 1024 * 1024
#: The most values of an answer, of which not all may be kept.
MOST_ANSWERED = 2 * MOST_VALUES


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a vendor."""

    method: str
    path: str
    body: bytes = field(default=b"", repr=False)
    #: How many seconds the vendor may take to answer; None where it answers as fast as any.
    limit: float | None = None
    #: The most bytes of its answer.
    largest: int = LARGEST_ANSWER


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the headers (names in lower case), the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A call and how to read its reply; `read` raises ProviderError."""

    call: Call
    read: Callable[[Reply], T]


class Wire(Protocol):
    """A vendor's dialect: builds calls, reads replies and callbacks."""

    @property
    def contract(self) -> Contract:
        """What the vendor can do, and how."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of every call; they hold the key."""

    def submit(self, task: Task, callback_url: str | None) -> Call:
        """Build the call that asks for the task. Raises Rejected where the vendor could not take it."""

    def read_submit(self, task: Task, reply: Reply) -> str | Completed:
        """Return the vendor's task id, or the result where the contract says that it is the answer.

        Raises ProviderError.
        """

    def upload(self, audio_url: str) -> Question[Uploaded] | None:
        """Return how to hand over a file by its public address; None where the vendor has no way."""

    def persona(self, name: str, clip_id: str) -> Question[str] | None:
        """Return how to have a persona made of a track, for its name there; None where the vendor has no way."""

    def look_up(self, provider_task_id: str) -> Call:
        """Build the call that asks how a task stands."""

    def read_look_up(self, reply: Reply) -> Outcome:
        """Return how the task stands. Raises ProviderError."""

    def check_key(self) -> Call:
        """Build a call that needs a good key, changes nothing and costs nothing."""

    def read_check_key(self, reply: Reply) -> None:
        """Return where the key is good. Raises ProviderError."""

    def find_lost(self, task: Task) -> Question[str | None] | None:
        """Return how to look for a create whose answer was lost, for the vendor's task id or None.

        None where the vendor has no way.
        """

    def own_callback(self, task_id: str, key: str, now: datetime) -> tuple[Mapping[str, str], bytes]:
        """Return headers and body of a callback that is signed as the vendor would; for trying our own listener."""

    def read_callback(
        self, headers: Sequence[tuple[str, str]], body: bytes, key: str | None, now: datetime
    ) -> Update | None:
        """Verify and decode a callback; None for one about no task. `key`: from its address, where that holds one.

        Raises BadSignature, BadCallback. One whose signature is right but whose time is far off is `Changed`: ask.
        Where it is a result and may not name its task, that holds what it says.
        """


def decode_reply(reply: Reply) -> Any:
    """Return a reply's JSON. Raises AnswerLost: what cannot be read may still have been carried out."""
    if most_values(reply.body) > MOST_ANSWERED:
        raise AnswerLost(f"HTTP {reply.status}, too many values")
    try:
        return msgspec.json.decode(reply.body)
    except _UNREADABLE as error:
        raise AnswerLost(f"HTTP {reply.status}, not JSON") from error


def decode_callback(body: bytes) -> Any:
    """Return a callback's JSON. Raises BadCallback."""
    try:
        return msgspec.json.decode(body)
    except _UNREADABLE as error:
        raise BadCallback(f"not JSON: {type(error).__name__}") from error


def busy(reply: Reply) -> NotAccepted:
    """Return the error for a 429, with the wait it asks for."""
    return NotAccepted("HTTP 429", busy=True, retry_after=_seconds(reply.headers.get("retry-after", "")))


def _seconds(text: str) -> float | None:
    """Read a Retry-After in seconds; its other form, a date, is taken as not given."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
