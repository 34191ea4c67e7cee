"""`/task retry` on a simulated Discord with a pretend AudioPod: for nothing where it can be, else after asking."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client import Client
from bot.domain.task import State
from bot.flows.retry import Retried
from bot.sandbox.audiopod import Behaviour, PretendAudioPod
from bot.ui.text import length
from bot.ui.words import task as words
from tests.parts import SECRET, QuickStudio, make_task
from tests.ui.conftest import Show
from tests.ui.submits import change, rows
from tests.whole.process import free_port

KEY = "ap_for_the_tests"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def pod(port: int) -> AsyncIterator[PretendAudioPod]:
    """A vendor with a free retry whose jobs fail at once, and which calls back."""
    behaviour, url = Behaviour(seconds=0.0, fail_with="crashed"), f"http://127.0.0.1:{port}/callbacks/audiopod"
    async with PretendAudioPod(KEY, SECRET, webhook_url=url, behaviour=behaviour, studio=QuickStudio()) as server:
        yield server


@pytest.fixture
def changes(pod: PretendAudioPod, port: int) -> dict[str, str]:
    return {
        "AUDIOPOD_BASE_URL": pod.base_url,
        "AUDIOPOD_API_KEY": KEY,
        "AUDIOPOD_WEBHOOK_SECRET": SECRET,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LISTEN_PORT": str(port),
    }


def client_of(show: Show) -> Client:
    client = show.world.env.bot
    assert isinstance(client, Client)
    return client


async def retry(show: Show, task: str = "", member: Any = None) -> Any:
    """Type the command; return the answer as it is held."""
    options = {"task": task} if task else {}
    answer = await (member or show.world.member).slash(show.world.channel, "task retry", **options)
    assert answer.ephemeral
    return show.world.message(show.world.channel.id, answer.response.id)


async def asked(show: Show, prompt: str = "rain", **options: Any) -> str:
    await show.generate(prompt, **options)
    ((task_id,),) = rows(show, "SELECT id FROM tasks ORDER BY rowid DESC LIMIT 1")
    return str(task_id)


def fail(show: Show, job: str = "NULL", provider: str = "musicmint") -> None:
    """Make everything look as if it had failed there."""
    change(
        show,
        f"UPDATE tasks SET state = 'failed', failure = 'provider', due_at = NULL, ask_at = NULL, tell_at = NULL,"
        f" provider = '{provider}', provider_task_id = {job}",
    )


async def failed_at_pod(show: Show, pod: PretendAudioPod) -> tuple[str, int]:
    """Return a task of the member's that AudioPod could not make, and its queued line."""
    typed = await show.generate("rain", provider="audiopod")
    line = typed.response.id
    await said(show, line, "did not work out")
    ((task_id,),) = rows(show, "SELECT id FROM tasks")
    pod.behaviour.fail_with, pod.behaviour.seconds = None, None
    return str(task_id), line


async def said(show: Show, line: int, text: str) -> None:
    """Wait until a queued line says so; the bot asks the vendor by itself."""
    channel = show.world.channel.id
    await show.world.until(lambda: text in show.world.message(channel, line).content)


async def test_it_is_made_again_for_nothing_its_line_is_true_again_and_its_card_comes(
    show: Show, pod: PretendAudioPod
) -> None:
    task_id, line = await failed_at_pod(show, pod)
    answer = await retry(show)
    assert "without a new charge" in answer.content
    await said(show, line, "made once more, without a new charge")
    held = show.world.message(show.world.channel.id, line)
    assert [one["custom_id"] for row in held.components for one in row["components"]] == [f"cancel:{task_id}"]
    assert rows(show, "SELECT state, attempt FROM tasks") == [("submitted", 2)]
    pod.behaviour.seconds = 0.0
    await pod.finish(rows(show, "SELECT provider_task_id FROM tasks")[0][0])
    await said(show, line, "Here it is")
    assert sum(bool(one.attachments) for one in show.world.channel.history()) == 1


async def test_where_it_costs_anew_it_asks_and_the_button_asks_for_the_same(show: Show) -> None:
    task_id = await asked(show, "rain", style="lofi")
    fail(show)
    await retry(show, task_id)
    answer = await show.world.member.slash(show.world.channel, "task retry", task=task_id)
    assert "is charged" in answer.response.content
    assert len(rows(show, "SELECT 1 FROM tasks")) == 1, "asking charges nothing"
    pressed = await show.world.member.click(answer.response.message, label=words.RETRY_CHARGED)
    assert "rain" in pressed.response.content
    first, second = rows(show, "SELECT id, parent_id, provider, request FROM tasks ORDER BY rowid")
    assert second[1:] == (task_id, *first[2:])
    again = await show.world.member.click(answer.response.message, label=words.RETRY_CHARGED)
    assert "same press" in again.response.content
    assert len(rows(show, "SELECT 1 FROM tasks")) == 2


async def test_the_button_is_only_its_owners_and_only_for_what_is_still_failed(show: Show) -> None:
    task_id = await asked(show)
    fail(show)
    posted = await show.world.member.slash(show.world.channel, "task retry", task=task_id)
    message, press = posted.response.message, show.world.member.click
    change(show, "UPDATE tasks SET member_id = 1")
    assert "Only the person" in (await press(message, label=words.RETRY_CHARGED)).response.content
    change(show, f"UPDATE tasks SET member_id = {show.world.member.id}, state = 'completed'")
    assert "worked out" in (await press(message, label=words.RETRY_CHARGED)).response.content
    change(show, "UPDATE tasks SET state = 'failed', request = json_set(request, '$.prompt', '')")
    assert "has been removed" in (await press(message, label=words.RETRY_CHARGED)).response.content
    change(show, "DELETE FROM tasks")
    assert (await press(message, label=words.RETRY_CHARGED)).response.content == words.UNKNOWN


async def test_what_is_foreign_unknown_or_not_failed_is_said_clearly(show: Show) -> None:
    assert (await retry(show)).content == words.NOTHING_FAILED
    task_id, eve = await asked(show), show.add_member("eve")
    assert "still in the works" in (await retry(show, task_id)).content
    assert "Only the person" in (await retry(show, task_id, eve)).content
    fail(show)
    assert (await retry(show, "that one")).content == words.UNKNOWN
    assert (await retry(show, "22222222cccc")).content == words.UNKNOWN
    change(show, "UPDATE tasks SET request = json_set(request, '$.private', json('true'))")
    assert (await retry(show, task_id, eve)).content == words.NOTHING_FAILED
    change(show, "UPDATE tasks SET state = 'cancelled'")
    assert "taken back" in (await retry(show, task_id)).content


async def test_mine_that_failed_are_offered_newest_first_and_several_are_asked_about(show: Show) -> None:
    first, second = await asked(show, "rain"), await asked(show, "rain and snow")
    fail(show)
    choices = await show.world.member.autocomplete(show.world.channel, "task retry", "task", "rain")
    assert [choice["value"] for choice in choices] == [second, first]
    assert await show.add_member("eve").autocomplete(show.world.channel, "task retry", "task", "") == []
    assert (await retry(show)).content == words.WHICH_ONE


@pytest.mark.parametrize(
    ("kind", "cost"), [("song", "is charged"), ("stems", "may be charged"), ("wav", "takes nothing for a new try")]
)
async def test_what_a_new_try_costs_is_said_by_what_the_vendor_states(show: Show, kind: str, cost: str) -> None:
    await asked(show)
    fail(show)
    change(show, f"UPDATE tasks SET request = json_set(request, '$.kind', '{kind}')")
    answer = await retry(show)
    assert cost in answer.content
    assert "counts against your day" in answer.content
    assert answer.components[0]["components"][0]["label"] == words.RETRY_CHARGED


async def test_words_that_were_removed_cannot_be_asked_for_again(show: Show) -> None:
    task_id = await asked(show)
    fail(show)
    change(show, "UPDATE tasks SET request = json_set(request, '$.prompt', '')")
    answer = await retry(show, task_id)
    assert "has been removed" in answer.content
    assert not answer.components


async def test_a_vendor_that_is_busy_charges_nothing(show: Show, pod: PretendAudioPod) -> None:
    await failed_at_pod(show, pod)
    pod.behaviour.status = 429
    assert "Nothing was charged" in (await retry(show)).content
    assert rows(show, "SELECT state, attempt FROM tasks") == [("failed", 1)]


async def test_a_renamed_and_a_deleted_track_are_so_at_the_vendor(show: Show, pod: PretendAudioPod) -> None:
    pod.behaviour.fail_with = None
    typed = await show.generate("rain", provider="audiopod")
    await said(show, typed.response.id, "Here it is")
    ((task_id, theirs),) = rows(show, "SELECT id, provider_task_id FROM tasks")
    ask = show.world.member.slash
    await ask(show.world.channel, "track rename", track=task_id, title="Harbour")
    vendor_jobs = client_of(show).services.vendor_jobs
    await vendor_jobs.finish(10)
    assert pod.jobs[int(theirs)].display_name == f"Harbour · {task_id}"
    question = await ask(show.world.channel, "track delete", track=task_id)
    assert pod.jobs, "asking deletes nothing"
    await show.world.member.click(question.response.message, label="Yes, delete it")
    await vendor_jobs.finish(10)
    assert not pod.jobs


async def test_a_card_that_cannot_be_deleted_keeps_its_job_and_audio(show: Show, pod: PretendAudioPod) -> None:
    pod.behaviour.fail_with = None
    typed = await show.generate("rain", provider="audiopod")
    await said(show, typed.response.id, "Here it is")
    change(show, "UPDATE tasks SET sent_channel_id = 999")
    ((task_id,),) = rows(show, "SELECT id FROM tasks")
    question = await show.world.member.slash(show.world.channel, "track delete", track=task_id)
    await show.world.member.click(question.response.message, label="Yes, delete it")
    held = show.world.message(show.world.channel.id, question.response.id)
    assert "could not delete it" in held.content
    await client_of(show).services.vendor_jobs.finish(10)
    assert len(pod.jobs) == 1


@given(prompt=st.text(max_size=2000), state=st.sampled_from(State), outcome=st.sampled_from(Retried))
def test_it_always_fits(prompt: str, state: State, outcome: Retried) -> None:
    task = make_task(prompt, state=state)
    assert 1 <= length(words.choice(task)) <= 100
    assert 1 <= length(words.retried(task, outcome)) <= 2000
