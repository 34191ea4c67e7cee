"""How a pretend vendor is told to be slow, silent, repeated, early, wrong or down."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Behaviour:
    """Hold a pretend vendor's knobs, each read when it matters; as they stand, it behaves well."""

    #: Seconds from the acceptance of a task to its end; None: it ends when `finish` is called.
    seconds: float | None = 0.2
    #: The error that tasks fail with, instead of completing.
    fail_with: str | None = None

    #: Seconds that a call takes whose answer is its result.
    at_once_seconds: float = 0.0

    #: Seconds before each API call is looked at.
    answer_after: float = 0.0
    #: Every API call is answered with this HTTP status, and nothing is done.
    status: int | None = None
    #: Every API call is refused with this envelope code: 1003 is a disabled key, 1004 a deleted one.
    code: int | None = None
    #: Every API call is answered with these bytes in place of an envelope.
    body: bytes | None = None
    #: The Retry-After header of these three.
    retry_after: int | None = None
    #: The HTTP status of every refusal (wrong key, wrong field, unknown id), which the vendor leaves open.
    error_status: int | None = None

    #: How often each callback is sent: 0 never, 1 until it is acknowledged, n that and n - 1 times more.
    callbacks: int = 1
    #: The callback is sent, and answered, before the create is answered.
    early: bool = False
    #: Callbacks are signed with another secret.
    bad_signature: bool = False
    #: The delays between attempts are multiplied by this.
    time_scale: float = 1.0
    #: Seconds within which a callback must be acknowledged.
    callback_timeout: float = 10.0

    #: HTTP statuses in place of files, by suffix: `{".jpg": 404}`.
    file_status: Mapping[str, int] = field(default_factory=dict)
    #: Seconds that a download takes.
    file_seconds: float = 0.0
    #: Downloads break off half-way.
    cut_files: bool = False


class Hold:
    """Keep the answers to creates back, although their work is done, until the test lets go."""

    def __init__(self, ending: str = "") -> None:
        self.ending = ending
        self._held: asyncio.Queue[str] = asyncio.Queue()
        self._over = asyncio.Event()
        self._dropped = False

    @property
    def over(self) -> bool:
        """Say whether creates are no longer held."""
        return self._over.is_set()

    async def reached(self) -> str:
        """Wait for the next create that is done and held; return its task id, or the id of what it made."""
        return await self._held.get()

    def release(self) -> None:
        """Let the answers go out."""
        self._over.set()

    def drop(self) -> None:
        """Cut the connections of the held creates: accepted, and the answer is lost."""
        self._dropped = True
        self._over.set()

    async def keep(self, made: str) -> bool:
        """Hold the answer to the create that made this; say whether it may be sent at all."""
        self._held.put_nowait(made)
        await self._over.wait()
        return not self._dropped
