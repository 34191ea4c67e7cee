"""What members, strangers and moderators can do with a posted card."""

import sqlite3
from contextlib import closing
from typing import Any

import discord

from tests.ui.conftest import Carded


def rows(carded: Carded, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{carded.show.database}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


async def test_a_card_has_five_buttons(carded: Carded) -> None:
    assert carded.labels() == ["Like", "Again", "Remix", "Details", "Delete"]


async def test_anyone_likes_and_takes_it_back_and_it_is_counted(carded: Carded) -> None:
    show = carded.show
    await show.world.member.click(carded.card(), label="Like")
    await show.add_member("eve").click(carded.card(), label="Like · 1")
    assert "Like · 2" in carded.labels()
    await show.world.member.click(carded.card(), label="Like · 2")
    assert "Like · 1" in carded.labels()


async def test_again_belongs_to_whoever_pressed(carded: Carded) -> None:
    eve = carded.show.add_member("eve")
    pressed = await eve.click(carded.card(), label="Again")
    assert eve.mention in pressed.response.content
    query = "SELECT member_id, parent_id IS NOT NULL, request FROM tasks ORDER BY rowid"
    (_, _, first), (member, has_parent, second) = rows(carded, query)
    assert (member, has_parent, second) == (eve.id, 1, first)


async def test_a_second_press_within_ten_seconds_is_the_same_press(carded: Carded) -> None:
    await carded.show.world.member.click(carded.card(), label="Again")
    second = await carded.show.world.member.click(carded.card(), label="Again")
    assert second.ephemeral
    assert "same press" in second.response.content
    assert len(rows(carded, "SELECT 1 FROM tasks")) == 2


async def test_remix_opens_the_request_and_sends_what_was_changed(carded: Carded) -> None:
    opened = await carded.show.add_member("eve").click(carded.card(), label="Remix")
    filled = {part["component"]["custom_id"]: part["component"].get("value") for part in opened.modal["components"]}
    assert (filled["prompt"], filled["style"], filled["title"]) == ("rain on a tin roof", "lofi", "Tin Roof")
    eve = carded.show.world.guild.add_member(carded.show.world.env.create_user("zoe"))
    again = await eve.click(carded.card(), label="Remix")
    sent = await eve.submit_modal(again, {"prompt": "snow on a tin roof", "style": "jazz"})
    assert "snow on a tin roof" in sent.response.content
    ((request,),) = rows(carded, "SELECT request FROM tasks WHERE parent_id IS NOT NULL")
    assert '"style":"jazz"' in request


async def test_details_are_for_whoever_asks(carded: Carded) -> None:
    pressed = await carded.show.add_member("eve").click(carded.card(), label="Details")
    assert pressed.ephemeral
    for words in ("rain on a tin roof", "lofi", "MusicMint", "Tin Roof"):
        assert words in pressed.response.content


async def test_the_member_deletes_after_being_asked_once(carded: Carded) -> None:
    asked = await carded.show.world.member.click(carded.card(), label="Delete")
    assert asked.ephemeral
    assert len(carded.messages()) == 2, "asking deletes nothing"
    await carded.show.world.member.click(asked.response.message, label="Yes, delete it")
    assert [message.id for message in carded.messages()] == [carded.line_id]
    assert "deleted" in carded.line()
    assert rows(carded, "SELECT deleted_at IS NOT NULL FROM tasks") == [(1,)]


async def test_a_stranger_cannot_delete(carded: Carded) -> None:
    asked = await carded.show.add_member("eve").click(carded.card(), label="Delete")
    assert asked.ephemeral
    assert "Only the person who asked" in asked.response.content
    assert len(carded.messages()) == 2


async def test_a_moderator_deletes(carded: Carded) -> None:
    guild, env = carded.show.world.guild, carded.show.world.env
    moderators = guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
    moderator = guild.add_member(env.create_user("mo"), roles=[moderators])
    asked = await moderator.click(carded.card(), label="Delete")
    await moderator.click(asked.response.message, label="Yes, delete it")
    assert len(carded.messages()) == 1


async def test_the_message_menu_deletes_as_well(carded: Carded) -> None:
    member, channel = carded.show.world.member, carded.show.world.channel
    asked = await member.context_menu(channel, "Delete this track", carded.card())
    await member.click(asked.response.message, label="Yes, delete it")
    assert len(carded.messages()) == 1


async def test_the_message_menu_on_something_else_says_so(carded: Carded) -> None:
    member, channel = carded.show.world.member, carded.show.world.channel
    other = await member.send(channel, "hello")
    refused = await member.context_menu(channel, "Delete this track", other)
    assert refused.ephemeral
    assert "no track of mine" in refused.response.content


async def test_a_card_that_somebody_deleted_already_is_deleted_all_the_same(carded: Carded) -> None:
    member, world = carded.show.world.member, carded.show.world
    asked = await member.click(carded.card(), label="Delete")
    world.backend.delete_message(world.channel.id, carded.card().id)
    answered = await member.click(asked.response.message, label="Yes, delete it")
    assert "Deleted." in str(world.message(world.channel.id, asked.response.id).content)
    assert answered.acknowledged
