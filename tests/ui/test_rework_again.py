"""What was made from a member's file, asked for once more: only while somebody still has the file."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.source import BadSource, Source, Unfit
from bot.domain.task import Kind
from bot.ui.sources import address_ends
from bot.ui.words import rework as words
from bot.ui.words.task import RETRY_CHARGED
from tests.ui.conftest import Carded
from tests.ui.served import newest, tasks
from tests.ui.submits import change

EXPIRED = words.bad_source(BadSource(Unfit.EXPIRED))
SOON, LATER = timedelta(minutes=9), timedelta(minutes=30)


@pytest.fixture
def changes() -> dict[str, str]:
    return {"MEMBER_AT_ONCE": "1", "MEMBER_PER_DAY": "100"}


def address(ends: timedelta | None) -> str:
    """Return the address of an attachment, as Discord signs it."""
    plain = "http://127.0.0.1:9/hum.mp3"
    return plain if ends is None else f"{plain}?ex={int((datetime.now(UTC) + ends).timestamp()):x}&is=1&hm=2&"


def made_from(carded: Carded, kind: Kind, audio_url: str, clip_ends: timedelta | None = None) -> None:
    """Let the card be of something that was made from a file; with a clip of it at the vendor, or without."""
    carded.show.vendor.behaviour.seconds = None
    source: dict[str, object] = {"title": "hum", "audio_url": audio_url}
    if clip_ends is not None:
        until = datetime.now(UTC) + clip_ends
        source |= {"provider": "musicmint", "clip_id": "clip-up", "expires_at": until.isoformat()}
    change(carded.show, f"UPDATE tasks SET request = '{json.dumps({'prompt': '', 'kind': kind, 'source': source})}'")


async def again(carded: Carded) -> str:
    """Press it; return what is said."""
    pressed = await carded.show.add_member("eve").click(carded.card(), label="Again")
    text: str = pressed.response.content
    return text


@pytest.mark.parametrize(
    ("kind", "link", "clip"),
    [
        (Kind.COVER, SOON, None),
        (Kind.COVER, SOON, SOON),
        (Kind.COVER, -LATER, -LATER),
        (Kind.SAMPLE, SOON, LATER),  # is always handed over anew
    ],
)
async def test_what_nobody_has_any_more_is_refused_before_anything_is_asked(
    carded: Carded, kind: Kind, link: timedelta, clip: timedelta | None
) -> None:
    made_from(carded, kind, address(link), clip)
    assert await again(carded) == EXPIRED
    assert tasks(carded.show) == 1


async def test_a_clip_that_is_still_there_is_worked_on_whatever_became_of_the_link(carded: Carded) -> None:
    made_from(carded, Kind.COVER, address(-LATER), LATER)
    assert "asked for a cover" in await again(carded)
    source = newest(carded.show).source
    assert source is not None
    assert (source.provider, source.clip_id) == ("musicmint", "clip-up")


@pytest.mark.parametrize("link", [LATER, None])
async def test_a_file_that_is_still_there_is_handed_over_anew(carded: Carded, link: timedelta | None) -> None:
    made_from(carded, Kind.COVER, address(link), SOON)
    assert "asked for a cover" in await again(carded)
    source = newest(carded.show).source
    assert source is not None
    assert (source.provider, source.clip_id, source.expires_at) == ("", "", None)
    assert source.audio_url.startswith("http://127.0.0.1:9/hum.mp3")


async def test_asking_again_for_what_failed_is_refused_as_well(carded: Carded) -> None:
    made_from(carded, Kind.COVER, address(-LATER))
    change(carded.show, "UPDATE tasks SET state = 'failed', failure = 'down', delivery = 'none'")
    asked = await carded.show.world.member.slash(carded.show.world.channel, "task retry")
    pressed = await carded.show.world.member.click(asked.response.message, label=RETRY_CHARGED)
    assert pressed.response.content == EXPIRED
    assert tasks(carded.show) == 1


@pytest.mark.parametrize("query", ["", "?ex=", "?ex=soon", "?ex=-1", "?ex=" + "f" * 40, "?is=1"])
def test_an_address_that_names_no_end_has_none(query: str) -> None:
    assert address_ends(Source(audio_url=f"https://cdn.example/hum.mp3{query}").audio_url) is None


def test_the_end_of_an_address_is_written_in_hexadecimal_seconds() -> None:
    ends = address_ends("https://cdn.discordapp.com/attachments/1/2/hum.mp3?ex=6921b2f0&is=1&hm=2&")
    assert ends == datetime.fromtimestamp(0x6921B2F0, UTC)
