"""Moves of a task that several subjects of the store make: bound, failed, and put in order after a crash."""

import sqlite3
from collections.abc import Callable
from datetime import datetime

from bot.domain.errors import Failure
from bot.domain.task import State, Task
from bot.store.allowance import IN_THE_WORKS
from bot.store.rows import LONGEST_DETAIL, many_tasks, move, one_task, to_ms


def bind(db: sqlite3.Connection, task_id: str, provider_task_id: str, ask_at: datetime) -> bool:
    """Bind the provider's task id and move the task to submitted; say whether it moved."""
    db.execute(
        "UPDATE OR IGNORE tasks SET provider_task_id = ? WHERE id = ? AND provider_task_id IS NULL",
        (provider_task_id, task_id),
    )
    alarm = first_ask(db, task_id, provider_task_id, ask_at)
    # Called back as failed before this answer: the answer is the older news, and brings nothing back.
    failed = one_task(db, "id = ? AND state = 'failed'", task_id) is not None
    return not failed and move(
        db, task_id, State.SUBMITTED, ask_at=alarm, tell_at=to_correct(db, task_id, ask_at), held_at=None
    )


def to_correct(db: sqlite3.Connection, task_id: str, latest: datetime) -> int | None:
    """Return when to rewrite the line of a task that its provider has taken: only where it says something else."""
    # One that waits for its provider, was handed over, or was unknown.
    due = "CASE state WHEN 'unknown' THEN :latest ELSE min(coalesce(held_at, tell_at), :latest) END AS due"
    values = {"latest": to_ms(latest), "id": task_id}
    row = db.execute(f"SELECT {due} FROM tasks WHERE id = :id", values).fetchone()
    return None if row is None else row["due"]


def first_ask(db: sqlite3.Connection, task_id: str, provider_task_id: str, ask_at: datetime) -> int:
    """Return when to ask for a task that has just got this id, in milliseconds.

    A provider with one callback address for all may have told of this id before anybody knew whose it is: such news was
    noted as a stray, and the task is asked for at once.
    """
    query = (
        "SELECT received_at FROM strays WHERE provider_task_id = ? AND provider ="
        " (SELECT provider FROM tasks WHERE id = ?) LIMIT 1"
    )
    news = db.execute(query, (provider_task_id, task_id)).fetchone()
    return to_ms(ask_at) if news is None else min(to_ms(ask_at), int(news["received_at"]))


def fail(db: sqlite3.Connection, task_id: str, failure: Failure, detail: str, now: datetime) -> bool:
    """Move a task to failed, with the telling of it due at once."""
    stamp = to_ms(now)
    return move(
        db,
        task_id,
        State.FAILED,
        failure=failure.value,
        detail=detail[:LONGEST_DETAIL],
        finished_at=stamp,
        tell_at=stamp,
        ask_at=None,
        due_at=None,
    )


def recover(db: sqlite3.Connection, now: datetime, may_repeat: Callable[[Task], bool] = lambda task: False) -> int:
    """Put in order what a crash left, before anything else runs; return how many submits were cut off.

    A submit that was under way may have been accepted: it becomes unknown, unless it can be asked for again whatever
    became of it. Whatever waited goes on at once.
    """
    stamp = to_ms(now)
    # The first condition lets the index `tasks_at_once` serve; a million old tasks must not slow the start.
    cut_off = many_tasks(db, f"{IN_THE_WORKS} AND state = 'submitting'")
    for task in cut_off:
        if may_repeat(task):
            move(db, task.id, State.WAITING, due_at=stamp, asked_at=None)
        else:
            move(db, task.id, State.UNKNOWN, tell_at=stamp, ask_at=stamp)
    db.execute("UPDATE tasks SET due_at = ? WHERE due_at > ?", (stamp, stamp))
    db.execute("UPDATE tasks SET ask_at = ?, failed_asks = 0 WHERE ask_at IS NOT NULL", (stamp,))
    db.execute("UPDATE tasks SET delivery = 'ready', deliver_at = ? WHERE deliver_at IS NOT NULL", (stamp,))
    return len(cut_off)
