"""The menu under each track of a card: every entry, its modals, and that all of it works after a restart."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.app import App, open_app
from bot.domain.contract import Contract, Worth
from bot.domain.source import BadTimes, Wrong
from bot.domain.task import Kind
from bot.providers.musicmint import CONTRACT
from bot.sandbox.musicmint import PretendMusicMint
from bot.sandbox.simulated import SimulatedDiscord
from bot.settings import Settings
from bot.ui.card_buttons import RemixButton, card_view
from bot.ui.card_view import view_of
from bot.ui.more_menu import AT_ONCE, ENTRIES, menus
from bot.ui.words import rework as words
from tests.parts import make_task
from tests.ui.conftest import Carded, Show
from tests.ui.served import first_id, menu, newest, tasks
from tests.ui.submits import change, rows

#: What a modal asks for, by its kind.
FIELDS = {
    Kind.EXTEND: ["start", "style", "title", "prompt", "lyrics"],
    Kind.COVER: ["style", "title", "lyrics"],
    Kind.VOCALS: ["start", "end", "style", "lyrics"],
    Kind.INFILL: ["start", "end", "style", "lyrics"],
    Kind.SAMPLE: ["start", "end"],
}


@pytest.fixture
def changes() -> dict[str, str]:
    return {"MEMBER_AT_ONCE": "1", "MEMBER_PER_DAY": "100"}


async def choose(carded: Carded, kind: str, number: int = 1, member: Any = None) -> Any:
    carded.show.vendor.behaviour.seconds = None
    custom_id = f"more:{first_id(carded.show)}:{number}"
    return await (member or carded.show.world.member).select(carded.card(), [kind], custom_id=custom_id)


def fields(opened: Any) -> dict[str, dict[str, Any]]:
    return {part["component"]["custom_id"]: part["component"] for part in opened.modal["components"]}


async def test_a_card_has_a_menu_for_each_track_with_all_that_can_be_made_from_it(carded: Carded) -> None:
    for number in (1, 2):
        shown = menu(carded, number)
        assert shown["placeholder"] == f"More with track {number}"
        values = [option["value"] for option in shown["options"]]
        assert set(words.ENTRIES) <= set(values)
    assert carded.labels() == ["Like", "Again", "Remix", "Details", "Delete"]


async def test_what_needs_no_words_is_asked_for_at_once_by_anyone_and_again_by_the_same_member(carded: Carded) -> None:
    eve = carded.show.add_member("eve")
    for kind in sorted(AT_ONCE):
        before = carded.card().edited_at
        chosen = await choose(carded, kind.value, 2, eve)
        assert eve.mention in chosen.response.content
        request = newest(carded.show)
        assert request.source is not None
        assert (request.kind, request.source.number) == (kind, 2)
        assert carded.card().edited_at != before, "the card is shown anew, so that the same can be chosen again"
    again = await choose(carded, "waveform", 2, eve)
    assert again.ephemeral
    assert "same press" in again.response.content
    assert len(menu(carded, 2)["options"]) >= len(words.ENTRIES)
    assert carded.labels() == ["Like", "Again", "Remix", "Details", "Delete"]


async def test_the_others_open_a_modal_for_what_the_provider_takes(carded: Carded) -> None:
    eve = carded.show.add_member("eve")
    for kind, wanted in FIELDS.items():
        opened = await choose(carded, kind.value, 1, eve)
        assert list(fields(opened)) == wanted, kind
        assert opened.modal["custom_id"] == f"rework:{kind}:{first_id(carded.show)}:1"
        if "start" in wanted:
            assert fields(opened)["start"]["placeholder"] == "0:15 or 15; the track lasts 0:01"
            sent = await eve.submit_modal(opened, {"start": "0.2"} | ({"end": "0.8"} if "end" in wanted else {}))
        else:
            sent = await eve.submit_modal(opened, {"style": "ska"})
        assert not sent.ephemeral, sent.response.content
        assert newest(carded.show).kind is kind
    assert tasks(carded.show) == 1 + len(FIELDS)


async def test_what_was_written_is_handed_back_with_a_refusal(carded: Carded) -> None:
    member, world = carded.show.world.member, carded.show.world
    for times, wrong in (({"start": "0.8", "end": "0.2"}, Wrong.ORDER), ({"start": "0.1"}, Wrong.MISSING)):
        opened = await choose(carded, "infill")
        sent = await member.submit_modal(opened, {**times, "lyrics": "la la la"})
        assert words.bad_times(BadTimes(wrong, 1.0)) in sent.response.content
        held = world.message(sent.response.channel_id, sent.response.id)
        assert "la la la" in world.file(held.attachments[0]).decode()
    assert tasks(carded.show) == 1


async def test_a_private_track_is_for_its_member_alone(carded: Carded) -> None:
    change(carded.show, "UPDATE tasks SET request = json_set(request, '$.private', json('true'))")
    eve = carded.show.add_member("eve")
    for kind in ("remaster", "cover"):
        refused = await choose(carded, kind, 1, eve)
        assert refused.ephemeral
        assert "no track of mine" in refused.response.content
    opened = await choose(carded, "cover")
    sent = await carded.show.world.member.submit_modal(opened, {"style": "ska"})
    assert sent.ephemeral
    assert newest(carded.show).private


async def test_likes_leave_the_menus_where_they_are(carded: Carded) -> None:
    shown, world = menu(carded), carded.show.world
    await world.member.click(carded.card(), label="Like")
    assert menu(carded) == shown
    await world.member.slash(world.channel, "track like", track=first_id(carded.show))
    assert menu(carded) == shown
    assert carded.labels()[0] == "Like"
    await world.member.slash(world.channel, "track rename", track=first_id(carded.show), title="New")
    assert menu(carded) == shown


async def cover_of(carded: Carded, **options: Any) -> Any:
    """Have a cover of the second track made; return its card."""
    show, world = carded.show, carded.show.world
    typed = await world.member.slash(world.channel, "cover", track=f"{first_id(show)}-2", style="ska", **options)
    line = world.message(world.channel.id, typed.response.id)
    if options.get("private"):
        async with asyncio.timeout(10):
            while not line.attachments:  # SimCord tells nobody of what only one sees; each command waits for quiet
                await world.member.slash(world.channel, "queue")
        return typed.response.message
    await world.until(lambda: line.edited_timestamp is not None)
    return next(one for one in reversed(list(world.channel.history())) if one.attachments)


async def test_a_rework_says_what_it_came_from_and_is_asked_for_again_or_changed(carded: Carded) -> None:
    show, member, parent = carded.show, carded.show.world.member, carded.card()
    card = await cover_of(carded)
    assert f"A cover of [**Tin Roof**]({parent.jump_url})" in str(card.embeds[0].description)
    again = await member.click(card, label="Again")
    assert "asked for a cover of “Tin Roof”: “ska”" in again.response.content
    eve = show.add_member("eve")
    show.vendor.behaviour.seconds = None
    await eve.slash(show.world.channel, "generate", prompt="snow")  # it is at the vendor, and what follows waits
    change(show, "UPDATE tracks SET expires_at = 1")
    await eve.click(card, label="Again")
    source = newest(show).source
    assert source is not None
    assert (source.clip_id, source.audio_url.endswith(f"-{first_id(show)}.mp3")) == ("", True), "looked up anew"
    queued = (await eve.slash(show.world.channel, "queue")).response.content
    assert "“ska” (cover)" in queued
    remix = await eve.click(card, label="Remix")
    assert fields(remix)["style"]["value"] == "ska"
    sent = await eve.submit_modal(remix, {"style": "jazz", "title": "New"})
    assert not sent.ephemeral
    request = newest(show)
    assert (request.kind, request.style) == (Kind.COVER, "jazz")
    assert request.source is not None
    assert request.source.number == 2
    shown = (await member.slash(show.world.channel, "track show", track=first_id(show))).response.content
    assert "**Made from it:** 1" in shown
    assert f"cover: [Tin Roof]({card.jump_url})" in shown


async def test_the_menu_of_a_card_that_only_one_sees_works_as_well(carded: Carded) -> None:
    show, member = carded.show, carded.show.world.member
    card = await cover_of(carded, private=True)
    cover = str(rows(show, "SELECT id FROM tasks ORDER BY rowid DESC LIMIT 1")[0][0])
    chosen = await member.select(card, ["waveform"], custom_id=f"more:{cover}:1")
    assert chosen.ephemeral
    assert newest(show).private
    remix = await member.click(card, label="Remix")
    assert (await member.submit_modal(remix, {"style": "jazz"})).ephemeral, "what was private stays private"


async def test_a_menu_and_its_modal_work_for_a_process_that_never_saw_the_card(
    settings: Settings, vendor: PretendMusicMint
) -> None:
    vendor.behaviour.seconds = 0.0
    world = SimulatedDiscord()
    async with open_app(settings, world.attach):
        typed = await world.member.slash(world.channel, "generate", prompt="rain", title="Tin Roof")
        line = world.message(world.channel.id, typed.response.id)
        await world.until(lambda: line.edited_timestamp is not None)
    vendor.behaviour.seconds, world = None, SimulatedDiscord()
    async with open_app(settings, world.attach) as app:
        show = Show(world, vendor, settings.database)
        for table in ("tasks", "library"):  # this Discord's members have other numbers
            change(show, f"UPDATE {table} SET member_id = {world.member.id}")
        card = await _card_of_an_earlier_run(app, show)
        opened = await world.member.select(card, ["extend"], custom_id=f"more:{first_id(show)}:2")
        sent = await world.member.submit_modal(opened, {"start": "0.5", "prompt": "a choir"})
        assert "asked to extend “Tin Roof”: “a choir”" in sent.response.content
        assert (newest(show).kind, newest(show).start) == (Kind.EXTEND, 0.5)


async def _card_of_an_earlier_run(app: App, show: Show) -> Any:
    """Put a card's menus into the channel by hand: the client that is to take them up must not have seen them."""
    view = card_view(first_id(show), 0, menus([CONTRACT], make_task(id=first_id(show)), [1, 2]))
    view.stop()
    channel = app.client.get_partial_messageable(show.world.channel.id)
    return await channel.send("A card", view=view)


def test_nothing_is_offered_that_nobody_can_do() -> None:
    def offered(offers: Sequence[Contract], **task: object) -> set[str]:
        made = menus(offers, make_task(**task), [1])  # type: ignore[arg-type]
        return {option.value for one in made for option in one.item.options}

    everything = {entry.value for entry in ENTRIES}
    other = Contract("other", "Other", {}, Worth.NOTHING)
    deaf = replace(CONTRACT, uploads=False)
    assert offered([CONTRACT]) == everything
    assert offered([other]) == set()
    assert set(words.ENTRIES) <= offered([CONTRACT], provider="other"), "it takes a file"
    assert offered([deaf], provider="other") == set()
    assert offered([deaf], kind=Kind.WAV) == set(), "nobody knows a WAV by a name"
    assert offered([CONTRACT], kind=Kind.MIDI) == set()
    wav = offered([CONTRACT], kind=Kind.WAV)
    assert wav
    assert Kind.WAV.value not in wav, "it is one already"


@pytest.mark.parametrize(("kind", "remixed"), [(Kind.SONG, True), (Kind.COVER, True), (Kind.WAVEFORM, False)])
async def test_where_nothing_was_said_there_is_nothing_to_remix(kind: Kind, remixed: bool) -> None:
    buttons = view_of([CONTRACT], make_task(kind=kind), [1]).children
    assert any(isinstance(button, RemixButton) for button in buttons) is remixed
