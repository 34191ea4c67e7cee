"""Whether the providers' signed callbacks get from PUBLIC_URL to the listener."""

import errno
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from bot.callbacks import CallbackListener, listening
from bot.doctor.report import Line, fail, note, ok, skipped
from bot.doctor.rest import NO_ANSWER, reason
from bot.domain.contract import Worth
from bot.domain.errors import Failure, StartRefused, StoreUnavailable
from bot.domain.ports import Recorded
from bot.domain.task import Task, new_key
from bot.domain.track import Update
from bot.flows.intake import Intake
from bot.providers.http import callback_address
from bot.providers.wire import Wire
from bot.settings import Settings

LISTENER, PUBLIC = "listener", "public address"
#: What the listener says to our two callbacks.
TAKEN, TURNED_AWAY = 204, 401


class Trial:
    """The port `News` for a listener that is open for a trial only: it keeps nothing.

    A real callback that comes meanwhile must not be acknowledged: it is put off, and the provider tries again.
    """

    def __init__(self) -> None:
        # Digits, since some vendors count their tasks; and so many that none has counted so far.
        self.task_id, self.key = str(10**17 + secrets.randbelow(10**17)), new_key()
        #: Whether our good callback came here.
        self.arrived = False

    async def record(self, update: Update, now: datetime) -> Recorded:
        """Know our own callback again: by its key where it names no task."""
        ours = update.key == self.key if update.provider_task_id is None else update.provider_task_id == self.task_id
        if not ours:
            raise StoreUnavailable("only a trial")
        self.arrived = True
        return Recorded.STRAY

    async def ask_soon(self, key: str, now: datetime) -> bool:
        """Put it off."""
        raise StoreUnavailable("only a trial")

    async def due_to_ask(self, now: datetime, limit: int) -> Sequence[Task]:
        """Nothing is."""
        return ()

    async def asked(self, task_id: str, next_at: datetime, began: datetime, *, failed: bool) -> int:
        """Never happens."""
        return 0

    async def asked_again(self, task_id: str, began: datetime) -> None:
        """Never happens."""

    async def found(self, task_id: str, provider_task_id: str, now: datetime) -> bool:
        """Never happens."""
        return False

    async def earlier_jobs(self, task_id: str) -> Sequence[str]:
        """There are none."""
        return ()

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


async def look_at_callbacks(
    settings: Settings, wires: Sequence[Wire], session: aiohttp.ClientSession
) -> tuple[list[Line], Mapping[str, list[Line]]]:
    """Send a good and a forged callback of each provider to the listener, here and through PUBLIC_URL.

    Returns what is to be said of the listener itself, and of each provider by its name.
    """
    said = {wire.contract.name: _without(wire) for wire in wires}
    calling = [wire for wire in wires if wire.contract.callbacks is not Worth.NOTHING]
    if not calling:
        return [], said
    if not settings.public_url:
        return [skipped(PUBLIC, "PUBLIC_URL is not set; the bot asks every few seconds instead")], said
    trial = Trial()
    try:
        async with _listener(settings, calling, trial) as (address, ours):
            for wire in calling:
                said[wire.contract.name] = await _look(settings, wire, session, trial, address, ours=ours)
    except StartRefused as error:
        return [fail(LISTENER, f"it cannot be opened ({error})", "Set LISTEN_HOST to an address of this machine")], said
    return [], said


def _without(wire: Wire) -> list[Line]:
    """Return the lines of a provider that is not looked at; none where that is said for all of them."""
    if wire.contract.callbacks is not Worth.NOTHING:
        return []
    return [skipped(f"{wire.contract.label} callbacks", "it sends none; the bot asks it every few seconds instead")]


async def _look(
    settings: Settings, wire: Wire, session: aiohttp.ClientSession, trial: Trial, address: str, *, ours: bool
) -> list[Line]:
    """Try the callbacks of one provider, here and through PUBLIC_URL."""
    label = wire.contract.label
    listener, public = f"{label} {LISTENER}", f"{label} {PUBLIC}"
    here = await _try(session, address, wire, trial)
    if not here.right:
        return [_wrong_listener(listener, settings, here), skipped(public, "the listener has to be right first")]
    trial.arrived = False
    there = await _try(session, settings.public_url, wire, trial)
    whose = "opened for this trial, as the bot is not running" if ours else "the running bot's"
    good = ok(listener, f"{settings.listen_host}:{settings.listen_port} answers rightly ({whose})")
    return [good, _public_line(public, settings.public_url, wire, there, elsewhere=ours and not trial.arrived)]


@asynccontextmanager
async def _listener(settings: Settings, wires: Sequence[Wire], trial: Trial) -> AsyncIterator[tuple[str, bool]]:
    """Open the listener unless somebody has; yield its address, and whether it is ours. Raises StartRefused.

    For all providers at once, so that no real callback finds a path missing that is there otherwise.
    """
    intake = Intake(trial, _now, on_news=lambda: None, on_ask=lambda: None)
    listener = CallbackListener({wire.contract.name: wire for wire in wires}, intake, _now)
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


async def _try(session: aiohttp.ClientSession, base: str, wire: Wire, trial: Trial) -> Answers:
    headers, body = wire.own_callback(trial.task_id, trial.key, _now())
    address = _address(base, wire, trial.key)
    good = await _post(session, address, headers, body)
    # One space more: the same JSON, and other bytes than were signed.
    return Answers(good, await _post(session, address, headers, body + b" "))


def _address(base: str, wire: Wire, key: str) -> str:
    name = wire.contract.name
    return callback_address(base, name, key) if wire.contract.keyed else f"{base.rstrip('/')}/callbacks/{name}"


async def _post(session: aiohttp.ClientSession, address: str, headers: Mapping[str, str], body: bytes) -> int | str:
    try:
        async with session.post(address, data=body, headers=headers, allow_redirects=False) as response:
            return response.status
    except NO_ANSWER as error:
        return reason(error)


def _wrong_listener(name: str, settings: Settings, here: Answers) -> Line:
    place = f"{settings.listen_host}:{settings.listen_port}"
    if here.good == here.forged == TURNED_AWAY:
        remedy = "Restart the bot, so that it reads the present signing secret"
        return fail(name, f"the bot running on {place} checks with another signing secret", remedy)
    if here.good == 503:
        remedy = "See its log and the free space of its disk"
        return fail(name, f"the bot running on {place} cannot store callbacks (503)", remedy)
    remedy = (
        "Stop that program, or set another LISTEN_PORT here and in the proxy; if it is a bot that was started "
        "before this provider was set up, restart it"
    )
    return fail(name, f"another program has {place} ({here})", remedy)


def _public_line(name: str, address: str, wire: Wire, there: Answers, *, elsewhere: bool) -> Line:
    """Say what the two callbacks met at the public address."""
    if there.right and elsewhere:
        return note(name, f"{address} leads to another Minstrel with the same signing secret, not to this machine")
    if there.right:
        return ok(name, f"{address} lets good callbacks in and turns forged ones away{_to_be_named(address, wire)}")
    if isinstance(there.good, str):
        remedy = "Start the tunnel or proxy that PUBLIC_URL names, and see that its name and certificate are right"
        return fail(name, f"{address} gives no answer ({there.good})", remedy)
    if 300 <= there.good < 400:
        remedy = "Set PUBLIC_URL to where that leads; providers follow no redirect"
        return fail(name, f"{address} only redirects ({there.good})", remedy)
    if there.good in (502, 504) or there.good == there.forged == 503:
        remedy = "Have the proxy or tunnel hand requests on to LISTEN_HOST:LISTEN_PORT"
        return fail(name, f"{address} is a proxy that does not reach the listener ({there.good})", remedy)
    if there.good == there.forged == TURNED_AWAY:
        remedy = "See that the proxy asks for no login, leaves the body as it is, and leads to this bot"
        return fail(name, f"{address} turns well signed callbacks away (401)", remedy)
    remedy = "Set PUBLIC_URL to the address whose /callbacks/ paths are handed on to LISTEN_HOST:LISTEN_PORT"
    return fail(name, f"{address} leads elsewhere ({there})", remedy)


def _to_be_named(address: str, wire: Wire) -> str:
    """Add what only the account at the vendor can hold, where tasks have no callback address of their own."""
    if wire.contract.keyed:
        return ""
    return f"; the account at {wire.contract.label} has to name {_address(address, wire, '')} as its webhook"
