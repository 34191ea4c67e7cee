"""The log as it is really written: set up as the program does, read back from what stood for standard error."""

import io
import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

from bot.logs import set_up_logs

_TOUCHED = ("", "bot", "cogs", "discord", "aiohttp.server")


class WrittenLog:
    """What has been written so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """Everything, as it stands on standard error."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line of a log in JSON."""
        return [json.loads(line) for line in self.text.splitlines()]

    def about(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of one event."""
        return [line for line in self.lines if line["event"] == event]

    def assert_calm(self) -> None:
        """No line tells of a fault of ours: nothing may get that far with what others send."""
        assert "Traceback" not in self.text
        assert [line for line in self.lines if line["level"] in ("error", "critical") or "exception" in line] == []


@contextmanager
def writing_log(form: str = "json", level: str = "INFO", secrets: Iterable[str] = ()) -> Iterator[WrittenLog]:
    """Set logging up as the program does; put it back afterwards."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    levels = {name: logging.getLogger(name).level for name in _TOUCHED}
    log = WrittenLog()
    with redirect_stderr(log.stream):
        set_up_logs(level, form, secrets)
    try:
        yield log
    finally:
        root.handlers[:] = handlers
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)
