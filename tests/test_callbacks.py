"""The promise of the listener: 204 means that it is on disk, anything else that it can be sent again."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing

import pytest

from bot.callbacks import CallbackListener, listening
from bot.domain.errors import StartRefused
from bot.store.database import Database
from tests.callback_desk import Answer, Desk, completed, failed, open_desk, request, signed
from tests.parts import Clock

BODY = completed()
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(database, clock) as opened:
        yield opened


def whole(key: str, body: bytes) -> bytes:
    """Return a callback with its head."""
    return request(key, f"X-Signature: {signed(body)}", f"Content-Length: {len(body)}") + body


async def begun(desk: Desk, key: str, body: bytes) -> asyncio.Task[Answer]:
    """Post a callback; return when the listener has had time to begin with it."""
    posting = asyncio.create_task(desk.callback(key, body))
    for _ in range(3):
        assert (await desk.say(ALIVE)).status == 200
    return posting


async def be_impatient(database: Database) -> None:
    """Let the store wait for the lock of another program for 20 ms, not two seconds."""
    await database.write(lambda db: db.execute("PRAGMA busy_timeout = 20").fetchone())


async def test_204_comes_after_the_commit_and_not_before(desk: Desk) -> None:
    task = await desk.task()
    with desk.locked():
        posting = await begun(desk, task.key, BODY)
        assert not posting.done()
        assert desk.row(task)["state"] == "submitted"
    assert (await posting).status == 204
    assert desk.row(task)["state"] == "completed"
    assert len(desk.rows("SELECT * FROM callbacks WHERE task_id = ?", task.id)) == 1


@pytest.mark.parametrize("body", [BODY, failed(), b"unreadable"], ids=["completed", "failed", "unreadable"])
async def test_while_another_program_holds_the_database_it_is_503_and_afterwards_it_works(
    desk: Desk, body: bytes
) -> None:
    task = await desk.task()
    await be_impatient(desk.database)
    before = desk.trace()
    with desk.locked():
        answers = [await desk.callback(task.key, body) for _ in range(2)]
    assert [(answer.status, answer.headers["retry-after"]) for answer in answers] == [(503, "10")] * 2
    assert (desk.trace(), desk.told) == (before, [])
    assert (await desk.callback(task.key, body)).status in (204, 400)
    assert len(desk.told) == 1
    assert [line["kind"] for line in desk.log.about("callback refused")].count("503 StoreUnavailable") == 1


async def test_a_commit_that_outlasts_the_answer_is_news_all_the_same(database: Database, clock: Clock) -> None:
    async with open_desk(database, clock, commit_seconds=0.05) as desk:
        task = await desk.task()
        with desk.locked():
            answer = await desk.callback(task.key, BODY)
            assert (answer.status, answer.headers["retry-after"]) == (503, "10")
        await asyncio.wait_for(desk.happened.wait(), 5)
        assert desk.row(task)["state"] == "completed"
        assert (await desk.callback(task.key, BODY)).status == 204
        assert desk.told == ["news"]


async def test_a_client_that_goes_away_before_the_answer_has_its_callback_committed(desk: Desk) -> None:
    task = await desk.task()
    with desk.locked():
        async with await desk.line() as line:
            await line.send(whole(task.key, BODY))
            assert (await desk.say(ALIVE)).status == 200
        assert (await desk.say(ALIVE)).status == 200
    await asyncio.wait_for(desk.happened.wait(), 5)
    assert desk.row(task)["state"] == "completed"
    assert (await desk.callback(task.key, BODY)).status == 204
    assert desk.told == ["news"]


async def test_the_same_callback_six_times_is_204_each_time_and_news_once(desk: Desk) -> None:
    task = await desk.task()
    for _ in range(6):
        assert (await desk.callback(task.key, BODY)).status == 204
        desk.clock.advance(minutes=3)
    assert desk.told == ["news"]
    assert len(desk.rows("SELECT * FROM callbacks")) == len(desk.titles(task)) == 1


async def test_fifty_copies_at_one_moment_are_204_and_news_once(desk: Desk) -> None:
    task = await desk.task()
    answers = await asyncio.gather(*(desk.callback(task.key, BODY) for _ in range(50)))
    assert [answer.status for answer in answers] == [204] * 50
    assert desk.told == ["news"]
    assert len(desk.rows("SELECT * FROM callbacks")) == len(desk.titles(task)) == 1


async def test_while_draining_callbacks_are_503_and_nothing_is_read(desk: Desk) -> None:
    task = await desk.task()
    desk.listener.drain()
    only_begun = await desk.say(request(task.key, "Content-Length: 1000"))
    answer = await desk.callback(task.key, BODY)
    assert [(a.status, a.headers["retry-after"]) for a in (only_begun, answer)] == [(503, "10")] * 2
    assert desk.row(task)["state"] == "submitted"
    assert (await desk.say(ALIVE)).status == 200


async def test_a_callback_in_hand_is_finished_while_draining_and_closing(database: Database, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(open_desk(database, clock))
        task = await desk.task()
        with desk.locked():
            posting = await begun(desk, task.key, BODY)
            desk.listener.drain()
            ending = asyncio.create_task(stack.aclose())
            await asyncio.sleep(0)
            assert not posting.done()
        assert (await posting).status == 204
        await ending
    assert desk.row(task)["state"] == "completed"
    with pytest.raises(ConnectionRefusedError):
        await desk.line()


async def test_a_fault_of_ours_is_503_is_logged_and_does_not_hurt_the_others(database: Database, clock: Clock) -> None:
    async with open_desk(database, clock, calm=False) as desk:
        broken, good = await desk.task("mm-1"), await desk.task("mm-2")
        columns = "task_id, number, clip_id, audio_url, cover_url, title, style, lyrics"
        in_the_way = f"INSERT INTO tracks ({columns}) VALUES (?, 1, '', '', '', '', '', '')"
        await database.write(lambda db: db.execute(in_the_way, (broken.id,)).rowcount)
        with desk.locked():  # so that both wait for the same commit
            first = await begun(desk, "nobodys-key", completed("mm-3"))
            both = [await begun(desk, broken.key, BODY), await begun(desk, good.key, completed("mm-2"))]
        assert (await first).status == 204
        answers = await asyncio.gather(*both)
        assert [answer.status for answer in answers] == [503, 204]
        assert desk.row(good)["state"] == "completed"
        (line,) = desk.log.about("callback failed unexpectedly")
        assert "IntegrityError" in line["exception"]
        assert broken.key not in desk.log.text


async def test_a_port_that_is_taken_refuses_the_start_and_says_what_to_set(desk: Desk) -> None:
    with pytest.raises(StartRefused, match=f"{desk.port}.*LISTEN_PORT"):
        async with listening(CallbackListener({}, desk.intake, desk.clock), "127.0.0.1", desk.port, 15):
            pass


async def test_what_was_acknowledged_is_there_for_a_program_that_opens_the_file_anew(desk: Desk) -> None:
    tasks = [await desk.task(f"mm-{number}") for number in range(20)]
    answers = await asyncio.gather(*(desk.callback(t.key, completed(f"mm-{n}")) for n, t in enumerate(tasks)))
    assert {answer.status for answer in answers} == {204}
    with closing(sqlite3.connect(f"file:{desk.file}?mode=ro", uri=True)) as other:
        assert other.execute("SELECT count(*) FROM tasks WHERE delivery = 'ready'").fetchone() == (20,)
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
