"""Personas in the store: one name, one place, one member; and what removes them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ports_personas import MADE_WITHIN, MOST_PERSONAS, BadPersona, Persona, Trouble
from bot.domain.task import new_task_id
from bot.store.database import Database
from bot.store.members import SqliteMembers
from bot.store.personas import SqlitePersonas
from bot.store.purge import AT_A_TIME, SqlitePurging
from tests.parts import ADA, BOB, GUILD, MORNING, Clock


@pytest.fixture
def store(database: Database) -> SqlitePersonas:
    return SqlitePersonas(database)


def persona(name: str = "Ada", **changes: object) -> Persona:
    usual = Persona(new_task_id(), name, ADA, GUILD, "musicmint", "theirs", MORNING)
    return replace(usual, **changes)  # type: ignore[arg-type]


async def keep(store: SqlitePersonas, *personas: Persona) -> None:
    for one in personas:
        await store.reserve(one, one.created_at, per_day=99)


async def test_one_is_found_where_it_was_made_and_nowhere_else(store: SqlitePersonas) -> None:
    here, there, direct = persona(), persona(guild_id=GUILD + 1), persona(guild_id=None)
    theirs, their_direct = persona("Zoe", member_id=BOB), persona("Eve", member_id=BOB, guild_id=None)
    await keep(store, theirs, here, there, direct, their_direct)
    assert await store.here(ADA, GUILD) == [here, theirs]
    assert await store.here(BOB, GUILD) == [theirs, here], "one's own come first"
    assert await store.here(ADA, None) == [direct]
    assert await store.own_elsewhere(ADA, GUILD + 2, "ada")
    assert await store.own_elsewhere(ADA, None, here.id)
    assert not await store.own_elsewhere(ADA, GUILD + 2, "zoe")


@pytest.mark.parametrize("again", ["Ada", " aDA ", "Ａｄａ"])
async def test_a_name_is_taken_once_however_it_is_written(store: SqlitePersonas, again: str) -> None:
    await keep(store, persona("Ada"))
    with pytest.raises(BadPersona) as refused:
        await keep(store, persona(again))
    assert refused.value.trouble is Trouble.NAME_TAKEN
    await keep(store, persona(again, member_id=BOB), persona(again, guild_id=None))


async def test_what_was_cut_off_gives_its_name_back_and_what_is_being_made_does_not(store: SqlitePersonas) -> None:
    cut_off = persona(persona_id="")
    await keep(store, cut_off)
    later = persona(created_at=MORNING + MADE_WITHIN)
    with pytest.raises(BadPersona):
        await keep(store, replace(later, created_at=MORNING + MADE_WITHIN - timedelta(seconds=1)))
    await keep(store, later)
    assert await store.here(ADA, GUILD) == [later]
    assert not await store.made(cut_off.id, "late"), "nobody waits for it any more"


async def test_a_member_has_a_bounded_number_in_one_place(store: SqlitePersonas) -> None:
    await keep(store, *(persona(f"voice {number}") for number in range(MOST_PERSONAS)))
    with pytest.raises(BadPersona) as refused:
        await keep(store, persona("one more"))
    assert refused.value.trouble is Trouble.TOO_MANY
    await keep(store, persona("one more", guild_id=GUILD + 1))


async def test_it_is_made_and_removed_once(store: SqlitePersonas) -> None:
    one = persona(persona_id="")
    await keep(store, one)
    assert await store.made(one.id, "theirs-1")
    assert await store.here(ADA, GUILD) == [replace(one, persona_id="theirs-1")]
    assert [await store.remove(one.id), await store.remove(one.id)] == [True, False]


async def test_they_go_with_the_members_data_and_are_given_out(
    database: Database, store: SqlitePersonas, clock: Clock
) -> None:
    later = persona("Later", created_at=MORNING + timedelta(seconds=1))
    await keep(store, persona("Ada"), persona("Zoe", member_id=BOB), later)
    members = SqliteMembers(database)
    exported = (await members.export(ADA))["personas"]
    assert [(one["name"], one["guild_id"], one["persona_id"]) for one in exported] == [
        ("Ada", str(GUILD), "theirs"),
        ("Later", str(GUILD), "theirs"),
    ]
    await members.forget(ADA, MORNING)
    assert [one.name for one in await store.here(ADA, GUILD)] == ["Later", "Zoe"]


async def test_they_go_with_a_server_that_was_left_even_where_it_has_no_tasks(
    database: Database, store: SqlitePersonas, clock: Clock
) -> None:
    stays, direct = persona(guild_id=GUILD + 1), persona(guild_id=None)
    await keep(store, persona(), stays, direct)
    purging = SqlitePurging(database)
    assert await purging.present({GUILD + 1}, clock(), clock()) == 1
    while await purging.remove_left(clock(), clock()):
        pass
    assert await store.here(ADA, GUILD) == []
    assert [*await store.here(ADA, GUILD + 1), *await store.here(ADA, None)] == [stays, direct]
    assert await purging.next_server() is None


async def test_a_server_with_very_many_is_not_forgotten_before_the_last_of_them(
    database: Database, store: SqlitePersonas, clock: Clock
) -> None:
    many = (
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " INSERT INTO personas SELECT i, i, 2001, 'Ada', 'ada', 'musicmint', 'theirs', 0 FROM n"
    )
    await database.write(lambda db: db.execute(many, (AT_A_TIME,)).rowcount)
    purging = SqlitePurging(database)
    await purging.left(GUILD, clock(), clock())
    left = []
    while await purging.remove_left(clock(), clock()):
        left.append(len(await store.here(ADA, GUILD)))
    assert left == [1, 0, 0]
