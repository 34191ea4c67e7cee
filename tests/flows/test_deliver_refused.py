"""What becomes of a card that Discord refuses: less of it, another place, or set aside; never lost, never in a loop."""

import logging
from typing import Any

import pytest

from bot.flows.deliver import POST_FOR, UNFORESEEN_FOR
from bot.flows.watch import Watch
from bot.logs import Seldom
from bot.store.times import SqliteTimes
from bot.ui.post_errors import deadline
from tests.flows.stage import EDIT, POST, Stage
from tests.wire.world import USUAL, Permission

HTML = "<html>cf-error-details</html>"
REOPEN = ("PATCH", "/channels/{channel_id}")


def refusals(stage: Stage) -> int:
    """Return how many answers counted towards Discord's block of an address."""
    return sum(request.status in (401, 403, 429) for request in stage.wire.requests)


@pytest.mark.parametrize("code", [50013, 50001, 10003, 10004])
async def test_a_task_that_is_refused_everywhere_costs_few_refusals_and_ends(stage: Stage, code: int) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, code=code, times=99)
    stage.member.takes_direct_messages = False
    await stage.deliver.step()
    assert (await stage.row(task))[0] == "set_aside"
    assert len(stage.wire.sent(*POST)) <= 4
    stage.bench.clock.advance(days=9)
    assert not await stage.deliver.step()
    assert refusals(stage) <= 4


async def test_an_invalid_form_is_posted_plainly_and_logged_as_a_fault_of_ours(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, code=50035)
    await stage.deliver.step()
    [card] = stage.cards()
    assert card["content"].count(stage.bench.vendor.base_url) == 2
    assert await stage.row(task) == ("sent", "")
    assert [record.levelname for record in caplog.records if "showing less" in record.message] == ["ERROR"]


async def test_a_card_that_discord_finds_too_large_is_posted_with_links(stage: Stage) -> None:
    stage.wire.fault(*POST, status=413, body=HTML)
    await stage.completed()
    await stage.deliver.step()
    first, second = stage.wire.sent(*POST)
    assert first.files
    assert not second.files
    assert stage.cards()[0]["content"].count("Listen here") == 2


@pytest.mark.parametrize("wait", [60.0, 3600.0])
@pytest.mark.parametrize("scope", [{}, {"is_global": True}, {"headers": {"X-RateLimit-Scope": "shared"}}], ids=str)
async def test_a_long_rate_limit_is_waited_for_in_the_queue(stage: Stage, wait: float, scope: dict[str, Any]) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, retry_after=wait, **scope)
    await stage.deliver.step()
    assert await stage.row(task) == ("ready", "")
    stage.bench.clock.advance(seconds=wait - 1)
    assert not await stage.deliver.step()
    stage.bench.clock.advance(seconds=1)
    assert await stage.deliver.step()
    assert len(stage.wire.sent(*POST)) == 2
    assert len(stage.cards()) == 1


async def test_a_short_rate_limit_is_waited_out(stage: Stage) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, retry_after=0.1)
    await stage.deliver.step()
    assert await stage.row(task) == ("sent", "")


async def test_a_proxy_before_discord_is_given_the_time_it_asks_for(stage: Stage) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, status=429, body=HTML, headers={"Retry-After": "900"})
    await stage.deliver.step()
    stage.bench.clock.advance(seconds=899)
    assert not await stage.deliver.step()
    stage.bench.clock.advance(seconds=1)
    assert await stage.deliver.step()
    assert await stage.row(task) == ("sent", "")


async def test_a_channel_that_closes_after_a_lost_answer_holds_the_only_card(stage: Stage) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, when="after", times=1, reset=True)
    await stage.deliver.step()
    stage.wire.permit(stage.channel, USUAL & ~Permission.SEND_MESSAGES)
    stage.bench.clock.advance(minutes=1)
    await stage.deliver.step()
    assert await stage.row(task) == ("sent", "")
    assert len(stage.cards()) == 1
    assert stage.cards(stage.wire.dm(stage.member)) == []


async def test_an_archived_thread_is_opened_and_posted_to(stage: Stage) -> None:
    thread = stage.wire.add_thread(stage.channel, archived=True)
    await stage.completed(thread)
    await stage.deliver.step()
    assert len(stage.cards(thread)) == 1
    assert stage.cards() == []
    assert not thread.archived


async def test_a_locked_thread_sends_it_to_the_member_and_never_to_the_parent(stage: Stage) -> None:
    thread = stage.wire.add_thread(stage.channel)
    stage.wire.archive(thread, locked=True)
    task = await stage.completed(thread)
    await stage.deliver.step()
    assert len(stage.cards(stage.wire.dm(stage.member))) == 1
    assert stage.wire.messages(stage.channel) == []
    assert await stage.row(task) == ("sent", "")
    assert len(stage.wire.sent(*REOPEN)) == 1


async def test_a_thread_that_was_deleted_sends_it_to_the_member_and_never_to_the_parent(stage: Stage) -> None:
    thread = stage.wire.add_thread(stage.channel)
    await stage.completed(thread)
    stage.wire.delete_channel(thread)
    await stage.deliver.step()
    assert len(stage.cards(stage.wire.dm(stage.member))) == 1
    assert stage.wire.messages(stage.channel) == []


async def test_a_forum_that_takes_no_messages_sends_it_to_the_member(stage: Stage) -> None:
    await stage.completed()
    stage.wire.fault("POST", f"/channels/{stage.channel.id}/messages", status=400, code=50008, times=9)
    await stage.deliver.step()
    assert len(stage.cards(stage.wire.dm(stage.member))) == 1


async def test_no_message_refers_to_another(stage: Stage) -> None:
    stage.wire.permit(stage.channel, USUAL & ~Permission.READ_MESSAGE_HISTORY)
    task = await stage.completed()
    await stage.deliver.step()
    [request] = stage.wire.sent(*POST)
    assert "message_reference" not in request.json
    assert await stage.row(task) == ("sent", "")


async def test_words_that_a_server_forbids_are_left_out_and_the_music_stays(stage: Stage) -> None:
    assert stage.channel.guild is not None
    stage.wire.forbid(stage.channel.guild, "Turnip", "gloom", "rain")
    await stage.completed(title="Turnip Waltz", style="gloom", lyrics="turnip, turnip")
    await stage.deliver.step()
    [card] = stage.cards()
    assert [file["filename"].rpartition(".")[2] for file in card["attachments"]] == ["mp3", "mp3"]
    assert "without them" in card["content"]
    assert not any(word in str(card).casefold() for word in ("turnip", "gloom", "rain"))


async def test_a_message_that_is_blocked_even_without_words_goes_to_the_member(stage: Stage) -> None:
    assert stage.channel.guild is not None
    stage.wire.forbid(stage.channel.guild, "ready")
    task = await stage.completed()
    await stage.deliver.step()
    assert stage.cards() == []
    assert len(stage.cards(stage.wire.dm(stage.member))) == 1
    assert await stage.row(task) == ("sent", "")


async def test_forbidden_words_where_no_files_may_be_attached_leave_the_links(stage: Stage) -> None:
    assert stage.channel.guild is not None
    stage.wire.forbid(stage.channel.guild, "turnip")
    stage.wire.permit(stage.channel, USUAL & ~Permission.ATTACH_FILES)
    await stage.completed(title="Turnip Waltz")
    await stage.deliver.step()
    [card] = stage.cards()
    assert card["content"].count(stage.bench.vendor.base_url) == 2
    assert "urnip" not in str(card)


@pytest.mark.parametrize("fault", [{"status": 200}, {"status": 403}, {"status": 503}, {"status": 520}], ids=str)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_in_html_is_tried_again_and_neither_posted_nor_logged(
    stage: Stage, fault: dict[str, Any], when: Any, caplog: pytest.LogCaptureFixture
) -> None:
    task = await stage.completed()
    caplog.set_level(logging.INFO)
    stage.wire.fault(*POST, when=when, body=HTML, **fault)
    await stage.deliver.step()
    assert await stage.row(task) == ("ready", "")
    stage.bench.clock.advance(seconds=5)
    await stage.deliver.step()
    assert len(stage.cards()) == 1
    assert await stage.row(task) == ("sent", "")
    assert "cf-error" not in caplog.text + str(stage.cards())


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 200, "body": HTML}], ids=str)
async def test_one_card_that_always_fails_holds_up_no_other_and_is_set_aside_and_told(
    stage: Stage, fault: dict[str, Any]
) -> None:
    broken = await stage.completed()
    await stage.line_of(broken)
    other = stage.wire.add_channel(stage.channel.guild, "other")  # type: ignore[arg-type]
    path = f"/channels/{stage.channel.id}/messages"
    failing = stage.wire.fault("POST", path, times=999, **fault)
    await stage.deliver.step()
    fine = await stage.completed(other)
    await stage.deliver.step()
    assert await stage.row(fine) == ("sent", "")
    for _ in range(3):
        assert await stage.row(broken) == ("ready", "")
        stage.bench.clock.advance(seconds=(POST_FOR if fault["status"] == 503 else UNFORESEEN_FOR).total_seconds() / 2)
        assert await stage.deliver.step()
    assert (await stage.row(broken))[0] == "set_aside"
    assert not await stage.deliver.step()
    assert failing.given == 4
    assert await stage.tell.step()
    [line] = [one for one in stage.wire.sent(*EDIT) if one.path.startswith(path)]
    assert "could not post it" in line.json["content"]
    assert not await stage.tell.step()


def test_the_deadline_of_an_upload_grows_with_its_size() -> None:
    at_200_kilobytes_a_second = 40 * 1024 * 1024 / 200_000
    assert deadline(0) < deadline(2**20) < deadline(2**23)
    assert deadline(40 * 1024 * 1024) > at_200_kilobytes_a_second
    assert deadline(10**12) == 300


async def test_a_clock_that_is_put_back_does_not_stop_posting_for_longer_than_the_pause(stage: Stage) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, status=401, times=1)
    clock, database = stage.bench.clock, stage.bench.database
    watch = Watch(SqliteTimes(database), database.look, Seldom(), clock, lambda: 0.0)
    await stage.deliver.step()
    assert not await stage.deliver.step()
    clock.advance(days=-30)
    await watch.look()
    clock.advance(hours=1)
    assert await stage.deliver.step()
    assert await stage.row(task) == ("sent", "")
