"""Whatever MusicAPI sends is read or refused with a documented error."""

import contextlib
import json
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import BadSignature, CallbackError, ProviderError
from bot.domain.track import Changed, Completed, Failed, Running
from bot.providers.musicapi_sonic import Clip
from bot.providers.musicapi_studio import Song, StudioTask
from tests.parts import MORNING
from tests.providers.musicapi_samples import A_SONG, KEY, LYRICS, SAMPLES, SONIC, STUDIO, called_back, reply

texts = st.text(max_size=20)
numbers = st.integers(-(10**400), 10**400) | st.floats(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | numbers | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))


def entries(kind: type, **likely: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    fields = {name: likely.get(name, values) for name in kind.__struct_fields__}  # type: ignore[attr-defined]
    return st.fixed_dictionaries({}, optional=fields)


addresses = st.just("https://files.example/a.mp3") | values
states = st.sampled_from(["succeeded", "failed", "streaming"])
clips = entries(Clip, state=states, audio_url=addresses)
songs = entries(Song, song_path=addresses, finished=st.booleans(), error_id=st.none(), error_code=st.none())
held = st.fixed_dictionaries({"songs": st.lists(songs | values, max_size=3)}) | values
tasks = entries(StudioTask, status=st.sampled_from(["SUCCESS", "FAILURE", "X"]) | values, data=held)
wrapped = st.fixed_dictionaries(
    {"data": st.lists(clips | values, max_size=3) | tasks | values},
    optional={
        "code": st.sampled_from([200, "success", 102, 403]) | values,
        "message": st.sampled_from(["success", "not enough credits"]) | values,
        "error": values,
        "type": st.sampled_from(["not_ready", "failed"]) | values,
        "task_id": values,
        "results": values,
        "credits": values,
    },
)
bodies = (
    st.binary(max_size=100)
    | st.sampled_from(sorted(SAMPLES.glob("*.json"))).map(lambda file: file.read_bytes())
    | st.builds(json.dumps, wrapped | values).map(str.encode)
)
OUTCOMES = Running | Failed | Completed | Changed


@settings(max_examples=50, deadline=None)
@given(body=bodies, status=st.sampled_from([200, 200, 200, 202, 302, 400, 401, 403, 404, 410, 429, 500, 503]))
def test_any_answer_is_read_or_refused_with_a_documented_error(body: bytes, status: int) -> None:
    for wire in (SONIC, STUDIO):
        creates = (partial(wire.read_submit, A_SONG), partial(wire.read_submit, LYRICS))
        for read in (wire.read_look_up, *creates, wire.read_check_key):
            with contextlib.suppress(ProviderError):
                assert isinstance(read(reply(body, status)), OUTCOMES | str | None)


@settings(max_examples=50, deadline=None)
@given(body=bodies)
def test_any_signed_body_is_read_or_refused_with_a_documented_error(body: bytes) -> None:
    with contextlib.suppress(CallbackError):
        update = called_back(body)
        assert update.key == KEY
        assert isinstance(update.outcome, OUTCOMES)


@settings(max_examples=50, deadline=None)
@given(body=bodies, headers=st.lists(st.tuples(st.sampled_from(["x-webhook-signature", "x-webhook-timestamp"]), texts)))
def test_any_headers_that_are_not_ours_are_refused(body: bytes, headers: list[tuple[str, str]]) -> None:
    with pytest.raises(BadSignature):
        SONIC.read_callback(headers, body, KEY, MORNING)


@settings(max_examples=25, deadline=None)
@given(entry=clips)
def test_what_is_kept_of_a_song_is_the_text_of_an_object_or_nothing(entry: dict[str, object]) -> None:
    outcome = called_back(json.dumps({"data": [entry | {"state": "succeeded"}]}).encode()).outcome
    assert isinstance(outcome, Completed)
    for track in outcome.tracks:
        assert track.extra == "" or isinstance(json.loads(track.extra), dict)
