"""A provider that makes things of tracks, and says what it is told to say."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.contract import Ability, Answer, Contract, Rate, Times, Worth
from bot.domain.source import Source
from bot.domain.task import Kind, State, Task
from bot.domain.track import Completed, Outcome, Uploaded
from bot.store.moves import recover
from tests.flows.bench import Bench
from tests.parts import make_track

SONG = Ability(400, 200, 80, 3000, instrumental=True)
MAKES = {
    Kind.SONG: SONG,
    Kind.EXTEND: Ability(400, 200, 80, source=True, times=Times.START),
    Kind.COVER: Ability(400, 200, 80, 3000, persona=True, source=True),
    Kind.VOCALS: Ability(lyrics=3000, source=True, times=Times.SPAN),
    Kind.INFILL: Ability(lyrics=3000, source=True, times=Times.WHOLE_SPAN),
    Kind.STEMS: Ability(source=True, answer=Answer.RESULT),
    Kind.MIDI: Ability(source=True, answer=Answer.RESULT),
    Kind.WAV: Ability(source=True, answer=Answer.FREE_RESULT),
    Kind.WAVEFORM: Ability(source=True, answer=Answer.FREE_RESULT),
}
WORKSHOP = Contract("workshop", "Workshop", MAKES, Worth.RESULT, uploads=True)

#: A track that the workshop made, and a file that somebody gave.
OWN = Source("Tin Roof", 100.0, "parent", 1, "workshop", "clip-1")
FILE = Source("hum.wav", audio_url="https://cdn.example/hum.wav")
VOICE = Completed((make_track("stem-1"),))


@dataclass
class Workshop:
    """The port `Provider`. What is to be said is put in line; without a word it takes everything."""

    contract: Contract = WORKSHOP
    calls_back: bool = True
    answers: deque[object] = field(default_factory=deque)
    upload_answers: deque[object] = field(default_factory=deque)
    created: list[Task] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    looked_for: int = 0
    #: Tells that it was asked.
    asked: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def submit(self, task: Task) -> str | Completed:
        async with self.asked:
            self.created.append(task)
            self.asked.notify_all()
        at_once = self.contract.answer(task.request.kind) is not Answer.TASK
        usual = VOICE if at_once else f"theirs-{len(self.created)}"
        answer = await _said(self.answers, usual)
        assert isinstance(answer, str | Completed)
        return answer

    async def upload(self, audio_url: str) -> Uploaded:
        async with self.asked:
            self.uploads.append(audio_url)
            self.asked.notify_all()
        answer = await _said(self.upload_answers, Uploaded("clip-up", 60.0))
        assert isinstance(answer, Uploaded)
        return answer

    async def make_persona(self, name: str, clip_id: str) -> str:
        raise NotImplementedError

    async def look_up(self, provider_task_id: str) -> Outcome:
        raise AssertionError("there is nothing to look up")

    async def find_lost(self, task: Task) -> str | None:
        self.looked_for += 1
        return None


async def _said(answers: deque[object], usual: object) -> object:
    answer = answers.popleft() if answers else usual
    if isinstance(answer, asyncio.Future):
        answer = await answer
    if isinstance(answer, Exception):
        raise answer
    return answer


@dataclass
class Shop:
    """The bench with a workshop in the vendor's place."""

    bench: Bench
    maker: Workshop

    def rated(self, calls: int) -> None:
        """Have it take so many creates a minute."""
        self.maker.contract = Contract("workshop", "Workshop", MAKES, Worth.RESULT, rate=Rate(calls), uploads=True)

    async def asked(self, kind: Kind, source: Source | None = OWN, member: int = 1001, **wish: object) -> Task:
        """A member asks, and is answered; nothing is asked of the workshop yet."""
        self.bench.clock.advance(seconds=11)  # what is asked twice is meant twice
        return await self.bench.accept("", member, kind=kind, source=source, **wish)

    async def made(self, kind: Kind, source: Source | None = OWN, **wish: object) -> Task:
        """The same, and the workshop is asked; return how the task stands then."""
        task = await self.asked(kind, source, **wish)
        assert await self.step(kind)
        return await self.bench.task(task.id)

    async def step(self, kind: Kind) -> bool:
        return await self.bench.submit.step(self.maker.contract.answer(kind))

    async def crash(self) -> None:
        """Start again on what is on disk."""
        now, again = self.bench.clock(), self.bench.submit.may_repeat
        await self.bench.database.write(lambda db: recover(db, now, again))

    async def states(self, tasks: Sequence[Task]) -> list[State]:
        return [await self.bench.state(task) for task in tasks]


def open_shop(bench: Bench) -> Shop:
    """Put a workshop in the place of the bench's vendor."""
    bench.providers.clear()
    bench.providers["workshop"] = maker = Workshop()
    return Shop(bench, maker)
