"""What AudioPod is asked, field by field. https://docs.audiopod.ai/api-reference/music/generation"""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from bot.domain.contract import JobAction, Rate, Worth
from bot.domain.errors import BadOption, Rejected, TaskGone
from bot.domain.task import Kind, Request, new_task_id
from bot.flows.choosing import choose, obstacle
from bot.providers.audiopod import CONTRACT, GENRES, Create
from bot.providers.audiopod_answers import display_name, title_and_task
from tests.parts import make_task
from tests.providers.audiopod_samples import JOB_ID, POD, POD_KEY, TASK_ID

ALWAYS = {"display_name": TASK_ID, "format": "mp3", "batch_size": 1}


def asked(**wishes: Any) -> tuple[str, dict[str, Any]]:
    """Return the last part of the address and the JSON that AudioPod gets for a task."""
    call = POD.submit(make_task(**{"id": TASK_ID, **wishes}), None)
    start, _, path = call.path.rpartition("/")
    assert (call.method, start) == ("POST", "/api/v1/music")
    return path, json.loads(call.body)


def test_a_song_is_asked_for_as_an_mp3_of_one_piece_with_our_task_id_in_its_name() -> None:
    assert asked(prompt="rain") == ("text2music", {"caption": "rain", **ALWAYS})
    assert asked(prompt="rain", title="Tin Roof")[1]["display_name"] == f"Tin Roof · {TASK_ID}"


def test_an_instrumental_without_words_goes_the_way_that_is_made_for_it() -> None:
    assert asked(prompt="rain", instrumental=True) == ("prompt2instrumental", {"prompt": "rain", **ALWAYS})


def test_an_instrumental_with_words_has_them_ignored_by_the_vendor() -> None:
    assert asked(prompt="rain", lyrics="la", instrumental=True) == (
        "text2music",
        {"caption": "rain", "lyrics": "la", "instrumental": True, **ALWAYS},
    )


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"lyrics": "[verse]\nla la"}, {"lyrics": "[verse]\nla la"}),
        ({"style": "lofi"}, {"caption": "rain, lofi"}),
        ({"style": "rain"}, {"caption": "rain"}),
        ({"style": "jazz"}, {"caption": "rain, jazz", "genre_preset": "Jazz"}),
        ({"style": "r&b", "instrumental": True}, {"prompt": "rain, r&b", "genre_preset": "R&B"}),
        ({"style": "jazz, folk"}, {"caption": "rain, jazz, folk"}),
        ({"prompt": "", "lyrics": "la la\nlo"}, {"caption": "la la", "lyrics": "la la\nlo"}),
        ({"prompt": "", "style": "lofi"}, {"caption": "lofi"}),
        ({"private": True}, {}),
    ],
)
def test_each_wish_goes_into_its_documented_field(wish: dict[str, object], field: dict[str, object]) -> None:
    body = asked(**{"prompt": "rain", **wish})[1]
    main = {} if "prompt" in field or "caption" in field else {"caption": "rain"}
    assert body == {**main, **field, **ALWAYS}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, {}),
        ({"sound_type": "loop"}, {"sample_type": "loop"}),
        ({"sound_type": "one-shot"}, {"sample_type": "one-shot"}),
        ({"bpm": 60}, {"tempo": 60}),
        ({"bpm": 200}, {"tempo": 200}),
        ({"musical_key": "C minor"}, {"keyscale": "C minor"}),
    ],
)
def test_a_sound_is_a_sample_with_its_kind_tempo_and_key(wish: dict[str, object], field: dict[str, object]) -> None:
    body = {"prompt": "a door", **field, **ALWAYS}
    assert asked(prompt="a door", kind=Kind.SOUND, **wish) == ("text2samples", body)


@pytest.mark.parametrize("bpm", [0, 59, 201, -60])
def test_a_tempo_that_the_vendor_does_not_take_is_never_sent(bpm: int) -> None:
    with pytest.raises(Rejected, match="not sent") as raised:
        asked(prompt="a door", kind=Kind.SOUND, bpm=bpm)
    assert raised.value.said == "a tempo is 60 to 200 beats per minute"


def test_only_documented_fields_can_be_sent() -> None:
    documented = (
        "caption prompt lyrics instrumental genre_preset display_name sample_type tempo keyscale format batch_size"
    )
    assert {field.encode_name for field in msgspec.structs.fields(Create)} == set(documented.split())
    assert len(GENRES) == 13


def test_whatever_the_contract_lets_through_fits_into_the_caption() -> None:
    ability = CONTRACT.makes[Kind.SONG]
    longest = Request("p" * ability.prompt, style="s" * ability.style, title="t" * ability.title)
    assert choose([CONTRACT], longest) is CONTRACT
    caption = asked(prompt=longest.prompt, style=longest.style)[1]["caption"]
    assert caption == f"{longest.prompt}, {longest.style}"
    assert len(caption) == 2048
    assert isinstance(obstacle(CONTRACT, Request("p" * (ability.prompt + 1))), BadOption)
    assert len(asked(prompt="", lyrics="l" * 4000)[1]["caption"]) == 2048


def test_the_contract_is_what_the_page_says() -> None:
    assert (CONTRACT.name, CONTRACT.label) == ("audiopod", "AudioPod")
    assert (CONTRACT.callbacks, CONTRACT.keyed, CONTRACT.rate) == (Worth.HINT, False, None)
    assert CONTRACT.retries == Rate(10, timedelta(minutes=1))
    assert CONTRACT.finds_lost
    assert CONTRACT.jobs == frozenset(JobAction)
    assert set(CONTRACT.makes) == {Kind.SONG, Kind.SOUND}


def test_a_look_up_is_a_get_of_the_job() -> None:
    call = POD.look_up(JOB_ID)
    assert (call.method, call.path, call.body) == ("GET", f"/api/v1/music/jobs/{JOB_ID}/status", b"")


@pytest.mark.parametrize("odd", ["counts", "", "-1", "5/retry", "٣", "1.0", " 5", "0x5"])
def test_no_address_is_built_from_what_is_no_integer(odd: str) -> None:
    for call in (POD.look_up, POD.jobs.get, POD.jobs.delete, POD.jobs.retry):
        with pytest.raises(TaskGone):
            call(odd)
    with pytest.raises(TaskGone):
        POD.jobs.rename(odd, "x", "", "")


def test_a_lost_create_is_searched_for_by_our_task_id() -> None:
    search = POD.find_lost(make_task(id=TASK_ID))
    assert search is not None
    assert search.call.method == "GET"
    assert f"search={TASK_ID}&" in search.call.path + "&"
    assert "sort_by=created_at&sort_order=desc" in search.call.path


def test_trying_the_key_asks_for_the_newest_job_only() -> None:
    call = POD.check_key()
    assert (call.method, call.path.partition("?")[0]) == ("GET", "/api/v1/music/jobs")
    assert "limit=1&" in call.path


def test_the_key_goes_into_its_own_header_and_into_no_line_of_a_log() -> None:
    assert POD.headers == {"X-API-Key": POD_KEY, "Content-Type": "application/json"}
    call = POD.submit(make_task(prompt="a secret wish"), None)
    assert POD_KEY not in repr((POD, call))
    assert "a secret wish" not in repr(call)


def test_a_name_can_be_taken_apart_again() -> None:
    for title in ("", "Tin Roof", "a · b", f"x · {TASK_ID}", "two\nlines", " · "):
        for task_id in (new_task_id() for _ in range(50)):
            assert title_and_task(display_name(title, task_id)) == (title, task_id)
