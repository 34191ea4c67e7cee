"""What was made from a track can be found by whoever may see it."""

from dataclasses import replace

import pytest

from bot.domain.ports_library import Viewer
from bot.domain.source import Source
from bot.domain.task import Kind, Task
from bot.store.cards import SqliteCards
from bot.store.database import Database
from tests.parts import BOB, GUILD, Clock, make_track
from tests.store.library_shelf import HERE, Shop, ada


@pytest.fixture
def shop(database: Database, clock: Clock) -> Shop:
    return Shop(database, clock)


async def rework(shop: Shop, parent: Task, kind: Kind = Kind.COVER, **changes: object) -> Task:
    """Make something from the parent's first track."""
    source = Source("Tin Roof", 60.0, parent.id, 1, "musicmint", "clip-1")
    return await shop.make("", parent_id=parent.id, kind=kind, source=source, **changes)


async def found(shop: Shop, parent: Task, viewer: Viewer | None = None) -> list[str]:
    return [entry.task_id for entry in await shop.library.children(viewer or ada(), parent.id)]


async def test_the_newest_come_first_each_once(shop: Shop) -> None:
    parent = await shop.make()
    older = await rework(shop, parent, Kind.EXTEND)
    newer = await rework(shop, parent, Kind.STEMS)
    entries = await shop.library.children(ada(), parent.id)
    assert [(entry.task_id, entry.kind, entry.number) for entry in entries] == [
        (newer.id, Kind.STEMS, 1),
        (older.id, Kind.EXTEND, 1),
    ]
    assert all(entry.message_id for entry in entries)


async def test_of_several_tracks_only_the_first_is_told(shop: Shop) -> None:
    parent = await shop.make()
    source = Source(task_id=parent.id, number=1)
    tracks = make_track("a"), make_track("b")
    child = await shop.make("", *tracks, parent_id=parent.id, kind=Kind.COVER, source=source)
    assert await found(shop, parent) == [child.id]


async def test_what_was_asked_for_again_is_not_made_from_it(shop: Shop) -> None:
    parent = await shop.make()
    await shop.make("rain", parent_id=parent.id)
    assert await found(shop, parent) == []


async def test_what_waits_or_was_deleted_is_not_told(shop: Shop) -> None:
    parent = await shop.make()
    gone = await rework(shop, parent)
    await SqliteCards(shop.database).deleted(gone.id, shop.clock())
    await shop.ask("", parent_id=parent.id, kind=Kind.COVER, source=Source(task_id=parent.id, number=1))
    assert await found(shop, parent) == []


async def test_others_private_ones_stay_private(shop: Shop) -> None:
    parent = await shop.make()
    private = await rework(shop, parent, member_id=BOB, private=True)
    assert await found(shop, parent) == []
    assert await found(shop, parent, replace(ada(), member_id=BOB)) == [private.id]


async def test_what_lies_in_a_channel_that_the_viewer_cannot_read_is_not_told(shop: Shop) -> None:
    parent = await shop.make()
    there = await rework(shop, parent, member_id=BOB, channel_id=77)
    assert await found(shop, parent) == []
    assert await found(shop, parent, ada(channels=HERE | {77})) == [there.id]
    assert await found(shop, parent, ada(guild_id=GUILD + 1, channels=HERE | {77})) == []
