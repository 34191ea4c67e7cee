"""What MusicMint is asked, field by field. https://docs.musicmint.ai/api-reference/music/generate"""

import json
from typing import Any

import msgspec
import pytest

from bot.domain.task import Request
from bot.providers.musicmint import MusicMint
from bot.providers.musicmint_bodies import Generate, generate_body
from tests.parts import API_KEY, SECRET, make_task
from tests.providers.musicmint_samples import MINT, TASK_ID

ADDRESS = "https://bot.example/callbacks/musicmint/a-key"


def asked(callback_url: str | None = None, mint: MusicMint = MINT, **wishes: object) -> dict[str, Any]:
    """Return the JSON that MusicMint gets for a task."""
    body: dict[str, Any] = json.loads(mint.submit(make_task(**wishes), callback_url).body)
    return body


def test_a_description_alone_is_sent_as_inspiration() -> None:
    assert asked(prompt="rain on a tin roof") == {"gpt_description_prompt": "rain on a tin roof"}


def test_with_style_words_the_description_is_the_prompt_and_never_an_inspiration() -> None:
    assert asked(prompt="rain on a tin roof", style="lofi") == {"prompt": "rain on a tin roof", "tags": "lofi"}


def test_words_to_sing_are_the_prompt_and_what_it_should_sound_like_is_the_style() -> None:
    assert asked(prompt="a slow waltz", lyrics="la la") == {"prompt": "la la", "tags": "a slow waltz"}
    assert asked(prompt="a slow waltz", style="jazz", lyrics="la la") == {
        "prompt": "la la",
        "tags": "jazz, a slow waltz",
    }
    assert asked(prompt="jazz", style="jazz", lyrics="la la") == {"prompt": "la la", "tags": "jazz"}


def test_an_instrumental_leaves_the_words_to_sing_at_home() -> None:
    assert asked(prompt="", style="jazz", lyrics="la la", instrumental=True) == {
        "tags": "jazz",
        "make_instrumental": True,
    }
    assert asked(prompt="", lyrics="la la", instrumental=True) == {
        "gpt_description_prompt": "la la",
        "make_instrumental": True,
    }


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"title": "Tin Roof"}, {"title": "Tin Roof"}),
        ({"instrumental": True}, {"make_instrumental": True}),
        ({"persona_id": "persona-5"}, {"persona_id": "persona-5"}),
        ({"private": True}, {}),
    ],
)
def test_each_wish_goes_into_its_documented_field(wish: dict[str, object], field: dict[str, object]) -> None:
    assert asked(prompt="rain", **wish) == {"gpt_description_prompt": "rain", **field}


def test_the_callback_address_is_sent_where_there_is_one() -> None:
    assert asked(ADDRESS, prompt="rain")["callback_url"] == ADDRESS
    assert "callback_url" not in asked(None, prompt="rain")


def test_the_retention_is_sent_unless_it_is_the_vendors_own() -> None:
    for days, field in ((30, {"retention_days": 30}), (1, {"retention_days": 1}), (7, {})):
        mint = MusicMint(API_KEY, [SECRET.encode()], days)
        assert asked(mint=mint, prompt="rain") == {"gpt_description_prompt": "rain", **field}


def test_every_documented_field_and_no_other_can_be_sent() -> None:
    assert {field.encode_name for field in msgspec.structs.fields(Generate)} == {
        "prompt",
        "title",
        "tags",
        "gpt_description_prompt",
        "make_instrumental",
        "persona_id",
        "continue_clip_id",
        "continue_at",
        "callback_url",
        "retention_days",
    }


def test_inspiration_is_never_combined_with_prompt_or_tags_and_one_of_the_three_is_always_there() -> None:
    for style in ("", "lofi"):
        for lyrics in ("", "la la"):
            body = generate_body(Request("rain", style=style, lyrics=lyrics))
            assert bool(body.gpt_description_prompt) != bool(body.prompt or body.tags)


def test_texts_are_sent_in_utf_8_as_the_member_wrote_them() -> None:
    prompt = 'Regen auf 東京 🌧 "zitiert" \\ \n @everyone'
    assert asked(prompt=prompt)["gpt_description_prompt"] == prompt


def test_a_create_and_a_look_up_are_both_posts() -> None:
    create, look_up = MINT.submit(make_task(), None), MINT.look_up(TASK_ID)
    assert (create.method, create.path) == ("POST", "/api/v1/music/generate")
    assert (look_up.method, look_up.path) == ("POST", f"/api/v1/task/{TASK_ID}")
    assert json.loads(look_up.body) == {}


def test_an_id_of_the_vendor_stays_one_part_of_the_path() -> None:
    assert MINT.look_up("../a/b?c#d%e f").path == "/api/v1/task/..%2Fa%2Fb%3Fc%23d%25e%20f"


def test_every_call_carries_the_key_and_no_line_of_a_log_would() -> None:
    assert MINT.headers == {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    call = MINT.submit(make_task(prompt="a secret wish"), ADDRESS)
    assert ADDRESS not in repr(call)
    assert API_KEY not in repr((MINT, call))
