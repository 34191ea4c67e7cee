"""Logging: one structured line an event, for people or for machines, and never a secret."""

import logging
import re
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

#: Interaction tokens stand in addresses that libraries mention in their messages.
_TOKEN_IN_ADDRESS = re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w.\-]+")
#: Our own callback addresses hold the task's key.
_KEY_IN_ADDRESS = re.compile(r"(/callbacks/\w+/)[\w\-]+")
#: The longest value of a field; hostile input must not fill the disk.
_LONGEST = 2000


class Scrub:
    """The last step before a line is written: takes out secrets and cuts what is endless."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {name: self._clean(value) for name, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value if isinstance(value, int | float | bool | None) else self._clean(str(value))
        for secret in self._secrets:
            value = value.replace(secret, "[secret]")
        value = _KEY_IN_ADDRESS.sub(r"\1[key]", _TOKEN_IN_ADDRESS.sub(r"\1[token]", value))
        if len(value) <= _LONGEST:
            return value
        # Out of the middle: the end of a traceback says what went wrong.
        return f"{value[: _LONGEST // 2]} … ({len(value)} characters) … {value[-_LONGEST // 2 :]}"


def set_up_logs(level: str, form: str, secrets: Iterable[str]) -> None:
    """Send all logging to standard error. `form` is "console" or "json"; `secrets` never appear in a line."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, Scrub(secrets), renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for ours in ("bot", "cogs"):
        logging.getLogger(ours).setLevel(level)
    # discord.py tells every request at INFO and every event, tokens and all, at DEBUG: that is never wanted.
    logging.getLogger("discord").setLevel(logging.WARNING)
    # With no descriptor left, asyncio complains at each turn of its accept loop: thousands of times a second.
    logging.getLogger("asyncio").addFilter(OnceAMinute())
    # aiohttp writes a traceback for each malformed request; the listener counts them instead.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


class Seldom:
    """Counts events by kind, and lets one of each kind through a minute, with the count since the last."""

    def __init__(self, every: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._every, self._clock = every, clock
        self._counts: dict[str, int] = {}
        self._last: dict[str, float] = {}

    def __call__(self, kind: str) -> int:
        """Count an event; return how many there were since the last line, or 0 where none is due."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        now = self._clock()
        if kind in self._last and now - self._last[kind] < self._every:
            return 0
        self._last[kind] = now
        return self._counts.pop(kind)


class OnceAMinute(logging.Filter):
    """Lets one line of each text through a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._seldom = Seldom()

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the line is written."""
        return self._seldom(record.getMessage()[:100]) > 0
