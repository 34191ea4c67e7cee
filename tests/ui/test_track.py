"""`/track resend` on a simulated Discord: what could not be posted is posted after all."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.task import Delivery, State
from bot.ui.text import length
from bot.ui.words import track as words
from tests.parts import MORNING, make_task
from tests.ui.conftest import Carded, Show
from tests.ui.submits import change, handed_over, rows

CLOSED = "channel: HTTP 403, code 50001; direct: HTTP 403, code 50007"


async def resend(show: Show, track: str, member: Any = None) -> str:
    """Type the command; return what only the member reads."""
    options = {"track": track} if track else {}
    typed = await (member or show.world.member).slash(show.world.channel, "track resend", **options)
    assert typed.ephemeral
    text: str = typed.response.content
    return text


async def offered(show: Show, typed: str = "", member: Any = None) -> list[str]:
    choices = await (member or show.world.member).autocomplete(show.world.channel, "track resend", "track", typed)
    return [choice["name"] for choice in choices]


async def ask(show: Show, *prompts: str, **options: Any) -> list[str]:
    """Ask for each; return the task ids."""
    for prompt in prompts:
        await show.generate(prompt, **options)
    return [row[0] for row in rows(show, "SELECT id FROM tasks ORDER BY rowid")]


def put_aside(show: Show, reason: str = CLOSED) -> None:
    """Make everything look as if it had been made and could not be posted."""
    change(
        show,
        "UPDATE tasks SET state = 'completed', delivery = 'set_aside', due_at = NULL, ask_at = NULL, tell_at = NULL,"
        f" deliver_at = NULL, set_aside_reason = '{reason}'",
    )


async def test_it_is_posted_where_it_was_asked_for_and_its_line_points_there(carded: Carded) -> None:
    show = carded.show
    await carded.card().delete()
    ((task_id,),) = rows(show, "SELECT id FROM tasks")
    put_aside(show)
    assert "posting “rain on a tin roof”" in await resend(show, task_id)
    await show.world.until(lambda: any(one.attachments for one in show.world.channel.history()))
    assert "Here it is" in carded.line()


@pytest.mark.parametrize(
    ("guild", "said"),
    [
        ("guild_id", "where you asked for it, or to you directly if I may not. It had been"),
        ("NULL", "where you asked for it. It had been"),
    ],
    ids=["in a server", "in direct messages"],
)
async def test_a_direct_message_is_promised_only_where_one_may_be_sent(show: Show, guild: str, said: str) -> None:
    await ask(show, "rain")
    put_aside(show)
    change(show, f"UPDATE tasks SET guild_id = {guild}")
    assert said in await resend(show, "")


class TestWithoutDirectMessages:
    """DM_FALLBACK off."""

    @pytest.fixture
    def changes(self) -> dict[str, str]:
        return {"DM_FALLBACK": "off"}

    async def test_none_is_promised(self, show: Show) -> None:
        await ask(show, "rain")
        put_aside(show)
        assert "where you asked for it. It had been set aside" in await resend(show, "")


async def test_refused_again_a_moment_ago_it_is_said_when_it_may_be_tried(show: Show) -> None:
    (task_id,) = await ask(show, "rain")
    put_aside(show)
    now = int(time.time())
    change(show, f"UPDATE tasks SET set_asides = 2, set_aside_at = {now * 1000}")
    assert f"You can have it tried again <t:{now + 60}:R>" in await resend(show, task_id)
    assert rows(show, "SELECT delivery FROM tasks") == [("set_aside",)]
    change(show, f"UPDATE tasks SET set_aside_at = {(now - 60) * 1000}")
    assert "posting “rain”" in await resend(show, task_id)


async def test_without_a_choice_the_only_one_is_meant(show: Show) -> None:
    await ask(show, "rain")
    put_aside(show)
    assert "posting “rain”" in await resend(show, "")
    assert rows(show, "SELECT set_aside_reason FROM tasks WHERE delivery = 'set_aside'") == []


async def test_without_a_choice_among_several_it_asks_which(show: Show) -> None:
    await ask(show, "rain", "snow")
    put_aside(show)
    assert "Several tracks of yours" in await resend(show, "")
    assert len(rows(show, "SELECT 1 FROM tasks WHERE delivery = 'set_aside'")) == 2


async def test_mine_are_offered_newest_first_by_their_words_with_the_reason(show: Show) -> None:
    await ask(show, "rain on a roof", "Sun on the SEA", "rain at sea")
    put_aside(show)
    why = "(I may not see the channel)"
    assert await offered(show) == [f"rain at sea {why}", f"Sun on the SEA {why}", f"rain on a roof {why}"]
    assert await offered(show, "SEA rain") == [f"rain at sea {why}"]
    assert await offered(show, "snow") == []


async def test_what_is_not_set_aside_is_not_offered(show: Show) -> None:
    await ask(show, "rain")
    assert await offered(show) == []


async def test_a_stranger_is_offered_nothing_and_cannot_resend_mine(show: Show) -> None:
    (public,) = await ask(show, "known to all")
    _, private = await ask(show, "secret", private=True)
    put_aside(show)
    eve = show.add_member("eve")
    assert await offered(show, "", eve) == []
    assert "Only the person who asked" in await resend(show, public, eve)
    assert await resend(show, private, eve) == words.NOTHING_SET_ASIDE
    assert len(rows(show, "SELECT 1 FROM tasks WHERE delivery = 'set_aside'")) == 2


async def test_a_private_one_comes_directly(show: Show) -> None:
    (task_id,) = await ask(show, "secret", private=True)
    put_aside(show)
    assert "“secret” to you directly" in await resend(show, f" {task_id.upper()} ")


async def test_what_is_not_finished_posted_or_failed_is_said_so(show: Show) -> None:
    (task_id,) = await ask(show, "rain")
    await handed_over(show)
    assert "is not finished yet" in await resend(show, task_id)
    change(show, "UPDATE tasks SET state = 'completed', ask_at = NULL, delivery = 'ready'")
    assert "already posting" in await resend(show, task_id)
    change(show, "UPDATE tasks SET delivery = 'sent', sent_channel_id = channel_id, message_id = 7")
    assert "posted already: https://discord.com/channels/" in await resend(show, task_id)
    change(show, "UPDATE tasks SET deleted_at = 1")
    assert "cannot link to it" in await resend(show, task_id)
    change(show, "UPDATE tasks SET state = 'failed', failure = 'gone', delivery = 'none'")
    assert "did not work out" in await resend(show, task_id)
    change(show, "UPDATE tasks SET state = 'cancelled'")
    assert "was taken back" in await resend(show, task_id)


async def test_other_words_are_answered_with_what_would_work(show: Show) -> None:
    assert await resend(show, "that one") == words.NOTHING_SET_ASIDE
    assert await resend(show, "") == words.NOTHING_SET_ASIDE
    await ask(show, "rain")
    put_aside(show)
    assert "Choose one from the list" in await resend(show, "that one")


async def test_direct_messages_work_as_well(show: Show) -> None:
    await ask(show, "rain")
    put_aside(show)
    typed = await show.world.member.user.slash("track resend")
    assert typed.ephemeral
    assert "posting “rain”" in typed.response.content


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (CLOSED, "I may not see the channel, and I could not send you a direct message"),
        ("channel: HTTP 403, code 50013; direct: HTTP 403, code 50013", "I may not write in the channel"),
        ("ephemeral: the interaction has ended; direct: HTTP 403, code 50007", "I could not send you a direct message"),
        ("channel: HTTP 400, code 999", "Discord refused it"),
        ("HTTP 503, code 0", "Discord could not be reached for long"),
        ("rate limited", "Discord could not be reached for long"),
        ("KeyError", "something went wrong"),
        ("unknown", "something went wrong"),
    ],
)
def test_the_reason_is_said_in_plain_words(reason: str, said: str) -> None:
    assert words.why(make_task(set_aside_reason=reason)) == said


@given(prompt=st.text(max_size=2000), reason=st.sampled_from([CLOSED, "", "x" * 999]), state=st.sampled_from(State))
def test_it_always_fits(prompt: str, reason: str, state: State) -> None:
    task = make_task(prompt, state=state, set_aside_reason=reason)
    assert 1 <= length(words.choice(task)) <= 100
    assert length(words.resending(task, directly=True)) <= 2000
    assert length(words.too_soon(task, MORNING)) <= 2000
    for delivery in Delivery:
        assert length(words.not_set_aside(make_task(prompt, state=state, delivery=delivery), "x" * 100)) <= 2000
