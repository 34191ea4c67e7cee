"""`/library` on a simulated Discord: pages, opened tracks and numbers, for the member alone."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.domain.contract import Contract
from bot.domain.ports_library import Entry, Page, Query, Scope, Stats, Status
from bot.domain.task import Kind
from bot.ui.library_stats import drawing
from bot.ui.text import length
from bot.ui.words import details
from bot.ui.words import library as words
from tests.parts import make_task
from tests.ui.conftest import Carded, Show
from tests.ui.submits import change, rows


async def library(show: Show, command: str, member: Any = None, **options: Any) -> Any:
    typed = await (member or show.world.member).slash(show.world.channel, f"library {command}", **options)
    assert typed.ephemeral
    return typed


def text(answer: Any) -> str:
    """Return what an answer's embed says."""
    (embed,) = answer.response.embeds
    return (
        f"{embed['title']}\n{embed['description']}"
        if isinstance(embed, dict)
        else f"{embed.title}\n{embed.description}"
    )


def more(show: Show, number: int) -> None:
    """Have the first task's track so many times more."""
    change(
        show,
        f"WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < {9 + number}) INSERT INTO tracks"
        " (task_id, number, clip_id, audio_url, cover_url, title, style, lyrics, seconds)"
        " SELECT task_id, i, clip_id || i, audio_url, cover_url, 'Copy ' || i, style, lyrics, i"
        " FROM tracks, n WHERE number = 1",
    )


async def test_an_empty_library_shows_how_to_begin(show: Show) -> None:
    assert re.search(r"</generate:\d+> `prompt: ", (await library(show, "browse")).response.content)
    assert "</library search:" in (await library(show, "search", words="rain")).response.content
    assert "Press **Like**" in (await library(show, "liked")).response.content
    assert "</generate:" in (await library(show, "stats")).response.content


async def test_a_track_is_found_by_its_words_with_a_link_to_its_card(carded: Carded) -> None:
    show = carded.show
    found = text(await library(show, "search", words="tin ROOF", style="lofi"))
    assert f"/{show.world.channel.id}/{carded.card().id})" in found
    assert "nothing" in (await library(show, "search", words="tin snow")).response.content.lower()


async def test_others_find_it_in_the_server_and_not_what_is_private(carded: Carded) -> None:
    show, eve = carded.show, carded.show.add_member("eve")
    for scope in ("channel", "server"):
        assert f"<@{show.world.member.id}>" in text(await library(show, "browse", eve, scope=scope))
    change(show, "UPDATE tasks SET request = json_set(request, '$.private', json('true'))")
    for scope in ("channel", "server"):
        assert not (await library(show, "browse", eve, scope=scope)).response.embeds
    assert "🔒" in text(await library(show, "browse"))


async def test_pages_turn_and_sort_and_a_forgotten_list_says_so(carded: Carded) -> None:
    show = carded.show
    more(show, 12)
    first = await library(show, "browse")
    second = await show.world.member.click(first.response, label="Next")
    assert "**11.**" in text(second)
    longest = await show.world.member.click(second.response, label="Sort longest first")
    assert "**1.** **Copy 21**" in text(longest)
    change(show, "DELETE FROM shelves")
    pressed = await show.world.member.click(longest.response, label="Next")
    assert "type the command again" in pressed.response.content


async def test_an_opened_track_is_liked_and_says_when_it_has_gone(carded: Carded) -> None:
    show = carded.show
    page = await library(show, "browse")
    ((task_id,),) = rows(show, "SELECT id FROM tasks")
    opened = await show.world.member.select(page.response, [f"{task_id}-1"])
    assert opened.ephemeral
    assert "Go to its card" in opened.response.content
    await show.world.member.click(opened.response, label="Like")
    assert text(await library(show, "liked"))
    change(show, "UPDATE tasks SET deleted_at = 1")
    gone = await show.world.member.select(page.response, [f"{task_id}-1"])
    assert words.GONE in gone.response.content


async def test_a_like_of_an_opened_track_stands_on_its_card_too(carded: Carded) -> None:
    ((task_id,),) = rows(carded.show, "SELECT id FROM tasks")
    page = await library(carded.show, "browse")
    opened = await carded.show.world.member.select(page.response, [f"{task_id}-1"])
    await carded.show.world.member.click(opened.response, label="Like")
    assert "Like · 1" in carded.labels()


async def test_what_somebody_opened_and_may_not_see_any_more_is_not_theirs_to_like(carded: Carded) -> None:
    show, eve = carded.show, carded.show.add_member("eve")
    ((task_id,),) = rows(show, "SELECT id FROM tasks")
    opened = await eve.select((await library(show, "browse", eve, scope="server")).response, [f"{task_id}-1"])
    change(show, "UPDATE tasks SET request = json_set(request, '$.private', json('true'))")
    pressed = await eve.click(opened.response, label="Like")
    assert words.GONE in pressed.response.content
    assert rows(show, "SELECT 1 FROM likes") == []


async def test_a_provider_is_understood_by_the_name_people_read(carded: Carded) -> None:
    for typed in ("MusicMint", " musicMINT ", "musicmint"):
        assert "Tin Roof" in text(await library(carded.show, "browse", provider=typed))


async def test_the_channel_shows_nothing_to_those_who_cannot_read_its_past(show: Show) -> None:
    eve, world = show.add_member("eve"), show.world
    denied = discord.PermissionOverwrite(read_message_history=False)
    closed = world.guild.create_text_channel("closed", overwrites={eve: denied})
    show.vendor.behaviour.seconds = 0.0
    await world.member.slash(closed, "generate", prompt="before her time")
    await world.until(lambda: rows(show, "SELECT delivery FROM tasks") == [("sent",)])
    for scope in ("channel", "server"):
        assert not (await eve.slash(closed, "library browse", scope=scope)).response.embeds
        assert (await world.member.slash(closed, "library browse", scope=scope)).response.embeds


async def test_filters_that_cannot_work_say_what_would(show: Show) -> None:
    assert "choose `musicmint`" in (await library(show, "browse", provider="nobody")).response.content
    assert "`scope: mine`" in (await library(show, "browse", scope="server", state="failed")).response.content


async def test_styles_and_providers_are_offered(carded: Carded) -> None:
    member, channel = carded.show.world.member, carded.show.world.channel
    styles = await member.autocomplete(channel, "library browse", "style", "LO")
    providers = await member.autocomplete(channel, "library search", "provider", "mint")
    assert [choice["value"] for choice in styles + providers] == ["lofi", "musicmint"]
    made_with = await member.autocomplete(channel, "generate", "style", "LO")
    assert [choice["value"] for choice in made_with] == ["lofi"]


async def test_numbers_come_with_a_described_picture(carded: Carded) -> None:
    answer = await library(carded.show, "stats", scope="server")
    assert "**Tracks:**" in text(answer)
    (held,) = answer.response.attachments
    assert "Bar charts" in held.description


async def test_direct_messages_show_my_own(carded: Carded) -> None:
    typed = await carded.show.world.member.user.slash("library browse", scope="server")
    assert "Your tracks" in text(typed)


NOW = datetime(2026, 11, 21, tzinfo=UTC)
ENTRIES = st.builds(
    Entry,
    st.just("k3v9k3v9k3v9"),
    st.integers(0, 99),
    st.just(2**63 - 1),
    *[st.text(max_size=2000)] * 3,
    st.sampled_from(Status),
    st.sampled_from(Kind),
    st.just("musicmint"),
    st.booleans(),
    st.none() | st.floats(0, 1e6),
    st.just(NOW),
    *[st.just(2**63 - 1)] * 3,
)


@settings(max_examples=25)
@given(st.lists(ENTRIES, min_size=10, max_size=10), st.text(max_size=200), st.sampled_from(Scope))
def test_a_page_fits_whatever_was_written(entries: list[Entry], typed: str, scope: Scope) -> None:
    query = Query(scope, typed, typed)
    page = Page(entries, 99_999, 1001, more=True)
    assert length(words.page_text(query, page)) <= 4096
    assert all(1 <= length(part) <= 100 for entry in entries for part in words.option(entry, 10**6) if part)
    assert length(words.empty(query, lambda command: f"</{command}:{'9' * 20}>")) <= 2000


@settings(max_examples=100, deadline=None)
@given(ENTRIES, st.text(max_size=2000) | st.just("*" * 2000), st.text(max_size=4000) | st.just("*" * 4000))
def test_an_opened_track_fits_whatever_was_written(entry: Entry, prompt: str, lyrics: str) -> None:
    task = make_task(prompt, style=prompt[:200], title=prompt[:80], lyrics=lyrics, instrumental=True)
    task = replace(task, finished_at=NOW, provider="x" * 100)
    extra = json.dumps({f"name {number}": "value " * 8 for number in range(30)})
    assert length(words.opened(entry, task, 10**6, extra)) <= 2000


def test_of_an_opened_track_the_lyrics_are_cut_before_the_prompt() -> None:
    task = make_task("p" * 2000, style="s" * 200, title="t" * 80, lyrics="l" * 4000)
    whole = "p" * 899 + "…"
    for room, cut in ((1600, False), (1000, True)):
        text = details(task, 10**6, room=room)
        assert length(text) <= room
        assert (whole in text) is not cut
    assert "**Lyrics:** …\n" in text


def test_the_picture_is_drawn_for_any_numbers() -> None:
    weeks = [(NOW + timedelta(weeks=number), 10**number) for number in range(12)]
    for numbers in (Stats(0, 0.0, 0), Stats(1, 1.0, 1, [], [("song", 10**9)], [("musicmint", 1)] * 9, weeks)):
        assert Image.open(io.BytesIO(drawing(numbers))).size == (960, 620)
        assert 1 <= len(words.drawing_alt(numbers)) <= 1024


def test_an_unknown_provider_is_told_the_known_ones() -> None:
    offers = [Contract(name, name, {}, callbacks=None) for name in ("a", "b")]  # type: ignore[arg-type]
    assert "choose `a` or `b`" in words.unknown_provider("*x*", offers)
