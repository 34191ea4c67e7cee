"""What a crash leaves is put in order before anything else runs."""

from datetime import timedelta

from bot.domain.ports import Recorded
from bot.domain.task import State
from bot.domain.track import Completed, Update
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.moves import recover
from bot.store.news import SqliteNews
from bot.store.submissions import SqliteSubmissions
from tests.parts import Clock, make_task, make_track

HOLD = timedelta(seconds=10)


async def accepted(database: Database, clock: Clock) -> str:
    task = make_task(now=clock())
    await SqliteSubmissions(database).accept(task, per_day=20, at_once=2, hold=HOLD)
    return task.id


async def test_a_submit_that_was_cut_off_is_unknown(database: Database, clock: Clock) -> None:
    submissions = SqliteSubmissions(database)
    task_id = await accepted(database, clock)
    await submissions.answered(task_id, None, clock())
    assert await submissions.claim_waiting(clock(), 2)
    assert await database.write(lambda db: recover(db, clock())) == 1
    task = await submissions.get(task_id)
    assert task is not None
    assert task.state is State.UNKNOWN
    assert [due.id for due in await SqliteNews(database).due_to_ask(clock(), 10)] == [task_id]


async def test_a_task_whose_answer_never_went_out_goes_on_at_once(database: Database, clock: Clock) -> None:
    submissions = SqliteSubmissions(database)
    task_id = await accepted(database, clock)
    assert await submissions.claim_waiting(clock(), 2) is None
    await database.write(lambda db: recover(db, clock()))
    claimed = await submissions.claim_waiting(clock(), 2)
    assert claimed is not None
    assert claimed.id == task_id


async def test_a_delivery_that_was_cut_off_is_ready_and_remembers_its_first_try(
    database: Database, clock: Clock
) -> None:
    submissions, deliveries = SqliteSubmissions(database), SqliteDeliveries(database)
    task_id = await accepted(database, clock)
    await submissions.answered(task_id, None, clock())
    await submissions.claim_waiting(clock(), 2)
    await submissions.submitted(task_id, "theirs", clock())
    update = Update("musicmint", "theirs", Completed((make_track(),)))
    assert await SqliteNews(database).record(update, clock()) is Recorded.NEWS
    first = await deliveries.claim(clock(), timedelta(minutes=15))
    assert first is not None
    assert first.first_try_at is None
    first_try = clock()
    clock.advance(minutes=5)
    assert await deliveries.claim(clock(), timedelta(minutes=15)) is None, "the lease still holds"
    await database.write(lambda db: recover(db, clock()))
    again = await deliveries.claim(clock(), timedelta(minutes=15))
    assert again is not None
    assert again.first_try_at == first_try
