"""Every provider over real HTTP against the vendor that pretends to be its own: one suite for all of them."""

import asyncio
import json

import pytest

from bot.domain.contract import Answer
from bot.domain.errors import AnswerLost, CreditsSpent, KeyRefused, NotAccepted, ProviderError, TaskGone
from bot.domain.task import Kind
from bot.domain.track import Completed, Failed, Running
from tests.parts import make_task
from tests.providers.vendor import Vendor
from tests.providers.vendors import VENDORS

from .over_http import reached

every = pytest.mark.parametrize("vendor", VENDORS, ids=str)
MP3 = (b"ID3", b"\xff\xfb", b"\xff\xf3")


@every
async def test_a_task_waits_is_worked_on_and_ends_with_tracks_that_can_be_fetched(vendor: Vendor) -> None:
    async with reached(vendor) as here:
        provider_task_id = await here.accepted(make_task(title="Tin Roof"))
        assert isinstance(await here.provider.look_up(provider_task_id), Running)
        here.server.process(here.task_id)
        assert await here.provider.look_up(provider_task_id) == Running(vendor.progress)
        await here.server.finish(here.task_id)
        outcome = await here.provider.look_up(provider_task_id)
        assert isinstance(outcome, Completed)
        assert (len(outcome.tracks), outcome.missing) == (vendor.tracks, 0)
        for track in outcome.tracks:
            assert track.title
            assert track.seconds is not None
            assert isinstance(json.loads(track.extra or "{}"), dict)
            kind, audio = await here.download(track.audio_url)
            assert here.provider.contract.formats[0] == "mp3"
            assert (kind, audio.startswith(MP3)) == ("audio/mpeg", True)
            if track.cover_url:
                assert (await here.download(track.cover_url))[0] == "image/jpeg"


@every
async def test_a_task_that_fails_says_why(vendor: Vendor) -> None:
    async with reached(vendor) as here:
        here.server.behaviour.fail_with = words = "every platform is unavailable"
        provider_task_id = await here.accepted(make_task())
        await here.server.finish(here.task_id)
        assert await here.provider.look_up(provider_task_id) == Failed(words if vendor.says_why else "")


@every
async def test_a_good_key_is_good_and_costs_nothing(vendor: Vendor) -> None:
    async with reached(vendor) as here:
        await here.provider.check_key()
        assert len(here.asked()) == 1
        assert here.server.tasks == {}


@every
async def test_a_bad_key_is_refused_whatever_is_asked(vendor: Vendor) -> None:
    async with reached(vendor, api_key="somebody-elses") as here:
        for asking in (
            here.provider.submit(make_task()),
            here.provider.look_up(vendor.no_task),
            here.provider.check_key(),
        ):
            with pytest.raises(KeyRefused):
                await asking
        assert here.server.tasks == {}


@every
async def test_an_empty_account_is_told_apart_from_a_refused_wish(vendor: Vendor) -> None:
    async with reached(vendor) as here:
        vendor.spend(here.server)
        with pytest.raises(CreditsSpent):
            await here.provider.submit(make_task())
        assert here.server.tasks == {}


@every
async def test_a_rate_limit_says_how_long_to_wait_and_a_create_is_sent_once(vendor: Vendor) -> None:
    async with reached(vendor) as here:
        here.server.behaviour.status, here.server.behaviour.retry_after = 429, 7
        with pytest.raises(NotAccepted) as raised:
            await here.provider.submit(make_task())
        assert (raised.value.busy, raised.value.retry_after) == (True, 7.0)
        assert len(here.asked()) == 1


@every
@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_fault_before_the_work_may_have_come_after_it_and_a_create_is_sent_once(
    vendor: Vendor, status: int
) -> None:
    async with reached(vendor) as here:
        here.server.behaviour.status = status
        with pytest.raises(AnswerLost):
            await here.provider.submit(make_task())
        assert len(here.asked()) == 1
        here.server.behaviour.status = None
        assert await here.provider.find_lost(make_task()) is None


@every
@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_fault_after_the_work_is_a_lost_answer_and_one_task(vendor: Vendor, status: int) -> None:
    async with reached(vendor, gateway=status) as here:
        with pytest.raises(AnswerLost):
            await here.provider.submit(make_task())
        assert len(here.server.tasks) == len(here.asked()) == 1


@every
async def test_a_create_whose_answer_was_cut_off_is_found_where_the_contract_says_so(vendor: Vendor) -> None:
    async with reached(vendor) as here:
        others = [make_task(), make_task()]
        await here.provider.submit(others[0])
        hold, lost = here.server.hold_creates(), make_task(title="Tin Roof")
        asking = asyncio.create_task(here.provider.submit(lost))
        found = await hold.reached()
        hold.drop()
        with pytest.raises(AnswerLost):
            await asking
        before = len(here.asked())
        finds = here.provider.contract.finds_lost
        assert await here.provider.find_lost(lost) == (found if finds else None)
        assert await here.provider.find_lost(others[1]) is None
        assert len(here.asked()) - before == (2 if finds else 0)
        assert len(here.server.tasks) == 2


@every
async def test_a_vendor_that_is_away_was_surely_not_asked(vendor: Vendor) -> None:
    async with reached(vendor) as here:
        await here.server.__aexit__(None, None, None)
        with pytest.raises(NotAccepted) as raised:
            await here.provider.submit(make_task())
        assert not raised.value.busy


@every
@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"null", b"{}", b"\xff", b"[" * 50_000])
async def test_an_answer_that_cannot_be_read_is_lost(vendor: Vendor, body: bytes) -> None:
    async with reached(vendor) as here:
        here.server.behaviour.body = body
        with pytest.raises(AnswerLost):
            await here.provider.submit(make_task())
        assert len(here.asked()) == 1
        with pytest.raises(AnswerLost):
            await here.provider.look_up(vendor.no_task)
        assert len(here.asked()) == 4, "asking costs nothing, so it is repeated"


@every
async def test_a_task_that_is_not_known_is_gone_and_not_asked_for_again(vendor: Vendor) -> None:
    async with reached(vendor) as here:
        with pytest.raises(TaskGone):
            await here.provider.look_up(vendor.no_task)
        assert len(here.asked()) == 1


@every
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_look_up_is_repeated_and_a_good_answer_ends_it(vendor: Vendor, status: int) -> None:
    async with reached(vendor) as here:
        provider_task_id = await here.accepted(make_task())
        here.server.behaviour.status = status
        with pytest.raises(ProviderError):
            await here.provider.look_up(provider_task_id)
        assert len(here.asked()) == 1 + 3
        here.server.behaviour.status = None
        assert isinstance(await here.provider.look_up(provider_task_id), Running)


KINDS = [
    (vendor, kind)
    for vendor in VENDORS
    for kind, able in vendor.wire("").contract.makes.items()
    if not able.source and able.answer is Answer.TASK
]


@pytest.mark.parametrize(("vendor", "kind"), KINDS, ids=[f"{vendor} {kind}" for vendor, kind in KINDS])
async def test_the_vendor_takes_every_text_at_the_length_that_is_offered(vendor: Vendor, kind: Kind) -> None:
    async with reached(vendor) as here:
        ability = here.provider.contract.makes[kind]
        full = {name: "y" * getattr(ability, name) for name in ("prompt", "style", "title", "lyrics")}
        # Beside lyrics or without singing, a field for both is full with the style alone.
        beside = full | ({"prompt": ""} if ability.together else {})
        for name, text in full.items():
            await here.provider.submit(make_task(kind=kind, **{name: text}))
            if kind is Kind.SONG:  # of the others, something always says what to make
                left = full if name == "lyrics" else beside
                await here.provider.submit(make_task(kind=kind, **(left | {name: ""})))
        await here.provider.submit(make_task(kind=kind, **beside))
        await here.provider.submit(make_task(kind=kind, instrumental=ability.instrumental, **beside))
        for sound_type in ability.sound_types:
            await here.provider.submit(make_task(kind=kind, sound_type=sound_type))
        for bpm in (ability.bpm[0], ability.bpm[-1]) if ability.bpm else ():
            await here.provider.submit(make_task(kind=kind, bpm=bpm, musical_key="k" * ability.musical_key))
        assert len(here.server.tasks) == len(here.asked())
