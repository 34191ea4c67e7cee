"""Making, choosing and forgetting personas, with the pretend vendor over HTTP."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.errors import AnswerLost, BadOption, NotAccepted, NotAllowedHere, NotYours, TooManyToday
from bot.domain.ports import Limits
from bot.domain.ports_personas import MAX_NAME, BadPersona, Clip, Persona, Trouble
from bot.domain.task import Kind, Origin
from bot.flows.personas import MemberPersonas
from bot.store.members import SqliteMembers
from bot.store.personas import SqlitePersonas
from tests.flows.bench import Bench
from tests.flows.workshop import Workshop
from tests.parts import ADA, BOB, CHANNEL, GUILD

HERE = Origin(ADA, CHANNEL, GUILD)
CLIP = Clip("musicmint", "clip-1", Kind.SONG, None)


class Choir(Workshop):
    """Makes personas, and says what it is told to say."""

    async def make_persona(self, name: str, clip_id: str) -> str:
        async with self.asked:
            self.uploads.append(f"{name} of {clip_id}")
            self.asked.notify_all()
        answer = self.answers.popleft() if self.answers else f"theirs-{len(self.uploads)}"
        if isinstance(answer, asyncio.Future):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


@pytest.fixture
def choir(bench: Bench) -> Choir:
    choir = Choir()
    choir.contract = bench.providers["musicmint"].contract
    bench.providers["musicmint"] = choir
    return choir


@pytest.fixture
def personas(bench: Bench) -> MemberPersonas:
    return of_members(bench)


def of_members(bench: Bench, per_day: int = 9) -> MemberPersonas:
    store = SqlitePersonas(bench.database)
    return MemberPersonas(store, bench.providers, bench.submit.check_place, bench.clock, per_day)


async def refused(personas: MemberPersonas, clip: Clip = CLIP, name: str = "Ada") -> BadPersona:
    with pytest.raises(BadPersona) as caught:
        await personas.create(HERE, clip, name)
    return caught.value


async def test_one_is_made_of_a_real_track_and_sings_a_song(bench: Bench, personas: MemberPersonas) -> None:
    _, theirs = await bench.submitted()
    await bench.finish(theirs)
    clip_id = bench.vendor.tasks[theirs].results[0]["id"]
    made = await personas.create(HERE, Clip("musicmint", clip_id, Kind.SONG, None), "Ada")
    persona = await personas.usable("ada", BOB, GUILD)
    assert persona.id == made.id
    wanted = await personas.singer(persona.persona_id, BOB, GUILD, "")
    await bench.accept("snow", BOB, persona_id=persona.persona_id)
    assert wanted == "musicmint"
    assert await bench.submit.step()
    assert len(bench.vendor.tasks) == 2, "it knew the persona"


async def test_a_name_must_be_short_and_the_place_allowed_before_anything_is_asked(
    bench: Bench, choir: Choir, personas: MemberPersonas
) -> None:
    for name in ("", "x" * (MAX_NAME + 1)):
        with pytest.raises(BadOption):
            await personas.create(HERE, CLIP, name)
    closed = Bench(bench.database, bench.vendor, bench.clock, bench.providers, Limits(2, 5, frozenset({1})))
    elsewhere = of_members(closed)
    with pytest.raises(NotAllowedHere):
        await elsewhere.create(HERE, CLIP, "Ada")
    assert choir.uploads == []


async def test_a_track_that_its_provider_does_not_know_is_refused_before_anything_is_asked(
    bench: Bench, choir: Choir, personas: MemberPersonas
) -> None:
    ended = bench.clock() - timedelta(seconds=1)
    assert (await refused(personas, Clip("musicmint", "c", Kind.SONG, ended))).trouble is Trouble.TRACK_EXPIRED
    for kind in (Kind.LYRICS, Kind.STEMS, Kind.SOUND):
        assert (await refused(personas, Clip("musicmint", "c", kind, None))).trouble is Trouble.TRACK_UNFIT
    other = await refused(personas, Clip("audiopod", "c", Kind.SONG, None))
    assert (other.trouble, other.provider, other.others) == (Trouble.NOT_OFFERED, "audiopod", ("MusicMint",))
    assert choir.uploads == []


async def test_each_one_counts_against_the_members_day_also_when_it_is_deleted(bench: Bench, choir: Choir) -> None:
    personas = of_members(bench, per_day=4)
    await bench.accept("rain")
    for name in ("Ada", "Zoe", "Eve"):
        bench.clock.advance(hours=1)
        await personas.create(HERE, CLIP, name)
    await personas.delete("Ada", ADA, GUILD, moderates=False)
    await personas.delete("Zoe", BOB, GUILD, moderates=True)
    with pytest.raises(TooManyToday) as refused:
        await personas.create(HERE, CLIP, "Ada")
    assert refused.value.free_at == bench.clock() + timedelta(hours=21)
    await SqliteMembers(bench.database).forget(ADA, bench.clock())
    with pytest.raises(TooManyToday):
        await personas.create(HERE, CLIP, "Ada")
    await personas.create(Origin(BOB, CHANNEL, GUILD), CLIP, "Ada")
    assert len(choir.uploads) == 4
    bench.clock.advance(hours=21)
    await personas.create(HERE, CLIP, "Ada")


async def test_songs_and_personas_share_the_day(bench: Bench, choir: Choir, personas: MemberPersonas) -> None:
    for number in range(5):
        await personas.create(HERE, CLIP, f"voice {number}")
    assert (await SqliteMembers(bench.database).usage(ADA, bench.clock(), 9)).used == 5
    with pytest.raises(TooManyToday):
        await bench.accept("rain")


async def test_one_that_was_not_made_does_not_count(bench: Bench, choir: Choir) -> None:
    personas = of_members(bench, per_day=1)
    choir.answers.append(NotAccepted("away"))
    with pytest.raises(NotAccepted):
        await personas.create(HERE, CLIP, "Ada")
    await personas.create(HERE, CLIP, "Ada")


async def test_a_member_has_one_made_at_a_time_whatever_becomes_of_it(choir: Choir, personas: MemberPersonas) -> None:
    choir.answers.append(answer := asyncio.get_running_loop().create_future())
    first = asyncio.create_task(refused(personas))
    async with choir.asked:
        await choir.asked.wait_for(lambda: bool(choir.uploads))
    await personas.delete("Ada", ADA, GUILD, moderates=False)
    assert (await refused(personas, name="Zoe")).trouble is Trouble.UNDER_WAY
    await personas.create(Origin(BOB, CHANNEL, GUILD), CLIP, "Zoe")
    answer.set_result("theirs")
    assert (await first).trouble is Trouble.DELETED
    await personas.create(HERE, CLIP, "Ada")
    assert len(choir.uploads) == 3


async def test_two_who_press_at_once_ask_for_one(choir: Choir, personas: MemberPersonas) -> None:
    choir.answers.append(answer := asyncio.get_running_loop().create_future())
    first = asyncio.create_task(personas.create(HERE, CLIP, "Ada"))
    async with choir.asked:
        await choir.asked.wait_for(lambda: bool(choir.uploads))
    assert (await refused(personas, name="ADA")).trouble is Trouble.UNDER_WAY
    with pytest.raises(BadPersona) as unfinished:
        await personas.usable("Ada", ADA, GUILD)
    assert unfinished.value.trouble is Trouble.UNFINISHED
    answer.set_result("theirs")
    await first
    assert (await personas.usable("Ada", ADA, GUILD)).persona_id == "theirs"
    assert choir.uploads == ["Ada of clip-1"]


@pytest.mark.parametrize(
    ("said", "raised"),
    [(AnswerLost("timeout"), AnswerLost), (NotAccepted("away"), NotAccepted), (ValueError("odd"), AnswerLost)],
)
async def test_without_an_answer_the_name_is_free_again_and_nothing_is_asked_twice(
    choir: Choir, personas: MemberPersonas, said: Exception, raised: type[Exception]
) -> None:
    choir.answers.append(said)
    with pytest.raises(raised):
        await personas.create(HERE, CLIP, "Ada")
    assert choir.uploads == ["Ada of clip-1"]
    assert await personas.here(ADA, GUILD) == []
    await personas.create(HERE, CLIP, "Ada")


async def test_one_that_was_deleted_while_it_was_made_does_not_come_back(
    bench: Bench, choir: Choir, personas: MemberPersonas
) -> None:
    choir.answers.append(answer := asyncio.get_running_loop().create_future())
    making = asyncio.create_task(refused(personas))
    async with choir.asked:
        await choir.asked.wait_for(lambda: bool(choir.uploads))
    await SqliteMembers(bench.database).forget(ADA, bench.clock())
    answer.set_result("theirs")
    assert (await making).trouble is Trouble.DELETED
    assert await personas.here(ADA, GUILD) == []


async def test_what_is_meant_is_ones_own_before_anothers_and_never_a_guess(
    choir: Choir, personas: MemberPersonas
) -> None:
    async def make(member: int, name: str, guild: int | None = GUILD) -> Persona:
        return await personas.create(Origin(member, CHANNEL, guild), CLIP, name)

    async def trouble(typed: str, member: int, guild: int | None) -> BadPersona:
        with pytest.raises(BadPersona) as caught:
            await personas.usable(typed, member, guild)
        return caught.value

    mine, theirs = await make(ADA, "Voice"), await make(BOB, "Voice")
    assert await personas.usable(" voice ", ADA, GUILD) != await personas.usable("voice", BOB, GUILD)
    assert (await personas.usable(theirs.id, ADA, GUILD)).id == theirs.id
    several = await trouble("voice", 5, GUILD)
    unknown = await trouble("nobody", ADA, GUILD)
    foreign = await trouble("voice", ADA, GUILD + 1)
    hidden = await trouble("voice", 5, GUILD + 1)
    assert [one.trouble for one in (several, unknown, foreign, hidden)] == [
        Trouble.SEVERAL,
        Trouble.UNKNOWN,
        Trouble.ELSEWHERE,
        Trouble.UNKNOWN,
    ]
    assert unknown.others == ("Voice",)
    assert hidden.others == ()
    assert (await trouble(mine.id, ADA, None)).trouble is Trouble.ELSEWHERE


async def test_a_wish_goes_to_whoever_knows_the_persona_and_only_where_it_was_made(
    bench: Bench, choir: Choir, personas: MemberPersonas
) -> None:
    await personas.create(HERE, CLIP, "Ada")
    assert await personas.singer("theirs-1", BOB, GUILD, "") == "musicmint"
    with pytest.raises(BadPersona) as other:
        await personas.singer("theirs-1", BOB, GUILD, "audiopod")
    assert (other.value.trouble, other.value.provider) == (Trouble.OTHER_PROVIDER, "MusicMint")
    for guild in (GUILD + 1, None):
        with pytest.raises(BadPersona):
            await personas.singer("theirs-1", ADA, guild, "")
    bench.providers.clear()
    with pytest.raises(BadPersona) as gone:
        await personas.singer("theirs-1", ADA, GUILD, "")
    assert gone.value.trouble is Trouble.PROVIDER_GONE


async def test_its_owner_or_a_moderator_deletes_it_and_nobody_else(choir: Choir, personas: MemberPersonas) -> None:
    await personas.create(HERE, CLIP, "Ada")
    await personas.create(HERE, CLIP, "Zoe")
    with pytest.raises(NotYours):
        await personas.delete("Ada", BOB, GUILD, moderates=False)
    await personas.delete("Ada", ADA, GUILD, moderates=False)
    await personas.delete("Zoe", BOB, GUILD, moderates=True)
    assert await personas.here(ADA, GUILD) == []
    with pytest.raises(BadPersona):
        await personas.singer("theirs-1", ADA, GUILD, "")
