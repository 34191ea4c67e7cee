"""`/lyrics` on a simulated Discord: the card's own buttons edit, sing and keep, also after a restart."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.task import MAX_LYRICS, Kind
from bot.ui.card_buttons import CARD_BUTTONS
from bot.ui.lyrics import LYRICS_BUTTONS, cut, lyrics_view
from bot.ui.text import length
from tests.ui.conftest import Show
from tests.ui.submits import change, rows
from tests.ui.test_song import requests

TASK = "k7m2k7m2k7m2"


@pytest.fixture
async def written(show: Show) -> Show:
    """The bot, with lyrics of the member's already in the channel."""
    show.vendor.behaviour.seconds = 0.0
    options = {"about": "a night train", "style": "folk", "mood": "hopeful"}
    typed = await show.world.member.slash(show.world.channel, "lyrics", **options)
    line = show.world.message(show.world.channel.id, typed.response.id)
    await show.world.until(lambda: line.edited_timestamp is not None)
    show.vendor.behaviour.seconds = None  # what a test asks for is not made meanwhile
    return show


def card(show: Show) -> Any:
    """Return the card as a message one can press buttons of."""
    return next(one for one in show.world.channel.history() if one.embeds)


def held(show: Show) -> Any:
    """Return the card as Discord has it."""
    return show.world.message(show.world.channel.id, card(show).id)


def labels(show: Show) -> list[str]:
    return [button["label"] for row in held(show).components for button in row["components"]]


def field(opened: Any, name: str) -> dict[str, Any]:
    """Return a field of an open modal, with the text under its label."""
    (label,) = [one for one in opened.modal["components"] if one["component"]["custom_id"] == name]
    return {**label["component"], "about": label.get("description") or ""}


def lyrics(show: Show) -> str:
    ((text,),) = rows(show, "SELECT lyrics FROM tracks")
    return str(text)


async def test_the_card_has_buttons_of_its_own_and_the_wish_holds_style_and_mood(written: Show) -> None:
    assert labels(written) == ["Edit", "Sing it", "Keep", "Details", "Delete"]
    (request,) = requests(written)
    assert (request.kind, request.prompt, request.style) == (Kind.LYRICS, "a night train", "folk, hopeful")


async def test_whoever_asked_edits_the_card_and_what_is_stored(written: Show) -> None:
    member = written.world.member
    opened = await member.click(card(written), label="Edit")
    assert field(opened, "lyrics")["value"] == lyrics(written)
    await member.submit_modal(opened, {"lyrics": "[Verse]\nthe *last* night train"})
    assert lyrics(written) == "[Verse]\nthe *last* night train"
    assert held(written).embeds[0]["description"] == "\\[Verse\\]\nthe \\*last\\* night train"
    assert labels(written) == ["Edit", "Sing it", "Keep", "Details", "Delete"]
    empty = await member.submit_modal(await member.click(card(written), label="Edit"), {"lyrics": " "})
    assert "write something" in empty.response.content
    assert lyrics(written) == "[Verse]\nthe *last* night train"


async def test_a_stranger_edits_a_copy_of_their_own_which_is_sung(written: Show) -> None:
    before, eve = lyrics(written), written.add_member("eve")
    opened = await eve.click(card(written), label="Edit")
    assert "own copy" in opened.modal["title"]
    assert field(opened, "style")["value"] == "folk, hopeful"
    sent = await eve.submit_modal(opened, {"style": "ska", "lyrics": "my own train"})
    assert eve.mention in sent.response.content
    assert lyrics(written) == before
    song = requests(written)[1]
    assert (song.kind, song.style, song.lyrics) == (Kind.SONG, "ska", "my own train")
    ((child,),) = rows(written, "SELECT id FROM tasks WHERE parent_id = (SELECT task_id FROM tracks LIMIT 1)")
    assert child


async def test_a_stranger_cannot_send_an_edit_that_was_opened_by_another(written: Show) -> None:
    opened = await written.world.member.click(card(written), label="Edit")
    change(written, "UPDATE tasks SET member_id = 5")
    refused = await written.world.member.submit_modal(opened, {"lyrics": "mine now"})
    assert "Only the person who asked" in refused.response.content
    assert lyrics(written) != "mine now"


@pytest.mark.parametrize("which", ["lyrics-edit", "lyrics-sing"])
async def test_a_forged_modal_is_about_no_track(written: Show, which: str) -> None:
    before, ((task_id,),) = lyrics(written), rows(written, "SELECT id FROM tasks")
    for rest in ("", "x", task_id, *(f"{task_id}:{number}" for number in ("", "x", "\u0661", "-1", "1:1", "99"))):
        opened = await written.world.member.click(card(written), label="Edit")
        opened._interaction.modal["custom_id"] = f"{which}:{rest}"
        refused = await written.world.member.submit_modal(opened, {"lyrics": "forged"})
        assert refused.ephemeral
        assert "no track of mine" in refused.response.content, rest
    assert (lyrics(written), len(requests(written))) == (before, 1)


async def test_words_beyond_a_box_are_cut_honestly_and_stay_on_the_card(written: Show) -> None:
    member = written.world.member
    change(written, f"UPDATE tracks SET lyrics = '{'a' * 3990}' || char(10) || '{'b' * 60}'")
    opened = await member.click(card(written), label="Edit")
    box = field(opened, "lyrics")
    assert box["value"] == "a" * 3990
    assert box["about"] == "The first 3,990 of 4,051 characters fit here. The rest stays on the card as it is."
    await member.submit_modal(opened, {"lyrics": "c" * 100})
    assert lyrics(written) == "c" * 100 + "\n" + "b" * 60
    change(written, f"UPDATE tracks SET lyrics = '{'a' * 4200}'")
    sing = field(await member.click(card(written), label="Sing it"), "lyrics")
    assert len(sing["value"]) == 4000
    assert sing["about"].endswith("4,200 characters fit here. The rest is not sung.")


async def test_what_the_card_cannot_show_whole_is_attached(written: Show) -> None:
    member = written.world.member
    long = "\n".join(["(la) *la* [la]"] * 260)
    await member.submit_modal(await member.click(card(written), label="Edit"), {"lyrics": long})
    (attached,) = held(written).attachments
    assert written.world.file(attached).decode() == long
    assert "in the file" in held(written).embeds[0]["footer"]["text"]
    await member.submit_modal(await member.click(card(written), label="Edit"), {"lyrics": "short"})
    assert held(written).attachments == []


async def test_keeping_is_a_like_that_says_where_to_find_it(written: Show) -> None:
    member = written.world.member
    pressed = await member.click(card(written), label="Keep")
    assert "Keep · 1" in labels(written)
    assert "library liked" in pressed.followups[0].content
    found = await member.slash(written.world.channel, "library liked")
    assert "night train" in str(found.response.embeds[0].description).lower()
    let_go = await member.click(card(written), label="Keep · 1")
    assert "Not kept any more" in let_go.followups[0].content
    liked = await member.slash(written.world.channel, "track like", track=rows(written, "SELECT id FROM tasks")[0][0])
    assert liked.ephemeral
    assert labels(written) == ["Edit", "Sing it", "Keep · 1", "Details", "Delete"]


async def test_private_lyrics_are_nobody_elses_and_removed_words_are_told_of(written: Show) -> None:
    eve, member = written.add_member("eve"), written.world.member
    change(written, "UPDATE tasks SET request = json_set(request, '$.private', json('true'))")
    for button in ("Edit", "Sing it"):
        assert "Only the person" in (await eve.click(card(written), label=button)).response.content
    change(written, "UPDATE tracks SET lyrics = ''")
    assert "no words in this one" in (await member.click(card(written), label="Sing it")).response.content
    change(written, "DELETE FROM tasks")
    assert "has gone" in (await member.click(card(written), label="Edit")).response.content


def test_several_results_have_a_row_of_buttons_each() -> None:
    view = lyrics_view(TASK, [1, 2])
    rows = [[button["label"] for button in row["components"]] for row in view.to_components()]
    assert rows == [["Edit 1", "Sing 1"], ["Edit 2", "Sing 2"], ["Keep", "Details", "Delete"]]
    assert view.is_persistent()


def test_every_button_is_known_by_what_it_carries_so_that_it_works_after_a_restart() -> None:
    templates = [button.__discord_ui_compiled_template__ for button in (*CARD_BUTTONS, *LYRICS_BUTTONS)]
    names = [button["custom_id"] for row in lyrics_view(TASK, [1]).to_components() for button in row["components"]]
    assert len(names) == 5
    assert all(sum(template.fullmatch(name) is not None for template in templates) == 1 for name in names)


@given(st.text(), st.integers(0, 1500))
def test_what_is_cut_fits_and_nothing_is_lost(part: str, times: int) -> None:
    whole = (part + "\n") * min(times, 9000 // (len(part) + 1))
    first, rest = cut(whole)
    assert first + rest == whole.replace("\r\n", "\n")
    assert length(first) <= MAX_LYRICS
    assert bool(rest) is (length(whole.replace("\r\n", "\n")) > MAX_LYRICS)
