"""Which track a member means, and that nobody is told of another's private one, whatever they type."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import NotATrack
from bot.domain.ports_library import Viewer
from bot.domain.ports_members import Message
from bot.domain.task import Task
from bot.store.cards import SqliteCards
from bot.store.database import Database, open_database
from bot.store.library import SqliteLibrary
from bot.store.members import SqliteMembers
from bot.store.tracks import MOST_RECENT, SqliteTracks
from bot.ui.tracks import MOST_CHOICES, CardDeleted, Finder, Ref, read
from tests.parts import ADA, BOB, CHANNEL, GUILD, Clock, make_track
from tests.store.library_shelf import Shop, ada

CHANNELS, GUILDS = (CHANNEL, CHANNEL + 1), (GUILD, GUILD + 1, None)


def finder(database: Database, viewer: Viewer | None = None) -> Finder:
    return Finder(SqliteLibrary(database), SqliteMembers(database), SqliteTracks(database), viewer or ada())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("23456789bcdf", Ref("23456789bcdf")),
        (" 23456789BCDF-2 ", Ref("23456789bcdf", 2)),
        ("https://discord.com/channels/1/2/3", Message(2, 3)),
        ("<https://ptb.discord.com/channels/@me/2/3>", Message(2, 3)),
        ("https://canary.discordapp.com/channels/1/2/3/", Message(2, 3)),
        (f"https://discord.com/channels/1/2/{2**63}", None),
        ("https://discord.com.example/channels/1/2/3", None),
        ("https://discord.com/channels/1/2", None),
        ("tin roof", None),
        ("", None),
    ],
)
def test_an_id_and_a_link_are_read(typed: str, meant: object) -> None:
    assert read(typed) == meant


@given(st.text(max_size=100) | st.from_regex(r"https://discord\.com/channels/\d{1,25}/\d{1,25}/\d{1,25}"))
def test_whatever_is_typed_is_read_or_not_but_never_trips(typed: str) -> None:
    assert isinstance(read(typed), Ref | Message | None)


async def test_a_link_finds_the_first_track_and_an_id_with_a_number_that_one(database: Database, clock: Clock) -> None:
    task = await Shop(database, clock).make("rain", make_track("a", title="A"), make_track("b", title="B"))
    task = replace(task, message_id=9001)
    link = f"https://discord.com/channels/{GUILD}/{CHANNEL}/{task.message_id}"
    assert [(await finder(database).find(one)).title for one in (link, task.id, f"{task.id}-2")] == ["A", "A", "B"]
    with pytest.raises(NotATrack):
        await finder(database).find(f"{task.id}-3")


async def test_the_newest_come_first_mine_and_the_channels_and_no_more_than_discord_shows(
    database: Database, clock: Clock
) -> None:
    shop = Shop(database, clock)
    for number in range(MOST_CHOICES):
        await shop.make(f"rain {number}", member_id=BOB if number % 2 else ADA)
    await shop.make("rain elsewhere", member_id=BOB, channel_id=CHANNEL + 1)
    await shop.ask("rain to come")
    prompts = [one.prompt for one in await finder(database).offers("", own=False)]
    assert prompts == [f"rain {number}" for number in reversed(range(MOST_CHOICES))]
    assert len(await finder(database).offers("rain", own=True)) == 13


async def test_an_old_one_of_mine_is_found_by_its_words(database: Database, clock: Clock) -> None:
    shop = Shop(database, clock)
    old = await shop.make("an old lullaby")
    await shop.change(
        f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= {MOST_RECENT})"
        " INSERT INTO tracks (task_id, number, clip_id, audio_url, cover_url, title, style, lyrics)"
        " SELECT ?, i, i, '', '', 'x', '', '' FROM n",
        (await shop.make("new")).id,
    )
    assert [one.task_id for one in await finder(database).offers("lullaby", own=True)] == [old.id]


async def test_each_key_typed_is_compared_with_the_beginning_of_a_long_prompt(database: Database, clock: Clock) -> None:
    """Hundreds of whole prompts would hold up everybody else; one's own are found by all their words in any case."""
    shop, long = Shop(database, clock), "rain " + "and more " * 100 + "lullaby"
    mine = await shop.make(long)
    await shop.make(long, member_id=BOB)
    assert len(await finder(database).offers("rai", own=False)) == 2
    assert [one.task_id for one in await finder(database).offers("lullaby", own=False)] == [mine.id]


MADE = st.tuples(
    st.sampled_from([ADA, BOB]),
    st.sampled_from(CHANNELS),
    st.sampled_from(GUILDS),
    st.booleans(),
    st.booleans(),
)
VIEWERS = st.builds(
    Viewer, st.sampled_from([ADA, BOB, 1003]), st.sampled_from(CHANNELS), st.sampled_from(GUILDS),
    st.frozensets(st.sampled_from(CHANNELS)),
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(MADE, min_size=1, max_size=4), st.lists(VIEWERS, min_size=1, max_size=4))
async def test_nobody_is_offered_shown_or_told_of_anothers_private_track(
    made: list[tuple[int, int, int | None, bool, bool]], viewers: list[Viewer]
) -> None:
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "minstrel.sqlite3") as database:
            shop = Shop(database, Clock())
            tasks = []
            for member, channel, guild, private, deleted in made:
                task = await shop.make(
                    "secret rain", private=private, member_id=member, channel_id=channel, guild_id=guild
                )
                if deleted:
                    await SqliteCards(database).deleted(task.id, shop.clock())
                tasks.append(task)
            for viewer in viewers:
                await _check(finder(database, viewer), viewer, tasks, [one[4] for one in made])


async def _check(eyes: Finder, viewer: Viewer, tasks: list[Task], deleted: list[bool]) -> None:
    offered = {offer.task_id for word in ("", "secret", "rai") for offer in await eyes.offers(word, own=False)}
    for task, gone in zip(tasks, deleted, strict=True):
        mine = task.origin.member_id == viewer.member_id
        if gone or (task.request.private and not mine):
            assert task.id not in offered
            with pytest.raises(NotATrack) as refused:
                await eyes.find(task.id)
            assert mine or not task.request.private or type(refused.value) is NotATrack
            assert not mine or isinstance(refused.value, CardDeleted)
            readable = task.origin.channel_id == viewer.channel_id and viewer.channel_id in viewer.channels
            assert mine or readable or type(refused.value) is NotATrack, "whoever could not see it is not told of it"
        elif mine:
            assert task.id in offered
            assert (await eyes.find(task.id)).task_id == task.id
