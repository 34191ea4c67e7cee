"""What one member has used, and their data."""

import json
import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import TooManyToday
from bot.domain.ports import Recorded
from bot.domain.ports_library import Query
from bot.domain.ports_members import Message
from bot.domain.ports_personas import Persona
from bot.domain.task import Task
from bot.domain.track import Completed, Update
from bot.flows.my_data import MyData
from bot.store.board import SqliteQueue
from bot.store.cards import SqliteCards
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.members import NOT_EXPORTED, SqliteMembers, without_secrets
from bot.store.news import SqliteNews
from bot.store.personas import SqlitePersonas
from bot.store.purge import SqlitePurging
from bot.store.shelves import SqliteShelves
from bot.store.submissions import SqliteSubmissions
from tests.parts import ADA, BOB, CHANNEL, GUILD, MORNING, Clock, make_task, make_track

DAY = timedelta(days=1)
#: Tables that hold nothing about any member. A new table has to be put here, or into the export.
IMPERSONAL = {"callbacks", "strays", "facts", "left_servers"}
#: Says nothing that tasks and tracks do not say.
DERIVED = "library"


async def accept(database: Database, task: Task, *, per_day: int = 20) -> Task:
    store = SqliteSubmissions(database)
    await store.accept(task, per_day=per_day, at_once=2, hold=timedelta())
    await store.answered(task.id, 42, task.created_at)
    return task


async def submit(database: Database, clock: Clock, theirs: str = "theirs") -> Task:
    store = SqliteSubmissions(database)
    task = await store.claim_waiting(clock(), 2)
    assert task is not None
    await store.submitted(task.id, theirs, clock())
    return task


async def deliver(database: Database, clock: Clock, message_id: int = 77, **track: object) -> Task:
    """Let the waiting task run through to its card."""
    task = await submit(database, clock, f"theirs-{message_id}")
    update = Update("musicmint", f"theirs-{message_id}", Completed((make_track(**track),)), digest=b"%d" % message_id)
    assert await SqliteNews(database).record(update, clock()) is Recorded.NEWS
    await SqliteDeliveries(database).claim(clock(), DAY)
    await SqliteDeliveries(database).sent(task.id, CHANNEL, message_id, clock())
    return task


async def select(database: Database, query: str, *values: object) -> list[Any]:
    return await database.read(lambda db: [tuple(row) for row in db.execute(query, values)])


async def tables(database: Database) -> dict[str, list[str]]:
    """Return the columns of every table."""

    def job(db: sqlite3.Connection) -> dict[str, list[str]]:
        every = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        names = [name for name in every if not name.startswith(DERIVED)]
        return {name: [row["name"] for row in db.execute(f"PRAGMA table_info({name})")] for name in names}

    return await database.read(job)


async def spend(database: Database, clock: Clock) -> None:
    """Leave a row in every table that holds something about Ada."""
    await accept(database, make_task("deleted", now=clock()))
    await deliver(database, clock, 76)
    await SqliteMembers(database).forget(ADA, clock())
    clock.advance(minutes=1)
    task = await accept(database, make_task("kept", now=clock()))
    await deliver(database, clock)
    await SqliteCards(database).like(task.id, ADA, clock())
    await SqliteShelves(database).put(ADA, Query(words="rain"), clock())
    persona = Persona(task.id, "Ada", ADA, GUILD, "musicmint", "theirs", clock())
    await SqlitePersonas(database).reserve(persona, clock(), per_day=9)
    earlier = "INSERT INTO earlier_jobs VALUES ('audiopod', '904001', ?)"
    await database.write(lambda db: db.execute(earlier, (task.id,)).rowcount)


class TestUsage:
    """What is used of a day."""

    async def test_nothing_is_used_at_first(self, database: Database, clock: Clock) -> None:
        usage = await SqliteMembers(database).usage(ADA, clock(), 20)
        assert (usage.used, usage.free_at, usage.running, usage.waiting) == (0, None, 0, 0)

    async def test_mine_count_and_others_do_not(self, database: Database, clock: Clock) -> None:
        for _ in range(3):
            await accept(database, make_task(now=clock()))
        await accept(database, make_task(member_id=BOB, now=clock()))
        await submit(database, clock)
        usage = await SqliteMembers(database).usage(ADA, clock(), 20)
        assert (usage.used, usage.free_at, usage.running, usage.waiting) == (3, MORNING + DAY, 1, 2)

    async def test_what_comes_back_first_is_what_was_asked_first(self, database: Database, clock: Clock) -> None:
        await accept(database, make_task(now=clock()))
        clock.advance(hours=23)
        await accept(database, make_task(now=clock()))
        members = SqliteMembers(database)
        assert (await members.usage(ADA, clock(), 20)).free_at == MORNING + DAY
        clock.advance(hours=1)
        usage = await members.usage(ADA, clock(), 20)
        assert (usage.used, usage.free_at) == (1, MORNING + timedelta(hours=47))

    async def test_it_tells_the_same_time_as_the_refusal(self, database: Database, clock: Clock) -> None:
        for _ in range(2):
            await accept(database, make_task(now=clock()), per_day=2)
            clock.advance(hours=1)
        with pytest.raises(TooManyToday) as refused:
            await accept(database, make_task(now=clock()), per_day=2)
        assert (await SqliteMembers(database).usage(ADA, clock(), 2)).free_at == refused.value.free_at


class TestExport:
    """Everything that is kept about a member."""

    async def test_every_column_about_the_member_is_in_it(self, database: Database, clock: Clock) -> None:
        await spend(database, clock)
        exported = await SqliteMembers(database).export(ADA)
        kept = {name: columns for name, columns in (await tables(database)).items() if name not in IMPERSONAL}
        assert {name for name, value in exported.items() if isinstance(value, list)} == set(kept)
        for name, columns in kept.items():
            assert len(exported[name]) == 1, name
            assert set(exported[name][0]) == set(columns) - NOT_EXPORTED, name

    async def test_it_is_valid_json_that_loses_no_digit_of_an_id(self, database: Database, clock: Clock) -> None:
        large = 2**62 + 1
        await accept(database, make_task("süß 🎶 \u2028", now=clock(), member_id=large, channel_id=large))
        members, queue = SqliteMembers(database), SqliteQueue(database)
        flow = MyData(members, queue, None, None, None, None, clock)  # type: ignore[arg-type]
        read = json.loads(await flow.export(large))
        assert read["exported_at"] == "2026-11-21T09:00:00+00:00"
        (task,) = read["tasks"]
        assert (task["member_id"], task["channel_id"], task["notice_id"]) == (str(large), str(large), "42")
        assert task["request"]["prompt"] == "süß 🎶 \u2028"
        assert task["created_at"] == "2026-11-21T09:00:00.000+00:00"

    async def test_no_address_carries_its_signature_and_no_secret_goes_out(
        self, database: Database, clock: Clock
    ) -> None:
        task = await accept(database, make_task(now=clock()))
        await deliver(database, clock, audio_url="https://me:pw@files.example:8443/a/b.mp3?sig=abc#x", cover_url="")
        exported = await SqliteMembers(database).export(ADA)
        assert exported["tracks"][0]["audio_url"] == "https://files.example:8443/a/b.mp3"
        assert exported["tracks"][0]["cover_url"] == ""
        assert task.key not in json.dumps(exported)

    @given(st.text())
    def test_any_address_a_vendor_sent_can_be_exported(self, address: str) -> None:
        assert "?" not in without_secrets(f"https://files.example/{address}")

    async def test_nobody_elses_likes_are_in_it(self, database: Database, clock: Clock) -> None:
        task = await accept(database, make_task(now=clock()))
        await SqliteCards(database).like(task.id, BOB, clock())
        members = SqliteMembers(database)
        assert str(BOB) not in json.dumps(await members.export(ADA))
        (like,) = (await members.export(BOB))["likes"]
        assert like["task_id"] == task.id
        assert (await members.export(BOB))["tasks"] == []


class TestForget:
    """Deleting it."""

    async def test_nothing_about_the_member_is_left_but_the_times_that_count(
        self, database: Database, clock: Clock
    ) -> None:
        await spend(database, clock)
        forgotten = await SqliteMembers(database).forget(ADA, clock())
        assert (forgotten.tasks, forgotten.likes) == (1, 1)
        purging = SqlitePurging(database)
        while await purging.clear_removed():
            pass
        left = {name for name in await tables(database) if await select(database, f"SELECT 1 FROM {name}")}
        assert left == {"callbacks", "spent"}
        assert len(await select(database, "SELECT 1 FROM callbacks")) == 2

    async def test_what_others_have_stays(self, database: Database, clock: Clock) -> None:
        mine = await accept(database, make_task(now=clock()))
        theirs = await accept(database, make_task(member_id=BOB, now=clock()))
        cards = SqliteCards(database)
        for task, member in ((mine, BOB), (theirs, BOB), (theirs, ADA)):
            await cards.like(task.id, member, clock())
        await SqliteMembers(database).forget(ADA, clock())
        assert await select(database, "SELECT id FROM tasks") == [(theirs.id,)]
        assert await select(database, "SELECT task_id, member_id FROM likes") == [(theirs.id, BOB)]

    async def test_what_is_asked_for_after_the_press_is_kept(self, database: Database, clock: Clock) -> None:
        await accept(database, make_task(now=clock()))
        pressed = clock()
        clock.advance(seconds=1)
        later = await accept(database, make_task(now=clock()))
        await SqliteMembers(database).forget(ADA, pressed)
        assert await select(database, "SELECT id FROM tasks") == [(later.id,)]

    async def test_it_gives_no_second_day(self, database: Database, clock: Clock) -> None:
        members = SqliteMembers(database)
        for _ in range(2):
            await accept(database, make_task(now=clock()), per_day=2)
            await members.forget(ADA, clock())
        with pytest.raises(TooManyToday) as refused:
            await accept(database, make_task(now=clock()), per_day=2)
        assert refused.value.free_at == MORNING + DAY
        clock.advance(days=1)
        await accept(database, make_task(now=clock()), per_day=2)
        assert await select(database, "SELECT 1 FROM spent") == [], "the times are kept for a day only"

    async def test_what_failed_does_not_count_after_it_either(self, database: Database, clock: Clock) -> None:
        task = await accept(database, make_task(now=clock()))
        await SqliteSubmissions(database).cancel(task.id, ADA, clock())
        await SqliteMembers(database).forget(ADA, clock())
        assert await select(database, "SELECT 1 FROM spent") == []

    @pytest.mark.parametrize("when", ["before", "after"])
    async def test_a_callback_for_a_deleted_task_is_a_stray(self, database: Database, clock: Clock, when: str) -> None:
        task = await accept(database, make_task(now=clock()))
        if when == "before":
            await submit(database, clock)
        await SqliteMembers(database).forget(ADA, clock())
        update = Update("musicmint", "theirs", Completed((make_track(),)), key=task.key, digest=b"digest")
        assert await SqliteNews(database).record(update, clock()) is Recorded.STRAY
        assert await select(database, "SELECT 1 FROM tasks") == []


class TestMessages:
    """Where the member's posts are."""

    async def test_cards_and_queued_lines_are_known_the_newest_first(self, database: Database, clock: Clock) -> None:
        members = SqliteMembers(database)
        await accept(database, make_task(now=clock()))
        await deliver(database, clock)
        clock.advance(minutes=1)
        await accept(database, make_task(now=clock(), channel_id=9))
        await accept(database, make_task(now=clock(), member_id=BOB))
        assert [(one.channel_id, one.message_id) for one in await members.messages(ADA, clock())] == [
            (9, 42),
            (CHANNEL, 77),
            (CHANNEL, 42),
        ]

    async def test_a_card_leads_to_its_task(self, database: Database, clock: Clock) -> None:
        members = SqliteMembers(database)
        task = await accept(database, make_task(now=clock()))
        await deliver(database, clock)
        assert await members.task_of(Message(CHANNEL, 77)) == task.id
        assert await members.task_of(Message(CHANNEL + 1, 77)) is None
        assert await members.task_of(Message(CHANNEL, 42)) is None


#: Indexes that hold open tasks only.
SMALL = ("tasks_due", "tasks_at_once", "tasks_to_ask")


@pytest.mark.parametrize("query", ["seen_by", "task_of"])
async def test_old_tasks_of_others_are_not_looked_at(database: Database, query: str) -> None:
    """SQLite is asked how it would go about it: through an index, never over the whole table."""
    asked: list[str] = []

    def watch(db: sqlite3.Connection) -> None:
        db.set_trace_callback(asked.append)

    await database.read(watch)
    if query == "seen_by":
        await SqliteQueue(database).seen_by(ADA)
    else:
        await SqliteMembers(database).task_of(Message(1, 2))
    await database.read(lambda db: db.set_trace_callback(None))
    assert asked
    for statement in asked:
        plan = [row[3] for row in await select(database, f"EXPLAIN QUERY PLAN {statement}")]
        assert not [step for step in plan if step.startswith("SCAN") and not step.endswith(SMALL)], plan
