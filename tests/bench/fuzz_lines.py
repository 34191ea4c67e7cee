"""The connections of the fuzz: many that send whatever comes, and one that sends a good callback now and then."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.fuzz_requests import Shot
from tests.callback_desk import PATIENCE, Line, request, signed

#: Between two good callbacks, in seconds.
NOW_AND_THEN = 0.02


@dataclass
class Tally:
    """The answers by kind, and those that are not allowed."""

    answers: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def note(self, shot: Shot, answer: str) -> None:
        self.answers.setdefault(shot.kind, Counter())[answer] += 1
        if answer not in shot.allowed:
            self.wrong.append(f"{shot.kind}: {answer} for {shot.wire[:300]!r}")

    def count(self, kind: str = "") -> int:
        return sum(sum(answers.values()) for name, answers in self.answers.items() if name.startswith(kind))

    def __str__(self) -> str:
        lines = []
        for kind, answers in sorted(self.answers.items()):
            said = ", ".join(f"{status} × {count}" for status, count in sorted(answers.items()))
            lines.append(f"{kind:36}{sum(answers.values()):8}   {said}")
        return "\n".join(lines)


async def _open(port: int) -> Line:
    return Line(*await asyncio.open_connection("127.0.0.1", port))


async def _fire(line: Line, shot: Shot) -> str:
    """Send one request; return the status of its answer, "closed" or "silent"."""
    try:
        await line.send(shot.wire)
        if shot.pause:
            await asyncio.sleep(shot.pause)
            if shot.allowed == {"closed"}:
                return "closed"  # by us: half a request, and away
        return str((await line.answer()).status)
    except (asyncio.IncompleteReadError, ConnectionError):
        return "closed"
    except TimeoutError:
        return "silent"


async def sender(port: int, shots: Callable[[], Shot | None], tally: Tally) -> None:
    """Send what `shots` gives on one connection, and on another whenever one is used up."""
    line = await _open(port)
    try:
        while (shot := shots()) is not None:
            answer = await _fire(line, shot)
            tally.note(shot, answer)
            if shot.breaks or answer in ("closed", "silent"):
                line.hang_up()
                line = await _open(port)
    finally:
        line.hang_up()


async def good_ones(port: int, target: dict[str, str], stop: asyncio.Event) -> list[float]:
    """Send good callbacks until `stop`, each a new one; return how long each answer took, in milliseconds."""
    waits = []
    async with await _open(port) as line:
        while not stop.is_set():
            mark = random.getrandbits(60)
            body = json.dumps({"task_id": target["name"], "status": "processing", "good": mark}).encode()
            began = time.perf_counter()
            await line.send(
                request(target["key"], f"X-Signature: {signed(body)}", f"Content-Length: {len(body)}"), body
            )
            status = (await asyncio.wait_for(line.answer(), PATIENCE)).status
            waits.append((time.perf_counter() - began) * 1000)
            assert status == 204, status
            await asyncio.sleep(NOW_AND_THEN)
    return waits
