"""Commands that are made from a track or a file, on a simulated Discord: what is asked, and what is refused before."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.source import BadSource, BadTimes, Unfit, Wrong
from bot.domain.task import Kind
from bot.providers.musicmint import MAKES
from bot.ui.words import rework as words
from bot.ui.words import track as track_words
from bot.ui.words.kinds import ASKED
from tests.file_server import FileServer
from tests.media.test_probe import m4a
from tests.parts import short_mp3
from tests.ui.conftest import Carded
from tests.ui.served import first_id, newest, served, tasks
from tests.ui.submits import change, rows

#: A command with its options, and what is to come of them.
COMMANDS: list[tuple[Kind, dict[str, str], dict[str, object]]] = [
    (Kind.EXTEND, {"at": "0:00.5", "prompt": "a choir"}, {"start": 0.5, "prompt": "a choir"}),
    (Kind.COVER, {"style": "ska", "title": "New", "lyrics": "la"}, {"style": "ska", "title": "New", "lyrics": "la"}),
    (Kind.REMASTER, {}, {}),
    (Kind.VOCALS, {"lyrics": "la", "start": "0.2"}, {"lyrics": "la", "start": 0.2, "end": None}),
    (Kind.INFILL, {"start": "0.2", "end": "0.7", "style": "jazz"}, {"start": 0.2, "end": 0.7, "style": "jazz"}),
    (Kind.SAMPLE, {"end": "0.5"}, {"start": None, "end": 0.5}),
    (Kind.STEMS, {"start": "0.1", "end": "0.5"}, {"start": 0.1, "end": 0.5}),
    (Kind.MIDI, {}, {}),
    (Kind.WAV, {}, {}),
    (Kind.TIMELINE, {}, {}),
    (Kind.WAVEFORM, {}, {}),
]


@pytest.fixture
def changes() -> dict[str, str]:
    return {"MEMBER_AT_ONCE": "1", "MEMBER_PER_DAY": "100"}


@pytest.fixture
async def files(carded: Carded) -> AsyncIterator[FileServer]:
    """The files of Discord, fetched from loopback; what is asked for from now on waits at the vendor."""
    carded.show.vendor.behaviour.seconds = None
    async with served(carded.show) as server:
        yield server


async def typed(carded: Carded, command: str, member: Any = None, **options: Any) -> Any:
    return await (member or carded.show.world.member).slash(carded.show.world.channel, command, **options)


async def refused(carded: Carded, command: str, member: Any = None, **options: Any) -> str:
    """Type something that is refused; return what only the member reads."""
    before = tasks(carded.show)
    answer = await typed(carded, command, member, **options)
    assert answer.ephemeral
    assert tasks(carded.show) == before, "a refusal keeps nothing"
    text: str = answer.response.content
    return text


def expire(carded: Carded) -> None:
    """Let everything at the vendor end nine minutes from now."""
    soon = datetime.now(UTC) + timedelta(minutes=9)
    change(carded.show, f"UPDATE tracks SET expires_at = {int(soon.timestamp() * 1000)}")


async def test_each_command_asks_for_its_kind_from_the_track_with_what_was_typed(carded: Carded) -> None:
    show, eve = carded.show, carded.show.add_member("eve")
    show.vendor.behaviour.seconds = None
    assert {kind for kind, _, _ in COMMANDS} == set(ASKED)
    for kind, options, wanted in COMMANDS:
        answer = await typed(carded, kind.value, eve, track=f"{first_id(show)}-2", **options)
        assert not answer.ephemeral, kind
        request = newest(show)
        assert (request.kind, request.private) == (kind, False)
        assert {name: getattr(request, name) for name in wanted} == wanted
        assert request.source is not None
        assert (request.source.task_id, request.source.number, request.source.title) == (first_id(show), 2, "Tin Roof")
        assert request.source.seconds == 1.0
        clip_id, ends = rows(show, "SELECT clip_id, expires_at FROM tracks WHERE number = 2")[0]
        uploaded = MAKES[kind].uploaded  # such a one is made from nothing that the vendor knows already
        assert (request.source.provider, request.source.clip_id) == (("", "") if uploaded else ("musicmint", clip_id))
        until = datetime.fromtimestamp(ends / 1000, UTC)
        assert request.source.expires_at == (None if uploaded else until)
        asked = ASKED[kind].format("“Tin Roof”")
        assert f"{eve.mention} {asked}" in answer.response.content
    assert len(rows(show, f"SELECT 1 FROM tasks WHERE parent_id = '{first_id(show)}'")) == len(COMMANDS)


async def test_tracks_and_providers_are_offered_while_one_types(carded: Carded) -> None:
    world = carded.show.world
    for command in ("extend", "waveform"):
        choices = await world.member.autocomplete(world.channel, command, "track", "tin")
        assert {choice["value"] for choice in choices} == {f"{first_id(carded.show)}-{number}" for number in (1, 2)}
        providers = await world.member.autocomplete(world.channel, command, "provider", "mint")
        assert [(choice["name"], choice["value"]) for choice in providers] == [("MusicMint", "musicmint")]
        assert await world.member.autocomplete(world.channel, command, "provider", "other") == []


async def test_times_that_will_not_do_are_refused_with_what_would(carded: Carded) -> None:
    show = carded.show
    track = first_id(show)
    show.vendor.behaviour.seconds = None
    said = words.bad_times
    assert await refused(carded, "extend", track=track, at="soon") == said(BadTimes(Wrong.UNREADABLE))
    assert await refused(carded, "extend", track=track, at="0:02") == said(BadTimes(Wrong.OUTSIDE, 1.0))
    assert await refused(carded, "infill", track=track, start="0.7", end="0.2") == said(BadTimes(Wrong.ORDER, 1.0))
    assert await refused(carded, "infill", track=track, start="0.5", end="1:00") == said(BadTimes(Wrong.OUTSIDE, 1.0))
    assert "The track lasts 0:01." in said(BadTimes(Wrong.OUTSIDE, 1.0))


async def test_a_track_that_will_not_do_is_refused_with_what_would(carded: Carded) -> None:
    show, eve = carded.show, carded.show.add_member("eve")
    track, needed = first_id(show), words.bad_source(BadSource(Unfit.ONE_NEEDED))
    assert await refused(carded, "cover") == needed
    assert await refused(carded, "cover", track=track, audio=("hum.mp3", short_mp3())) == needed
    assert await refused(carded, "cover", track="that one") == track_words.UNKNOWN
    elsewhere = await refused(carded, "cover", track=track, provider="nobody")
    assert elsewhere == "nobody does not make a cover. MusicMint would: choose it as `provider`."
    change(show, "UPDATE tasks SET request = json_set(request, '$.private', json('true'))")
    assert await refused(carded, "cover", eve, track=track) == track_words.UNKNOWN, "somebody else's private one"
    change(show, "UPDATE tasks SET request = json_set(request, '$.kind', 'midi')")
    assert await refused(carded, "cover", track=track) == words.bad_source(BadSource(Unfit.NO_AUDIO))
    change(show, "UPDATE tasks SET deleted_at = 1")
    assert await refused(carded, "cover", track=track) == track_words.CARD_DELETED


async def test_what_is_made_from_a_private_track_is_private(carded: Carded) -> None:
    show = carded.show
    show.vendor.behaviour.seconds = None
    change(show, "UPDATE tasks SET request = json_set(request, '$.private', json('true'))")
    answer = await typed(carded, "remaster", track=first_id(show))
    assert answer.ephemeral
    assert newest(show).private


async def test_an_expired_track_is_worked_from_its_file_in_discord_or_said_to_have_none(carded: Carded) -> None:
    show, track = carded.show, first_id(carded.show)
    show.vendor.behaviour.seconds = None
    expire(carded)
    await typed(carded, "waveform", track=f"{track}-2")
    source = newest(show).source
    assert source is not None
    assert (source.provider, source.clip_id, source.cover_url) == ("", "", "")
    assert source.audio_url.endswith(f"-{track}.mp3")
    assert "/2-tin-roof-" in source.audio_url
    await carded.card().delete()
    assert await refused(carded, "remaster", track=track) == words.bad_source(BadSource(Unfit.EXPIRED))


async def test_a_wav_or_stem_is_worked_from_its_file_however_fresh_it_is(carded: Carded) -> None:
    show = carded.show
    show.vendor.behaviour.seconds = None
    change(show, "UPDATE tasks SET request = json_set(request, '$.kind', 'stems')")
    change(show, "UPDATE library SET kind = 'stems'")
    await typed(carded, "remaster", track=first_id(show))
    source = newest(show).source
    assert source is not None
    assert (source.clip_id, source.audio_url.endswith(f"-{first_id(show)}.mp3")) == ("", True)


async def test_a_file_is_measured_and_asked_for_under_its_own_name(files: FileServer, carded: Carded) -> None:
    answer = await typed(carded, "sample", audio=("my_humming.mp3", short_mp3(seconds=3.0)), start="0:01", private=True)
    assert answer.ephemeral
    request = newest(carded.show)
    assert request.source is not None
    assert (request.kind, request.start, request.private) == (Kind.SAMPLE, 1.0, True)
    assert (request.source.title, request.source.task_id) == ("my humming", "")
    assert request.source.seconds == pytest.approx(3.0, abs=0.1)
    assert request.source.audio_url.startswith(files.base)
    assert [one.headers["Range"] for one in files.asked[:1]] == ["bytes=0-262143"]


async def test_a_file_that_does_not_say_how_long_it_lasts_is_asked_for_all_the_same(
    files: FileServer, carded: Carded
) -> None:
    await typed(carded, "cover", audio=("memo.m4a", m4a(fragmented=True)))
    source = newest(carded.show).source
    assert source is not None
    assert (source.title, source.seconds) == ("memo", None)


async def test_a_file_that_will_not_do_is_refused_before_anything_is_asked(files: FileServer, carded: Carded) -> None:
    async def said(name: str, data: bytes, **options: str) -> str:
        return await refused(carded, "cover", audio=(name, data), **options)

    no_audio = words.bad_source(BadSource(Unfit.NOT_AUDIO))
    assert await said("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100)) == no_audio
    assert await said("huge.mp3", bytes(25 * 1024 * 1024 + 1)) == words.bad_source(BadSource(Unfit.TOO_LARGE, 25 << 20))
    assert files.asked == [], "size and type come first"
    assert await said("renamed.mp3", b"MZ" + bytes(1000)) == no_audio
    assert await said("empty.mp3", b"") == no_audio
    long = words.bad_source(BadSource(Unfit.TOO_LONG, 480))
    assert await said("long.wav", wav(481.0)) == long
    assert "8 minutes" in long
    assert "That time does not lie" in await refused(carded, "extend", audio=("short.wav", wav(2.0)), at="0:03")


async def test_a_file_that_cannot_be_looked_at_is_refused_honestly(carded: Carded) -> None:
    text = await refused(carded, "cover", audio=("hum.mp3", short_mp3()))
    assert text == words.bad_source(BadSource(Unfit.UNREAD))


def wav(seconds: float) -> bytes:
    """Return a WAV of 8,000 samples of one byte a second, of which only the first is there."""
    size = int(8000 * seconds)
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    parts = ((1, 2), (1, 2), (8000, 4), (8000, 4), (1, 2), (8, 2))
    form = b"".join(value.to_bytes(width, "little") for value, width in parts)
    return head + form + b"data" + size.to_bytes(4, "little") + bytes(size)
