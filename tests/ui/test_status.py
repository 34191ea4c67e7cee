"""`/status` on a simulated Discord: in plain words, for everybody."""

import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Failure
from bot.domain.ports import Busyness
from bot.domain.ports_jobs import ModelStatus
from bot.flows.health import Rest, Standing, Why
from bot.flows.vendor_facts import SHORT_PATIENCE
from bot.sandbox.audiopod import PretendAudioPod
from bot.ui.text import length
from bot.ui.words import status as words
from tests.parts import MORNING, SECRET, QuickStudio
from tests.providers.audiopod_samples import POD, POD_KEY
from tests.providers.musicmint_samples import MINT
from tests.ui.conftest import Carded, Show
from tests.ui.submits import handed_over, rows, submits_until


async def status(show: Show) -> str:
    typed = await show.add_member("eve").slash(show.world.channel, "status")
    assert typed.ephemeral
    text: str = typed.response.content
    return text


async def test_it_says_what_is_made_what_waits_and_since_when_it_is_up(show: Show) -> None:
    for prompt in ("one", "two", "three"):
        await show.generate(f"secret {prompt}")
    await handed_over(show, 2)
    text = await status(show)
    assert "**MusicMint** makes music, songs with your own words, single sounds, lyrics, extensions, covers," in text
    assert "1 waiting, 2 being made. It has not called back since I started." in text
    assert re.search(r"Minstrel \d+\.\d+\.\d+, up since <t:\d+:R>\.$", text)
    assert "secret" not in text


async def test_a_callback_that_came_is_seen(carded: Carded) -> None:
    assert re.search(r"0 waiting, 0 being made\. It last called back <t:\d+:R>\.", await status(carded.show))


async def test_a_rest_is_seen_with_its_reason_and_its_end(show: Show) -> None:
    show.vendor.behaviour.status, show.vendor.behaviour.retry_after = 429, 60
    await show.generate()
    await submits_until(lambda: bool(rows(show, "SELECT 1 FROM tasks WHERE state = 'waiting' AND submit_tries = 1")))
    text = await status(show)
    assert re.search(r"💤 rests until <t:\d+:R>: it said that it is busy", text)


async def test_a_task_for_a_provider_that_rests_is_told_that_it_waits_and_until_after_the_rest(show: Show) -> None:
    show.vendor.behaviour.status, show.vendor.behaviour.retry_after = 429, 200
    first = (await show.generate("one")).response.content
    await submits_until(lambda: bool(rows(show, "SELECT 1 FROM tasks WHERE state = 'waiting' AND submit_tries = 1")))
    second = (await show.generate("two")).response.content
    assert "waits" not in first
    assert "MusicMint is busy, so it waits there, at place 2 of all, and goes on by itself. Usually done <t:" in second
    usually, after_the_rest = (int(re.findall(r"<t:(\d+):R>", line)[0]) for line in (first, second))
    assert after_the_rest - usually >= 200


@pytest.mark.parametrize(
    ("failure", "said"), [("credits", "credits"), ("key", "not set up"), ("subscription", "no subscription")]
)
def test_a_refusal_is_said_in_plain_words(failure: str, said: str) -> None:
    text = words.provider(Standing(MINT.contract, True, None, Failure(failure), Busyness(1, 0)), None)
    assert "takes nothing just now" in text
    assert said in text


@given(
    whys=st.lists(st.sampled_from(Why), min_size=3, max_size=3),
    number=st.integers(0, 10**9),
    failure=st.sampled_from([None, Failure.KEY]),
)
def test_three_providers_fit_one_message(whys: list[Why], number: int, failure: Failure | None) -> None:
    rests = [Rest(MORNING + timedelta(seconds=number % 300), why) for why in whys]
    standings = [Standing(POD.contract, False, rest, failure, Busyness(number, number)) for rest in rests]
    model = ModelStatus({f"a fact {fact}": "_" * 50 for fact in range(20)})
    text = "\n".join([*(words.provider(one, MORNING, model) for one in standings), words.bot("0.1.0", MORNING)])
    assert length(text) <= 2000


async def test_what_waits_for_a_provider_that_rests_has_its_place_among_all_in_the_queue(show: Show) -> None:
    show.vendor.behaviour.status, show.vendor.behaviour.retry_after = 429, 60
    await show.generate()
    await submits_until(lambda: bool(rows(show, "SELECT 1 FROM tasks WHERE state = 'waiting' AND submit_tries = 1")))
    eve = show.add_member("eve")
    await eve.slash(show.world.channel, "generate", prompt="snow")
    text = (await eve.slash(show.world.channel, "queue")).response.content
    assert re.search(r"waits at place 2 of all, since <t:\d+:R>: its music service takes nothing just now", text)


class TestModel:
    """What a provider says of its model, where it says anything."""

    @pytest.fixture
    async def pod(self) -> AsyncIterator[PretendAudioPod]:
        async with PretendAudioPod(POD_KEY, SECRET, studio=QuickStudio()) as server:
            yield server

    @pytest.fixture
    def changes(self, pod: PretendAudioPod) -> dict[str, str]:
        return {"AUDIOPOD_BASE_URL": pod.base_url, "AUDIOPOD_API_KEY": POD_KEY, "AUDIOPOD_WEBHOOK_SECRET": SECRET}

    async def test_it_is_shown_in_its_own_words_and_only_where_it_is_offered(self, show: Show) -> None:
        text = await status(show)
        assert text.count("Its model:") == 1
        assert "-# Its model: status healthy, model audiomusic\\-v2, loaded yes." in text

    async def test_one_that_does_not_answer_is_not_waited_for(self, show: Show, pod: PretendAudioPod) -> None:
        pod.behaviour.answer_after = 5.0
        began = time.perf_counter()
        assert "-# Its model: not answered." in await status(show)
        assert time.perf_counter() - began < 2 * SHORT_PATIENCE
