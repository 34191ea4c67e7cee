"""What the library holds, and what is found in it."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import Failure
from bot.domain.ports_library import MOST_COUNTED, Query, Scope, SongType, Sort, Status
from bot.domain.task import Kind
from bot.store.cards import SqliteCards
from bot.store.database import Database
from bot.store.library_search import matching
from bot.store.members import SqliteMembers
from bot.store.purge import SqlitePurging
from bot.store.shelves import KEPT_FOR, SqliteShelves
from bot.store.submissions import SqliteSubmissions
from tests.parts import ADA, BOB, CHANNEL, Clock, make_track
from tests.store.library_shelf import Shop, ada


@pytest.fixture
def shop(database: Database, clock: Clock) -> Shop:
    return Shop(database, clock)


class TestFilters:
    """Each narrows down."""

    async def test_words_are_looked_for_in_title_prompt_and_lyrics(self, shop: Shop) -> None:
        await shop.make("rain on a roof", make_track(title="Harbour", lyrics="the gulls are crying"))
        await shop.make("snow")
        for words in ("harbour", "roof RAIN", "gull cry", "râin"):
            assert await shop.look(words=words) == ["rain on a roof"], words
        assert await shop.look(words="rain snow") == []

    async def test_style_is_looked_for_in_what_was_asked_and_what_came(self, shop: Shop) -> None:
        await shop.make("one", make_track(style="dream pop"), style="Lofi, jazz trio")
        assert await shop.look(style="jazz lofi") == await shop.look(style="pop") == ["one"]
        assert await shop.look(style="one") == await shop.look(words="lofi") == []

    async def test_kind_provider_and_song_type(self, shop: Shop) -> None:
        await shop.make("song")
        await shop.make("hum", instrumental=True)
        await shop.make("door", kind=Kind.SOUND)
        await shop.change("UPDATE tasks SET provider = 'audiopod' WHERE request LIKE '%door%'")
        assert await shop.look(kind=Kind.SOUND) == await shop.look(provider="audiopod") == ["door"]
        assert await shop.look(song_type=SongType.INSTRUMENTAL) == ["hum"]
        assert await shop.look(song_type=SongType.SUNG) == ["song"]

    async def test_liked_is_what_i_liked(self, shop: Shop) -> None:
        mine, theirs = await shop.make("mine"), await shop.make("theirs", member_id=BOB)
        for task, member in ((mine, BOB), (theirs, ADA)):
            await SqliteCards(shop.database).like(task.id, member, shop.clock())
        assert await shop.look(liked=True, scope=Scope.SERVER) == ["theirs"]
        assert await shop.look(liked=True) == []

    async def test_state(self, shop: Shop) -> None:
        await shop.make("done")
        failed, taken_back = await shop.ask("failed"), await shop.ask("taken back")
        store = SqliteSubmissions(shop.database)
        await store.fail(failed.id, Failure.DOWN, "", shop.clock())
        await store.cancel(taken_back.id, ADA, shop.clock())
        await shop.ask("waits")
        assert await shop.look(status=Status.WORKING) == ["waits"]
        assert await shop.look(status=Status.FAILED) == ["failed"]
        assert await shop.look(status=Status.FINISHED) == ["done"]
        assert await shop.look() == ["waits", "failed", "done"]

    async def test_sorting(self, shop: Shop) -> None:
        await shop.make("first", make_track(title="beta", seconds=10.0))
        await shop.make("second", make_track(title="Alpha", seconds=None))
        await shop.make("third", make_track(title="", seconds=30.0))
        for scope in Scope:
            assert await shop.look(scope=scope) == ["third", "second", "first"]
            assert await shop.look(scope=scope, sort=Sort.LONGEST) == ["third", "first", "second"]
            assert await shop.look(scope=scope, sort=Sort.TITLE) == ["second", "first", "third"]


class TestPages:
    """Ten at a time."""

    async def test_pages_follow_each_other_and_the_last_is_shown_for_one_behind_it(self, shop: Shop) -> None:
        for number in range(4):
            await shop.make(f"task {number}", *(make_track(f"clip-{number}-{track}") for track in range(3)))
        pages = [await shop.library.page(ada(), Query(), number) for number in (0, 1, 9)]
        assert [(len(page.entries), page.number, page.total, page.more) for page in pages] == [
            (10, 0, 12, True),
            (2, 1, 12, False),
            (2, 1, 12, False),
        ]

    async def test_counting_ends_at_its_bound(self, shop: Shop) -> None:
        await shop.make("many", *(make_track(f"clip-{number}") for number in range(MOST_COUNTED + 50)))
        first, late = [await shop.library.page(ada(), Query(), number) for number in (0, 104)]
        assert first.total == MOST_COUNTED + 1
        assert (late.number, late.more, len(late.entries)) == (104, False, 10)


class TestTrue:
    """What was removed cannot be found."""

    async def test_words_removed_for_their_age_are_gone_from_the_index(self, shop: Shop) -> None:
        await shop.make("secretprompt", make_track(title="Kept", lyrics="secretlyrics", style="secretstyle"))
        assert await shop.look(words="secretprompt secretlyrics", style="secretstyle")
        shop.clock.advance(days=2)
        assert await SqlitePurging(shop.database).remove_words(shop.clock(), shop.clock()) == 1
        assert "secret" not in await shop.written()
        assert len(await shop.look(words="kept")) == 1

    async def test_deleting_my_data_empties_it(self, shop: Shop) -> None:
        await shop.make("secretprompt", make_track(lyrics="secretlyrics"))
        await shop.ask("secretwait")
        await SqliteMembers(shop.database).forget(ADA, shop.clock())
        assert await shop.written() == "[[], []]"

    async def test_a_deleted_card_is_in_no_scope_and_opens_no_more(self, shop: Shop) -> None:
        task = await shop.make("rain")
        assert await shop.library.find(ada(), task.id, 1) is not None
        await SqliteCards(shop.database).deleted(task.id, shop.clock())
        assert [await shop.look(scope=scope) for scope in Scope] == [[], [], []]
        assert await shop.library.find(ada(), task.id, 1) is None

    async def test_a_renamed_track_is_found_by_its_new_title_in_its_old_place(self, shop: Shop) -> None:
        task = await shop.make("first", make_track(title="Old"))
        await shop.make("second")
        await shop.change("UPDATE tracks SET title = 'Novel' WHERE task_id = ?", task.id)
        assert (await shop.look(words="novel"), await shop.look(words="old")) == (["first"], [])
        assert await shop.look() == ["second", "first"]


@settings(max_examples=300)
@given(words=st.text(), style=st.text())
def test_whatever_is_typed_is_a_safe_query(words: str, style: str) -> None:
    match = matching(words, style)
    if match is not None:
        INDEX.execute("SELECT rowid FROM words WHERE words MATCH ?", (match,)).fetchall()


SIGNS = ['"', 'rain" OR "1', "rain AND", "NEAR(rain)", "style:rain", "*", "^rain", "-rain", "🎶", "(", "a\0b"]


@pytest.mark.parametrize("typed", SIGNS)
async def test_signs_of_the_query_language_are_only_words(shop: Shop, typed: str) -> None:
    await shop.make("snow")
    for query in (Query(words=typed), Query(style=typed)):
        assert not (await shop.library.page(ada(), query, 0)).entries


INDEX = sqlite3.connect(":memory:", check_same_thread=False)
INDEX.execute("CREATE VIRTUAL TABLE words USING fts5 (title, prompt, lyrics, style)")


class TestNumbers:
    """Styles and stats."""

    async def test_the_styles_used_most_come_first(self, shop: Shop) -> None:
        for style in ("Lofi, Jazz  trio", "lofi", "ska"):
            await shop.make("x", style=style)
        assert (await shop.library.styles(ada(), Scope.MINE))[0] == "lofi"
        assert sorted(await shop.library.styles(ada(), Scope.SERVER)) == ["jazz trio", "lofi", "ska"]

    async def test_a_scope_in_numbers(self, shop: Shop) -> None:
        await shop.make("old", make_track(seconds=30.0))
        shop.clock.advance(weeks=1)
        task = await shop.make("new", make_track("a", seconds=60.0), make_track("b", seconds=None), kind=Kind.SOUND)
        await shop.ask("waits")
        await SqliteCards(shop.database).like(task.id, BOB, shop.clock())
        for scope in Scope:
            stats = await shop.library.stats(ada(), scope, shop.clock())
            assert (stats.tracks, stats.seconds, stats.likes) == (3, 90.0, 1)
            assert (stats.kinds, stats.providers) == ([("sound", 2), ("song", 1)], [("musicmint", 3)])
            assert [times for _, times in stats.weeks] == [0] * 10 + [1, 2]


class TestShelves:
    """What a member has open."""

    async def test_it_is_the_members_own_until_it_is_too_old(self, database: Database, clock: Clock) -> None:
        shelves, query = SqliteShelves(database), Query(Scope.SERVER, "rain", kind=Kind.SOUND, sort=Sort.TITLE)
        shelf = await shelves.put(ADA, query, clock())
        clock.advance(days=30)
        assert await shelves.get(shelf.id, ADA, clock()) == shelf
        assert await shelves.get(shelf.id, BOB, clock()) is None
        clock.advance(seconds=1)
        assert await shelves.get(shelf.id, ADA, clock()) is None

    async def test_old_ones_go_a_few_at_a_time(self, database: Database, clock: Clock) -> None:
        shelves = SqliteShelves(database)
        for _ in range(25):
            await shelves.put(ADA, Query(), clock())
        clock.now += KEPT_FOR + timedelta(seconds=1)
        left = []
        for _ in range(2):
            await shelves.put(ADA, Query(), clock())
            left.append(await database.read(lambda db: db.execute("SELECT count(*) FROM shelves").fetchone()[0]))
        assert left == [6, 2]


async def test_a_card_that_went_to_the_member_alone_is_no_track_of_the_channel(shop: Shop) -> None:
    await shop.make("by direct message", posted_in=CHANNEL + 1)
    await shop.make("shown to me alone", seen=False)
    both = ["shown to me alone", "by direct message"]
    assert [await shop.look(scope=scope) for scope in Scope] == [both, [], []]


async def test_what_is_private_is_seen_by_its_member_alone(shop: Shop) -> None:
    task = await shop.make("secret", private=True)
    assert [await shop.look(scope=scope) for scope in Scope] == [["secret"], [], []]
    bob = ada(member_id=BOB)
    assert [await shop.look(bob, scope=scope, words="secret") for scope in Scope] == [[], [], []]
    assert await shop.library.find(bob, task.id, 1) is None


async def test_a_channel_i_cannot_read_is_not_in_the_server(shop: Shop) -> None:
    task = await shop.make("staff only", member_id=BOB, channel_id=77)
    assert await shop.look(scope=Scope.SERVER) == []
    assert await shop.library.find(ada(), task.id, 1) is None
    assert await shop.look(ada(channels=frozenset({77})), scope=Scope.SERVER) == ["staff only"]


async def test_a_channel_whose_past_i_cannot_read_shows_me_none_of_it(shop: Shop) -> None:
    task = await shop.make("before my time", member_id=BOB)
    for scope in (Scope.CHANNEL, Scope.SERVER):
        assert await shop.look(ada(channels=frozenset()), scope=scope) == []
        assert (await shop.library.stats(ada(channels=frozenset()), scope, shop.clock())).tracks == 0
    assert await shop.library.find(ada(channels=frozenset()), task.id, 1) is None


async def test_direct_messages_show_my_own_alone(shop: Shop) -> None:
    await shop.make("mine")
    await shop.make("theirs", member_id=BOB)
    for scope in Scope:
        assert await shop.look(replace(ada(), guild_id=None), scope=scope) == ["mine"]
