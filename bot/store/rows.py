"""Between rows and the domain's words, and the one statement that moves a task through its life."""

import sqlite3
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

from bot.domain.task import DELIVERY_CAN_BECOME, Delivery, Origin, Request, State, Task, predecessors
from bot.domain.track import Track

#: Detail texts come from outside; more than this says nothing more.
LONGEST_DETAIL = 300


def to_ms(moment: datetime) -> int:
    """Return `moment` as the database keeps it."""
    return round(moment.timestamp() * 1000)


def from_ms(stamp: int) -> datetime:
    """Return the moment a stored time stands for."""
    return datetime.fromtimestamp(stamp / 1000, UTC)


def maybe_ms(moment: datetime | None) -> int | None:
    """`to_ms`, and None for None."""
    return None if moment is None else to_ms(moment)


def maybe_from_ms(stamp: int | None) -> datetime | None:
    """`from_ms`, and None for None."""
    return None if stamp is None else from_ms(stamp)


def encode_request(request: Request) -> str:
    """Return `request` as the JSON that is stored."""
    return msgspec.json.encode(request).decode()


def read_task(row: sqlite3.Row) -> Task:
    """Return the task a row of `tasks` holds."""
    return Task(
        id=row["id"],
        key=row["key"],
        provider=row["provider"],
        request=msgspec.json.decode(row["request"], type=Request),
        origin=Origin(row["member_id"], row["channel_id"], row["guild_id"]),
        state=State(row["state"]),
        attempt=row["attempt"],
        created_at=from_ms(row["created_at"]),
        notice_id=row["notice_id"],
        provider_task_id=row["provider_task_id"],
        asked_at=maybe_from_ms(row["asked_at"]),
        failure=row["failure"],
        detail=row["detail"],
        delivery=Delivery(row["delivery"]),
        first_try_at=maybe_from_ms(row["first_try_at"]),
        parent_id=row["parent_id"],
        finished_at=maybe_from_ms(row["finished_at"]),
        submit_tries=row["submit_tries"],
        tries=row["tries"],
        missing=row["missing"],
        set_aside_reason=row["set_aside_reason"],
        sent_channel_id=row["sent_channel_id"],
        message_id=row["message_id"],
        progress=row["progress"],
        sent_at=maybe_from_ms(row["sent_at"]),
        failed_asks=row["failed_asks"],
        set_aside_at=maybe_from_ms(row["set_aside_at"]),
        set_asides=row["set_asides"],
        tell_at=maybe_from_ms(row["tell_at"]),
    )


def read_track(row: sqlite3.Row) -> Track:
    """Return the track a row of `tracks` holds."""
    return Track(
        clip_id=row["clip_id"],
        audio_url=row["audio_url"],
        cover_url=row["cover_url"],
        title=row["title"],
        style=row["style"],
        lyrics=row["lyrics"],
        seconds=row["seconds"],
        expires_at=maybe_from_ms(row["expires_at"]),
        extra=row["extra"],
    )


def one_task(db: sqlite3.Connection, where: str, *values: object) -> Task | None:
    """Return the first task that `where` selects. `where` is SQL of ours, never a member's text."""
    row = db.execute(f"SELECT * FROM tasks WHERE {where}", values).fetchone()
    return None if row is None else read_task(row)


def many_tasks(db: sqlite3.Connection, where: str, *values: object) -> list[Task]:
    """Return the tasks that `where` selects."""
    return [read_task(row) for row in db.execute(f"SELECT * FROM tasks WHERE {where}", values)]


def earliest(db: sqlite3.Connection, alarm: str, where: str = "1") -> datetime | None:
    """Return the first time in one of the alarm columns, of the tasks that `where` selects."""
    query = f"SELECT min({alarm}) FROM tasks WHERE {alarm} IS NOT NULL AND {where}"
    return maybe_from_ms(db.execute(query).fetchone()[0])


def move(db: sqlite3.Connection, task_id: str, state: State, **columns: Any) -> bool:
    """Move a task to `state` and set `columns`, if its present state allows it; say whether it did."""
    return _update(db, task_id, "state", state, predecessors(state), columns)


def move_delivery(db: sqlite3.Connection, task_id: str, delivery: Delivery, **columns: Any) -> bool:
    """The same for the delivery."""
    before = frozenset(old for old, after in DELIVERY_CAN_BECOME.items() if delivery in after)
    return _update(db, task_id, "delivery", delivery, before, columns)


def _update(
    db: sqlite3.Connection,
    task_id: str,
    column: str,
    value: State | Delivery,
    before: frozenset[State] | frozenset[Delivery],
    columns: dict[str, Any],
) -> bool:
    changes = {column: value.value, **columns}
    changed = db.execute(_update_statement(column, before, tuple(changes)), {**changes, "task_id": task_id})
    return changed.rowcount == 1


@cache
def _update_statement(column: str, before: frozenset[State] | frozenset[Delivery], names: tuple[str, ...]) -> str:
    setters = ", ".join(f"{name} = :{name}" for name in names)
    allowed = ", ".join(f"'{old.value}'" for old in sorted(before))
    return f"UPDATE tasks SET {setters} WHERE id = :task_id AND tasks.{column} IN ({allowed})"
