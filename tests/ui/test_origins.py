"""A card links to what it was made from only where everybody who sees it may see that."""

import pytest

from bot.domain.source import Source
from bot.domain.task import Kind
from bot.store.cards import SqliteCards
from bot.store.database import Database
from bot.store.submissions import SqliteSubmissions
from bot.ui.origins import Origins
from tests.parts import ADA, BOB, CHANNEL, GUILD, Clock, make_task
from tests.store.library_shelf import Shop

PLACE = {"member_id": ADA, "channel_id": CHANNEL, "guild_id": GUILD, "private": False}


@pytest.mark.parametrize(
    ("origin", "posted_in", "card", "shown"),
    [
        ({}, None, {}, True),
        ({}, None, {"member_id": BOB}, True),
        ({}, None, {"channel_id": CHANNEL + 1}, True),
        ({}, None, {"guild_id": GUILD + 1}, False),
        ({}, None, {"guild_id": None, "member_id": BOB}, False),
        ({}, CHANNEL + 9, {}, False),
        ({}, CHANNEL + 9, {"private": True}, True),
        ({"private": True}, None, {}, False),
        ({"private": True}, None, {"private": True}, True),
        ({"private": True}, None, {"private": True, "member_id": BOB}, False),
        ({"guild_id": None}, None, {"guild_id": None}, True),
        ({"guild_id": None}, None, {"guild_id": None, "member_id": BOB}, False),
        ({"seen": False}, None, {"private": True}, False),
    ],
)
async def test_the_link_is_shown_to_those_who_may_see_where_it_leads(
    database: Database,
    clock: Clock,
    origin: dict[str, object],
    posted_in: int | None,
    card: dict[str, object],
    shown: bool,
) -> None:
    made = await Shop(database, clock).make(posted_in=posted_in, **{**PLACE, **origin})  # type: ignore[arg-type]
    task = make_task("", kind=Kind.COVER, source=Source(task_id=made.id, number=1), **{**PLACE, **card})
    link = await Origins(SqliteSubmissions(database), SqliteCards(database)).link(task)
    assert bool(link) is shown
    if shown:
        place = "@me" if posted_in or made.origin.guild_id is None else GUILD
        assert link.startswith(f"https://discord.com/channels/{place}/{posted_in or CHANNEL}/9")


async def test_what_came_from_a_file_or_from_words_has_no_link(database: Database) -> None:
    origins = Origins(SqliteSubmissions(database), SqliteCards(database))
    for source in (None, Source("hum", audio_url="https://files.example/1"), Source(task_id="22222222cccc", number=1)):
        assert await origins.link(make_task(source=source)) == ""
