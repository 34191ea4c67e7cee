"""The process with the listener, as the fuzz holds it: its port, its words about itself, its log."""

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

#: A word is answered by then, even by a process that has much to do.
PATIENCE = 30.0


@dataclass
class Log:
    """What the listener wrote."""

    size: int = 0
    #: Tracebacks, and lines of errors.
    bad: list[str] = field(default_factory=list)
    by_kind: Counter[str] = field(default_factory=Counter)

    @property
    def refusals(self) -> int:
        return sum(self.by_kind.values())

    @property
    def kinds(self) -> int:
        return len(self.by_kind)

    def too_often(self, seconds: float) -> dict[str, int]:
        """Return the kinds of refusal that were told more than once a minute."""
        most = 1 + int(seconds // 60)
        return {kind: count for kind, count in self.by_kind.items() if count > most}


class ListenerProcess:
    """Runs `tests.bench.fuzz_listener` for as long as the block lasts."""

    def __init__(self, folder: Path) -> None:
        self._file, self._log = folder / "minstrel.sqlite3", folder / "log"

    async def __aenter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.bench.fuzz_listener", str(self._file)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self.port: int = (await self._answer())["port"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(await asyncio.wait_for(self._process.stdout.readline(), PATIENCE))

    async def _ask(self, word: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())
        return await self._answer()

    async def fresh(self) -> list[dict[str, str]]:
        """Have tasks made; return their keys and the vendor's names of them."""
        made: list[dict[str, str]] = await self._ask("fresh")
        return made

    async def state(self) -> dict[str, Any]:
        """Return the rows, what was set off, and the memory."""
        told: dict[str, Any] = await self._ask("state")
        return told

    def log(self) -> Log:
        """Read the log through."""
        log = Log(self._log.stat().st_size)
        with self._log.open() as lines:
            for line in lines:
                _read(line, log)
        return log


def _read(line: str, log: Log) -> None:
    try:
        told = json.loads(line)
    except ValueError:
        log.bad.append(line[:300])
        return
    if told["level"] in ("error", "critical") or "exception" in told:
        log.bad.append(line[:300])
    if told["event"] == "callback refused":
        log.by_kind[told["kind"]] += 1
