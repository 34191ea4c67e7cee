"""What MusicMint answers at once, from its documented samples, and how much of it is kept."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.errors import AnswerLost, Rejected
from bot.domain.task import Kind
from bot.domain.track import MOST_VALUES, Completed, Track, Uploaded, most_values
from bot.providers.musicmint_results import LONGEST_TEXT, MOST_INSTRUMENTS, MOST_NOTES, MOST_PEAKS, MOST_WORDS
from bot.providers.wire import MOST_ANSWERED
from tests.parts import MORNING
from tests.providers.kinds import SOURCE, some_task
from tests.providers.musicmint_samples import MINT, reply, sample

NAMED: dict[str, Any] = {"title": SOURCE.title, "cover_url": SOURCE.cover_url}
NOTE = {"pitch": 60, "start": 0.5, "end": 1.0, "velocity": 96}


def read(kind: Kind, data: Any, status: int = 200) -> Completed:
    """Return what an answer with this in its envelope gives."""
    body = data if isinstance(data, bytes) else json.dumps({"code": 0, "message": "ok", "data": data}).encode()
    result = MINT.read_submit(some_task(kind), reply(body, status))
    assert isinstance(result, Completed)
    return result


def extra(kind: Kind, data: Any) -> Any:
    """Return what is kept of it beside addresses."""
    (track,) = read(kind, data).tracks
    assert (track.audio_url, track.clip_id) == ("", "")
    return json.loads(track.extra)


def test_the_voice_is_one_track_and_its_id_is_no_clip() -> None:
    voice = Track("", "https://files.example/m/7f3a-vocal.mp3", seconds=94.72, extra='{"id":"stem-41d0"}', **NAMED)
    assert read(Kind.STEMS, sample("stems")) == Completed((voice,))


@pytest.mark.parametrize(
    ("times", "length"),
    [
        ({"vocal_start_s": 10, "vocal_end_s": 40.5}, 30.5),
        ({"vocal_start_s": 10, "vocal_end_s": 0}, SOURCE.seconds),
        ({"vocal_start_s": "x", "vocal_end_s": None}, SOURCE.seconds),
        ({}, SOURCE.seconds),
    ],
)
def test_the_voice_is_as_long_as_is_told_or_as_its_track(times: dict[str, Any], length: float) -> None:
    (track,) = read(Kind.STEMS, {"vocal_audio_url": "https://a/b.mp3", **times}).tracks
    assert (track.seconds, track.extra) == (length, "")


def test_a_wav_is_the_same_clip_under_another_address() -> None:
    wav = Track(SOURCE.clip_id, "https://files.example/m/7f3a.wav", seconds=94.72, **NAMED)
    assert read(Kind.WAV, sample("wav")) == Completed((wav,))


def test_a_wav_is_there_for_as_long_as_its_clip() -> None:
    clip = replace(SOURCE, expires_at=MORNING)
    result = MINT.read_submit(some_task(Kind.WAV, source=clip), reply(sample("wav")))
    assert isinstance(result, Completed)
    assert [track.expires_at for track in result.tracks] == [MORNING]


@pytest.mark.parametrize(
    "address", ["", "processing", "ftp://a/b", None, 5, "https://a/" + "x" * 4_000, ["https://a/b"]]
)
def test_what_is_no_address_is_no_result(address: object) -> None:
    for kind, data in ((Kind.WAV, address), (Kind.STEMS, {"vocal_audio_url": address})):
        with pytest.raises(AnswerLost):
            read(kind, data)


def test_notes_are_kept_as_they_came() -> None:
    assert extra(Kind.MIDI, sample("midi")) == {"instruments": json.loads(sample("midi"))["data"]["instruments"]}
    layouts = [[60, 0.5, 1.0], {"note": "C4", "at": {"bar": 1, "beat": 2}}, NOTE]
    assert extra(Kind.MIDI, {"instruments": {"piano": layouts}}) == {"instruments": {"piano": layouts}}


def test_odd_notes_and_instruments_are_left_out_and_the_others_stay() -> None:
    deep, long = [[[[60]]]], {"name": "x" * (LONGEST_TEXT + 1)}
    odd = [None, 5, "C4", True, {}, [], deep, long, [0] * 65, {"pitch": 10**400}]
    instruments = {"piano": [*odd, NOTE], "bass": odd, "drums": "x", "x" * (LONGEST_TEXT + 1): [NOTE]}
    assert extra(Kind.MIDI, {"instruments": instruments}) == {"instruments": {"piano": [NOTE]}}


def test_notes_and_instruments_are_bounded() -> None:
    many = {str(number): [[60]] for number in range(MOST_INSTRUMENTS + 5)}
    assert len(extra(Kind.MIDI, {"instruments": many})["instruments"]) == MOST_INSTRUMENTS
    found = extra(Kind.MIDI, {"instruments": {"a": [[1]] * (MOST_NOTES - 1), "b": [[2]] * 5, "c": [[3]]}})
    assert {name: len(notes) for name, notes in found["instruments"].items()} == {"a": MOST_NOTES - 1, "b": 1}


def test_only_so_many_notes_are_kept_as_can_be_read_again() -> None:
    wide = dict.fromkeys(map(str, range(32)), 0)
    (track,) = read(Kind.MIDI, {"instruments": {"a, [b]": [wide] * 16_000, "c": [[1]] * 9_000}}).tracks
    assert MOST_VALUES - 100 < most_values(track.extra) <= MOST_VALUES
    assert len(json.loads(track.extra)["instruments"]["a, [b]"]) < 16_000


@pytest.mark.parametrize("kind", [Kind.MIDI, Kind.TIMELINE, Kind.WAVEFORM])
def test_an_answer_of_too_many_values_is_not_even_decoded(kind: Kind) -> None:
    body = b'{"code": 0, "data": [' + b"{}," * (MOST_ANSWERED // 2) + b"{}]}"
    with pytest.raises(AnswerLost) as lost:
        read(kind, body)
    assert "too many values" in str(lost.value.__cause__)


def test_of_too_many_words_the_later_ones_are_not_even_looked_at() -> None:
    good = {"word": "la", "start": 0, "end": 0.5}
    aligned = [*[{}] * MOST_WORDS, good, *[{}] * MOST_WORDS, good]
    assert len(extra(Kind.TIMELINE, {"aligned": aligned})["words"]) == 1


def test_timed_words_come_in_order_with_their_line_ends() -> None:
    words = json.loads(sample("timeline"))["data"]["aligned"]
    assert extra(Kind.TIMELINE, sample("timeline")) == {"words": words}
    assert extra(Kind.TIMELINE, {"aligned": words[::-1]}) == {"words": words}


def test_odd_words_are_left_out_and_the_others_are_bounded() -> None:
    good = {"word": "la", "start": 0, "end": 0.5}
    odd = [None, 5, {}, *({**good, name: value} for name, value in [
        ("word", ""), ("word", " \n"), ("word", 5), ("word", "x" * (LONGEST_TEXT + 1)),
        ("start", -1), ("start", "0"), ("start", True), ("start", 0.6), ("end", None), ("end", 1e9),
    ])]  # fmt: skip
    assert extra(Kind.TIMELINE, {"aligned": [*odd, good]}) == {"words": [good]}
    assert len(extra(Kind.TIMELINE, {"aligned": [good] * (MOST_WORDS + 1)})["words"]) == MOST_WORDS


def test_music_without_a_word_is_an_answer_and_no_reason_to_ask_again() -> None:
    assert read(Kind.TIMELINE, {"aligned": []}) == Completed((), missing=1)
    assert read(Kind.TIMELINE, {"aligned": [None]}) == Completed((), missing=1)


def test_peaks_lie_between_nothing_and_one() -> None:
    assert extra(Kind.WAVEFORM, sample("waveform")) == {"peaks": json.loads(sample("waveform"))["data"]}
    odd = [-0.1, 1.1, None, "0.5", True, [0.5]]
    assert extra(Kind.WAVEFORM, [*odd, 0, 0.25, 1]) == {"peaks": [0, 0.25, 1]}


def test_too_many_peaks_are_put_together_so_that_the_whole_track_is_seen() -> None:
    count = MOST_PEAKS * 3 + 2
    peaks = extra(Kind.WAVEFORM, [0.1] * (count - 2) + [0.2, 0.9])["peaks"]
    assert MOST_PEAKS / 2 < len(peaks) <= MOST_PEAKS
    assert peaks[:-1] == [0.1] * (len(peaks) - 1)
    assert peaks[-1] == 0.9


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Kind.STEMS, {"status": "complete"}),
        (Kind.MIDI, {"state": "complete", "instruments": {}}),
        (Kind.MIDI, {"instruments": []}),
        (Kind.MIDI, {"instruments": {"piano": []}}),
        (Kind.TIMELINE, {}),
        (Kind.TIMELINE, {"aligned": {}}),
        (Kind.WAVEFORM, []),
        (Kind.WAVEFORM, ["x"]),
        (Kind.WAVEFORM, {"peaks": [0.5]}),
    ],
)
def test_an_answer_without_anything_usable_is_a_lost_one(kind: Kind, data: object) -> None:
    with pytest.raises(AnswerLost):
        read(kind, data)


def test_an_expired_clip_is_refused_in_the_vendors_words() -> None:
    for kind in (Kind.STEMS, Kind.MIDI, Kind.WAV, Kind.TIMELINE, Kind.WAVEFORM):
        with pytest.raises(Rejected) as raised:
            read(kind, sample("error_expired"))
        assert raised.value.said == "the result has expired"


def test_lyrics_are_a_result_without_audio_and_nothing_at_all_is_none() -> None:
    outcome = MINT.read_look_up(reply(sample("task_lyrics")))
    words = "[Verse]\nRain on a tin roof\n\n[Chorus]\nSing it to me slowly"
    assert outcome == Completed((Track("lyrics-3e", "", title="Tin Roof", lyrics=words),))
    for entry in ({"id": "a"}, {"id": "a", "audio_url": "", "prompt": " \n"}, {"id": "a", "prompt": 5}):
        body = json.dumps({"code": 0, "data": {"status": "completed", "results": [entry]}}).encode()
        assert MINT.read_look_up(reply(body)) == Completed((), missing=1)


def test_an_upload_gives_a_clip_and_its_length() -> None:
    upload = MINT.upload("https://a/b.mp3")
    assert upload is not None
    assert upload.read(reply(sample("upload"))) == Uploaded("clip-90ab", 37)
    odd: list[object] = [{}, {"clipId": ""}, {"clipId": 5}, {"clip_id": "clip-1"}, [], None, "clip-1"]
    for data in odd:
        with pytest.raises(AnswerLost):
            upload.read(reply(json.dumps({"code": 0, "data": data}).encode()))
    odd_length = json.dumps({"code": 0, "data": {"clipId": "clip-1", "duration": "37"}}).encode()
    assert upload.read(reply(odd_length)) == Uploaded("clip-1")


def test_a_persona_is_the_first_that_was_made() -> None:
    persona = MINT.persona("Ada", "clip-1")
    assert persona is not None
    assert persona.read(reply(sample("persona"))) == "persona-5c1"
    odd: list[object] = [None, [], {}, [{}], [None], [{"id": 5}], [{"id": ""}], "persona-5c1"]
    for items in odd:
        with pytest.raises(AnswerLost):
            persona.read(reply(json.dumps({"code": 0, "data": {"items": items}}).encode()))
