"""A completed task becomes one message, whatever Discord and the file servers do. Real REST, real downloads."""

import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.client import Client, logged_in
from bot.domain.task import Origin, Request, Task
from bot.downloads import open_downloads
from bot.flows.deliver import Deliver
from bot.flows.tell import Tell
from bot.media import MediaFiles
from bot.store.facts import SqliteFacts
from bot.store.tellings import SqliteTellings
from bot.ui.answers import Answers
from bot.ui.poster import DiscordPoster
from tests.flows.conftest import Bench
from tests.wire.conftest import redirected
from tests.wire.server import WireDiscord
from tests.wire.world import USUAL, Channel, Json, Member, Permission

POST = ("POST", "/channels/{channel_id}/messages")
PATCH = ("PATCH", "/channels/{channel_id}/messages/{message_id}")


@dataclass
class Stage:
    """The flows up to Discord."""

    bench: Bench
    wire: WireDiscord
    channel: Channel
    member: Member
    deliver: Deliver
    tell: Tell

    async def completed(self, channel: Channel | None = None, **wish: Any) -> Task:
        """A member asked, has a queued line, and the vendor has called back."""
        place = channel or self.channel
        task = await self.accepted(place, **wish)
        assert await self.bench.submit.step()
        theirs = (await self.bench.task(task.id)).provider_task_id
        assert theirs is not None
        await self.bench.finish(theirs)
        await self.bench.call_back(task.key, theirs)
        return task

    async def accepted(self, place: Channel, **wish: Any) -> Task:
        guild = place.guild.id if place.guild else None
        origin = Origin(self.member.id, place.id, guild)
        accepted = await self.bench.submit.accept(Request("rain", **wish), origin, "musicmint")
        await self.bench.submit.answered(accepted.task.id, None)
        return accepted.task

    def cards(self, channel: Channel | None = None) -> list[Json]:
        return [message for message in self.wire.messages(channel or self.channel) if message["components"]]

    async def row(self, task: Task) -> tuple[str, str]:
        """Return the delivery's state, and why it was set aside."""
        query = "SELECT delivery, set_aside_reason FROM tasks WHERE id = ?"
        row = await self.bench.database.read(lambda db: db.execute(query, (task.id,)).fetchone())
        return row[0], row[1]


@pytest.fixture
async def wire() -> AsyncIterator[WireDiscord]:
    async with WireDiscord() as server:
        yield server
        assert server.violations == []


@pytest.fixture
def dm_fallback() -> bool:
    return True


@pytest.fixture
async def stage(bench: Bench, wire: WireDiscord, tmp_path: Path, dm_fallback: bool) -> AsyncIterator[Stage]:
    guild = wire.add_guild()
    channel, member = wire.add_channel(guild), wire.add_member(guild)
    facts = SqliteFacts(bench.database)
    loopback = [ipaddress.ip_network("127.0.0.0/8")]
    with redirected(wire):
        client = Client(facts.get, facts.put)
        async with open_downloads(tmp_path / "downloads", loopback) as downloads, logged_in(client, wire.token):
            poster = DiscordPoster(client, Answers(bench.clock))
            deliver = Deliver(
                bench.deliveries, bench.providers, MediaFiles(downloads), poster, bench.clock, dm_fallback=dm_fallback
            )
            yield Stage(
                bench, wire, channel, member, deliver, Tell(SqliteTellings(bench.database), poster, bench.clock)
            )


async def test_a_card_is_posted_recorded_and_its_files_removed(stage: Stage, tmp_path: Path) -> None:
    task = await stage.completed()
    assert await stage.deliver.step()
    [card] = stage.cards()
    assert [file["filename"].rpartition(".")[2] for file in card["attachments"]] == ["mp3", "mp3"]
    assert [mentioned["id"] for mentioned in card["mentions"]] == [str(stage.member.id)]
    assert await stage.row(task) == ("sent", "")
    assert list((tmp_path / "downloads").iterdir()) == []
    assert not await stage.deliver.step()


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 502, "body": "<html>"}, {"status": 504}], ids=str)
async def test_an_error_after_the_work_was_done_makes_one_message(stage: Stage, fault: dict[str, Any]) -> None:
    await stage.completed()
    stage.wire.fault(*POST, when="after", times=1, **fault)
    await deliver_all(stage)
    assert len(stage.cards()) == 1


@pytest.mark.parametrize("fault", [{"status": 503}, {"reset": True}], ids=["503", "reset"])
async def test_an_answer_that_is_lost_makes_one_message(stage: Stage, fault: dict[str, Any]) -> None:
    await stage.completed()
    stage.wire.fault(*POST, when="after", times=1, **fault)
    await stage.deliver.step()
    stage.bench.clock.advance(seconds=5)
    await stage.deliver.step()
    assert len(stage.cards()) == 1
    assert len(stage.wire.sent(*POST)) == 2


async def test_an_answer_that_is_lost_for_long_is_found_in_the_history(stage: Stage) -> None:
    await stage.completed()
    stage.wire.fault(*POST, when="after", times=1, reset=True)
    await stage.deliver.step()
    stage.bench.clock.advance(minutes=10)
    stage.wire.advance(600)
    await stage.deliver.step()
    assert len(stage.cards()) == 1
    assert len(stage.wire.sent(*POST)) == 1


async def test_without_the_right_to_read_history_it_is_posted(stage: Stage) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, when="before", times=1, status=503)
    await stage.deliver.step()
    stage.wire.permit(stage.channel, USUAL & ~Permission.READ_MESSAGE_HISTORY)
    stage.bench.clock.advance(minutes=10)
    await stage.deliver.step()
    assert await stage.row(task) == ("sent", "")
    assert len(stage.cards()) == 1


async def test_a_rate_limit_is_waited_for_in_the_queue_and_others_go_on(stage: Stage) -> None:
    slow = await stage.completed()
    other = stage.wire.add_channel(stage.channel.guild, "other")  # type: ignore[arg-type]
    quick = await stage.completed(other)
    stage.wire.fault("POST", f"/channels/{stage.channel.id}/messages", retry_after=60.0)
    await stage.deliver.step()
    await stage.deliver.step()
    assert await stage.row(slow) == ("ready", "")
    assert await stage.row(quick) == ("sent", "")
    stage.bench.clock.advance(seconds=59)
    assert not await stage.deliver.step()
    stage.bench.clock.advance(seconds=1)
    assert await stage.deliver.step()
    assert await stage.row(slow) == ("sent", "")


async def test_without_attach_files_the_links_are_posted(stage: Stage) -> None:
    await stage.completed()
    stage.wire.permit(stage.channel, USUAL & ~Permission.ATTACH_FILES)
    await stage.deliver.step()
    [card] = stage.cards()
    assert card["attachments"] == []
    assert card["content"].count(stage.bench.vendor.base_url) == 2


@pytest.mark.parametrize("code", [40005, 50035, 200000])
async def test_a_card_that_is_refused_becomes_plain_text(stage: Stage, code: int) -> None:
    await stage.completed()
    stage.wire.fault(*POST, code=code)
    await stage.deliver.step()
    [card] = stage.cards()
    assert card["embeds"] == []


@pytest.mark.parametrize("code", [50001, 10003, 10004, 50083])
async def test_a_channel_that_is_closed_sends_it_to_the_member(stage: Stage, code: int) -> None:
    task = await stage.completed()
    stage.wire.fault("POST", f"/channels/{stage.channel.id}/messages", code=code, times=9)
    await stage.deliver.step()
    assert len(stage.cards(stage.wire.dm(stage.member))) == 1
    assert await stage.row(task) == ("sent", "")
    assert len(stage.wire.sent("POST", f"/channels/{stage.channel.id}/messages")) <= 2


async def test_closed_everywhere_it_is_set_aside_with_the_reason(stage: Stage) -> None:
    task = await stage.completed()
    stage.wire.permit(stage.channel, Permission(0))
    stage.member.takes_direct_messages = False
    await stage.deliver.step()
    delivery, reason = await stage.row(task)
    assert delivery == "set_aside"
    assert "50007" in reason
    assert not await stage.deliver.step()


class TestWithoutDirectMessages:
    """DM_FALLBACK off."""

    @pytest.fixture
    def dm_fallback(self) -> bool:
        return False

    async def test_a_channel_that_is_closed_sets_it_aside(self, stage: Stage) -> None:
        task = await stage.completed()
        stage.wire.permit(stage.channel, Permission(0))
        await stage.deliver.step()
        assert (await stage.row(task))[0] == "set_aside"
        assert stage.wire.messages(stage.wire.dm(stage.member)) == []


async def test_a_private_track_never_goes_into_the_channel(stage: Stage) -> None:
    await stage.completed(private=True)
    await stage.deliver.step()
    assert stage.wire.messages(stage.channel) == []
    assert len(stage.cards(stage.wire.dm(stage.member))) == 1


async def test_a_bad_token_stops_sending_and_keeps_the_work(stage: Stage) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, status=401, times=9)
    await stage.deliver.step()
    assert await stage.row(task) == ("ready", "")
    assert len(stage.wire.sent(*POST)) == 1
    stage.bench.clock.advance(minutes=29)
    assert not await stage.deliver.step()


async def test_a_cover_that_does_not_come_is_left_out(stage: Stage) -> None:
    stage.bench.vendor.behaviour.file_status = {".jpg": 404}
    await stage.completed()
    await stage.deliver.step()
    [card] = stage.cards()
    assert len(card["attachments"]) == 2
    assert [embed.get("image") for embed in card["embeds"]] == [None, None]


async def test_a_file_server_that_is_busy_is_tried_again_later(stage: Stage) -> None:
    task = await stage.completed()
    stage.bench.vendor.behaviour.file_status = {".mp3": 503}
    await stage.deliver.step()
    assert await stage.row(task) == ("ready", "")
    stage.bench.vendor.behaviour.file_status = {}
    stage.bench.clock.advance(seconds=5)
    await stage.deliver.step()
    assert len(stage.cards()[0]["attachments"]) == 2


async def test_a_file_server_that_stays_busy_ends_in_links(stage: Stage) -> None:
    await stage.completed()
    stage.bench.vendor.behaviour.file_status = {".mp3": 503}
    await deliver_all(stage)
    [card] = stage.cards()
    assert card["attachments"] == []
    assert stage.bench.vendor.base_url in str(card["embeds"])


async def test_a_file_that_is_gone_is_asked_for_anew_and_then_told(stage: Stage) -> None:
    await stage.completed()
    stage.bench.vendor.behaviour.file_status = {".mp3": 404}
    before = len(stage.bench.vendor.requests)
    await stage.deliver.step()
    assert len(stage.bench.vendor.requests) == before + 1
    [card] = stage.cards()
    assert "not at the music service any more" in str(card["embeds"])


async def test_one_delivery_that_always_fails_does_not_hold_up_the_others(stage: Stage) -> None:
    broken = await stage.completed()
    await stage.bench.database.write(
        lambda db: db.execute("UPDATE tracks SET audio_url = 'http://[' WHERE task_id = ?", (broken.id,)).rowcount
    )
    fine = await stage.completed()
    await deliver_all(stage)
    assert await stage.row(fine) == ("sent", "")
    assert await stage.row(broken) == ("sent", "")
    assert len(stage.cards()) == 2


async def test_a_failure_is_told_in_a_message_where_there_is_no_queued_line(stage: Stage) -> None:
    stage.bench.vendor.behaviour.status = 402
    task = await stage.accepted(stage.channel)
    await stage.bench.submit.step()
    stage.wire.fault(*POST, when="after", times=1, reset=True)
    await stage.tell.step()
    stage.bench.clock.advance(minutes=1)
    await stage.tell.step()
    [notice] = stage.wire.messages(stage.channel)
    assert "credits" in notice["content"]
    assert not await stage.tell.step()
    assert (await stage.bench.task(task.id)).failure == "credits"


async def test_a_private_failure_is_told_directly(stage: Stage) -> None:
    stage.bench.vendor.behaviour.status = 402
    await stage.accepted(stage.channel, private=True)
    await stage.bench.submit.step()
    await stage.tell.step()
    assert stage.wire.messages(stage.channel) == []
    assert len(stage.wire.messages(stage.wire.dm(stage.member))) == 1


async def test_a_card_after_a_failure_notice_is_a_message_of_its_own(stage: Stage) -> None:
    task = await stage.accepted(stage.channel)
    assert await stage.bench.submit.step()
    theirs = (await stage.bench.task(task.id)).provider_task_id
    assert theirs is not None
    stage.bench.clock.advance(hours=3)
    await stage.bench.reconcile.step()
    await stage.tell.step()
    await stage.bench.finish(theirs)
    await stage.bench.call_back(task.key, theirs)
    await stage.deliver.step()
    assert [bool(message["attachments"]) for message in stage.wire.messages(stage.channel)] == [False, True]


async def deliver_all(stage: Stage) -> None:
    """Let time pass until nothing is left to deliver."""
    for _ in range(60):
        if await stage.bench.deliveries.next_delivery() is None:
            return
        if not await stage.deliver.step():
            stage.bench.clock.advance(minutes=5)
    raise AssertionError("deliveries do not end")
