"""Each command that makes something of a track, from what is typed to its files, with the bot as a process."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.whole import readers
from tests.whole.conftest import FIRST_ANSWER, POST_MESSAGE
from tests.whole.made import HUMMED, SONG, Workplace, all_cards, custom_ids, hummed, task_on, type_all, workplace
from tests.wire.faults import Recorded
from tests.wire.world import Json

EDIT_LINE = ("PATCH", "/channels/{channel_id}/messages/{message_id}")
GET_CARD = ("GET", "/channels/{channel_id}/messages/{message_id}")
LYRICS = "[Verse]\nwe count the lights tonight\nand nobody is home"
#: How exact the length of an MP3 can be told: its frames have a length of their own, and there are some at its ends.
FRAMES = 0.15


@dataclass(frozen=True)
class Done:
    """What came of a command: its card, its files by the ends of their names, and what Discord was asked for it."""

    card: Json
    files: Mapping[str, bytes]
    requests: Sequence[Recorded]

    @property
    def seconds(self) -> float:
        """How long its MP3 is."""
        return readers.mp3_seconds(self.files["mp3"])


@dataclass(frozen=True)
class Everything:
    """What came of all commands, of the song they were asked for, and of how many requests."""

    song: Json
    song_files: Mapping[str, bytes]
    #: How long the sound is that has expired at the vendor.
    old_seconds: float
    done: Mapping[str, Done]
    waveform: bytes
    at_vendor: Counter[str]
    at_discord: Counter[tuple[str, str]]


def commands(place: Workplace, track: str, link: str, old: str) -> Mapping[str, tuple[str, Json]]:
    """Return what is typed: `track` is a song's id, `link` its card's, `old` a sound that has expired at the vendor."""
    audio = place.discord.attach("hum.wav", hummed())
    return {
        "extend": ("extend", {"track": track, "at": "0:01", "prompt": "a folk finale"}),
        "cover": ("cover", {"track": link, "style": "folk waltz", "title": "Blue Roof"}),
        "remaster": ("remaster", {"track": track.upper()}),
        "remaster a file": ("remaster", {"audio": audio}),
        "remaster an expired one": ("remaster", {"track": old}),
        "soundfx": ("soundfx", {"description": "a shaker", "type": "loop", "bpm": 150, "key": "Am"}),
        "vocals": ("vocals", {"track": track, "lyrics": "la la la", "start": "0", "end": "0:02"}),
        "infill": ("infill", {"track": track, "start": "1", "end": "0:02", "style": "folk harp"}),
        "sample": ("sample", {"audio": audio, "end": "2"}),
        "sample of a track": ("sample", {"track": track, "end": "0:02"}),
        "lyrics": ("lyrics", {"about": "a night train", "style": "folk"}),
        "stems": ("stems", {"track": track, "end": "2"}),
        "midi": ("midi", {"track": track}),
        "wav": ("wav", {"track": track}),
        "timeline": ("timeline", {"track": track}),
        "waveform": ("waveform", {"track": track}),
    }


NAMES = (
    *("extend", "cover", "remaster", "remaster a file", "remaster an expired one", "soundfx", "vocals", "infill"),
    *("sample", "sample of a track", "lyrics", "stems", "midi", "wav", "timeline", "waveform"),
)
REWORKED = {"extend", "cover", "remaster", "vocals", "infill", "sample of a track"}
TAKEN = {"stems", "midi", "wav", "timeline", "waveform"}


async def song(place: Workplace) -> Json:
    """Have a song made with words, by the modal."""
    opened = await place.type("song")
    return await place.card_of(await place.fill_in(opened, title="Tin Roof", style="folk", lyrics=LYRICS))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everything(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Everything]:
    """Type each command, all at once, and wait until all is delivered."""
    async with workplace(tmp_path_factory.mktemp("commands")) as place:
        old = await place.expired_sound()
        new = await song(place)
        await place.quiet(2)
        offered = await place.discord.autocomplete(place.member, place.channel, "extend", "track", "roof FOLK")
        (track,) = (one["value"] for one in offered if one["value"].endswith("-1"))
        link = f"https://discord.com/channels/{place.channel.guild.id}/{place.channel.id}/{new['id']}"
        typed = commands(place, track, link, f"{task_on(old)}-1")
        at_discord, at_vendor = len(place.discord.requests), len(place.vendor.requests)
        asked = await type_all(place, typed)
        cards = await all_cards(place, asked.values())
        await place.quiet(2 + len(typed))
        done = {
            name: Done(card, place.files(card), place.requests_about(one))
            for (name, one), card in zip(asked.items(), cards, strict=True)
        }
        yield Everything(
            new,
            place.files(new),
            readers.mp3_seconds(place.files(old)["mp3"]),
            done,
            place.discord.file(done["waveform"].card["embeds"][0]["image"]["url"]),
            place.asked_vendor(at_vendor),
            Counter((one.method, one.route) for one in place.discord.requests[at_discord:]),
        )


def test_all_commands_were_typed(everything: Everything) -> None:
    assert tuple(everything.done) == NAMES


def test_each_command_is_one_create_and_each_file_one_upload(everything: Everything) -> None:
    assert everything.at_vendor == {
        "music/generate": 1,
        "music/cover": 1,
        "music/remaster": 3,
        "music/soundfx": 1,
        "music/add-vocals": 1,
        "music/infill": 1,
        "music/sample": 2,
        "lyrics/generate": 1,
        "music/stem": 1,
        "music/midi": 1,
        "music/wav": 1,
        "music/timeline": 1,
        "music/waveform": 1,
        "music/upload": 4,
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_command_is_three_requests_to_discord(everything: Everything, name: str) -> None:
    asked = [(one.method, one.route) for one in everything.done[name].requests]
    assert sorted(asked) == sorted([FIRST_ANSWER, POST_MESSAGE, EDIT_LINE])


def test_only_an_expired_file_is_one_request_more(everything: Everything) -> None:
    count = len(NAMES)
    assert everything.at_discord == {FIRST_ANSWER: count, POST_MESSAGE: count, EDIT_LINE: count, GET_CARD: 1}


@pytest.mark.parametrize("name", sorted(REWORKED | TAKEN))
def test_a_card_says_what_it_was_made_from_and_leads_there(everything: Everything, name: str) -> None:
    link = f"/{everything.song['channel_id']}/{everything.song['id']})"
    told = everything.done[name].card["embeds"][0]["description"]
    assert "Tin Roof" in told
    assert link in told


def test_an_extension_is_longer_and_goes_on_from_the_time_asked_for(everything: Everything) -> None:
    before, after = everything.song_files["mp3"], everything.done["extend"].files["mp3"]
    assert readers.mp3_seconds(before) == pytest.approx(SONG, abs=FRAMES)
    assert readers.mp3_seconds(after) == pytest.approx(2 * SONG, abs=FRAMES)
    assert readers.likeness(before, after, 0.1, 0.8) > 0.9
    assert readers.likeness(before, after, 1.2, 2.8) < 0.5


def test_a_file_of_a_member_is_worked_on(everything: Everything) -> None:
    assert everything.done["remaster a file"].seconds == pytest.approx(HUMMED, abs=FRAMES)


def test_what_expired_at_the_vendor_is_worked_on_from_its_file_in_discord(everything: Everything) -> None:
    assert everything.done["remaster an expired one"].seconds == pytest.approx(everything.old_seconds, abs=FRAMES)


@pytest.mark.parametrize("name", ["cover", "vocals", "infill", "remaster"])
def test_a_rework_is_as_long_as_what_it_was_made_from_and_sounds_otherwise(everything: Everything, name: str) -> None:
    done = everything.done[name]
    assert done.seconds == pytest.approx(SONG, abs=FRAMES)
    assert done.files["mp3"] != everything.song_files["mp3"]


def test_a_remaster_is_louder(everything: Everything) -> None:
    louder = readers.loudness(everything.done["remaster"].files["mp3"])
    assert louder > 1.02 * readers.loudness(everything.song_files["mp3"])


def test_a_loop_lasts_whole_bars_of_the_tempo_asked_for(everything: Everything) -> None:
    bars = everything.done["soundfx"].seconds / (4 * 60 / 150)
    assert bars == pytest.approx(round(bars), abs=0.1)
    fields = {one["name"]: one["value"] for one in everything.done["soundfx"].card["embeds"][0]["fields"]}
    assert fields["Sound"] == "loop · 150 bpm · Am"


@pytest.mark.parametrize("name", ["sample", "sample of a track"])
def test_a_song_from_a_melody_lasts_as_long_as_the_part_of_it(everything: Everything, name: str) -> None:
    assert everything.done[name].seconds == pytest.approx(2.0, abs=FRAMES)


def test_lyrics_stand_on_their_card_with_their_buttons(everything: Everything) -> None:
    card = everything.done["lyrics"].card
    assert len(card["embeds"][0]["description"].splitlines()) > 5
    assert {one.split(":")[0] for one in custom_ids(card)} >= {"lyrics-edit", "lyrics-sing", "lyrics-keep"}
    assert everything.done["lyrics"].files == {}


def test_the_vocal_stem_is_not_the_mix(everything: Everything) -> None:
    stem = everything.done["stems"]
    assert stem.seconds == pytest.approx(2.0, abs=FRAMES)
    assert readers.bass(stem.files["mp3"]) < 0.5 * readers.bass(everything.song_files["mp3"])


def test_the_notes_are_a_midi_file_inside_the_track_and_kept_raw_beside(everything: Everything) -> None:
    files = everything.done["midi"].files
    notes = readers.midi(files["mid"])
    assert notes.begun == notes.ended > 10
    assert len(notes.instruments) == len(set(notes.instruments)) > 1
    assert 1.0 < notes.seconds <= SONG + 1.0
    assert b'"pitch"' in files["json"]


def test_a_wav_is_as_long_as_its_track(everything: Everything) -> None:
    assert readers.wav_seconds(everything.done["wav"].files["wav"]) == pytest.approx(SONG, abs=0.01)


def test_timed_words_are_in_order_and_inside_the_track(everything: Everything) -> None:
    files = everything.done["timeline"].files
    lines, cues = readers.lrc(files["lrc"]), readers.subtitles(files["srt"])
    times = [time for time, _ in lines]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] < SONG
    assert readers.in_order(cues, SONG)
    sung = " ".join(LYRICS.partition("\n")[2].split())
    assert " ".join(words for _, words in lines) == " ".join(cue.content for cue in cues) == sung


def test_a_waveform_is_a_picture_of_more_than_one_colour(everything: Everything) -> None:
    (width, height), colours = readers.picture(everything.waveform)
    assert (width, height) >= (600, 100)
    assert colours > 3
