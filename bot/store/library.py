"""The library: pages, single entries, styles and numbers, as one member may see them."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from bot.domain.ports_library import MOST_COUNTED, PER_PAGE, Entry, Page, Query, Scope, Stats, Status, Viewer
from bot.domain.task import Kind, Request
from bot.store.database import Database
from bot.store.library_search import Search, oldest_first, search, visible
from bot.store.rows import from_ms, to_ms

#: Among so many of the newest, the styles used most are looked for.
_RECENT = 2000
_MOST_STYLES = 100
_STYLES_IN_STATS = 5
#: So many of what was made from a track are shown.
_MOST_CHILDREN = 10
_WEEKS = 12
_WEEK = timedelta(weeks=1)

_ENTRY = (
    "SELECT library.*, tasks.request, tasks.sent_channel_id, tasks.message_id, tasks.delivery,"
    " tracks.title, tracks.style AS track_style"
    " FROM library JOIN tasks ON tasks.id = library.task_id"
    " LEFT JOIN tracks ON tracks.task_id = library.task_id AND tracks.number = library.number"
)


class SqliteLibrary:
    """The port `Library` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, viewer: Viewer, query: Query, number: int) -> Page:
        """See `ports_library.Library`."""
        wanted = search(viewer, query)
        if wanted is None:
            return Page((), 0, 0, more=False)
        return await self._database.read(lambda db: _page(db, wanted, number))

    async def find(self, viewer: Viewer, task_id: str, number: int) -> Entry | None:
        """See `ports_library.Library`."""
        condition, values = _visible_at_all(viewer)
        query = f"{_ENTRY} WHERE library.task_id = :task AND library.number = :number AND {condition}"
        values |= {"task": task_id, "number": number}
        row = await self._database.read(lambda db: db.execute(query, values).fetchone())
        return None if row is None else _entry(row)

    async def children(self, viewer: Viewer, task_id: str) -> Sequence[Entry]:
        """See `ports_library.Library`. What was asked for from a card ("again") need not be made from its tracks."""
        condition, values = _visible_at_all(viewer)
        made_from_it = (
            "SELECT id FROM tasks WHERE parent_id = :task AND json_extract(request, '$.source.task_id') = :task"
        )
        query = (
            f"{_ENTRY} WHERE library.task_id IN ({made_from_it}) AND library.number = 1 AND library.status = 'finished'"
            f" AND {condition} ORDER BY library.id DESC LIMIT {_MOST_CHILDREN}"
        )
        values["task"] = task_id
        return await self._database.read(lambda db: [_entry(row) for row in db.execute(query, values)])

    async def styles(self, viewer: Viewer, scope: Scope) -> Sequence[str]:
        """See `ports_library.Library`."""
        condition, values = visible(viewer, scope)
        query = f"SELECT style FROM library WHERE {condition} ORDER BY library.id DESC LIMIT {_RECENT}"
        texts = await self._database.read(lambda db: [(row[0], 1) for row in db.execute(query, values)])
        return [style for style, _ in _styles(texts).most_common(_MOST_STYLES)]

    async def stats(self, viewer: Viewer, scope: Scope, now: datetime) -> Stats:
        """See `ports_library.Library`."""
        condition, values = visible(viewer, scope)
        # In the order the rows lie on disk: SQLite's own choice among these indexes takes three times as long.
        source = f"library INDEXED BY {oldest_first(viewer, scope)} WHERE {condition}"
        return await self._database.read(lambda db: _stats(db, source, condition, values, now))


def _visible_at_all(viewer: Viewer) -> tuple[str, dict[str, object]]:
    """Return the condition for what the viewer may see in any scope."""
    scopes = [visible(viewer, scope) for scope in (Scope.MINE, Scope.SERVER, Scope.CHANNEL)]
    values = {name: value for _, named in scopes for name, value in named.items()}
    return f"({' OR '.join(condition for condition, _ in scopes)})", values


def _page(db: sqlite3.Connection, wanted: Search, number: int) -> Page:
    """Read the ids as far as they are counted, or as far as the page lies, and the page's own entries."""
    number = max(number, 0)
    most = max(MOST_COUNTED, (number + 1) * PER_PAGE) + 1
    query = f"SELECT library.id FROM {wanted.source} ORDER BY {wanted.order} LIMIT {most}"
    ids = [row[0] for row in db.execute(query, wanted.values)]
    number = min(number, max(len(ids) - 1, 0) // PER_PAGE)
    start = number * PER_PAGE
    entries = _entries(db, ids[start : start + PER_PAGE])
    return Page(entries, number, min(len(ids), MOST_COUNTED + 1), more=len(ids) > start + PER_PAGE)


def _entries(db: sqlite3.Connection, ids: Sequence[int]) -> list[Entry]:
    marks = ", ".join("?" * len(ids))
    found = {row["id"]: _entry(row) for row in db.execute(f"{_ENTRY} WHERE library.id IN ({marks})", ids)}
    return [found[one] for one in ids if one in found]


def _entry(row: sqlite3.Row) -> Entry:
    request = msgspec.json.decode(row["request"], type=Request)
    posted = row["delivery"] == "sent" and row["message_id"] is not None
    return Entry(
        task_id=row["task_id"],
        number=row["number"],
        member_id=row["member_id"],
        title=row["title"] or request.title,
        style=row["track_style"] or request.style,
        prompt=request.about,
        status=Status(row["status"]),
        kind=Kind(row["kind"]),
        provider=row["provider"],
        private=request.private,
        seconds=row["seconds"],
        made_at=from_ms(row["made_at"]),
        guild_id=row["guild_id"] if row["sent_channel_id"] == row["channel_id"] else None,
        channel_id=row["sent_channel_id"] if posted else None,
        message_id=row["message_id"] if posted else None,
    )


def _styles(texts: Iterable[tuple[str, int]]) -> Counter[str]:
    """Count style words: "lofi, Jazz trio" is two of them."""
    counted: Counter[str] = Counter()
    for text, times in texts:
        for style in {" ".join(part.lower().split()) for part in text.split(",")} - {""}:
            counted[style] += times
    return counted


def _stats(db: sqlite3.Connection, source: str, condition: str, values: dict[str, object], now: datetime) -> Stats:
    """Add up a scope in one pass over it: no other reader waits for several."""
    first = _first_week(now)
    frame = {**values, "first": to_ms(first), "week": to_ms(first + _WEEK) - to_ms(first)}
    grouped = (
        "SELECT kind, provider, style, max((made_at - :first) / :week, -1), count(*), total(seconds)"
        f" FROM {source} AND library.status = 'finished' AND made_at <= :now GROUP BY 1, 2, 3, 4"
    )
    kinds, providers, weeks, styles = Counter[str](), Counter[str](), Counter[int](), Counter[str]()
    seconds = 0.0
    for kind, provider, style, week, number, length in db.execute(grouped, {**frame, "now": to_ms(now)}):
        kinds[kind] += number
        providers[provider] += number
        weeks[week] += number
        styles[style] += number
        seconds += length
    return Stats(
        tracks=kinds.total(),
        seconds=seconds,
        likes=_likes(db, condition, values),
        styles=_styles(styles.items()).most_common(_STYLES_IN_STATS),
        kinds=kinds.most_common(),
        providers=providers.most_common(),
        weeks=[(first + number * _WEEK, weeks[number]) for number in range(_WEEKS)],
    )


def _first_week(now: datetime) -> datetime:
    """Return the Monday that the shown weeks begin with."""
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    return today - timedelta(days=today.weekday()) - (_WEEKS - 1) * _WEEK


def _likes(db: sqlite3.Connection, condition: str, values: dict[str, object]) -> int:
    """Count the likes of a scope, from the likes on: they are fewer than the tracks."""
    liked = f"SELECT 1 FROM library INDEXED BY library_by_task WHERE task_id = likes.task_id AND {condition}"
    return int(db.execute(f"SELECT count(*) FROM likes WHERE EXISTS ({liked})", values).fetchone()[0])
