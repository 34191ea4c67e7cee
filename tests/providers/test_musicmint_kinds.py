"""What MusicMint is asked for each kind, endpoint by endpoint. https://docs.musicmint.ai/"""

import json
from typing import Any

import pytest

from bot.domain.task import Kind
from bot.providers.musicmint import MusicMint
from bot.providers.musicmint_bodies import AT_ONCE_LIMIT, CARRY_ON
from tests.parts import API_KEY, SECRET
from tests.providers.kinds import SOURCE, some_task
from tests.providers.musicmint_samples import MINT

ADDRESS = "https://bot.example/callbacks/musicmint/a-key"
CLIP = SOURCE.clip_id
WORDS = {"style": "jazz", "lyrics": "la la"}
SUNG = {"tags": "jazz", "prompt": "la la"}

#: Kind, wishes, path, body.
ASKED: list[tuple[Kind, dict[str, Any], str, dict[str, Any]]] = [
    (Kind.EXTEND, {"prompt": "louder", "start": 83.7}, "music/generate", {"continue_at": 83, "continue_clip_id": CLIP}),
    (Kind.EXTEND, {"prompt": "louder", "start": 0.4}, "music/generate", {"continue_at": 1, "continue_clip_id": CLIP}),
    (Kind.EXTEND, {"prompt": "louder"}, "music/generate", {"continue_clip_id": CLIP}),
    (Kind.COVER, {**WORDS, "title": "Again"}, "music/cover", {"cover_clip_id": CLIP, "title": "Again", **SUNG}),
    (Kind.COVER, {}, "music/cover", {"cover_clip_id": CLIP}),
    (Kind.REMASTER, {}, "music/remaster", {"clip_id": CLIP}),
    (Kind.SOUND, {"prompt": "a door"}, "music/soundfx", {"sound_desc": "a door"}),
    (
        Kind.SOUND,
        {"prompt": "a door", "sound_type": "loop", "bpm": 96, "musical_key": "Am"},
        "music/soundfx",
        {"sound_desc": "a door", "sound_type": "loop", "sound_bpm": 96, "sound_key": "Am"},
    ),
    (
        Kind.VOCALS,
        {**WORDS, "start": 0, "end": 30.5},
        "music/add-vocals",
        {"chop_sample_clip_id": CLIP, "chop_sample_start_s": 0, "chop_sample_end_s": 30.5, **SUNG},
    ),
    (Kind.VOCALS, WORDS, "music/add-vocals", {"chop_sample_clip_id": CLIP, **SUNG}),
    (
        Kind.INFILL,
        {**WORDS, "start": 0, "end": 20.5},
        "music/infill",
        {"clip_id": CLIP, "infill_start_s": 0, "infill_end_s": 20.5, **SUNG},
    ),
    (Kind.SAMPLE, {"start": 2.5, "end": 9}, "music/sample", {"clip_id": CLIP, "start_s": 2.5, "end_s": 9}),
    # The vendor's own 0 is the whole of it.
    (Kind.SAMPLE, {}, "music/sample", {"clip_id": CLIP}),
    (Kind.SAMPLE, {"start": 2.5}, "music/sample", {"clip_id": CLIP, "start_s": 2.5}),
    (Kind.LYRICS, {"prompt": "rain", "style": "sad"}, "lyrics/generate", {"prompt": "rain", "style": "sad"}),
    (Kind.LYRICS, {"prompt": "", "style": "sad"}, "lyrics/generate", {"prompt": "sad", "style": "sad"}),
]
AT_ONCE: list[tuple[Kind, dict[str, Any], str, dict[str, Any]]] = [
    (Kind.STEMS, {}, "music/stem", {"clip_id": CLIP}),
    (Kind.STEMS, {"start": 0, "end": 9}, "music/stem", {"clip_id": CLIP, "vocal_start_s": 0, "vocal_end_s": 9}),
    (Kind.MIDI, {}, "music/midi", {"clip_id": CLIP}),
]


@pytest.mark.parametrize(("kind", "wish", "path", "body"), ASKED, ids=[f"{one[0]} {sorted(one[1])}" for one in ASKED])
def test_each_kind_that_takes_its_time_is_asked_for_in_documented_fields(
    kind: Kind, wish: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    if kind is Kind.EXTEND:
        body = {"gpt_description_prompt": "louder", **body}
    task = some_task(kind, **wish)
    call = MINT.submit(task, None)
    assert (call.method, call.path, call.limit) == ("POST", f"/api/v1/{path}", None)
    assert json.loads(call.body) == body
    kept = MusicMint(API_KEY, [SECRET.encode()], 30).submit(task, ADDRESS)
    assert json.loads(kept.body) == {**body, "callback_url": ADDRESS, "retention_days": 30}


def test_an_extension_says_what_a_song_says_and_something_where_nothing_is_wished_for() -> None:
    asked = json.loads(MINT.submit(some_task(Kind.EXTEND, persona_id="persona-5c1", **WORDS), None).body)
    assert asked == {"prompt": "la la", "tags": "jazz", "persona_id": "persona-5c1", "continue_clip_id": CLIP}
    asked = json.loads(MINT.submit(some_task(Kind.EXTEND, prompt=""), None).body)
    assert asked == {"gpt_description_prompt": CARRY_ON, "continue_clip_id": CLIP}


@pytest.mark.parametrize(("kind", "wish", "path", "body"), AT_ONCE, ids=[f"{one[0]} {[*one[1]]}" for one in AT_ONCE])
def test_what_is_answered_with_its_result_is_given_five_minutes_and_no_address(
    kind: Kind, wish: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    call = MINT.submit(some_task(kind, **wish), ADDRESS)
    assert (call.method, call.path) == ("POST", f"/api/v1/{path}")
    assert json.loads(call.body) == body
    assert call.limit == AT_ONCE_LIMIT > 300


@pytest.mark.parametrize("kind", [Kind.WAV, Kind.TIMELINE, Kind.WAVEFORM])
def test_what_is_only_read_is_a_get_and_a_name_stays_one_value_of_its_query(kind: Kind) -> None:
    call = MINT.submit(some_task(kind), ADDRESS)
    assert (call.method, call.path, call.body) == ("GET", f"/api/v1/music/{kind}?clip_id={CLIP}", b"")
    assert call.limit == AT_ONCE_LIMIT
    odd = type(SOURCE)(provider="musicmint", clip_id="a/b?c&d=e f#%")
    assert MINT.submit(some_task(kind, source=odd), None).path.endswith("?clip_id=a%2Fb%3Fc%26d%3De%20f%23%25")


def test_a_file_and_a_persona_are_asked_for_at_once() -> None:
    upload, persona = MINT.upload(SOURCE.audio_url), MINT.persona("Ada", CLIP)
    assert upload is not None
    assert persona is not None
    assert (upload.call.method, upload.call.path) == ("POST", "/api/v1/music/upload")
    assert json.loads(upload.call.body) == {"audio_url": SOURCE.audio_url}
    assert (persona.call.method, persona.call.path) == ("POST", "/api/v1/music/persona")
    assert json.loads(persona.call.body) == {"name": "Ada", "clip_id": CLIP}
    assert upload.call.limit == persona.call.limit == AT_ONCE_LIMIT
