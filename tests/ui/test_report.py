"""`/report` on a simulated Discord."""

import logging
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.ui.conftest import Carded, Show
from tests.ui.submits import rows


async def typed(show: Show, command: str, member: Any = None, **options: Any) -> Any:
    """The member types a command; what comes back is for their eyes only."""
    answer = await (member or show.world.member).slash(show.world.channel, command, **options)
    assert answer.ephemeral
    return answer


class TestReport:
    """`/report`."""

    async def test_the_log_gets_it_under_the_number_the_member_gets(
        self, carded: Carded, caplog: pytest.LogCaptureFixture
    ) -> None:
        ((task_id,),) = rows(carded.show, "SELECT id FROM tasks")
        answer = await typed(carded.show, "report", what="it stops\nhalf-way " + "x" * 900, track=task_id)
        (line,) = [record for record in caplog.records if record.message == "report"]
        fields = vars(line)
        assert f"`{fields['report']}`" in answer.response.content
        assert (fields["member"], fields["task"]) == (carded.show.world.member.id, task_id)
        assert fields["text"].startswith("it stops half-way x")
        assert len(fields["text"]) == 18 + 900, "all of it"
        assert line.levelno >= logging.WARNING

    async def test_a_link_to_a_card_names_its_track(self, carded: Carded, caplog: pytest.LogCaptureFixture) -> None:
        ((task_id,),) = rows(carded.show, "SELECT id FROM tasks")
        await typed(carded.show, "report", what="too loud", track=carded.card().jump_url)
        assert [vars(record)["task"] for record in caplog.records if record.message == "report"] == [task_id]

    @pytest.mark.parametrize("track", ["the second one", "234567bcdfgh", f"https://discord.com/channels/1/2/{9**19}"])
    async def test_a_track_nobody_knows_does_not_lose_the_report(
        self, show: Show, track: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await typed(show, "report", what="too loud", track=track)
        assert "could not tell which track" in answer.response.content
        (fields,) = [vars(record) for record in caplog.records if record.message == "report"]
        assert (fields["task"], fields["text"]) == (None, "too loud")
        assert fields["track"] == track

    async def test_without_a_track_nothing_is_missed(self, show: Show) -> None:
        answer = await typed(show, "report", show.add_member("eve"), what="it is silent")
        assert "could not tell" not in answer.response.content

    async def test_direct_messages_work_as_well(self, show: Show) -> None:
        answer = await show.world.env.create_user("dora").slash("report", what="it is silent")
        assert answer.ephemeral


class TestReportChannel:
    """REPORT_CHANNEL."""

    @pytest.fixture
    def changes(self) -> dict[str, str]:
        return {"REPORT_CHANNEL": "123456789012345678"}

    async def test_the_channel_gets_it_without_pinging_anybody(self, show: Show) -> None:
        reports = show.world.guild.create_text_channel("reports")
        client = show.world.env.bot
        # The simulated Discord gives its own ids, which no setting could know before.
        client.services = replace(client.services, report_channel=reports.id)
        answer = await typed(show, "report", what="@everyone **it** is silent", track="the second one")
        (message,) = reports.history()
        number = re.search(r"`(\w{8})`", answer.response.content)
        assert number
        assert number[1] in message.content
        assert show.world.member.mention in message.content
        assert r"\*\*it\*\* is silent" in message.content
        assert "the second one" in message.content
        held = show.world.message(reports.id, message.id)
        assert (held.ping_user_ids, held.ping_role_ids, held.mention_everyone) == ([], [], False)

    async def test_a_channel_that_is_closed_loses_only_the_message(
        self, show: Show, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await typed(show, "report", what="it is silent")
        assert "under the number" in answer.response.content
        assert [record for record in caplog.records if "check REPORT_CHANNEL" in record.message]
        assert not [record for record in caplog.records if record.levelname == "ERROR"]
