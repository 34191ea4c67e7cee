"""What every provider makes of its vendor's documented answers: one suite for all of them."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.domain.contract import Worth
from bot.domain.errors import AnswerLost, KeyRefused, NotAccepted, ProviderError, Rejected, TaskGone
from bot.domain.task import Kind, Request
from bot.domain.track import Completed, Failed, Running
from bot.flows.choosing import obstacle
from bot.providers.http import callback_address
from bot.providers.reading import is_id
from bot.providers.wire import Call, Reply
from tests.parts import API_KEY, make_task
from tests.providers.kinds import some_task
from tests.providers.vendor import SAMPLES, Vendor
from tests.providers.vendors import VENDORS

every = pytest.mark.parametrize("vendor", VENDORS, ids=str)
REFUSALS = [(vendor, name) for vendor in VENDORS for name in sorted(vendor.errors)]
ADDRESS = "https://bot.example"


@every
def test_a_create_is_answered_with_an_id_that_can_be_looked_up(vendor: Vendor) -> None:
    wire = vendor.wire(API_KEY)
    task_id = wire.read_submit(make_task(), vendor.reply(vendor.created))
    assert isinstance(task_id, str)
    assert is_id(task_id)
    assert wire.look_up(task_id).path.endswith(("/status", task_id.rpartition(":")[2]))


@every
@pytest.mark.parametrize("state", ["queuing", "processing"])
def test_a_task_that_waits_or_is_worked_on_is_running(vendor: Vendor, state: str) -> None:
    outcome = vendor.wire(API_KEY).read_look_up(vendor.reply(getattr(vendor, state)))
    assert isinstance(outcome, Running)
    assert outcome.progress is None or 0 <= outcome.progress < 100


@every
def test_a_completed_task_has_tracks_with_everything_that_a_card_shows(vendor: Vendor) -> None:
    outcome = vendor.wire(API_KEY).read_look_up(vendor.reply(vendor.completed))
    assert isinstance(outcome, Completed)
    assert (len(outcome.tracks), outcome.missing) == (vendor.tracks, 0)
    assert len({track.audio_url for track in outcome.tracks}) == vendor.tracks
    for track in outcome.tracks:
        assert all((track.clip_id, track.audio_url, track.cover_url, track.title, track.seconds))
        assert isinstance(json.loads(track.extra or "{}"), dict)


@every
def test_a_failed_task_says_why(vendor: Vendor) -> None:
    outcome = vendor.wire(API_KEY).read_look_up(vendor.reply(vendor.failed))
    assert isinstance(outcome, Failed)
    assert outcome.error


@every
def test_a_task_that_it_does_not_know_is_gone(vendor: Vendor) -> None:
    status, name = vendor.unknown
    with pytest.raises(TaskGone):
        vendor.wire(API_KEY).read_look_up(vendor.reply(name, status))


@pytest.mark.parametrize(("vendor", "name"), REFUSALS, ids=[f"{vendor} {name}" for vendor, name in REFUSALS])
def test_each_refusal_of_its_pages_has_its_meaning(vendor: Vendor, name: str) -> None:
    status, meaning = vendor.errors[name]
    with pytest.raises(meaning):
        vendor.wire(API_KEY).read_submit(make_task(), vendor.reply(name, status))


@every
def test_no_sample_of_a_refusal_or_callback_is_left_out(vendor: Vendor) -> None:
    samples = {path.stem for path in (SAMPLES / vendor.folder).glob("error_*.json")}
    assert samples == vendor.errors.keys()
    if vendor.wire(API_KEY).contract.callbacks is not Worth.NOTHING:
        callbacks = {path.stem for path in (SAMPLES / vendor.folder).glob("callback_*.json")}
        assert callbacks == vendor.callbacks.keys()


@every
@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (200, b"<html>", AnswerLost),
        (200, b"", AnswerLost),
        (200, b"[" * 50_000, AnswerLost),
        (500, b"<html>", AnswerLost),
        (502, b"", AnswerLost),
        # Behind a gateway that says this, the task may have been taken.
        (503, b"<html>", AnswerLost),
        (504, b"", AnswerLost),
        (401, b"", KeyRefused),
    ],
)
def test_what_a_gateway_says_is_never_taken_for_the_vendors_word(
    vendor: Vendor, status: int, body: bytes, meaning: type[ProviderError]
) -> None:
    wire, reply = vendor.wire(API_KEY), Reply(status, {}, body)
    for read in (partial(wire.read_submit, make_task()), wire.read_look_up, wire.read_check_key):
        with pytest.raises(meaning):
            read(reply)


#: A proxy's page, another service's answer, and what has the vendor's form without its words.
NO_WORDS = (
    b"<html>",
    b"",
    b"[]",
    b"{}",
    b'"task not found"',
    b'{"error": "no route"}',
    b'{"message": "Not Found"}',
    b'{"detail": "Not Found"}',
)


@every
@pytest.mark.parametrize("body", NO_WORDS)
def test_a_404_without_the_vendors_words_says_nothing_of_a_task_and_is_asked_again(vendor: Vendor, body: bytes) -> None:
    wire, reply = vendor.wire(API_KEY), Reply(404, {}, body)
    with pytest.raises(AnswerLost):
        wire.read_look_up(reply)
    for read in (partial(wire.read_submit, some_task(Kind.SONG)), wire.read_check_key):
        with pytest.raises(Rejected):
            read(reply)


@every
@pytest.mark.parametrize(("given", "wait"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)])
def test_a_rate_limit_is_waited_for_as_long_as_it_says(vendor: Vendor, given: str, wait: float | None) -> None:
    with pytest.raises(NotAccepted) as raised:
        vendor.wire(API_KEY).read_submit(make_task(), vendor.reply(vendor.created, 429, retry_after=given))
    assert (raised.value.busy, raised.value.retry_after) == (True, wait)


@every
def test_the_key_goes_into_the_headers_only(vendor: Vendor) -> None:
    wire = vendor.wire(API_KEY)
    calls = (wire.submit(make_task(), None), wire.look_up(vendor.no_task), wire.check_key())
    assert sum(API_KEY in value for value in wire.headers.values()) == 1
    assert not any(API_KEY in call.path or API_KEY.encode() in call.body for call in calls)


@every
def test_a_callback_address_is_sent_where_the_contract_says_that_each_task_has_one(vendor: Vendor) -> None:
    wire, task = vendor.wire(API_KEY), make_task()
    contract = wire.contract
    address = callback_address(ADDRESS, contract.name, task.key)
    sent = wire.submit(task, address).body.decode()
    assert (address in sent) is (contract.keyed and contract.callbacks is not Worth.NOTHING)
    assert ADDRESS not in wire.submit(task, None).body.decode()


@every
def test_only_a_provider_that_finds_lost_creates_has_a_way_to_look(vendor: Vendor) -> None:
    wire = vendor.wire(API_KEY)
    assert (wire.find_lost(make_task()) is not None) is wire.contract.finds_lost


@every
def test_jobs_are_managed_where_the_contract_says_so(vendor: Vendor) -> None:
    assert (vendor.jobs is not None) is bool(vendor.wire(API_KEY).contract.jobs)


def heard(call: Call) -> str:
    """Return what a create says of the music. Where lyrics go, a description is not heard."""
    body = json.loads(call.body)
    return " ".join(str(value) for name, value in body.items() if name != "prompt" or "tags" not in body)


KINDS = [(vendor, kind) for vendor in VENDORS for kind in vendor.wire("").contract.makes]
FIELDS = ("prompt", "style", "title", "lyrics")


@pytest.mark.parametrize(("vendor", "kind"), KINDS, ids=[f"{vendor} {kind}" for vendor, kind in KINDS])
@pytest.mark.parametrize("name", FIELDS)
def test_a_text_of_the_length_that_is_offered_is_sent_whole_and_another_not_at_all(
    vendor: Vendor, kind: Kind, name: str
) -> None:
    wire = vendor.wire(API_KEY)
    limit = getattr(wire.contract.makes[kind], name)
    text = "ü" * (limit or 50)
    wish: dict[str, Any] = {"prompt": "rain", name: text}
    sent = wire.submit(some_task(kind, **wish), None).body.decode()
    assert (text in sent) is bool(limit)


@pytest.mark.parametrize(("vendor", "kind"), KINDS, ids=[f"{vendor} {kind}" for vendor, kind in KINDS])
def test_what_is_offered_beside_texts_changes_what_is_asked(vendor: Vendor, kind: Kind) -> None:
    wire, plain = vendor.wire(API_KEY), some_task(kind)

    def asked(**wish: object) -> Call:
        return wire.submit(replace(plain, request=replace(plain.request, **wish)), None)  # type: ignore[arg-type]

    ability = wire.contract.makes[kind]
    assert (asked(instrumental=True) != asked()) is ability.instrumental
    for sound_type in ("loop", "one-shot"):
        assert (asked(sound_type=sound_type) != asked()) is (sound_type in ability.sound_types)
    for bpm in (ability.bpm[0], ability.bpm[-1]) if ability.bpm else (90,):
        assert (str(bpm) in asked(bpm=bpm).body.decode()) is (ability.bpm is not None)
    key = "k" * (ability.musical_key or 9)
    assert (key in asked(musical_key=key).body.decode()) is bool(ability.musical_key)


@pytest.mark.parametrize(("vendor", "kind"), KINDS, ids=[f"{vendor} {kind}" for vendor, kind in KINDS])
@pytest.mark.parametrize("wish", [{"lyrics": "la la"}, {"instrumental": True}], ids=["sung", "instrumental"])
def test_a_description_that_fits_beside_the_rest_is_sent_whole_and_another_is_never_cut(
    vendor: Vendor, kind: Kind, wish: dict[str, Any]
) -> None:
    wire = vendor.wire(API_KEY)
    ability = wire.contract.makes[kind]
    if obstacle(wire.contract, Request("rain", kind=kind, **wish)) is not None:
        return
    room = ability.together or ability.prompt
    for text in ("ü" * room, "rain and " * (room // 9)):
        for sent in (text, text + "!" * ability.together):
            task = make_task(prompt=sent, kind=kind, **wish)
            if obstacle(wire.contract, task.request) is None:
                assert sent.strip() in heard(wire.submit(task, None))
            else:
                with pytest.raises(Rejected, match="not sent"):
                    wire.submit(task, None)
