"""Deleting a member's data ends in time, whatever Discord does."""

import asyncio
from datetime import timedelta

from bot.domain.task import State
from bot.flows.my_data import MyData
from bot.store.board import SqliteQueue
from bot.store.members import SqliteMembers
from bot.ui.answers import Answers
from bot.ui.cancelling import QueuedLines
from tests.flows.bench import Bench
from tests.parts import ADA


class SilentDiscord:
    """Deletes the first message and never answers for the second."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def remove(self, channel_id: int, message_id: int) -> bool:
        self.asked.append(message_id)
        if len(self.asked) > 1:
            await asyncio.Event().wait()
        return True

    async def rewrite(self, task: object, text: str) -> None:
        """There is nobody to read it."""


def my_data(bench: Bench, discord: SilentDiscord, patience: float = 0.05) -> MyData:
    lines = QueuedLines(discord, Answers(bench.clock))
    members, queue = SqliteMembers(bench.database), SqliteQueue(bench.database)
    return MyData(members, queue, bench.submit, lines, discord, bench.clock, patience)


async def test_rows_go_even_where_discord_does_not_answer(bench: Bench) -> None:
    for _ in range(3):
        await bench.accept()
    done = await my_data(bench, SilentDiscord()).delete(ADA, cards=True)
    assert (done.messages, done.gone, done.kept.tasks) == (3, 1, 3)


async def test_without_cards_discord_is_asked_to_delete_nothing(bench: Bench) -> None:
    await bench.accept()
    discord = SilentDiscord()
    assert (await my_data(bench, discord).delete(ADA, cards=False)).messages == 0
    assert discord.asked == []


async def test_only_what_the_provider_was_asked_for_may_be_charged(bench: Bench) -> None:
    task, _ = await bench.submitted("asked for")
    await bench.accept("waiting")
    assert await bench.state(task) is State.SUBMITTED
    done = await my_data(bench, SilentDiscord()).delete(ADA, cards=False)
    assert (done.stopped, done.charged) == (2, 1)
    bench.clock.now += timedelta(hours=1)
    assert not await bench.submit.step(), "nothing is asked for after it"
