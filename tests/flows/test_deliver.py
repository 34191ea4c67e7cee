"""A completed task becomes one message, whatever Discord and the file servers do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.store.tellings import SqliteTellings
from bot.ui.words import how_it_stands
from tests.flows.stage import POST, Stage
from tests.wire.world import USUAL, Permission


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
    assert len(stage.wire.sent(*POST)) == 1, "it is looked for before it is posted again"


async def test_an_answer_that_is_lost_for_long_is_found_in_the_history(stage: Stage) -> None:
    await stage.completed()
    await see_it_found_after_ten_minutes(stage)


async def test_a_card_posted_while_our_clock_was_ahead_is_found_from_the_queued_line_on(stage: Stage) -> None:
    line = stage.channel.id  # a number of Discord's from before the card
    stage.bench.clock.now = datetime.now(UTC) + timedelta(hours=1)
    task = await stage.completed()
    set_line = "UPDATE tasks SET notice_id = ? WHERE id = ?"
    await stage.bench.database.write(lambda db: db.execute(set_line, (line, task.id)).rowcount)
    await see_it_found_after_ten_minutes(stage)


async def see_it_found_after_ten_minutes(stage: Stage) -> None:
    """The card is made and its answer lost; long after, it is found in the history and not posted again."""
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


async def test_a_card_that_is_set_aside_is_told_on_the_queued_line(stage: Stage) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, code=50001, times=9)
    stage.member.takes_direct_messages = False
    await stage.deliver.step()
    assert [due.id for due in await SqliteTellings(stage.bench.database).to_tell(stage.bench.clock(), 9)] == [task.id]
    assert "could not post it" in how_it_stands(await stage.bench.task(task.id))


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


async def test_a_bad_token_stops_all_sending_and_keeps_the_work(stage: Stage) -> None:
    tasks = [await stage.completed() for _ in range(2)]
    stage.wire.fault(*POST, status=401, times=9)
    assert await stage.deliver.step()
    assert not await stage.deliver.step(), "what the second would be answered is known"
    stage.bench.clock.advance(minutes=29)
    assert not await stage.deliver.step()
    assert len(stage.wire.sent(*POST)) == 1
    assert [await stage.row(task) for task in tasks] == [("ready", "")] * 2
    stage.bench.clock.advance(minutes=2)
    assert await stage.deliver.step()


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


async def test_a_file_that_is_gone_is_asked_for_anew_and_then_linked(stage: Stage) -> None:
    await stage.completed()
    stage.bench.vendor.behaviour.file_status = {".mp3": 404}
    before = len(stage.bench.vendor.requests)
    await stage.deliver.step()
    assert len(stage.bench.vendor.requests) == before + 1
    [card] = stage.cards()
    assert stage.bench.vendor.base_url in str(card["embeds"])


async def test_tracks_that_have_expired_are_told_without_a_dead_link(stage: Stage) -> None:
    await stage.completed()
    stage.bench.clock.advance(days=400)
    await stage.deliver.step()
    [card] = stage.cards()
    assert "not at the music service any more" in str(card["embeds"])
    assert stage.bench.vendor.base_url not in str(card)


async def test_one_delivery_whose_files_always_fail_does_not_hold_up_the_others(stage: Stage) -> None:
    broken = await stage.completed()
    await stage.bench.database.write(
        lambda db: db.execute("UPDATE tracks SET audio_url = 'http://[' WHERE task_id = ?", (broken.id,)).rowcount
    )
    fine = await stage.completed()
    await deliver_all(stage)
    assert await stage.row(fine) == ("sent", "")
    assert await stage.row(broken) == ("sent", "")
    assert len(stage.cards()) == 2


async def deliver_all(stage: Stage) -> None:
    """Let time pass until nothing is left to deliver."""
    for _ in range(60):
        if await stage.bench.deliveries.next_delivery() is None:
            return
        if not await stage.deliver.step():
            stage.bench.clock.advance(minutes=5)
    raise AssertionError("deliveries do not end")
