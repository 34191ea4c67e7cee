"""What members see and press around `/generate`, on a simulated Discord."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import discord
import pytest

from tests.ui.conftest import Show


def kept(database: Path) -> list[str]:
    """Return the states of all tasks, as they are on disk."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return [row[0] for row in db.execute("SELECT state FROM tasks")]


async def test_the_queued_line_says_what_was_asked_by_whom_and_until_when(show: Show) -> None:
    typed = await show.generate("rain *on* a tin roof")
    assert not typed.ephemeral
    line = typed.response.content
    assert show.world.member.mention in line
    assert r"rain \*on\* a tin roof" in line
    assert re.search(r"<t:\d{10}:R>", line)
    assert [button["label"] for row in typed.response.components for button in row["components"]] == ["Cancel"]
    assert show.world.message(typed.response.channel_id, typed.response.id).ping_user_ids == []


async def test_a_private_wish_is_answered_to_the_member_alone(show: Show) -> None:
    assert (await show.generate(private=True)).ephemeral


async def test_a_third_task_is_told_that_it_waits(show: Show) -> None:
    await show.generate("one")
    await show.generate("two")
    assert "2 of yours are before it" in (await show.generate("three")).response.content


async def test_an_empty_prompt_is_refused_and_nothing_kept(show: Show) -> None:
    typed = await show.generate("   ")
    assert typed.ephemeral
    assert "what it should sound like" in typed.response.content
    assert kept(show.database) == []


@pytest.mark.parametrize("missing", ["attach_files", "embed_links", "send_messages"])
async def test_a_channel_it_may_not_post_into_is_refused_by_name(show: Show, missing: str) -> None:
    denied = discord.PermissionOverwrite(**{missing: False})
    guild, bot = show.world.guild, show.world.env.bot.user
    channel = guild.create_text_channel("closed", overwrites={bot: denied})
    typed = await show.world.member.slash(channel, "generate", prompt="rain")
    assert typed.ephemeral
    assert missing.replace("_", " ").title() in typed.response.content
    assert kept(show.database) == []


async def test_direct_messages_work_as_well(show: Show) -> None:
    typed = await show.world.env.create_user("dora").slash("generate", prompt="rain")
    assert not typed.ephemeral
    assert len(kept(show.database)) == 1


async def test_the_member_cancels_and_reads_what_that_means(show: Show) -> None:
    await show.generate("one")
    typed = await show.generate("two")
    await show.world.member.click(typed.response.message, label="Cancel")
    line = show.world.message(typed.response.channel_id, typed.response.id)
    assert "took back" in line.content
    assert line.components == []
    assert "cancelled" in kept(show.database)


async def test_a_stranger_cannot_cancel(show: Show) -> None:
    typed = await show.generate()
    pressed = await show.add_member("eve").click(typed.response.message, label="Cancel")
    assert pressed.ephemeral
    assert "Only the person who asked" in pressed.response.content
    assert "cancelled" not in kept(show.database)


async def test_cancelling_what_has_just_ended_is_answered_kindly(show: Show) -> None:
    typed = await show.generate()
    with closing(sqlite3.connect(show.database)) as db, db:
        db.execute("UPDATE tasks SET state = 'completed'")
    pressed = await show.world.member.click(typed.response.message, label="Cancel")
    assert pressed.ephemeral
    assert "Too late" in pressed.response.content


async def test_a_fault_of_ours_is_answered_with_a_number_that_stands_in_the_log(
    show: Show, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(show.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        typed = await show.generate()
        other.execute("ROLLBACK")
    assert typed.ephemeral
    number = re.search(r"`(\w{8})`", typed.response.content)
    assert number
    assert number[1] in [getattr(record, "error_id", "") for record in caplog.records]


class TestLimits:
    """MEMBER_PER_DAY."""

    @pytest.fixture
    def changes(self) -> dict[str, str]:
        return {"MEMBER_PER_DAY": "1"}

    async def test_the_day_is_used_up_and_the_next_free_time_told(self, show: Show) -> None:
        await show.generate()
        typed = await show.generate()
        assert typed.ephemeral
        assert re.search(r"next one is free <t:\d{10}:R>", typed.response.content)
        assert len(kept(show.database)) == 1


class TestAllowedGuilds:
    """ALLOWED_GUILDS."""

    @pytest.fixture
    def changes(self) -> dict[str, str]:
        return {"ALLOWED_GUILDS": "1"}

    async def test_a_foreign_server_is_refused_and_nothing_kept(self, show: Show) -> None:
        typed = await show.generate()
        assert typed.ephemeral
        assert "only in the servers of those who run it" in typed.response.content
        assert kept(show.database) == []
