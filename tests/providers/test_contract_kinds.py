"""Every kind that a provider states can be asked for, and what comes back is read: one suite for all of them."""

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.contract import Answer, Times
from bot.domain.errors import AnswerLost, ProviderError, Rejected
from bot.domain.task import FROM_WORDS, WITHOUT_AUDIO, Kind
from bot.domain.track import Completed
from bot.flows.choosing import obstacle
from bot.providers.reading import is_id
from bot.providers.wire import Reply
from tests.parts import API_KEY
from tests.providers.kinds import AT_ONCE, AT_ONCE_NAMES, SOURCE, STATED, STATED_NAMES, answer_to, some_task
from tests.providers.vendors import MUSICMINT, VENDORS, Vendor

every = pytest.mark.parametrize("vendor", VENDORS, ids=str)
each_kind = pytest.mark.parametrize(("vendor", "kind"), STATED, ids=STATED_NAMES)
at_once = pytest.mark.parametrize(("vendor", "kind"), AT_ONCE, ids=AT_ONCE_NAMES)


@each_kind
def test_what_a_contract_states_is_let_through_by_the_rules_and_can_be_asked(vendor: Vendor, kind: Kind) -> None:
    wire = vendor.wire(API_KEY)
    ability = wire.contract.makes[kind]
    full = {name: "ü" * getattr(ability, name) for name in ("prompt", "style", "title", "lyrics")}
    # Where one field holds both, style and description are not as long as they may be alone.
    full |= {"prompt": ""} if ability.together else {}
    for task in (some_task(kind), some_task(kind, **full)):
        assert obstacle(wire.contract, task.request) is None
        call = wire.submit(task, None)
        assert call.method in ("GET", "POST")
        assert call.path.startswith("/api/")
        assert (call.body == b"") is (call.method == "GET")


@each_kind
def test_the_answer_is_the_vendors_id_or_the_result_as_the_contract_says(vendor: Vendor, kind: Kind) -> None:
    wire = vendor.wire(API_KEY)
    read = wire.read_submit(some_task(kind), answer_to(vendor, kind))
    if wire.contract.makes[kind].answer is Answer.TASK:
        assert isinstance(read, str)
        assert is_id(read)
        return
    assert isinstance(read, Completed)
    assert (len(read.tracks) > 0, read.missing) == (True, 0)
    for track in read.tracks:
        assert bool(track.audio_url) is (kind not in WITHOUT_AUDIO)
        assert track.audio_url or track.lyrics or json.loads(track.extra)


@each_kind
def test_what_is_made_from_a_track_names_it_and_is_not_sent_without(vendor: Vendor, kind: Kind) -> None:
    wire = vendor.wire(API_KEY)
    assert wire.contract.makes[kind].source is (kind not in FROM_WORDS)
    if kind not in FROM_WORDS:
        call = wire.submit(some_task(kind), None)
        assert SOURCE.clip_id in call.path + call.body.decode()
        for unknown in (None, replace(SOURCE, clip_id="")):
            with pytest.raises(Rejected, match="not sent"):
                wire.submit(some_task(kind, source=unknown), None)


@each_kind
def test_times_and_a_persona_change_what_is_asked_where_they_are_offered(vendor: Vendor, kind: Kind) -> None:
    wire = vendor.wire(API_KEY)
    ability = wire.contract.makes[kind]

    def asked(**wish: Any) -> tuple[str, bytes]:
        call = wire.submit(some_task(kind, id="bcdfghjkmnp2", **wish), None)
        return call.path, call.body

    assert (asked(start=3.0) != asked()) is (ability.times is not Times.NONE)
    assert (asked(end=31.0) != asked()) is (ability.times in (Times.SPAN, Times.WHOLE_SPAN))
    assert (asked(persona_id="persona-5c1") != asked()) is ability.persona


def test_a_whole_span_is_not_sent_in_part() -> None:
    for part in ({"start": None}, {"end": None}):
        with pytest.raises(Rejected, match="not sent"):
            MUSICMINT.wire(API_KEY).submit(some_task(Kind.INFILL, **part), None)


@every
def test_files_and_personas_are_taken_where_the_contract_says_so(vendor: Vendor) -> None:
    wire = vendor.wire(API_KEY)
    assert (wire.upload(SOURCE.audio_url) is not None) is wire.contract.uploads
    assert (wire.persona("Ada", "clip-1") is not None) is wire.contract.personas


@at_once
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"[" * 50_000, b'{"code": 0, "message": "ok"}'])
def test_an_answer_without_its_result_is_a_lost_one(vendor: Vendor, kind: Kind, body: bytes) -> None:
    with pytest.raises(AnswerLost):
        vendor.wire(API_KEY).read_submit(some_task(kind), Reply(200, {}, body))


texts = st.text(max_size=20)
leaves = st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats(allow_nan=False) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
NAMES = ["aligned", "instruments", "vocal_audio_url", "vocal_end_s", "id", "clipId", "duration", "items"]
words = st.fixed_dictionaries({}, optional={"word": texts | values, "start": values, "end": values, "id": values})
held = values | st.lists(words | values, max_size=5) | st.dictionaries(texts, st.lists(values, max_size=4), max_size=4)
data = st.dictionaries(st.sampled_from(NAMES), held | st.just("https://a/b"), max_size=5) | held
bodies = (
    st.binary(max_size=100)
    | st.sampled_from([answer_to(*one).body for one in AT_ONCE])
    | st.builds(lambda held: json.dumps({"code": 0, "data": held, "results": held}), data).map(str.encode)
    | st.builds(lambda depth: b'{"code": 0, "data": ' + b"[" * depth + b"]" * depth + b"}", st.integers(1, 2000))
)
statuses = st.sampled_from([200, 200, 200, 302, 400, 404, 429, 500, 503])


ASKED = [(vendor.wire(API_KEY), some_task(kind)) for vendor, kind in AT_ONCE]
WIRE = MUSICMINT.wire(API_KEY)
QUESTIONS = [one for one in (WIRE.upload("https://a/b.mp3"), WIRE.persona("Ada", "clip-1")) if one is not None]


@settings(max_examples=50, deadline=None)
@given(body=bodies, status=statuses)
def test_any_answer_is_a_result_or_a_documented_error(body: bytes, status: int) -> None:
    reply = Reply(status, {}, body)
    for wire, task in ASKED:
        with contextlib.suppress(ProviderError):
            read = wire.read_submit(task, reply)
            assert isinstance(read, Completed)
            assert all(isinstance(json.loads(track.extra or "{}"), dict) for track in read.tracks)
    for question in QUESTIONS:
        with contextlib.suppress(ProviderError):
            question.read(reply)
