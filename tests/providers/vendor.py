"""What is known of a provider where it is tried: its dialect, its samples, who pretends to be it."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.domain.errors import ProviderError
from bot.domain.track import Outcome
from bot.providers.jobs import JobWire
from bot.providers.wire import Reply, Wire
from bot.sandbox.vendor import PretendVendor

SAMPLES = Path(__file__).parents[1] / "samples"
#: The key in the addresses of callbacks here.
KEY = "the-key-of-a-task"

Pretend = PretendVendor[Any]
Headers = list[tuple[str, str]]


class Open(Protocol):
    """Makes a pretend vendor, whose tasks end when the test says so."""

    def __call__(self, webhook_url: str | None, now: Callable[[], float]) -> Pretend: ...


@dataclass(frozen=True)
class Vendor:
    """A provider, in one of its families where it has several."""

    name: str
    #: The dialect, by API key.
    wire: Callable[[str], Wire]
    pretend: Open
    #: Its folder of samples, and in it: the answer to a create, and to look-ups.
    folder: str
    created: str
    queuing: str
    processing: str
    completed: str
    failed: str
    #: Its answer to a look-up of a task it does not know: HTTP status and sample.
    unknown: tuple[int, str]
    #: An id of its own form that no task has.
    no_task: str
    #: Each refusal of its pages: sample to HTTP status and meaning.
    errors: Mapping[str, tuple[int, type[ProviderError]]]
    #: How many tracks the pretend vendor makes of a task.
    tracks: int
    #: What the bot is told of it, by its address.
    settings: Callable[[str], dict[str, str]]
    #: What it signs with; empty where it does not call back.
    secret: str
    #: Leave nothing on the account.
    spend: Callable[[Any], None]
    #: Each callback of its pages: sample to what it says; None is about no task.
    callbacks: Mapping[str, type[Outcome] | None] = field(default_factory=dict)
    #: The headers it signs a body with, for a key, at a time.
    sign: Callable[[bytes, str, datetime, str], Headers] | None = None
    #: Whether the pretend vendor says why a task failed: where this one would is not documented.
    says_why: bool = True
    #: How far the pretend vendor says a task is that is being worked on, in percent.
    progress: int | None = None
    jobs: JobWire | None = None

    def sample(self, name: str) -> bytes:
        """Return the bytes of one sample."""
        return (SAMPLES / self.folder / f"{name}.json").read_bytes()

    def reply(self, name: str, status: int = 200, **headers: str) -> Reply:
        """Return a sample as an answer; `retry_after` stands for `retry-after`."""
        return Reply(status, {key.replace("_", "-"): value for key, value in headers.items()}, self.sample(name))

    def signed(self, body: bytes, at: datetime, *, key: str = KEY, secret: str | None = None) -> Headers:
        """Return the headers of a callback."""
        assert self.sign is not None
        return self.sign(body, key, at, self.secret if secret is None else secret)

    def __str__(self) -> str:
        return self.name


def digest(secret: str, signed: bytes) -> str:
    """Return what all of them compute."""
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def stamped(prefix: str, body: bytes, at: datetime, secret: str) -> Headers:
    """Return the headers of those that sign the time as well."""
    stamp = str(int(at.timestamp()))
    signature = digest(secret, stamp.encode() + b"." + body)
    return [(f"{prefix}-timestamp", stamp), (f"{prefix}-signature", f"sha256={signature}")]
