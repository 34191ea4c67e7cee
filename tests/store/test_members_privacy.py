"""Whatever others have asked for in private, a member never sees any of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.task import State
from bot.store.board import SqliteQueue
from bot.store.database import Database, open_database
from bot.store.members import SqliteMembers
from bot.ui.cancelling import offered
from tests.parts import ADA, BOB, make_task
from tests.store.test_members import accept


@dataclass(frozen=True)
class Wish:
    """A task that some member has, in some state."""

    member: int
    private: bool
    state: State


WISHES = st.builds(Wish, st.sampled_from([ADA, BOB]), st.booleans(), st.sampled_from(State))


@settings(max_examples=15, deadline=None)
@given(st.lists(WISHES, max_size=8))
async def test_anothers_private_task_never_shows(wishes: list[Wish]) -> None:
    async with _filled(wishes) as (database, ids):
        theirs = [task for task, wish in zip(ids, wishes, strict=True) if wish.member == BOB]
        queue, members = SqliteQueue(database), SqliteMembers(database)
        board = await queue.seen_by(ADA)
        shown = repr(board) + repr(offered(await queue.cancellable(ADA), "")) + json.dumps(await members.export(ADA))
        assert not [task for task in theirs if task in shown]
        assert "Bob's secret" not in shown
        open_theirs = [wish for wish in wishes if wish.member == BOB and wish.state in _OPEN]
        assert board.others_waiting + board.others_working == len(open_theirs), "counted, but never shown"


_OPEN = {State.WAITING, State.SUBMITTING, State.SUBMITTED, State.UNKNOWN}


@asynccontextmanager
async def _filled(wishes: list[Wish]) -> AsyncIterator[tuple[Database, list[str]]]:
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "minstrel.sqlite3") as database:
            ids = [await _put(database, wish) for wish in wishes]
            yield database, ids


async def _put(database: Database, wish: Wish) -> str:
    prompt = "Ada's wish" if wish.member == ADA else "Bob's secret"
    task = await accept(database, make_task(prompt, member_id=wish.member, private=wish.private), per_day=20)
    due, ask = (1 if wish.state is State.WAITING else None), (1 if wish.state in _OPEN - {State.WAITING} else None)
    statement = "UPDATE tasks SET state = ?, due_at = ?, ask_at = ? WHERE id = ?"
    await database.write(lambda db: db.execute(statement, (wish.state.value, due, ask, task.id)).rowcount)
    return task.id
