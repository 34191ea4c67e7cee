"""What the doctor says of each provider that is configured: its key, its credits, its way back to us."""

from collections.abc import Sequence
from typing import Any

import pytest

from bot.app import make_wire
from bot.doctor.callbacks import Trial, look_at_callbacks
from bot.doctor.provider import look_at_jobs, look_at_key
from bot.doctor.report import Line, Status, all_good
from bot.doctor.rest import session
from bot.domain.track import Changed
from bot.providers.wire import Wire
from bot.sandbox.audiopod import PretendAudioPod
from bot.sandbox.musicapi import PretendMusicApi
from bot.sandbox.musicmint import PretendMusicMint
from bot.sandbox.vendor import PretendVendor
from bot.settings import Settings, read_settings
from tests.parts import API_KEY, MORNING, SECRET, QuickStudio
from tests.whole.process import free_port

ALL = {"musicmint": "MusicMint", "musicapi": "MusicAPI", "audiopod": "AudioPod"}
SECRETS = {"musicmint": "MUSICMINT_SIGNING_SECRET", "musicapi": "MUSICAPI_WEBHOOK_SECRET"}
SECRETS["audiopod"] = "AUDIOPOD_WEBHOOK_SECRET"


def settings_for(*names: str, **changes: str) -> Settings:
    """Settings with these providers, on a listener that is reached without a proxy."""
    port = free_port()
    environ = {"DISCORD_TOKEN": "t", "PUBLIC_URL": f"http://127.0.0.1:{port}", "LISTEN_PORT": str(port)}
    for name in names:
        vendor = {f"{name.upper()}_BASE_URL": "http://127.0.0.1:9", f"{name.upper()}_API_KEY": API_KEY}
        environ |= {**vendor, SECRETS[name]: SECRET}
    return read_settings(environ | changes)


def wires_of(settings: Settings) -> list[Wire]:
    return [make_wire(one, settings.retention_days) for one in settings.providers]


async def called_back(settings: Settings) -> dict[str, Sequence[Line]]:
    async with session() as opened:
        general, said = await look_at_callbacks(settings, wires_of(settings), opened)
    return {"": general, **said}


async def looked_at(name: str, vendor: PretendVendor[Any], **changes: str) -> list[Line]:
    """Have the key of one provider looked at, at its pretend twin."""
    async with vendor, session() as opened:
        settings = settings_for(name, **{f"{name.upper()}_BASE_URL": vendor.base_url, **changes})
        [wire] = wires_of(settings)
        return await look_at_key(settings.providers[0], wire, opened)


async def test_the_callbacks_of_every_provider_reach_one_trial_listener() -> None:
    said = await called_back(settings_for(*ALL))
    assert said.pop("") == []
    assert [[line.name for line in lines] for lines in said.values()] == [
        [f"{label} listener", f"{label} public address"] for label in ALL.values()
    ]
    assert {line.status for lines in said.values() for line in lines} == {Status.OK}


async def test_an_address_that_only_the_account_can_hold_is_said() -> None:
    settings = settings_for(*ALL)
    said = await called_back(settings)
    publics = {name: lines[1].detail for name, lines in said.items() if name}
    assert f"{settings.public_url}/callbacks/audiopod as its webhook" in publics.pop("audiopod")
    assert not any("webhook" in detail for detail in publics.values())


@pytest.mark.parametrize("public_url", ["", "http://127.0.0.1:9"])
async def test_a_provider_without_callbacks_is_skipped_with_a_sentence_and_no_port_is_opened(public_url: str) -> None:
    said = await called_back(settings_for("musicapi", MUSICAPI_STUDIO="on", PUBLIC_URL=public_url))
    [line] = said["musicapi"]
    assert (line.status, line.name, said[""]) == (Status.SKIPPED, "MusicAPI callbacks", [])


def test_the_trials_callback_is_one_that_each_reader_knows_again() -> None:
    trial = Trial()
    for wire in wires_of(settings_for(*ALL)):
        headers, body = wire.own_callback(trial.task_id, trial.key, MORNING)
        lower = [(name.lower(), value) for name, value in headers.items()]
        update = wire.read_callback(lower, body, trial.key if wire.contract.keyed else None, MORNING)
        assert update is not None
        assert update.key == trial.key if update.provider_task_id is None else update.provider_task_id == trial.task_id
        assert wire.contract.name != "audiopod" or update.outcome == Changed()


def vendor_of(name: str, api_key: str = API_KEY) -> PretendVendor[Any]:
    vendors: dict[str, PretendVendor[Any]] = {
        "musicmint": PretendMusicMint(api_key, SECRET, studio=QuickStudio()),
        "musicapi": PretendMusicApi(api_key, studio=QuickStudio(), credits=70, extra_credits=5),
        "audiopod": PretendAudioPod(api_key, SECRET, studio=QuickStudio()),
    }
    return vendors[name]


@pytest.mark.parametrize(("name", "label"), list(ALL.items()))
async def test_each_key_is_tried_and_one_that_is_refused_is_named_by_its_setting(name: str, label: str) -> None:
    good = await looked_at(name, vendor_of(name))
    assert all_good(good)
    assert good[0].name == f"{label} key"
    [bad] = await looked_at(name, vendor_of(name, "of somebody else"))
    assert (bad.status, bad.name) == (Status.FAIL, f"{label} key")
    assert f"{name.upper()}_API_KEY" in bad.remedy


async def test_credits_are_told_where_they_are_known() -> None:
    _, credits = await looked_at("musicapi", vendor_of("musicapi"))
    assert (credits.name, credits.detail) == ("MusicAPI credits", "70 are left and 5 extra ones")
    poor = PretendMusicApi(API_KEY, studio=QuickStudio(), credits=0)
    _, credits = await looked_at("musicapi", poor)
    assert credits.status is Status.FAIL
    _, balance = await looked_at("audiopod", vendor_of("audiopod"))
    assert (balance.name, balance.detail) == ("AudioPod balance", "100.00 US dollars are left")
    empty = PretendAudioPod(API_KEY, SECRET, studio=QuickStudio(), balance_cents=0)
    _, balance = await looked_at("audiopod", empty)
    assert balance.status is Status.FAIL
    assert len(await looked_at("musicmint", vendor_of("musicmint"))) == 1, "it does not tell"


async def test_a_subscription_that_ended_has_a_line() -> None:
    vendor = vendor_of("musicapi")
    vendor.behaviour.body, vendor.behaviour.status = b'{"type": "forbidden", "message": "no active subscription"}', 403
    [line] = await looked_at("musicapi", vendor)
    assert line.status is Status.FAIL
    assert "subscription" in line.remedy


async def test_how_the_model_is_and_whether_there_are_samples_is_told_where_the_vendor_tells_it() -> None:
    async with PretendAudioPod(API_KEY, SECRET, studio=QuickStudio()) as vendor, session() as opened:
        settings = settings_for("audiopod", "musicmint", AUDIOPOD_BASE_URL=vendor.base_url)
        blocks = [
            await look_at_jobs(one, wire, opened)
            for one, wire in zip(settings.providers, wires_of(settings), strict=True)
        ]
        vendor.behaviour.status = 500
        pod = next(one for one in settings.providers if one.name == "audiopod")
        troubled = await look_at_jobs(pod, make_wire(pod, 7), opened)
    told = [[(line.name, line.status) for line in block] for block in blocks if block]
    assert told == [[("AudioPod model", Status.OK), ("AudioPod sample data", Status.OK)]]
    assert [line.status for line in troubled] == [Status.NOTE] * 2
