"""The other side for the state machine: a vendor and Discord that answer when they are told to, and not before."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.contract import Answer
from bot.domain.errors import AnswerLost, NotAccepted, Rejected
from bot.domain.ports import Clock, Place, Posted
from bot.domain.task import Kind, Origin, Task
from bot.domain.track import Completed, FetchedTrack, Outcome, Track, Uploaded
from tests.flows.workshop import MAKES
from tests.parts import CHANNEL
from tests.providers.musicmint_samples import MINT

#: For how long Discord surely remembers a nonce ("the past few minutes" in its documentation).
NONCE_WINDOW = timedelta(minutes=2)


@dataclass(frozen=True)
class Question:
    """Something asked of the other side that is not answered yet."""

    kind: str
    about: Any
    answer: asyncio.Future[Any]

    async def say(self, what: object) -> None:
        """Answer it, with an error or with anything else."""
        if isinstance(what, Exception):
            self.answer.set_exception(what)
        else:
            self.answer.set_result(what)


class Questions(list[Question]):
    """All that is asked at present."""

    async def ask(self, kind: str, about: object) -> Any:
        question = Question(kind, about, asyncio.get_running_loop().create_future())
        self.append(question)
        try:
            return await question.answer
        finally:
            self.remove(question)

    def of(self, kind: str) -> list[Question]:
        return [question for question in self if question.kind == kind and not question.answer.done()]


class Vendor:
    """The port `Provider`; every answer is given from outside."""

    contract, calls_back = replace(MINT.contract, makes=MAKES, uploads=True), True

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        #: Tasks it was asked for and may have, in their order, and its own names of those it surely has.
        self.asked: list[Task] = []
        self.names: dict[str, str] = {}
        #: What it was asked for although it may have it already, and may charge for it.
        self.twice: list[Task] = []

    def may_have(self, task: Task) -> bool:
        return task.id in [one.id for one in self.asked]

    async def submit(self, task: Task) -> str | Completed:
        if self.may_have(task) and self.contract.answer(task.request.kind) is not Answer.FREE_RESULT:
            self.twice.append(task)
        self.asked.append(task)
        answer: str | Completed = await self._questions.ask("submit", task)
        return answer

    async def upload(self, audio_url: str) -> Uploaded:
        uploaded: Uploaded = await self._questions.ask("upload", audio_url)
        return uploaded

    async def look_up(self, provider_task_id: str) -> Outcome:
        outcome: Outcome = await self._questions.ask("poll", provider_task_id)
        return outcome

    async def find_lost(self, task: Task) -> str | None:
        return None

    def may_be_repeated(self, task_id: str) -> bool:
        """Say whether it is no harm to ask for it after a crash: it is free, or was surely not asked for."""
        return all(one.request.kind is Kind.WAV for one in self.asked if one.id == task_id)

    @property
    def calling(self) -> list[Task]:
        """Return what it may have and would call back about."""
        return [task for task in self.asked if self.contract.answer(task.request.kind) is Answer.TASK]

    def answer(self, task: Task, how: str) -> tuple[str, object]:
        """Return what becomes of a create, and what it says; what it has taken once it does not refuse."""
        if how == "lost":
            return how, AnswerLost("cut off")
        if how == "accepted" or task.id in self.names:
            return "accepted", self._made(task)
        self.asked.remove(task)  # surely not accepted: nothing is ever heard of it
        return how, NotAccepted("busy", busy=True) if how == "busy" else Rejected("no")

    def _made(self, task: Task) -> str | Completed:
        if self.contract.answer(task.request.kind) is Answer.TASK:
            return self.take(task)
        return Completed((Track("c", "https://files.example/c.mp3", title=f"{task.id} at once"),))

    def take(self, task: Task) -> str:
        """The task is here now, whether or not our side ever hears of it."""
        return self.names.setdefault(task.id, f"mm-{len(self.names)}")


@dataclass(frozen=True)
class Message:
    """One card in Discord."""

    task_id: str
    place: Place
    nonce: str
    at: datetime


class Channels:
    """The port `Poster`: Discord's own list of messages, with its nonce rule and its history."""

    def __init__(self, questions: Questions, clock: Clock) -> None:
        self._questions, self._clock = questions, clock
        self.messages: list[Message] = []

    def upload_limit(self, origin: Origin) -> int:
        return 10_000_000

    async def post(self, task: Task, tracks: Sequence[FetchedTrack], more: int, place: Place, nonce: str) -> Posted:
        posted: Posted = await self._questions.ask("post", (task, place, nonce))
        return posted

    async def find(self, task: Task, place: Place, since: datetime) -> Posted | None:
        found = [one for one in self.messages if (one.task_id, one.place) == (task.id, place) and one.at >= since]
        return Posted(CHANNEL, 1 + self.messages.index(found[0])) if found else None

    async def tell(self, task: Task, nonce: str, place: int | None) -> None:
        pass

    def make(self, task: Task, place: Place, nonce: str) -> Posted:
        """Create the message, unless its nonce is remembered: for as long as is certain, and not a moment longer."""
        for number, old in enumerate(self.messages, start=1):
            if old.nonce == nonce and self._clock() - old.at <= NONCE_WINDOW:
                return Posted(CHANNEL, number)
        self.messages.append(Message(task.id, place, nonce, self._clock()))
        return Posted(CHANNEL, len(self.messages))


class FilesAtHand:
    """The port `Files`: every track has its files at once."""

    async def fetch(self, task: Task, number: int, track: Track, limit: int) -> FetchedTrack:
        return FetchedTrack(track, number, audio=Path("tone.mp3"))

    def clean_up(self, task: Task) -> None:
        pass
