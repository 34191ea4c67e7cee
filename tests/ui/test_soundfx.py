"""`/soundfx` and the options of `/lyrics` on a simulated Discord."""

from bot.domain.task import Kind, Request
from cogs.soundfx import FASTEST, SLOWEST
from tests.commands_page import wires
from tests.ui.conftest import Show
from tests.ui.submits import handed_over
from tests.ui.test_song import requests


async def test_what_is_asked_of_a_sound_reaches_the_vendor(show: Show) -> None:
    options = {"description": " rain on a tin roof ", "type": "loop", "bpm": 96, "key": "Am"}
    typed = await show.world.member.slash(show.world.channel, "soundfx", **options)
    assert not typed.ephemeral
    wish = Request("rain on a tin roof", kind=Kind.SOUND, sound_type="loop", bpm=96, musical_key="Am")
    assert requests(show) == [wish]
    await handed_over(show)
    ((task),) = show.vendor.tasks.values()
    order = task.order
    asked = (order.endpoint, order.sound_desc, order.sound_type, order.sound_bpm, order.sound_key)
    assert asked == ("music/soundfx", "rain on a tin roof", "loop", 96, "Am")


async def test_both_are_private_where_asked_and_offer_who_can_make_them(show: Show) -> None:
    member, channel = show.world.member, show.world.channel
    for command, what in (("soundfx", "description"), ("lyrics", "about")):
        typed = await member.slash(channel, command, private=True, provider="musicmint", **{what: "a door"})
        assert typed.ephemeral
        (offered,) = await member.autocomplete(channel, command, "provider", "mint")
        assert offered["value"] == "musicmint"
        refused = await member.slash(channel, command, provider="nobody", **{what: "a door"})
        assert "MusicMint would" in refused.response.content
    assert [request.private for request in requests(show)] == [True, True]


def test_the_tempo_that_is_offered_is_the_widest_that_a_music_service_takes() -> None:
    sounds = [wire.contract.makes[Kind.SOUND] for wire in wires() if Kind.SOUND in wire.contract.makes]
    tempos = [sound.bpm for sound in sounds if sound.bpm]
    assert (min(one[0] for one in tempos), max(one[-1] for one in tempos)) == (SLOWEST, FASTEST)
