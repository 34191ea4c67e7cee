"""`/quota`, `/privacy` and `/my-data` on a simulated Discord."""

import json
import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot.domain.ports_members import Forgotten
from bot.flows.my_data import Deleted
from bot.ui.text import length
from bot.ui.words import account as words
from tests.ui.conftest import Carded, Show
from tests.ui.submits import change, handed_over, rows


async def typed(show: Show, command: str, member: Any = None, **options: Any) -> Any:
    """The member types a command; what comes back is for their eyes only."""
    answer = await (member or show.world.member).slash(show.world.channel, command, **options)
    assert answer.ephemeral
    return answer


async def exported(answer: Any, show: Show) -> Any:
    (file,) = (answer.followups or [answer.response])[0].attachments
    assert file.filename == "my-data.json"
    return json.loads(show.world.backend.cdn.get(file.url))


def channel_messages(show: Show) -> list[Any]:
    return list(show.world.channel.history())


class TestQuota:
    """`/quota`."""

    async def test_it_tells_used_and_left_and_when_one_comes_back(self, show: Show) -> None:
        assert "0 of 20 used, **20 left**." in (await typed(show, "quota")).response.content
        await show.generate()
        await handed_over(show)
        text = (await typed(show, "quota")).response.content
        assert re.search(r"1 of 20 used, \*\*19 left\*\*\. One comes back <t:\d+:R>", text)
        assert "1 of 2 being made, 0 waiting" in text

    async def test_a_stranger_has_a_day_of_their_own(self, show: Show) -> None:
        await show.generate()
        assert "0 of 20 used" in (await typed(show, "quota", show.add_member("eve"))).response.content

    async def test_direct_messages_count_with_the_servers(self, show: Show) -> None:
        await show.generate()
        answer = await show.world.member.user.slash("quota")
        assert answer.ephemeral
        assert "1 of 20 used" in answer.response.content


class TestQuotaUsedUp:
    """`/quota` at its end."""

    @pytest.fixture
    def changes(self) -> dict[str, str]:
        return {"MEMBER_PER_DAY": "1"}

    async def test_the_next_free_time_is_told(self, show: Show) -> None:
        await show.generate()
        text = (await typed(show, "quota")).response.content
        assert re.search(r"1 of 1 used, \*\*0 left\*\*\. The next one is free <t:\d+:R>", text)

    async def test_deleting_ones_data_gives_no_second_day(self, show: Show) -> None:
        await show.generate()
        await handed_over(show)
        asked = await typed(show, "my-data delete")
        await show.world.member.click(asked.response, label="Delete my data")
        assert "That was your 1 for one day" in (await show.generate()).response.content


class TestPrivacy:
    """`/privacy`."""

    async def test_it_says_what_how_long_who_and_how_to_delete(self, show: Show) -> None:
        text = (await typed(show, "privacy")).response.content
        for part in (
            "never your Discord id or name",
            "how long it keeps the files, and what it keeps besides, is its own matter",
            "kept for good",
            "hold nothing about you",
        ):
            assert part in text
        assert re.search(r"</my-data delete:\d+>", text)
        assert re.search(r"</my-data export:\d+>", text)

    async def test_direct_messages_work_as_well(self, show: Show) -> None:
        assert (await show.world.env.create_user("dora").slash("privacy")).ephemeral

    async def test_what_the_vendor_is_sent_holds_no_discord_id(self, show: Show) -> None:
        await show.generate("rain")
        await handed_over(show)
        ids = (show.world.member.id, show.world.channel.id, show.world.guild.id)
        sent = repr([vars(task) for task in show.vendor.tasks.values()])
        assert "rain" in sent
        assert not [number for number in ids if str(number) in sent]

    @pytest.mark.parametrize("kept", [0, 3650])
    def test_it_fits_one_message(self, kept: int) -> None:
        assert length(words.privacy(lambda command: f"</{command}:{'9' * 20}>", kept)) <= 2000


class TestExport:
    """`/my-data export`."""

    async def test_the_file_holds_what_was_asked_what_came_and_what_was_liked(self, carded: Carded) -> None:
        show = carded.show
        await show.world.member.click(carded.card(), label="Like")
        read = await exported(await typed(show, "my-data export"), show)
        (task,) = read["tasks"]
        assert task["request"]["prompt"] == "rain on a tin roof"
        assert task["member_id"] == read["member_id"] == str(show.world.member.id)
        assert {track["task_id"] for track in read["tracks"]} == {like["task_id"] for like in read["likes"]}

    async def test_a_stranger_gets_nothing_of_mine(self, show: Show) -> None:
        await show.generate("secret", private=True)
        read = await exported(await typed(show, "my-data export", show.add_member("eve")), show)
        assert read["tasks"] == read["tracks"] == read["likes"] == read["spent"] == []

    async def test_direct_messages_work_as_well(self, show: Show) -> None:
        await show.generate("rain")
        answer = await show.world.member.user.slash("my-data export")
        assert answer.ephemeral
        assert len((await exported(answer, show))["tasks"]) == 1


class TestDelete:
    """`/my-data delete`."""

    async def test_asking_deletes_nothing_yet_and_says_what_will_be_lost(self, show: Show) -> None:
        await show.generate()
        asked = await typed(show, "my-data delete")
        assert "One task is still in the works" in asked.response.content
        assert "may charge" in asked.response.content
        assert "stay in their channels" in asked.response.content
        assert len(rows(show, "SELECT 1 FROM tasks")) == 1

    async def test_the_button_deletes_rows_and_leaves_the_card(self, carded: Carded) -> None:
        show = carded.show
        before = len(channel_messages(show))
        asked = await typed(show, "my-data delete")
        pressed = await show.world.member.click(asked.response, label="Delete my data")
        assert [rows(show, f"SELECT 1 FROM {table}") for table in ("tasks", "tracks", "likes")] == [[], [], []]
        said = show.world.message(pressed.response.channel_id, asked.response.id)
        assert "I have deleted 1 task and 0 likes of yours" in said.content
        assert said.components == []
        assert len(channel_messages(show)) == before

    async def test_with_cards_the_posts_go_as_well(self, carded: Carded) -> None:
        show = carded.show
        asked = await typed(show, "my-data delete", cards=True)
        pressed = await show.world.member.click(asked.response, label="Delete my data and my posts")
        assert "2 of 2 posts were deleted" in show.world.message(pressed.response.channel_id, asked.response.id).content
        assert [one for one in channel_messages(show) if "rain on a tin roof" in one.content or one.attachments] == []

    async def test_a_post_that_cannot_be_reached_is_told(self, carded: Carded) -> None:
        show = carded.show
        change(show, "UPDATE tasks SET sent_channel_id = 1")
        asked = await typed(show, "my-data delete", cards=True)
        await show.world.member.click(asked.response, label="Delete my data and my posts")
        said = show.world.message(show.world.channel.id, asked.response.id).content
        assert "1 of 2 posts were deleted" in said
        assert "The others I could not reach" in said
        assert rows(show, "SELECT 1 FROM tasks") == []

    async def test_what_is_in_the_works_is_stopped_first_and_charges_are_told(self, show: Show) -> None:
        line = await show.generate("first")
        await show.generate("second")
        await show.generate("third")
        await handed_over(show, 2)
        asked = await typed(show, "my-data delete")
        await show.world.member.click(asked.response, label="Delete my data")
        said = show.world.message(show.world.channel.id, asked.response.id).content
        assert "3 tasks still in the works were taken back" in said
        assert "may charge for" in said
        assert "took back" in show.world.message(line.response.channel_id, line.response.id).content
        assert rows(show, "SELECT 1 FROM tasks") == []

    async def test_what_comes_after_all_is_turned_away_kindly_and_not_posted(self, show: Show) -> None:
        await show.generate()
        await handed_over(show)
        ((theirs,),) = rows(show, "SELECT provider_task_id FROM tasks")
        asked = await typed(show, "my-data delete")
        await show.world.member.click(asked.response, label="Delete my data")
        await show.vendor.finish(theirs)
        await show.vendor.settled()
        assert await show.vendor.resend(theirs) == 204
        assert set(rows(show, "SELECT provider_task_id FROM strays")) == {(theirs,)}
        assert not [one for one in channel_messages(show) if one.attachments]

    async def test_others_keep_theirs(self, show: Show) -> None:
        eve = show.add_member("eve")
        await show.world.member.slash(show.world.channel, "generate", prompt="mine")
        await eve.slash(show.world.channel, "generate", prompt="hers")
        asked = await typed(show, "my-data delete", eve)
        await eve.click(asked.response, label="Delete my data")
        assert rows(show, "SELECT member_id FROM tasks") == [(show.world.member.id,)]

    async def test_direct_messages_work_as_well(self, show: Show) -> None:
        dora = show.world.env.create_user("dora")
        await dora.slash("generate", prompt="rain")
        asked = await dora.slash("my-data delete", cards=True)
        assert asked.ephemeral
        await dora.click(asked.response, label="Delete my data and my posts")
        assert rows(show, "SELECT 1 FROM tasks") == []

    @pytest.mark.parametrize("cards", [0, 1])
    async def test_a_question_of_an_earlier_run_still_has_a_working_button(self, show: Show, cards: int) -> None:
        await show.generate()
        button = {"type": 2, "style": 4, "label": "Delete", "custom_id": f"my-data-delete:{cards}"}
        bot, channel = show.world.env.bot.user, show.world.channel
        show.world.backend.create_message(channel.id, bot.id, "?", components=[{"type": 1, "components": [button]}])
        (question,) = [one for one in channel_messages(show) if one.content == "?"]
        await show.world.member.click(question, label="Delete")
        assert rows(show, "SELECT 1 FROM tasks") == []
        assert ("post was deleted" in show.world.message(channel.id, question.id).content) == bool(cards)

    async def test_a_fault_of_ours_is_answered_with_a_number(self, show: Show) -> None:
        await show.generate()
        await handed_over(show)
        asked = await typed(show, "my-data delete")
        with closing(sqlite3.connect(show.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            pressed = await show.world.member.click(asked.response, label="Delete my data")
            other.execute("ROLLBACK")
        assert re.search(r"report the number `\w{8}`", pressed.followups[0].content)
        assert len(rows(show, "SELECT 1 FROM tasks")) == 1
        question = show.world.message(show.world.channel.id, asked.response.id)
        assert "Not everything is deleted yet" in question.content
        await show.world.member.click(asked.response, label="Delete my data")
        assert rows(show, "SELECT 1 FROM tasks") == []

    @pytest.mark.parametrize("stopped", [0, 1, 2])
    def test_one_and_many_are_said_rightly(self, stopped: int) -> None:
        text = words.deleted(Deleted(Forgotten(stopped, 1), stopped, 0, stopped, stopped))
        assert "1 like " in text
        assert "1 tasks" not in text
        assert "1 posts" not in text
        assert ("nothing is charged" in text) == bool(stopped)
