"""Nobody ever sees another member's private track, in any scope, filter, search, number or opened track."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.ports_library import Query, Scope, SongType, Sort, Status, Viewer
from bot.domain.task import Kind
from bot.store.cards import SqliteCards
from bot.store.database import open_database
from tests.parts import ADA, BOB, GUILD, Clock, make_track
from tests.store.library_shelf import Shop

MEMBERS, CHANNELS, GUILDS = (ADA, BOB, 1003), (1, 2, 3), (GUILD, GUILD + 1, None)


@dataclass(frozen=True)
class Made:
    """A task that somebody has, somewhere, and what became of it."""

    member: int
    channel: int
    guild: int | None
    private: bool
    end: str
    kind: Kind
    instrumental: bool


@dataclass(frozen=True)
class Look:
    """Whose eyes look, from where, and for what."""

    viewer: Viewer
    query: Query


MADE = st.builds(
    Made,
    st.sampled_from(MEMBERS),
    st.sampled_from(CHANNELS),
    st.sampled_from(GUILDS),
    st.booleans(),
    st.sampled_from(["posted", "posted elsewhere", "unseen", "deleted", "waiting"]),
    st.sampled_from(Kind),
    st.booleans(),
)
VIEWERS = st.builds(
    Viewer,
    st.sampled_from(MEMBERS),
    st.sampled_from(CHANNELS),
    st.sampled_from(GUILDS),
    st.frozensets(st.sampled_from(CHANNELS)),
)
QUERIES = st.builds(
    Query,
    st.sampled_from(Scope),
    st.sampled_from(["", "common", "common words"]),
    st.sampled_from(["", "lofi"]),
    st.none() | st.sampled_from(Kind),
    st.none() | st.sampled_from(Status),
    st.none() | st.sampled_from(SongType),
    st.booleans(),
    st.sampled_from(["", "musicmint"]),
    st.sampled_from(Sort),
)


def may_see(viewer: Viewer, query_scope: Scope | None, made: Made) -> bool:
    """The rule, said once more and in plain words."""
    if made.end == "deleted":
        return False
    everywhere = query_scope in (Scope.MINE, None) or viewer.guild_id is None
    if made.member == viewer.member_id and everywhere:
        return True
    if made.private or made.end != "posted" or made.guild is None or made.guild != viewer.guild_id:
        return False
    here, readable = made.channel == viewer.channel_id, made.channel in viewer.channels
    return {Scope.CHANNEL: here and readable, Scope.SERVER: readable, None: readable}.get(query_scope, False)


@settings(max_examples=30, deadline=None)
@given(st.lists(MADE, max_size=6), st.lists(st.builds(Look, VIEWERS, QUERIES), min_size=1, max_size=6))
async def test_only_what_may_be_seen_is_seen(made: list[Made], looks: list[Look]) -> None:
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "minstrel.sqlite3") as database:
            shop = Shop(database, Clock())
            made.sort(key=lambda one: one.end == "waiting")  # else the next would claim it
            tasks = {await _put(shop, number, one): one for number, one in enumerate(made)}
            for look in looks:
                await _check(shop, tasks, look)


async def _put(shop: Shop, number: int, made: Made) -> str:
    """Make it, with a style of its own, and have everybody like it."""
    wish = {
        "member_id": made.member,
        "channel_id": made.channel,
        "guild_id": made.guild,
        "private": made.private,
        "kind": made.kind,
        "instrumental": made.instrumental,
        "style": f"lofi, style of {number}",
    }
    if made.end == "waiting":
        return (await shop.ask("common words", **wish)).id
    posted_in = 99 if made.end == "posted elsewhere" else None
    track = make_track(seconds=60.0)
    task = await shop.make("common words", track, posted_in=posted_in, seen=made.end != "unseen", **wish)
    for member in MEMBERS:
        await SqliteCards(shop.database).like(task.id, member, shop.clock())
    if made.end == "deleted":
        await SqliteCards(shop.database).deleted(task.id, shop.clock())
    return task.id


async def _check(shop: Shop, tasks: dict[str, Made], look: Look) -> None:
    library, viewer, query = shop.library, look.viewer, look.query
    allowed = {task for task, made in tasks.items() if may_see(viewer, query.scope, made)}
    page = await library.page(viewer, query, 0)
    assert {entry.task_id for entry in page.entries} <= allowed
    plain = await library.page(viewer, Query(query.scope), 0)
    assert {entry.task_id for entry in plain.entries} == allowed
    numbered = dict(zip(tasks, itertools.count(), strict=False))
    styles = set(await library.styles(viewer, query.scope)) - {"lofi"}
    assert styles == {f"style of {numbered[task]}" for task in allowed}
    finished = [task for task in allowed if tasks[task].end != "waiting"]
    stats = await library.stats(viewer, query.scope, shop.clock())
    assert (stats.tracks, stats.likes) == (len(finished), len(finished) * len(MEMBERS))
    for task, made in tasks.items():
        number = 0 if made.end == "waiting" else 1
        opened = await library.find(viewer, task, number)
        assert (opened is not None) == may_see(viewer, None, made)
