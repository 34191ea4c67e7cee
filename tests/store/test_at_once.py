"""The store keeps two lines of waiting tasks apart by kind, and what a crash leaves of each."""

from datetime import timedelta

import pytest

from bot.domain.source import Source
from bot.domain.task import Kind, State, Task
from bot.store.database import Database
from bot.store.moves import recover
from bot.store.submissions import SqliteSubmissions
from tests.parts import Clock, make_task

SONGS, STEMS = frozenset(Kind) - {Kind.STEMS}, frozenset({Kind.STEMS})


@pytest.fixture
def store(database: Database) -> SqliteSubmissions:
    return SqliteSubmissions(database)


async def waiting(store: SqliteSubmissions, clock: Clock, **wish: object) -> Task:
    task = make_task(now=clock(), **wish)
    await store.accept(task, per_day=20, at_once=9, hold=timedelta())
    await store.answered(task.id, None, clock())
    return task


async def test_each_line_is_claimed_by_itself(store: SqliteSubmissions, clock: Clock) -> None:
    stems = await waiting(store, clock, kind=Kind.STEMS)
    song = await waiting(store, clock)
    assert await store.claim_waiting(clock(), 9, kinds=()) is None
    claimed = [await store.claim_waiting(clock(), 9, kinds=kinds) for kinds in (SONGS, SONGS, STEMS)]
    assert [task and task.id for task in claimed] == [song.id, None, stems.id]


async def test_each_line_has_its_own_alarm(store: SqliteSubmissions, clock: Clock) -> None:
    first = clock()
    await waiting(store, clock, kind=Kind.STEMS)
    assert await store.next_waiting(SONGS) is None
    clock.advance(minutes=1)
    await waiting(store, clock)
    assert await store.next_waiting(SONGS) == clock()
    assert await store.next_waiting(STEMS) == await store.next_waiting() == first


async def test_a_task_of_an_older_version_is_a_song(store: SqliteSubmissions, database: Database, clock: Clock) -> None:
    task = await waiting(store, clock)
    old = "UPDATE tasks SET request = json_remove(request, '$.kind', '$.source')"
    await database.write(lambda db: db.execute(old).rowcount)
    claimed = await store.claim_waiting(clock(), 9, kinds=SONGS)
    assert claimed is not None
    assert (claimed.id, claimed.request.kind, claimed.request.source) == (task.id, Kind.SONG, None)


async def test_the_name_of_an_upload_is_noted_while_it_is_being_asked_for(
    store: SqliteSubmissions, clock: Clock
) -> None:
    file = Source("Wörter „drin“", audio_url="https://cdn.example/a.wav")
    known = Source(file.title, 12.5, provider="musicmint", clip_id="clip-up", audio_url=file.audio_url)
    task = await waiting(store, clock, kind=Kind.COVER, source=file)
    assert not await store.uploaded(task.id, known), "nobody has claimed it"
    await store.claim_waiting(clock(), 9)
    assert await store.uploaded(task.id, known)
    found = await store.get(task.id)
    assert found is not None
    assert found.request.source == known


async def test_only_what_can_be_repeated_waits_again_after_a_crash(
    store: SqliteSubmissions, database: Database, clock: Clock
) -> None:
    tasks = [await waiting(store, clock, kind=kind) for kind in (Kind.SONG, Kind.STEMS, Kind.WAV)]
    for _ in tasks:
        assert await store.claim_waiting(clock(), 9)
    cut_off = await database.write(lambda db: recover(db, clock(), lambda task: task.request.kind is Kind.WAV))
    found = [await store.get(task.id) for task in tasks]
    assert cut_off == 3
    assert [task and task.state for task in found] == [State.UNKNOWN, State.UNKNOWN, State.WAITING]
    again = await store.claim_waiting(clock(), 9)
    assert again is not None
    assert again.id == tasks[2].id
