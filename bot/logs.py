"""Logging: one structured line an event, for people or for machines, and never a secret."""

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

#: Interaction tokens stand in addresses that libraries mention in their messages.
_TOKEN_IN_ADDRESS = re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w.\-]+")
#: Our own callback addresses hold the task's key.
_KEY_IN_ADDRESS = re.compile(r"(/callbacks/\w+/)[\w\-]+")
#: The longest value of a field; hostile input must not fill the disk.
_LONGEST = 2000
#: What is no text and can hold no secret.
_PLAIN = (int, float, type(None))
#: What every record has; whatever else it has are the fields of its event.
_OF_ANY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

Event = dict[str, Any]


class Scrub:
    """The last step before a line is written: takes out secrets and cuts what is endless."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def __call__(self, event: Event) -> Event:
        return {name: value if isinstance(value, _PLAIN) else self._clean(str(value)) for name, value in event.items()}

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        if "/" in text:  # most texts are no address, and this is done for each field of each line
            text = _KEY_IN_ADDRESS.sub(r"\1[key]", _TOKEN_IN_ADDRESS.sub(r"\1[token]", text))
        if len(text) <= _LONGEST:
            return text
        # Out of the middle: the end of a traceback says what went wrong.
        return f"{text[: _LONGEST // 2]} … ({len(text)} characters) … {text[-_LONGEST // 2 :]}"


class Lines(logging.Formatter):
    """Makes one line of a record: what happened, how bad it is, who says so, the fields, when."""

    def __init__(self, scrub: Scrub, render: Callable[[Event], str]) -> None:
        super().__init__()
        self._scrub, self._render = scrub, render

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        event = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        event.update((name, value) for name, value in vars(record).items() if name not in _OF_ANY_RECORD)
        event["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return self._render(self._scrub(event))


def set_up_logs(level: str, form: str, secrets: Iterable[str]) -> None:
    """Send all logging to standard error. `form` is "console" or "json"; `secrets` never appear in a line."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(Scrub(secrets), json.dumps if form == "json" else _for_people()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for ours in ("bot", "cogs"):
        logging.getLogger(ours).setLevel(level)
    # discord.py tells every request at INFO and every event, tokens and all, at DEBUG: that is never wanted.
    logging.getLogger("discord").setLevel(logging.WARNING)
    # With no descriptor left, asyncio complains at each turn of its accept loop: thousands of times a second.
    logging.getLogger("asyncio").addFilter(OnceAMinute())
    # aiohttp writes a traceback for each malformed request, as many as anybody cares to send.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


def _for_people() -> Callable[[Event], str]:
    from structlog.dev import ConsoleRenderer  # a tenth of the start, which lines for machines need not wait for

    renderer = ConsoleRenderer(colors=sys.stderr.isatty())
    return lambda event: str(renderer(None, "", event))


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
