"""What members see and press when a provider fails and another could make it, and how they choose one."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from bot.sandbox.audiopod import PretendAudioPod
from bot.sandbox.behaviour import Behaviour
from bot.ui.elsewhere import ElsewhereButton
from tests.parts import SECRET, QuickStudio
from tests.providers.audiopod_samples import POD_KEY
from tests.ui.conftest import Show
from tests.ui.submits import change, handed_over, rows, submits_until
from tests.whole.process import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def pod(port: int) -> AsyncIterator[PretendAudioPod]:
    """The other one, which calls back as set up in the account."""
    behaviour, url = Behaviour(seconds=None, time_scale=0.001), f"http://127.0.0.1:{port}/callbacks/audiopod"
    async with PretendAudioPod(POD_KEY, SECRET, webhook_url=url, behaviour=behaviour, studio=QuickStudio()) as server:
        yield server


@pytest.fixture
def changes(pod: PretendAudioPod, port: int) -> dict[str, str]:
    return {
        "AUDIOPOD_BASE_URL": pod.base_url,
        "AUDIOPOD_API_KEY": POD_KEY,
        "AUDIOPOD_WEBHOOK_SECRET": SECRET,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LISTEN_PORT": str(port),
    }


def labels(message: Any) -> list[str]:
    return [button["label"] for row in message.components for button in row["components"]]


async def failed_line(show: Show, status: int = 402, **options: Any) -> Any:
    """The member asks, the preferred provider refuses, and the line says so; return the line to press upon."""
    show.vendor.behaviour.status = status
    typed = await show.generate(**options)
    held = show.world.message(typed.response.channel_id, typed.response.id)
    await show.world.until(lambda: "did not work out" in str(held.content))
    return typed.response.message


def line(show: Show, message: Any) -> Any:
    return show.world.message(message.channel.id, message.id)


class TestButton:
    """Under the notice of a failure."""

    @pytest.mark.parametrize("status", [400, 401, 402])
    async def test_a_failure_for_the_providers_sake_offers_the_other(self, show: Show, status: int) -> None:
        assert labels(line(show, await failed_line(show, status))) == ["Try with AudioPod"]

    async def test_pressing_asks_there_for_the_same_and_it_belongs_to_whoever_pressed(
        self, show: Show, pod: PretendAudioPod
    ) -> None:
        notice, eve = await failed_line(show, style="lofi"), show.add_member("eve")
        pressed = await eve.click(notice, label="Try with AudioPod")
        assert eve.mention in pressed.response.content
        await handed_over(show)
        query = "SELECT provider, member_id, request, parent_id FROM tasks ORDER BY rowid"
        (_, _, request, _), (provider, member, again, parent) = rows(show, query)
        ((first,),) = rows(show, "SELECT id FROM tasks WHERE parent_id IS NULL")
        assert (provider, member, again, parent) == ("audiopod", eve.id, request, first)
        assert (len(pod.jobs), len(show.vendor.requests)) == (1, 1)

    async def test_a_second_press_is_the_same_press(self, show: Show) -> None:
        notice = await failed_line(show)
        await show.world.member.click(notice, label="Try with AudioPod")
        second = await show.world.member.click(notice, label="Try with AudioPod")
        assert second.ephemeral
        assert "same press" in second.response.content
        assert len(rows(show, "SELECT 1 FROM tasks")) == 2

    @pytest.mark.parametrize(
        ("state", "said"),
        [("completed", "worked out"), ("submitted", "still in the works"), ("cancelled", "taken back")],
    )
    async def test_what_is_not_failed_any_more_is_not_asked_for_again(
        self, show: Show, pod: PretendAudioPod, state: str, said: str
    ) -> None:
        notice = await failed_line(show)
        change(show, f"UPDATE tasks SET state = '{state}', failure = ''")
        pressed = await show.world.member.click(notice, label="Try with AudioPod")
        assert pressed.ephemeral
        assert said in pressed.response.content
        assert (len(rows(show, "SELECT 1 FROM tasks")), pod.jobs) == (1, {})

    async def test_nothing_is_asked_without_a_press(self, show: Show, pod: PretendAudioPod) -> None:
        await failed_line(show)
        assert pod.jobs == {}

    async def test_a_private_one_is_offered_in_its_own_answer_and_stays_private(self, show: Show) -> None:
        show.vendor.behaviour.status = 402
        notice = (await show.generate(private=True)).response.message
        await submits_until(lambda: rows(show, "SELECT state FROM tasks") == [("failed",)])
        await failed_line(show)  # lines are told in order, and nothing is heard of an ephemeral one
        assert labels(line(show, notice)) == ["Try with AudioPod"]
        assert (await show.world.member.click(notice, label="Try with AudioPod")).ephemeral

    async def test_a_private_one_is_nobody_elses_to_press(self, show: Show) -> None:
        notice = await failed_line(show)
        ((task_id,),) = rows(show, "SELECT id FROM tasks")
        change(show, "UPDATE tasks SET request = json_set(request, '$.private', json('true'))")
        pressed = await show.add_member("eve").click(notice, label="Try with AudioPod")
        assert "Only the person who asked" in pressed.response.content
        assert rows(show, "SELECT id FROM tasks") == [(task_id,)]

    async def test_words_that_were_removed_are_said_to_be(self, show: Show) -> None:
        notice = await failed_line(show)
        change(show, 'UPDATE tasks SET request = \'{"prompt":""}\'')
        pressed = await show.world.member.click(notice, label="Try with AudioPod")
        assert "has been removed" in pressed.response.content

    async def test_known_spent_credits_lose_no_words_and_are_offered_elsewhere(self, show: Show) -> None:
        await failed_line(show)
        assert labels(line(show, await failed_line(show, prompt="a second wish"))) == ["Try with AudioPod"]
        assert len(show.vendor.requests) == 1


class TestChoosing:
    """The option `provider`."""

    async def test_who_could_make_it_is_offered_by_the_name_people_read(self, show: Show) -> None:
        choose = show.world.member.autocomplete
        assert [
            (one["name"], one["value"]) for one in await choose(show.world.channel, "generate", "provider", "")
        ] == [
            ("MusicMint", "musicmint"),
            ("AudioPod", "audiopod"),
        ]
        typed = await choose(show.world.channel, "generate", "provider", "pod")
        assert [one["value"] for one in typed] == ["audiopod"]

    @pytest.mark.parametrize("provider", ["audiopod", "AudioPod ", "AUDIOPOD"])
    async def test_the_chosen_one_makes_it(self, show: Show, pod: PretendAudioPod, provider: str) -> None:
        await show.generate(provider=provider)
        await handed_over(show)
        assert (len(pod.jobs), len(show.vendor.requests)) == (1, 0)

    async def test_one_that_is_not_there_is_refused_with_those_that_are(self, show: Show) -> None:
        typed = await show.generate(provider="no*such")
        assert typed.ephemeral
        assert r"no\*such does not make music. MusicMint or AudioPod would" in typed.response.content
        assert rows(show, "SELECT 1 FROM tasks") == []


class TestKept:
    """Again and Remix."""

    async def test_again_and_remix_keep_the_provider(self, show: Show, pod: PretendAudioPod) -> None:
        pod.behaviour.seconds = 0.0
        await show.generate(provider="audiopod")
        channel = show.world.channel
        await show.world.until(lambda: any(one.attachments for one in channel.history()))
        card = next(one for one in channel.history() if one.attachments)
        await show.add_member("eve").click(card, label="Again")
        zoe = show.add_member("zoe")
        await zoe.submit_modal(await zoe.click(card, label="Remix"), {"prompt": "snow"})
        assert rows(show, "SELECT DISTINCT provider FROM tasks") == [("audiopod",)]
        assert len(rows(show, "SELECT 1 FROM tasks")) == 3


async def test_a_button_of_an_earlier_run_works(show: Show, pod: PretendAudioPod) -> None:
    await show.generate()
    await handed_over(show)
    change(show, "UPDATE tasks SET state = 'failed', failure = 'down', ask_at = NULL")
    ((task_id,),) = rows(show, "SELECT id FROM tasks")
    view = discord.ui.View(timeout=None).add_item(ElsewhereButton(task_id, "audiopod", "AudioPod"))
    # Past the library's memory of its views, as if another process had sent it.
    with discord.http.handle_message_parameters(content="left over", view=view) as params:
        await show.world.env.bot.http.send_message(show.world.channel.id, params=params)
    [notice] = [one for one in show.world.channel.history() if one.content == "left over"]
    await show.world.member.click(notice, label="Try with AudioPod")
    await handed_over(show)
    assert len(pod.jobs) == 1


async def test_only_who_could_make_what_is_typed_so_far_is_offered(show: Show) -> None:
    choices = await show.world.member.autocomplete(
        show.world.channel, "generate", "provider", "", prompt="x" * 1900, style="y" * 200
    )
    assert [one["value"] for one in choices] == ["musicmint"]


async def busy_line(show: Show, **options: Any) -> Any:
    """The member asks, the preferred provider says that it is busy, and so does the line; return it to press upon."""
    show.vendor.behaviour.status, show.vendor.behaviour.retry_after = 429, 200
    typed = await show.generate(**options)
    held = show.world.message(typed.response.channel_id, typed.response.id)
    await show.world.until(lambda: "MusicMint is busy" in str(held.content))
    return typed.response.message


async def busy_for_another(show: Show) -> Any:
    """Another member learned that the preferred provider is busy; then the member asks it. Return the member's line."""
    show.vendor.behaviour.status, show.vendor.behaviour.retry_after = 429, 200
    await show.add_member("zoe").slash(show.world.channel, "generate", prompt="wind")
    query = "SELECT 1 FROM tasks WHERE state = 'waiting' AND submit_tries = 1"
    await submits_until(lambda: bool(rows(show, query)))
    return (await show.generate()).response.message


class TestHandingOver:
    """Under the line of what waits for a provider that is busy."""

    async def test_the_line_says_so_and_offers_another(self, show: Show) -> None:
        held = line(show, await busy_line(show))
        assert "at place 1 of all" in held.content
        assert labels(held) == ["Cancel", "Try with AudioPod"]

    async def test_a_press_hands_the_very_task_over(self, show: Show, pod: PretendAudioPod) -> None:
        notice = await busy_line(show, style="lofi")
        await show.world.member.click(notice, label="Try with AudioPod")
        await handed_over(show)
        assert rows(show, "SELECT provider, state FROM tasks") == [("audiopod", "submitted")]
        assert (len(pod.jobs), len(show.vendor.requests)) == (1, 1)
        held = line(show, notice)
        assert "Usually done" in held.content
        assert labels(held) == ["Cancel"]

    @pytest.mark.parametrize("state", ["submitting", "submitted", "unknown"])
    async def test_what_has_gone_on_meanwhile_is_not_asked_for_again(
        self, show: Show, pod: PretendAudioPod, state: str
    ) -> None:
        notice = await busy_line(show)
        change(show, f"UPDATE tasks SET state = '{state}', due_at = NULL")
        pressed = await show.world.member.click(notice, label="Try with AudioPod")
        assert "still in the works" in pressed.response.content
        assert (len(rows(show, "SELECT 1 FROM tasks")), pod.jobs) == (1, {})

    async def test_what_may_have_been_charged_since_is_not_asked_for_again(
        self, show: Show, pod: PretendAudioPod
    ) -> None:
        notice = await busy_line(show)
        change(show, "UPDATE tasks SET state = 'failed', failure = 'lost', due_at = NULL")
        pressed = await show.world.member.click(notice, label="Try with AudioPod")
        assert pressed.ephemeral
        assert "may have been charged" in pressed.response.content
        assert (len(rows(show, "SELECT 1 FROM tasks")), pod.jobs) == (1, {})

    @pytest.mark.parametrize("private", [False, True])
    async def test_who_asks_while_it_is_busy_is_offered_another_in_the_first_answer(
        self, show: Show, pod: PretendAudioPod, private: bool
    ) -> None:
        await busy_line(show)
        typed = await show.add_member("eve").slash(show.world.channel, "generate", prompt="snow", private=private)
        assert "MusicMint is busy, so it waits there, at place 2 of all" in typed.response.content
        assert labels(line(show, typed.response.message)) == ["Cancel", "Try with AudioPod"]

    async def test_the_members_own_that_come_first_are_told(self, show: Show) -> None:
        for _ in range(2):
            await show.generate(provider="audiopod")
        await handed_over(show, 2)
        notice = await busy_for_another(show)
        await show.world.member.click(notice, label="Try with AudioPod")
        held = line(show, notice)
        assert "2 of yours are before it" in held.content
        assert labels(held) == ["Cancel"]

    async def test_it_is_nobody_elses_to_hand_over(self, show: Show) -> None:
        pressed = await show.add_member("eve").click(await busy_line(show), label="Try with AudioPod")
        assert "Only the person who asked" in pressed.response.content
        assert rows(show, "SELECT provider, state FROM tasks") == [("musicmint", "waiting")]
