"""What cannot be worked on is refused to the member alone, and the vendor never hears of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.whole.made import Workplace, hummed, said, task_on, workplace
from tests.wire.commands import Attached
from tests.wire.interactions import Interaction
from tests.wire.world import Channel, Json

MEGABYTES = 1024 * 1024
#: All use the one bot, which lives in the one event loop.
in_place = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Shelf:
    """What a member has: a song, a sound that has expired and whose card is gone, lyrics, and a persona."""

    place: Workplace
    song: str
    expired: str
    lyrics: str
    persona: str

    async def refused(self, line: str, /, channel: Channel | None = None, **options: object) -> str:
        """Type a command, and return why it was refused; nothing is kept of it, and nobody is asked."""
        before = len(self.place.vendor.requests), self.place.bot.rows("SELECT count(*) FROM tasks")
        where = channel or self.place.channel
        typed: Interaction = await self.place.discord.command(self.place.member, where, line, **options)
        told = said(await typed.answered())
        assert (len(self.place.vendor.requests), self.place.bot.rows("SELECT count(*) FROM tasks")) == before
        return told

    def attach(self, name: str, content: bytes, **facts: object) -> Attached:
        """Attach a file; `facts` are what Discord says of it."""
        shape: Json = self.place.discord.attach(name, content).attachment
        return Attached(shape | facts)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shelf(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    """Have all of it made."""
    async with workplace(tmp_path_factory.mktemp("refusals")) as place:
        old = await place.expired_sound()
        song = await place.card_of(await place.type("generate", prompt="a folk tune"))
        lyrics = await place.card_of(await place.type("lyrics", about="a train"))
        await place.quiet(3)
        place.discord.delete_message(old)
        track = f"{task_on(song)}-1"
        await (await place.type("persona create", track=track, name="Ada")).settled()
        offered = await place.discord.autocomplete(place.member, place.channel, "generate", "persona", "", prompt="x")
        yield Shelf(place, track, f"{task_on(old)}-1", f"{task_on(lyrics)}-1", offered[0]["value"])


@in_place
@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2", "1", "come after"),
        ("0:01", "0:09", "does not lie inside"),
        ("0:30", "0:40", "The track lasts"),
        ("soon", "2", "no time I can read"),
    ],
)
async def test_times(shelf: Shelf, start: str, end: str, words: str) -> None:
    assert words in await shelf.refused("infill", track=shelf.song, start=start, end=end)


@in_place
async def test_files(shelf: Shelf) -> None:
    nothing = shelf.attach("song.mp3", b"this is no music" * 100)
    assert "no audio I can use" in await shelf.refused("remaster", audio=nothing)
    picture = shelf.attach("cover.png", b"\x89PNG", content_type="image/png")
    assert "no audio I can use" in await shelf.refused("remaster", audio=picture)
    large = shelf.attach("hum.wav", hummed(), size=26 * MEGABYTES)
    assert "too large: 25 MB is the most" in await shelf.refused("sample", audio=large)
    # Nine minutes, all but the first of which nobody fetches.
    long = shelf.attach("hum.wav", hummed(9 * 60))
    assert "too long: 8 minutes are the most" in await shelf.refused("extend", audio=long)


@in_place
async def test_neither_a_track_nor_a_file_or_both(shelf: Shelf) -> None:
    assert "either a `track`" in await shelf.refused("stems")
    audio = shelf.attach("hum.wav", hummed())
    assert "either a `track`" in await shelf.refused("stems", track=shelf.song, audio=audio)


@in_place
async def test_tracks(shelf: Shelf) -> None:
    unknown = await shelf.refused("midi", track="that one from yesterday")
    assert unknown == await shelf.refused("midi", track="bcdfghjkmnpq")
    assert "no audio in that one" in await shelf.refused("waveform", track=shelf.lyrics)


@in_place
async def test_a_track_that_expired_and_whose_card_is_gone(shelf: Shelf) -> None:
    told = await shelf.refused("cover", track=shelf.expired, style="folk")
    assert "not at the music service any more" in told
    assert "give it to me as `audio`" in told


@in_place
async def test_a_persona_of_another_place(shelf: Shelf) -> None:
    direct = shelf.place.discord.dm(shelf.place.member)
    assert await shelf.refused("generate", direct, prompt="folk", persona=shelf.persona)
    assert await shelf.refused("generate", prompt="folk", persona="nobody of that name")
