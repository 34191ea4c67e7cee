"""Whether a provider's signed callbacks get from PUBLIC_URL to the listener."""

import errno
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from bot.callbacks import CallbackListener, listening
from bot.doctor.report import Line, fail, note, ok, skipped
from bot.doctor.rest import NO_ANSWER, reason
from bot.domain.errors import Failure, StartRefused, StoreUnavailable
from bot.domain.ports import Recorded
from bot.domain.task import Task, new_key, new_task_id
from bot.domain.track import Update
from bot.flows.intake import Intake
from bot.providers.http import callback_address
from bot.providers.musicmint import MusicMint
from bot.settings import Settings

LISTENER, PUBLIC = "listener", "public address"
#: What the listener says to our two callbacks.
TAKEN, TURNED_AWAY = 204, 401


class Trial:
    """The port `News` for a listener that is open for a trial only: it keeps nothing.

    A real callback that comes meanwhile must not be acknowledged: it is put off, and the provider tries again.
    """

    def __init__(self) -> None:
        self.task_id = f"doctor-{new_task_id()}"
        #: Whether our good callback came here.
        self.arrived = False

    async def record(self, update: Update, now: datetime) -> Recorded:
        """Know our own callback again."""
        if update.provider_task_id != self.task_id:
            raise StoreUnavailable("only a trial")
        self.arrived = True
        return Recorded.STRAY

    async def ask_soon(self, key: str, now: datetime) -> bool:
        """Put it off."""
        raise StoreUnavailable("only a trial")

    async def due_to_ask(self, now: datetime, limit: int) -> Sequence[Task]:
        """Nothing is."""
        return ()

    async def asked(self, task_id: str, next_at: datetime, *, failed: bool) -> int:
        """Never happens."""
        return 0

    async def found(self, task_id: str, provider_task_id: str, now: datetime) -> bool:
        """Never happens."""
        return False

    async def next_ask(self) -> datetime | None:
        """Never."""
        return None

    async def fail(self, task_id: str, failure: Failure, detail: str, now: datetime) -> bool:
        """Never happens."""
        return False


@dataclass(frozen=True, slots=True)
class Answers:
    """What one address said to a good and to a forged callback: a status, or why there was none."""

    good: int | str
    forged: int | str

    @property
    def right(self) -> bool:
        """Whether our listener, with our secret, is there."""
        return (self.good, self.forged) == (TAKEN, TURNED_AWAY)

    def __str__(self) -> str:
        return f"a good callback: {self.good}; a forged one: {self.forged}"


async def look_at_callbacks(settings: Settings, wire: MusicMint, session: aiohttp.ClientSession) -> list[Line]:
    """Send a good and a forged callback to the listener, here and through PUBLIC_URL."""
    if not settings.public_url:
        return [skipped(PUBLIC, "PUBLIC_URL is not set; the bot asks the provider every few seconds instead")]
    trial = Trial()
    try:
        async with _listener(settings, wire, trial) as (address, ours):
            here = await _try(session, address, wire, trial.task_id)
            if not here.right:
                return [_wrong_listener(settings, here), skipped(PUBLIC, "the listener has to be right first")]
            trial.arrived = False
            there = await _try(session, settings.public_url, wire, trial.task_id)
    except StartRefused as error:
        return [fail(LISTENER, f"it cannot be opened ({error})", "Set LISTEN_HOST to an address of this machine")]
    whose = "opened for this trial, as the bot is not running" if ours else "the running bot's"
    listener = ok(LISTENER, f"{settings.listen_host}:{settings.listen_port} answers rightly ({whose})")
    return [listener, _public_line(settings.public_url, there, elsewhere=ours and not trial.arrived)]


@asynccontextmanager
async def _listener(settings: Settings, wire: MusicMint, trial: Trial) -> AsyncIterator[tuple[str, bool]]:
    """Open the listener unless somebody has; yield its address, and whether it is ours. Raises StartRefused."""
    intake = Intake(trial, _now, on_news=lambda: None, on_ask=lambda: None)
    listener = CallbackListener({wire.contract.name: wire}, intake, _now)
    async with AsyncExitStack() as stack:
        try:
            opened = listening(listener, settings.listen_host, settings.listen_port, 1.0)
            port, ours = await stack.enter_async_context(opened), True
        except StartRefused as refusal:
            if not _taken(refusal):
                raise
            port, ours = settings.listen_port, False
        yield _local(settings.listen_host, port), ours


def _now() -> datetime:
    return datetime.now(UTC)


def _taken(refusal: StartRefused) -> bool:
    return isinstance(refusal.__cause__, OSError) and refusal.__cause__.errno == errno.EADDRINUSE


def _local(host: str, port: int) -> str:
    """Return the address of the listener from this machine; "every address" is none to connect to."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _try(session: aiohttp.ClientSession, base: str, wire: MusicMint, task_id: str) -> Answers:
    key = new_key()
    headers, body = wire.own_callback(task_id, key, _now())
    address = callback_address(base, wire.contract.name, key)
    good = await _post(session, address, headers, body)
    # One space more: the same JSON, and other bytes than were signed.
    return Answers(good, await _post(session, address, headers, body + b" "))


async def _post(session: aiohttp.ClientSession, address: str, headers: Mapping[str, str], body: bytes) -> int | str:
    try:
        async with session.post(address, data=body, headers=headers, allow_redirects=False) as response:
            return response.status
    except NO_ANSWER as error:
        return reason(error)


def _wrong_listener(settings: Settings, here: Answers) -> Line:
    place = f"{settings.listen_host}:{settings.listen_port}"
    if here.good == here.forged == TURNED_AWAY:
        remedy = "Restart the bot, so that it reads the present MUSICMINT_SIGNING_SECRET"
        return fail(LISTENER, f"the bot running on {place} checks with another signing secret", remedy)
    if here.good == 503:
        remedy = "See its log and the free space of its disk"
        return fail(LISTENER, f"the bot running on {place} cannot store callbacks (503)", remedy)
    remedy = "Stop that program, or set another LISTEN_PORT here and in the proxy"
    return fail(LISTENER, f"another program has {place} ({here})", remedy)


def _public_line(address: str, there: Answers, *, elsewhere: bool) -> Line:
    if there.right and elsewhere:
        return note(PUBLIC, f"{address} leads to another Minstrel with the same signing secret, not to this machine")
    if there.right:
        return ok(PUBLIC, f"{address} lets good callbacks in and turns forged ones away")
    if isinstance(there.good, str):
        remedy = "Start the tunnel or proxy that PUBLIC_URL names, and see that its name and certificate are right"
        return fail(PUBLIC, f"{address} gives no answer ({there.good})", remedy)
    if 300 <= there.good < 400:
        remedy = "Set PUBLIC_URL to where that leads; providers follow no redirect"
        return fail(PUBLIC, f"{address} only redirects ({there.good})", remedy)
    if there.good in (502, 504) or there.good == there.forged == 503:
        remedy = "Have the proxy or tunnel hand requests on to LISTEN_HOST:LISTEN_PORT"
        return fail(PUBLIC, f"{address} is a proxy that does not reach the listener ({there.good})", remedy)
    if there.good == there.forged == TURNED_AWAY:
        remedy = "See that the proxy asks for no login, leaves the body as it is, and leads to this bot"
        return fail(PUBLIC, f"{address} turns well signed callbacks away (401)", remedy)
    remedy = "Set PUBLIC_URL to the address whose /callbacks/ paths are handed on to LISTEN_HOST:LISTEN_PORT"
    return fail(PUBLIC, f"{address} leads elsewhere ({there})", remedy)
