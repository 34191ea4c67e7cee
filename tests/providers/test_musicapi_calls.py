"""What MusicAPI is asked, field by field. https://docs.musicapi.ai/create-music"""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain.errors import Rejected
from bot.domain.task import MAX_LYRICS, MAX_PROMPT, Kind, Request
from bot.flows.choosing import obstacle
from bot.providers import musicapi_sonic, musicapi_studio
from bot.providers.musicapi import MusicApi
from tests.parts import API_KEY, make_task
from tests.providers.musicapi_samples import KEY, SONIC, STUDIO, secret_of

ADDRESS = f"https://bot.example/callbacks/musicapi/{KEY}"
MODEL = {"mv": "sonic-v4-5-plus"}
LONG = "rain and more rain " * 20


def asked(wire: MusicApi, callback_url: str | None = None, **wishes: Any) -> dict[str, Any]:
    """Return the JSON that MusicAPI gets for a task."""
    body: dict[str, Any] = json.loads(wire.submit(make_task(**wishes), callback_url).body)
    return body


def test_what_it_makes_is_stated_under_its_strictest_limits() -> None:
    ability = SONIC.contract.makes[Kind.SONG]
    assert (ability.prompt, ability.style, ability.title, ability.lyrics) == (MAX_PROMPT, 199, 79, MAX_LYRICS)
    assert set(SONIC.contract.makes) == set(STUDIO.contract.makes) == {Kind.SONG, Kind.LYRICS}
    assert STUDIO.contract.makes[Kind.SONG].title == 0
    assert {SONIC.contract.name, STUDIO.contract.name} == {"musicapi"}


@pytest.mark.parametrize("prompt", ["rain on a tin roof", "x" * 199])
def test_a_short_description_alone_is_description_mode(prompt: str) -> None:
    expected = {"custom_mode": False, "gpt_description_prompt": prompt, **MODEL}
    assert asked(SONIC, prompt=prompt) == expected
    assert asked(SONIC, prompt=prompt, instrumental=True) == {**expected, "make_instrumental": True}


def test_a_longer_description_has_lyrics_written_in_custom_mode() -> None:
    prompt = "x" * 200
    assert asked(SONIC, prompt=prompt) == {"custom_mode": True, "auto_lyrics": True, "prompt": prompt, **MODEL}


@pytest.mark.parametrize(
    ("wish", "field"), [({"style": "lofi"}, {"tags": "lofi"}), ({"title": "Tin Roof"}, {"title": "Tin Roof"})]
)
def test_a_style_or_a_title_has_room_in_custom_mode_only(wish: dict[str, str], field: dict[str, str]) -> None:
    expected = {"custom_mode": True, "auto_lyrics": True, "prompt": "rain", **MODEL, **field}
    assert asked(SONIC, prompt="rain", **wish) == expected


def test_words_to_sing_are_the_prompt_and_the_description_joins_the_tags() -> None:
    expected = {"custom_mode": True, "prompt": "la la", "tags": "jazz, a slow waltz", **MODEL}
    assert asked(SONIC, prompt="a slow waltz", style="jazz", lyrics="la la") == expected
    assert asked(SONIC, prompt="jazz", style="jazz", lyrics="la la")["tags"] == "jazz"
    assert "tags" not in asked(SONIC, prompt="", lyrics="la la")


def test_an_instrumental_leaves_the_words_to_sing_at_home_and_is_heard_by_its_tags() -> None:
    expected = {"custom_mode": True, "make_instrumental": True, "prompt": "rain", "tags": "jazz, rain", **MODEL}
    assert asked(SONIC, prompt="rain", style="jazz", lyrics="la la", instrumental=True) == expected


def test_a_style_alone_is_also_the_description() -> None:
    expected = {"custom_mode": True, "auto_lyrics": True, "prompt": "jazz", "tags": "jazz", **MODEL}
    assert asked(SONIC, prompt="", style="jazz") == expected


@pytest.mark.parametrize("wish", [{"lyrics": "la la"}, {"instrumental": True}])
def test_a_description_among_the_tags_is_sent_whole_or_not_at_all(wish: dict[str, Any]) -> None:
    assert asked(SONIC, prompt="x" * 193, style="jazz", **wish)["tags"] == "jazz, " + "x" * 193
    with pytest.raises(Rejected, match="not sent") as raised:
        asked(SONIC, prompt="x" * 194, style="jazz", **wish)
    assert raised.value.said == "style and description are at most 199 characters together"


wishes = st.builds(
    Request,
    prompt=st.text(max_size=300) | st.just(LONG),
    style=st.text(max_size=199),
    title=st.text(max_size=79),
    lyrics=st.text(max_size=300),
    instrumental=st.booleans(),
).filter(lambda request: request.about.strip() != "")


@settings(max_examples=80, deadline=None)
@given(request=wishes)
def test_whatever_may_be_wished_for_stays_within_the_limits_and_the_mode(request: Request) -> None:
    assume(obstacle(SONIC.contract, request) is None)
    body = musicapi_sonic.create_body(request)
    assert bool(body.prompt) == body.custom_mode == (not body.gpt_description_prompt)
    assert len(body.gpt_description_prompt) < 200
    assert len(body.tags) < 200
    assert len(body.title) < 80
    assert not body.auto_lyrics or (body.custom_mode and not body.make_instrumental)


def test_the_callback_address_goes_with_a_secret_of_its_own_and_neither_without_the_other() -> None:
    body = asked(SONIC, ADDRESS, key=KEY)
    assert (body["webhook_url"], body["webhook_secret"]) == (ADDRESS, secret_of(KEY).decode())
    assert asked(SONIC, ADDRESS, key="another")["webhook_secret"] != body["webhook_secret"]
    assert not {"webhook_url", "webhook_secret"} & set(asked(SONIC, None))
    assert "webhook" not in json.dumps(asked(STUDIO, ADDRESS))


STUDIO_ALWAYS = {"generation_quality": 1, "config": {"mode": "regular"}, "model_type": "studio130-v1.5"}


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"prompt": "rain"}, {"prompt": "rain", "lyrics_type": "generate"}),
        ({"prompt": "rain", "style": "jazz"}, {"prompt": "jazz, rain", "lyrics_type": "generate"}),
        ({"prompt": "rain", "lyrics": "la"}, {"prompt": "rain", "lyrics_type": "user", "lyrics": "la"}),
        ({"prompt": "", "lyrics": "la\nla"}, {"prompt": "la", "lyrics_type": "user", "lyrics": "la\nla"}),
        ({"prompt": "rain", "lyrics": "la", "instrumental": True}, {"prompt": "rain", "lyrics_type": "instrumental"}),
    ],
)
def test_studio_is_told_a_style_and_whose_words_are_sung(wish: dict[str, Any], fields: dict[str, object]) -> None:
    assert asked(STUDIO, **wish) == {**fields, **STUDIO_ALWAYS}


def test_only_documented_fields_can_be_sent() -> None:
    sonic = {field.encode_name for field in msgspec.structs.fields(musicapi_sonic.Create)}
    assert sonic == {
        "custom_mode",
        "mv",
        "prompt",
        "gpt_description_prompt",
        "title",
        "tags",
        "make_instrumental",
        "auto_lyrics",
        "webhook_url",
        "webhook_secret",
    }
    studio = {field.encode_name for field in msgspec.structs.fields(musicapi_studio.Create)}
    assert studio == {"prompt", "lyrics_type", "lyrics", "generation_quality", "config", "model_type"}


def test_each_family_is_created_at_its_own_address() -> None:
    for wire, path in ((SONIC, "/api/v1/sonic/create"), (STUDIO, "/api/v1/studio/create")):
        call = wire.submit(make_task(), None)
        assert (call.method, call.path) == ("POST", path)


@pytest.mark.parametrize("wire", [SONIC, STUDIO])
def test_a_task_is_asked_for_in_its_family_whatever_the_setting_is_now(wire: MusicApi) -> None:
    for family in ("sonic", "studio"):
        call = wire.look_up(f"{family}:t-1")
        assert (call.method, call.path, call.body) == ("GET", f"/api/v1/{family}/task/t-1", b"")


def test_an_id_of_the_vendor_stays_one_part_of_the_path() -> None:
    assert SONIC.look_up("sonic:../a/b?c#d%e:f").path == "/api/v1/sonic/task/..%2Fa%2Fb%3Fc%23d%25e%3Af"


def test_no_list_of_tasks_is_documented_so_a_lost_create_is_not_looked_for() -> None:
    assert SONIC.find_lost(make_task()) is STUDIO.find_lost(make_task()) is None
    assert not SONIC.contract.finds_lost


def test_every_call_carries_the_key_and_no_line_of_a_log_would() -> None:
    assert SONIC.headers == {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    call = SONIC.submit(make_task(prompt="a secret wish"), ADDRESS)
    assert ADDRESS not in repr(call)
    assert API_KEY not in repr((SONIC, call))
