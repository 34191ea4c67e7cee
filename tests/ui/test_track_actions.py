"""`/track show | rename | like | delete` on a simulated Discord: one's own and the channel's, nobody's private ones."""

from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ports_library import Entry, Status
from bot.domain.ports_tracks import Offer
from bot.domain.task import Kind
from bot.ui.card_changes import retitled
from bot.ui.text import length
from bot.ui.words import track as words
from bot.ui.words.library import GONE
from tests.parts import MORNING
from tests.ui.conftest import Carded, Show
from tests.ui.submits import change, rows


async def typed(show: Show, command: str, track: str, member: Any = None, **options: Any) -> str:
    """Type the command; return what only the member reads."""
    who = member or show.world.member
    answer = await who.slash(show.world.channel, f"track {command}", track=track, **options)
    assert answer.ephemeral
    text: str = show.world.message(show.world.channel.id, answer.response.id).content
    return text


async def offered(show: Show, word: str = "", member: Any = None, command: str = "show") -> list[Any]:
    who = member or show.world.member
    choices = await who.autocomplete(show.world.channel, f"track {command}", "track", word)
    return [(choice["name"], choice["value"]) for choice in choices]


def task_id(carded: Carded) -> str:
    ((found,),) = rows(carded.show, "SELECT id FROM tasks")
    return str(found)


def link(carded: Carded) -> str:
    world = carded.show.world
    return f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{carded.card().id}"


async def test_it_is_offered_by_title_style_and_prompt_and_shown_with_a_link_to_its_card(carded: Carded) -> None:
    ours = task_id(carded)
    both = [("Tin Roof · lofi", f"{ours}-1"), ("Tin Roof (2) · lofi", f"{ours}-2")]
    eve = carded.show.add_member("eve")
    for word in ("", "tin", "OFI", "rai on", "roof rain"):
        assert sorted(await offered(carded.show, word, eve)) == sorted(both), word
    assert await offered(carded.show, "snow") == []
    assert await offered(carded.show, "", eve, command="rename") == [], "only one's own can be renamed"
    shown = await typed(carded.show, "show", f"{ours}-2", eve)
    for part in ("Tin Roof", link(carded), "rain on a tin roof", "lofi", ours):
        assert part in shown


async def test_a_task_id_and_a_link_to_the_card_are_understood_as_well(carded: Carded) -> None:
    for pasted in (task_id(carded), f" {task_id(carded).upper()}-1 ", link(carded), f"<{link(carded)}>"):
        assert "rain on a tin roof" in await typed(carded.show, "show", pasted)


@pytest.mark.parametrize("command", ["show", "like", "delete", "rename"])
async def test_a_private_one_of_somebody_else_is_as_unknown_as_one_that_never_was(carded: Carded, command: str) -> None:
    change(carded.show, "UPDATE tasks SET request = json_set(request, '$.private', json('true'))")
    eve, more = carded.show.add_member("eve"), {"title": "Mine"} if command == "rename" else {}
    assert await offered(carded.show, "", eve) == []
    for pasted in (task_id(carded), f"{task_id(carded)}-1", link(carded), "22222222cccc", "that one"):
        assert await typed(carded.show, command, pasted, eve, **more) == words.UNKNOWN
    change(carded.show, "UPDATE tasks SET deleted_at = 1")
    assert await typed(carded.show, command, task_id(carded), eve, **more) == words.UNKNOWN
    assert rows(carded.show, "SELECT 1 FROM likes") == []


async def test_a_deleted_card_is_said_to_be(carded: Carded) -> None:
    pasted = link(carded)
    change(carded.show, "UPDATE tasks SET deleted_at = 1")
    for who in (None, carded.show.add_member("eve")):
        assert await typed(carded.show, "show", task_id(carded), who) == words.CARD_DELETED
    assert await typed(carded.show, "like", pasted) == words.CARD_DELETED
    assert await offered(carded.show) == []


async def test_a_deleted_card_is_not_spoken_of_to_those_who_cannot_read_the_past(show: Show) -> None:
    eve, world = show.add_member("eve"), show.world
    denied = discord.PermissionOverwrite(read_message_history=False)
    closed = world.guild.create_text_channel("closed", overwrites={eve: denied})
    show.vendor.behaviour.seconds = 0.0
    await world.member.slash(closed, "generate", prompt="before her time")
    await world.until(lambda: rows(show, "SELECT delivery FROM tasks") == [("sent",)])
    change(show, "UPDATE tasks SET deleted_at = 1")
    ((ours,),) = rows(show, "SELECT id FROM tasks")
    answer = await eve.slash(closed, "track show", track=ours)
    assert answer.response.content == words.UNKNOWN


@pytest.mark.parametrize(
    "forbidding",
    [
        "UPDATE library SET channel_id = 1",
        "UPDATE tasks SET deleted_at = 1",
        "UPDATE tasks SET request = json_set(request, '$.private', json('true'))",
    ],
)
async def test_what_was_shown_and_may_not_be_seen_any_more_is_not_asked_for_again(
    carded: Carded, forbidding: str
) -> None:
    show, eve = carded.show, carded.show.add_member("eve")
    shown = await eve.slash(show.world.channel, "track show", track=task_id(carded))
    change(show, forbidding)
    if "private" in forbidding:
        change(show, "UPDATE library SET open = 0")
    pressed = await eve.click(shown.response, label="Again")
    assert GONE in pressed.response.content
    assert len(rows(show, "SELECT 1 FROM tasks")) == 1


async def test_again_on_a_shown_track_asks_for_the_same(carded: Carded) -> None:
    show, eve = carded.show, carded.show.add_member("eve")
    shown = await eve.slash(show.world.channel, "track show", track=task_id(carded))
    pressed = await eve.click(shown.response, label="Again")
    assert eve.mention in pressed.response.content
    assert rows(show, "SELECT member_id FROM tasks WHERE parent_id IS NOT NULL") == [(eve.id,)]


async def test_what_is_not_finished_is_shown_to_its_member_and_nothing_else(show: Show) -> None:
    await show.generate("rain")
    ((ours,),) = rows(show, "SELECT id FROM tasks")
    assert "**Prompt:** rain" in await typed(show, "show", ours)
    assert "not finished yet" in await typed(show, "like", ours)
    change(show, "UPDATE tasks SET state = 'failed', failure = 'provider', due_at = NULL")
    assert "`/task retry`" in await typed(show, "delete", ours)
    assert await typed(show, "show", ours, show.add_member("eve")) == words.UNKNOWN


async def test_a_like_is_counted_shown_on_the_card_and_taken_back(carded: Carded) -> None:
    eve = carded.show.add_member("eve")
    assert "You like “Tin Roof”: 1 like now." in await typed(carded.show, "like", link(carded), eve)
    assert "Like · 1" in carded.labels()
    assert "2 likes now" in await typed(carded.show, "like", task_id(carded))
    assert "took back your like of “Tin Roof”: 1 like now" in await typed(carded.show, "like", task_id(carded), eve)
    assert "Like · 1" in carded.labels()


async def test_its_member_deletes_after_being_asked_once_and_a_stranger_cannot(carded: Carded) -> None:
    assert "Only the person" in await typed(carded.show, "delete", task_id(carded), carded.show.add_member("eve"))
    world = carded.show.world
    asked = await world.member.slash(world.channel, "track delete", track=task_id(carded))
    assert len(carded.messages()) == 2, "asking deletes nothing"
    await world.member.click(asked.response.message, label="Yes, delete it")
    assert [message.id for message in carded.messages()] == [carded.line_id]


async def test_a_moderator_deletes(carded: Carded) -> None:
    world = carded.show.world
    moderators = world.guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
    moderator = world.guild.add_member(world.env.create_user("mo"), roles=[moderators])
    asked = await moderator.slash(world.channel, "track delete", track=task_id(carded))
    await moderator.click(asked.response.message, label="Yes, delete it")
    assert len(carded.messages()) == 1


async def test_what_was_never_posted_has_no_card_to_delete_and_a_title_all_the_same(carded: Carded) -> None:
    change(carded.show, "UPDATE tasks SET delivery = 'set_aside', set_aside_reason = 'unknown', message_id = NULL")
    assert await typed(carded.show, "delete", task_id(carded)) == words.NO_CARD
    assert "“New” now" in await typed(carded.show, "rename", task_id(carded), title="New")


async def test_a_renamed_track_has_its_title_on_the_card_in_the_list_and_in_the_search(carded: Carded) -> None:
    held = carded.show.world.message(carded.show.world.channel.id, carded.card().id)
    files, buttons = [one["filename"] for one in held.attachments], carded.labels()
    answer = await typed(carded.show, "rename", f"{task_id(carded)}-2", title="  Harbour\n*Lights* ")
    assert "“Harbour \\*Lights\\*” now" in answer
    held = carded.show.world.message(carded.show.world.channel.id, carded.card().id)
    assert [embed["title"] for embed in held.embeds] == ["1 · Tin Roof", "2 · Harbour \\*Lights\\*"]
    assert [one["filename"] for one in held.attachments] == files
    assert carded.labels() == buttons
    assert all(embed["image"]["url"] for embed in held.embeds)
    assert await offered(carded.show, "harbour") == [("Harbour *Lights* (2) · lofi", f"{task_id(carded)}-2")]
    assert rows(carded.show, "SELECT title FROM tracks ORDER BY number") == [("Tin Roof",), ("Harbour *Lights*",)]


async def test_only_its_owner_renames_and_a_title_has_to_say_something(carded: Carded) -> None:
    eve = carded.show.add_member("eve")
    assert "Only the person" in await typed(carded.show, "rename", task_id(carded), eve, title="Mine")
    for title in ("\u200b", " \u2800 "):
        assert "write something in `title`" in await typed(carded.show, "rename", task_id(carded), title=title)
    assert rows(carded.show, "SELECT DISTINCT title FROM tracks") == [("Tin Roof",)]


async def test_a_card_that_is_gone_is_said_to_keep_its_title(carded: Carded) -> None:
    carded.show.world.backend.delete_message(carded.show.world.channel.id, carded.card().id)
    assert "could not be changed" in await typed(carded.show, "rename", task_id(carded), title="New")
    assert rows(carded.show, "SELECT title FROM tracks WHERE number = 1") == [("New",)]


async def test_direct_messages_offer_ones_own(carded: Carded) -> None:
    user = carded.show.world.member.user
    assert len(await user.autocomplete("track show", "track", "tin")) == 2
    assert "rain on a tin roof" in (await user.slash("track show", track=task_id(carded))).response.content


def test_a_card_without_embeds_has_its_line_changed_and_nothing_else() -> None:
    card = "<@1>, ready.\n1 · **A \\*\\* b** · 2:03\n-# link\n2 · **C**"
    assert retitled(card, 1, "New *") == "<@1>, ready.\n1 · **New \\*** · 2:03\n-# link\n2 · **C**"
    assert retitled(card, 2, "D") == card.replace("**C**", "**D**")
    assert retitled(card, 3, "E") == card
    full = f"1 · **C**{'x' * 1980}"
    assert retitled(full, 1, "a longer title than there is room for") == full


@given(title=st.text(max_size=300), style=st.text(max_size=300), number=st.integers(1, 99), likes=st.integers(0, 10**6))
def test_it_always_fits(title: str, style: str, number: int, likes: int) -> None:
    assert 1 <= length(words.offer(Offer("2" * 12, number, title, style, "rain"))) <= 100
    entry = Entry(
        "2" * 12, number, 1, title, style, title, Status.FAILED, Kind.SONG, "", False, None, MORNING, None, None, None
    )  # fmt: skip
    assert length(words.liked(entry, likes, taken_back=True)) <= 2000
    assert length(words.not_finished(entry)) <= 2000
    assert length(words.renamed_but_card(title)) <= 2000
