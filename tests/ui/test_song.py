"""`/song`: words of one's own, which are never lost."""

import sqlite3
from contextlib import closing

import msgspec
import pytest

from bot.domain.task import Request
from tests.ui.conftest import Show


def requests(show: Show) -> list[Request]:
    """Return what was asked for, as it is on disk."""
    with closing(sqlite3.connect(f"file:{show.database}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT request FROM tasks").fetchall()
    return [msgspec.json.decode(row[0], type=Request) for row in rows]


LYRICS = "[Verse]\nrain on the roof\n[Chorus]\nlet it rain"


async def test_lyrics_reach_the_vendor_as_the_words_to_sing(show: Show) -> None:
    member = show.world.member
    opened = await member.slash(show.world.channel, "song")
    sent = await member.submit_modal(opened, {"title": "Roof", "style": "folk", "lyrics": LYRICS})
    assert not sent.ephemeral
    assert requests(show) == [Request("", "folk", "Roof", lyrics=LYRICS)]


async def test_the_modal_hints_at_verse_and_chorus_and_takes_four_thousand_characters(show: Show) -> None:
    opened = await show.world.member.slash(show.world.channel, "song")
    fields = {part["component"]["custom_id"]: part["component"] for part in opened.modal["components"]}
    assert set(fields) == {"title", "style", "lyrics", "instrumental"}
    assert "[Verse]" in fields["lyrics"]["placeholder"]
    assert "[Chorus]" in fields["lyrics"]["placeholder"]
    assert fields["lyrics"]["max_length"] == 4000


async def test_an_instrumental_keeps_the_words_for_a_remix(show: Show) -> None:
    member = show.world.member
    opened = await member.slash(show.world.channel, "song")
    await member.submit_modal(opened, {"style": "folk", "lyrics": LYRICS, "instrumental": True})
    assert requests(show) == [Request("", "folk", instrumental=True, lyrics=LYRICS)]


async def test_a_title_alone_is_what_it_is_about(show: Show) -> None:
    member = show.world.member
    opened = await member.slash(show.world.channel, "song")
    sent = await member.submit_modal(opened, {"title": "Tram 28"})
    assert "Tram 28" in sent.response.content
    assert requests(show) == [Request("Tram 28", title="Tram 28")]


async def test_an_empty_modal_is_refused_kindly(show: Show) -> None:
    member = show.world.member
    opened = await member.slash(show.world.channel, "song")
    sent = await member.submit_modal(opened, {})
    assert sent.ephemeral
    assert requests(show) == []


class TestRefused:
    """A refusal never costs anybody their words."""

    @pytest.fixture
    def changes(self) -> dict[str, str]:
        return {"ALLOWED_GUILDS": "1"}

    async def test_what_was_written_is_handed_back_as_a_file(self, show: Show) -> None:
        member = show.world.member
        opened = await member.slash(show.world.channel, "song")
        refused = await member.submit_modal(opened, {"title": "Roof", "lyrics": LYRICS})
        assert refused.ephemeral
        held = show.world.message(refused.response.channel_id, refused.response.id)
        text = show.world.file(held.attachments[0]).decode()
        assert LYRICS in text
        assert "Roof" in text
